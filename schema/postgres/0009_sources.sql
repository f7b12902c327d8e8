-- Keys are never given twice here, but what points at nothing says so as on SQLite.
CREATE FUNCTION forget_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reservations SET source_id = 0 WHERE source_id = OLD.id;
    RETURN NULL;
END;
$$;
CREATE TRIGGER resources_gone AFTER DELETE ON resources FOR EACH ROW EXECUTE FUNCTION forget_source();
UPDATE reservations SET source_id = 0 WHERE source_id NOT IN (SELECT id FROM resources);

-- Keys of resources are given again here once the highest was removed, so nothing may point at what is gone.
CREATE TRIGGER resources_gone AFTER DELETE ON resources BEGIN
    UPDATE reservations SET source_id = 0 WHERE source_id = OLD.id;
END;
UPDATE reservations SET source_id = 0 WHERE source_id NOT IN (SELECT id FROM resources);

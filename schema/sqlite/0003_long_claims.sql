-- Claims of more than two days are few, so they are looked for apart: what a claim overlaps is found
-- among those that began within two days before it, and among these.
CREATE INDEX claims_long ON claims (space_id, start_at) WHERE end_at - start_at > 172800;

DROP TRIGGER claims_insert;
CREATE TRIGGER claims_insert BEFORE INSERT ON claims WHEN NEW.exclusive AND (EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 172800 AND c.end_at > NEW.start_at)
  OR EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive AND c.end_at - c.start_at > 172800
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 2851200 AND c.end_at > NEW.start_at))
BEGIN
    SELECT RAISE(ABORT, 'overlap');
END;

DROP TRIGGER claims_update;
CREATE TRIGGER claims_update BEFORE UPDATE ON claims WHEN NEW.exclusive AND (EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive
      AND NOT (c.occurrence_id = OLD.occurrence_id AND c.space_id = OLD.space_id)
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 172800 AND c.end_at > NEW.start_at)
  OR EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive AND c.end_at - c.start_at > 172800
      AND NOT (c.occurrence_id = OLD.occurrence_id AND c.space_id = OLD.space_id)
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 2851200 AND c.end_at > NEW.start_at))
BEGIN
    SELECT RAISE(ABORT, 'overlap');
END;

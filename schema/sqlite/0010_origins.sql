-- From which address something was asked for (NULL: the command line, the server itself), and the hash of the
-- text that was replaced or removed; "message" has that of the new one.
ALTER TABLE audit ADD COLUMN peer TEXT;
ALTER TABLE audit ADD COLUMN old_message TEXT;

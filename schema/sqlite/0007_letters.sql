-- Whose change caused a letter to somebody outside; NULL: the server itself, or a message to a person of the house.
ALTER TABLE outbox ADD COLUMN sender_id INTEGER REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX outbox_sender ON outbox (sender_id, created_at);

-- What events carry along (RFC 8607): a body that the server keeps, under the key that texts name it by.
CREATE TABLE attachments (
    id           INTEGER PRIMARY KEY,
    managed_id   TEXT    NOT NULL UNIQUE,
    owner_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    body_id      INTEGER NOT NULL REFERENCES bodies (id),
    size         INTEGER NOT NULL,
    content_type TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    unused_at    INTEGER
) STRICT;
CREATE INDEX attachments_owner ON attachments (owner_id);
CREATE INDEX attachments_body ON attachments (body_id);

-- Which texts name it: who may read one of them may read it, and with the last one it goes.
CREATE TABLE attached (
    resource_id   INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    attachment_id INTEGER NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    PRIMARY KEY (resource_id, attachment_id)
) STRICT;
CREATE INDEX attached_attachment ON attached (attachment_id);

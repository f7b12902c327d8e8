-- What events carry along (RFC 8607): a body that the server keeps, under the key that texts name it by.
CREATE TABLE attachments (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    managed_id   TEXT    NOT NULL UNIQUE,
    owner_id     BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    body_id      BIGINT  NOT NULL REFERENCES bodies (id),
    size         BIGINT  NOT NULL,
    content_type TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    unused_at    BIGINT
);
CREATE INDEX attachments_owner ON attachments (owner_id);
CREATE INDEX attachments_body ON attachments (body_id);

-- Which texts name it: who may read one of them may read it, and with the last one it goes.
CREATE TABLE attached (
    resource_id   BIGINT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    attachment_id BIGINT NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    PRIMARY KEY (resource_id, attachment_id)
);
CREATE INDEX attached_attachment ON attached (attachment_id);

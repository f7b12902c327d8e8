-- Somebody without an account whose invitations are taken: an owner of reservations who cannot sign in.
ALTER TABLE users ADD COLUMN guest_address TEXT;
CREATE UNIQUE INDEX users_guest_address ON users (guest_address);

-- The last message (RFC 5546) that was acted on: what is older does nothing, also long after the end.
CREATE TABLE received (
    room_id     BIGINT  NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    uid         TEXT    NOT NULL,
    organizer   TEXT    NOT NULL,
    sequence    BIGINT,
    stamp_at    BIGINT,
    cancelled   BOOLEAN NOT NULL DEFAULT FALSE,
    made        BOOLEAN NOT NULL DEFAULT FALSE,
    received_at BIGINT  NOT NULL,
    PRIMARY KEY (uid, room_id, organizer)
);
CREATE INDEX received_at ON received (received_at);

-- Somebody without an account whose invitations are taken: an owner of reservations who cannot sign in.
ALTER TABLE users ADD COLUMN guest_address TEXT;
CREATE UNIQUE INDEX users_guest_address ON users (guest_address);

-- The last message (RFC 5546) that was acted on: what is older does nothing, also long after the end.
CREATE TABLE received (
    room_id     INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    uid         TEXT    NOT NULL,
    organizer   TEXT    NOT NULL,
    sequence    INTEGER,
    stamp_at    INTEGER,
    cancelled   INTEGER NOT NULL DEFAULT 0,
    made        INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (uid, room_id, organizer)
) STRICT;
CREATE INDEX received_at ON received (received_at);

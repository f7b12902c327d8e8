-- What happens by the clock: one row a job, so that each runs once however many servers there are. "epoch"
-- counts how often it was taken; whoever took it last has it until "leased_until_at", and says how it went.
CREATE TABLE jobs (
    name         TEXT    PRIMARY KEY,
    next_at      INTEGER NOT NULL,
    epoch        INTEGER NOT NULL DEFAULT 0,
    holder       TEXT,
    leased_until_at INTEGER,
    started_at   INTEGER,
    ended_at     INTEGER,
    result       TEXT
) STRICT;

-- How a message was sent: the first row of the mail that it went out with, what was wrong, when it was sent. A
-- message waits for others about the same until it is "next_at"; NULL: as long as the server waits with any.
-- "links": what its reader may do by links, one a line. "method", "calendar": iCalendar text that goes with it.
-- The number of a message is never given again: mails are named after it.
CREATE TABLE outbox_anew (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    user_id    INTEGER REFERENCES users (id) ON DELETE SET NULL,
    address    TEXT,
    room_id    INTEGER REFERENCES rooms (id),
    uid        TEXT,
    language   TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'waiting',
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER,
    created_at INTEGER NOT NULL,
    sender_id  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    mail_id    INTEGER,
    error      TEXT,
    sent_at    INTEGER,
    links      TEXT    NOT NULL DEFAULT '',
    method     TEXT,
    calendar   TEXT
) STRICT;
INSERT INTO outbox_anew (id, key, kind, user_id, address, room_id, uid, language, subject, body, state, attempts,
                         next_at, created_at, sender_id)
SELECT id, key, kind, user_id, address, room_id, uid, language, subject, body, state, attempts, next_at, created_at,
       sender_id
FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_anew RENAME TO outbox;
CREATE INDEX outbox_state ON outbox (state, next_at);
CREATE INDEX outbox_user ON outbox (user_id, created_at);
CREATE INDEX outbox_sender ON outbox (sender_id, created_at);
CREATE INDEX outbox_address ON outbox (address, state, id);
CREATE INDEX outbox_mail ON outbox (mail_id) WHERE mail_id IS NOT NULL;
CREATE INDEX outbox_created ON outbox (created_at);
-- Until now a letter to somebody outside was nothing but its iCalendar text.
UPDATE outbox
SET calendar = body, body = subject, method = substr(key, 6, instr(substr(key, 6), '/') - 1)
WHERE kind = 'scheduling';

-- Whether somebody was there (R95): of the occurrence that begins at "start_at"; of one that was moved since nothing
-- is known. "end_at" as it was booked; "text" is the deciding text from before it was released.
CREATE TABLE check_ins (
    reservation_id INTEGER NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    recur_at       INTEGER NOT NULL,
    start_at       INTEGER NOT NULL,
    end_at         INTEGER NOT NULL,
    reminded_at    INTEGER,
    checked_in_at  INTEGER,
    missed_at      INTEGER,
    declined_at    INTEGER,
    text           BLOB,
    PRIMARY KEY (reservation_id, recur_at)
) STRICT;
-- Series of which nobody came so often that the rest has to be confirmed (R97) until then; NULL: it is. Misses
-- from before "counted_from_at" do not count any more.
CREATE TABLE strikes (
    reservation_id  INTEGER PRIMARY KEY REFERENCES reservations (id) ON DELETE CASCADE,
    confirm_until_at INTEGER,
    counted_from_at INTEGER NOT NULL
) STRICT;
CREATE INDEX strikes_confirm ON strikes (confirm_until_at) WHERE confirm_until_at IS NOT NULL;

-- Nor is the number of a reservation: links in mails are about it. SQLite would give the highest one again once it
-- is free; the highest that was ever given stands in "meta".
CREATE TRIGGER reservations_given AFTER DELETE ON reservations
BEGIN
    INSERT INTO meta (key, value)
    VALUES ('last_reservation', CAST(OLD.id AS TEXT))
    ON CONFLICT (key) DO UPDATE SET value = CAST(max(CAST(value AS INTEGER), OLD.id) AS TEXT);
END;

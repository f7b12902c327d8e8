-- What happens by the clock: one row a job, so that each runs once however many servers there are. "epoch"
-- counts how often it was taken; whoever took it last has it until "leased_until_at", and says how it went.
CREATE TABLE jobs (
    name         TEXT   PRIMARY KEY,
    next_at      BIGINT NOT NULL,
    epoch        BIGINT NOT NULL DEFAULT 0,
    holder       TEXT,
    leased_until_at BIGINT,
    started_at   BIGINT,
    ended_at     BIGINT,
    result       TEXT
);

-- How a message was sent: the first row of the mail that it went out with, what was wrong, when it was sent. A
-- message waits for others about the same until it is "next_at"; NULL: as long as the server waits with any.
-- "links": what its reader may do by links, one a line. "method", "calendar": iCalendar text that goes with it.
ALTER TABLE outbox ADD COLUMN mail_id BIGINT;
ALTER TABLE outbox ADD COLUMN error TEXT;
ALTER TABLE outbox ADD COLUMN sent_at BIGINT;
ALTER TABLE outbox ADD COLUMN links TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN method TEXT;
ALTER TABLE outbox ADD COLUMN calendar TEXT;
CREATE INDEX outbox_address ON outbox (address, state, id);
CREATE INDEX outbox_mail ON outbox (mail_id) WHERE mail_id IS NOT NULL;
CREATE INDEX outbox_created ON outbox (created_at);
-- Until now a letter to somebody outside was nothing but its iCalendar text.
UPDATE outbox
SET calendar = body, body = subject, method = split_part(key, '/', 2)
WHERE kind = 'scheduling';

-- Whether somebody was there (R95): of the occurrence that begins at "start_at"; of one that was moved since nothing
-- is known. "end_at" as it was booked; "text" is the deciding text from before it was released.
CREATE TABLE check_ins (
    reservation_id BIGINT NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    recur_at       BIGINT NOT NULL,
    start_at       BIGINT NOT NULL,
    end_at         BIGINT NOT NULL,
    reminded_at    BIGINT,
    checked_in_at  BIGINT,
    missed_at      BIGINT,
    declined_at    BIGINT,
    text           BYTEA,
    PRIMARY KEY (reservation_id, recur_at)
);
-- Series of which nobody came so often that the rest has to be confirmed (R97) until then; NULL: it is. Misses
-- from before "counted_from_at" do not count any more.
CREATE TABLE strikes (
    reservation_id  BIGINT PRIMARY KEY REFERENCES reservations (id) ON DELETE CASCADE,
    confirm_until_at BIGINT,
    counted_from_at BIGINT NOT NULL
);
CREATE INDEX strikes_confirm ON strikes (confirm_until_at) WHERE confirm_until_at IS NOT NULL;

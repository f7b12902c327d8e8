-- What happens by the clock: one row a job, so that each runs once however many servers there are. "epoch"
-- counts how often it was taken; whoever took it last has it until "leased_until", and says how it went.
CREATE TABLE jobs (
    name         TEXT   PRIMARY KEY,
    next_at      BIGINT NOT NULL,
    epoch        BIGINT NOT NULL DEFAULT 0,
    holder       TEXT,
    leased_until BIGINT,
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

-- The calendar that invitations of this person go to; NULL: the one named reservations.
ALTER TABLE users ADD COLUMN default_calendar_id INTEGER REFERENCES calendars (id);

-- Who acts for whom in that person's home: reads there, or writes too.
CREATE TABLE delegates (
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    delegate_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    access      TEXT    NOT NULL CHECK (access IN ('read', 'write')),
    PRIMARY KEY (user_id, delegate_id, access)
) STRICT;
CREATE INDEX delegates_delegate ON delegates (delegate_id);

-- Each person has a collection named inbox, which is no calendar: its members are scheduling messages.
INSERT INTO calendars (kind, user_id, name, seq_nonce, created_at, components)
SELECT 'person', id, 'inbox', random(), created_at, '' FROM users;
INSERT INTO changes (calendar_id, seq, nonce, name, removed, at)
SELECT id, 0, seq_nonce, '', 0, created_at FROM calendars WHERE kind = 'person' AND name = 'inbox';

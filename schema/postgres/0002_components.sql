-- What members a calendar takes, as names of components with commas: a room's only VEVENT.
ALTER TABLE calendars ADD COLUMN components TEXT NOT NULL DEFAULT 'VEVENT';

-- What members a calendar takes, as names of components with commas: a room's only VEVENT.
ALTER TABLE calendars ADD COLUMN components TEXT NOT NULL DEFAULT 'VEVENT';
-- CLASS of the member, so that a removal is told under the name that each reader knew; NULL in older rows.
ALTER TABLE changes ADD COLUMN class TEXT;
-- For "has this person been told of this event lately", which is asked at each refusal.
CREATE INDEX refusals_uid ON refusals (user_id, uid);

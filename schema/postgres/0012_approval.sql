-- When managers are reminded of what waits for their approval; NULL where nothing does, or they were.
ALTER TABLE reservations ADD COLUMN remind_at BIGINT;
CREATE INDEX reservations_reminder ON reservations (remind_at) WHERE remind_at IS NOT NULL;
-- What waits in a room is looked for whenever its calendar is read.
CREATE INDEX occurrences_held ON occurrences (room_id, reservation_id, recur_at) WHERE state = 'held';

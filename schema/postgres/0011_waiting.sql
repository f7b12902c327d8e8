-- Refused dates wait for what is in their way to go (R53).
CREATE INDEX occurrences_waiting ON occurrences (room_id, start_at) WHERE state = 'declined';

-- A range of a space in which a claim or a block ended, near a date that waits. Worked off and forgotten.
CREATE TABLE openings (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space_id BIGINT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    start_at BIGINT NOT NULL,
    end_at   BIGINT NOT NULL
);

-- A date that was offered to its organizer: once. state is open or over.
CREATE TABLE offers (
    reservation_id BIGINT NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    recur_at       BIGINT NOT NULL,
    room_id        BIGINT NOT NULL REFERENCES rooms (id),
    start_at       BIGINT NOT NULL,
    end_at         BIGINT NOT NULL,
    offered_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('open', 'over')),
    PRIMARY KEY (reservation_id, recur_at, start_at)
);
CREATE INDEX offers_open ON offers (room_id, start_at) WHERE state = 'open';
CREATE INDEX offers_expiry ON offers (expires_at) WHERE state = 'open';

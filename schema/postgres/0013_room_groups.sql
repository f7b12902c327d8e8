-- Rooms that have settings in common, or are asked for together (R79); position is the order of preference.
CREATE TABLE room_groups (
    id    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  TEXT    NOT NULL UNIQUE,
    uuid  TEXT    NOT NULL UNIQUE,
    email TEXT    UNIQUE,
    pool  BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE room_group_members (
    group_id BIGINT  NOT NULL REFERENCES room_groups (id) ON DELETE CASCADE,
    room_id  BIGINT  NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    position BIGINT  NOT NULL,
    PRIMARY KEY (group_id, room_id)
);
CREATE INDEX room_group_members_room ON room_group_members (room_id);

-- Since when its owner is gone (R90).
ALTER TABLE reservations ADD COLUMN orphaned_at BIGINT;
CREATE INDEX reservations_orphaned ON reservations (orphaned_at) WHERE orphaned_at IS NOT NULL;

-- What is taken at some time, wherever it is: for looking at all rooms at once.
CREATE INDEX claims_time ON claims (start_at, end_at);
CREATE INDEX claims_time_long ON claims (start_at) WHERE end_at - start_at > 172800;

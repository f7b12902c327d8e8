-- An instant as text.
CREATE FUNCTION rfc3339(at BIGINT) RETURNS TEXT LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(to_timestamp(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- What other programs may rely on; schema/README.md says what each column means. While v_version gives the same
-- number, columns keep their names and meanings, and new ones come at the end.
CREATE VIEW v_version AS SELECT CAST(1 AS BIGINT) AS version;

CREATE VIEW v_room AS
SELECT r.id, r.slug AS room, r.name, r.zone, substr(r.email, 8) AS email, r.seats, r.building, r.floor, r.features,
       (SELECT MIN(s.units) FROM room_spaces rs JOIN spaces s ON s.id = rs.space_id WHERE rs.room_id = r.id) AS units
FROM rooms r
WHERE NOT r.removed;

CREATE VIEW v_person AS
SELECT u.id, u.login, u.name,
       (SELECT substr(a.address, 8) FROM addresses a
        WHERE a.user_id = u.id AND a.address LIKE 'mailto:%'
        ORDER BY a.position
        LIMIT 1) AS email
FROM users u
WHERE u.guest_address IS NULL AND NOT u.disabled;

-- "grace" is left out everywhere but in v_free_busy: what is kept for a short while is nobody's date any more.
CREATE VIEW v_occurrence AS
SELECT o.id, o.reservation_id, m.slug AS room, o.state, o.reason,
       o.start_at, o.end_at,
       rfc3339(o.start_at) AS starts, rfc3339(o.end_at) AS ends,
       CASE WHEN o.recur_at >= 0 THEN rfc3339(o.recur_at) END AS occurrence,
       o.all_day, o.tentative
FROM occurrences o
JOIN rooms m ON m.id = o.room_id
WHERE o.state <> 'grace';

CREATE VIEW v_reservation AS
SELECT r.id, r.uid, m.slug AS room,
       CASE WHEN u.guest_address IS NULL THEN u.login END AS owner, u.name AS owner_name,
       -- Hidden where it is private, or no text says that it is not (R102).
       CASE WHEN EXISTS (SELECT 1 FROM resources t WHERE t.id = r.source_id AND t.class = 'PUBLIC')
            THEN r.summary END AS summary,
       EXISTS (SELECT 1 FROM occurrences o WHERE o.reservation_id = r.id AND o.recur_at >= 0) AS recurring,
       (SELECT COUNT(*) FROM occurrences o WHERE o.reservation_id = r.id AND o.state = 'confirmed') AS confirmed,
       (SELECT COUNT(*) FROM occurrences o WHERE o.reservation_id = r.id AND o.state = 'held') AS held,
       (SELECT MIN(o.start_at) FROM occurrences o
        WHERE o.reservation_id = r.id AND o.state IN ('confirmed', 'held')) AS start_at,
       (SELECT MAX(o.end_at) FROM occurrences o
        WHERE o.reservation_id = r.id AND o.state IN ('confirmed', 'held')) AS end_at,
       (SELECT rfc3339(MIN(o.start_at)) FROM occurrences o
        WHERE o.reservation_id = r.id AND o.state IN ('confirmed', 'held')) AS starts,
       (SELECT rfc3339(MAX(o.end_at)) FROM occurrences o
        WHERE o.reservation_id = r.id AND o.state IN ('confirmed', 'held')) AS ends,
       r.created_at, r.modified_at
FROM reservations r
JOIN rooms m ON m.id = r.room_id
JOIN users u ON u.id = r.owner_id;

-- All that keeps others out of a room, whichever room with a space in common it was booked in.
CREATE VIEW v_free_busy AS
SELECT DISTINCT m.slug AS room,
       CASE WHEN o.state = 'confirmed' AND NOT o.tentative THEN 'busy' ELSE 'busy-tentative' END AS kind,
       c.start_at, c.end_at,
       rfc3339(c.start_at) AS starts, rfc3339(c.end_at) AS ends,
       c.units, c.occurrence_id
FROM rooms m
JOIN room_spaces rs ON rs.room_id = m.id
JOIN claims c ON c.space_id = rs.space_id
JOIN occurrences o ON o.id = c.occurrence_id
WHERE NOT m.removed
UNION ALL
SELECT DISTINCT m.slug, 'busy-unavailable', b.start_at, b.end_at,
       rfc3339(b.start_at), rfc3339(b.end_at),
       s.units, CAST(NULL AS BIGINT)
FROM rooms m
JOIN room_spaces rs ON rs.room_id = m.id
JOIN spaces s ON s.id = rs.space_id
JOIN block_periods b ON b.space_id = rs.space_id
WHERE NOT m.removed;

-- What other programs hand in. They say everything up to "occurrence"; from "state" on it is the server's, and so
-- is the reservation of a booking. "starts" and "ends" are on the clock of "zone", or UTC where that is NULL.
-- Numbers are never given twice.
CREATE TABLE requests (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           TEXT    NOT NULL DEFAULT 'book' CHECK (kind IN ('book', 'cancel')),
    room           TEXT    CHECK (octet_length(room) BETWEEN 1 AND 64),
    organizer      TEXT    NOT NULL CHECK (octet_length(organizer) BETWEEN 1 AND 320),
    starts         TEXT    CHECK (octet_length(starts) BETWEEN 1 AND 40),
    ends           TEXT    CHECK (octet_length(ends) BETWEEN 1 AND 40),
    zone           TEXT    CHECK (octet_length(zone) BETWEEN 1 AND 100),
    rrule          TEXT    CHECK (octet_length(rrule) BETWEEN 1 AND 1000),
    summary        TEXT    NOT NULL DEFAULT '' CHECK (octet_length(summary) <= 1000),
    external_id    TEXT    UNIQUE CHECK (octet_length(external_id) BETWEEN 1 AND 255),
    reservation_id BIGINT,
    occurrence     TEXT    CHECK (octet_length(occurrence) BETWEEN 1 AND 40),
    state          TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN
        ('waiting', 'booked', 'partly-booked', 'held', 'cancelled', 'refused')),
    reason         TEXT,
    sentence       TEXT,
    conflict_id    BIGINT,
    uid            TEXT,
    decided_at     BIGINT,
    CHECK (kind <> 'book' OR (room IS NOT NULL AND starts IS NOT NULL AND ends IS NOT NULL AND occurrence IS NULL)),
    CHECK (kind <> 'cancel' OR (reservation_id IS NOT NULL AND room IS NULL AND starts IS NULL AND ends IS NULL
                                AND rrule IS NULL)),
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK (state <> 'refused' OR reason IS NOT NULL),
    CHECK (state IN ('waiting', 'refused') OR (reservation_id IS NOT NULL AND uid IS NOT NULL))
);
CREATE INDEX requests_waiting ON requests (id) WHERE state = 'waiting';
CREATE INDEX requests_decided ON requests (decided_at) WHERE decided_at IS NOT NULL;

CREATE FUNCTION begin_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'waiting' OR (NEW.kind = 'book' AND NEW.reservation_id IS NOT NULL)
        OR NEW.reason IS NOT NULL OR NEW.sentence IS NOT NULL OR NEW.conflict_id IS NOT NULL OR NEW.uid IS NOT NULL
    THEN
        RAISE check_violation USING MESSAGE = 'a request begins as waiting, and the server writes what became of it';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER requests_begin BEFORE INSERT ON requests FOR EACH ROW EXECUTE FUNCTION begin_request();
CREATE FUNCTION end_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING MESSAGE = 'a request is decided once';
END;
$$;
CREATE TRIGGER requests_end BEFORE UPDATE ON requests FOR EACH ROW WHEN (OLD.state <> 'waiting')
EXECUTE FUNCTION end_request();

-- A hint that makes servers look at once; they look by themselves too.
CREATE FUNCTION announce_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('roomdav_requests', '');
    RETURN NULL;
END;
$$;
CREATE TRIGGER requests_announced AFTER INSERT ON requests FOR EACH STATEMENT EXECUTE FUNCTION announce_requests();

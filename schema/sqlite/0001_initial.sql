-- The first schema. schema/README.md says in prose what each table is for.
-- Instants are UTC seconds in columns that end in _at; flags are 0 or 1.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- People.

CREATE TABLE users (
    id                 INTEGER PRIMARY KEY,
    login              TEXT    NOT NULL UNIQUE,
    name               TEXT    NOT NULL,
    uuid               TEXT    NOT NULL UNIQUE,
    language           TEXT,
    refusals           TEXT    NOT NULL DEFAULT 'auto',
    admin              INTEGER NOT NULL DEFAULT 0,
    disabled           INTEGER NOT NULL DEFAULT 0,
    password_hash      TEXT,
    credential_version INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL
) STRICT;

CREATE TABLE addresses (
    address  TEXT    NOT NULL PRIMARY KEY,
    user_id  INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position INTEGER NOT NULL
) STRICT;
CREATE INDEX addresses_user ON addresses (user_id, position);

CREATE TABLE app_passwords (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    public_id    TEXT    NOT NULL UNIQUE,
    secret_hash  TEXT    NOT NULL,
    label        TEXT    NOT NULL,
    mode         TEXT,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX app_passwords_user ON app_passwords (user_id);

CREATE TABLE groups (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE,
    uuid TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE group_members (
    group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id  INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX group_members_user ON group_members (user_id);

-- The floor and its rules.

CREATE TABLE spaces (
    id    INTEGER PRIMARY KEY,
    name  TEXT    NOT NULL UNIQUE,
    units INTEGER NOT NULL DEFAULT 1 CHECK (units >= 1)
) STRICT;

CREATE TABLE rooms (
    id         INTEGER PRIMARY KEY,
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    zone       TEXT    NOT NULL,
    email      TEXT    UNIQUE,
    uuid       TEXT    NOT NULL UNIQUE,
    seats      INTEGER,
    building   TEXT,
    floor      TEXT,
    features   TEXT    NOT NULL DEFAULT '',
    removed    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE room_spaces (
    room_id  INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    space_id INTEGER NOT NULL REFERENCES spaces (id),
    PRIMARY KEY (room_id, space_id)
) STRICT;
CREATE INDEX room_spaces_space ON room_spaces (space_id);

-- scope is 'organisation' (scope_id 0), 'group' or 'room'.
CREATE TABLE settings (
    scope    TEXT    NOT NULL,
    scope_id INTEGER NOT NULL,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    PRIMARY KEY (scope, scope_id, key)
) STRICT;

-- level is a viewer level (R100) or an audience (R40): book, request, request_out, manage.
CREATE TABLE grants (
    room_id        INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    principal_kind TEXT    NOT NULL CHECK (principal_kind IN ('user', 'group')),
    principal_id   INTEGER NOT NULL,
    level          TEXT    NOT NULL,
    PRIMARY KEY (room_id, principal_kind, principal_id, level)
) STRICT;
CREATE INDEX grants_principal ON grants (principal_kind, principal_id);

-- The calendars. kind is 'room' (room_id set) or 'person' (user_id set).

CREATE TABLE calendars (
    id           INTEGER PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('room', 'person')),
    room_id      INTEGER UNIQUE REFERENCES rooms (id),
    user_id      INTEGER REFERENCES users (id),
    name         TEXT    NOT NULL,
    seq          INTEGER NOT NULL DEFAULT 0,
    seq_nonce    INTEGER NOT NULL,
    pruned_below INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    UNIQUE (user_id, name),
    CHECK ((kind = 'room') = (room_id IS NOT NULL) AND (kind = 'person') = (user_id IS NOT NULL))
) STRICT;

-- One row per iCalendar UID and room (R32).
CREATE TABLE reservations (
    id          INTEGER PRIMARY KEY,
    room_id     INTEGER NOT NULL REFERENCES rooms (id),
    uid         TEXT    NOT NULL,
    owner_id    INTEGER NOT NULL REFERENCES users (id),
    channel     TEXT    NOT NULL CHECK (channel IN ('direct', 'invite', 'bridge')),
    -- The resource whose text decides: the room's own member, or the organizer's object.
    source_id   INTEGER NOT NULL,
    summary     TEXT    NOT NULL,
    sequence    INTEGER NOT NULL DEFAULT 0,
    -- Whether it goes on beyond the horizon and is extended daily (R64, R65); up to where it is claimed.
    rolling     INTEGER NOT NULL DEFAULT 0,
    horizon_at  INTEGER,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (room_id, uid)
) STRICT;
CREATE INDEX reservations_owner ON reservations (owner_id, uid);
CREATE INDEX reservations_source ON reservations (source_id);
CREATE INDEX reservations_horizon ON reservations (horizon_at) WHERE rolling = 1;

-- One row per instance and state. recur_at is the instant of the RECURRENCE-ID, -1 for a single event.
-- A 'grace' row stands beside the 'declined' one of the same instance (R58).
CREATE TABLE occurrences (
    id             INTEGER PRIMARY KEY,
    reservation_id INTEGER NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    room_id        INTEGER NOT NULL REFERENCES rooms (id),
    recur_at       INTEGER NOT NULL,
    start_at       INTEGER NOT NULL,
    end_at         INTEGER NOT NULL,
    all_day        INTEGER NOT NULL DEFAULT 0,
    tentative      INTEGER NOT NULL DEFAULT 0,
    state          TEXT    NOT NULL CHECK (state IN
        ('confirmed', 'held', 'grace', 'declined', 'cancelled', 'released', 'displaced')),
    reason         TEXT,
    claimed_at     INTEGER NOT NULL,
    expires_at     INTEGER,
    UNIQUE (reservation_id, recur_at, state),
    CHECK (end_at >= start_at)
) STRICT;
CREATE INDEX occurrences_room ON occurrences (room_id, start_at);
CREATE INDEX occurrences_expiry ON occurrences (expires_at) WHERE expires_at IS NOT NULL;

-- What keeps others out: one row per occurrence and space, the occupied range (R140).
CREATE TABLE claims (
    occurrence_id  INTEGER NOT NULL REFERENCES occurrences (id) ON DELETE CASCADE,
    space_id       INTEGER NOT NULL REFERENCES spaces (id),
    reservation_id INTEGER NOT NULL REFERENCES reservations (id) ON DELETE CASCADE,
    start_at       INTEGER NOT NULL,
    end_at         INTEGER NOT NULL,
    units          INTEGER NOT NULL DEFAULT 1 CHECK (units >= 1),
    exclusive      INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (occurrence_id, space_id),
    -- 31 days of event (L-48) and a day of buffers on either side: the lower bound of overlap queries.
    CHECK (end_at > start_at AND end_at - start_at <= 2851200)
) STRICT;
CREATE INDEX claims_space ON claims (space_id, start_at);
CREATE INDEX claims_reservation ON claims (reservation_id);

-- The second line (R143): whoever writes, no two exclusive claims on one space overlap.
CREATE TRIGGER claims_insert BEFORE INSERT ON claims WHEN NEW.exclusive AND EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 2851200 AND c.end_at > NEW.start_at)
BEGIN
    SELECT RAISE(ABORT, 'overlap');
END;
CREATE TRIGGER claims_update BEFORE UPDATE ON claims WHEN NEW.exclusive AND EXISTS (
    SELECT 1 FROM claims c
    WHERE c.space_id = NEW.space_id AND c.exclusive
      AND NOT (c.occurrence_id = OLD.occurrence_id AND c.space_id = OLD.space_id)
      AND c.start_at < NEW.end_at AND c.start_at > NEW.start_at - 2851200 AND c.end_at > NEW.start_at)
BEGIN
    SELECT RAISE(ABORT, 'overlap');
END;

-- Closing a room for a time (R91). Times are local to the room's zone, rule as in RFC 5545.
CREATE TABLE blocks (
    id          INTEGER PRIMARY KEY,
    room_id     INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    start_local TEXT    NOT NULL,
    end_local   TEXT    NOT NULL,
    rrule       TEXT,
    hard        INTEGER NOT NULL DEFAULT 0,
    reason      TEXT    NOT NULL,
    created_by  TEXT    NOT NULL,
    horizon_at  INTEGER,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE block_periods (
    block_id INTEGER NOT NULL REFERENCES blocks (id) ON DELETE CASCADE,
    space_id INTEGER NOT NULL REFERENCES spaces (id),
    start_at INTEGER NOT NULL,
    end_at   INTEGER NOT NULL,
    PRIMARY KEY (block_id, space_id, start_at),
    CHECK (end_at > start_at)
) STRICT;
CREATE INDEX block_periods_space ON block_periods (space_id, end_at);

-- Members of calendars. text is what its owner is served, byte for byte; etag is a hash of it.
-- reader_id: only this person sees the member (a declined copy, which is no booking).
CREATE TABLE resources (
    id             INTEGER PRIMARY KEY,
    calendar_id    INTEGER NOT NULL REFERENCES calendars (id),
    name           TEXT    NOT NULL,
    uid            TEXT    NOT NULL,
    -- Stands for name and UID where they are hidden (R101); random.
    mask_key       TEXT    NOT NULL UNIQUE,
    owner_id       INTEGER NOT NULL REFERENCES users (id),
    reader_id      INTEGER REFERENCES users (id),
    reservation_id INTEGER REFERENCES reservations (id) ON DELETE CASCADE,
    component      TEXT    NOT NULL DEFAULT 'VEVENT',
    class          TEXT    NOT NULL DEFAULT 'PUBLIC',
    text           BLOB    NOT NULL,
    size           INTEGER NOT NULL,
    etag           TEXT    NOT NULL,
    schedule_tag   TEXT,
    -- The overall span: start of the first instance, end of the last; 4102444800 (2100) when endless.
    first_at       INTEGER NOT NULL,
    last_at        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    modified_at    INTEGER NOT NULL,
    purge_at       INTEGER
) STRICT;
CREATE UNIQUE INDEX resources_name ON resources (calendar_id, name) WHERE reader_id IS NULL;
CREATE UNIQUE INDEX resources_uid ON resources (calendar_id, uid) WHERE reader_id IS NULL;
CREATE UNIQUE INDEX resources_reader ON resources (calendar_id, reader_id, name) WHERE reader_id IS NOT NULL;
CREATE INDEX resources_span ON resources (calendar_id, last_at, first_at);
CREATE INDEX resources_reservation ON resources (reservation_id);
CREATE INDEX resources_purge ON resources (purge_at) WHERE purge_at IS NOT NULL;

-- What changed in a calendar, in order; row 0 is its creation (RFC 6578).
CREATE TABLE changes (
    calendar_id INTEGER NOT NULL REFERENCES calendars (id),
    seq         INTEGER NOT NULL,
    nonce       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    removed     INTEGER NOT NULL,
    mask_key    TEXT,
    owner_id    INTEGER,
    -- Whether CLASS changed, so that some readers know the member by another name now.
    renamed     INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, seq)
) STRICT;
CREATE INDEX changes_name ON changes (calendar_id, name, seq);

-- One reader's refused changes: n counts per reader and calendar (clients fetch again; nobody else notices).
CREATE TABLE nudges (
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calendar_id INTEGER NOT NULL REFERENCES calendars (id),
    name        TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    -- A second change of the same kind is due then (for a client that keeps its own text); NULL when none is.
    again_at    INTEGER,
    PRIMARY KEY (user_id, calendar_id, name)
) STRICT;
CREATE INDEX nudges_calendar ON nudges (user_id, calendar_id, n);
CREATE INDEX nudges_again ON nudges (again_at) WHERE again_at IS NOT NULL;

-- Alarms and snoozes that a reader added to somebody else's event (R107).
CREATE TABLE overlays (
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    resource_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    text        BLOB    NOT NULL,
    etag        TEXT    NOT NULL,
    PRIMARY KEY (user_id, resource_id)
) STRICT;

-- Properties that a reader set for himself on a collection; value is XML.
CREATE TABLE properties (
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place     TEXT    NOT NULL,
    namespace TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    PRIMARY KEY (user_id, place, namespace, name)
) STRICT;

-- Refused writes, so that a repeat is answered alike, cheaply and without another notice.
CREATE TABLE refusals (
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calendar_id  INTEGER NOT NULL REFERENCES calendars (id),
    uid          TEXT    NOT NULL,
    content_hash TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    notified_at  INTEGER,
    PRIMARY KEY (user_id, calendar_id, uid, content_hash)
) STRICT;
CREATE INDEX refusals_at ON refusals (at);

-- Messages to people, written in the transaction that caused them (R144).
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
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
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_state ON outbox (state, next_at);
CREATE INDEX outbox_user ON outbox (user_id, created_at);

-- Decisions (R150). Append only. kind: 'change' (exactly one per committed change), 'refused', 'occurrence', 'ignored'.
CREATE TABLE audit (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    actor_id     INTEGER,
    actor        TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    message      TEXT,
    room_id      INTEGER,
    uid          TEXT    NOT NULL,
    recur_at     INTEGER,
    old_state    TEXT,
    new_state    TEXT,
    start_at     INTEGER,
    end_at       INTEGER,
    reason       TEXT,
    conflict_id  INTEGER,
    rule         TEXT    NOT NULL,
    detail       TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_room ON audit (room_id, at);

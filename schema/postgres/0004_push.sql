-- Who wants to be told by a push service when a calendar changes; one row per device and calendar.
-- seen_seq and seen_properties are what was pushed last, or what the calendar had when it was registered.
CREATE TABLE push_registrations (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token            TEXT    NOT NULL UNIQUE,
    user_id          BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calendar_id      BIGINT  NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    resource         TEXT    NOT NULL,
    public_key       TEXT    NOT NULL,
    auth             TEXT    NOT NULL,
    -- Of which changes it is told.
    content_updates  BOOLEAN NOT NULL,
    property_updates BOOLEAN NOT NULL,
    seen_seq         BIGINT  NOT NULL,
    properties       BIGINT  NOT NULL DEFAULT 0,
    seen_properties  BIGINT  NOT NULL DEFAULT 0,
    expires_at       BIGINT  NOT NULL,
    -- Tries in a row that failed; not before retry_at again, and by nobody else before leased_until.
    failures         BIGINT  NOT NULL DEFAULT 0,
    retry_at         BIGINT  NOT NULL DEFAULT 0,
    leased_until     BIGINT  NOT NULL DEFAULT 0,
    created_at       BIGINT  NOT NULL,
    UNIQUE (user_id, calendar_id, resource)
);
CREATE INDEX push_registrations_calendar ON push_registrations (calendar_id);
CREATE INDEX push_registrations_expiry ON push_registrations (expires_at);

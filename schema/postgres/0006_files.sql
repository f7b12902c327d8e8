-- What stands below /files/: a tree for each person and each room, bodies in pieces, and locks.
CREATE TABLE folders (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    room_id BIGINT UNIQUE REFERENCES rooms (id) ON DELETE CASCADE,
    CHECK ((user_id IS NULL) <> (room_id IS NULL))
);

-- Never changed once it is bound: whoever replaces a file binds another body.
CREATE TABLE bodies (
    id         BIGINT  NOT NULL PRIMARY KEY,
    size       BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    unbound_at BIGINT
);

CREATE TABLE pieces (
    body_id  BIGINT  NOT NULL REFERENCES bodies (id) ON DELETE CASCADE,
    position BIGINT  NOT NULL,
    bytes    BYTEA   NOT NULL,
    PRIMARY KEY (body_id, position)
);

-- Paths are compared by their bytes: everything below p lies between p/ and p0.
CREATE TABLE files (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder_id    BIGINT  NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    path         TEXT    COLLATE "C" NOT NULL,
    parent       TEXT    COLLATE "C",
    body_id      BIGINT  REFERENCES bodies (id),
    size         BIGINT  NOT NULL,
    content_type TEXT,
    created_at   BIGINT  NOT NULL,
    modified_at  BIGINT  NOT NULL,
    UNIQUE (folder_id, path)
);
CREATE INDEX files_parent ON files (folder_id, parent);
CREATE INDEX files_body ON files (body_id);

CREATE TABLE file_properties (
    file_id   BIGINT  NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    namespace TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    PRIMARY KEY (file_id, namespace, name)
);

CREATE TABLE locks (
    token      TEXT    NOT NULL PRIMARY KEY,
    folder_id  BIGINT  NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    path       TEXT    COLLATE "C" NOT NULL,
    exclusive  BOOLEAN NOT NULL,
    deep       BOOLEAN NOT NULL,
    user_id    BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    owner      TEXT,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX locks_folder ON locks (folder_id, path);
CREATE INDEX locks_user ON locks (user_id);

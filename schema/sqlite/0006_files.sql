-- What stands below /files/: a tree for each person and each room, bodies in pieces, and locks.
CREATE TABLE folders (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    room_id INTEGER UNIQUE REFERENCES rooms (id) ON DELETE CASCADE,
    CHECK ((user_id IS NULL) <> (room_id IS NULL))
) STRICT;

-- Never changed once it is bound: whoever replaces a file binds another body.
CREATE TABLE bodies (
    id         INTEGER  NOT NULL PRIMARY KEY,
    size       INTEGER  NOT NULL,
    created_at INTEGER  NOT NULL,
    unbound_at INTEGER
) STRICT;

CREATE TABLE pieces (
    body_id  INTEGER  NOT NULL REFERENCES bodies (id) ON DELETE CASCADE,
    position INTEGER  NOT NULL,
    bytes    BLOB    NOT NULL,
    PRIMARY KEY (body_id, position)
) STRICT;

-- Paths are compared by their bytes: everything below p lies between p/ and p0.
CREATE TABLE files (
    id           INTEGER PRIMARY KEY,
    folder_id    INTEGER  NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    path         TEXT    NOT NULL,
    parent       TEXT,
    body_id      INTEGER  REFERENCES bodies (id),
    size         INTEGER  NOT NULL,
    content_type TEXT,
    created_at   INTEGER  NOT NULL,
    modified_at  INTEGER  NOT NULL,
    UNIQUE (folder_id, path)
) STRICT;
CREATE INDEX files_parent ON files (folder_id, parent);
CREATE INDEX files_body ON files (body_id);

CREATE TABLE file_properties (
    file_id   INTEGER  NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    namespace TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    PRIMARY KEY (file_id, namespace, name)
) STRICT;

CREATE TABLE locks (
    token      TEXT    NOT NULL PRIMARY KEY,
    folder_id  INTEGER  NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    path       TEXT    NOT NULL,
    exclusive  INTEGER NOT NULL,
    deep       INTEGER NOT NULL,
    user_id    INTEGER  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    owner      TEXT,
    expires_at INTEGER  NOT NULL
) STRICT;
CREATE INDEX locks_folder ON locks (folder_id, path);
CREATE INDEX locks_user ON locks (user_id);

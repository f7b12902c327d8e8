#!/usr/bin/env python3
"""Lists, books and cancels through SQL: all that another program needs, on SQLite and on PostgreSQL.

    book.py DATABASE list ROOM
    book.py DATABASE book ROOM ORGANIZER STARTS ENDS [ZONE [SUMMARY [RRULE]]]
    book.py DATABASE cancel RESERVATION ORGANIZER [OCCURRENCE]

DATABASE is the path of a file, which needs PyPI's apsw (Python's own SQLite is too old to write to it), or
postgres://…, which needs psycopg. schema/README.md says what may be relied on.
"""

import sys
import time


def connect(database):
    """What runs one statement in a transaction of its own and gives its rows."""
    if database.startswith("postgres"):
        import psycopg

        server = psycopg.connect(database, autocommit=True)
        return lambda sql, *values: server.execute(sql.replace("?", "%s"), values).fetchall()
    import apsw

    file = apsw.Connection(database.removeprefix("sqlite://"), flags=apsw.SQLITE_OPEN_READWRITE)
    # The server writes too: who comes second waits.
    file.set_busy_timeout(5000)
    return lambda sql, *values: file.execute(sql, values).fetchall()


def listing(run, room):
    """What a room has from now on, a line each."""
    rows = run(
        "SELECT r.id, o.starts, o.ends, o.state, r.owner_name, r.summary"
        " FROM v_occurrence o JOIN v_reservation r ON r.id = o.reservation_id"
        " WHERE o.room = ? AND o.end_at > ? AND o.state IN ('confirmed', 'held') ORDER BY o.start_at",
        room,
        int(time.time()),
    )
    return [" ".join(str(it) for it in row[:-1]) + ": " + (row[-1] or "(private)") for row in rows]


def hand_in(run, **request):
    """Hands a row in, and waits for what becomes of it: whether that is well, and a line about it."""
    asked = {column: value for column, value in request.items() if value is not None}
    columns, marks = ", ".join(asked), ", ".join("?" for _ in asked)
    ((number,),) = run(f"INSERT INTO requests ({columns}) VALUES ({marks}) RETURNING id", *asked.values())
    for _ in range(100):
        ((state, reason, sentence, reservation),) = run(
            "SELECT state, reason, sentence, reservation_id FROM requests WHERE id = ?", number
        )
        if state != "waiting":
            return state != "refused", " ".join(str(it) for it in (state, reservation, reason, sentence) if it)
        time.sleep(0.1)
    return False, f"request {number} still waits: does the server run?"


def main(database, command, *arguments):
    """Does it; the exit code."""
    run = connect(database)
    ((version,),) = run("SELECT version FROM v_version")
    assert version == 1, f"this program knows version 1 of the views, and they are {version}"
    if command == "list":
        print("\n".join(listing(run, *arguments)))
        return 0
    names = {
        "book": ("room", "organizer", "starts", "ends", "zone", "summary", "rrule"),
        "cancel": ("reservation_id", "organizer", "occurrence"),
    }[command]
    is_well, line = hand_in(run, kind=command, **dict(zip(names, arguments)))
    print(line)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 3 else __doc__)

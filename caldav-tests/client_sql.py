"""Programs that know SQL and no calendars: `examples/book.py`, and the statements of a booking application, on a
connection of `apsw` or `psycopg`. A calendar program that is subscribed sees what they do (python-caldav).
"""

import subprocess
import sys
import time
from pathlib import Path

from caldav import DAVClient
from harness.databases import psql
from harness.scenario import ADDRESS, DATABASE, ROOMS, Person, done, event, login, step

# As README.md of the schema promises.
SECONDS = 2
BOOK = Path(__file__).resolve().parent.parent / "examples" / "book.py"
sys.path.insert(0, str(BOOK.parent))
import book  # noqa: E402

run = book.connect(DATABASE)
user, password = login("alice")
principal = DAVClient(url=ADDRESS, username=user, password=password, enable_rfc6764=False).principal()
calendars = {calendar.get_display_name(): calendar for calendar in principal.get_calendars()}
bob = Person("bob")


def example(*arguments, well=True):
    """Runs the example as anybody would; what it printed."""
    ended = subprocess.run([sys.executable, BOOK, DATABASE, *arguments], capture_output=True, text=True, timeout=30)
    assert (ended.returncode == 0) == well, f"{arguments}: {ended.returncode} {ended.stdout} {ended.stderr}"
    return ended.stdout.strip()


def row(number, columns):
    """These columns of a request."""
    ((*values,),) = run(f"SELECT {columns} FROM requests WHERE id = ?", number)
    return values


def decided(number, began):
    """What became of a request, within the promised time."""
    while True:
        state, reservation = row(number, "state, reservation_id")
        if state != "waiting":
            return state, reservation
        assert time.monotonic() - began < SECONDS, f"request {number} waits for more than {SECONDS} s"
        time.sleep(0.02)


def refused_by_database(statement):
    """The database itself does not take it: what it says. PostgreSQL's own client, or SQLite's newest library."""
    if DATABASE.startswith("postgres"):
        said = subprocess.run([psql(), "-X", "-q", "-d", DATABASE, "-c", statement], capture_output=True, text=True)
        assert said.returncode != 0, f"it was taken: {statement}"
        return said.stderr
    try:
        run(statement)
    except Exception as error:
        return str(error)
    raise AssertionError(f"it was taken: {statement}")


with step("twenty rows, one after the other, are booked and in the next sync of a calendar program within 2 s"):
    seen = calendars["Aurora"].get_objects_by_sync_token(load_objects=True, disable_fallback=True)
    longest = 0
    for index in range(20):
        day, hour = 8 + index // 10, 8 + index % 10
        began = time.monotonic()
        ((number,),) = run(
            "INSERT INTO requests (room, organizer, starts, ends, zone, summary) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            *("aurora", "alice", f"2027-03-{day:02} {hour:02}:00", f"2027-03-{day:02} {hour + 1:02}:00", "Europe/Vienna"),
            f"Row {index}",
        )
        state, reservation = decided(number, began)
        assert state == "booked" and reservation, (state, row(number, "sentence"))
        updated, deleted = seen.sync()
        longest = max(longest, time.monotonic() - began)
        assert len(updated) == 1 and not deleted, (updated, deleted)
        assert f"SUMMARY:Row {index}" in "".join(each.get_data() for each in updated), index
    assert longest < SECONDS, f"{longest:.2f} s"
    print(f"the slowest took {longest:.2f} s")

with step("a taken hour is refused with its reason, a sentence, and the date in the way"):
    began = time.monotonic()
    ((number,),) = run(
        "INSERT INTO requests (room, organizer, starts, ends) VALUES (?, ?, ?, ?) RETURNING id",
        *("aurora", "bob@example.org", "2027-03-08T07:30:00Z", "2027-03-08T08:30:00Z"),
    )
    assert decided(number, began) == ("refused", None)
    reason, sentence, conflict = row(number, "reason, sentence, conflict_id")
    assert reason == "busy" and ROOMS["aurora"]["name"] in sentence, (reason, sentence)
    ((starts, title),) = run(
        "SELECT o.starts, r.summary FROM v_occurrence o JOIN v_reservation r ON r.id = o.reservation_id WHERE o.id = ?",
        conflict,
    )
    assert starts in ("2027-03-08T07:00:00Z", "2027-03-08T08:00:00Z") and title.startswith("Row "), (starts, title)
    bob.is_refused("aurora", event("no@bob", "No", "20270308T083000", "20270308T093000"), "no.ics")

with step("the example books, lists and cancels, and a calendar program sees both"):
    said = example("book", "borealis", "bob", "2027-03-10 10:00", "2027-03-10 11:00", "Europe/Vienna", "Seminar")
    state, reservation = said.split()
    assert state == "booked", said
    shown = "".join(each.get_data() for each in calendars["Borealis"].get_events())
    assert "SUMMARY:Seminar" in shown and "DTSTART;TZID=Europe/Vienna:20270310T100000" in shown, shown
    listed = example("list", "borealis")
    assert f"{reservation} 2027-03-10T09:00:00Z 2027-03-10T10:00:00Z confirmed Bob Brown: Seminar" in listed, listed
    said = example("book", "borealis", "alice", "2027-03-10 10:30", "2027-03-10 11:30", "Europe/Vienna", well=False)
    assert said.startswith("refused busy Room Borealis is already booked"), said
    said = example("cancel", reservation, "alice", well=False)
    assert said.startswith(f"refused {reservation} not-allowed"), said
    assert example("cancel", reservation, "bob") == f"cancelled {reservation}"
    assert not calendars["Borealis"].get_events() and not example("list", "borealis")

with step("one date of a series is cancelled, and given to somebody else"):
    times = ("2027-03-11 14:00", "2027-03-11 15:00", "Europe/Vienna")
    reservation = example("book", "aurora", "bob", *times, "Class", "FREQ=WEEKLY;COUNT=4").split()[1]
    dates = [date for (date,) in run("SELECT occurrence FROM v_occurrence WHERE reservation_id = ? ORDER BY 1", int(reservation))]
    # The clocks change in between.
    assert dates == [f"2027-{day}T1{hour}:00:00Z" for day, hour in (("03-11", 3), ("03-18", 3), ("03-25", 3), ("04-01", 2))]
    example("cancel", reservation, "bob", dates[1])
    Person("alice").books("aurora", event("gap@alice", "Gap", "20270318T140000", "20270318T150000"), "gap.ics")
    Person("alice").is_refused("aurora", event("no@alice", "No", "20270325T140000", "20270325T150000"), "no.ics")

with step("the same key twice is one booking"):
    keyed = (
        "INSERT INTO requests (room, organizer, starts, ends, external_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (external_id) DO NOTHING RETURNING id"
    )
    values = ("hudson", "alice", "2027-03-12T15:00Z", "2027-03-12T16:00Z", "order-1")
    ((number,),) = run(keyed, *values)
    assert not run(keyed, *values)
    assert decided(number, time.monotonic())[0] == "booked"
    assert run("SELECT COUNT(*) FROM v_reservation WHERE room = 'hudson'") == [(1,)]

with step("the database itself stops two claims on one hour, and a request that decides itself"):
    said = refused_by_database(
        "INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at)"
        " SELECT o.id, c.space_id, o.reservation_id, c.start_at + 60, c.end_at + 60"
        " FROM v_occurrence o, claims c JOIN v_occurrence taken ON taken.id = c.occurrence_id"
        " WHERE o.room = 'hudson' AND taken.room = 'aurora' AND taken.starts = '2027-03-08T07:00:00Z'"
    )
    assert "overlap" in said or "exclusion constraint" in said, said
    said = refused_by_database(
        "INSERT INTO requests (room, organizer, starts, ends, state, reservation_id, uid, decided_at)"
        " VALUES ('aurora', 'bob', '2027-03-08 08:00', '2027-03-08 09:00', 'booked', 1, 'x', 1)"
    )
    assert "begins as waiting" in said, said
    said = refused_by_database("UPDATE requests SET state = 'waiting', decided_at = NULL WHERE state <> 'waiting'")
    assert "decided once" in said, said

done()

"""khal: a calendar in the terminal, on the files that vdirsyncer keeps.

Whatever khal writes reaches the room at the next synchronisation, and the other way round.
"""

import subprocess

from harness.files import Files
from harness.scenario import FOLDER, ROOMS, Person, done, event, name, step

alice = Files("alice", FOLDER)
bob = Person("bob")
bob.books("aurora", event("board@bob", "Board", "20270310T100000", "20270310T110000"), "board.ics")
bob.books("borealis", event("open@bob", "Open day", "20270310T100000", "20270310T110000"), "open.ics")

SETTINGS = """[calendars]
{calendars}
[locale]
local_timezone = Europe/Vienna
default_timezone = Europe/Vienna
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M

[default]
default_calendar = aurora

[sqlite]
path = {folder}/khal.db
"""


def khal(*arguments):
    """Runs khal; what it prints."""
    ended = subprocess.run(
        ["khal", "-c", FOLDER / "khal", "--no-color", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, f"khal ended with {ended.returncode}: {ended.stdout}"
    return ended.stdout


def day(date, *rooms):
    """The day's lines as `START-END TITLE`."""
    chosen = [word for room in rooms for word in ("-a", room)]
    return khal("list", *chosen, "--format", "{start-time}-{end-time} {title}", date, "1d")


with step("reads the rooms that vdirsyncer found"):
    alice.discover()
    alice.synchronise()
    calendars = "".join(f"[[{room}]]\npath = {alice.room(room)}\n" for room in ROOMS)
    (FOLDER / "khal").write_text(SETTINGS.format(calendars=calendars, folder=FOLDER))
    assert set(ROOMS) <= set(khal("printcalendars").split()), khal("printcalendars")

with step("lists the events of a room, masked or with their titles"):
    listed = day("2027-03-10", "aurora")
    assert "10:00-11:00" in listed and name("bob") in listed and "Board" not in listed, listed
    assert "10:00-11:00 Open day" in day("2027-03-10", "borealis")

with step("books with khal new"):
    khal("new", "-a", "aurora", "2027-03-11", "13:00", "14:00", "Stand-up")
    alice.synchronise()
    bob.is_refused("aurora", event("no@bob", "No", "20270311T133000", "20270311T143000"), "no.ics")

with step("books a series with khal new"):
    khal("new", "-a", "aurora", "-r", "weekly", "-u", "2027-04-08", "2027-03-18", "09:00", "10:00", "Review")
    alice.synchronise()
    bob.is_refused("aurora", event("no@bob", "No", "20270401T090000", "20270401T100000"), "no.ics")
    assert "09:00-10:00 Review" in day("2027-04-01", "aurora")

with step("a taken hour is refused at the next synchronisation, and the room is unchanged"):
    before = set(alice.room("aurora").glob("*.ics"))
    khal("new", "-a", "aurora", "2027-03-10", "10:30", "11:30", "Too late")
    said = alice.fails()
    assert "403" in said, said
    (refused,) = set(alice.room("aurora").glob("*.ics")) - before
    # Its owner gives up; khal forgets it with the file.
    refused.unlink()
    alice.synchronise()
    assert "Too late" not in day("2027-03-10", "aurora")

with step("shows another person's new, moved and deleted event"):
    bob.books("borealis", event("open@bob", "Open day", "20270310T150000", "20270310T160000", sequence=1), "open.ics")
    bob.books("borealis", event("more@bob", "More", "20270310T170000", "20270310T180000"), "more.ics")
    bob.books("hudson", event("call@bob", "Call", "20270310T150000", "20270310T160000"), "call.ics")
    alice.synchronise()
    assert "15:00-16:00 Open day" in day("2027-03-10", "borealis")
    assert "15:00-16:00" in day("2027-03-10", "hudson")
    bob.deletes("borealis", "open.ics")
    alice.synchronise()
    assert "17:00-18:00 More" in day("2027-03-10", "borealis")
    assert "Open day" not in day("2027-03-10", "borealis")

done()

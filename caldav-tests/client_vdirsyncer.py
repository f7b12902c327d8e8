"""vdirsyncer: synchronises a folder of files with the rooms; people edit the files.

A refused new event stays in the folder and is tried at each run, with an error that names it, until
its owner takes it out (clients 4.1); a refused change comes back, because the server's version won.
"""

from harness.files import Files, shown
from harness.scenario import FOLDER, ROOMS, Person, done, event, name, step

alice = Files("alice", FOLDER)
bob = Person("bob")
bob.books("aurora", event("board@bob", "Board", "20270310T100000", "20270310T110000"), "board.ics")
bob.books("borealis", event("open@bob", "Open day", "20270310T100000", "20270310T110000"), "open.ics")


def talk(start, end, sequence=0):
    """Alice's own event."""
    return event("talk@alice", "Talk", start, end, sequence=sequence)


with step("finds the account and every room from the server's address alone"):
    alice.discover()
    for room in ROOMS:
        assert alice.room(room).is_dir(), f"no folder for {room}: {alice.collections()}"
    assert "reservations" in alice.collections(), alice.collections()

with step("brings others' events: masked, or with their titles where the room shows them"):
    alice.synchronise()
    (masked,) = alice.texts("aurora")
    assert name("bob") in masked and "Board" not in masked, masked
    (open_day,) = alice.texts("borealis")
    assert "Open day" in open_day, open_day

with step("books by a new file"):
    alice.write("aurora", "talk@alice", talk("20270310T120000", "20270310T130000"))
    alice.synchronise()
    bob.is_refused("aurora", event("no@bob", "No", "20270310T123000", "20270310T133000"), "no.ics")

with step("a taken hour is an error of that one file, with status and reason, at each run"):
    alice.write("aurora", "taken@alice", event("taken@alice", "Mine", "20270310T103000", "20270310T113000"))
    for _ in range(2):
        said = alice.fails()
        assert "403" in said and "taken@alice" in said, said
    assert alice.file("aurora", "taken@alice").exists()

with step("the rest goes on beside a refused file"):
    alice.write("hudson", "call@alice", event("call@alice", "Call", "20270310T150000", "20270310T160000"))
    alice.fails()
    assert bob.request("GET", bob.member("aurora", "taken@alice.ics")).status == 404
    bob.is_refused("hudson", event("no@bob", "No", "20270310T150000", "20270310T160000"), "no.ics")

with step("is content again once the refused file is gone"):
    alice.file("aurora", "taken@alice").unlink()
    alice.synchronise()

with step("moves by an edited file, which frees the old hour"):
    alice.write("aurora", "talk@alice", talk("20270310T140000", "20270310T150000", sequence=1))
    alice.synchronise()
    bob.books("aurora", event("noon@bob", "Noon", "20270310T120000", "20270310T130000"), "noon.ics")

with step("a refused change is an error, and the file is then what the server has"):
    before = alice.file("aurora", "talk@alice").read_text()
    alice.write("aurora", "talk@alice", talk("20270310T100000", "20270310T110000", sequence=2))
    said = alice.fails()
    assert "403" in said, said
    alice.synchronise()
    after = alice.file("aurora", "talk@alice").read_text()
    assert "20270310T140000" in after and shown(after) == shown(before), after

with step("one instance of a series moves, and only that one"):
    series = ("class@alice", "Class", "20270316T090000", "20270316T100000")
    rule = "FREQ=WEEKLY;COUNT=4"
    alice.write("aurora", "class@alice", event(*series, rule=rule))
    alice.synchronise()
    only = [("20270323T090000", "20270323T130000", "20270323T140000")]
    alice.write("aurora", "class@alice", event(*series, rule=rule, only=only, sequence=1))
    alice.synchronise()
    bob.books("aurora", event("gap@bob", "Gap", "20270323T090000", "20270323T100000"), "gap.ics")
    bob.is_refused("aurora", event("no1@bob", "No", "20270323T130000", "20270323T140000"), "no1.ics")
    bob.is_refused("aurora", event("no2@bob", "No", "20270330T090000", "20270330T100000"), "no2.ics")

with step("own events of every room are in the reservations calendar too"):
    alice.synchronise()
    own = alice.texts("reservations", prefix="")
    assert any("Talk" in text for text in own) and any("Call" in text for text in own), own

with step("sees another person's change and deletion"):
    bob.books("borealis", event("open@bob", "Open evening", "20270310T180000", "20270310T190000", sequence=1), "open.ics")
    bob.books("borealis", event("more@bob", "More", "20270311T180000", "20270311T190000"), "more.ics")
    alice.synchronise()
    texts = "".join(alice.texts("borealis"))
    assert "Open evening" in texts and "Open day" not in texts and "More" in texts, texts
    bob.deletes("borealis", "open.ics")
    alice.synchronise()
    texts = "".join(alice.texts("borealis"))
    assert "Open evening" not in texts and "More" in texts, texts

with step("deletes by a removed file, which frees the hour"):
    alice.file("aurora", "talk@alice").unlink()
    alice.synchronise()
    bob.books("aurora", event("late@bob", "Late", "20270310T140000", "20270310T150000"), "late.ics")

with step("nothing is left to do: folder and server agree"):
    alice.synchronise()
    listed = alice.snapshot()
    alice.synchronise()
    assert alice.snapshot() == listed

done()

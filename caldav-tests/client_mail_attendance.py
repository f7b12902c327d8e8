"""Mails about whether somebody comes: please check in, nobody came, the rest of a series, and everybody declined
(R87, R95, R97, R98). Each is answered by its links.

Events are written on Vienna's clock; the room is in New York, six hours behind, and so are the mails. Many events
fit into it side by side, so that they all begin together.
"""

import re
from datetime import datetime
from functools import partial

from harness.post import Post, dates, one, readers, reservation, room
from harness.scenario import Person, done, event, is_now, roomdav, step

YUKON = "/principals/rooms/yukon/"
FIRST = "2027-03-02T10:00"

alice, bob = Person("alice"), Person("bob")


def clock(text):
    """Sets the clock to a time in March, in New York."""
    is_now(datetime.fromisoformat(f"2027-03-{text}-05:00"))


def book(person, what, rule=None):
    times = ("20270302T160000", "20270302T170000")
    person.books(
        "yukon", event(f"{what}@{person.login}", what.capitalize(), *times, rule=rule), f"{what}-{person.login}.ics"
    )


def declines(guest, uid):
    """Says no in the copy of an invitation."""
    listed = guest.request("PROPFIND", guest.own(""), Depth="1").text
    texts = {path: guest.reads(path) for path in re.findall(r"href>([^<]+\.ics)<", listed)}
    ((path, text),) = [(path, text) for path, text in texts.items() if f"UID:{uid}" in text]
    text = text.replace("\r\n ", "")
    (line,) = re.findall(f"^ATTENDEE.*mailto:{guest.login}@example.org$", text.replace("\r", ""), re.MULTILINE)
    no = line.replace(";PARTSTAT=NEEDS-ACTION", "").replace("ATTENDEE", "ATTENDEE;PARTSTAT=DECLINED", 1)
    guest.writes(text.replace(line, no), path)


def noted(room, **about):
    """The decisions about a room that say this."""
    rows = roomdav("audit", "--room", room)
    return [row["detail"] for row in rows if all(row[key] == value for key, value in about.items())]


def state(what, login):
    """What can be seen to change."""
    return partial(dates, "yukon", f"{what}@{login}")


with Post() as post:
    with step("people book a room where somebody has to check in, and invite each other"):
        readers()
        room("yukon", "Yukon", "checkin=on", "strikes=1", "units=20")
        for person, guest in ((alice, bob), (bob, alice)):
            for what in ("there", "spare", "missed"):
                book(person, what)
            book(person, "series", "FREQ=WEEKLY;COUNT=3" if person is bob else "FREQ=DAILY;COUNT=3")
            alone = event(f"alone@{person.login}", "Alone", "20270303T160000", "20270303T170000")
            person.invites(alone, "alone.ics", YUKON, f"mailto:{guest.login}@example.org")

    with step("where everybody declines, the organizer may give the room back by a link"):
        for person, guest in ((alice, bob), (bob, alice)):
            declines(guest, f"alone@{person.login}")
        mails = post.brings({"all-declined": 2})
        mail = one(mails, "alice", "all-declined", "Alone")
        mail.says("Everybody whom you invited on 3 March 2027 from 10:00 to 11:00 has declined.", "room Yukon")
        after = mail.follow("give-back", state("alone", "alice"))
        assert not any("confirmed" in it for it in after), after
        mail = one(mails, "bob", "all-declined", "Alone")
        mail.says("Alle, die Sie am 3. März 2027 von 10:00 bis 11:00 eingeladen haben, haben abgesagt.", "Raum Yukon")
        after = mail.follow("give-back", state("alone", "bob"))
        assert not any("confirmed" in it for it in after), after

    with step("a quarter of an hour before its start each organizer is asked to check in"):
        clock("02T09:46:00")
        asked = post.brings({"check-in": 8})
        mail = one(asked, "alice", "check-in", "There")
        mail.says("Room Yukon is yours on 2 March 2027 from 10:00 to 11:00. Please say that you are there until 10:10;")
        mail = one(asked, "bob", "check-in", "There")
        mail.says("Raum Yukon gehört Ihnen am 2. März 2027 von 10:00 bis 11:00. Bitte sagen Sie bis 10:10,")
        assert all(list(mail.links) == ["check-in", "give-back"] for mail in asked)

    with step("one link says that somebody is there, the other that nobody comes"):
        for login in ("alice", "bob"):
            number = reservation("yukon", f"there@{login}")
            there = partial(noted, "yukon", uid=f"there@{login}")
            after = one(asked, login, "check-in", "There").follow("check-in", there)
            assert "checked in" in after, after
            # Somebody had: a command finds nothing to do.
            roomdav("reservation", "checkin", number)
            after = one(asked, login, "check-in", "Spare").follow("give-back", state("spare", login), again="gone")
            assert after == [], after

    with step("where nobody has checked in the room is free again, and who needs it may take it back"):
        clock("02T10:11:00")
        # The two of a series are one mail each.
        mails = post.brings({"no-show": 4, "strikes": 2})
        assert len(mails) == 4
        assert state("there", "alice")() == [f"{FIRST} confirmed"] == state("there", "bob")()
        mail = one(mails, "alice", "no-show", "Missed")
        mail.says("Nobody checked in to room Yukon on 2 March 2027 from 10:00 to 11:00, so others can book it now.")
        assert state("missed", "alice")() == [f"{FIRST} released"]
        (again,) = mail.follow("reclaim", state("missed", "alice"))
        assert again.endswith("confirmed"), again
        mail = one(mails, "bob", "no-show", "Missed")
        mail.says("Niemand hat in Raum Yukon am 2. März 2027 von 10:00 bis 11:00 eingecheckt,")
        (again,) = mail.follow("reclaim", state("missed", "bob"))
        assert again.endswith("confirmed"), again

    with step("whoever does not come has to say that the series is still wanted"):
        mail = one(mails, "alice", "strikes", "Series")
        assert mail.kinds == ["no-show", "strikes"] and set(mail.links) == {"reclaim", "keep"}
        mail.says("Nobody checked in to room Yukon. Please confirm until 9 March 2027")
        after = mail.follow("keep", partial(noted, "yukon", rule="R97"))
        assert after == ["the series is confirmed"], after
        mail = one(mails, "bob", "strikes", "Series")
        mail.says("In Raum Yukon hat niemand eingecheckt. Bitte bestätigen Sie bis 9. März 2027,")
        assert sum("confirmed" in it for it in state("series", "bob")()) == 2

    with step("who says nothing for a week loses the rest"):
        clock("10T09:00:00")
        (mail,) = post.brings({"cancelled": 1})
        assert mail.to == "bob@example.org"
        mail.says("roomdav hat Ihre Reservierung von Raum Yukon am 16. März 2027 von 11:00 bis 12:00 storniert.")
        assert not any(it.startswith("2027-03-16") and "confirmed" in it for it in state("series", "bob")())
        assert any("confirmed" in it for it in state("series", "alice")())

    with step("every kind of message that belongs here was sent, in English and in German"):
        post.has_no_more()
        post.covers("mail_attendance")

done()

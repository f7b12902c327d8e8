"""Mails that are late: the mail server is away for an hour of the server's time, comes back, and has everything
once. What is refused, declined, cancelled and changed, and what goes to people outside.

Bookings are plain requests. RFC 5322, 2046, 6047, 3834; reliability D-60, F-17, L-68.
"""

import time
from collections import Counter
from datetime import datetime

from harness.post import Post, brief, notices, one, readers, until
from harness.scenario import Person, done, event, now, passes, roomdav, step

RULE = "FREQ=WEEKLY"

alice, bob, maria = Person("alice"), Person("bob"), Person("maria")
post = Post()


def dinner(sequence=0):
    return event("dinner@alice", "Dinner", "20270315T180000", f"20270315T19{sequence}000", sequence=sequence)


with step("people book, are refused, are cancelled and invite, while there is no mail server"):
    readers()
    alice.books("aurora", event("board@alice", "Board & <more>", "20270310T100000", "20270310T110000"), "board.ics")
    taken = ("20270310T103000", "20270310T113000")
    for person, title in ((bob, "Nein"), (maria, "No")):
        for _ in range(3):
            person.is_refused("aurora", event(f"no@{person.login}", title, *taken), "no.ics")
    for person, title, hour in ((bob, "Weg", 10), (alice, "Gone", 12)):
        times = (f"20270311T{hour}0000", f"20270311T{hour}3000")
        person.books("aurora", event(f"gone@{person.login}", title, *times), f"gone-{title}.ics")
        assert maria.request("DELETE", maria.member("aurora", f"gone-{title}.ics")).status in (200, 204)
    for person, title, hour in ((bob, "Verlegt", 8), (alice, "Moved", 10)):
        uid, member = f"moved@{person.login}", f"moved-{title}.ics"
        person.books("borealis", event(uid, title, f"20270312T{hour:02}0000", f"20270312T{hour:02}3000"), member)
        later = event(uid, title, f"20270312T{hour + 4}0000", f"20270312T{hour + 4}3000", sequence=1)
        maria.books("borealis", later, member)
    for person, title, hour in ((bob, "Immer", 15), (alice, "On and on", 17)):
        times = (f"20270302T{hour}0000", f"20270302T{hour}3000")
        person.books("hudson", event(f"on@{person.login}", title, *times, rule=RULE), f"on-{title[:2]}.ics")
    alice.invites(dinner(), "dinner.ics", "mailto:guest@example.net")
    both = ("mailto:guest@example.net", "/principals/rooms/aurora/")
    bob.invites(event("busy@bob", "Essen", "20270310T100000", "20270310T110000"), "busy.ics", *both)
    maria.invites(event("busy@maria", "Lunch", "20270310T100000", "20270310T110000"), "busy.ics", both[1])

written = notices()

with step("each kind of message waits, once"):
    kinds = Counter(notice["kind"] for notice in written)
    wanted = {"refused": 2, "cancelled": 2, "changed": 2, "rolling": 2, "declined": 2, "scheduling": 2}
    assert kinds == wanted, kinds
    assert all(notice["state"] == "waiting" for notice in written)

with step("the mail server is away for an hour: nothing is sent, and what was tried is told"):
    for minutes in (2, 8, 20, 30):
        passes(minutes=minutes)
        until(
            "everything is tried",
            lambda: all(it["next_at"] and now() < datetime.fromisoformat(it["next_at"]) for it in notices()),
        )
    for notice in notices():
        assert notice["state"] == "waiting" and 2 <= notice["attempts"] <= 6 and notice["error"], brief(notice)

with post:
    with step("it comes back, and everything is sent: nothing is lost, and nothing doubled"):
        passes(hours=1, minutes=1)
        mails = post.brings(wanted)
        passes(hours=3)
        time.sleep(5)
        post.has_no_more()
        assert len(mails) == len(written), [mail.subject for mail in mails]

    with step("each is in the language of its reader, and says what it is about"):
        dated = {"en": "on {} March 2027 from {}", "de": "am {}. März 2027 von {}"}
        for to, kind, language, about, *words in (
            ("bob", "refused", "de", "Nein", "Raum Aurora", ("10", "10:30 bis 11:30"), "Nichts wurde geändert."),
            ("maria", "refused", "en", "No", "Room Aurora", ("10", "10:30 to 11:30"), "Nothing was changed."),
            (
                "bob",
                "cancelled",
                "de",
                "Weg",
                "Maria Meyer hat Ihre Reservierung von Raum Aurora",
                ("11", "10:00 bis 10:30"),
            ),
            (
                "alice",
                "cancelled",
                "en",
                "Gone",
                "Maria Meyer cancelled your reservation of room Aurora",
                ("11", "12:00 to 12:30"),
            ),
            ("bob", "changed", "de", "Verlegt", "Maria Meyer hat Ihre Reservierung von Raum Borealis geändert."),
            ("alice", "changed", "en", "Moved", "Maria Meyer changed your reservation of room Borealis."),
            (
                "bob",
                "declined",
                "de",
                "Essen",
                "Raum Aurora",
                ("10", "10:00 bis 11:00"),
                "Ihr Termin selbst wurde gespeichert.",
            ),
            (
                "maria",
                "declined",
                "en",
                "Lunch",
                "Room Aurora",
                ("10", "10:00 to 11:00"),
                "Your event itself was saved.",
            ),
            ("bob", "rolling", "de", "Immer", "Raum Hudson ist für Ihre Serie bis ", "März 2028 bestätigt"),
            ("alice", "rolling", "en", "On and on", "Room Hudson is confirmed for your series until ", "March 2028"),
        ):
            mail = one(mails, to, kind, about)
            assert mail.language == language and not mail.links
            mail.says(*(dated[language].format(*it) if isinstance(it, tuple) else it for it in words))

    with step("whoever is refused for somebody else's sake does not read what it is"):
        for to, kind in (("bob", "refused"), ("maria", "refused"), ("bob", "declined")):
            one(mails, to, kind).hides("Board")

    with step("an invitation to somebody outside carries its calendar object"):
        for organizer, subject in (("alice", "Invitation: Dinner"), ("bob", "Einladung: Essen")):
            mail = one(mails, "guest@example.net", "scheduling", subject)
            assert mail.method == "REQUEST"
            (meeting,) = mail.calendar.walk("VEVENT")
            assert meeting["ORGANIZER"].lower() == f"mailto:{organizer}@example.org"
            assert meeting.start.tzinfo is not None and mail.calendar.walk("VTIMEZONE")
            assert [it.addr_spec for it in mail.message["Reply-To"].addresses] == [f"{organizer}@example.org"]
            mail.says("(Europe/Vienna)")

    with step("a cancelled invitation is a CANCEL, and invitations within a minute are one mail"):
        for sequence in (1, 2, 3):
            alice.invites(dinner(sequence), "dinner.ics", "mailto:guest@example.net")
        (mail,) = post.brings({"scheduling": 1})
        assert mail.method == "REQUEST" and mail.calendar.walk("VEVENT")[0]["SEQUENCE"] == 3
        assert alice.request("DELETE", alice.own("dinner.ics")).status in (200, 204)
        (mail,) = post.brings({"scheduling": 1})
        assert (mail.method, mail.subject) == ("CANCEL", "Cancelled: Dinner")

    with step("a series that cannot go on says so when the day has come"):
        roomdav("block", "add", "hudson", "--from", "2028-04-04T00:00", "--to", "2028-04-05T00:00", "--reason", "Paint")
        # When a day begins series are extended.
        passes(days=14)
        mails = post.brings({"not-extended": 2})
        one(mails, "bob", "not-extended", "Immer").says(
            "Raum Hudson", "am 4. April 2028 von 09:00 bis 09:30", "bleiben gebucht"
        )
        one(mails, "alice", "not-extended", "On and on").says(
            "Room Hudson", "on 4 April 2028 from 11:00 to 11:30", "stay booked"
        )

    with step("every kind of message that belongs here was sent, in English and in German"):
        post.has_no_more()
        post.covers("mail")

done()

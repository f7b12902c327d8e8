"""A mail server, and the mails that it gets: each kind of message, read by Python's own parser and `icalendar`.

The mail server is away for an hour of the server's time, comes back, and has everything once. Bookings are
plain requests. RFC 5322, 2046, 6047, 3834; reliability D-60, F-17, L-68.
"""

import email
import email.policy
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import icalendar
from aiosmtpd.controller import Controller

from harness.scenario import CLOCK, MAIL_PORT, Person, done, event, roomdav, step

HOST = "127.0.0.1"
# The server looks for work every two seconds; a busy machine takes longer.
PATIENCE = 60


class Box:
    """What aiosmtpd hands over."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


class Text(HTMLParser):
    """The text of a page, and where its links lead."""

    def __init__(self, page):
        super().__init__()
        self.text, self.links, self.tags = "", [], set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def now():
    return datetime.fromisoformat(CLOCK.read_text().strip())


def passes(**time_that_passes):
    CLOCK.write_text((now() + timedelta(**time_that_passes)).astimezone(timezone.utc).isoformat() + "\n")


def until(sentence, holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"it did not happen: {sentence}; {[brief(it) for it in notices()]}"
        time.sleep(0.2)


def notices():
    return roomdav("notices", "list")


def brief(notice):
    return notice["id"], notice["kind"], notice["state"], notice["attempts"], notice["error"], notice["next_at"]


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def read(mail):
    """Every part by its media type; each must be readable."""
    parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
    assert mail.get_content_type() == "multipart/alternative", mail.get_content_type()
    assert not any(part.defects for part in mail.walk()), [part.defects for part in mail.walk()]
    text, page = parts["text/plain"].get_content(), Text(parts["text/html"].get_content())
    said = [line for line in text.splitlines() if line and not line.startswith("http")]
    for line in said:
        assert line.rstrip(":") in page.text, f"{line!r} is not in {page.text!r}"
    assert not page.tags - {"html", "head", "meta", "body", "p", "br", "a"}, page.tags
    return text, page, parts


alice, bob, maria = Person("alice"), Person("bob"), Person("maria")
box = Box()


def invited(uid, guest, *more, sequence=0):
    text = event(uid, "Dinner", "20270315T180000", "20270315T190000", sequence=sequence)
    lines = ["ORGANIZER:mailto:alice@example.org", f"ATTENDEE;RSVP=TRUE:mailto:{guest}", *more]
    return text.replace("SEQUENCE:", "\r\n".join(lines) + "\r\nSEQUENCE:")


with step("people book, are refused, are cancelled and invite, while there is no mail server"):
    roomdav("user", "set", "bob", "language=de")
    alice.books("aurora", event("board@alice", "Board & <more>", "20270310T100000", "20270310T110000"), "board.ics")
    for _ in range(3):
        bob.is_refused("aurora", event("no@bob", "Nein", "20270310T103000", "20270310T113000"), "no.ics")
    bob.books("aurora", event("gone@bob", "Weg", "20270311T100000", "20270311T110000"), "gone.ics")
    assert maria.request("DELETE", maria.member("aurora", "gone.ics")).status in (200, 204)
    alice.books("borealis", event("moved@alice", "Moved", "20270312T100000", "20270312T110000"), "moved.ics")
    maria.books("borealis", event("moved@alice", "Moved", "20270312T120000", "20270312T130000", sequence=1), "moved.ics")
    rule = "FREQ=WEEKLY"
    alice.books("hudson", event("on@alice", "On and on", "20270302T150000", "20270302T160000", rule=rule), "on.ics")
    own = "/calendars/users/alice/reservations/dinner.ics"
    put = {"Content_Type": "text/calendar; charset=utf-8"}
    answer = alice.request("PUT", own, invited("dinner@alice", "guest@example.net"), **put)
    assert answer.status == 201, f"{answer.status} {answer.text}"
    room = "ATTENDEE;CUTYPE=ROOM;RSVP=TRUE:/principals/rooms/aurora/"
    both = invited("busy@bob", "guest@example.net", room).replace("alice", "bob").replace("Dinner", "Essen")
    both = both.replace("20270315T18", "20270310T10").replace("20270315T19", "20270310T11")
    answer = bob.request("PUT", "/calendars/users/bob/reservations/busy.ics", both, **put)
    assert answer.status == 201, f"{answer.status} {answer.text}"

kinds = Counter(notice["kind"] for notice in notices())

with step("each kind of message waits, once"):
    wanted = {"refused": 1, "cancelled": 1, "changed": 1, "rolling": 1, "declined": 1, "scheduling": 2}
    assert kinds == wanted, kinds
    assert all(notice["state"] == "waiting" for notice in notices())

with step("the mail server is away for an hour: nothing is sent, and what was tried is told"):
    for minutes in (2, 8, 20, 30):
        passes(minutes=minutes)
        until("everything is tried", lambda: all(it["next_at"] and now() < datetime.fromisoformat(it["next_at"]) for it in notices()))
    for notice in notices():
        assert notice["state"] == "waiting" and 2 <= notice["attempts"] <= 6 and notice["error"], brief(notice)

controller = Controller(box, hostname=HOST, port=MAIL_PORT, decode_data=False)
controller.start()

with step("it comes back, and everything is sent"):
    passes(hours=1, minutes=1)
    until("everything is sent", lambda: all(notice["state"] == "sent" for notice in notices()))

with step("nothing was lost, and nothing doubled"):
    passes(hours=3)
    time.sleep(5)
    assert len(box.mails) == sum(kinds.values()), [parsed(raw)["Subject"] for _, _, raw in box.mails]
    ids = [parsed(raw)["Message-ID"] for _, _, raw in box.mails]
    assert len(set(ids)) == len(ids) and all(it.endswith("@example.org>") for it in ids), ids

mails = {}
for sender, recipients, raw in box.mails:
    mails.setdefault((recipients[0], parsed(raw)["Subject"]), (sender, recipients, raw))

with step("every mail reads well, comes from the house, and says that a program wrote it"):
    for sender, recipients, raw in box.mails:
        mail = parsed(raw)
        assert sender == "rooms@example.org" and len(recipients) == 1, (sender, recipients)
        assert [it.addr_spec for it in mail["To"].addresses] == recipients
        assert mail["From"].addresses[0].display_name == "Rooms"
        assert mail["Auto-Submitted"] == "auto-generated" and mail["X-Auto-Response-Suppress"] == "All"
        assert mail["Date"].datetime <= now() and mail["MIME-Version"] == "1.0"
        assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
        read(mail)

with step("each is in the language of its reader, and says what it is about"):
    for (to, subject), words in {
        ("bob@example.org", "Nicht gebucht: Nein"): ["Aurora", "10. März 2027", "Nichts wurde geändert"],
        ("bob@example.org", "Storniert: Weg"): ["Maria Meyer", "Aurora", "11. März 2027"],
        ("bob@example.org", "Raum hat abgelehnt: Essen"): ["Aurora", "10. März 2027"],
        ("alice@example.org", "Changed: Moved"): ["Maria Meyer", "Borealis"],
    }.items():
        text, _, parts = read(parsed(mails[to, subject][2]))
        assert all(word in text for word in words), text
        assert "text/calendar" not in parts

with step("an invitation to somebody outside carries its calendar object"):
    for organizer, subject in (("alice", "Invitation: Dinner"), ("bob", "Einladung: Essen")):
        mail = parsed(mails["guest@example.net", subject][2])
        _, _, parts = read(mail)
        part = parts["text/calendar"]
        assert part.get_param("method") == "REQUEST" and part.get_content_charset() == "utf-8"
        calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        assert calendar["METHOD"] == part.get_param("method"), "RFC 6047, section 2.4"
        (meeting,) = calendar.walk("VEVENT")
        assert meeting["ORGANIZER"].lower() == f"mailto:{organizer}@example.org"
        assert meeting.start.tzinfo is not None and calendar.walk("VTIMEZONE")
        assert [it.addr_spec for it in mail["Reply-To"].addresses] == [f"{organizer}@example.org"]

with step("a cancelled invitation is a CANCEL, and invitations within a minute are one mail"):
    before = len(box.mails)
    for sequence in (1, 2, 3):
        text = invited("dinner@alice", "guest@example.net", sequence=sequence).replace("T190000", f"T19{sequence}000")
        answer = alice.request("PUT", own, text, **put)
        assert answer.status == 204, f"{answer.status} {answer.text}"
    passes(minutes=2)
    until("the change is sent", lambda: len(box.mails) > before)
    assert alice.request("DELETE", own).status in (200, 204)
    passes(minutes=2)
    until("the cancellation is sent", lambda: len(box.mails) > before + 1)
    time.sleep(3)
    assert len(box.mails) == before + 2
    methods = []
    for _, _, raw in box.mails[before:]:
        part = read(parsed(raw))[2]["text/calendar"]
        calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        assert calendar["METHOD"] == part.get_param("method")
        methods.append((str(calendar["METHOD"]), int(calendar.walk("VEVENT")[0]["SEQUENCE"])))
    assert [method for method, _ in methods] == ["REQUEST", "CANCEL"] and methods[0][1] == 3, methods

with step("a series that cannot go on says so when the day has come"):
    before = len(box.mails)
    roomdav("block", "add", "hudson", "--from", "2028-04-04T00:00", "--to", "2028-04-05T00:00", "--reason", "Paint")
    passes(days=14)
    # When a day begins series are extended, and a minute later that is sent.
    until("the series is extended", lambda: any(notice["kind"] == "not-extended" for notice in notices()))
    passes(minutes=2)
    until("that is sent", lambda: len(box.mails) > before)
    text, _, _ = read(parsed(box.mails[-1][2]))
    assert "Hudson" in text and "4 April 2028" in text, text

controller.stop()
done()

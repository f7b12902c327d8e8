"""What a client's scenario is made of: steps, people beside the client, and event texts.

A scenario is a program of its own. It learns the server's address and the people from the file that
`CALDAV_TESTS_CONTEXT` names, prints `ok SENTENCE` for each step that held, `not ok SENTENCE` for the
one that did not, and `done` at its end. `client_tsdav.mjs` does the same in its own language.
"""

import base64
import contextlib
import http.client
import json
import os
import subprocess
import sys
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

_TEST = json.loads(Path(os.environ["CALDAV_TESTS_CONTEXT"]).read_text())

ADDRESS = _TEST["address"]
ROOMS = _TEST["rooms"]
FOLDER = Path(_TEST["folder"])
# For those who look at mails: the port where the server looks for a mail server, and the file with its time.
MAIL_PORT = _TEST["mail_port"]
CLOCK = Path(_TEST["clock"])
# For those who speak SQL.
DATABASE = _TEST["database"]
# The program with its configuration, for those who start it once more.
PROGRAM = _TEST["command"]


def roomdav(*arguments):
    """A command beside the server; what it printed, read as JSON."""
    command = [*PROGRAM, "--test-clock", str(CLOCK), "--json", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert ended.returncode == 0, f"roomdav {' '.join(arguments)}: {ended.stderr}"
    return json.loads(ended.stdout)


def now():
    """The server's time."""
    return datetime.fromisoformat(CLOCK.read_text().strip())


def passes(**time_that_passes):
    """Moves the server's clock on."""
    is_now(now() + timedelta(**time_that_passes))


def is_now(moment):
    """Sets the server's clock; at once, since what it cannot read is the machine's own time for it."""
    beside = CLOCK.with_name("later")
    beside.write_text(moment.astimezone(timezone.utc).isoformat() + "\n")
    beside.replace(CLOCK)


def login(person):
    """Login and password."""
    return person, _TEST["people"][person]["password"]


def name(person):
    """The name as the server shows it to others."""
    return _TEST["people"][person]["name"]


@contextlib.contextmanager
def step(sentence):
    """One thing that must hold. The first that does not ends the scenario: later ones build on it."""
    try:
        yield
    except Exception:
        print(f"not ok {sentence}", flush=True)
        traceback.print_exc()
        sys.exit(1)
    print(f"ok {sentence}", flush=True)


def done():
    """The scenario's last line: it was not broken off."""
    print("done", flush=True)


class Answer:
    """An answer of the server to one of the `Person`'s requests."""

    def __init__(self, response):
        self.status, self.reason = response.status, response.reason
        self.headers = dict(response.getheaders())
        self.text = response.read().decode("utf-8", "replace")


class Person:
    """Somebody else, whose program is not under test: plain requests, nothing remembered."""

    def __init__(self, login_name):
        who, password = login(login_name)
        self.login = who
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(f"{who}:{password}".encode()).decode(),
            "User-Agent": f"caldav-tests ({who})",
        }

    def request(self, method, path, body=None, **headers):
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(ADDRESS).netloc, timeout=30)
        try:
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            connection.request(method, path, body and body.encode(), {**self._headers, **named})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def put(self, room, event, member):
        """Writes an event into a room's calendar, whatever was there."""
        return self.request("PUT", self.member(room, member), event, Content_Type="text/calendar; charset=utf-8")

    def books(self, room, event, member):
        """Writes an event that must be taken."""
        answer = self.put(room, event, member)
        assert answer.status in (201, 204), f"{self.login} cannot book: {answer.status} {answer.reason} {answer.text}"

    def invites(self, event, member, *addresses):
        """Writes an event of one's own, to which these are invited."""
        lines = [f"ORGANIZER:mailto:{self.login}@example.org", *(f"ATTENDEE;RSVP=TRUE:{it}" for it in addresses)]
        self.writes(event.replace("SEQUENCE:", "\r\n".join([*lines, "SEQUENCE:"])), self.own(member))

    def writes(self, text, path):
        """Stores a text that must be taken."""
        answer = self.request("PUT", path, text, Content_Type="text/calendar; charset=utf-8")
        assert answer.status in (201, 204), f"{self.login} cannot write: {answer.status} {answer.reason} {answer.text}"

    def reads(self, path):
        """The text of an event that must be there."""
        answer = self.request("GET", path)
        assert answer.status == 200, f"{self.login} cannot read {path}: {answer.status} {answer.reason}"
        return answer.text

    def is_refused(self, room, event, member):
        """Tries an event that must not be taken; nothing of it may stay."""
        answer = self.put(room, event, member)
        assert_refused(answer.status, answer.text, room)

    def deletes(self, room, member):
        """Removes an event that must go."""
        answer = self.request("DELETE", self.member(room, member))
        assert answer.status in (200, 204), f"{self.login} cannot delete: {answer.status} {answer.reason}"

    def member(self, room, member):
        """Where this person finds an event of a room."""
        return f"/calendars/users/{self.login}/room-{room}/{member}"

    def own(self, member):
        """Where this person's own event is."""
        return f"/calendars/users/{self.login}/reservations/{member}"


def assert_refused(status, text, room):
    """A refusal is a 403 whose text is a sentence that names the room (clients 4.2)."""
    assert status == 403, f"expected 403, got {status}: {text}"
    assert ROOMS[room]["name"] in text, f"the refusal does not name the room: {text}"
    assert "busy" in text, f"the refusal does not name its reason: {text}"


def event(uid, title, start, end, *, rule=None, only=None, sequence=0):
    """The text of an event on Vienna's clock, such as `"20270310T100000"`.

    With `rule` it is a series; `only` is a list of `(occurrence, start, end)` that differ from it.
    """
    parts = [_component(uid, title, start, end, sequence, f"RRULE:{rule}" if rule else None)]
    for occurrence, other_start, other_end in only or ():
        named = f"RECURRENCE-ID;TZID=Europe/Vienna:{occurrence}"
        parts.append(_component(uid, title, other_start, other_end, sequence, named))
    return "\r\n".join([*_HEAD, *(line for part in parts for line in part), "END:VCALENDAR", ""])


def _component(uid, title, start, end, sequence, more):
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20270301T070000Z",
        f"DTSTART;TZID=Europe/Vienna:{start}",
        f"DTEND;TZID=Europe/Vienna:{end}",
        f"SUMMARY:{title}",
        f"SEQUENCE:{sequence}",
        "END:VEVENT",
    ]
    if more:
        lines.insert(3, more)
    return lines


_HEAD = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//roomdav//caldav-tests//EN
BEGIN:VTIMEZONE
TZID:Europe/Vienna
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE""".splitlines()

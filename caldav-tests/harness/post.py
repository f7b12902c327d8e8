"""A mail server that takes what the program sends, and what scenarios about mails have in common.

A scenario causes messages, and asks `Post` for the mails that they became; what every mail has to be is asserted
of each. Reliability D-60, L-68.
"""

import re
import time
from collections import Counter
from datetime import timedelta
from operator import attrgetter

from aiosmtpd.controller import Controller

from .letters import FOLLOWED_BY, HERE, LETTERS, PAGES, kinds_of_source, purposes_of_source
from .mail import Mail
from .scenario import MAIL_PORT, passes, roomdav

HOST = "127.0.0.1"
# The server looks for work every two seconds; a busy machine takes longer.
PATIENCE = 60
# A message waits for others about the same; then it goes out.
MERGED = timedelta(seconds=61)


def readers():
    """Alice and Maria read English, Bob and Otto German. Otto has no password: he reads mails and follows links."""
    roomdav("user", "add", "otto", "--email", "otto@example.org", "--name", "Otto Ochs")
    for login, language in {"alice": "en", "maria": "en", "bob": "de", "otto": "de"}.items():
        roomdav("user", "set", login, f"language={language}")


def room(slug, name, *settings, **options):
    """A room in New York, on whose clock mails must name dates; Maria and Otto manage it."""
    named = [it for key, value in options.items() for it in (f"--{key}", value)]
    roomdav("room", "add", slug, "--name", name, "--zone", "America/New_York", *named)
    if settings:
        roomdav("room", "set", slug, *settings)
    for manager in ("maria", "otto"):
        roomdav("room", "grant", slug, manager, "manage")


def until(sentence, holds):
    """Waits for what the server does by itself."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"it did not happen: {sentence}; {[brief(it) for it in notices()]}"
        time.sleep(0.2)


def notices():
    """All messages to people, as the operator sees them."""
    return roomdav("notices", "list")


def brief(notice):
    """What says how a message fares."""
    return tuple(notice[key] for key in ("id", "kind", "to", "state", "attempts", "error", "next_at"))


class Post:
    """The mail server, and what it took."""

    def __init__(self):
        self._taken = []
        self._read = 0
        self._listed = 0
        self._kinds = kinds_of_source()
        self._seen, self._mails = set(), []
        self._controller = None

    async def handle_DATA(self, _server, _session, envelope):
        """What aiosmtpd calls."""
        self._taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"

    def __enter__(self):
        self._controller = Controller(self, hostname=HOST, port=MAIL_PORT, decode_data=False)
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()

    def brings(self, wanted):
        """Waits until just these messages were written since the last time, `{kind: how many}`, and were
        sent; their mails. A minute passes where some wait for others."""
        wanted = Counter(wanted)
        found = []

        def are_written():
            found[:] = [notice for notice in notices() if notice["id"] > self._listed]
            return not wanted - Counter(notice["kind"] for notice in found)

        until(f"{dict(wanted)} are written", are_written)
        kinds = Counter(notice["kind"] for notice in found)
        assert kinds == wanted, f"too much was written: {kinds - wanted}; {[brief(it) for it in found]}"
        self._listed = max(notice["id"] for notice in found)
        if any(notice["state"] == "waiting" and not notice["next_at"] for notice in found):
            passes(seconds=MERGED.seconds)
        return self.delivers([notice["id"] for notice in found])

    def delivers(self, ids):
        """Waits until these messages were sent; the mails that they became. Each is in one of them."""
        sent = {}

        def are_sent():
            sent.update({notice["id"]: notice for notice in notices() if notice["id"] in ids})
            return all(notice["state"] == "sent" for notice in sent.values())

        until("everything is sent", are_sent)
        mails = [Mail(*taken) for taken in self._taken[self._read :]]
        self._read += len(mails)
        leaders = {int(mail.id[1:].partition(".")[0]): mail for mail in mails}
        assert len(leaders) == len(mails), [mail.id for mail in mails]
        assert set(leaders) <= set(sent), f"not asked for: {[mail.subject for mail in mails]}"
        for key, notice in sorted(sent.items()):
            mail = leaders.get(key) or self._beside(notice, [(sent[it], leaders[it]) for it in leaders])
            self._is_said(notice, mail)
        for mail in mails:
            assert mail.subject == mail.notices[-1]["subject"], (mail.subject, mail.notices)
            assert (mail.calendar is not None) == (mail.kinds == ["scheduling"]), mail.kinds
        self._mails += mails
        return mails

    def covers(self, client):
        """Asserts that a scenario has seen all that is its own, in both languages, and has followed its links;
        and that each kind of message, and of link, belongs to one."""
        assert set(LETTERS) == set(self._kinds), f"covered by no scenario: {set(LETTERS) ^ set(self._kinds)}"
        for letter in LETTERS.values():
            assert (HERE / f"client_{letter.client}.py").exists(), letter.client
        own = {name for name, letter in LETTERS.items() if letter.client == client}
        missing = {(name, language) for name in own for language in ("en", "de")} - self._seen
        assert own and not missing, missing
        assert set(PAGES) == set.union(*FOLLOWED_BY.values()) == purposes_of_source(), purposes_of_source() ^ set(PAGES)
        followed = set().union(*(mail.followed for mail in self._mails))
        assert followed >= FOLLOWED_BY.get(client, set()), followed

    def has_no_more(self):
        """Asserts that nothing was sent beside what was asked for."""
        assert self._read == len(self._taken), [Mail(*taken).subject for taken in self._taken[self._read :]]

    @staticmethod
    def _beside(notice, mails):
        """The mail of another message to the same person about the same reservation, which it is in."""
        about = (notice["address"], notice["uid"])
        (mail,) = [mail for other, mail in mails if (other["address"], other["uid"]) == about and not mail.calendar]
        return mail

    def _is_said(self, notice, mail):
        assert mail.to == notice["address"] and mail.language == notice["language"], (mail.subject, notice)
        mail.says(*notice["body"].strip("\n").split("\n\n"))
        assert set(notice["links"]) <= set(mail.links), (notice["links"], mail.links)
        mail.notices.append(notice)
        subjects = {"en": attrgetter("english"), "de": attrgetter("german")}[notice["language"]]
        names = [
            name
            for name, kind in self._kinds.items()
            if kind == notice["kind"] and name in LETTERS and re.match(subjects(LETTERS[name]), notice["subject"])
        ]
        assert len(names) == 1, f"{notice['kind']} {notice['subject']!r} is {names}"
        self._seen.add((names[0], notice["language"]))


def one(mails, to, kind, about=""):
    """The one of these mails to this person (or address) that says this, with these words in its subject."""
    address = to if "@" in to else f"{to}@example.org"
    found = [it for it in mails if it.to == address and kind in it.kinds and about in it.subject]
    assert len(found) == 1, f"{to}, {kind}, {about!r}: {[(it.to, it.kinds, it.subject) for it in mails]}"
    return found[0]


def dates(room, uid):
    """The dates that somebody's event has in a room, with what became of them: `2027-03-09T10:00 confirmed`."""
    rows = [row for row in roomdav("reservation", "list", "--room", room) if row["uid"] == uid]
    return [f"{it['start'][:16]} {it['state']}" for row in rows for it in row["occurrences"]]


def reservation(room, uid):
    """The number by which commands know it."""
    (row,) = [row for row in roomdav("reservation", "list", "--room", room) if row["uid"] == uid]
    return str(row["id"])

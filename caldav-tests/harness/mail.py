"""One mail as people get it: read by Python's own parser and `icalendar`, its links followed as a browser does in
which nobody has signed in. RFC 5322, 2046, 6047, 3834; D-33.
"""

import email
import email.policy
import http.client
import re
from urllib.parse import urljoin, urlsplit

import icalendar

from .letters import PAGES, TOO_LATE
from .pages import Page
from .scenario import ADDRESS, now

LINKS = "/web/links/"


class Mail:
    """One mail, as Python's own parser reads it."""

    def __init__(self, sender, recipients, raw):
        self.raw = raw
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.to, self.subject = recipients[0], self.message["Subject"]
        self.id, self.language = self.message["Message-ID"], self.message["Content-Language"]
        # What it says, and which of its links did something; `Post` knows.
        self.notices, self.followed = [], set()
        self._is_well_made(sender, recipients)
        self._read()

    @property
    def kinds(self):
        """Of the messages in it."""
        return [notice["kind"] for notice in self.notices]

    def says(self, *sentences):
        """Asserts what stands in it."""
        for sentence in sentences:
            assert sentence in self.text, f"{sentence!r} is not in {self.subject!r}:\n{self.text}"

    def hides(self, *words):
        """Asserts what stands nowhere in it, and on no page behind its links."""
        pages = [visit("GET", link).text for link in self.links.values()]
        for word in words:
            for text in (self.subject, self.text, *pages):
                assert word not in text, f"{word!r} is in {text!r}"

    def follow(self, purpose, state, *, late=False, again="done"):
        """Opens the link and presses its button. To look changes nothing of `state()`; to press does what it
        says, once. `late`: it cannot be done any more. `again`: what the link says once more, "done" or "late",
        or "gone" where nothing is left that it could be about."""
        link, (label, question, does) = self.links[purpose], PAGES[purpose][self.language]
        does = TOO_LATE[self.language] if late else does
        before = state()
        for method in ("HEAD", "GET", "GET"):
            shown = visit(method, link)
        if shown.buttons:
            assert shown.language == self.language and shown.buttons == [label], shown.text
            ((method, action),) = shown.forms
            assert method == "post" and urlsplit(action).path == urlsplit(link).path, shown.forms
            # A decision says which version was looked at.
            assert bool(urlsplit(action).query) == (purpose in ("approve", "decline")), shown.forms
            assert question in shown.text, shown.text
            link = urljoin(link, action)
        else:
            assert late and does in shown.text, shown.text
        assert state() == before, f"looking at {label!r} changed {before} to {state()}"
        pressed = visit("POST", link)
        assert does in pressed.text and not pressed.buttons, pressed.text
        after = state()
        once_more = visit("POST", link, status=404 if again == "gone" else 200)
        says = {"done": does, "late": TOO_LATE[self.language], "gone": ""}[again]
        assert says in once_more.text and not once_more.buttons, once_more.text
        assert state() == after, f"once more changed {after} to {state()}"
        assert (after == before) == late, f"{label!r} made {after} of {before}"
        if not late:
            self.followed.add(purpose)
        return after

    def _is_well_made(self, sender, recipients):
        mail, raw = self.message, self.raw
        assert sender == "rooms@example.org" and len(recipients) == 1, (sender, recipients)
        assert [it.addr_spec for it in mail["To"].addresses] == recipients
        (author,) = mail["From"].addresses
        assert (author.display_name, author.addr_spec) == ("Rooms", "rooms@example.org"), author
        # RFC 3834, section 5: an answer to a message is another thing than one of our own.
        assert mail["Auto-Submitted"] in ("auto-generated", "auto-replied")
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert re.fullmatch(r"<\d+\.[0-9a-f]{32}@example\.org>", self.id), self.id
        assert mail["Date"].datetime <= now() and mail["MIME-Version"] == "1.0"
        assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
        assert raw.isascii() and not any(part.defects for part in mail.walk())
        assert mail.get_content_type() == "multipart/alternative", mail.get_content_type()

    def _read(self):
        """The parts: text and HTML that say the same, and a calendar part that says its METHOD."""
        parts = [part for part in self.message.walk() if not part.is_multipart()]
        plain, html, *more = parts
        assert [it.get_content_type() for it in parts[:2]] == ["text/plain", "text/html"]
        assert all(part.get_content_charset() == "utf-8" for part in parts)
        paragraphs, links, said = [], [], []
        for paragraph in plain.get_content().replace("\r\n", "\n").strip("\n").split("\n\n"):
            *label, last = paragraph.split("\n")
            if last.startswith(ADDRESS + LINKS):
                links.append((label[0].removesuffix(":"), last))
                said.append(links[-1][0])
            else:
                paragraphs.append(paragraph)
                said.append(paragraph)
        page = Page(html.get_content())
        assert page.paragraphs == said, (page.paragraphs, said)
        assert page.links == links, (page.links, links)
        assert not page.tags - {"html", "head", "meta", "body", "p", "br", "a"}, page.tags
        assert page.language == self.language, (page.language, self.language)
        purposes = {words[self.language].label: purpose for purpose, words in PAGES.items()}
        self.text = "\n\n".join(paragraphs)
        self.links = {purposes[label]: link for label, link in links}
        self.calendar = self.method = None
        if more:
            (part,) = more
            assert part.get_content_type() == "text/calendar"
            self.method = part.get_param("method")
            self.calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            assert self.calendar["METHOD"] == self.method, "RFC 6047, section 2.4"
        assert (self.message["Auto-Submitted"] == "auto-replied") == (self.method == "REPLY")


def visit(method, link, status=200):
    """One request of a browser in which nobody has signed in."""
    target = urlsplit(link)
    assert f"{target.scheme}://{target.netloc}" == ADDRESS, link
    headers = {"Accept": "text/html", "User-Agent": "caldav-tests (a browser)"}
    if method == "POST":
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": ADDRESS,
            "Sec-Fetch-Site": "same-origin",
        }
    connection = http.client.HTTPConnection(target.netloc, timeout=30)
    try:
        connection.request(method, target._replace(scheme="", netloc="").geturl(), b"" if method == "POST" else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    assert answer.status == status, f"{method} {link}: {answer.status} {text}"
    assert answer.getheader("Cache-Control") == "no-store" and answer.getheader("Content-Type").startswith("text/html")
    page = Page(text)
    assert not page.tags & {"script", "img", "iframe", "link", "style"} and not page.links, page.tags
    return page

"""curl, and what it got."""

import subprocess
from xml.etree import ElementTree

from .scenario import FOLDER

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'


class Reply:
    """What curl got: status line, headers in lower case, body."""

    def __init__(self, got):
        head, _, self.body = got.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        _, code, *reason = status.split(" ", 2)
        self.status, self.reason = int(code), "".join(reason)
        self.headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}

    @property
    def text(self):
        """The body as text."""
        return self.body.decode()

    def members(self):
        """A multistatus as `{href: response}`."""
        assert self.status == 207, f"expected 207, got {self.status} {self.reason}: {self.text}"
        responses = ElementTree.fromstring(self.text).findall(f"{DAV}response")
        return {response.findtext(f"{DAV}href"): response for response in responses}


def run(method, url, body, headers, *options, user=None):
    """Runs curl once. No redirect is followed, nothing is remembered."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "60", "--noproxy", "*", *options]
    command += ["--head"] if method == "HEAD" else ["--request", method]
    if user:
        command += ["--user", ":".join(user)]
    # Else curl waits for a 100 before it sends a larger body, whose head would stand first here.
    for header in ("Expect:", *headers):
        command += ["--header", header]
    if body is not None:
        command += ["--data-binary", "@-"]
    sent = body.encode() if isinstance(body, str) else body
    said = subprocess.run([*command, url], input=sent, capture_output=True, cwd=FOLDER)
    assert said.returncode == 0, f"curl ended with {said.returncode}: {said.stderr.decode()}"
    return Reply(said.stdout)

"""Makes readable text of recorded connections: each request with its answer, in the order of time.

Chunked and compressed bodies are shown as what they carry. What is not HTTP is shown as it is.
"""

import base64
import bisect
import gzip
import zlib

INDENT = "    "
# Longer bodies are cut in the middle; failures are found at either end.
LONGEST_BODY = 20_000


def render(connections):
    """All exchanges of all `connections` as a list of texts, numbered, in the order of their requests."""
    exchanges = []
    for number, connection in enumerate(connections, 1):
        requests = list(_messages(bytes(connection.sent), connection.sent_at, []))
        methods = [message.start.split(" ", 1)[0] for message in requests]
        answers = list(_messages(bytes(connection.received), connection.received_at, methods))
        for index, request in enumerate(requests):
            answer = answers[index] if index < len(answers) else None
            exchanges.append((request.at, number, request, answer))
    exchanges.sort(key=lambda exchange: exchange[0])
    first = exchanges[0][0] if exchanges else 0
    return [
        f"== {index}, connection {number}, after {at - first:.3f} s\n{request.text('> ')}\n"
        + (answer.text("< ") if answer else "< (no answer)\n")
        for index, (at, number, request, answer) in enumerate(exchanges, 1)
    ]


class _Message:
    def __init__(self, at, start, headers, body):
        self.at, self.start, self.headers, self.body = at, start, headers, body

    def text(self, mark):
        lines = [mark + self.start]
        lines += [f"{mark}{name}: {_shown(name, value)}" for name, value in self.headers]
        body = _decoded(self.headers, self.body)
        if len(body) > LONGEST_BODY:
            half = LONGEST_BODY // 2
            body = body[:half] + f"\n[… {len(body) - LONGEST_BODY} characters …]\n" + body[-half:]
        lines += [INDENT + line for line in body.splitlines()]
        return "\n".join(lines) + "\n"


def _shown(name, value):
    """A header's value; of a login with its password only the login."""
    scheme, _, token = value.partition(" ")
    if name.lower() != "authorization" or scheme.lower() != "basic":
        return value
    try:
        return f"Basic ({base64.b64decode(token).decode().partition(':')[0]})"
    except ValueError:
        return value


def _decoded(headers, body):
    coding = next((value for name, value in headers if name.lower() == "content-encoding"), "").strip().lower()
    try:
        if coding == "gzip":
            body = gzip.decompress(body)
        elif coding == "deflate":
            body = zlib.decompress(body)
    except (OSError, EOFError, zlib.error):
        pass
    return body.decode("utf-8", "replace")


def _messages(stream, times, methods):
    """Cuts one direction of a connection into messages; `methods` are what answers belong to."""
    offset, count = 0, 0
    while offset < len(stream):
        at = _time(times, offset)
        end = stream.find(b"\r\n\r\n", offset)
        if end < 0:
            yield _Message(at, "(not a whole message)", [], stream[offset:])
            return
        start, *lines = stream[offset:end].decode("latin-1").split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        status = start.split(" ")[1] if start.startswith("HTTP/") else ""
        method = methods[count] if count < len(methods) else ""
        body, offset = _body(stream, end + 4, headers, status, method)
        yield _Message(at, start, headers, body)
        # An answer of the 1xx class is not the answer.
        count += not status.startswith("1")


def _body(stream, offset, headers, status, method):
    """The body that begins at `offset`, and where the next message begins."""
    fields = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in ("204", "304") or status.startswith("1"):
        return b"", offset
    if fields.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(stream, offset)
    if "content-length" in fields:
        end = offset + int(fields["content-length"])
        return stream[offset:end], end
    # Without a length an answer ends with its connection, and a request has no body.
    return (stream[offset:], len(stream)) if status else (b"", offset)


def _chunks(stream, offset):
    body = b""
    while True:
        end = stream.find(b"\r\n", offset)
        if end < 0:
            return body + stream[offset:], len(stream)
        size = int(stream[offset:end].split(b";")[0] or b"0", 16)
        if size == 0:
            trailer = stream.find(b"\r\n\r\n", end)
            return body, len(stream) if trailer < 0 else trailer + 4
        body += stream[end + 2 : end + 2 + size]
        offset = end + 2 + size + 2


def _time(times, offset):
    index = bisect.bisect_right(times, offset, key=lambda entry: entry[0]) - 1
    return times[max(index, 0)][1] if times else 0.0

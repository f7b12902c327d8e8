"""nginx and Caddy before the program, as `packaging/nginx.conf` and `packaging/Caddyfile` configure them.

Everything that programs rely on must come through: methods, header fields, ETags, refusals, large bodies, and
whose address it was. On PostgreSQL two servers stand behind each proxy, and no request knows which it meets.
RFC 4918, 4791; D-05, F-10, L-04, L-63.
"""

import hashlib
import os
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

from prometheus_client.parser import text_string_to_metric_families

from harness.curl import CALDAV, DAV, NAMESPACES, run
from harness.proxied import HOST, NAME, Proxy, Server, certificate, free_port
from harness.scenario import FOLDER, PROGRAM, assert_refused, done, event, login, step

# A client's own address, as far as one machine can have several.
ELSEWHERE, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
TEN_MB = os.urandom(10_000_000)


def world_database():
    """Where the data of this run is."""
    lines = Path(PROGRAM[-1]).read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("url = "))


class Client:
    """curl through one proxy."""

    def __init__(self, port):
        self.base = f"https://{NAME}:{port}"
        chain, _ = certificate()
        self._options = ["--resolve", f"{NAME}:{port}:{HOST}", "--cacert", str(chain)]

    def __call__(self, method, path, body=None, *headers, who="alice", user=None, source=ELSEWHERE, options=()):
        user = user or (who and login(who))
        options = [*self._options, "--interface", source, *options]
        return run(method, urljoin(self.base, path), body, headers, *options, user=user)

    def put(self, path, text, *headers, **more):
        """PUT of an event."""
        return self("PUT", path, text, "Content-Type: text/calendar; charset=utf-8", *headers, **more)

    def propfind(self, path, depth, *properties):
        """PROPFIND of the named properties."""
        wanted = "".join(f"<{each}/>" for each in properties)
        body = f"<D:propfind {NAMESPACES}><D:prop>{wanted}</D:prop></D:propfind>"
        return self("PROPFIND", path, body, f"Depth: {depth}", "Content-Type: application/xml").members()


def meeting(uid, day, hour, sequence=0):
    """An event of an hour."""
    return event(uid, uid, f"{day}T{hour:02}0000", f"{day}T{hour + 1:02}0000", sequence=sequence)


def calendars(proxy, curl, day):
    """What calendar programs do."""
    room, other = "/calendars/users/alice/room-aurora/", "/calendars/users/alice/room-borealis/"
    talk, tag = f"talk-{proxy}", None

    with step(f"{proxy}: the account is found from the name alone"):
        reply = curl("PROPFIND", "/.well-known/caldav", None, "Depth: 0", who=None)
        assert reply.status == 301, reply.status
        root = urljoin(curl.base, reply.headers["location"])
        assert root == curl.base + "/", root
        (answer,) = curl.propfind("/", 0, "D:current-user-principal").values()
        assert answer.findtext(f".//{DAV}current-user-principal/{DAV}href") == "/principals/users/alice/"
        assert curl("PROPFIND", "/", None, "Depth: 0", who=None).headers["www-authenticate"].startswith("Basic ")

    with step(f"{proxy}: OPTIONS names classes and methods"):
        reply = curl("OPTIONS", room)
        assert "calendar-access" in reply.headers["dav"] and "REPORT" in reply.headers["allow"], reply.headers

    with step(f"{proxy}: PUT books, and the ETag stays strong however it is asked for"):
        reply = curl.put(f"{room}{talk}.ics", meeting(talk, day, 9), "If-None-Match: *")
        assert reply.status == 201, f"{reply.status} {reply.text}"
        tag = reply.headers["etag"]
        assert tag.startswith('"'), tag
        for accepted in ("identity", "gzip, deflate, br, zstd"):
            got = curl("GET", f"{room}{talk}.ics", None, f"Accept-Encoding: {accepted}")
            assert (got.status, got.headers["etag"], got.text) == (200, tag, meeting(talk, day, 9)), got.headers
            assert "content-encoding" not in got.headers, got.headers
        found = curl("PROPFIND", room, None, "Depth: 1", "Accept-Encoding: gzip")
        assert found.status == 207 and "content-encoding" not in found.headers, found.headers

    with step(f"{proxy}: conditions arrive"):
        assert curl.put(f"{room}{talk}.ics", meeting(talk, day, 10), "If-None-Match: *").status == 412
        assert curl("GET", f"{room}{talk}.ics", None, f"If-None-Match: {tag}").status == 304
        reply = curl.put(f"{room}{talk}.ics", meeting(talk, day, 10, sequence=1), f"If-Match: {tag}")
        assert reply.status == 204 and reply.headers["etag"] != tag, f"{reply.status} {reply.headers}"
        assert curl.put(f"{room}{talk}.ics", meeting(talk, day, 11), f"If-Match: {tag}").status == 412

    with step(f"{proxy}: a body in chunks is a body"):
        chunked = curl.put(f"{room}chunked-{proxy}.ics", meeting(f"chunked-{proxy}", day, 14), "Transfer-Encoding: chunked")
        assert chunked.status == 201, f"{chunked.status} {chunked.text}"

    with step(f"{proxy}: a refusal arrives as it was sent"):
        reply = curl.put(f"{room}taken-{proxy}.ics", meeting(f"taken-{proxy}", day, 10), "If-None-Match: *", who="alice")
        assert_refused(reply.status, reply.text, "aurora")
        (child,) = ElementTree.fromstring(reply.text)
        assert child.tag == "{urn:roomdav}busy", reply.text
        assert reply.headers["content-type"].startswith("application/xml"), reply.headers

    with step(f"{proxy}: names with a space and a percent sign are the same on both sides"):
        odd = f"{room}a%20b%25c-{proxy}.ics"
        assert curl.put(odd, meeting(f"odd-{proxy}", day, 15)).status == 201
        assert odd in curl.propfind(room, 1, "D:getetag")
        assert curl("DELETE", odd).status == 204

    with step(f"{proxy}: MKCALENDAR makes a calendar, and REPORT asks"):
        assert curl("MKCALENDAR", f"/calendars/users/alice/projects-{proxy}/").status == 201
        body = f"""<C:calendar-query {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>
            <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
            <C:time-range start="{day}T000000Z" end="{day}T235959Z"/>
            </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""
        found = curl("REPORT", room, body, "Depth: 1", "Content-Type: application/xml").members()
        texts = [it.findtext(f".//{CALDAV}calendar-data") for it in found.values()]
        assert any(f"UID:{talk}" in text for text in texts), texts

    with step(f"{proxy}: MOVE goes to an https address, and to no other server's"):
        at = f"{other}{talk}.ics"
        reply = curl("MOVE", f"{room}{talk}.ics", None, f"Destination: https://other.example.org{at}", "Overwrite: F")
        assert reply.status == 502, f"{reply.status} {reply.text}"
        reply = curl("MOVE", f"{room}{talk}.ics", None, f"Destination: {curl.base}{at}", "Overwrite: F")
        assert reply.status == 201, f"{reply.status} {reply.text}"
        assert curl("GET", f"{room}{talk}.ics").status == 404 and curl("DELETE", at).status == 204


def files(proxy, curl):
    """What file managers do."""
    plan = f"/files/users/alice/plan-{proxy}.pdf"

    with step(f"{proxy}: a file of 10 MB goes up and comes back, in pieces"):
        reply = curl("PUT", plan, TEN_MB, "Content-Type: application/pdf")
        assert reply.status == 201, f"{reply.status} {reply.text}"
        got = curl("GET", plan, None, "Accept-Encoding: gzip")
        assert hashlib.sha256(got.body).digest() == hashlib.sha256(TEN_MB).digest(), len(got.body)
        part = curl("GET", plan, None, "Range: bytes=5-14")
        assert (part.status, part.body) == (206, TEN_MB[5:15])

    with step(f"{proxy}: a lock keeps others out until it is given back"):
        body = f"<D:lockinfo {NAMESPACES}><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"
        reply = curl("LOCK", plan, body, "Timeout: Second-600", "Content-Type: application/xml")
        assert reply.status == 200, f"{reply.status} {reply.text}"
        token = reply.headers["lock-token"]
        assert curl("PUT", plan, b"other").status == 423
        assert curl("PUT", plan, b"other", f"If: ({token})").status == 204
        assert curl("UNLOCK", plan, None, f"Lock-Token: {token}").status == 204

    with step(f"{proxy}: 64 MiB are taken, and not a byte more"):
        large, most = f"/files/users/alice/large-{proxy}", 64 << 20
        reply = curl("PUT", large, bytes(most))
        assert reply.status == 201, f"{reply.status} {reply.text}"
        reply = curl("PUT", large, bytes(most + 1), options=["--http1.1"])
        # Caddy goes on sending what nobody takes any more, and may miss the answer.
        assert reply.status == 413 or (proxy == "caddy" and reply.status == 502), f"{reply.status} {reply.text}"
        assert curl("HEAD", large).headers["content-length"] == str(most)
        assert curl("DELETE", large).status == 204


def addresses(proxy, curl, servers):
    """Whose address it was (D-05)."""
    with step(f"{proxy}: the log has the client's address, whatever the client says of itself"):
        curl("GET", f"/principals/users/alice/whence-{proxy}", None, "X-Forwarded-For: 203.0.113.9", source=NEIGHBOUR)
        seen = [line for server in servers for line in server.lines() if line.get("path", "").endswith(f"whence-{proxy}")]
        assert [line["address"] for line in seen] == [NEIGHBOUR], seen

    with step(f"{proxy}: who guesses passwords is slowed, and the neighbour is not"):
        # Each server counts for itself.
        guesses = range(25 * len(servers))
        tries = {curl("GET", "/", user=("bob", f"guess-{proxy}-{number}")).status for number in guesses}
        assert tries == {401, 429}, tries
        assert curl("PROPFIND", "/", None, "Depth: 0", who="bob", source=NEIGHBOUR).status == 207

    with step(f"{proxy}: metrics are for this machine"):
        assert curl("GET", "/metrics", who=None).status == 404
        assert curl("GET", "/health/ready", who=None).status == 200
        total = 0
        for server in servers:
            with urllib.request.urlopen(f"http://{server.address}/metrics", timeout=10) as answer:
                families = {it.name: it for it in text_string_to_metric_families(answer.read().decode())}
            samples = families["roomdav_sign_ins_refused"].samples
            total += sum(it.value for it in samples if it.labels["why"] in ("wrong", "throttled"))
            assert families["roomdav_http_request_duration_seconds"].type == "histogram"
            assert families["roomdav_database_up"].samples[0].value == 1
        assert total >= 25 * len(servers), total


def restarts(proxy, curl, servers, day):
    """One server after the other ends and comes back, while programs go on."""
    with step(f"{proxy}: servers restart one by one, and nobody is refused"):
        room, count, lost = "/calendars/users/alice/room-hudson/", 0, 0
        for server in servers:
            assert server.stop() == 0
            for back in (False, True):
                if back:
                    server.start()
                    # Caddy looks once a second who is there.
                    time.sleep(2 if proxy == "caddy" else 0)
                for _ in range(5):
                    uid = f"rolling-{proxy}-{count}"
                    text = event(uid, uid, f"{day}T{count:02}0000", f"{day}T{count:02}3000")
                    reply = curl.put(f"{room}{uid}.ics", text, "If-None-Match: *")
                    if reply.status == 502 and proxy == "caddy":
                        # Caddy 2.6 cannot send a body twice. The program does, a little later.
                        lost += 1
                        time.sleep(2)
                        reply = curl.put(f"{room}{uid}.ics", text, "If-None-Match: *")
                    assert reply.status == 201, f"{count}: {reply.status} {reply.text}"
                    assert curl("GET", f"{room}{uid}.ics").text == text
                    count += 1
        members = [href for href in curl.propfind(room, 1, "D:getetag") if f"rolling-{proxy}" in href]
        assert len(members) == count == 20 and lost <= len(servers), (len(members), lost)


def through(proxy, database, how_many, day):
    """Everything, through one proxy."""
    curl = Client(free_port())
    servers = [Server(curl.base, database) for _ in range(how_many)]
    if proxy == "nginx" and how_many == 1:
        furnish(servers[0])
    try:
        for server in servers:
            server.start()
        with Proxy(proxy, int(curl.base.rpartition(":")[2]), servers) as running:
            try:
                calendars(proxy, curl, day)
                files(proxy, curl)
                addresses(proxy, curl, servers)
                if how_many > 1:
                    restarts(proxy, curl, servers, day)
            except SystemExit:
                print(running.log(), flush=True)
                raise
    finally:
        codes = [server.stop() for server in servers]
    with step(f"{proxy}: the servers behind it end in order"):
        assert codes == [0] * how_many, codes


def furnish(server):
    """The people and rooms of the tests, in a database of its own."""
    for who in ("alice", "bob"):
        _, password = login(who)
        server.command("user", "add", who, "--email", f"{who}@example.org", "--password-stdin", stdin=password + "\n")
    for slug in ("aurora", "borealis"):
        server.command("room", "add", slug, "--name", slug.title(), "--zone", "Europe/Vienna")


# One server has an SQLite file, and the tests' own has that of this run.
DATABASE, HOW_MANY = world_database(), 2
if DATABASE.startswith("sqlite"):
    DATABASE, HOW_MANY = f"sqlite://{FOLDER}/proxied.sqlite", 1
for number, kind in enumerate(("nginx", "caddy")):
    began = time.monotonic()
    through(kind, DATABASE, HOW_MANY, f"202703{10 + number}")
    print(f"{kind}: {time.monotonic() - began:.0f} s", flush=True)
done()

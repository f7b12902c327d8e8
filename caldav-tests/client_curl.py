"""curl: the raw requests, one after the other, as any HTTP program can send them.

What is expected of each answer stands beside it. RFC 4918, 4791, 6578, 6764; clients 1.2, 3.2, 4.2.
"""

import re
from urllib.parse import urljoin
from xml.etree import ElementTree

from harness.curl import CALDAV, CALENDAR_SERVER, DAV, NAMESPACES, run
from harness.scenario import ADDRESS, ROOMS, Person, assert_refused, done, event, login, name, step


def curl(method, path, body=None, *headers, who="alice"):
    """One request, of Alice where nobody else is named."""
    return run(method, urljoin(ADDRESS, path), body, headers, user=who and login(who))


def propfind(path, depth, *properties):
    """PROPFIND of the named properties."""
    wanted = "".join(f"<{each}/>" for each in properties)
    body = f"<D:propfind {NAMESPACES}><D:prop>{wanted}</D:prop></D:propfind>"
    return curl("PROPFIND", path, body, f"Depth: {depth}", "Content-Type: application/xml").members()


def report(path, body, depth=1):
    """Any REPORT, its answer as members."""
    return curl("REPORT", path, body, f"Depth: {depth}", "Content-Type: application/xml")


def href_in(response, wanted):
    """The href inside a property."""
    found = response.find(f".//{wanted}/{DAV}href")
    assert found is not None, f"no {wanted}: {ElementTree.tostring(response).decode()}"
    return found.text


def put(path, text, *headers):
    """PUT of an event."""
    return curl("PUT", path, text, "Content-Type: text/calendar; charset=utf-8", *headers)


def query(day):
    """A calendar-query for the events of a day, with their texts."""
    return f"""<C:calendar-query {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>
        <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
        <C:time-range start="{day}T000000Z" end="{day}T235959Z"/>
        </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


def talk(day="20270310", start="12", end="13", sequence=0):
    """Alice's own event."""
    return event("talk@alice", "Talk", f"{day}T{start}0000", f"{day}T{end}0000", sequence=sequence)


bob = Person("bob")
bob.books("aurora", event("board@bob", "Board", "20270310T100000", "20270310T110000"), "board.ics")

with step("the well-known address leads to the root without a login"):
    reply = curl("PROPFIND", "/.well-known/caldav", None, "Depth: 0", who=None)
    assert reply.status in (301, 302, 307, 308), reply.status
    root = reply.headers["location"]
    assert urljoin(ADDRESS, root).startswith(ADDRESS), root

with step("without a login everything else is 401 with a Basic challenge"):
    for method, path in (("PROPFIND", root), ("GET", root), ("OPTIONS", root), ("PUT", "/calendars/users/alice/x.ics")):
        reply = curl(method, path, who=None)
        if method == "OPTIONS" and reply.status == 200:
            continue
        assert (reply.status, reply.reason) == (401, "Unauthorized"), f"{method}: {reply.status} {reply.reason}"
        assert reply.headers["www-authenticate"].startswith("Basic realm="), reply.headers

with step("principal, home and rooms are found from the address alone"):
    (answer,) = propfind(root, 0, "D:current-user-principal").values()
    principal = href_in(answer, f"{DAV}current-user-principal")
    (answer,) = propfind(principal, 0, "C:calendar-home-set", "C:calendar-user-address-set").values()
    home = href_in(answer, f"{CALDAV}calendar-home-set")
    calendars = propfind(home, 1, "D:resourcetype", "D:displayname", "CS:getctag", "D:sync-token")
    named = {
        response.findtext(f".//{DAV}displayname"): href
        for href, response in calendars.items()
        if response.find(f".//{DAV}resourcetype/{CALDAV}calendar") is not None
    }
    for room in ROOMS.values():
        assert room["name"] in named, f"{room['name']} is not among {sorted(named)}"
    aurora, borealis = named["Aurora"], named["Borealis"]

with step("OPTIONS names the classes, 1 first, the same everywhere"):
    classes = {curl("OPTIONS", path).headers["dav"] for path in (root, principal, home, aurora)}
    assert len(classes) == 1, classes
    tokens = [token.strip() for token in classes.pop().split(",")]
    assert tokens[0] == "1" and "calendar-access" in tokens, tokens
    assert "PUT" in curl("OPTIONS", aurora).headers["allow"]

with step("PUT books a free hour, and its text comes back byte for byte"):
    reply = put(aurora + "talk.ics", talk(), "If-None-Match: *")
    assert reply.status == 201, f"{reply.status} {reply.reason} {reply.text}"
    tag = reply.headers["etag"]
    got = curl("GET", aurora + "talk.ics")
    assert (got.status, got.text, got.headers["etag"]) == (200, talk(), tag), got.text
    assert got.headers["content-type"].startswith("text/calendar"), got.headers
    head = curl("HEAD", aurora + "talk.ics")
    assert (head.status, head.headers["etag"], head.text) == (200, tag, "")

with step("PUT into a taken hour is 403 with a sentence, and stores nothing"):
    taken = event("taken@alice", "Mine", "20270310T103000", "20270310T113000")
    reply = put(aurora + "taken.ics", taken, "If-None-Match: *")
    assert_refused(reply.status, reply.text, "aurora")
    assert reply.reason not in ("", "Forbidden") and len(reply.reason) <= 80, reply.reason
    error = ElementTree.fromstring(reply.text)
    assert error.tag == f"{DAV}error" and [child.tag for child in error] == ["{urn:roomdav}busy"], reply.text
    assert reply.headers["content-type"].startswith("application/xml"), reply.headers
    assert curl("GET", aurora + "taken.ics").status == 404

with step("conditions hold: a name that is there, and a version that is gone, are 412"):
    assert put(aurora + "talk.ics", talk(start="14", end="15"), "If-None-Match: *").status == 412
    assert put(aurora + "talk.ics", talk(start="14", end="15"), 'If-Match: "no-such-version"').status == 412
    assert curl("DELETE", aurora + "talk.ics", None, 'If-Match: "no-such-version"').status == 412
    assert curl("GET", aurora + "talk.ics", None, f"If-None-Match: {tag}").status == 304
    assert curl("GET", aurora + "talk.ics").headers["etag"] == tag

with step("PUT with the right version moves the event, and the old hour is free"):
    reply = put(aurora + "talk.ics", talk(start="14", end="15", sequence=1), f"If-Match: {tag}")
    assert reply.status == 204, f"{reply.status} {reply.reason} {reply.text}"
    bob.books("aurora", event("noon@bob", "Noon", "20270310T120000", "20270310T130000"), "noon.ics")
    bob.is_refused("aurora", event("late@bob", "Late", "20270310T143000", "20270310T153000"), "late.ics")

with step("a change into a taken hour is 403, and what was booked stays"):
    before = curl("GET", aurora + "talk.ics")
    reply = put(aurora + "talk.ics", talk(start="12", end="13", sequence=2), f"If-Match: {before.headers['etag']}")
    assert_refused(reply.status, reply.text, "aurora")
    after = curl("GET", aurora + "talk.ics")
    assert after.text == before.text and after.headers["etag"] != before.headers["etag"], "R4.2"

with step("one UID lives once in a calendar"):
    reply = put(aurora + "copy.ics", talk(day="20270311"), "If-None-Match: *")
    assert reply.status in (403, 409) and "no-uid-conflict" in reply.text, f"{reply.status} {reply.text}"

with step("one instance of a series moves, and only that one"):
    rule = "FREQ=WEEKLY;COUNT=4"
    series = event("class@alice", "Class", "20270316T090000", "20270316T100000", rule=rule)
    assert put(aurora + "class.ics", series, "If-None-Match: *").status == 201
    only = [("20270323T090000", "20270323T130000", "20270323T140000")]
    moved = event("class@alice", "Class", "20270316T090000", "20270316T100000", rule=rule, only=only, sequence=1)
    tag = curl("GET", aurora + "class.ics").headers["etag"]
    assert put(aurora + "class.ics", moved, f"If-Match: {tag}").status == 204
    bob.books("aurora", event("gap@bob", "Gap", "20270323T090000", "20270323T100000"), "gap.ics")
    bob.is_refused("aurora", event("no1@bob", "No", "20270323T130000", "20270323T140000"), "no1.ics")
    bob.is_refused("aurora", event("no2@bob", "No", "20270330T090000", "20270330T100000"), "no2.ics")

with step("calendar-query finds what touches a day, and shows others' events masked"):
    found = report(aurora, query("20270310")).members()
    texts = [response.findtext(f".//{CALDAV}calendar-data") for response in found.values()]
    assert len(found) == 3 and all(response.find(f".//{DAV}getetag") is not None for response in found.values())
    assert sum("UID:talk@alice" in text for text in texts) == 1, texts
    masked = [text for text in texts if "DTSTART;TZID=Europe/Vienna:20270310T100000" in text or "T090000Z" in text]
    assert masked and not any("Board" in text or "board@bob" in text for text in texts), texts
    assert name("bob") in masked[0], masked[0]

with step("calendar-multiget answers each href, the missing one with 404"):
    body = f"""<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>
        <D:href>{aurora}talk.ics</D:href><D:href>{aurora}nothing.ics</D:href></C:calendar-multiget>"""
    found = report(aurora, body).members()
    assert "UID:talk@alice" in found[f"{aurora}talk.ics"].findtext(f".//{CALDAV}calendar-data")
    assert " 404 " in found[f"{aurora}nothing.ics"].findtext(f"{DAV}status"), "R2.2"


def sync(token):
    """What changed since `token`, and the token for the next time."""
    body = f"""<D:sync-collection {NAMESPACES}><D:sync-token>{token}</D:sync-token>
        <D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"""
    reply = report(aurora, body, depth=0)
    changed = reply.members()
    return changed, ElementTree.fromstring(reply.text).findtext(f"{DAV}sync-token")


with step("sync-collection tells of another person's new, changed and deleted event"):
    everything, token = sync("")
    assert f"{aurora}talk.ics" in everything, sorted(everything)
    ctag = propfind(aurora, 0, "CS:getctag")[aurora].findtext(f".//{CALENDAR_SERVER}getctag")
    bob.books("aurora", event("new@bob", "New", "20270312T100000", "20270312T110000"), "new.ics")
    changed, token = sync(token)
    assert len(changed) == 1, sorted(changed)
    assert propfind(aurora, 0, "CS:getctag")[aurora].findtext(f".//{CALENDAR_SERVER}getctag") != ctag
    (href,) = changed
    bob.books("aurora", event("new@bob", "New", "20270312T150000", "20270312T160000", sequence=1), "new.ics")
    changed, token = sync(token)
    assert list(changed) == [href], sorted(changed)
    assert re.search("T150000|T140000Z", curl("GET", href).text), "the new hour"
    bob.deletes("aurora", "new.ics")
    changed, token = sync(token)
    assert " 404 " in changed[href].findtext(f"{DAV}status")
    assert sync(token)[0] == {}

with step("a token that the server never gave is 403 valid-sync-token"):
    body = f"""<D:sync-collection {NAMESPACES}><D:sync-token>urn:nobody:1</D:sync-token>
        <D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"""
    reply = report(aurora, body)
    assert reply.status == 403 and "valid-sync-token" in reply.text, f"{reply.status} {reply.text}"

with step("free-busy-query tells when the room is taken, and not by whom"):
    body = f"""<C:free-busy-query {NAMESPACES}>
        <C:time-range start="20270310T000000Z" end="20270311T000000Z"/></C:free-busy-query>"""
    reply = report(aurora, body)
    assert reply.status == 200 and "BEGIN:VFREEBUSY" in reply.text, f"{reply.status} {reply.text}"
    assert "20270310T090000Z/" in reply.text and "Board" not in reply.text, reply.text

with step("MOVE takes an event to another room, and frees the first"):
    to = "Destination: " + urljoin(ADDRESS, borealis) + "talk.ics"
    reply = curl("MOVE", aurora + "talk.ics", None, to, "Overwrite: F")
    assert reply.status in (201, 204), f"{reply.status} {reply.reason} {reply.text}"
    assert curl("GET", aurora + "talk.ics").status == 404
    assert "UID:talk@alice" in curl("GET", borealis + "talk.ics").text
    bob.books("aurora", event("after@bob", "After", "20270310T140000", "20270310T150000"), "after.ics")

with step("MOVE into a room that is taken is 403, and the event stays where it is"):
    to = "Destination: " + urljoin(ADDRESS, aurora) + "talk.ics"
    reply = curl("MOVE", borealis + "talk.ics", None, to, "Overwrite: F")
    assert_refused(reply.status, reply.text, "aurora")
    assert curl("GET", borealis + "talk.ics").status == 200

with step("DELETE frees the hour; of somebody else's event it is refused"):
    tag = curl("GET", borealis + "talk.ics").headers["etag"]
    assert curl("DELETE", borealis + "talk.ics", None, f"If-Match: {tag}").status == 204
    assert curl("GET", borealis + "talk.ics").status == 404
    bob.books("borealis", event("free@bob", "Free", "20270310T140000", "20270310T150000"), "free.ics")
    (foreign,) = propfind(borealis, 1, "D:getetag").keys() - {borealis}
    assert curl("DELETE", foreign).status == 403
    assert "Free" in curl("GET", foreign).text, "this room shows titles"

with step("a manager sees the titles in a room that masks them, and cancels for others"):
    everything = curl("REPORT", "/calendars/users/maria/room-aurora/", query("20270310"), "Depth: 1", who="maria")
    found = everything.members()
    (noon,) = (href for href, response in found.items() if "Noon" in response.findtext(f".//{CALDAV}calendar-data"))
    assert curl("DELETE", noon, who="maria").status == 204
    reply = put(aurora + "again.ics", event("again@alice", "Again", "20270310T120000", "20270310T130000"))
    assert reply.status == 201, f"{reply.status} {reply.reason} {reply.text}"

done()

"""python-caldav: the library of scripts and of Home Assistant.

It raises a refusal as an error with status, preconditions and body.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from caldav import DAVClient
from caldav.lib import error
from harness.scenario import ADDRESS, ROOMS, Person, assert_refused, done, event, login, name, step

VIENNA = ZoneInfo("Europe/Vienna")
user, password = login("alice")
# The address is an address already: no name service is asked for a better one.
client = DAVClient(url=ADDRESS, username=user, password=password, enable_rfc6764=False)
bob = Person("bob")
bob.books("aurora", event("board@bob", "Board", "20270310T100000", "20270310T110000"), "board.ics")
bob.books("borealis", event("open@bob", "Open day", "20270310T100000", "20270310T110000"), "open.ics")


def at(day, hour):
    """An hour of March 2027 in Vienna."""
    return datetime(2027, 3, day, hour, tzinfo=VIENNA)


def on(calendar, day, expand=False):
    """The events of a day."""
    return calendar.search(event=True, start=at(day, 0), end=at(day, 0) + timedelta(days=1), expand=expand)


def texts(events):
    """What the server said of them."""
    return "".join(each.get_data() for each in events)


def refused(work, room):
    """Carries out what the server must refuse."""
    try:
        work()
    except error.DAVError as refusal:
        body = refusal.body.decode() if isinstance(refusal.body, bytes) else refusal.body or ""
        assert_refused(refusal.status, body, room)
        # python-caldav 3.6.0: `reason` is the standard phrase of the status, since niquests 3.21.2
        # drops the server's. The element inside tells programs the same.
        assert refusal.preconditions == ["{urn:roomdav}busy"], refusal.preconditions
    else:
        raise AssertionError("it was not refused")


def moved(found, start, end, **how):
    """Gives an event other times and saves it."""
    with found.edit_icalendar_component() as component:
        component.start, component.end = start, end
    found.save(**how)


with step("finds the account and every room from the server's address alone"):
    principal = client.principal()
    calendars = {calendar.get_display_name(): calendar for calendar in principal.get_calendars()}
    for room in ROOMS.values():
        assert room["name"] in calendars, f"{room['name']} is not among {sorted(calendars)}"
    aurora, borealis = calendars["Aurora"], calendars["Borealis"]
    assert client.check_cdav_support()

with step("sees others' events: masked, or with their titles where the room shows them"):
    masked = texts(on(aurora, 10))
    assert name("bob") in masked and "Board" not in masked, masked
    assert "Open day" in texts(on(borealis, 10))

with step("books a free hour"):
    talk = aurora.add_event(uid="talk@alice", summary="Talk", dtstart=at(10, 12), dtend=at(10, 13))
    assert "Talk" in texts(on(aurora, 10))
    bob.is_refused("aurora", event("no@bob", "No", "20270310T123000", "20270310T133000"), "no.ics")

with step("is refused on a taken hour, with the sentence; nothing of it stays"):
    late = {"uid": "late@alice", "summary": "Late", "dtstart": at(10, 10), "dtend": at(10, 11)}
    refused(lambda: aurora.add_event(**late), "aurora")
    assert "late@alice" not in texts(on(aurora, 10))

with step("moves its event, which frees the old hour"):
    moved(aurora.get_event_by_uid("talk@alice"), at(10, 14), at(10, 15))
    bob.books("aurora", event("noon@bob", "Noon", "20270310T120000", "20270310T130000"), "noon.ics")

with step("a refused move leaves the event where it was"):
    refused(lambda: moved(aurora.get_event_by_uid("talk@alice"), at(10, 10), at(10, 11)), "aurora")
    assert aurora.get_event_by_uid("talk@alice").icalendar_component.start == at(10, 14)
    bob.is_refused("aurora", event("no@bob", "No", "20270310T140000", "20270310T150000"), "no.ics")

with step("moves one instance of a series, and only that one"):
    rule = {"FREQ": "WEEKLY", "COUNT": 4}
    aurora.add_event(uid="class@alice", summary="Class", dtstart=at(16, 9), dtend=at(16, 10), rrule=rule)
    (instance,) = on(aurora, 23, expand=True)
    moved(instance, at(23, 13), at(23, 14), only_this_recurrence=True)
    bob.books("aurora", event("gap@bob", "Gap", "20270323T090000", "20270323T100000"), "gap.ics")
    bob.is_refused("aurora", event("no1@bob", "No", "20270323T130000", "20270323T140000"), "no1.ics")
    bob.is_refused("aurora", event("no2@bob", "No", "20270330T090000", "20270330T100000"), "no2.ics")

with step("its events in every room are in the reservations calendar too"):
    (own,) = (each for each in calendars.values() if str(each.url).endswith("/reservations/"))
    assert "Talk" in texts(own.get_events()) and "Class" in texts(own.get_events())

with step("sees another person's new, moved and deleted event by its sync token"):
    seen = borealis.get_objects_by_sync_token(load_objects=True, disable_fallback=True)
    bob.books("borealis", event("open@bob", "Open evening", "20270310T180000", "20270310T190000", sequence=1), "open.ics")
    bob.books("borealis", event("more@bob", "More", "20270311T180000", "20270311T190000"), "more.ics")
    updated, deleted = seen.sync()
    assert len(updated) == 2 and not deleted, (updated, deleted)
    assert "Open evening" in texts(updated) and "More" in texts(updated), texts(updated)
    bob.deletes("borealis", "open.ics")
    updated, deleted = seen.sync()
    assert not updated and len(deleted) == 1, (updated, deleted)
    assert not seen.sync_token.startswith("fake-"), "it had to compare everything"

with step("deletes its event, which frees the hour"):
    aurora.get_event_by_uid("talk@alice").delete()
    bob.books("aurora", event("after@bob", "After", "20270310T140000", "20270310T150000"), "after.ics")
    assert "Talk" not in texts(on(aurora, 10))

with step("makes a calendar of its own, books a room from it, keeps a task, and removes it again"):
    club = principal.make_calendar(name="Club", cal_id="club")
    assert "Club" in {calendar.get_display_name() for calendar in principal.get_calendars()}
    invitation = event("club@alice", "Club", "20270311T100000", "20270311T110000").replace(
        "END:VEVENT",
        "ORGANIZER:mailto:alice@example.org\r\nATTENDEE;CUTYPE=ROOM:/principals/rooms/aurora/\r\nEND:VEVENT",
    )
    club.add_event(invitation)
    assert "PARTSTAT=ACCEPTED" in texts(club.get_events())
    bob.is_refused("aurora", event("no3@bob", "No", "20270311T100000", "20270311T110000"), "no3.ics")
    club.add_todo(uid="milk@alice", summary="Milk", due=at(12, 10))
    assert [todo.icalendar_component["summary"] for todo in club.get_todos()] == ["Milk"]
    club.delete()
    assert "Club" not in {calendar.get_display_name() for calendar in principal.get_calendars()}
    bob.books("aurora", event("yes@bob", "Yes", "20270311T100000", "20270311T110000"), "yes.ics")

with step("invites a person, who finds the invitation, answers it, and is told when it is off"):
    dinner = event("dinner@alice", "Dinner", "20270312T190000", "20270312T210000").replace(
        "END:VEVENT",
        "ORGANIZER:mailto:alice@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\r\n"
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.org\r\nEND:VEVENT",
    )
    own.add_event(dinner)
    user, password = login("bob")
    guest = DAVClient(url=ADDRESS, username=user, password=password, enable_rfc6764=False).principal()
    (message,) = guest.schedule_inbox().get_items()
    message.load()
    assert "METHOD:REQUEST" in message.get_data() and "Dinner" in message.get_data()
    (theirs,) = (each for each in guest.get_calendars() if str(each.url).endswith("/reservations/"))
    copy = theirs.get_event_by_uid("dinner@alice")
    copy.change_attendee_status(attendee="mailto:bob@example.org", partstat="TENTATIVE")
    copy.save()
    answers = own.get_event_by_uid("dinner@alice").get_data().replace("\r\n ", "").splitlines()
    (answer,) = (line for line in answers if line.startswith("ATTENDEE") and "bob@" in line)
    assert "PARTSTAT=TENTATIVE" in answer, answer
    (reply,) = principal.schedule_inbox().get_items()
    reply.load()
    assert "METHOD:REPLY" in reply.get_data(), reply.get_data()
    own.get_event_by_uid("dinner@alice").delete()
    assert "STATUS:CANCELLED" in theirs.get_event_by_uid("dinner@alice").get_data()

done()

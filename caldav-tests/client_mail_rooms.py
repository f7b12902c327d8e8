"""Mails about what becomes of rooms: dates that were declined and are free again, more people than seats, series
that are split, rooms that are taken back, and people who leave (R43, R51, R53, R62, R90, R92, R102).

Events are written on Vienna's clock; the rooms are in New York, six hours behind, and so are the mails.
"""

from functools import partial

from harness.post import Post, dates, one, readers, reservation, room
from harness.scenario import FOLDER, Person, done, event, passes, roomdav, step

YUKON, TETON = "/principals/rooms/yukon/", "/principals/rooms/teton/"
NINTH = "2027-03-09T"

alice, bob, maria = Person("alice"), Person("bob"), Person("maria")
people = ((alice, 16), (bob, 18))


def at(day, hour):
    """An hour in March, on Vienna's clock."""
    return f"202703{day:02}T{hour}0000", f"202703{day:02}T{hour + 1}0000"


def leaves(login, *texts):
    """Somebody who has booked, and goes."""
    roomdav("user", "add", login, "--email", f"{login}@example.org", "--name", "Carla Cole")
    for number, text in enumerate(texts):
        file = FOLDER / f"{number}.ics"
        file.write_text(text, newline="")
        roomdav("import", "--room", "teton", "--as", login, str(file))
    roomdav("user", "disable", login)


with Post() as post:
    with step("people ask for rooms that others have, and that are small"):
        readers()
        # This one offers what becomes free.
        room("yukon", "Yukon")
        # And this one gives it at once.
        room("teton", "Teton", "waitlist=take", seats="2")
        maria.books("yukon", event("first@maria", "Secret plan", "20270309T160000", "20270309T190000"), "first.ics")
        maria.books("teton", event("second@maria", "Other plan", "20270310T160000", "20270310T190000"), "second.ics")
        for person, hour in people:
            some = event(f"some@{person.login}", "Some dates", *at(8, hour), rule="FREQ=DAILY;COUNT=4")
            person.invites(some, "some.ics", YUKON)
            person.invites(event(f"none@{person.login}", "None", *at(10, hour)), "none.ics", TETON)
            guests = [f"mailto:{login}@example.org" for login in ("alice", "bob", "maria")]
            person.invites(event(f"many@{person.login}", "Many", *at(11, hour)), "many.ics", TETON, *guests)
            whole = event(f"whole@{person.login}", "Whole", *at(8, hour + 4), rule="FREQ=WEEKLY;COUNT=4")
            person.books("teton", whole, f"whole-{person.login}.ics")

    with step("whoever did not get all dates, or has too many guests, is told which and how many"):
        mails = post.brings({"declined-dates": 2, "crowded": 2, "declined": 2})
        one(mails, "alice", "declined-dates", "Some dates").says(
            "Room Yukon", "on 9 March 2027 from 10:00 to 11:00", "The other dates of your event are booked."
        )
        one(mails, "bob", "declined-dates", "Some dates").says(
            "Raum Yukon", "am 9. März 2027 von 12:00 bis 13:00", "Die anderen Tage Ihres Termins sind gebucht."
        )
        one(mails, "alice", "crowded", "Many").says("3 people are invited, and room Teton has 2 seats.")
        one(mails, "bob", "crowded", "Many").says("3 Personen sind eingeladen, und Raum Teton hat 2 Plätze.")
        for mail in mails:
            mail.hides("Secret plan", "Other plan")
            assert not mail.links

    with step("what becomes free is offered, or given; what was split is told after a while"):
        assert maria.request("DELETE", maria.member("yukon", "first.ics")).status in (200, 204)
        assert maria.request("DELETE", maria.member("teton", "second.ics")).status in (200, 204)
        for person, hour in people:
            # The second half of a series, whose first half no program has shortened.
            times = at(22, hour + 4)
            half = event(f"whole@{person.login}_R20270322T{hour + 4}0000", "Whole", *times, rule="FREQ=WEEKLY;COUNT=2")
            person.books("teton", half, f"half-{person.login}.ics")
        passes(minutes=11)
        mails = post.brings({"offered": 2, "taken": 2, "split-ended": 2})
        one(mails, "alice", "taken", "None").says("Room Teton has become free on 10 March 2027 from 10:00 to 11:00")
        one(mails, "bob", "taken", "None").says("Raum Teton ist am 10. März 2027 von 12:00 bis 13:00 frei geworden")
        # In New York summer time has begun.
        one(mails, "alice", "split-ended", "Whole").says(
            "in room Teton, the first on 22 March 2027 from 15:00 to 16:00."
        )
        one(mails, "bob", "split-ended", "Whole").says(
            "in Raum Teton übernommen, die erste am 22. März 2027 von 17:00 bis 18:00."
        )

    with step("what was given is booked, and what was split is no longer in the old series"):
        for person, hour in people:
            assert dates("teton", f"none@{person.login}") == [f"2027-03-10T{hour - 6}:00 confirmed"]
            assert "PARTSTAT=ACCEPTED" in person.reads(person.own("none.ics")).replace("\r\n ", "")
            assert person.reads(person.member("teton", f"whole-{person.login}.ics")).count("EXDATE") == 2

    with step("an offer is taken by its link"):
        mail = one(mails, "alice", "offered", "Some dates")
        mail.says("Room Yukon has become free on 9 March 2027 from 10:00 to 11:00", "until 02:")
        after = mail.follow("take", partial(dates, "yukon", "some@alice"))
        assert f"{NINTH}10:00 confirmed" in after and len(after) == 4, after
        text = alice.reads(alice.own("some.ics")).replace("\r\n ", "")
        assert "DECLINED" not in text and text.count("PARTSTAT=ACCEPTED") >= 1, text

    with step("but not what somebody else has by now"):
        mail = one(mails, "bob", "offered", "Some dates")
        mail.says("Raum Yukon ist am 9. März 2027 von 12:00 bis 13:00 frei geworden", "bis 02:")
        maria.books("yukon", event("third@maria", "Faster", *at(9, 18)), "third.ics")
        after = mail.follow("take", partial(dates, "yukon", "some@bob"), late=True)
        assert f"{NINTH}12:00 declined" in after, after
        mail.hides("Faster")

    with step("a room is taken back, a reservation handed over, and somebody leaves"):
        hours = ["--from", "2027-03-11T00:00", "--to", "2027-03-12T00:00"]
        roomdav("block", "add", "teton", *hours, "--reason", "Wet paint", "--hard", "--yes")
        mine = reservation("yukon", "some@alice")
        roomdav("reservation", "transfer", mine, "--to", "bob")
        private = event("own@carla", "Doctor", *at(12, 18)).replace("SEQUENCE:", "CLASS:PRIVATE\r\nSEQUENCE:")
        leaves("carla", event("team@carla", "Team", *at(12, 16)), private)

    with step("each owner hears what was lost and why, both hear of the transfer, and managers get one list"):
        mails = post.brings({"displaced": 2, "transferred": 2, "orphaned": 2})
        one(mails, "alice", "displaced", "Many").says(
            "Wet paint", "Teton, Many: on 11 March 2027 from 10:00 to 11:00. Room Teton is free on 9 March"
        )
        one(mails, "bob", "displaced", "Many").says(
            "Wet paint", "Teton, Many: am 11. März 2027 von 12:00 bis 13:00. Raum Teton ist frei am 9. März"
        )
        one(mails, "alice", "transferred", "Some dates").says(
            "The reservation of room Yukon by Alice Adams is Bob Brown's now."
        )
        one(mails, "bob", "transferred", "Some dates").says(
            "Die Reservierung von Raum Yukon durch Alice Adams gehört jetzt Bob Brown."
        )
        one(mails, "maria", "orphaned", "Carla Cole").says("Teton, Team, on 12 March 2027 from 10:00 to 11:00")
        one(mails, "otto", "orphaned", "Carla Cole").says(
            "Teton, Team, am 12. März 2027 von 10:00 bis 11:00", "von 12:00 bis 13:00"
        )

    with step("a list for managers does not say what somebody keeps private"):
        for manager in ("maria", "otto"):
            one(mails, manager, "orphaned").hides("Doctor")

    with step("it is so: the one is displaced, the other somebody else's, and the third still booked"):
        assert [it.split()[1] for it in dates("teton", "many@alice")] == ["displaced"], dates("teton", "many@alice")
        (row,) = [row for row in roomdav("reservation", "list", "--room", "yukon") if str(row["id"]) == mine]
        assert row["user"] == "bob"
        assert dates("teton", "team@carla") == ["2027-03-12T10:00 confirmed"]

    with step("every kind of message that belongs here was sent, in English and in German"):
        post.has_no_more()
        post.covers("mail_rooms")

done()

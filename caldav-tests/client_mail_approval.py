"""Mails about rooms that a manager gives: whoever asks hears that it waits, managers are asked and reminded, their
answers go by the links in their mails or by command (R70 to R75, R102).

Events are written on Vienna's clock; the rooms are in New York, six hours behind, and so are the mails.
"""

from functools import partial

from harness.post import Post, dates, one, readers, reservation, room
from harness.scenario import Person, done, event, passes, roomdav, step

YUKON = "/principals/rooms/yukon/"

alice, bob = Person("alice"), Person("bob")
people = ((alice, 16), (bob, 18))


def at(day, hour):
    """An hour in March, on Vienna's clock."""
    return f"202703{day:02}T{hour}0000", f"202703{day:02}T{hour + 1}0000"


def ask(person, what, day, hour, *lines):
    """Asks for a room in its own calendar."""
    text = event(f"{what}@{person.login}", what.capitalize(), *at(day, hour))
    text = text.replace("SEQUENCE:", "\r\n".join([*lines, "SEQUENCE:"]))
    where = "teton" if what == "maybe" else "nahanni" if what == "queued" else "yukon"
    person.books(where, text, f"{what}-{person.login}.ics")


def state(what, login, where="yukon"):
    """What can be seen to change."""
    return partial(dates, where, f"{what}@{login}")


with Post() as post:
    with step("people ask for rooms that a manager gives, and book others tentatively"):
        readers()
        room("yukon", "Yukon", "mode=approve")
        room("nahanni", "Nahanni", "mode=approve", "pending=queue")
        room("teton", "Teton", "tentative_events=hold")
        for person, hour in people:
            ask(person, "private", 8, hour, "CLASS:PRIVATE")
            text = event(f"invited@{person.login}", "Invited", *at(9, hour), rule="FREQ=DAILY;COUNT=2")
            person.invites(text, "invited.ics", YUKON)
            person.invites(event(f"late@{person.login}", "Late", *at(12, hour)), "late.ics", YUKON)
            ask(person, "queued", 12, hour, "CLASS:PRIVATE")
            ask(person, "maybe", 12, hour, "STATUS:TENTATIVE")

    with step("whoever asks hears that it waits, and whether the room is kept"):
        mails = post.brings({"approval-waiting": 8, "approval-asked": 16})
        one(mails, "alice", "approval-waiting", "Late").says(
            "Your request for room Yukon on 12 March 2027 from 10:00 to 11:00 waits for a manager's approval.",
            "The room is kept for you until then.",
        )
        one(mails, "bob", "approval-waiting", "Late").says(
            "Ihre Anfrage für Raum Yukon am 12. März 2027 von 12:00 bis 13:00 wartet auf Genehmigung.",
            "Bis dahin ist der Raum für Sie freigehalten.",
        )
        one(mails, "alice", "approval-waiting", "Queued").says("Others can ask for the same time until then.")
        one(mails, "bob", "approval-waiting", "Queued").says("können auch andere um diese Zeit bitten.")
        for person, _ in people:
            assert not any(one(mails, person.login, "approval-waiting", it).links for it in ("Late", "Invited"))

    with step("managers are asked, with links that decide"):
        asked = [mail for mail in mails if mail.kinds == ["approval-asked"]]
        assert all(set(mail.links) == {"approve", "decline"} for mail in asked)
        maria_is_asked = [mail for mail in asked if mail.to == "maria@example.org"]
        otto_is_asked = [mail for mail in asked if mail.to == "otto@example.org"]
        assert len(maria_is_asked) == len(otto_is_asked) == 8
        about_alice = [mail for mail in maria_is_asked if "Alice Adams" in mail.text]
        about_bob = [mail for mail in otto_is_asked if "Bob Brown" in mail.text]
        one(about_alice, "maria", "approval-asked", "Invited").says(
            "Alice Adams asks for room Yukon on 9 March 2027 from 10:00 to 11:00 and one more date."
        )
        one(about_bob, "otto", "approval-asked", "Invited").says(
            "Bob Brown bittet um Raum Yukon am 9. März 2027 von 12:00 bis 13:00 und ein weiterer Termin."
        )

    with step("no manager reads what a private event is called, in the mail or behind its links"):
        (private,) = [mail for mail in about_alice if mail.subject == "To approve: room Yukon"]
        private.says("Alice Adams asks for room Yukon on 8 March 2027 from 10:00 to 11:00.")
        (privat,) = [mail for mail in about_bob if mail.subject == "Zu genehmigen: Raum Yukon"]
        privat.says("Bob Brown bittet um Raum Yukon am 8. März 2027 von 12:00 bis 13:00.")
        for mail in (private, privat):
            mail.hides("Private")
        for person, _ in people:
            one(mails, person.login, "approval-waiting", "Private")

    with step("a manager approves by the link, and declines by the other"):
        assert private.follow("approve", state("private", "alice")) == ["2027-03-08T10:00 confirmed"]
        assert privat.follow("approve", state("private", "bob")) == ["2027-03-08T12:00 confirmed"]
        mail = one(about_alice, "maria", "approval-asked", "Invited")
        after = mail.follow("decline", state("invited", "alice"))
        assert after == ["2027-03-09T10:00 declined", "2027-03-10T10:00 declined"], after
        assert "PARTSTAT=DECLINED" in alice.reads(alice.own("invited.ics")).replace("\r\n ", "")
        mail = one(about_bob, "otto", "approval-asked", "Invited")
        first = ["--occurrence", "2027-03-09T12:00"]
        roomdav("reservation", "approve", reservation("yukon", "invited@bob"), *first, "--remark", "Nur einmal")
        # What was decided one by one stays: once more the link finds a date that is given.
        after = mail.follow("decline", state("invited", "bob"), again="late")
        assert after == ["2027-03-09T12:00 confirmed", "2027-03-10T12:00 declined"], after

    with step("a link decides nothing that another manager has decided"):
        (other,) = [it for it in maria_is_asked if "Alice Adams" in it.text and "8 March" in it.text]
        other.follow("decline", state("private", "alice"), late=True)

    with step("whoever asked hears the answer, and from whom"):
        mails = post.brings({"approved": 3, "not-approved": 2})
        one(mails, "alice", "approved", "Private").says(
            "Maria Meyer approved your request for room Yukon on 8 March 2027 from 10:00 to 11:00."
        )
        one(mails, "bob", "approved", "Private").says(
            "Otto Ochs hat Ihre Anfrage für Raum Yukon am 8. März 2027 von 12:00 bis 13:00 genehmigt."
        )
        one(mails, "alice", "not-approved", "Invited").says(
            "Maria Meyer did not approve your request for room Yukon on 9 March 2027 from 10:00 to 11:00"
        )
        # Two messages about the same reservation are one mail.
        mail = one(mails, "bob", "not-approved", "Invited")
        assert mail.kinds == ["approved", "not-approved"]
        mail.says("am 9. März 2027 von 12:00 bis 13:00 genehmigt.", "Nur einmal")
        mail.says("Otto Ochs hat Ihre Anfrage für Raum Yukon am 10. März 2027 von 12:00 bis 13:00 nicht genehmigt.")

    with step("what was given can be taken back, and what waits for half of its time is brought to mind"):
        for person, remark in ((alice, "We need it"), (bob, "Wird gebraucht")):
            number = reservation("yukon", f"private@{person.login}")
            roomdav("reservation", "decline", number, "--remark", remark)
        passes(hours=36)
        mails = post.brings({"not-approved": 2, "approval-reminder": 8})
        one(mails, "alice", "not-approved", "Taken back: Private").says(
            "took back your booking of room Yukon on 8 March 2027 from 10:00 to 11:00.", "We need it"
        )
        one(mails, "bob", "not-approved", "Zurückgenommen: Private").says(
            "hat Ihre Buchung von Raum Yukon am 8. März 2027 von 12:00 bis 13:00 zurückgenommen.", "Wird gebraucht"
        )
        assert not dates("yukon", "private@alice") or "confirmed" not in dates("yukon", "private@alice")[0]
        for mail in mails:
            if mail.kinds == ["approval-reminder"]:
                mail.hides("Queued")
        reminders = {mail.to: mail for mail in mails if "Late" in mail.subject and "Bob" in mail.text}
        reminders["maria@example.org"].says(
            "Bob Brown still waits for an answer: room Yukon on 12 March 2027 from 12:00 to 13:00."
        )
        reminders["otto@example.org"].says(
            "Bob Brown wartet noch auf Antwort: Raum Yukon am 12. März 2027 von 12:00 bis 13:00."
        )
        assert set(reminders["otto@example.org"].links) == {"approve", "decline"}

    with step("what nobody decides ends by itself, and so does what stays tentative"):
        passes(hours=36)
        mails = post.brings({"not-approved": 6})
        one(mails, "alice", "not-approved", "Not approved: Late").says(
            "Nobody approved your request for room Yukon on 12 March 2027 from 10:00 to 11:00 in time."
        )
        one(mails, "bob", "not-approved", "Nicht genehmigt: Late").says(
            "Ihre Anfrage für Raum Yukon am 12. März 2027 von 12:00 bis 13:00 wurde nicht rechtzeitig genehmigt."
        )
        one(mails, "alice", "not-approved", "Not confirmed: Maybe").says(
            "Your booking of room Teton on 12 March 2027 from 10:00 to 11:00 ended, because it was still tentative."
        )
        one(mails, "bob", "not-approved", "Nicht bestätigt: Maybe").says(
            "Ihre Buchung von Raum Teton am 12. März 2027 von 12:00 bis 13:00 ist beendet, weil sie vorläufig blieb."
        )
        for where, what in (("yukon", "late"), ("nahanni", "queued"), ("teton", "maybe")):
            assert not any("confirmed" in it or "held" in it for it in dates(where, f"{what}@alice"))

    with step("and the link of the reminder is too late then"):
        reminders["otto@example.org"].follow("approve", state("late", "bob"), late=True, again="late")

    with step("every kind of message that belongs here was sent, in English and in German"):
        post.has_no_more()
        post.covers("mail_approval")

done()

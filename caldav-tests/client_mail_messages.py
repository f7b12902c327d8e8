"""Mails of rooms to those who write to them (RFC 5546): answers, and what is said to managers of messages that
nobody verified (R86, R124, R125). And what people here answer to organizers outside (RFC 6047).
"""

from functools import partial

from harness.post import Post, dates, one, readers, room
from harness.scenario import FOLDER, Person, done, event, roomdav, step

YUKON, TETON = "yukon@example.org", "teton@example.org"

alice, bob = Person("alice"), Person("bob")


def message(method, uid, title, organizer, to, *attendees, hour=16, minute=0, sender=None):
    """Hands a message to a room, as the mailbox of the house does; what came of it. Hours are Vienna's."""
    text = event(uid, title, f"20270309T{hour}0000", f"20270309T{hour + 1}0000")
    lines = [f"ORGANIZER:mailto:{organizer}", *(f"ATTENDEE;RSVP=TRUE:mailto:{it}" for it in (to, *attendees))]
    text = text.replace("SEQUENCE:", "\r\n".join([*lines, "SEQUENCE:"]))
    text = text.replace("VERSION:2.0", f"VERSION:2.0\r\nMETHOD:{method}")
    text = text.replace("DTSTAMP:20270301T070000Z", f"DTSTAMP:20270301T07{minute:02}00Z")
    file = FOLDER / "message.ics"
    file.write_text(text, newline="")
    verified = ["--from", sender or organizer] if sender != "nobody" else []
    return roomdav("reservation", "message", str(file), "--to", to, *verified)


def reply_of(mail, organizer, room_address):
    """What a room says for programs: its answer and its comment, under the address that was invited."""
    assert mail.method == "REPLY" and mail.message["Auto-Submitted"] == "auto-replied"
    (part,) = mail.calendar.walk("VEVENT")
    assert part["ORGANIZER"].lower() == f"mailto:{organizer}@example.org", part["ORGANIZER"]
    attendee = part["ATTENDEE"]
    assert attendee.lower() == f"mailto:{room_address}", attendee
    return attendee.params["PARTSTAT"], str(part.get("COMMENT", ""))


with Post() as post:
    with step("people write to rooms: one is free, one is taken, one has a manager"):
        readers()
        room("yukon", "Yukon", "reply_note=Please close the windows", email=YUKON)
        room("teton", "Teton", "mode=approve", email=TETON)
        for login, other, hour in (("alice", "bob", 16), ("bob", "alice", 18)):
            own = f"{login}@example.org"
            said = message("REQUEST", f"yes@{login}", "Yes", own, YUKON, f"{other}@example.org", hour=hour)
            assert said == {"result": "answered", "rooms": [{"room": "yukon", "answer": "ACCEPTED"}]}, said
            said = message("REQUEST", f"wait@{login}", "Wait", own, TETON, hour=hour)
            assert said["rooms"] == [{"room": "teton", "answer": "TENTATIVE"}], said
        for login, hour in (("alice", 18), ("bob", 16)):
            said = message("REQUEST", f"no@{login}", "No", f"{login}@example.org", YUKON, hour=hour)
            assert said["rooms"] == [{"room": "yukon", "answer": "DECLINED"}], said

    with step("each is answered by a mail for people, with a REPLY for their programs"):
        # One answer for each request, and managers are asked.
        mails = post.brings({"scheduling": 6, "approval-asked": 4})
        asked = {mail.text[:5]: mail for mail in mails if mail.to == "maria@example.org"}
        asked["Alice"].says("Alice Adams asks for room Teton on 9 March 2027 from 10:00 to 11:00.")
        hours = {"alice": "16:00 to 17:00", "bob": "18:00 bis 19:00"}
        for login, on, accepted, declined, waits in (
            (
                "alice",
                "on 9 March 2027 from",
                "Room Yukon accepted your invitation: Yes",
                "declined your invitation: No",
                "has not answered",
            ),
            (
                "bob",
                "am 9. März 2027 von",
                "Raum Yukon hat Ihre Einladung angenommen: Yes",
                "abgelehnt: No",
                "noch nicht beantwortet",
            ),
        ):
            mine = [mail for mail in mails if mail.kinds == ["scheduling"]]
            mail = one(mine, login, "scheduling", ": Yes")
            mail.says(accepted, f"{on} {hours[login]} (Europe/Vienna)", "Please close the windows")
            assert reply_of(mail, login, YUKON) == ("ACCEPTED", "Please close the windows")
            mail = one(mine, login, "scheduling", ": No")
            answer, comment = reply_of(mail, login, YUKON)
            mail.says(declined, *comment.split("\n"))
            assert answer == "DECLINED" and "Yukon" in comment and on.split()[1] in comment, comment
            mail = one(mine, login, "scheduling", ": Wait")
            mail.says(waits)
            assert reply_of(mail, login, TETON)[0] == "TENTATIVE"
        assert dates("yukon", "yes@alice") == ["2027-03-09T10:00 confirmed"]

    with step("what a manager decides by a link, the room answers once more"):
        after = asked["Alice"].follow("approve", partial(dates, "teton", "wait@alice"))
        assert after == ["2027-03-09T10:00 confirmed"], after
        after = asked["Bob B"].follow("decline", partial(dates, "teton", "wait@bob"))
        assert after == ["2027-03-09T12:00 declined"], after
        mails = post.brings({"scheduling": 2, "approved": 1, "not-approved": 1})
        for login, answer in (("alice", "ACCEPTED"), ("bob", "DECLINED")):
            assert reply_of(one(mails, login, "scheduling", ": Wait"), login, TETON)[0] == answer

    with step("rooms take no counter-proposals, and ask for what they do not know"):
        for login, other, hour in (("alice", "bob", 16), ("bob", "alice", 18)):
            address = f"{login}@example.org"
            said = message(
                "COUNTER",
                f"yes@{login}",
                "Yes",
                address,
                YUKON,
                f"{other}@example.org",
                hour=20,
                minute=5,
                sender=f"{other}@example.org",
            )
            assert said == {"result": "replied", "method": "DECLINECOUNTER"}, said
            said = message("ADD", f"more@{login}", "More", address, YUKON, hour=hour, minute=5)
            assert said == {"result": "replied", "method": "REFRESH"}, said
        mails = post.brings({"scheduling": 4})
        for login, subject, words in (
            ("alice", "Proposal declined: Yes", "declined your proposal for Yes"),
            ("bob", "Vorschlag abgelehnt: Yes", "hat Ihren Vorschlag zu Yes"),
            ("alice", "Please send again: More", "asks you to send More"),
            ("bob", "Bitte noch einmal senden: More", "bittet Sie, More"),
        ):
            mail = one(mails, login, "scheduling", subject)
            mail.says(words, "Yukon")
            assert mail.method == ("REFRESH" if "More" in subject else "DECLINECOUNTER")
        assert dates("yukon", "yes@alice") == ["2027-03-09T10:00 confirmed"]

    with step("who writes in the name of others is not answered; managers hear of it, the second time"):
        for minute in (10, 11):
            for sender in ("nobody", "mallory@example.net"):
                said = message("CANCEL", "yes@alice", "Yes", "alice@example.org", YUKON, minute=minute, sender=sender)
                assert (said["result"], said["rule"]) == ("ignored", "R86"), said
        mails = post.brings({"unverified": 2})
        one(mails, "maria", "unverified", "room Yukon").says("(CANCEL, from mallory@example.net)", "was ignored")
        one(mails, "otto", "unverified", "Raum Yukon").says("(CANCEL, von mallory@example.net)", "wurde nicht beachtet")
        assert dates("yukon", "yes@alice") == ["2027-03-09T10:00 confirmed"]

    with step("what people here answer to somebody outside is a REPLY"):
        for person in (alice, bob):
            text = event(f"theirs@{person.login}", "Theirs", "20270310T160000", "20270310T170000")
            lines = [
                "ORGANIZER:mailto:guest@example.net",
                f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{person.login}@example.org",
            ]
            person.writes(text.replace("SEQUENCE:", "\r\n".join([*lines, "SEQUENCE:"])), person.own("theirs.ics"))
        mails = post.brings({"scheduling": 2})
        for subject, words, login in (
            ("Reply: Theirs", "Alice Adams answered your invitation to Theirs", "alice"),
            ("Antwort: Theirs", "Bob Brown hat auf Ihre Einladung zu Theirs", "bob"),
        ):
            mail = one(mails, "guest@example.net", "scheduling", subject)
            mail.says(words)
            assert mail.method == "REPLY"
            attendee = mail.calendar.walk("VEVENT")[0]["ATTENDEE"]
            assert (attendee.lower(), attendee.params["PARTSTAT"]) == (f"mailto:{login}@example.org", "ACCEPTED")
            assert [it.addr_spec for it in mail.message["Reply-To"].addresses] == [f"{login}@example.org"]

    with step("every kind of message that belongs here was sent, in English and in German"):
        post.has_no_more()
        post.covers("mail_messages")

done()

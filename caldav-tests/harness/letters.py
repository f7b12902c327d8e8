"""Which messages and links there are, what they are called in English and in German, and which scenario covers
them: held against the program's sources, so that a new one fails until a scenario covers it.
"""

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent.parent


class Letter(NamedTuple):
    """Which scenario covers a kind of message, and how its subjects begin in English and in German."""

    client: str
    english: str
    german: str


# By the names of the program's sources.
LETTERS = {
    "Refused": Letter("mail", "Not booked: ", "Nicht gebucht: "),
    "Declined": Letter("mail", "Room declined: ", "Raum hat abgelehnt: "),
    "NotExtended": Letter("mail", "Date not available: ", "Ein Tag ist nicht frei: "),
    "Rolling": Letter("mail", "Booked until .*: ", "Gebucht bis .*: "),
    "CancelledBy": Letter("mail", "Cancelled: ", "Storniert: "),
    "ChangedBy": Letter("mail", "Changed: ", "Geändert: "),
    "Scheduling": Letter(
        "mail",
        "(Invitation|Cancelled|Reply|Please send again|Proposal declined): ",
        "(Einladung|Abgesagt|Antwort|Bitte noch einmal senden|Vorschlag abgelehnt): ",
    ),
    "PartlyDeclined": Letter("mail_rooms", "Some dates declined: ", "Einige Tage abgelehnt: "),
    "Crowded": Letter("mail_rooms", "More people than seats: ", "Mehr Personen als Plätze: "),
    "Offered": Letter("mail_rooms", "Free again: ", "Wieder frei: "),
    "Taken": Letter("mail_rooms", "Booked after all: ", "Doch noch gebucht: "),
    "SplitEnded": Letter("mail_rooms", "Dates passed on: ", "Tage übergeben: "),
    "Displaced": Letter("mail_rooms", "Room taken back: ", "Raum zurückgenommen: "),
    "Orphaned": Letter("mail_rooms", "Reservations without an owner: ", "Reservierungen ohne Besitzer: "),
    "Transferred": Letter("mail_rooms", "Handed over: ", "Übergeben: "),
    "Waiting": Letter("mail_approval", "Waiting for approval: ", "Wartet auf Genehmigung: "),
    "Asked": Letter("mail_approval", "To approve: ", "Zu genehmigen: "),
    "Reminder": Letter("mail_approval", "Still to approve: ", "Noch zu genehmigen: "),
    "Given": Letter("mail_approval", "Approved: ", "Genehmigt: "),
    "NotGiven": Letter("mail_approval", "Not approved: ", "Nicht genehmigt: "),
    "Withdrawn": Letter("mail_approval", "Taken back: ", "Zurückgenommen: "),
    "StillTentative": Letter("mail_approval", "Not confirmed: ", "Nicht bestätigt: "),
    "CheckIn": Letter("mail_attendance", "Please check in: ", "Bitte einchecken: "),
    "NoShow": Letter("mail_attendance", "Released: ", "Freigegeben: "),
    "Strikes": Letter("mail_attendance", r"Do you still need it\? ", r"Brauchen Sie das noch\? "),
    "AllDeclined": Letter("mail_attendance", "Everybody declined: ", "Alle haben abgesagt: "),
    "RoomReply": Letter(
        "mail_messages", "Room .*, (accepted|declined|pending): ", "Raum .*, (zugesagt|abgelehnt|noch offen): "
    ),
    "Unverified": Letter("mail_messages", "Ignored messages to room ", "Nicht beachtete Nachrichten an Raum "),
}


class Link(NamedTuple):
    """What a link is called, what its page asks, and what that says afterwards."""

    label: str
    question: str
    done: str


# By purpose and language: the links of mails. Who follows them is said below.
PAGES = {
    "check-in": {
        "en": Link("Check in", "Are you there?", "You are checked in."),
        "de": Link("Einchecken", "Sind Sie da?", "Sie sind eingecheckt."),
    },
    "give-back": {
        "en": Link("Give the room back", "Others can book it then.", "The room has been given back."),
        "de": Link("Raum zurückgeben", "Andere können ihn dann buchen.", "Der Raum ist zurückgegeben."),
    },
    "reclaim": {
        "en": Link("Take the room back", "Do you still need the room?", "The room is yours again."),
        "de": Link("Raum wieder nehmen", "Brauchen Sie den Raum noch?", "Der Raum ist wieder Ihrer."),
    },
    "keep": {
        "en": Link("Keep the series", "Do you still need the other dates", "The series stays booked."),
        "de": Link("Serie behalten", "Brauchen Sie die anderen Tage", "Die Serie bleibt gebucht."),
    },
    "approve": {
        "en": Link("Approve", "Shall the room be given?", "The room has been given."),
        "de": Link("Genehmigen", "Soll der Raum gegeben werden?", "Der Raum ist gegeben."),
    },
    "decline": {
        "en": Link("Decline", "Shall the room not be given?", "The room has not been given."),
        "de": Link("Ablehnen", "Soll der Raum nicht gegeben werden?", "Der Raum ist nicht gegeben."),
    },
    "take": {
        "en": Link("Take the room", "Do you still want the room?", "The room is yours."),
        "de": Link("Raum nehmen", "Möchten Sie den Raum noch?", "Der Raum ist Ihrer."),
    },
}
FOLLOWED_BY = {
    "mail_attendance": {"check-in", "give-back", "reclaim", "keep"},
    "mail_approval": {"approve", "decline"},
    "mail_rooms": {"take"},
}
TOO_LATE = {"en": "It is too late for this.", "de": "Dafür ist es zu spät."}


def kinds_of_source():
    """Every message that the program knows, by its name there, with the kind that listings show."""
    source = (HERE.parent / "src" / "text" / "message.rs").read_text()
    kinds = {}
    for arm, kind in re.findall(r'^ *(Self::.*) => "([a-z-]+)",$', source, re.MULTILINE):
        kinds |= {name: kind for name in re.findall(r"Self::(\w+)", arm)}
    written = set()
    for body in re.findall(r"^pub enum (?:Message|Attendance|News).*?^}", source, re.MULTILINE | re.DOTALL):
        written |= set(re.findall(r"^    (\w+)(?: \{|\(|,)", body, re.MULTILINE))
    # These two hold others, which have kinds of their own.
    assert kinds and written - {"Approval", "Attendance"} == set(kinds), written ^ set(kinds)
    return kinds


def purposes_of_source():
    """Everything that the program makes links for."""
    source = (HERE.parent / "src" / "domain" / "link.rs").read_text()
    purposes = set(re.findall(r'\(Self::\w+, "([a-z-]+)"\)', source))
    assert purposes, "no purposes of links in src/domain/link.rs"
    return purposes

//! What is written by an attendee first, moved, copied, or written too late: RFC 6638, sections
//! 3.2.2.2, 3.2.3, 3.2.9 and 3.2.10.

use super::{Act, BOB, Case, nine, replaced, with_bob, with_bob_and_aula};
use crate::support::Event;

const ORGANIZER_CHANGE: &str = "allowed-organizer-scheduling-object-change";

fn accepted(event: Event) -> Event {
    nine(event).line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org")
}

fn from_outside(event: Event) -> Event {
    event
        .hours("20270301", 9, 10)
        .line("ORGANIZER:mailto:zoe@elsewhere.org")
        .line("ATTENDEE:mailto:bob@example.org")
}

const OF_ZOE: &[Act] = &[Act::BobPuts(from_outside)];

fn title(text: &str) -> String {
    replaced(text, "SUMMARY:e", "SUMMARY:Plan")
}

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.2.2: an attendee's object comes before the organizer's: nobody is told by the server",
        before: &[],
        act: Act::BobPuts(with_bob),
        then: &["bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.2: one that answers says so by mail: nobody here is known to have invited him",
        before: &[],
        act: Act::BobPuts(accepted),
        then: &["bob: 03-01 09:00 e: bob yes"],
        told: &["mail to ada@example.org: Reply: e"],
    },
    Case {
        what: "3.2.2.2: the organizer's own comes after it: there is one event, and she asks",
        before: &[Act::BobPuts(with_bob)],
        act: Act::Ada(with_bob_and_aula),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes"],
    },
    Case {
        what: "3.2.2.2: an attendee's object asks for no room",
        before: &[],
        act: Act::BobPuts(with_bob_and_aula),
        then: &["bob: 03-01 09:00 e: bob ?, aula ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.2: an invitation from outside is kept, and nobody is told",
        before: &[],
        act: Act::BobPuts(from_outside),
        then: &["bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.2: one that is answered already is answered",
        before: &[],
        act: Act::BobPuts(|event| {
            event
                .hours("20270301", 9, 10)
                .line("ORGANIZER:mailto:zoe@elsewhere.org")
                .line("ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org")
        }),
        then: &["bob: 03-01 09:00 e: bob maybe"],
        told: &["mail to zoe@elsewhere.org: Reply: e"],
    },
    Case {
        what: "3.2.2.3: an answer to the outside is a letter",
        before: OF_ZOE,
        act: Act::Bob("ACCEPTED"),
        then: &["bob: 03-01 09:00 e: bob yes"],
        told: &["mail to zoe@elsewhere.org: Reply: e"],
    },
    Case {
        what: "3.2.2.4: so is it where the copy is thrown away",
        before: OF_ZOE,
        act: Act::BobDeletes,
        then: &[],
        told: &["mail to zoe@elsewhere.org: Reply: e"],
    },
    Case {
        what: "8.1: unless it is to go silently",
        before: OF_ZOE,
        act: Act::BobDeletesSilently,
        then: &[],
        told: &[],
    },
    Case {
        what: "3.2.2.3: what came from outside the attendee's program brings up to date",
        before: OF_ZOE,
        act: Act::BobEdits(|text| title(&text.replace("T090000", "T080000"))),
        then: &["bob: 03-01 08:00 Plan: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.9: an event of the attendee's own with the UID stays, and the organizer sees it",
        before: &[Act::BobPuts(|event| event.hours("20270301", 14, 15))],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 5.1", "bob: 03-01 14:00 e: "],
        told: &[],
    },
    Case {
        what: "3.2.3.1: an event that gets people and an organizer is one that invites: created",
        before: &[Act::Ada(|event| event.hours("20270301", 9, 10))],
        act: Act::Ada(with_bob_and_aula),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes"],
    },
    Case {
        what: "3.2.3.1: one that loses both is none any more: removed, with its room",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::Ada(|event| event.hours("20270301", 9, 10)),
        then: &["ada: 03-01 09:00 e: ", "bob: 03-01 09:00 e CANCELLED: bob ?, aula yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?, aula yes"],
    },
    Case {
        what: "3.2.3.4: an organizer moves it to another calendar: nobody is told, the room is kept",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::Moves("ada", "work"),
        then: &[
            "ada in work: 03-01 09:00 e: bob yes 2.0, aula yes 2.0",
            "bob: 03-01 09:00 e: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "3.2.3.4: what was moved is changed and told as before",
        before: &[Act::Ada(with_bob_and_aula), Act::Moves("ada", "work")],
        act: Act::AdaEdits(title),
        then: &[
            "ada in work: 03-01 09:00 Plan: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 Plan: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob ?, aula yes"],
    },
    Case {
        what: "3.2.3.4: an attendee moves his copy: nobody is told",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Moves("bob", "work"),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob in work: 03-01 09:00 e: bob yes"],
        told: &[],
    },
    Case {
        what: "4.1: the copy is brought up to date where it is",
        before: &[Act::Ada(with_bob), Act::Moves("bob", "work")],
        act: Act::AdaEdits(title),
        then: &["ada: 03-01 09:00 Plan: bob ? 1.2", "bob in work: 03-01 09:00 Plan: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob ?"],
    },
    Case {
        what: "3.2.2.4: and declined from there",
        before: &[Act::Ada(with_bob), Act::Moves("bob", "work")],
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "3.2.3.2: with the calendar of the organizer goes what is in it: cancelled, and the room is free",
        before: &[Act::Ada(with_bob_and_aula), Act::Moves("ada", "work")],
        act: Act::Drops("ada"),
        then: &["bob: 03-01 09:00 e CANCELLED: bob ?, aula yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?, aula yes"],
    },
    Case {
        what: "3.2.3.2: with the calendar of the attendee goes the copy: declined",
        before: &[Act::Ada(with_bob), Act::Moves("bob", "work")],
        act: Act::Drops("bob"),
        then: &["ada: 03-01 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "8.1: Schedule-Reply is nothing to an organizer: it is cancelled",
        before: &[Act::Ada(with_bob)],
        act: Act::AdaDeletesSilently,
        then: &["bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "8.1: an attendee who goes aloud declines",
        before: &[Act::Ada(with_bob)],
        act: Act::BobDeletesAloud,
        then: &["ada: 03-01 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "3.2.3.4: a meeting is moved into a room's calendar: people are shown the same",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Moves("ada", "room-aula"),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes", "aula: 03-01 09:00-10:00"],
        told: &[],
    },
    Case {
        what: "3.2.3.4, R84: and stays where it is if the room is taken",
        before: &[Act::Ada(with_bob), Act::Taken("aula")],
        act: Act::Fails(&Act::Moves("ada", "room-aula"), 403, "busy"),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?", "aula: 03-01 09:30-10:30"],
        told: &[],
    },
    Case {
        what: "3.2.3.4: a booking is moved from one room to another: people are shown the same",
        before: &[Act::AdaBooks("aula", with_bob), Act::Bob("ACCEPTED")],
        act: Act::Moves("ada", "room-lab"),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes", "lab: 03-01 09:00-10:00"],
        told: &[],
    },
    Case {
        what: "3.2.3.4: an attendee does not book a room by moving his copy there",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(&Act::Moves("bob", "room-aula"), 403, ORGANIZER_CHANGE),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.3.3, 3.2.4.1: what invites is not copied",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::Fails(&Act::Copies("ada", "work"), 403, ""),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "3.2.3.3, 3.2.4.1: nor is an invitation",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(&Act::Copies("bob", "work"), 403, ""),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.10: an answer to what only others answered meanwhile is taken",
        before: &[Act::Ada(|event| with_bob(event).line("ATTENDEE:mailto:carol@example.org"))],
        act: Act::BobLate(&Act::Carol("DECLINED"), "ACCEPTED"),
        then: &[
            "ada: 03-01 09:00 e: bob yes 2.0, carol no 2.0",
            "bob: 03-01 09:00 e: bob yes, carol no",
            "carol: 03-01 09:00 e: bob yes, carol no",
        ],
        told: &["to ada: REPLY 03-01 09:00 e: bob yes", "to ada: REPLY 03-01 09:00 e: carol no"],
    },
    Case {
        what: "3.2.10: an answer to what is something else now is not",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobLate(
                &Act::AdaEdits(|text| text.replace("T090000", "T110000").replace("T100000", "T120000")),
                "ACCEPTED",
            ),
            412,
            "",
        ),
        then: &["ada: 03-01 11:00 e: bob ? 1.2", "bob: 03-01 11:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 11:00 e: bob ?"],
    },
    Case {
        what: "3.2.10: nor one to what was called off",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(&Act::BobLate(&Act::AdaDeletes, "ACCEPTED"), 412, ""),
        then: &["bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.10: what the organizer only wrote for herself is no reason",
        before: &[Act::Ada(with_bob)],
        act: Act::BobLate(
            &Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nTRANSP:TRANSPARENT")),
            "ACCEPTED",
        ),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: &["to ada: REPLY 03-01 09:00 e: bob yes"],
    },
    Case {
        what: "who is his own guest is asked nothing",
        before: &[],
        act: Act::Ada(|event| {
            nine(event).line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org").line(BOB)
        }),
        then: &["ada: 03-01 09:00 e: ada yes, bob ? 1.2", "bob: 03-01 09:00 e: ada yes, bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: ada yes, bob ?"],
    },
];

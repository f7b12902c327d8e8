//! What invited rooms say: RFC 6638, sections 3.2.1.1 to 3.2.1.3; R26, R58, R76, R84, R89, R121, R122.
//!
//! Each room decides by itself and at once; nobody manages what waits for a decision.

use super::{Act, Case, nine, replaced, with_bob, with_bob_and_aula};
use crate::support::Event;

pub(super) fn with_three_rooms(event: Event) -> Event {
    with_bob_and_aula(event).attendee("lab").attendee("attic")
}

fn with_aula_and_lab(event: Event) -> Event {
    with_bob_and_aula(event).attendee("lab")
}

fn with_lab(event: Event) -> Event {
    with_bob(event).attendee("lab")
}

fn at_eleven(text: &str) -> String {
    text.replace("T090000", "T110000").replace("T100000", "T120000")
}

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.1.1, R76: of three rooms the one that is taken declines, the others are had",
        before: &[Act::Taken("lab")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab no 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab no, attic yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab no, attic yes"],
    },
    Case {
        what: "3.2.1.1, R121: the event stands if every room declines",
        before: &[Act::Taken("aula"), Act::Taken("lab"), Act::Taken("attic")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula no 2.0, lab no 2.0, attic no 2.0",
            "bob: 03-01 09:00 e: bob ?, aula no, lab no, attic no",
            "aula: 03-01 09:30-10:30",
            "lab: 03-01 09:30-10:30",
            "attic: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula no, lab no, attic no"],
    },
    Case {
        what: "a room that takes no bookings declines",
        before: &[Act::Set("attic", "mode", "off")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab yes 2.0, attic no 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab yes, attic no",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab yes, attic no"],
    },
    Case {
        what: "R40: a room that may not be booked by this organizer declines",
        before: &[Act::Set("lab", "book", "bob")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab no 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab no, attic yes",
            "aula: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab no, attic yes"],
    },
    Case {
        what: "D-34: a room that is hidden from the organizer is nobody's address",
        before: &[Act::Set("lab", "viewer", "none")],
        act: Act::Ada(with_aula_and_lab),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab ? 1.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab ?",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab ?",
            "mail to lab@example.org: Invitation: e",
        ],
    },
    Case {
        what: "D-34: and by its principal's path it is nobody at all, as where no room is",
        before: &[Act::Set("lab", "viewer", "none")],
        act: Act::Ada(|event| {
            with_bob(event).line("ATTENDEE:/principals/rooms/lab/").line("ATTENDEE:/principals/rooms/nave/")
        }),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, lab ? 3.7, nave ? 3.7",
            "bob: 03-01 09:00 e: bob ?, lab ?, nave ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, lab ?, nave ?"],
    },
    Case {
        what: "3.2.8: nobody says for a room that it comes, or that it does not",
        before: &[Act::Taken("lab")],
        act: Act::Ada(|event| {
            with_bob(event)
                .line("ATTENDEE;PARTSTAT=DECLINED:mailto:aula@example.org")
                .line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:lab@example.org")
                .line("ATTENDEE;SCHEDULE-AGENT=CLIENT;PARTSTAT=TENTATIVE:mailto:attic@example.org")
        }),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab no 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab no, attic yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab no, attic yes"],
    },
    Case {
        what: "3.2.1.2: one more room is asked, and one that is left out is free",
        before: &[Act::Ada(with_aula_and_lab), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| with_bob_and_aula(event).attendee("attic")),
        then: &[
            "ada: 03-01 09:00 e: bob yes 1.2, aula yes 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob yes, aula yes, attic yes",
            "aula: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob yes, aula yes, attic yes"],
    },
    Case {
        what: "3.2.1.2: a room that is left out is free, the others keep theirs",
        before: &[Act::Ada(with_three_rooms)],
        act: Act::Ada(with_aula_and_lab),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab yes"],
    },
    Case {
        what: "3.2.1.2: a room that is added and taken declines, the others keep theirs",
        before: &[Act::Ada(with_aula_and_lab), Act::Taken("attic")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab yes 2.0, attic no 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab yes, attic no",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
            "attic: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab yes, attic no"],
    },
    Case {
        what: "R84: one room is changed for another",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::Ada(with_lab),
        then: &[
            "ada: 03-01 09:00 e: bob yes 1.2, lab yes 2.0",
            "bob: 03-01 09:00 e: bob yes, lab yes",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob yes, lab yes"],
    },
    Case {
        what: "R84: where the other declines, the first is kept for a while",
        before: &[Act::Ada(with_bob_and_aula), Act::Taken("lab")],
        act: Act::Ada(with_lab),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, lab no 2.0",
            "bob: 03-01 09:00 e: bob ?, lab no",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, lab no"],
    },
    Case {
        what: "R84: and comes back",
        before: &[Act::Ada(with_bob_and_aula), Act::Taken("lab"), Act::Ada(with_lab)],
        act: Act::Ada(with_bob_and_aula),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes"],
    },
    Case {
        what: "R58: at a new time each room decides anew; the one that declines keeps the old for a while",
        before: &[Act::Ada(|event| with_three_rooms(event).hours("20270301", 11, 12)), Act::Taken("lab")],
        act: Act::Ada(with_three_rooms),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab no 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab no, attic yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
            "lab: 03-01 11:00-12:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab no, attic yes"],
    },
    Case {
        what: "3.2.8: a room that had declined is asked again at another time",
        before: &[Act::Taken("lab"), Act::Ada(with_aula_and_lab), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(at_eleven),
        then: &[
            "ada: 03-01 11:00 e: bob ? 1.2, aula yes 2.0, lab yes 2.0",
            "bob: 03-01 11:00 e: bob ?, aula yes, lab yes",
            "aula: 03-01 11:00-12:00",
            "lab: 03-01 09:30-10:30",
            "lab: 03-01 11:00-12:00",
        ],
        told: &["to bob: REQUEST 03-01 11:00 e: bob ?, aula yes, lab yes"],
    },
    Case {
        what: "R59: a title asks no room, and one that lost its room meanwhile is not asked either",
        before: &[Act::Taken("lab"), Act::Ada(with_aula_and_lab)],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan: bob ? 1.2, aula yes 2.0, lab no 2.0",
            "bob: 03-01 09:00 Plan: bob ?, aula yes, lab no",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob ?, aula yes, lab no"],
    },
    Case {
        what: "R89: a room that is taken away by its manager stays so until the event is moved",
        before: &[Act::Ada(with_aula_and_lab), Act::Loses("aula")],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan: bob ? 1.2, aula no 2.0, lab yes 2.0",
            "bob: 03-01 09:00 Plan: bob ?, aula no, lab yes",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob ?, aula no, lab yes"],
    },
    Case {
        what: "4.2: people see that a room was taken away, and are not told by a message",
        before: &[Act::Ada(with_three_rooms), Act::Bob("ACCEPTED")],
        act: Act::Loses("lab"),
        then: &[
            "ada: 03-01 09:00 e: bob yes 2.0, aula yes 2.0, lab no 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob yes, aula yes, lab no, attic yes",
            "aula: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "3.2.1.3: with the event every room is free",
        before: &[Act::Ada(with_three_rooms), Act::Bob("ACCEPTED")],
        act: Act::AdaDeletes,
        then: &["bob: 03-01 09:00 e CANCELLED: bob yes, aula yes, lab yes, attic yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob yes, aula yes, lab yes, attic yes"],
    },
    Case {
        what: "3.2.1.3: a room that had declined is told nothing of the end",
        before: &[Act::Taken("lab"), Act::Ada(with_aula_and_lab)],
        act: Act::AdaDeletes,
        then: &["bob: 03-01 09:00 e CANCELLED: bob ?, aula yes, lab no", "lab: 03-01 09:30-10:30"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?, aula yes, lab no"],
    },
    Case {
        what: "D-34: the room that is nobody's address is written to once more where all ends",
        before: &[Act::Set("lab", "viewer", "none"), Act::Ada(with_aula_and_lab)],
        act: Act::AdaDeletes,
        then: &["bob: 03-01 09:00 e CANCELLED: bob ?, aula yes, lab ?"],
        told: &[
            "to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?, aula yes, lab ?",
            "mail to lab@example.org: Cancelled: e",
        ],
    },
    Case {
        what: "R3: a room that is hidden later keeps what it gave",
        before: &[Act::Ada(with_aula_and_lab), Act::Set("lab", "viewer", "none")],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan: bob ? 1.2, aula yes 2.0, lab yes 2.0",
            "bob: 03-01 09:00 Plan: bob ?, aula yes, lab yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob ?, aula yes, lab yes"],
    },
    Case {
        what: "R28: so it is where the event is marked as cancelled",
        before: &[Act::Ada(with_three_rooms)],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")),
        then: &[
            "ada: 03-01 09:00 e CANCELLED: bob ? 1.2, aula yes, lab yes, attic yes",
            "bob: 03-01 09:00 e CANCELLED: bob ?, aula yes, lab yes, attic yes",
        ],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?, aula yes, lab yes, attic yes"],
    },
    Case {
        what: "3.2.2.1: what a guest answers, or that he goes, changes nothing of the rooms",
        before: &[Act::Ada(with_three_rooms), Act::Bob("ACCEPTED")],
        act: Act::BobDeletes,
        then: &[
            "ada: 03-01 09:00 e: bob no 2.0, aula yes 2.0, lab yes 2.0, attic yes 2.0",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "what is written into a room's calendar invites people and the other rooms",
        before: &[Act::Taken("attic")],
        act: Act::AdaBooks("aula", |event| with_lab(event).attendee("attic")),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, lab yes 2.0, attic no 2.0",
            "bob: 03-01 09:00 e: bob ?, lab yes, attic no",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
            "attic: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, lab yes, attic no"],
    },
    Case {
        what: "R54, R120: and is refused whole if that room is taken: nobody is told",
        before: &[Act::Taken("aula")],
        act: Act::Fails(&Act::AdaBooks("aula", |event| with_lab(event).attendee("attic")), 403, "busy"),
        then: &["aula: 03-01 09:30-10:30"],
        told: &[],
    },
    Case {
        what: "R58, R120: a change of it that the room refuses is none to anybody",
        before: &[
            Act::AdaBooks("aula", |event| with_lab(event).hours("20270301", 11, 12)),
            Act::Bob("ACCEPTED"),
            Act::Taken("aula"),
        ],
        act: Act::Fails(&Act::AdaBooks("aula", with_lab), 403, "busy"),
        then: &[
            "ada: 03-01 11:00 e: bob yes 2.0, lab yes 2.0",
            "bob: 03-01 11:00 e: bob yes, lab yes",
            "aula: 03-01 09:30-10:30",
            "aula: 03-01 11:00-12:00",
            "lab: 03-01 11:00-12:00",
        ],
        told: &[],
    },
    Case {
        what: "R26: to a room it makes no difference who is to tell it",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::AdaEdits(|text| {
            let line = text.lines().find(|line| line.ends_with(":mailto:aula@example.org")).unwrap();
            replaced(text, line, "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:aula@example.org")
        }),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "R26: and it is free as soon as it is left out",
        before: &[Act::Ada(|event| {
            with_bob(event).line("ATTENDEE;SCHEDULE-AGENT=NONE:mailto:aula@example.org")
        })],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "a room alone needs nobody else: nobody is told",
        before: &[Act::Ada(|event| nine(event).attendee("aula"))],
        act: Act::Ada(|event| nine(event).attendee("lab").attendee("attic")),
        then: &[
            "ada: 03-01 09:00 e: lab yes 2.0, attic yes 2.0",
            "lab: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "a room that becomes free is not asked by itself, and is asked if it is invited anew",
        before: &[Act::Taken("aula"), Act::Ada(with_bob_and_aula), Act::Ada(with_bob), Act::Free("aula")],
        act: Act::Ada(with_bob_and_aula),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes"],
    },
];

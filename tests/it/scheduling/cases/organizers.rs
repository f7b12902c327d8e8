//! What organizers do: RFC 6638, sections 3.2.1 and 3.2.5 to 3.2.9.

use super::{ADA, Act, BOB, Case, nine, replaced, with_bob, with_bob_and_aula};

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.1.1: an organizer's new event reaches the attendee, and rooms answer at once",
        before: &[],
        act: Act::Ada(|event| with_bob_and_aula(event).attendee("lab").attendee("attic")),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0, lab yes 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes, lab yes, attic yes",
            "aula: 03-01 09:00-10:00",
            "lab: 03-01 09:00-10:00",
            "attic: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, aula yes, lab yes, attic yes"],
    },
    Case {
        what: "3.2.1.1: without an organizer nobody is told",
        before: &[],
        act: Act::Ada(|event| event.hours("20270301", 9, 10).line(BOB)),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "7.1: whom the client tells the server does not",
        before: &[],
        act: Act::Ada(|event| nine(event).line("ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:bob@example.org")),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "7.1: nor whom nobody is to tell; a room decides all the same (R26)",
        before: &[],
        act: Act::Ada(|event| {
            nine(event)
                .line("ATTENDEE;SCHEDULE-AGENT=NONE:mailto:bob@example.org")
                .line("ATTENDEE;SCHEDULE-AGENT=NONE:mailto:aula@example.org")
        }),
        then: &["ada: 03-01 09:00 e: bob ?, aula yes 2.0", "aula: 03-01 09:00-10:00"],
        told: &[],
    },
    Case {
        what: "3.2.9: who is nobody's is said to be so, who is elsewhere is written to",
        before: &[],
        act: Act::Ada(|event| {
            nine(event)
                .line("ATTENDEE:urn:uuid:00000000-0000-0000-0000-000000000000")
                .line("ATTENDEE:mailto:zoe@elsewhere.org")
        }),
        then: &["ada: 03-01 09:00 e: urn:uuid:00000000-0000-0000-0000-000000000000 ? 3.7, zoe ? 1.0"],
        told: &["mail to zoe@elsewhere.org: Invitation: e"],
    },
    Case {
        what: "2.4.1: a principal's path invites as a mail address does",
        before: &[],
        act: Act::Ada(|event| {
            nine(event).line("ATTENDEE:/principals/users/bob/").line("ATTENDEE:/principals/rooms/lab/")
        }),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, lab yes 2.0",
            "bob: 03-01 09:00 e: bob ?, lab yes",
            "lab: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?, lab yes"],
    },
    Case {
        what: "3.2.8: nobody says for others that they come",
        before: &[],
        act: Act::Ada(|event| nine(event).line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org")),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.1.2: a change of the title is told and asks nobody again",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan: bob yes 1.2, aula yes 2.0",
            "bob: 03-01 09:00 Plan: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob yes, aula yes"],
    },
    Case {
        what: "3.2.8, R59: a new time asks everybody again, and the room's answer is there at once",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| text.replace("T090000", "T110000").replace("T100000", "T120000")),
        then: &[
            "ada: 03-01 11:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 11:00 e: bob ?, aula yes",
            "aula: 03-01 11:00-12:00",
        ],
        told: &["to bob: REQUEST 03-01 11:00 e: bob ?, aula yes"],
    },
    Case {
        what: "3.2.1.2: what is the organizer's own affair is not told",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| {
            let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:!\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
            replaced(text, "END:VEVENT", &format!("X-MOZ-LASTACK:20270201T000000Z\r\n{alarm}"))
        }),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: &[],
    },
    Case {
        what: "3.2.10: a stale answer in the organizer's text does not undo the attendee's",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| with_bob(event).summary("Plan")),
        then: &["ada: 03-01 09:00 Plan: bob yes 1.2", "bob: 03-01 09:00 Plan: bob yes"],
        told: &["to bob: REQUEST 03-01 09:00 Plan: bob yes"],
    },
    Case {
        what: "3.2.1.2: one more attendee is invited, the other is shown it",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| with_bob(event).line("ATTENDEE:mailto:carol@example.org")),
        then: &[
            "ada: 03-01 09:00 e: bob yes 1.2, carol ? 1.2",
            "bob: 03-01 09:00 e: bob yes, carol ?",
            "carol: 03-01 09:00 e: bob yes, carol ?",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e: bob yes, carol ?",
            "to carol: REQUEST 03-01 09:00 e: bob yes, carol ?",
        ],
    },
    Case {
        what: "3.2.1.2: whoever is left out sees it cancelled",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| nine(event).attendee("aula")),
        then: &[
            "ada: 03-01 09:00 e: aula yes 2.0",
            "bob: 03-01 09:00 e CANCELLED: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob yes, aula yes"],
    },
    Case {
        what: "3.2.1.2: from the server to the client: cancelled by the server",
        before: &[Act::Ada(with_bob)],
        act: Act::AdaEdits(|text| text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-AGENT=CLIENT;")),
        then: &["ada: 03-01 09:00 e: bob ?", "bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.1.2: from the client to the server: invited",
        before: &[Act::Ada(|event| {
            nine(event).line("ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:bob@example.org")
        })],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.1.2: invited again after being left out",
        before: &[Act::Ada(with_bob), Act::Ada(nine)],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.7: a message is sent because the organizer says so",
        before: &[Act::Ada(with_bob), Act::Bob("DECLINED")],
        act: Act::AdaEdits(|text| text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;")),
        then: &["ada: 03-01 09:00 e: bob no 1.2", "bob: 03-01 09:00 e: bob no"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob no"],
    },
    Case {
        what: "RFC 5546, section 3.2.5: what is marked as cancelled is cancelled for everybody",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")),
        then: &[
            "ada: 03-01 09:00 e CANCELLED: bob yes 1.2, aula yes",
            "bob: 03-01 09:00 e CANCELLED: bob yes, aula yes",
        ],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob yes, aula yes"],
    },
    Case {
        what: "3.2.1.3: what the organizer removes is cancelled, and rooms are free",
        before: &[Act::Ada(with_bob_and_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaDeletes,
        then: &["bob: 03-01 09:00 e CANCELLED: bob yes, aula yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob yes, aula yes"],
    },
    Case {
        what: "3.2.3.1: an event without an organizer any more is none that invites: removed",
        before: &[Act::Ada(with_bob)],
        act: Act::AdaEdits(|text| text.replace(&format!("{ADA}\r\n"), "")),
        then: &["ada: 03-01 09:00 e: bob ?", "bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
];

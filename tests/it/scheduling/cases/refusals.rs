//! What neither an attendee nor an organizer may make of a scheduling object: RFC 6638, sections
//! 3.2.2.1 and 3.2.4. Whatever is refused is told to nobody.

use super::{ADA, Act, BOB, Case, answering, replaced, with_bob, with_bob_and_aula};

const ATTENDEE_CHANGE: &str = "allowed-attendee-scheduling-object-change";
const ORGANIZER_CHANGE: &str = "allowed-organizer-scheduling-object-change";

fn title(text: &str) -> String {
    replaced(text, "SUMMARY:e", "SUMMARY:Plan")
}

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.2.1: the title is the organizer's",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(&Act::BobEdits(title), 403, ATTENDEE_CHANGE),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: so is the time, whatever else is answered with it",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobEdits(|text| answering(&text.replace("T100000", "T103000"), "bob", "ACCEPTED")),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: so are the guests, and a room is one",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobEdits(|text| replaced(text, ADA, &format!("{ADA}\r\nATTENDEE:mailto:aula@example.org"))),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: a guest sends nobody else in his place",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobEdits(|text| {
                let line = text.lines().find(|line| line.ends_with(":mailto:bob@example.org")).unwrap();
                let to = "DELEGATED-TO=\"mailto:carol@example.org\"";
                let lines = format!(
                    "ATTENDEE;PARTSTAT=DELEGATED;{to}:mailto:bob@example.org\r\nATTENDEE:mailto:carol@example.org"
                );
                replaced(text, line, &lines)
            }),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: a room that the organizer invited is not given up by a guest",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::Fails(
            &Act::BobEdits(|text| {
                let line = text.lines().find(|line| line.ends_with(":mailto:aula@example.org")).unwrap();
                replaced(text, &format!("{line}\r\n"), "")
            }),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "3.2.2.1: a guest does not make himself the organizer",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobEdits(|text| replaced(text, ADA, "ORGANIZER:mailto:bob@example.org")),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: nor does he call it off",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::BobEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: nor does he call on what was called off",
        before: &[
            Act::Ada(with_bob),
            Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")),
        ],
        act: Act::Fails(
            &Act::BobEdits(|text| replaced(text, "STATUS:CANCELLED", "STATUS:CONFIRMED")),
            403,
            ATTENDEE_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e CANCELLED: bob ? 1.2", "bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.4.3: an organizer gives it to nobody else of the house",
        before: &[Act::Ada(with_bob)],
        act: Act::Fails(
            &Act::AdaEdits(|text| replaced(text, ADA, "ORGANIZER:mailto:bob@example.org")),
            403,
            ORGANIZER_CHANGE,
        ),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.4.3: nor to anybody outside",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::Fails(
            &Act::AdaEdits(|text| replaced(text, ADA, "ORGANIZER:mailto:zoe@elsewhere.org")),
            403,
            ORGANIZER_CHANGE,
        ),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &[],
    },
    Case {
        what: "3.2.4.2: two organizers in one series are none",
        before: &[],
        act: Act::Fails(
            &Act::Ada(|event| {
                with_bob(event).rule("FREQ=DAILY;COUNT=3").moved(
                    "20270302T090000",
                    "20270302T090000",
                    "20270302T100000",
                    &["ORGANIZER:mailto:carol@example.org", BOB],
                )
            }),
            403,
            "same-organizer-in-all-components",
        ),
        then: &[],
        told: &[],
    },
];

//! What an attendee does not have any more, and how it is told where other things stand: RFC 6638,
//! sections 3.2.1.2 and 3.2.7; RFC 5546, sections 3.2.2 and 3.2.5.

use super::dates::{second, second_later, third};
use super::{ADA, Act, BOB, Case, nine, replaced, series, with_bob};
use crate::support::Event;

const CANCELLED: &str = "STATUS:CANCELLED";

/// A series to which nobody comes as a whole.
fn alone(event: Event) -> Event {
    nine(event).rule("FREQ=DAILY;COUNT=3")
}

fn marked(text: &str) -> String {
    replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")
}

/// The second date and what follows it at eleven.
fn from_second(text: &str) -> String {
    replaced(text, "RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;")
}

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.5: of a series one date is left, and that is cancelled: the series is cancelled",
        before: &[Act::Ada(series)],
        act: Act::Ada(|event| second(alone(event), &[ADA, BOB, CANCELLED])),
        then: &[
            "ada: 03-01 09:00 e series: ",
            "ada: [03-02 09:00] 03-02 09:00 e CANCELLED: bob ? 1.2",
            "bob: [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?",
        ],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED series: bob ?"],
    },
    Case {
        what: "3.2.5: of two dates one is marked as cancelled and the other is gone",
        before: &[Act::Ada(|event| third(second(alone(event), &[ADA, BOB]), &[ADA, BOB]))],
        act: Act::Ada(|event| second(alone(event), &[ADA, BOB, CANCELLED])),
        then: &[
            "ada: 03-01 09:00 e series: ",
            "ada: [03-02 09:00] 03-02 09:00 e CANCELLED: bob ? 1.2",
            "bob: [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?",
        ],
        told: &[
            "to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ? | [03-03 09:00] 03-03 09:00 e CANCELLED: bob ?",
        ],
    },
    Case {
        what: "3.2.2: nothing more is said of what was cancelled",
        before: &[Act::Ada(with_bob), Act::AdaEdits(marked)],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &["ada: 03-01 09:00 Plan CANCELLED: bob ? 1.2", "bob: 03-01 09:00 Plan CANCELLED: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.7: unless the organizer says so, and then as what it is",
        before: &[Act::Ada(with_bob), Act::AdaEdits(marked)],
        act: Act::AdaEdits(|text| text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;")),
        then: &["ada: 03-01 09:00 e CANCELLED: bob ? 1.2", "bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.7: what is marked as cancelled is no request",
        before: &[Act::Ada(with_bob)],
        act: Act::AdaEdits(|text| {
            marked(&text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;"))
        }),
        then: &["ada: 03-01 09:00 e CANCELLED: bob ? 1.2", "bob: 03-01 09:00 e CANCELLED: bob ?"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.5: of two dates one is gone and the other has another title",
        before: &[Act::Ada(|event| third(second(alone(event), &[ADA, BOB]), &[ADA, BOB]))],
        act: Act::Ada(|event| third(alone(event), &[ADA, BOB, "DESCRIPTION:Bring cake"])),
        then: &[
            "ada: 03-01 09:00 e series: ",
            "ada: [03-03 09:00] 03-03 09:00 e: bob ? 1.2",
            "bob: [03-03 09:00] 03-03 09:00 e: bob ?",
        ],
        told: &[
            "to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?",
            "to bob: REQUEST [03-03 09:00] 03-03 09:00 e: bob ?",
        ],
    },
    Case {
        what: "3.2.5: instead of one date somebody is invited to all the others",
        before: &[Act::Ada(|event| second(alone(event), &[ADA, BOB]))],
        act: Act::Ada(|event| second(series(event), &[ADA])),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: ",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
        told: &[
            "to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?",
            "to bob: REQUEST 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
    },
    Case {
        what: "3.2.5: who is written to is told both as well",
        before: &[Act::Ada(|event| alone(event).line("ATTENDEE:mailto:zoe@elsewhere.org"))],
        act: Act::Ada(|event| second(alone(event), &[ADA, "ATTENDEE:mailto:zoe@elsewhere.org"])),
        then: &["ada: 03-01 09:00 e series: ", "ada: [03-02 09:00] 03-02 09:00 e: zoe ? 1.0"],
        told: &["mail to zoe@elsewhere.org: Cancelled: e", "mail to zoe@elsewhere.org: Invitation: e"],
    },
    Case {
        what: "3.2.5: a date is taken out in one line with another",
        before: &[Act::Ada(|event| series(event).line("EXDATE;TZID=Europe/Berlin:20270302T090000"))],
        act: Act::Ada(|event| {
            series(event).line("EXDATE;TZID=Europe/Berlin:20270303T090000,20270302T090000")
        }),
        then: &[
            "ada: 03-01 09:00 e series without 03-03 09:00 without 03-02 09:00: bob ? 1.2",
            "bob: 03-01 09:00 e series without 03-03 09:00 without 03-02 09:00: bob ?",
        ],
        told: &["to bob: CANCEL [03-03 09:00] 03-03 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.5: a date of a series in one zone is taken out in UTC",
        before: &[Act::Ada(series)],
        act: Act::Ada(|event| series(event).line("EXDATE:20270302T080000Z")),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob ? 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.1.2: the same dates in other words are no news",
        before: &[Act::Ada(|event| series(event).line("EXDATE;TZID=Europe/Berlin:20270302T090000"))],
        act: Act::Ada(|event| series(event).line("EXDATE:20270302T080000Z")),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob ? 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
        told: &[],
    },
    Case {
        what: "3.2.5: the first date of a range is taken out by itself, and what follows stands",
        before: &[Act::Ada(|event| second_later(series(event), &[ADA, BOB])), Act::AdaEdits(from_second)],
        act: Act::AdaEdits(|text| {
            let rest = text
                .replace(
                    "THISANDFUTURE;TZID=Europe/Berlin:20270302T",
                    "THISANDFUTURE;TZID=Europe/Berlin:20270303T",
                )
                .replace("20270302T11", "20270303T11")
                .replace("20270302T12", "20270303T12");
            replaced(
                &rest,
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Berlin:20270302T090000\r\nRRULE:FREQ=DAILY",
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob ? 1.2",
            "ada: [03-03 09:00] 03-03 11:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
            "bob: [03-03 09:00] 03-03 11:00 e: bob ?",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 11:00 e CANCELLED: bob ?"],
    },
];

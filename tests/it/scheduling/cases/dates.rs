//! What happens to single dates of a series, of people and of rooms: RFC 6638, sections 3.2.1.2,
//! 3.2.2.3, 3.2.6 and 3.2.8; R30, R50 to R58.

use super::{ADA, Act, BOB, Case, nine, one_date, replaced, series, series_in_aula};
use crate::support::Event;

const RULE: &str = "RRULE:FREQ=DAILY;COUNT=3";
const AULA: &str = "ATTENDEE:mailto:aula@example.org";
const LAB: &str = "ATTENDEE:mailto:lab@example.org";
pub(super) const CAROL: &str = "ATTENDEE:mailto:carol@example.org";

/// The second date of a series where it is, with these people.
pub(super) fn second(event: Event, people: &[&str]) -> Event {
    event.moved("20270302T090000", "20270302T090000", "20270302T100000", people)
}

/// The third date of a series where it is, with these people.
pub(super) fn third(event: Event, people: &[&str]) -> Event {
    event.moved("20270303T090000", "20270303T090000", "20270303T100000", people)
}

/// The second date of a series two hours later.
pub(super) fn second_later(event: Event, people: &[&str]) -> Event {
    event.moved("20270302T090000", "20270302T110000", "20270302T120000", people)
}

fn without_second(text: &str) -> String {
    replaced(text, RULE, &format!("{RULE}\r\nEXDATE;TZID=Europe/Berlin:20270302T090000"))
}

/// Bob comes to the series, but not to its second date.
const BUT_ONE: &[Act] =
    &[Act::Ada(series), Act::Bob("ACCEPTED"), Act::BobEdits(|text| one_date(text, "DECLINED"))];

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.8: a date that was declined is asked again if it is moved, and only that one",
        before: BUT_ONE,
        act: Act::Ada(|event| second_later(series(event), &[ADA, BOB])),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2",
            "ada: [03-02 09:00] 03-02 11:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series: bob yes",
            "bob: [03-02 09:00] 03-02 11:00 e: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob yes | [03-02 09:00] 03-02 11:00 e: bob ?"],
    },
    Case {
        what: "3.2.8: a date that was declined is declined under another title",
        before: BUT_ONE,
        act: Act::AdaEdits(|text| text.replace("SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan series: bob yes 1.2",
            "ada: [03-02 09:00] 03-02 09:00 Plan: bob no 1.2",
            "bob: 03-01 09:00 Plan series: bob yes",
            "bob: [03-02 09:00] 03-02 09:00 Plan: bob no",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan series: bob yes | [03-02 09:00] 03-02 09:00 Plan: bob no"],
    },
    Case {
        what: "3.2.8: where the whole is moved the whole is asked again, what was declined too",
        before: BUT_ONE,
        act: Act::Ada(|event| series(event).hours("20270301", 11, 12)),
        then: &["ada: 03-01 11:00 e series: bob ? 1.2", "bob: 03-01 11:00 e series: bob ?"],
        told: &["to bob: REQUEST 03-01 11:00 e series: bob ?"],
    },
    Case {
        what: "3.2.1.2: a date that was declined is taken out: there is nothing left to say of it",
        before: BUT_ONE,
        act: Act::Ada(|event| series(event).line("EXDATE;TZID=Europe/Berlin:20270302T090000")),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob yes 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob yes",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob no"],
    },
    Case {
        what: "3.2.2.3: a date that was declined is accepted after all",
        before: BUT_ONE,
        act: Act::BobEdits(|text| text.replace("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED")),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e: bob yes 2.0",
            "bob: 03-01 09:00 e series: bob yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob yes",
        ],
        told: &["to ada: REPLY [03-02 09:00] 03-02 09:00 e: bob yes"],
    },
    Case {
        what: "3.2.2.4: who throws a series away declines what he has not declined yet",
        before: BUT_ONE,
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e series: bob no 2.0", "ada: [03-02 09:00] 03-02 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY 03-01 09:00 e series: bob no"],
    },
    Case {
        what: "3.2.2.1: an attendee moves no single date",
        before: &[Act::Ada(series)],
        act: Act::Fails(
            &Act::BobEdits(|text| {
                one_date(text, "ACCEPTED").replace(
                    "DTSTART;TZID=Europe/Berlin:20270302T090000",
                    "DTSTART;TZID=Europe/Berlin:20270302T093000",
                )
            }),
            403,
            "allowed-attendee-scheduling-object-change",
        ),
        then: &["ada: 03-01 09:00 e series: bob ? 1.2", "bob: 03-01 09:00 e series: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: nor does he make one",
        before: &[Act::Ada(series)],
        act: Act::Fails(
            &Act::BobEdits(|text| {
                replaced(text, RULE, &format!("{RULE}\r\nRDATE;TZID=Europe/Berlin:20270309T090000"))
            }),
            403,
            "allowed-attendee-scheduling-object-change",
        ),
        then: &["ada: 03-01 09:00 e series: bob ? 1.2", "bob: 03-01 09:00 e series: bob ?"],
        told: &[],
    },
    Case {
        what: "3.2.2.1: nor does he bring one back that was taken out",
        before: &[Act::Ada(series), Act::AdaEdits(without_second)],
        act: Act::Fails(
            &Act::BobEdits(|text| {
                let line = text.lines().find(|line| line.starts_with("EXDATE")).unwrap();
                replaced(text, &format!("{line}\r\n"), "")
            }),
            403,
            "allowed-attendee-scheduling-object-change",
        ),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob ? 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
        told: &[],
    },
    Case {
        what: "3.2.1.2: a date that is added is shown, and the whole is asked again",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| {
            replaced(text, RULE, &format!("{RULE}\r\nRDATE;TZID=Europe/Berlin:20270309T090000"))
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e series: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-02 09:00-10:00",
            "aula: 03-03 09:00-10:00",
            "aula: 03-09 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ?, aula yes"],
    },
    Case {
        what: "3.2.1.2: a series that ends earlier frees the room, and is asked again",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| replaced(text, "COUNT=3", "UNTIL=20270302T080000Z")),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e series: bob ?, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-02 09:00-10:00",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ?, aula yes"],
    },
    Case {
        what: "3.2.1.2: one date gets another title: the answer stands",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| second(series_in_aula(event), &[ADA, BOB, AULA, "DESCRIPTION:Bring cake"])),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2, aula yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e: bob yes 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e series: bob yes, aula yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-02 09:00-10:00",
            "aula: 03-03 09:00-10:00",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e series: bob yes, aula yes | [03-02 09:00] 03-02 09:00 e: bob yes, aula yes",
        ],
    },
    Case {
        what: "3.2.1.2: a date that was moved is back in its place",
        before: &[Act::Ada(|event| second_later(series(event), &[ADA, BOB])), Act::Bob("ACCEPTED")],
        act: Act::Ada(series),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series: bob yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob yes | [03-02 09:00] 03-02 09:00 e: bob ?"],
    },
    Case {
        what: "RFC 5546, section 3.2.5: one date is marked as cancelled, and cancelled by itself",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| second(series_in_aula(event), &[ADA, BOB, AULA, "STATUS:CANCELLED"])),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2, aula yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e CANCELLED: bob yes 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e series: bob yes, aula yes",
            "bob: [03-02 09:00] 03-02 09:00 e CANCELLED: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-03 09:00-10:00",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob yes, aula yes"],
    },
    Case {
        what: "RFC 5546, section 3.2.2: a request leaves out what is cancelled",
        before: &[Act::Ada(|event| second(series(event), &[ADA, BOB, "STATUS:CANCELLED"]))],
        act: Act::AdaEdits(|text| text.replace("SUMMARY:e", "SUMMARY:Plan")),
        then: &[
            "ada: 03-01 09:00 Plan series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 Plan CANCELLED: bob ? 1.2",
            "bob: 03-01 09:00 Plan series: bob ?",
            "bob: [03-02 09:00] 03-02 09:00 Plan CANCELLED: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan series without 03-02 09:00: bob ?"],
    },
    Case {
        what: "3.2.1.2: a date that is no date of the series is taken out: nothing is cancelled",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| {
            replaced(text, RULE, &format!("{RULE}\r\nEXDATE;TZID=Europe/Berlin:20270309T090000"))
        }),
        then: &[
            "ada: 03-01 09:00 e series without 03-09 09:00: bob yes 1.2",
            "bob: 03-01 09:00 e series without 03-09 09:00: bob yes",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series without 03-09 09:00: bob yes"],
    },
    Case {
        what: "3.2.1.2: of two dates that somebody is invited to one is cancelled",
        before: &[Act::Ada(|event| {
            third(second(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB]), &[ADA, BOB])
        })],
        act: Act::Ada(|event| third(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB])),
        then: &[
            "ada: 03-01 09:00 e series: ",
            "ada: [03-03 09:00] 03-03 09:00 e: bob ? 1.2",
            "bob: [03-03 09:00] 03-03 09:00 e: bob ?",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.1.2: instead of one date somebody is invited to another",
        before: &[Act::Ada(|event| second(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB]))],
        act: Act::Ada(|event| third(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB])),
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
        what: "RFC 5546, section 3.2.5: several dates are taken out at once",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| {
            third(
                series(event).line("EXDATE;TZID=Europe/Berlin:20270302T090000"),
                &[ADA, BOB, "STATUS:CANCELLED"],
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob yes 1.2",
            "ada: [03-03 09:00] 03-03 09:00 e CANCELLED: bob yes 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob yes",
            "bob: [03-03 09:00] 03-03 09:00 e CANCELLED: bob yes",
        ],
        told: &[
            "to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob yes | [03-03 09:00] 03-03 09:00 e CANCELLED: bob yes",
        ],
    },
    Case {
        what: "R50, R51: a new series of which one date is taken the room accepts without that date",
        before: &[Act::Taken("aula")],
        act: Act::Ada(series_in_aula),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2, aula yes 2.0",
            "ada: [03-01 09:00] 03-01 09:00 e: bob ? 1.2, aula no 2.0",
            "bob: 03-01 09:00 e series: bob ?, aula yes",
            "bob: [03-01 09:00] 03-01 09:00 e: bob ?, aula no",
            "aula: 03-01 09:30-10:30",
            "aula: 03-02 09:00-10:00",
            "aula: 03-03 09:00-10:00",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e series: bob ?, aula yes | [03-01 09:00] 03-01 09:00 e: bob ?, aula no",
        ],
    },
    Case {
        what: "R50: a new series of which one date is taken the room declines as a whole where none may be",
        before: &[Act::Set("aula", "max_conflicts", "0"), Act::Taken("aula")],
        act: Act::Ada(series_in_aula),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2, aula no 2.0",
            "bob: 03-01 09:00 e series: bob ?, aula no",
            "aula: 03-01 09:30-10:30",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ?, aula no"],
    },
    Case {
        what: "R55, R58: of a series that it has the room declines the date that is moved to where it is taken",
        before: &[
            Act::Ada(|event| series_in_aula(event).hours("20270302", 9, 10)),
            Act::Bob("ACCEPTED"),
            Act::Taken("aula"),
        ],
        act: Act::Ada(|event| {
            series_in_aula(event).hours("20270302", 9, 10).moved(
                "20270302T090000",
                "20270301T093000",
                "20270301T103000",
                &[ADA, BOB, AULA],
            )
        }),
        then: &[
            "ada: 03-02 09:00 e series: bob yes 1.2, aula yes 2.0",
            "ada: [03-02 09:00] 03-01 09:30 e: bob ? 1.2, aula no 2.0",
            "bob: 03-02 09:00 e series: bob yes, aula yes",
            "bob: [03-02 09:00] 03-01 09:30 e: bob ?, aula no",
            "aula: 03-01 09:30-10:30",
            "aula: 03-02 09:00-10:00",
            "aula: 03-03 09:00-10:00",
            "aula: 03-04 09:00-10:00",
        ],
        told: &[
            "to bob: REQUEST 03-02 09:00 e series: bob yes, aula yes | [03-02 09:00] 03-01 09:30 e: bob ?, aula no",
        ],
    },
    Case {
        what: "R30: another room for one date, a third for all",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| {
            let attic = "ATTENDEE:mailto:attic@example.org";
            second(series_in_aula(event).line(attic), &[ADA, BOB, LAB, attic])
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2, aula yes 2.0, attic yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e: bob yes 1.2, lab yes 2.0, attic yes 2.0",
            "bob: 03-01 09:00 e series: bob yes, aula yes, attic yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob yes, lab yes, attic yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-03 09:00-10:00",
            "lab: 03-02 09:00-10:00",
            "attic: 03-01 09:00-10:00",
            "attic: 03-02 09:00-10:00",
            "attic: 03-03 09:00-10:00",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e series: bob yes, aula yes, attic yes | [03-02 09:00] 03-02 09:00 e: bob yes, lab yes, attic yes",
        ],
    },
    Case {
        what: "3.2.6: who is invited to one date answers that date",
        before: &[Act::Ada(|event| {
            second(nine(event).rule("FREQ=DAILY;COUNT=3").line(CAROL), &[ADA, CAROL, BOB])
        })],
        act: Act::Bob("ACCEPTED"),
        then: &[
            "ada: 03-01 09:00 e series: carol ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: carol ? 1.2, bob yes 2.0",
            "bob: [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
            "carol: 03-01 09:00 e series: carol ?",
            "carol: [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
        ],
        told: &["to ada: REPLY [03-02 09:00] 03-02 09:00 e: bob yes"],
    },
    Case {
        what: "3.2.2.4: and declines that date by throwing it away",
        before: &[Act::Ada(|event| second(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB]))],
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e series: ", "ada: [03-02 09:00] 03-02 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY [03-02 09:00] 03-02 09:00 e: bob no"],
    },
    Case {
        what: "3.2.6: who was invited to one date is invited to all",
        before: &[
            Act::Ada(|event| second(nine(event).rule("FREQ=DAILY;COUNT=3"), &[ADA, BOB])),
            Act::Bob("ACCEPTED"),
        ],
        act: Act::Ada(series),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: bob yes 1.2",
            "bob: 03-01 09:00 e series: bob ?",
            "bob: [03-02 09:00] 03-02 09:00 e: bob yes",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ? | [03-02 09:00] 03-02 09:00 e: bob yes"],
    },
    Case {
        what: "3.2.6: who was invited to all is invited to one date",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| second(nine(event).rule("FREQ=DAILY;COUNT=3").line(CAROL), &[ADA, CAROL, BOB])),
        then: &[
            "ada: 03-01 09:00 e series: carol ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: carol ? 1.2, bob yes 1.2",
            "bob: [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
            "carol: 03-01 09:00 e series: carol ?",
            "carol: [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
        ],
        told: &[
            "to bob: CANCEL 03-01 09:00 e CANCELLED series: bob yes",
            "to bob: REQUEST [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
            "to carol: REQUEST 03-01 09:00 e series: carol ? | [03-02 09:00] 03-02 09:00 e: carol ?, bob yes",
        ],
    },
    Case {
        what: "3.2.6: who was left out of one date is in it again",
        before: &[Act::Ada(|event| second(series(event), &[ADA])), Act::Bob("ACCEPTED")],
        act: Act::Ada(series),
        then: &["ada: 03-01 09:00 e series: bob yes 1.2", "bob: 03-01 09:00 e series: bob yes"],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob yes"],
    },
    Case {
        what: "3.2.10: an answer to a series of which one date was moved meanwhile is not taken",
        before: &[Act::Ada(series)],
        act: Act::Fails(
            &Act::BobLate(&Act::Ada(|event| second_later(series(event), &[ADA, BOB])), "ACCEPTED"),
            412,
            "",
        ),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 11:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series: bob ?",
            "bob: [03-02 09:00] 03-02 11:00 e: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ? | [03-02 09:00] 03-02 11:00 e: bob ?"],
    },
    Case {
        what: "3.2.1.3: a series of which dates were moved and declined is cancelled whole",
        before: &[
            Act::Ada(|event| second_later(series_in_aula(event), &[ADA, BOB, AULA])),
            Act::Bob("ACCEPTED"),
        ],
        act: Act::AdaDeletes,
        then: &[
            "bob: 03-01 09:00 e CANCELLED series: bob yes, aula yes",
            "bob: [03-02 09:00] 03-02 11:00 e CANCELLED: bob yes, aula yes",
        ],
        told: &[
            "to bob: CANCEL 03-01 09:00 e CANCELLED series: bob yes, aula yes | [03-02 09:00] 03-02 11:00 e CANCELLED: bob yes, aula yes",
        ],
    },
];

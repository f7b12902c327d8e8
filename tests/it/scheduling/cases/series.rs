//! What happens to single dates of a series: RFC 6638, sections 3.2.6 and 3.2.8.

use super::{ADA, Act, BOB, Case, nine, one_date, replaced, series, series_in_aula};

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.6: who is invited to one date sees that date",
        before: &[],
        act: Act::Ada(|event| {
            nine(event).rule("FREQ=DAILY;COUNT=3").line("ATTENDEE:mailto:carol@example.org").moved(
                "20270302T090000",
                "20270302T090000",
                "20270302T100000",
                &[ADA, "ATTENDEE:mailto:carol@example.org", BOB],
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series: carol ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: carol ? 1.2, bob ? 1.2",
            "bob: [03-02 09:00] 03-02 09:00 e: carol ?, bob ?",
            "carol: 03-01 09:00 e series: carol ?",
            "carol: [03-02 09:00] 03-02 09:00 e: carol ?, bob ?",
        ],
        told: &[
            "to bob: REQUEST [03-02 09:00] 03-02 09:00 e: carol ?, bob ?",
            "to carol: REQUEST 03-01 09:00 e series: carol ? | [03-02 09:00] 03-02 09:00 e: carol ?, bob ?",
        ],
    },
    Case {
        what: "3.2.6: who is left out of one date does not see it",
        before: &[],
        act: Act::Ada(|event| {
            series(event).moved(
                "20270302T090000",
                "20270302T090000",
                "20270302T100000",
                &[ADA, "ATTENDEE:mailto:carol@example.org"],
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: carol ? 1.2",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
            "carol: [03-02 09:00] 03-02 09:00 e: carol ?",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e series without 03-02 09:00: bob ?",
            "to carol: REQUEST [03-02 09:00] 03-02 09:00 e: carol ?",
        ],
    },
    Case {
        what: "3.2.1.2: a date that is taken out is cancelled by itself",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| {
            replaced(
                text,
                "RRULE:FREQ=DAILY;COUNT=3",
                "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20270302T090000",
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series without 03-02 09:00: bob yes 1.2, aula yes 2.0",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-03 09:00-10:00",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob yes, aula yes"],
    },
    Case {
        what: "3.2.1.2: left out of one date later, the attendee sees that one cancelled",
        before: &[Act::Ada(series)],
        act: Act::Ada(|event| {
            series(event).moved("20270302T090000", "20270302T090000", "20270302T100000", &[ADA])
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob ? 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: ",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob ?",
        ],
        told: &["to bob: CANCEL [03-02 09:00] 03-02 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.8: one date is moved, and only that one is asked again",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::Ada(|event| {
            series(event).moved("20270302T090000", "20270302T110000", "20270302T120000", &[ADA, BOB])
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2",
            "ada: [03-02 09:00] 03-02 11:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series: bob yes",
            "bob: [03-02 09:00] 03-02 11:00 e: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob yes | [03-02 09:00] 03-02 11:00 e: bob ?"],
    },
    Case {
        what: "3.2.8: a new rule asks for the whole again",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::AdaEdits(|text| replaced(text, "COUNT=3", "COUNT=2")),
        then: &["ada: 03-01 09:00 e series: bob ? 1.2", "bob: 03-01 09:00 e series: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob ?"],
    },
    Case {
        what: "3.2.2.3: one date is declined by a part of its own",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| one_date(text, "DECLINED")),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 2.0, aula yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e: bob no 2.0, aula yes 2.0",
            "bob: 03-01 09:00 e series: bob yes, aula yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob no, aula yes",
            "aula: 03-01 09:00-10:00",
            "aula: 03-02 09:00-10:00",
            "aula: 03-03 09:00-10:00",
        ],
        told: &["to ada: REPLY [03-02 09:00] 03-02 09:00 e: bob no"],
    },
    Case {
        what: "3.2.2.3: or by leaving it out",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| {
            replaced(
                text,
                "RRULE:FREQ=DAILY;COUNT=3",
                "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20270302T090000",
            )
        }),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 2.0",
            "ada: [03-02 09:00] 03-02 09:00 e: bob no 2.0",
            "bob: 03-01 09:00 e series without 03-02 09:00: bob yes",
        ],
        told: &["to ada: REPLY [03-02 09:00] 03-02 09:00 e: bob no"],
    },
    Case {
        what: "3.2.10: that answer survives a text of the organizer that does not know it",
        before: &[Act::Ada(series), Act::Bob("ACCEPTED"), Act::BobEdits(|text| one_date(text, "DECLINED"))],
        act: Act::Ada(|event| series(event).summary("Plan")),
        then: &[
            "ada: 03-01 09:00 Plan series: bob yes 1.2",
            "ada: [03-02 09:00] 03-02 09:00 Plan: bob no 1.2",
            "bob: 03-01 09:00 Plan series: bob yes",
            "bob: [03-02 09:00] 03-02 09:00 Plan: bob no",
        ],
        told: &["to bob: REQUEST 03-01 09:00 Plan series: bob yes | [03-02 09:00] 03-02 09:00 Plan: bob no"],
    },
    Case {
        what: "3.2.1.3: a series is cancelled whole",
        before: &[Act::Ada(series_in_aula), Act::Bob("ACCEPTED")],
        act: Act::AdaDeletes,
        then: &["bob: 03-01 09:00 e CANCELLED series: bob yes, aula yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED series: bob yes, aula yes"],
    },
];

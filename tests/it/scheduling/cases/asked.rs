//! What becomes of answers to single dates where the organizer's text has no part for them: RFC 6638,
//! sections 3.2.8 and 3.2.10.

use super::dates::{CAROL, second_later};
use super::{ADA, Act, BOB, Case, one_date, series};

/// Bob accepts what is a part of its own.
fn accepts_single(text: &str) -> String {
    let accepted = |part: &str| part.replace("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED");
    let is_single = |part: &str| part.contains("RECURRENCE-ID");
    let parts = text.split("BEGIN:VEVENT");
    let parts = parts.map(|part| if is_single(part) { accepted(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("BEGIN:VEVENT")
}

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.8: an answer to where it was is none to where it is",
        before: &[
            Act::Ada(|event| second_later(series(event), &[ADA, BOB])),
            Act::Bob("DECLINED"),
            Act::BobEdits(accepts_single),
        ],
        act: Act::Ada(series),
        then: &[
            "ada: 03-01 09:00 e series: bob no 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: bob ? 1.2",
            "bob: 03-01 09:00 e series: bob no",
            "bob: [03-02 09:00] 03-02 09:00 e: bob ?",
        ],
        told: &["to bob: REQUEST 03-01 09:00 e series: bob no | [03-02 09:00] 03-02 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.8: and so for each who comes to it",
        before: &[
            Act::Ada(|event| second_later(series(event).line(CAROL), &[ADA, BOB, CAROL])),
            Act::Bob("ACCEPTED"),
            Act::Carol("ACCEPTED"),
        ],
        act: Act::Ada(|event| series(event).line(CAROL)),
        then: &[
            "ada: 03-01 09:00 e series: bob yes 1.2, carol yes 1.2",
            "ada: [03-02 09:00] 03-02 09:00 e: bob ? 1.2, carol ? 1.2",
            "bob: 03-01 09:00 e series: bob yes, carol yes",
            "bob: [03-02 09:00] 03-02 09:00 e: bob ?, carol ?",
            "carol: 03-01 09:00 e series: bob yes, carol yes",
            "carol: [03-02 09:00] 03-02 09:00 e: bob ?, carol ?",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 e series: bob yes, carol yes | [03-02 09:00] 03-02 09:00 e: bob ?, carol ?",
            "to carol: REQUEST 03-01 09:00 e series: bob yes, carol yes | [03-02 09:00] 03-02 09:00 e: bob ?, carol ?",
        ],
    },
    Case {
        what: "3.2.10: of each who declined one date the answer survives a text that does not know it",
        before: &[
            Act::Ada(|event| series(event).line(CAROL)),
            Act::Bob("ACCEPTED"),
            Act::Carol("ACCEPTED"),
            Act::BobEdits(|text| one_date(text, "DECLINED")),
            Act::Carol("DECLINED"),
            Act::CarolEdits(|text| {
                let (series, date) = text.split_once("RECURRENCE-ID").expect("one date by itself");
                let series = series.replace("DECLINED:mailto:carol", "ACCEPTED:mailto:carol");
                format!("{series}RECURRENCE-ID{date}")
            }),
        ],
        act: Act::Ada(|event| series(event).line(CAROL).summary("Plan")),
        then: &[
            "ada: 03-01 09:00 Plan series: bob yes 1.2, carol yes 1.2",
            "ada: [03-02 09:00] 03-02 09:00 Plan: bob no 1.2, carol no 1.2",
            "bob: 03-01 09:00 Plan series: bob yes, carol yes",
            "bob: [03-02 09:00] 03-02 09:00 Plan: bob no, carol no",
            "carol: 03-01 09:00 Plan series: bob yes, carol yes",
            "carol: [03-02 09:00] 03-02 09:00 Plan: bob no, carol no",
        ],
        told: &[
            "to bob: REQUEST 03-01 09:00 Plan series: bob yes, carol yes | [03-02 09:00] 03-02 09:00 Plan: bob no, carol no",
            "to carol: REQUEST 03-01 09:00 Plan series: bob yes, carol yes | [03-02 09:00] 03-02 09:00 Plan: bob no, carol no",
        ],
    },
];

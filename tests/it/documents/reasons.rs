//! `docs/reasons.md`: every reason with its sentence in both languages. Each names the rule, the limit where
//! there is one, and the date; who has the room is in it only where the asker may see that (R105).

use std::fmt::Write as _;

use roomdav::domain::hours::Hours;
use roomdav::domain::reason::{Failure, Reason};
use roomdav::domain::recurrence::RecurrenceId;
use roomdav::domain::time::{Period, Zone};
use roomdav::text::{About, Language, Told, refusal};

use super::current;
use crate::support::instant;

const HOURS: &str = "Mon-Fri 08:00-18:00";

/// The limit that a reason is about in this page, and the words in which it must be named.
fn limit(reason: Reason) -> (Option<i64>, [&'static str; 2]) {
    let none = ["", ""];
    match reason {
        Reason::TooSoon | Reason::LateCancel => (Some(86_400), ["1 day", "1 Tag"]),
        Reason::TooFar => (Some(instant("2028-03-29T22:00:00Z").secs()), ["29 March 2028", "29. März 2028"]),
        Reason::TooShort | Reason::Grid => (Some(900), ["15 minutes", "15 Minuten"]),
        Reason::TooLong => (Some(7_200), ["2 hours", "2 Stunden"]),
        Reason::ClosedHours => (None, ["Mon-Fri 08:00-18:00", "Mo-Fr 08:00-18:00"]),
        _ => (None, none),
    }
}

fn sentence(reason: Reason, language: Language, holder: Option<&str>) -> String {
    let (start, end) = (instant("2027-05-12T08:00:00Z"), instant("2027-05-12T09:00:00Z"));
    let period = Period { start, end };
    let bound = limit(reason).0;
    let failure = Failure { reason, id: RecurrenceId::SINGLE, period, all_day: false, conflict: None, bound };
    let (zone, hours) = (Zone::iana("Europe/Berlin").unwrap(), Hours::parse(HOURS).unwrap());
    let room = About { name: "Aula", zone: &zone, hours: Some(&hours) };
    refusal(language, &room, &[Told { failure: &failure, holder }])
}

#[test]
fn every_reason_has_a_sentence_that_names_rule_limit_and_date() {
    let mut text = String::from(
        "# Reasons\n\n\
         Written from `src/text`; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew. Codes are stable (R151).\n\
         Who has the room is named only to those who may see that in its calendar (R105).\n\n\
         | Code | Rule | English | German |\n|---|---|---|---|\n",
    );
    let mut wrong = Vec::new();
    for reason in Reason::ALL.iter().copied() {
        let both = [Language::English, Language::German].map(|language| sentence(reason, language, None));
        let (_, limits) = limit(reason);
        let dates = ["12 May 2027 from 10:00 to 11:00", "12. Mai 2027 von 10:00 bis 11:00"];
        for ((sentence, limit), date) in both.iter().zip(limits).zip(dates) {
            let names_rule = sentence.ends_with(&format!("; {}).", reason.rule()));
            if !(names_rule && sentence.contains(limit) && sentence.contains(date)) {
                wrong.push(sentence.clone());
            }
        }
        let [english, german] = both;
        let _ = writeln!(text, "| `{}` | {} | {english} | {german} |", reason.code(), reason.rule());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    current("docs/reasons.md", &text);
}

#[test]
fn a_holder_is_named_where_he_may_be() {
    // R105.
    for language in [Language::English, Language::German] {
        assert!(sentence(Reason::Busy, language, Some("Ada")).contains("Ada"));
        assert!(!sentence(Reason::Busy, language, None).contains("Ada"));
    }
}

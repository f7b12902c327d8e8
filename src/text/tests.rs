//! What the sentences look like.

use super::*;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::Period;
use jiff::civil::date;

fn failure(reason: Reason, day: i8, hour: i8) -> Failure {
    let zone = Zone::iana("Europe/Vienna").expect("bundled");
    let start = zone.to_instant(date(2027, 5, day).at(hour, 0, 0, 0));
    let period = Period::new(start, start.plus(3600)).expect("in order");
    Failure { reason, id: RecurrenceId::SINGLE, period, all_day: false, conflict: None, bound: None }
}

fn aurora<'a>(zone: &'a Zone, hours: Option<&'a Hours>) -> About<'a> {
    About { name: "Aurora", zone, hours }
}

fn told<'a>(failures: &'a [Failure], holder: Option<&'a str>) -> Vec<Told<'a>> {
    failures.iter().map(|failure| Told { failure, holder }).collect()
}

#[test]
fn a_refusal_names_room_time_and_zone() {
    let zone = Zone::iana("Europe/Vienna").expect("bundled");
    let failures = [failure(Reason::Busy, 12, 10)];
    assert_eq!(
        refusal(Language::English, &aurora(&zone, None), &told(&failures, None)),
        "Room Aurora is already booked on 12 May 2027 from 10:00 to 11:00 (Europe/Vienna; R1)."
    );
    assert_eq!(
        refusal(Language::German, &aurora(&zone, None), &told(&failures, Some("Ada"))),
        "Raum Aurora ist schon belegt am 12. Mai 2027 von 10:00 bis 11:00 durch Ada (Europe/Vienna; R1)."
    );
}

#[test]
fn a_refusal_of_what_has_no_time_is_a_sentence() {
    let sentence = refusal(Language::English, &aurora(&Zone::utc(), None), &[]);
    assert_eq!(sentence, "Room Aurora cannot be booked, changed or cancelled by you.");
}

#[test]
fn a_refusal_names_every_date_under_its_reason() {
    let zone = Zone::iana("Europe/Vienna").expect("bundled");
    let failures =
        [failure(Reason::Busy, 12, 10), failure(Reason::ClosedHours, 19, 10), failure(Reason::Busy, 26, 10)];
    let hours = Hours::parse("Mon-Fri 14:00-18:00;Sat 09:00-12:00").expect("hours");
    assert_eq!(
        refusal(Language::English, &aurora(&zone, Some(&hours)), &told(&failures, None)),
        "Room Aurora is already booked on 12 May 2027 from 10:00 to 11:00 and on 26 May 2027 from 10:00 to 11:00; \
         is open Mon-Fri 14:00-18:00, Sat 09:00-12:00, not on 19 May 2027 from 10:00 to 11:00 \
         (Europe/Vienna; R1, R93)."
    );
}

#[test]
fn reason_phrases_fit_a_status_line() {
    for reason in Reason::ALL {
        let phrase = reason_phrase(*reason);
        assert!(phrase.is_ascii() && phrase.len() <= 80 && !phrase.contains(['\r', '\n']), "{phrase}");
    }
}

#[test]
fn the_language_follows_the_header() {
    assert_eq!(Language::from_accept("fr, de-AT;q=0.8, en;q=0.5"), Some(Language::German));
    assert_eq!(Language::from_accept("en-US,de"), Some(Language::English));
    assert_eq!(Language::from_accept("fr, *;q=0.1"), None);
}

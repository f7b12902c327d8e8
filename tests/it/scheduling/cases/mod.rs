//! The table of RFC 6638, section 3.2: who does what to an event in which state, and what everybody
//! has and is told afterwards.

mod acts;
mod agents;
mod asked;
mod attendees;
mod dates;
mod lost;
mod organizers;
mod refusals;
mod rooms;
mod series;
mod transfers;

use acts::{Act, act};

use super::world::{all_messages, answering, build, told_of};
use crate::support::{Event, TestServer};

/// One row. `then` is what everybody has; `told` are the new messages.
struct Case {
    what: &'static str,
    before: &'static [Act],
    act: Act,
    then: &'static [&'static str],
    told: &'static [&'static str],
}

pub(super) fn nine(event: Event) -> Event {
    event.hours("20270301", 9, 10).organizer("ada")
}

pub(super) fn with_bob(event: Event) -> Event {
    nine(event).line("ATTENDEE;RSVP=TRUE:mailto:bob@example.org")
}

pub(super) fn with_bob_and_aula(event: Event) -> Event {
    with_bob(event).attendee("aula")
}

pub(super) fn series(event: Event) -> Event {
    with_bob(event).rule("FREQ=DAILY;COUNT=3")
}

pub(super) fn series_in_aula(event: Event) -> Event {
    series(event).attendee("aula")
}

pub(super) const BOB: &str = "ATTENDEE:mailto:bob@example.org";
pub(super) const ADA: &str = "ORGANIZER:mailto:ada@example.org";

pub(super) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "no {from} in {text}");
    text.replace(from, to)
}

/// The second date as a part of its own with this answer of Bob's.
pub(super) fn one_date(text: &str, partstat: &str) -> String {
    let begin = text.find("BEGIN:VEVENT").unwrap();
    let (head, rest) = text.split_at(begin);
    let end = rest.find("END:VCALENDAR").unwrap();
    let (parts, tail) = rest.split_at(end);
    let own = parts
        .replace("20270301T", "20270302T")
        .replace("RRULE:FREQ=DAILY;COUNT=3", "RECURRENCE-ID;TZID=Europe/Berlin:20270302T090000");
    format!("{head}{parts}{}{tail}", answering(&own, "bob", partstat))
}

// RFC 6638, sections 3, 3.2.1 to 3.2.10, 3.2.1.1 to 3.2.1.3, 3.2.2.1 to 3.2.2.4, 3.2.3.1 to 3.2.3.4,
// 3.2.4.2 to 3.2.4.4, 4, 4.1, 4.2, 7, 7.1, 7.2, 7.3 and 8.1; RFC 5546, section 3.2
async fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        for server in servers().await {
            build(&server).await;
            for step in case.before {
                Box::pin(act(&server, *step)).await;
            }
            let known = all_messages(&server).await;
            Box::pin(act(&server, case.act)).await;
            let mut told = all_messages(&server).await;
            for message in &known {
                told.remove(told.iter().position(|it| it == message).expect("messages stay"));
            }
            let then = told_of(&server).await;
            if then != case.then || told != case.told {
                wrong.push(format!("{}\n  then {then:#?}\n  told {told:#?}", case.what));
            }
            assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new(), "{}", case.what);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_organizers_do_is_seen_and_told() {
    hold(organizers::CASES).await;
}

#[tokio::test]
async fn what_attendees_do_is_seen_and_told() {
    hold(attendees::CASES).await;
}

#[tokio::test]
async fn what_happens_to_a_series_is_seen_and_told() {
    hold(series::CASES).await;
}

#[tokio::test]
async fn what_happens_to_single_dates_is_seen_and_told() {
    hold(dates::CASES).await;
}

#[tokio::test]
async fn what_was_answered_to_single_dates_stands_or_is_asked_again() {
    hold(asked::CASES).await;
}

#[tokio::test]
async fn what_is_not_there_any_more_is_told() {
    hold(lost::CASES).await;
}

#[tokio::test]
async fn what_rooms_answer_is_seen_and_told() {
    hold(rooms::CASES).await;
}

#[tokio::test]
async fn who_tells_whom_is_obeyed() {
    hold(agents::CASES).await;
}

#[tokio::test]
async fn what_is_refused_is_told_to_nobody() {
    hold(refusals::CASES).await;
}

#[tokio::test]
async fn what_is_moved_and_copied_is_seen_and_told() {
    hold(transfers::CASES).await;
}

async fn servers() -> Vec<TestServer> {
    let mut servers = vec![TestServer::sqlite().await];
    servers.extend(TestServer::postgres().await);
    servers
}

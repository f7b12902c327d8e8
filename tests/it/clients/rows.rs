//! The rows of the refusal table, each played with any program. What a program is answered is its
//! column's; how it ends is the same for all: it shows what the server holds. Only a refused new
//! event stays in programs that nothing can talk out of it; then the program has shown its error,
//! the server is as before, and the repeat is answered the same and leaves nothing new behind.

use roomdav::domain::user::Refusals;

use super::program::{Column, Program, uid_of};
use crate::support::{Client, Event, TestServer, event};

/// Ada's program, with a booking of Bob's from nine to ten and one of hers from eleven to twelve.
pub(super) async fn world<'s, P: Program<'s>>(server: &'s TestServer) -> P {
    world_as(server, server.client("ada")).await
}

/// The same where Ada signs in as this client.
pub(super) async fn world_as<'s, P: Program<'s>>(server: &'s TestServer, ada: Client<'s>) -> P {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.client("bob").book("aula", &event("bobs").hours("20270301", 9, 10)).await.created();
    ada.book("aula", &event("mine").hours("20270301", 11, 12)).await.created();
    let room = ada.room("aula");
    let mut program = P::new(ada, &room);
    program.sync().await;
    assert_eq!(program.shows(), held(server).await, "it shows everything at first");
    program.line().log.clear();
    program
}

/// The UID under which Ada sees Bob's event.
pub(super) fn foreign_uid<'s>(program: &impl Program<'s>) -> String {
    let shown = program.shows();
    shown.iter().map(|text| uid_of(text)).find(|uid| uid != "mine").expect("Bob's event is shown")
}

/// What the server holds for Ada.
pub(super) async fn held(server: &TestServer) -> Vec<String> {
    let ada = server.client("ada");
    let mut texts = ada.texts(&ada.room("aula")).await;
    texts.sort();
    texts
}

/// Everything that a repeat must leave as it is.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    claims: Vec<String>,
    held: Vec<String>,
    audit: usize,
    notices: usize,
}

async fn traces(server: &TestServer) -> Traces {
    Traces {
        claims: server.claims("aula").await,
        held: held(server).await,
        audit: server.audit("aula").await.len(),
        notices: server.notices("ada").await.len(),
    }
}

/// Runs until nothing changes any more.
async fn settle<'s>(program: &mut impl Program<'s>) {
    for _ in 0..3 {
        program.sync().await;
    }
}

/// The table's answer in this column: for the first of its columns, and the others.
fn expected<'s, P: Program<'s>>(default: u16, friendly: u16, mac: u16, kde: u16) -> u16 {
    match P::COLUMN {
        Column::Default => default,
        Column::Friendly => friendly,
        Column::Mac => mac,
        Column::Kde => kde,
    }
}

/// R4.1: no refusal moves a claim.
const CLAIMS: [&str; 2] = ["03-01 09:00-10:00", "03-01 11:00-12:00"];

async fn refused_new<'s, P: Program<'s>>(server: &'s TestServer, program: &mut P, new: &Event, reason: &str) {
    program.create("new", &new.text()).await;
    let answer = program.line().answer("PUT").clone();
    let status = expected::<P>(403, 201, 403, 403);
    if status == 403 {
        answer.refused(reason);
    } else {
        assert_eq!(answer.expect(201).header("etag"), None, "a declined copy has another text");
    }
    settle(program).await;
    let before = traces(server).await;
    assert_eq!(before.claims, CLAIMS);
    assert_eq!(before.notices, 1, "R120, R4.5");
    if !P::KEEPS_REFUSED_NEW {
        assert_eq!(program.shows(), before.held);
        return;
    }
    assert!(!program.told().is_empty(), "it shows its error");
    let mut shown = program.shows();
    shown.retain(|text| *text != new.text());
    assert_eq!(shown, before.held);
    refused_again(server, program, new, reason, before).await;
}

/// R4.4: whoever repeats is answered the same, and nothing is written about it.
async fn refused_again<'s, P: Program<'s>>(
    server: &'s TestServer,
    program: &mut P,
    new: &Event,
    reason: &str,
    before: Traces,
) {
    let again = server.client("ada").agent(P::AGENT);
    let first = program.line().answer("PUT").text();
    let second = again.create(&format!("{}new.ics", again.room("aula")), new.text()).await.refused(reason);
    assert_eq!(second.text(), first);
    program.sync().await;
    assert_eq!(traces(server).await, before);
}

pub(super) async fn new_booking_of_a_taken_room<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    refused_new(server, &mut program, &event("new").hours("20270301", 9, 10), "busy").await;
}

pub(super) async fn new_booking_against_a_rule<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    server.set("aula", "max_duration", "1h").await;
    refused_new(server, &mut program, &event("new").hours("20270301", 14, 16), "too-long").await;
}

/// A change or deletion has been refused with this status: everything is as it was.
async fn undone<'s, P: Program<'s>>(server: &'s TestServer, program: &mut P, before: &[String]) {
    settle(program).await;
    assert_eq!(program.shows(), held(server).await);
    assert_eq!(program.shows(), before, "R4.1");
    assert_eq!(server.claims("aula").await, CLAIMS, "R4.1");
}

async fn refused_change<'s, P: Program<'s>>(
    server: &'s TestServer,
    program: &mut P,
    text: &str,
    reason: &str,
) {
    let before = program.shows();
    program.change(&uid_of(text), text).await;
    let answer = program.line().answer("PUT").clone();
    answer.expect(expected::<P>(403, 412, 412, 412)).has_reason(reason);
    undone(server, program, &before).await;
}

pub(super) async fn change_into_a_conflict<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    let into = event("mine").hours("20270301", 9, 10).text();
    refused_change(server, &mut program, &into, "busy").await;
}

pub(super) async fn change_against_a_rule<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    server.set("aula", "max_duration", "1h").await;
    let into = event("mine").hours("20270301", 11, 14).text();
    refused_change(server, &mut program, &into, "too-long").await;
}

pub(super) async fn change_of_somebody_elses<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    let foreign = foreign_uid(&program);
    let shown = program.shows().into_iter().find(|text| uid_of(text) == foreign).expect("it is shown");
    let changed = shown.replace("SUMMARY:", "SUMMARY:Mine now: ");
    assert_ne!(changed, shown);
    refused_change(server, &mut program, &changed, "not-allowed").await;
}

pub(super) async fn deletion_of_somebody_elses<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    let before = program.shows();
    let foreign = foreign_uid(&program);
    program.delete(&foreign).await;
    // R4.7: to nobody 409 or 412.
    program.line().answer("DELETE").clone().refused("not-allowed");
    undone(server, &mut program, &before).await;
}

pub(super) async fn deletion_that_comes_too_late<'s, P: Program<'s>>(server: &'s TestServer) {
    // R88.
    let mut program = world::<P>(server).await;
    server.set("aula", "cancel_deadline", "7d").await;
    server.set("aula", "lock_after_deadline", "on").await;
    let before = program.shows();
    program.delete("mine").await;
    program.line().answer("DELETE").clone().refused("late-cancel");
    undone(server, &mut program, &before).await;
}

pub(super) async fn calendar_that_is_not_writable<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    server.set("aula", "book", "none").await;
    program.sync().await;
    let new = event("new").hours("20270301", 14, 15).text();
    // It knows from the privileges, and does not offer it; or tries and is refused.
    let before = program.shows();
    program.create("new", &new).await;
    settle(&mut program).await;
    let trace = traces(server).await;
    program.sync().await;
    assert_eq!(traces(server).await, trace, "a repeat costs nothing");
    if program.shows() != before {
        assert!(P::KEEPS_REFUSED_NEW && !program.told().is_empty(), "it stays, and an error is shown");
        program.give_up("new").await;
    }
    undone(server, &mut program, &before).await;
    let changed = event("mine").hours("20270301", 15, 16).text();
    program.change("mine", &changed).await;
    undone(server, &mut program, &before).await;
    program.delete(&foreign_uid(&program)).await;
    undone(server, &mut program, &before).await;
    // The door holds whoever knocks, in the same words for all.
    let client = server.client("ada").agent(P::AGENT);
    let room = client.room("aula");
    client.create(&format!("{room}new.ics"), &new).await.fails(403, "need-privileges");
    client.put(&format!("{room}mine.ics"), &changed).await.fails(403, "need-privileges");
}

/// A text for a UID.
type Text<'t> = &'t dyn Fn(&str) -> String;

/// Sends each text as a new event and as a change; the answer is the same in every column.
async fn refused_texts<'s, P: Program<'s>>(server: &'s TestServer, texts: &[(&str, Text<'_>)]) {
    let mut program = world::<P>(server).await;
    let before = program.shows();
    for (condition, text) in texts {
        program.create("new", &text("new")).await;
        program.line().answer("PUT").clone().fails(403, condition);
        settle(&mut program).await;
        if P::KEEPS_REFUSED_NEW {
            assert!(!program.told().is_empty(), "it shows its error");
            assert_eq!(held(server).await, before);
        }
        // Where the program reports it and cannot go on, or keeps it, the person deletes it.
        program.give_up("new").await;
        undone(server, &mut program, &before).await;
        program.change("mine", &text("mine")).await;
        program.line().answer("PUT").clone().fails(403, condition);
        program.give_up("mine").await;
        undone(server, &mut program, &before).await;
    }
}

pub(super) async fn text_that_is_no_event<'s, P: Program<'s>>(server: &'s TestServer) {
    refused_texts::<P>(
        server,
        &[
            ("valid-calendar-data", &|uid| format!("BEGIN:VCALENDAR\r\nUID:{uid}\r\nVERSION:2.0\r\n")),
            ("supported-calendar-component", &|uid| {
                event(uid).hours("20270301", 14, 15).text().replace("VEVENT", "VTODO").replace("DTEND", "DUE")
            }),
            ("valid-calendar-object-resource", &|uid| {
                let (one, two) = (
                    event(uid).hours("20270301", 14, 15).text(),
                    event("other").hours("20270301", 14, 15).text(),
                );
                let second = two.split_once("BEGIN:VEVENT").expect("an event").1;
                one.replace("END:VCALENDAR\r\n", &format!("BEGIN:VEVENT{second}"))
            }),
        ],
    )
    .await;
}

pub(super) async fn event_beyond_the_limits<'s, P: Program<'s>>(server: &'s TestServer) {
    let at_two = |uid: &str| event(uid).hours("20270301", 14, 15);
    refused_texts::<P>(
        server,
        &[
            ("max-resource-size", &|uid| {
                let line = "x".repeat(60_000);
                let filled = (0..18).fold(at_two(uid), |event, _| event.line(&format!("COMMENT:{line}")));
                filled.text()
            }),
            ("max-instances", &|uid| at_two(uid).rule("FREQ=DAILY;BYHOUR=14,16,18,20").text()),
            ("max-attendees-per-instance", &|uid| {
                (0..101)
                    .fold(at_two(uid), |event, n| event.line(&format!("ATTENDEE:mailto:p{n}@example.com")))
                    .text()
            }),
            ("min-date-time", &|uid| event(uid).hours("19690101", 9, 10).text()),
            ("max-date-time", &|uid| event(uid).hours("21010101", 9, 10).text()),
        ],
    )
    .await;
}

pub(super) async fn database_that_is_down<'s, P: Program<'s>>(server: &'s TestServer) {
    let mut program = world::<P>(server).await;
    server.database_down().await;
    let new = event("new").hours("20270301", 14, 15).text();
    program.create("new", &new).await;
    program.sync().await;
    let client = server.client("ada").agent(P::AGENT);
    let put = client.create(&format!("{}new.ics", client.room("aula")), &new).await.expect(503);
    assert!(put.header("retry-after").and_then(|secs| secs.parse::<u32>().ok()).is_some_and(|secs| secs > 0));
    let deleted = client.delete(&format!("{}mine.ics", client.room("aula"))).await.expect(503);
    assert!(deleted.header("retry-after").is_some());
    assert_eq!(server.claims("aula").await, CLAIMS);
    server.database_up();
    settle(&mut program).await;
    assert_eq!(program.shows(), held(server).await);
}

pub(super) async fn race_that_is_lost<'s, P: Program<'s>>(server: &'s TestServer) {
    // R4.3: decided where it would have been booked, so the loser is told what it would have been
    // told a minute later. Both are under way at once; whoever wins, the table holds.
    let mut program = world::<P>(server).await;
    let bob = server.client("bob");
    let (theirs, ours) = (event("theirs").hours("20270301", 14, 15), event("new").hours("20270301", 14, 15));
    let text = ours.text();
    let (rival, ()) = tokio::join!(bob.book("aula", &theirs), program.create("new", &text));
    settle(&mut program).await;
    let mut claims = CLAIMS.to_vec();
    claims.push("03-01 14:00-15:00");
    assert_eq!(server.claims("aula").await, claims);
    let mut shown = program.shows();
    if rival.status == 201 {
        assert_eq!(program.line().answer("PUT").status, expected::<P>(403, 201, 403, 403));
        if P::KEEPS_REFUSED_NEW {
            assert!(!program.told().is_empty());
            shown.retain(|shown| *shown != text);
        }
    } else {
        rival.refused("busy");
    }
    assert_eq!(shown, held(server).await);
}

/// What is pinned goes before the program: `strict` is the first column, `friendly` the second.
pub(super) async fn pinned<'s, P: Program<'s>>(server: &'s TestServer, mode: Refusals) {
    let mut program = world_as::<P>(server, server.client("ada").pinned(mode)).await;
    program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
    let status = if mode == Refusals::Friendly { 201 } else { 403 };
    assert_eq!(program.line().last("PUT"), status);
    let changed = event("mine").hours("20270301", 9, 10).text();
    let client = server.client("ada").pinned(mode).agent(P::AGENT);
    let status = if mode == Refusals::Friendly { 412 } else { 403 };
    client.put(&format!("{}mine.ics", client.room("aula")), &changed).await.expect(status);
}

//! Messages to rooms (RFC 5546), as a mailbox hands them over: judged as invitations, ordered, answered.

mod cancelling;
mod deciding;
mod methods;
mod outside;
mod pools;
mod requests;
mod speaking;

use roomdav::booking::{Error, Receipt, Received};
use roomdav::domain::attendee::{Address, PartStat};
use roomdav::domain::id::Slug;

use crate::support::{Event, TestServer};

/// A message made so many minutes after the first of February 2027.
fn message(method: &str, event: &Event, minute: u32) -> String {
    let stamp = format!("DTSTAMP:20270201T{:02}{:02}00Z", minute / 60, minute % 60);
    let text = event.text().replace("DTSTAMP:20270101T000000Z", &stamp);
    text.replace("VERSION:2.0\r\n", &format!("VERSION:2.0\r\nMETHOD:{method}\r\n"))
}

fn request(event: &Event, minute: u32) -> String {
    message("REQUEST", event, minute)
}

fn cancel(event: &Event, minute: u32) -> String {
    message("CANCEL", event, minute)
}

/// Hands over a message that `from` is verified to have sent.
async fn try_send(
    server: &TestServer,
    from: Option<&str>,
    to: Option<&str>,
    text: &str,
) -> Result<Receipt, Error> {
    let received = Received {
        text: text.to_owned().into(),
        to: to.map(Address::new),
        sender: from.map(Address::new),
        message_id: Some("<1@example.org>".to_owned()),
    };
    server.bookings.receive(received).await
}

async fn send(server: &TestServer, from: &str, text: &str) -> Receipt {
    try_send(server, Some(from), None, text).await.unwrap()
}

/// The same at the address of one room.
async fn send_to(server: &TestServer, room: &str, from: &str, text: &str) -> Receipt {
    try_send(server, Some(from), Some(&format!("{room}@example.org")), text).await.unwrap()
}

/// What rooms said.
fn said(all: &[(&str, PartStat)]) -> Receipt {
    Receipt::Answered(all.iter().map(|(slug, answer)| (Slug::parse(slug).unwrap(), *answer)).collect())
}

fn accepted() -> Receipt {
    said(&[("aula", PartStat::Accepted)])
}

fn declined() -> Receipt {
    said(&[("aula", PartStat::Declined)])
}

fn ignored_by(receipt: &Receipt, rule: &str) -> bool {
    matches!(receipt, Receipt::Ignored { rule: by, .. } if *by == rule)
}

/// What rooms have written, oldest first: to whom, and the text unfolded.
async fn written(server: &TestServer) -> Vec<(String, String)> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
    all.reverse();
    let itip = all.into_iter().map(|message| message.content).filter(|it| it.kind == "scheduling");
    itip.map(|it| {
        let to = it.address.as_ref().and_then(|to| to.mail()).unwrap_or_default().to_owned();
        let (_, text) = it.calendar.expect("an iTIP message");
        assert!(!it.body.is_empty() && !it.body.contains("BEGIN:"), "people read {}", it.body);
        (to, text.replace("\r\n ", ""))
    })
    .collect()
}

/// The lines of one property in a text.
fn lines<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let is_it = |line: &&str| line.split([':', ';']).next() == Some(name);
    text.lines().filter(is_it).collect()
}

/// Each answer in short, oldest first: its PARTSTATs.
async fn answers(server: &TestServer) -> Vec<String> {
    let partstat = |line: &&str| {
        line.split("PARTSTAT=").nth(1).map(|rest| rest.split([':', ';']).next().unwrap().to_owned())
    };
    let all = written(server).await;
    let replies = all.iter().filter(|(_, text)| text.contains("METHOD:REPLY"));
    replies
        .map(|(_, text)| lines(text, "ATTENDEE").iter().filter_map(partstat).collect::<Vec<_>>().join(" "))
        .collect()
}

//! Texts at their limits that only name their zones: what is stored of them may always be written back.

use roomdav::booking::Bounds;
use roomdav::ical::Limits;

use super::{house, named, zones};
use crate::support::{Client, Event, TestServer, event};

const NAMES: [&str; 11] = [
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Rome",
    "Europe/Madrid",
    "Europe/Vienna",
    "Europe/Zurich",
    "Europe/Prague",
    "Europe/Warsaw",
    "Europe/Oslo",
    "Europe/London",
    "Europe/Dublin",
];

/// A text that names so many zones and explains none.
fn naming(count: usize, event: Event) -> String {
    let line = |name: &&str| format!("X-A;TZID={name}:20270301T120000");
    named(&NAMES[1..count].iter().fold(event, |event, name| event.line(&line(name))))
}

/// The text with so many bytes more, beside the event.
fn padded(text: &str, bytes: usize) -> String {
    let (mut left, mut padding) = (bytes, String::new());
    while left > 0 {
        let length = if left > 40_000 { 30_000 } else { left };
        padding.push_str(&format!("X-PAD:{}\r\n", "x".repeat(length - 8)));
        left -= length;
    }
    text.replacen("BEGIN:VEVENT", &format!("{padding}BEGIN:VEVENT"), 1)
}

/// What is taken may be written as it was got; what is not taken leaves nothing.
async fn is_taken(ada: &Client<'_>, text: &str) -> Option<&'static str> {
    let path = ada.in_own("x");
    let reply = ada.create(&path, text).await;
    if reply.status == 201 {
        let got = ada.get(&path).await.expect(200);
        assert!(got.text().len() > text.len());
        assert_eq!(ada.put(&path, got.text()).await.expect(204).etag(), got.etag());
        ada.delete(&path).await.expect(204);
        return None;
    }
    assert_eq!(reply.status, 403, "{}", reply.text());
    ada.get(&path).await.expect(404);
    let names = ["max-resource-size", "valid-calendar-data"];
    Some(names.into_iter().find(|name| reply.text().contains(name)).unwrap())
}

const DATA: Option<&str> = Some("valid-calendar-data");

#[tokio::test]
async fn what_would_be_too_much_with_its_zones_is_refused_at_once() {
    // L-30, L-33, L-36.
    let server = TestServer::sqlite().await;
    house(&server).await;
    let ada = server.client("ada");
    let plain = event("x").hours("20270301", 9, 10);
    assert_eq!(is_taken(&ada, &naming(10, plain.clone())).await, None);
    assert_eq!(is_taken(&ada, &naming(11, plain.clone())).await, DATA);
    let most = Limits::default().max_bytes;
    let room = most - plain.text().len();
    assert_eq!(is_taken(&ada, &padded(&named(&plain), room)).await, None);
    assert_eq!(is_taken(&ada, &padded(&named(&plain), room + 1)).await, Some("max-resource-size"));
    let others = Limits::default().max_components - plain.text().matches("BEGIN:").count();
    let parts = |count: usize| {
        let parts = "BEGIN:X-PART\r\nEND:X-PART\r\n".repeat(count);
        named(&plain).replace("END:VEVENT\r\n", &format!("{parts}END:VEVENT\r\n"))
    };
    assert_eq!(is_taken(&ada, &parts(others)).await, None);
    assert_eq!(is_taken(&ada, &parts(others + 1)).await, DATA);
    for (ical, count, expected) in [
        (Limits { max_observances: 2, ..Limits::default() }, 1, DATA),
        (Limits { max_observances: 3, ..Limits::default() }, 1, None),
        (Limits { max_timezones: 1, ..Limits::default() }, 2, DATA),
        (Limits { max_timezones: 1, ..Limits::default() }, 1, None),
    ] {
        let server = server.with_bounds(Bounds { ical, ..Bounds::default() });
        assert_eq!(is_taken(&server.client("ada"), &naming(count, plain.clone())).await, expected);
    }
}

#[tokio::test]
async fn what_answers_make_larger_than_any_client_may_write_is_still_worked_with() {
    // L-30; R64.
    let server = TestServer::sqlite().await;
    house(&server).await;
    server.room("hall").await;
    server.set("aula", "window_days", "10").await;
    let ada = server.client("ada");
    let series = event("s").hours("20270301", 9, 10).rule("FREQ=DAILY").organizer("ada").attendee("aula");
    let room = Limits::default().max_bytes - series.text().len();
    let path = ada.in_own("s");
    ada.create(&path, padded(&named(&series), room)).await.created();
    let stored = ada.get(&path).await.text();
    assert!(stored.len() > Limits::default().max_bytes && zones(&stored) == 1);
    server.cancel_date("aula", "s", "2027-03-02T08:00:00Z", "ada").await;
    server.at("2027-03-01T00:30:00Z");
    assert_eq!(server.bookings.extend().await.unwrap(), 1);
    assert_eq!(server.claims("aula").await.last().unwrap(), "03-11 09:00-10:00");
    let other = ada.in_own("other");
    ada.relocate(&path, &other).await.expect(201);
    assert_eq!(zones(&ada.get(&other).await.text()), 1);
    ada.delete(&other).await.expect(204);
    assert!(server.claims("aula").await.is_empty());
}

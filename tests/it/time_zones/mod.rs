//! Time zones by reference (RFC 7809) and the service for their data (RFC 7808), as programs meet them.

mod forms;
mod limits;
mod properties;
mod service;

use crate::support::{Client, Event, TestServer, event};

/// Ada with a room that she may book.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
}

/// An event as a program of RFC 7809 sends it: Berlin is only named.
fn named(event: &Event) -> String {
    let full = event.text();
    let (before, rest) = full.split_once("BEGIN:VTIMEZONE").unwrap();
    format!("{before}{}", rest.split_once("END:VTIMEZONE\r\n").unwrap().1)
}

fn noon(uid: &str) -> Event {
    event(uid).hours("20270301", 12, 13)
}

const F: (&str, &str) = ("caldav-timezones", "F");
const T: (&str, &str) = ("caldav-timezones", "T");

/// How many zones a text explains.
fn zones(text: &str) -> usize {
    text.matches("BEGIN:VTIMEZONE").count()
}

async fn get(client: &Client<'_>, path: &str, headers: &[(&str, &str)]) -> crate::support::Reply {
    client.send("GET", path, headers, "").await
}

//! Requests that are wrong before anybody reads their body: targets of a move, codings, framing,
//! and what a browser or a stranger adds. The wall's own tests have the details of framing.

use std::fmt::Write as _;

use super::{House, ROOM, Want, ask, in_a_house, in_a_small_house, put};
use crate::support::event;

#[tokio::test]
async fn a_destination_is_a_place_of_ours() {
    // B-49, D-32; RFC 4918, section 9.9.
    in_a_house(async |house| {
        let from = format!("{ROOM}hers.ics");
        let host = house.wire.host();
        for (method, input, destination, status) in [
            ("MOVE", "another host", "http://other.example/x.ics".to_owned(), 502),
            ("MOVE", "another port", "http://127.0.0.1:1/x.ics".to_owned(), 502),
            ("MOVE", "another scheme", format!("ftp://{host}{ROOM}x.ics"), 502),
            ("MOVE", "a user", format!("http://ada:secret@{host}{ROOM}x.ics"), 400),
            ("MOVE", "a fragment", format!("http://{host}{ROOM}x.ics#y"), 400),
            ("MOVE", "a query", format!("http://{host}{ROOM}x.ics?y"), 400),
            ("MOVE", "itself", format!("http://{host}{from}"), 403),
            ("MOVE", "its parent", format!("http://{host}{ROOM}"), 403),
            ("MOVE", "below itself", format!("http://{host}{from}/x.ics"), 403),
            ("MOVE", "dots", format!("http://{host}{ROOM}../room-vault/x.ics"), 400),
            ("MOVE", "a hidden room", "/calendars/users/ada/room-vault/x.ics".to_owned(), 409),
            ("MOVE", "a relative path", "x.ics".to_owned(), 400),
            ("MOVE", "garbage", "%%%".to_owned(), 400),
            ("COPY", "another host", "http://other.example/x.ics".to_owned(), 502),
            ("COPY", "itself", format!("http://{host}{from}"), 403),
        ] {
            let asked = ask(method, &from).with("Destination", &destination);
            house.row("B-49", input, &asked, Want::Status(status)).await;
        }
        house.row("B-49", "none", &ask("MOVE", &from), Want::Status(400)).await;
    })
    .await;
}

#[tokio::test]
async fn coded_bodies_are_not_unpacked() {
    // B-51, L-13.
    in_a_house(async |house| {
        for coding in ["gzip", "deflate", "br", "gzip, gzip", "x-unknown"] {
            let asked = put(vec![0x1f; 1 << 20]).with("Content-Encoding", coding);
            let reply = house.row("B-51", coding, &asked, Want::Status(415)).await;
            assert_eq!(reply.header("accept-encoding"), Some("identity"));
        }
    })
    .await;
}

#[tokio::test]
async fn who_asks_first_is_refused_before_he_sends() {
    // B-52, L-04.
    in_a_house(async |house| {
        let length = (64_u64 << 20).to_string();
        let asked = house.ada.request(
            "PROPFIND",
            ROOM,
            &[("Expect", "100-continue"), ("Content-Length", &length)],
            b"",
        );
        let mut connection = house.wire.connect().await;
        connection.write(&asked).await;
        let reply = connection.reply("PROPFIND").await;
        assert_eq!(reply.status, 413, "B-52");
        house.is_unchanged("B-52").await;
        // One that may be sent is asked for.
        let text = event("x").hours("20270301", 14, 15).text();
        let head = house.ada.request(
            "PUT",
            &format!("{ROOM}x.ics"),
            &[("Expect", "100-continue"), ("Content-Type", "text/calendar")],
            text.as_bytes(),
        );
        let (head, body) = head.split_at(head.len() - text.len());
        let mut connection = house.wire.connect().await;
        connection.write(head).await;
        assert_eq!(connection.interim().await, 100);
        connection.write(body).await;
        connection.reply("PUT").await.created();
    })
    .await;
}

/// A PUT of a booking with these fields in place of its length, as bytes.
fn framed(house: &House<'_>, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("PUT {ROOM}x.ics HTTP/1.1\r\nHost: {}\r\n", house.wire.host());
    let authorization = house.ada.authorization.clone().unwrap();
    let _ = write!(head, "Authorization: {authorization}\r\nContent-Type: text/calendar\r\n");
    for (name, value) in fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_body_whose_end_is_in_doubt_is_not_stored() {
    // B-50, D-02.
    in_a_house(async |house| {
        let text = event("x").hours("20270301", 14, 15).text();
        let length = text.len().to_string();
        let longer = (text.len() + 10).to_string();
        let chunked = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len());
        let broken = format!("{:x}\r\n{text}\r\nzz\r\n", text.len());
        for (input, fields, body) in [
            ("two lengths", &[("Content-Length", length.as_str()), ("Content-Length", &longer)][..], &text),
            ("an unknown coding", &[("Transfer-Encoding", "xchunked")], &chunked),
            ("identity first", &[("Transfer-Encoding", "identity, chunked")], &chunked),
            ("no chunk", &[("Transfer-Encoding", "chunked")], &broken),
        ] {
            let mut connection = house.wire.connect().await;
            connection.write(&framed(house, fields, body)).await;
            let said = String::from_utf8_lossy(&connection.rest().await).into_owned();
            assert!(said.starts_with("HTTP/1.1 400 "), "B-50, {input}: {said}");
            assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "B-50, {input}: {said}");
            house.is_unchanged(&format!("B-50, {input}")).await;
        }
        // The writer goes away in the middle.
        let mut connection = house.wire.connect().await;
        connection.write(&framed(house, &[("Content-Length", &longer)], &text)).await;
        drop(connection);
        house.is_unchanged("B-50, a body shorter than announced").await;
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_requests_at_once_are_answered_in_order() {
    // B-53.
    in_a_small_house(async |house| {
        let one = house.ada.request("OPTIONS", "/", &[], b"");
        let mut connection = house.wire.connect().await;
        // Whoever sends much more than he reads is not served further for a while: both at once.
        for _ in 0..100 {
            connection.write(&one.repeat(100)).await;
            for _ in 0..100 {
                assert_eq!(connection.reply("OPTIONS").await.status, 200, "B-53");
            }
        }
        let mut connection = house.wire.connect().await;
        connection.write(&one.repeat(400)).await;
        for _ in 0..400 {
            assert_eq!(connection.reply("OPTIONS").await.status, 200, "B-53");
        }
        house.is_unchanged("B-53").await;
    })
    .await;
}

#[tokio::test]
async fn forwarded_fields_of_strangers_mean_nothing() {
    // B-56, D-05.
    in_a_house(async |house| {
        for (name, value) in [
            ("X-Forwarded-For", "10.0.0.1"),
            ("X-Forwarded-Host", "other.example"),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", "for=10.0.0.1;host=other.example;proto=https"),
            ("X-Remote-User", "bob"),
            ("Remote-User", "bob"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Original-URL", "/calendars/users/bob/"),
        ] {
            let get = ask("GET", &format!("{ROOM}hers.ics")).with(name, value);
            let reply = house.row("B-56", name, &get, Want::Status(200)).await;
            assert!(!format!("{:?}", reply.headers).contains("other.example"), "{name}");
            let stranger = house.wire.stranger();
            let reply = stranger.send("GET", &format!("{ROOM}hers.ics"), &[(name, value)], "").await;
            assert_eq!(reply.status, 401, "B-56, {name}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    // B-57, D-44, D-45.
    in_a_house(async |house| {
        let text = event("x").hours("20270301", 14, 15).text();
        let member = format!("{ROOM}hers.ics");
        for (name, value) in [
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
        ] {
            for asked in [
                put(&text),
                ask("DELETE", &member),
                ask("POST", ROOM).with("Content-Type", "text/calendar").body(&text),
                ask("MOVE", &member).with("Destination", &format!("{ROOM}y.ics")),
                ask("PROPPATCH", ROOM).body("<propertyupdate xmlns=\"DAV:\"/>"),
            ] {
                let input = format!("{} with {name}: {value}", asked.method);
                house.row("B-57", &input, &asked.with(name, value), Want::Status(403)).await;
            }
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            for path in [ROOM, "/calendars/users/ada/outbox/"] {
                let form = ask("POST", path).with("Content-Type", kind).body(&text);
                house.row("B-57", kind, &form, Want::Status(415)).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_again_and_again_is_once() {
    // B-60.
    in_a_house(async |house| {
        let asked = put(event("x").hours("20270301", 14, 15).text());
        let body = std::str::from_utf8(&asked.body).unwrap();
        let typed = [("Content-Type", "text/calendar")];
        house.ada.send("PUT", &asked.path, &typed, body).await.created();
        house.look().await;
        // What a database makes of it shows in the first hundred.
        let rounds = if house.server.is_postgres() { 100 } else { 1000 };
        let mut connection = house.wire.connect().await;
        for _ in 0..rounds {
            connection.write(&house.ada.request("PUT", &asked.path, &typed, &asked.body)).await;
            assert_eq!(connection.reply("PUT").await.status, 204, "B-60");
        }
        // One booking, and nothing has changed for those who follow.
        house.is_unchanged("B-60").await;
        assert_eq!(house.server.claims("aula").await.len(), 3);
        assert!(house.server.mailed_outside().await.is_empty());
        let before = house.server.notices("ada").await.len();
        for round in 0..rounds / 2 {
            for (method, status) in [("DELETE", 204), ("PUT", 201)] {
                let body = if method == "PUT" { asked.body.as_slice() } else { b"" };
                connection.write(&house.ada.request(method, &asked.path, &typed, body)).await;
                assert_eq!(connection.reply(method).await.status, status, "B-60, {round}: {method}");
            }
        }
        let after = house.server.notices("ada").await.len();
        assert!(after - before <= 2, "B-60, L-68: {before} and then {after} messages");
        assert_eq!(house.server.claims("aula").await.len(), 3);
    })
    .await;
}

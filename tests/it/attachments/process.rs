//! The memory of a real server while a large attachment goes in and out. C8, P-10.

use std::io::{Read as _, Write as _};

use crate::command::{House, Running, on_both};
use crate::files::process::{MOST_KIB, get, send};
use crate::support::event;

const EVENT: &str = "/calendars/users/ada/reservations/a.ics";

fn invite(server: &Running) {
    let (mut stream, fields) = server.connect("ada", "secret");
    let text = event("a").hours("20270301", 9, 10).text();
    let length = text.len();
    write!(
        stream,
        "PUT {EVENT} HTTP/1.1\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

/// A new attachment of so many MiB; its path.
fn attach(server: &Running, blocks: usize) -> String {
    let answer = send(server, "POST", &format!("{EVENT}?action=attachment-add"), blocks);
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a Location");
    let (_, path) = location.trim().split_once("/attachments/").expect("an attachment");
    format!("/attachments/{path}")
}

#[tokio::test]
async fn sixty_four_mib_go_in_and_out_through_less_than_sixteen() {
    on_both(async |house: House| {
        house.furnish();
        let server = house.start("serve");
        invite(&server);
        // Everything is there that any request needs.
        let small = attach(&server, 1);
        get(&server, &small, 1);
        server.forget_peak();
        let before = server.peak_kib();
        let large = attach(&server, 64);
        let put_kib = server.peak_kib().saturating_sub(before);
        get(&server, &large, 64);
        let got_kib = server.peak_kib().saturating_sub(before);
        assert!(put_kib < MOST_KIB && got_kib < MOST_KIB, "POST: {put_kib} KiB, then GET: {got_kib} KiB");
        assert_eq!(server.stop(), Some(0));
    })
    .await;
}

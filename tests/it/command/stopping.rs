//! How `serve` ends: on SIGTERM what is in hand is answered, within ten seconds; a second one insists.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{House, Running};

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:VEVENT\r\nUID:a\r\n\
    DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\nDTEND:20270301T100000Z\r\nSUMMARY:a\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

/// A PUT of which half has been sent.
fn half_a_request(server: &Running) -> (TcpStream, &'static str) {
    let (mut stream, fields) = server.connect("ada", "secret");
    let (sent, rest) = EVENT.split_at(EVENT.len() / 2);
    let head = format!(
        "PUT /calendars/users/ada/room-aula/a.ics HTTP/1.1\r\n{fields}Content-Type: text/calendar\r\n\
         Content-Length: {}\r\n\r\n{sent}",
        EVENT.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // It is in hand when the password was looked at, which another answer tells.
    assert_ne!(server.status("ada", "secret"), 401);
    (stream, rest)
}

fn until_nobody_listens(server: &Running) {
    let until = Instant::now() + Duration::from_secs(5);
    while server.accepts() {
        assert!(Instant::now() < until, "it goes on accepting");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_request_in_hand_is_answered_before_the_server_ends_in_order() {
    let house = House::furnished();
    let server = house.start("serve");
    let (mut stream, rest) = half_a_request(&server);
    server.terminate();
    until_nobody_listens(&server);
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(server.ended(), Some(0));
    let log = house.path().join("data/house.sqlite-wal");
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0, "the log is written back");
    assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 1);
    house.ok(&["check"]);
}

#[test]
fn a_request_that_does_not_end_is_waited_for_ten_seconds_and_not_kept() {
    let house = House::furnished();
    let server = house.start("serve");
    let (stream, _) = half_a_request(&server);
    let began = Instant::now();
    server.terminate();
    assert_eq!(server.ended(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    drop(stream);
    assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 0);
    house.ok(&["check"]);
}

#[test]
fn a_second_signal_ends_it_at_once_and_nothing_that_was_acknowledged_is_lost() {
    let house = House::furnished();
    let server = house.start("serve");
    let (mut booked, rest) = half_a_request(&server);
    booked.write_all(rest.as_bytes()).unwrap();
    let mut answer = [0; 13];
    booked.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201 ");
    let _waiting = half_a_request(&server);
    server.terminate();
    until_nobody_listens(&server);
    let began = Instant::now();
    server.terminate();
    assert_eq!(server.ended(), Some(1));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 1, "P-1");
    house.ok(&["check"]);
    assert_eq!(house.start("serve").stop(), Some(0));
}

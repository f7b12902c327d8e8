//! A list of requests against the whole server: nothing it is sent makes it fail, and what it keeps
//! fits together afterwards. Files and locks are among it.

use std::fmt::Write as _;

use crate::house::{House, PEOPLE, ROOMS, prepare, wait};
use crate::input::Input;

const METHODS: &[&str] = &[
    "PUT",
    "PUT",
    "PUT",
    "PUT",
    "DELETE",
    "MOVE",
    "COPY",
    "GET",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "POST",
    "MKCALENDAR",
    "MKCOL",
    "ACL",
    "LOCK",
    "UNLOCK",
    "OPTIONS",
];

const RULES: &[&str] =
    &["", "", "", "RRULE:FREQ=DAILY;COUNT=5\r\n", "RRULE:FREQ=WEEKLY\r\n", "RDATE:20270303T100000Z\r\n"];

const MOST_REQUESTS: usize = 24;

pub(crate) fn feed(data: &[u8]) {
    let mut input = Input(data);
    prepare();
    wait(async {
        let house = House::open().await;
        let mut story = Story::default();
        for _ in 0..MOST_REQUESTS {
            if input.is_empty() {
                break;
            }
            one(&house, &mut input, &mut story).await;
        }
        let findings = house.bookings.check().await.expect("the database answers");
        assert!(findings.is_empty(), "{findings:?} after\n{}", story.log);
        house.bookings.store().close().await;
    });
}

/// What has happened in a house.
#[derive(Default)]
struct Story {
    log: String,
    /// Of the last lock that was given.
    token: String,
}

async fn one(house: &House, input: &mut Input<'_>, story: &mut Story) {
    let login = *input.pick(PEOPLE);
    let method = *input.pick(METHODS);
    let path = place(input, login);
    let other = place(input, login);
    let depth = *input.pick(&["0", "1", "infinity"]);
    let state = state(input, &other, &story.token);
    let (kind, body) = body(input, method, &path);
    let mut headers = vec![("content-type", kind), ("depth", depth)];
    match method {
        "MOVE" | "COPY" => headers.push(("destination", &other)),
        "UNLOCK" => headers.push(("lock-token", &story.token)),
        _ => {}
    }
    if !state.is_empty() {
        headers.push(("if", &state));
    }
    let _ = writeln!(story.log, "{login}: {method} {path} {headers:?}\n{body}");
    let log = &story.log;
    let Some(answer) = house.send(login, method, &path, &headers, body.as_bytes()).await else { return };
    let status = answer.status.as_u16();
    assert!(status < 500 || [501, 502, 507].contains(&status), "{status} to\n{log}");
    if status == 403 && !answer.body.is_empty() {
        let body = String::from_utf8_lossy(&answer.body);
        let is_xml = ["error", "multistatus", "response"].iter().any(|name| body.contains(name));
        assert!(is_xml, "{body}\n{log}");
    }
    if let Some(token) = answer.headers.get("lock-token").and_then(|token| token.to_str().ok()) {
        token.clone_into(&mut story.token);
    }
    house.clock.set(house.clock.now().plus(i64::from(input.byte()) * 60));
}

/// The `If` header, or nothing.
fn state(input: &mut Input<'_>, other: &str, token: &str) -> String {
    match input.byte() % 8 {
        0 => format!("({token})"),
        1 => format!("<{other}> ({token})"),
        2 => format!("({token}) (Not <DAV:no-lock>)"),
        3 => "([\"x\"])".to_owned(),
        4 => input.text(40).replace(char::is_control, " "),
        _ => String::new(),
    }
}

/// The media type and the body.
fn body(input: &mut Input<'_>, method: &str, path: &str) -> (&'static str, String) {
    const XML: &str = "application/xml";
    match method {
        "PUT" if path.starts_with("/files/") => ("text/plain", input.text(200)),
        "PUT" => ("text/calendar", text(input)),
        "POST" if input.byte() % 2 == 0 => ("text/calendar", text(input)),
        "POST" => (
            XML,
            format!(
                "<push-register xmlns=\"https://bitfire.at/webdav-push\">{}</push-register>",
                input.text(200)
            ),
        ),
        "LOCK" if input.byte() % 4 != 0 => {
            let scope = *input.pick(&["exclusive", "shared"]);
            let lock = format!("<lockscope><{scope}/></lockscope><locktype><write/></locktype>");
            (XML, format!("<lockinfo xmlns=\"DAV:\">{lock}</lockinfo>"))
        }
        "GET" | "DELETE" | "MOVE" | "COPY" | "UNLOCK" | "OPTIONS" => (XML, String::new()),
        _ => (XML, input.text(200)),
    }
}

fn place(input: &mut Input<'_>, login: &str) -> String {
    let whose = if input.byte() < 200 { login } else { *input.pick(PEOPLE) };
    let home = format!("/calendars/users/{whose}/");
    let collection = match input.byte() % 10 {
        0..=2 => format!("{home}room-{}/", input.pick(ROOMS)),
        3 | 4 => format!("{home}reservations/"),
        5 => format!("{home}own/"),
        6 => home,
        7 => format!("/principals/users/{whose}/"),
        8 => format!("/files/rooms/{}/", input.pick(ROOMS)),
        _ => format!("/files/users/{whose}/{}", input.pick(&["", "1.ics/", "1.ics/2.ics/"])),
    };
    match input.byte() % 8 {
        7 => collection,
        member => format!("{collection}{member}.ics"),
    }
}

/// An event on one of a few hours, so that they meet.
fn text(input: &mut Input<'_>) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n".to_owned();
    let uid = input.byte() % 6;
    for part in 0..=(input.byte() % 3) {
        let (day, hour, length) = (1 + input.byte() % 5, 8 + input.byte() % 6, 1 + input.byte() % 3);
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:u{uid}\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:2027030{day}T{hour:02}0000Z\r\n\
             DURATION:PT{length}H\r\n"
        );
        if part == 0 {
            text.push_str(*input.pick::<&str>(RULES));
        } else {
            let _ = write!(
                text,
                "RECURRENCE-ID:2027030{}T{:02}0000Z\r\n",
                1 + input.byte() % 5,
                8 + input.byte() % 6
            );
        }
        let mask = input.byte();
        if mask & 1 != 0 {
            text.push_str("ORGANIZER:mailto:ada@example.org\r\n");
        }
        for (bit, attendee) in [(2, "aula"), (4, "lab"), (8, "bob"), (16, "eve")] {
            if mask & bit != 0 {
                let _ = write!(text, "ATTENDEE:mailto:{attendee}@example.org\r\n");
            }
        }
        if mask & 32 != 0 {
            text.push_str("STATUS:CANCELLED\r\n");
        }
        if mask & 64 != 0 {
            let _ = write!(text, "SUMMARY:{}\r\n", input.text(20).replace(char::is_control, " "));
        }
        text.push_str("END:VEVENT\r\n");
    }
    text + "END:VCALENDAR\r\n"
}

//! L-30 to L-38: texts of objects.

use super::at_the_edge;
use crate::support::{TestServer, event};

const DATA: &str = "valid-calendar-data";

/// PUT of the text for each count; the one too many is refused with this precondition.
async fn held(name: &str, limit: usize, condition: &str, text: impl Fn(usize) -> String) {
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    let path = format!("{}x.ics", ada.room("aula"));
    let reply = at_the_edge(name, limit, async |count| ada.put(&path, text(count)).await).await;
    assert_eq!(reply.status, 403, "{name}");
    reply.fails(403, condition);
    let stored = ada.get(&path).await.expect(200).text();
    assert_eq!(stored, text(limit), "{name}: what was stored stays");
}

fn with(lines: &str) -> String {
    let text = event("x").hours("20270301", 14, 15).text();
    text.replace("END:VEVENT\r\n", &format!("{lines}END:VEVENT\r\n"))
}

/// These components or properties directly in the VCALENDAR, which names no zone.
fn beside(lines: &str) -> String {
    let text = event("x").between("20270301T130000Z", "20270301T140000Z").text();
    text.replace("BEGIN:VEVENT\r\n", &format!("{lines}BEGIN:VEVENT\r\n"))
}

fn list(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[tokio::test]
async fn an_object_has_at_most_a_mebibyte() {
    // L-30.
    held("L-30", 1 << 20, "max-resource-size", |bytes| {
        let line = |length: usize| format!("X-PAD:{}\r\n", "x".repeat(length - 8));
        let mut left = bytes - with("").len();
        let mut lines = String::new();
        while left > 40_000 {
            lines.push_str(&line(30_000));
            left -= 30_000;
        }
        lines.push_str(&line(left));
        with(&lines)
    })
    .await;
}

#[tokio::test]
async fn lines_properties_and_parameters_are_counted() {
    // L-31.
    let plain = beside("").lines().count();
    held("L-31, lines", 20_000, DATA, |lines| {
        let mut left = lines - plain;
        let mut parts = String::new();
        while left > 0 {
            let inside = left.saturating_sub(2).min(900);
            // A component takes two lines more.
            let inside = if left - inside - 2 == 1 { inside - 1 } else { inside };
            parts.push_str(&format!("BEGIN:X-PART\r\n{}END:X-PART\r\n", "X-A:b\r\n".repeat(inside)));
            left -= inside + 2;
        }
        beside(&parts)
    })
    .await;
    let own = with("").split("BEGIN:VEVENT").nth(1).unwrap().lines().count() - 3;
    held("L-31, properties", 1_000, DATA, |count| with(&"X-A:b\r\n".repeat(count - own))).await;
    held("L-31, parameters", 64, DATA, |count| {
        with(&format!("X-A{}:b\r\n", list(count, |it| format!(";X-P{it}=1"))))
    })
    .await;
}

#[tokio::test]
async fn lines_and_names_have_a_length() {
    // L-32.
    held("L-32, a line", 64 << 10, DATA, |bytes| with(&format!("X-A:{}\r\n", "x".repeat(bytes - 4)))).await;
    held("L-32, a folded line", 64 << 10, DATA, |bytes| {
        let value = "x".repeat(bytes - 4);
        let folded: Vec<&str> =
            (0..value.len()).step_by(60).map(|at| &value[at..value.len().min(at + 60)]).collect();
        with(&format!("X-A:{}\r\n", folded.join("\r\n ")))
    })
    .await;
    held("L-32, a name", 64, DATA, |bytes| with(&format!("{}:b\r\n", "X".repeat(bytes)))).await;
    held("L-32, a parameter's name", 64, DATA, |bytes| with(&format!("X-A;{}=1:b\r\n", "X".repeat(bytes))))
        .await;
}

#[tokio::test]
async fn components_nest_and_multiply_within_bounds() {
    // L-33.
    held("L-33, depth", 4, DATA, |depth| {
        // VCALENDAR is the first.
        let inner = depth - 1;
        beside(&format!("{}{}", "BEGIN:X-A\r\n".repeat(inner), "END:X-A\r\n".repeat(inner)))
    })
    .await;
    held("L-33, components", 1_200, DATA, |count| beside(&"BEGIN:X-A\r\nEND:X-A\r\n".repeat(count - 2)))
        .await;
}

#[tokio::test]
async fn attendees_alarms_and_attachments_are_counted() {
    // L-34, L-35.
    let guest = |it: usize| format!("ATTENDEE:mailto:guest{it}@example.org\r\n");
    held("L-34", 100, "max-attendees-per-instance", |count| with(&list(count, guest))).await;
    held("L-34, in all", 100, "max-attendees-per-instance", |count| {
        let first = list(60, guest);
        let second: String = (60..count).map(guest).collect();
        let series = with(&format!("RRULE:FREQ=DAILY;COUNT=2\r\n{first}"));
        let part = format!(
            "BEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20270101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:20270302T140000\r\n\
             DTSTART;TZID=Europe/Berlin:20270302T160000\r\nDURATION:PT1H\r\n{second}END:VEVENT\r\nEND:VCALENDAR"
        );
        series.replace("END:VCALENDAR", &part)
    })
    .await;
    let object = "valid-calendar-object-resource";
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\n";
    held("L-35, alarms", 10, object, |count| with(&alarm.repeat(count))).await;
    let attach = |it: usize| format!("ATTACH:https://example.org/{it}\r\n");
    held("L-35, attachments", 10, object, |count| with(&list(count, attach))).await;
}

#[tokio::test]
async fn zones_and_their_observances_are_counted() {
    // L-36.
    let observance = |it: usize| {
        format!(
            "BEGIN:STANDARD\r\nDTSTART:{}0101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n",
            1970 + it % 100
        )
    };
    let zone = |name: usize, observances: usize| {
        format!("BEGIN:VTIMEZONE\r\nTZID:Zone {name}\r\n{}END:VTIMEZONE\r\n", list(observances, observance))
    };
    held("L-36, zones", 10, DATA, |count| beside(&list(count, |it| zone(it, 1)))).await;
    held("L-36, observances", 200, DATA, |count| beside(&zone(1, count))).await;
}

#[tokio::test]
async fn a_uid_has_at_most_a_kibibyte() {
    // L-37: as another UID is another object, each stands under a name of its own.
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    let reply = at_the_edge("L-37", 1024, async |bytes| {
        let hour = 9 + u32::try_from(bytes - 1023).unwrap();
        let text = event(&"u".repeat(bytes)).summary("x").hours("20270301", hour, hour + 1).text();
        ada.create(&format!("{}u{bytes}.ics", ada.room("aula")), text).await
    });
    reply.await.fails(403, DATA);
}

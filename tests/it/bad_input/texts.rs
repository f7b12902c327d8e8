//! Texts that are meant for those who read them: stored as they are, and harmless on the way out.

use super::{Ask, House, ROOM, Want, in_a_house, put};
use crate::support::event;

fn with(lines: &[&str]) -> Ask {
    let event = lines.iter().fold(event("x").hours("20270301", 14, 15), |event, line| event.line(line));
    put(event.text())
}

#[tokio::test]
async fn letters_that_deceive_are_stored_within_the_limits() {
    // B-21.
    in_a_house(async |house| {
        for (input, line) in [
            ("bidirectional override", "SUMMARY:\u{202e}gnp.exe\u{202c}"),
            ("isolates", "SUMMARY:\u{2067}x\u{2066}y\u{2069}"),
            ("a homoglyph of the room", "SUMMARY:\u{0410}ula"),
            ("zero width", "LOCATION:Au\u{200b}la\u{feff}"),
        ] {
            house.row("B-21", input, &with(&[line]), Want::Stored).await;
        }
        let marks = |count: usize| format!("SUMMARY:a{}", "\u{0301}".repeat(count));
        house.row("B-21", "10,000 combining marks", &with(&[&folded(&marks(10_000))]), Want::Stored).await;
        let too_much = Want::Refused("max-resource-size");
        house.row("B-21", "1 MiB of them", &with(&[&folded(&marks(1 << 19))]), too_much).await;
    })
    .await;
}

/// A content line in pieces of at most 75 octets.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > 74 {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out
}

/// Stores it, and holds what a browser gets against D-40.
async fn is_served_as_data(house: &House<'_>, id: &str, input: &str, lines: &[&str]) {
    let asked = with(lines);
    house.ada.send("PUT", &asked.path, &[], std::str::from_utf8(&asked.body).unwrap()).await.created();
    for accept in ["*/*", "text/html", "image/svg+xml"] {
        let reply = house.ada.send("GET", &asked.path, &[("Accept", accept)], "").await.expect(200);
        let is =
            |name: &str, value: &str| assert_eq!(reply.header(name), Some(value), "{id}, {input}: {name}");
        is("content-type", "text/calendar; charset=utf-8");
        is("x-content-type-options", "nosniff");
        is("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
        is("cross-origin-resource-policy", "same-origin");
        is("referrer-policy", "no-referrer");
        is("cache-control", "private, no-cache");
        assert_eq!(reply.bytes(), asked.body, "{id}, {input}");
    }
    // What holds it in a property is escaped there: the answer is still XML, with one value.
    let multiget = format!(
        "<C:calendar-multiget xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
         <C:calendar-data/></prop><href>{ROOM}x.ics</href></C:calendar-multiget>"
    );
    let found = house.ada.report(ROOM, &[], &multiget).await.expect(207);
    let found = found.multistatus();
    assert_eq!(found.len(), 1, "{id}, {input}");
    let data = found[0].get("calendar-data").unwrap();
    assert_eq!(data.replace("\r\n", "\n"), String::from_utf8_lossy(&asked.body).replace("\r\n", "\n"));
    house.ada.send("DELETE", &asked.path, &[], "").await.no_content();
}

#[tokio::test]
async fn script_in_a_text_is_data() {
    // B-22, B-23; D-40.
    in_a_house(async |house| {
        for (input, lines) in [
            ("an image with a handler", &["SUMMARY:<img src=x onerror=alert(1)>"][..]),
            ("a script address", &["URL:javascript:alert(1)"]),
            ("an alternative that is a script", &["LOCATION;ALTREP=\"javascript:alert(1)\":here"]),
            ("SVG", &["DESCRIPTION:<svg onload=alert(1)><script>alert(1)</script></svg>"]),
            ("the end of a CDATA", &["SUMMARY:]]><x/>", "DESCRIPTION:</C:calendar-data></D:prop>&amp;"]),
        ] {
            is_served_as_data(house, "B-22", input, lines).await;
        }
        for line in ["SUMMARY:=cmd|' /C calc'!A0", "SUMMARY:+1", "SUMMARY:-1", "SUMMARY:@SUM(A1)"] {
            is_served_as_data(house, "B-23", line, &[line]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn addresses_that_are_more_than_one_get_no_mail() {
    // B-59, D-60.
    in_a_house(async |house| {
        let long = folded(&format!("ATTENDEE:mailto:{}@example.org", "x".repeat(60_000)));
        for (input, line) in [
            ("two addresses", "ATTENDEE:mailto:a@x.example,b@y.example"),
            ("a blind copy", "ATTENDEE:mailto:a@x.example?bcc=b@y.example"),
            ("an escaped line end", "ATTENDEE:mailto:a@x.example%0d%0aBcc:b@y.example"),
            ("a long local part", long.as_str()),
            ("a data address", "ATTENDEE:data:text/plain,hello"),
            ("nothing", "ATTENDEE:mailto:"),
        ] {
            let asked = with(&["ORGANIZER:mailto:ada@example.org", line]);
            let body = std::str::from_utf8(&asked.body).unwrap();
            let reply = house.ada.send("PUT", &asked.path, &[("Content-Type", "text/calendar")], body).await;
            match reply.status {
                201 => drop(house.ada.send("DELETE", &asked.path, &[], "").await.no_content()),
                403 => assert!(reply.text().contains("valid-calendar-data"), "B-59, {input}"),
                other => panic!("B-59, {input}: {other}"),
            }
            let mailed = house.server.mailed_outside().await;
            assert!(mailed.is_empty(), "B-59, {input}: {mailed:?}");
        }
    })
    .await;
}

//! Free-busy: POST to outboxes and inboxes, and the report.

use crate::programs::campus;
use crate::support::{Client, Reply, TestServer, event, on_both};

fn request(uid_line: &str, attendees: &[&str]) -> String {
    let attendees: String = attendees.iter().map(|it| format!("ATTENDEE:{it}\r\n")).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:ask\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T000000Z\r\nDTEND:20270302T000000Z\r\n{uid_line}\
         ORGANIZER:mailto:ada@example.org\r\n{attendees}END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
}

const TYPE: (&str, &str) = ("content-type", "text/calendar; charset=utf-8");

async fn post(client: &Client<'_>, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let headers: Vec<(&str, &str)> = std::iter::once(TYPE).chain(headers.iter().copied()).collect();
    client.send("POST", path, &headers, body).await
}

/// Recipient, status, and FREEBUSY lines of each response.
fn answers(reply: &Reply) -> Vec<(String, String, Vec<String>)> {
    let text = reply.text();
    let between = |text: &str, begin: &str, end: &str| -> String {
        let inner = text.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
        inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
    };
    let one = |response: &str| {
        let data = between(response, "<C:calendar-data>", "</C:calendar-data>").replace("&#13;", "");
        let lines = data.lines().filter(|line| line.starts_with("FREEBUSY")).map(|it| it.trim().to_owned());
        let recipient = between(response, "<D:href>", "</D:href>");
        (recipient, between(response, "<C:request-status>", "</C:request-status>"), lines.collect())
    };
    text.split("<C:response>").skip(1).map(one).collect()
}

async fn booked(server: &TestServer) {
    campus(server).await;
    let bob = server.client("bob");
    bob.book("aula", &event("b").hours("20270301", 9, 10)).await.created();
}

const OUTBOX: &str = "/calendars/users/ada/outbox/";
const NINE: &str = "FREEBUSY;FBTYPE=BUSY:20270301T080000Z/20270301T090000Z";

#[tokio::test]
async fn thunderbird_asks_for_one_attendee_at_its_outbox() {
    // RFC 6638, sections 5 and 10.1 to 10.3; Table 5.3; R5.6.
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        let headers = [("originator", "mailto:ada@example.org"), ("recipient", "mailto:aula@example.org")];
        let reply =
            post(&ada, OUTBOX, &headers, &request("", &["mailto:aula@example.org"])).await.expect(200);
        assert!(reply.text().contains("<C:schedule-response"));
        let answers = answers(&reply);
        assert_eq!(answers.len(), 1);
        let (recipient, status, lines) = &answers[0];
        assert_eq!(recipient, "mailto:aula@example.org");
        assert!(status.starts_with("2."), "{status}");
        assert_eq!(lines, &[NINE]);
        assert!(reply.text().contains("METHOD:REPLY"));
    })
    .await;
}

#[tokio::test]
async fn apples_programs_ask_for_many_and_strangers_are_unknown() {
    // RFC 6638, section 10.4; Table 5.3; R5.7, R5.8.
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        let ask = "<propfind xmlns=\"DAV:\"><prop><resource-id/></prop></propfind>";
        let aula = ada.propfind("/principals/rooms/aula/", "0", ask).await.multistatus().remove(0);
        let uuid = aula.hrefs("resource-id").remove(0);
        let asked = [
            "mailto:aula@example.org",
            "MAILTO:Aula@Example.ORG",
            &uuid,
            "/principals/rooms/aula/",
            "mailto:ada@example.org",
            "mailto:vault@example.org",
            "mailto:nobody@example.org",
        ];
        let reply = post(&ada, OUTBOX, &[], &request("", &asked)).await.expect(200);
        let answers = answers(&reply);
        assert_eq!(answers.len(), asked.len());
        for (index, (recipient, status, lines)) in answers.iter().enumerate() {
            match index {
                0..4 => assert_eq!(lines, &[NINE], "{recipient}"),
                4 => assert!(status.starts_with("2.") && lines.is_empty(), "{recipient}"),
                // Whom she may not see is as unknown as whom nobody knows.
                _ => assert!(status.starts_with("3.7") && lines.is_empty(), "{recipient}: {status}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_event_that_is_being_edited_does_not_count() {
    // Table 5.3: X-CALENDARSERVER-MASK-UID.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("mine").hours("20270301", 9, 10)).await.created();
        ada.book("aula", &event("other").hours("20270301", 12, 13)).await.created();
        for who in ["mailto:aula@example.org", "mailto:ada@example.org"] {
            let count = async |mask: &str| {
                let reply = post(&ada, OUTBOX, &[], &request(mask, &[who])).await.expect(200);
                answers(&reply)[0].2.join(" ").matches('/').count()
            };
            assert_eq!(count("").await, 2, "{who}");
            assert_eq!(count("X-CALENDARSERVER-MASK-UID:mine\r\n").await, 1, "{who}");
        }
    })
    .await;
}

#[tokio::test]
async fn inboxes_and_the_outboxes_of_rooms_answer_as_ones_own_outbox_does() {
    // Table 5.3: Evolution asks the owner's outbox, KDE the inbox found by its search.
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        for path in [
            OUTBOX,
            "/calendars/users/ada/inbox/",
            "/scheduling/rooms/aula/outbox/",
            "/scheduling/rooms/aula/inbox/",
            "/calendars/users/bob/outbox/",
            "/calendars/users/bob/inbox/",
        ] {
            let reply = post(&ada, path, &[], &request("", &["mailto:aula@example.org"])).await.expect(200);
            assert_eq!(answers(&reply)[0].2, [NINE], "{path}");
        }
        let hidden = "/scheduling/rooms/vault/outbox/";
        post(&ada, hidden, &[], &request("", &["mailto:aula@example.org"])).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn evolution_falls_back_to_the_report_on_a_principal() {
    // Table 5.3.
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        let body = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
            start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
        for path in ["/principals/rooms/aula/", &ada.room("aula"), "/calendars/rooms/aula/"] {
            let reply = ada.send("REPORT", path, &[("depth", "infinity")], body).await.expect(200);
            assert!(reply.header("content-type").unwrap().starts_with("text/calendar"));
            assert!(reply.text().contains(NINE), "{path}: {}", reply.text());
        }
        ada.send("REPORT", "/principals/rooms/vault/", &[("depth", "infinity")], body).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn closed_hours_are_unavailable_and_tentative_counts() {
    // R5.6.
    on_both(async |server| {
        booked(&server).await;
        server.set("aula", "hours", "Mon-Fri 08:00-18:00").await;
        let bob = server.client("bob");
        bob.book("aula", &event("t").hours("20270301", 14, 15).line("STATUS:TENTATIVE")).await.created();
        let ada = server.client("ada");
        let reply = post(&ada, OUTBOX, &[], &request("", &["mailto:aula@example.org"])).await.expect(200);
        let lines = answers(&reply).remove(0).2.join("\n");
        assert!(lines.contains(NINE), "{lines}");
        assert!(lines.contains("20270301T130000Z/20270301T140000Z"), "{lines}");
        for closed in ["20270301T000000Z/20270301T070000Z", "20270301T170000Z/20270302T000000Z"] {
            assert!(lines.contains(closed), "{lines}");
        }
        assert!(lines.contains("FBTYPE=BUSY-UNAVAILABLE"), "{lines}");
    })
    .await;
}

#[tokio::test]
async fn buffers_are_unavailable_and_the_event_itself_is_busy() {
    // Scenario 27; R82, R104.
    on_both(async |server| {
        campus(&server).await;
        server.set("aula", "teardown", "15m").await;
        server.set("aula", "setup", "10m").await;
        server.client("bob").book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        let ada = server.client("ada");
        let reply = post(&ada, OUTBOX, &[], &request("", &["mailto:aula@example.org"])).await.expect(200);
        let lines = answers(&reply).remove(0).2;
        let unavailable = |range: &str| format!("FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:{range}");
        let wanted = [
            unavailable("20270301T075000Z/20270301T080000Z"),
            NINE.to_owned(),
            unavailable("20270301T090000Z/20270301T091500Z"),
        ];
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(wanted.iter().all(|line| lines.contains(line)), "{lines:?}");
    })
    .await;
}

#[tokio::test]
async fn declined_copies_are_not_busy() {
    // R5.6.
    on_both(async |server| {
        booked(&server).await;
        let phone = server.client("ada").agent("iOS/18.5 (22F76) dataaccessd/1.0");
        let refused = phone.book("aula", &event("late").between("20270301T093000", "20270301T120000")).await;
        assert!((200..300).contains(&refused.status), "accepted and declined: {}", refused.status);
        let reply = post(&phone, OUTBOX, &[], &request("", &["mailto:aula@example.org"])).await.expect(200);
        assert_eq!(answers(&reply)[0].2, [NINE]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    // RFC 6638, sections 5.1, 5.2, 5.2.1 and 11.5; L-52.
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        let event = event("x").hours("20270301", 9, 10).text();
        for body in ["", "garbage", event.as_str()] {
            post(&ada, OUTBOX, &[], body).await.fails(403, "valid-scheduling-message");
        }
        let long = request("", &["mailto:aula@example.org"]).replace("DTEND:2027", "DTEND:2035");
        let reply = post(&ada, OUTBOX, &[], &long).await;
        assert_eq!(reply.status, 403, "{}", reply.text());
        let headers = [("content-type", "text/plain")];
        ada.send("POST", OUTBOX, &headers, &request("", &["mailto:aula@example.org"])).await.expect(415);
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_zone_is_in_utc() {
    on_both(async |server| {
        booked(&server).await;
        let ada = server.client("ada");
        let asked = request("", &["mailto:aula@example.org"]);
        for (from, to, line) in [
            ("DTSTART:20270301T083000", "DTEND:20270301T120000", "20270301T083000Z/20270301T090000Z"),
            (
                "DTSTART;TZID=Europe/Berlin:20270301T093000",
                "DTEND;TZID=Europe/Berlin:20270301T120000",
                "20270301T083000Z/20270301T090000Z",
            ),
        ] {
            let asked = asked.replace("DTSTART:20270301T000000Z", from).replace("DTEND:20270302T000000Z", to);
            let reply = post(&ada, OUTBOX, &[], &asked).await.expect(200);
            assert_eq!(answers(&reply)[0].2, [format!("FREEBUSY;FBTYPE=BUSY:{line}")]);
        }
        let days = asked
            .replace("DTSTART:20270301T000000Z", "DTSTART;VALUE=DATE:20270301")
            .replace("DTEND:20270302T000000Z", "DTEND;VALUE=DATE:20270302");
        post(&ada, OUTBOX, &[], &days).await.fails(403, "valid-scheduling-message");
    })
    .await;
}

#[tokio::test]
async fn nobody_asks_in_the_name_of_another_whom_he_knows() {
    // RFC 6638, sections 5.2.2 and 11.3.
    on_both(async |server| {
        booked(&server).await;
        let bob = server.client("bob");
        let body = request("", &["mailto:bob@example.org"]);
        post(&bob, "/calendars/users/bob/outbox/", &[], &body).await.fails(403, "valid-organizer");
        let own = body.replace("ada@example.org", "bob@example.org");
        post(&bob, "/calendars/users/bob/outbox/", &[], &own).await.expect(200);
        let stranger = body.replace("ada@example.org", "somebody@example.net");
        post(&bob, "/calendars/users/bob/outbox/", &[], &stranger).await.expect(200);
    })
    .await;
}

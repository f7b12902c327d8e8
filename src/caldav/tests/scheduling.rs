//! Free-busy by POST, Apple's search for principals, and MKCALENDAR.

use super::{Reply, Server, event};

const OUTBOX: &str = "/calendars/users/ada/outbox/";

fn house() -> Server {
    let single = event("single", "DTSTART:20270501T080000Z\r\nDTEND:20270501T090000Z");
    Server::new(&[("single.ics", &single)])
}

fn request(more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:fb\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270501T000000Z\r\nDTEND:20270502T000000Z\r\n\
         ORGANIZER:mailto:ada@example.org\r\n{more}END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
}

async fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let headers = [&[("content-type", "text/calendar; charset=utf-8")], headers].concat();
    house().send("POST", path, &headers, body).await
}

#[tokio::test]
async fn an_outbox_and_an_inbox_tell_who_is_busy() {
    // R5.7, R5.8.
    let attendees = "ATTENDEE;CN=Aula:mailto:Aula@Example.org\r\nATTENDEE:mailto:nobody@example.org\r\n";
    for path in [OUTBOX, "/calendars/users/ada/inbox/"] {
        let reply = post(path, &[], &request(attendees)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.has(
            "<C:schedule-response xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:response>",
        );
        reply.has("<C:recipient><D:href>mailto:aula@example.org</D:href></C:recipient><C:request-status>2.0;Success");
        reply.has("METHOD:REPLY");
        reply.has("ATTENDEE;CN=Aula:mailto:Aula@Example.org");
        reply.has("FREEBUSY;FBTYPE=BUSY:20270501T080000Z/20270501T090000Z");
        reply.has("<D:href>mailto:nobody@example.org</D:href></C:recipient><C:request-status>3.7;Invalid Calendar User</C:request-status></C:response>");
    }
}

#[tokio::test]
async fn recipient_headers_win_over_attendees() {
    let headers = [("originator", "mailto:ada@example.org"), ("recipient", "mailto:aula@example.org")];
    let reply = post(OUTBOX, &headers, &request("ATTENDEE:mailto:other@example.org\r\n")).await;
    assert_eq!(reply.text.matches("<C:response>").count(), 1);
    reply.has("ATTENDEE:mailto:aula@example.org");
}

#[tokio::test]
async fn the_event_being_edited_does_not_count() {
    let attendee = "X-CALENDARSERVER-MASK-UID:single\r\nATTENDEE:mailto:aula@example.org\r\n";
    let reply = post(OUTBOX, &[], &request(attendee)).await;
    reply.has("2.0;Success");
    assert!(!reply.text.contains("FBTYPE"));
}

#[tokio::test]
async fn other_messages_are_refused_by_name() {
    let invitation = event("x", "DTSTART:20270501T080000Z");
    for body in [invitation.as_str(), "", "x", &request("")] {
        let refused = post(OUTBOX, &[], body).await.refused();
        assert_eq!(refused, (403, "valid-scheduling-message".to_owned()), "{body}");
    }
    let json = house().send("POST", OUTBOX, &[("content-type", "application/json")], "{}").await;
    assert_eq!(json.refused(), (415, "supported-calendar-data".to_owned()));
    let century = request("ATTENDEE:mailto:aula@example.org\r\n").replace("DTEND:2027", "DTEND:2090");
    assert_eq!(post(OUTBOX, &[], &century).await.refused(), (403, "max-date-time".to_owned()));
}

async fn search(context: &str, tokens: &[&str]) -> Reply {
    let tokens = tokens
        .iter()
        .map(|it| format!("<CS:search-token>{it}</CS:search-token>"))
        .collect::<Vec<_>>()
        .concat();
    let body = format!(
        "<CS:calendarserver-principal-search xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:D=\"DAV:\" {context}>{tokens}\
         <D:prop><D:displayname/><CS:record-type/></D:prop></CS:calendarserver-principal-search>"
    );
    house().send("REPORT", "/principals/users/", &[("depth", "0")], &body).await
}

#[tokio::test]
async fn macos_finds_rooms_and_people() {
    // R5.3.
    const ADA: &str = "/principals/users/ada/";
    const AULA: &str = "/principals/rooms/aula/";
    for (context, tokens, hits) in [
        ("context=\"location\"", &["au"][..], &[AULA][..]),
        ("context=\"location\"", &["ada"], &[]),
        ("context=\"resource\"", &["au"], &[]),
        ("context=\"user\"", &["LOVE", "ada@"], &[ADA]),
        ("context=\"attendee\"", &["example.org"], &[AULA, ADA]),
        ("", &["lovelace", "aula"], &[]),
        ("", &["a"], &[]),
        ("", &[], &[]),
    ] {
        assert_eq!(search(context, tokens).await.hrefs(), hits, "{context} {tokens:?}");
    }
    search("context=\"location\"", &["aula"]).await.has("<CS:record-type>locations</CS:record-type>");
}

#[tokio::test]
async fn older_clients_find_a_room_by_its_mail_address() {
    // R5.1.
    let body = "<D:principal-property-search xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:property-search>\
        <D:prop><C:calendar-user-address-set/></D:prop><D:match match-type=\"equals\">aula@example.org</D:match>\
        </D:property-search><D:prop><D:displayname/><D:resource-id/></D:prop></D:principal-property-search>";
    let reply = house().send("REPORT", "/principals/users/ada/", &[("depth", "0")], body).await;
    assert_eq!(reply.hrefs(), ["/principals/rooms/aula/"]);
    reply.has("urn:uuid:");
}

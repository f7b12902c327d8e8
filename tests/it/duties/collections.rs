//! Making and removing calendars, which nobody does to rooms.

use crate::programs::campus;
use crate::support::{event, on_both};

#[tokio::test]
async fn nobody_makes_a_calendar_among_rooms() {
    // RFC 4791, section 4.2; R8.2, B-33.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        for path in [
            "/calendars/rooms/new/",
            "/calendars/rooms/aula/sub/",
            "/calendars/users/ada/room-new/",
            "/calendars/users/ada/room-aula/sub/",
            "/principals/rooms/new/",
        ] {
            for method in ["MKCALENDAR", "MKCOL"] {
                let reply = ada.send(method, path, &[], "").await;
                assert_eq!(reply.status, 403, "{method} {path}: {}", reply.text());
            }
        }
        let reply = ada.send("MKCALENDAR", "/calendars/users/ada/room-aula/", &[], "").await;
        assert_eq!(reply.status, 405, "what is there already");
    })
    .await;
}

#[tokio::test]
async fn a_program_that_removes_a_calendar_removes_no_room() {
    // R8.3, B-34.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        for path in
            [ada.room("aula"), ada.room("lab"), "/calendars/rooms/aula/".to_owned(), ada.own(), ada.home()]
        {
            let reply = ada.delete(&path).await;
            assert_eq!(reply.status, 403, "{path}: {}", reply.text());
        }
        assert_eq!(ada.list(&ada.room("aula")).await.len(), 1);
        assert_eq!(bob.list(&bob.room("aula")).await.len(), 1);
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn short_answers_are_given_to_reports_too() {
    // RFC 8144, section 2; R8.4, R1.10.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let body = "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>\
            <D:getetag/><D:nothing/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter>\
            </C:calendar-query>";
        for short in [("prefer", "return=minimal"), ("brief", "t")] {
            let reply =
                ada.send("REPORT", &ada.room("aula"), &[("depth", "1"), short], body).await.expect(207);
            assert!(!reply.text().contains("404"), "{}", reply.text());
        }
        let reply = ada.send("REPORT", &ada.room("aula"), &[("depth", "1")], body).await.expect(207);
        assert!(reply.text().contains("404"));
        // Asked to be shown what was stored, it need not.
        let headers = [("prefer", "return=representation"), ("content-type", "text/calendar")];
        let path = format!("{}p.ics", ada.room("aula"));
        ada.send("PUT", &path, &headers, &event("p").hours("20270301", 11, 12).text()).await.created();
    })
    .await;
}

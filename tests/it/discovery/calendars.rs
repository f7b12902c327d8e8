//! The home and the calendars in it.

use crate::programs::campus;
use crate::support::{Item, event, on_both};

const ASK: &str = "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:X=\"urn:nobody\"><D:prop><D:displayname/>\
    <D:resourcetype/><C:supported-calendar-component-set/><D:owner/><D:current-user-principal/>\
    <D:current-user-privilege-set/><D:supported-report-set/><CS:getctag/><D:sync-token/><X:unknown/>\
    <D:principal-URL/></D:prop></D:propfind>";

fn is_calendar(item: &Item) -> bool {
    item.holds("resourcetype", "calendar")
}

#[tokio::test]
async fn the_one_home_lists_own_and_room_calendars() {
    // RFC 4791, sections 6.2, 6.2.1 and 9.1; R1.6, R8.2: rooms that Ada may not see are not listed.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let body = "<propfind xmlns=\"DAV:\"><prop><C:calendar-home-set xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/>\
            </prop></propfind>";
        let principal = ada.propfind("/principals/users/ada/", "0", body).await.multistatus();
        assert_eq!(principal[0].hrefs("calendar-home-set"), [ada.home()]);
        let items = ada.propfind(&ada.home(), "1", ASK).await.multistatus();
        let hrefs: Vec<&str> = items.iter().filter(|item| is_calendar(item)).map(|item| item.href.as_str()).collect();
        assert_eq!(hrefs, [ada.own(), ada.room("aula"), ada.room("lab")]);
        let bob = server.client("bob");
        let items = bob.propfind(&bob.home(), "1", ASK).await.multistatus();
        assert_eq!(items.iter().filter(|item| is_calendar(item)).count(), 4);
    })
    .await;
}

#[tokio::test]
async fn each_calendar_has_what_programs_need() {
    // RFC 4791, sections 5.2 and 5.2.4; R1.7, R1.8, R1.10, R2.5.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let items = ada.propfind(&ada.home(), "1", ASK).await.multistatus();
        for item in items.iter().filter(|item| is_calendar(item)) {
            assert!(
                item.holds("resourcetype", "collection") && !item.text("displayname").unwrap().is_empty()
            );
            let components = item.get("supported-calendar-component-set");
            assert_eq!(components, Some("<comp name=\"VEVENT\"/>"), "no VTODO: {}", item.href);
            for property in ["owner", "current-user-principal"] {
                assert_eq!(item.hrefs(property), ["/principals/users/ada/"], "{property} of {}", item.href);
            }
            for report in ["calendar-query", "calendar-multiget", "free-busy-query", "sync-collection"] {
                assert!(item.holds("supported-report-set", report), "{report}");
            }
            assert!(!item.text("getctag").unwrap().is_empty());
            assert!(item.text("sync-token").unwrap().contains([':', '/']));
            assert!(item.is_missing("unknown") && item.is_missing("principal-URL"), "R1.10");
        }
    })
    .await;
}

#[tokio::test]
async fn privileges_name_aggregates_and_leaves() {
    // RFC 3744, section 3.12; R1.14.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let items = ada.propfind(&ada.home(), "1", ASK).await.multistatus();
        let all = [
            "read",
            "read-current-user-privilege-set",
            "write",
            "write-content",
            "write-properties",
            "bind",
            "unbind",
        ];
        for (href, may) in [(ada.own(), 7), (ada.room("aula"), 7), (ada.room("lab"), 2)] {
            let item = items.iter().find(|item| item.href == href).unwrap();
            let has: Vec<&str> =
                all.iter().copied().filter(|one| item.holds("current-user-privilege-set", one)).collect();
            assert_eq!(has, all[..may], "{href}");
        }
        let home = items.iter().find(|item| item.href == ada.home()).unwrap();
        assert!(!home.holds("current-user-privilege-set", "unbind"), "R8.3");
        // What is announced is enforced: no program reads the privileges of members.
        let refused = ada.book("lab", &event("a").hours("20270301", 9, 10)).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    })
    .await;
}

#[tokio::test]
async fn unknown_properties_are_missing_and_short_answers_leave_them_out() {
    // R1.10, R8.4.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let only_unknown =
            "<propfind xmlns=\"DAV:\"><prop><X:unknown xmlns:X=\"urn:nobody\"/></prop></propfind>";
        for path in
            ["/".to_owned(), ada.home(), ada.own(), ada.room("aula"), "/principals/users/ada/".to_owned()]
        {
            let items = ada.propfind(&path, "0", only_unknown).await.multistatus();
            assert!(items[0].is_missing("unknown"), "{path}");
            for short in [("prefer", "return=minimal"), ("brief", "t")] {
                let headers = [("depth", "0"), short];
                let reply = ada.send("PROPFIND", &path, &headers, only_unknown).await;
                let text = reply.text();
                assert!(text.contains(" 200 ") && !text.contains(" 404 "), "{path}: {text}");
            }
        }
    })
    .await;
}

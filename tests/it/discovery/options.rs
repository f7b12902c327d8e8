//! OPTIONS: the classes, and what may be done.

use crate::programs::on_campus;

/// The `DAV` header where no push messages are sent.
pub(crate) const CLASSES: &str = "1, 3, access-control, calendar-access, calendar-auto-schedule, calendar-availability, \
    calendar-managed-attachments, calendar-no-timezone, calendar-proxy, calendarserver-principal-property-search, \
    calendarserver-principal-search, extended-mkcol";

#[tokio::test]
async fn every_resource_announces_the_same_classes_with_200() {
    // RFC 7953, section 7.2.1; RFC 6638, section 2; RFC 5689, section 3.1; RFC 4918, sections 10.1, 18.1 and
    // 18.3; RFC 4791, section 5.1; RFC 3744, section 7.2; R1.3, R1.4.
    on_campus(async |server, wire| {
        let ada = wire.program("ada").await;
        server
            .client("ada")
            .book("aula", &crate::support::event("a").hours("20270301", 9, 10))
            .await
            .created();
        for path in [
            "/",
            "/principals/",
            "/principals/users/",
            "/principals/users/ada/",
            "/principals/rooms/aula/",
            "/calendars/",
            "/calendars/users/",
            "/calendars/users/ada/",
            "/calendars/users/ada/reservations/",
            "/calendars/users/ada/room-aula/",
            "/calendars/users/ada/room-aula/a.ics",
            "/calendars/users/ada/room-lab/",
            "/calendars/rooms/",
            "/calendars/rooms/aula/",
            "/calendars/users/ada/inbox/",
            "/calendars/users/ada/outbox/",
        ] {
            let reply = ada.options(path).await.expect(200);
            assert_eq!(reply.header("dav"), Some(CLASSES), "{path}");
            assert_eq!(reply.text(), "", "{path}");
        }
        let first = CLASSES.split(',').next();
        assert_eq!(first, Some("1"), "Thunderbird throws the first token away");
    })
    .await;
}

#[tokio::test]
async fn what_is_announced_works() {
    // RFC 4791, section 2; R1.4: only what exists. The rest of the header is held by the tests of searching
    // and delegates.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        // 3: RFC 4918, `include` and If-None-Match; access-control: principal-collection-set.
        let include =
            "<propfind xmlns=\"DAV:\"><allprop/><include><principal-collection-set/></include></propfind>";
        let items = ada.propfind("/", "0", include).await.multistatus();
        assert!(!items[0].hrefs("principal-collection-set").is_empty());
        // calendar-proxy: the groups are there.
        for group in ["calendar-proxy-read", "calendar-proxy-write"] {
            let path = format!("/principals/users/ada/{group}/");
            let items = ada.propfind(&path, "0", "").await.multistatus();
            assert!(items[0].holds("resourcetype", group));
        }
    })
    .await;
}

#[tokio::test]
async fn allow_tells_who_may_write() {
    // R1.5.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        for (path, is_writable) in [
            ("/calendars/users/ada/room-aula/", true),
            ("/calendars/users/ada/reservations/", true),
            ("/calendars/users/ada/room-lab/", false),
            ("/calendars/rooms/lab/", false),
        ] {
            let reply = ada.options(path).await.expect(200);
            let allow: Vec<&str> = reply.header("allow").unwrap().split(',').map(str::trim).collect();
            let writes = ["PUT", "POST", "DELETE"].iter().any(|method| allow.contains(method));
            assert_eq!(writes, is_writable, "{path}: {allow:?}");
            for method in ["OPTIONS", "PROPFIND", "REPORT", "PROPPATCH"] {
                assert!(allow.contains(&method), "{path}: {method} in {allow:?}");
            }
        }
    })
    .await;
}

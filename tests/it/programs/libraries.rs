//! Libraries: tsdav (JavaScript), caldav (Python), and Home Assistant on top of the latter.

use super::{ask, calendars, change, fill, follow, href, on_campus, plain, shelf};

const HOME_SET: &str = "<d:propfind xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:prop>\
    <c:calendar-home-set/></d:prop></d:propfind>";
const PRINCIPAL: &str =
    "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:current-user-principal/></d:prop></d:propfind>";
const TSDAV_HOME: &str = "<d:propfind xmlns:c=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:cs=\"http://calendarserver.org/ns/\" xmlns:ca=\"http://apple.com/ns/ical/\" xmlns:d=\"DAV:\"><d:prop>\
    <c:calendar-description/><c:calendar-timezone/><d:displayname/><ca:calendar-color/><cs:getctag/>\
    <d:resourcetype/><c:supported-calendar-component-set/><d:sync-token/></d:prop></d:propfind>";
const REPORTS: &str = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:supported-report-set/></d:prop></d:propfind>";
const PYTHON_HOME: &str = "<?xml version='1.0' encoding='utf-8'?>\n<ns0:propfind xmlns:ns0=\"DAV:\" \
    xmlns:ns1=\"urn:ietf:params:xml:ns:caldav\"><ns0:prop><ns0:resourcetype/><ns0:displayname/>\
    <ns1:supported-calendar-component-set/></ns0:prop></ns0:propfind>";

#[tokio::test]
async fn tsdav_finds_every_room_from_the_address_alone() {
    // R1.1: it reads the Location itself; R1.6: two homes are none; R2.5: no numbers as tags.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent("tsdav/2.1.5");
        let known = program.propfind("/.well-known/caldav", "0", PRINCIPAL).await;
        assert!((300..400).contains(&known.status), "{}", known.status);
        let root = known.header("location").unwrap().to_owned();
        let principal = href(&ask(&program, &root, "0", PRINCIPAL).await, "current-user-principal");
        let homes = ask(&program, &principal, "0", HOME_SET).await[0].hrefs("calendar-home-set");
        assert_eq!(homes.len(), 1);
        let items = ask(&program, &homes[0], "1", TSDAV_HOME).await;
        for item in items.iter().filter(|item| item.holds("resourcetype", "calendar")) {
            for tag in ["getctag", "sync-token"] {
                assert!(item.text(tag).unwrap().parse::<f64>().is_err(), "{tag} reads as a number");
            }
            let reports = ask(&program, &item.href, "0", REPORTS).await;
            assert!(reports[0].holds("supported-report-set", "sync-collection"));
        }
        assert_eq!(calendars(&items, |_| true).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn tsdav_lists_by_query_and_knows_members_by_their_names() {
    // R2.1, R2.4.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent("tsdav/2.1.5");
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        for _ in 0..2 {
            let query = "<c:calendar-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\" \
                xmlns:cs=\"http://calendarserver.org/ns/\" xmlns:ca=\"http://apple.com/ns/ical/\" \
                xmlns:d=\"DAV:\"><d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name=\"VCALENDAR\">\
                <c:comp-filter name=\"VEVENT\"/></c:comp-filter></c:filter></c:calendar-query>";
            let listed = program.report(calendar, &[("Depth", "1")], query).await.multistatus();
            let mut hrefs: Vec<&str> = listed.iter().map(|item| item.href.as_str()).collect();
            hrefs.sort_unstable();
            assert!(hrefs.iter().all(|href| href.contains(".ics")), "{hrefs:?}");
            assert!(hrefs.into_iter().eq(shelf(&program, calendar).await.keys()));
            change_if_first(server).await;
        }
    })
    .await;
}

/// Once: the second time there is nothing left to change.
async fn change_if_first(server: &crate::support::TestServer) {
    let bob = server.client("bob");
    if bob.get(&format!("{}b.ics", bob.room("aula"))).await.status == 200 {
        change(server).await;
    }
}

#[tokio::test]
async fn python_caldav_finds_every_room_from_the_address_alone() {
    // R1.1, R1.6, R1.8: Home Assistant drops what has no name, or no VEVENT.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent("python-caldav/2.1.0");
        let (_, root) =
            follow(&program, "PROPFIND", "/.well-known/caldav", &[("Depth", "0")], PRINCIPAL).await;
        let principal = href(&root.expect(207).multistatus(), "current-user-principal");
        let home = href(&ask(&program, &principal, "0", HOME_SET).await, "calendar-home-set");
        let items = ask(&program, &home, "1", PYTHON_HOME).await;
        let mut names: Vec<String> = items
            .iter()
            .filter(|item| item.holds("resourcetype", "calendar"))
            .filter(|item| {
                item.get("supported-calendar-component-set").is_some_and(|it| it.contains("VEVENT"))
            })
            .filter_map(|item| item.text("displayname"))
            .collect();
        names.sort();
        assert_eq!(names, ["Ada", "Aula", "Lab"]);
    })
    .await;
}

#[tokio::test]
async fn python_caldav_finds_people_although_it_writes_properties_beside_prop() {
    // RFC 4918, section 17.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent("python-caldav/3.6.0");
        let search = "<D:principal-property-search xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
            <D:property-search><D:prop><D:displayname/></D:prop><D:match>Ada</D:match></D:property-search><D:prop/>\
            <C:calendar-home-set/><D:displayname/></D:principal-property-search>";
        let found = program.report("/", &[], search).await.expect(207).multistatus();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text("displayname").as_deref(), Some("Ada"));
        assert_eq!(found[0].hrefs("calendar-home-set"), ["/calendars/users/ada/"]);
    })
    .await;
}

#[tokio::test]
async fn home_assistant_tells_a_bad_password_by_the_reason_phrase() {
    // R1.2.
    on_campus(async |_, wire| {
        let wrong = wire.stranger().signed(crate::support::basic("ada", "wrong"));
        let reply = wrong.propfind("/", "0", PRINCIPAL).await.expect(401);
        assert_eq!(reply.phrase.as_deref(), Some("Unauthorized"));
    })
    .await;
}

#[tokio::test]
async fn home_assistant_asks_for_single_instances_of_one_view() {
    // R2.8, R8.5.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent("python-caldav/2.1.0");
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let query = "<?xml version='1.0' encoding='utf-8'?>\n<ns0:calendar-query \
            xmlns:ns0=\"urn:ietf:params:xml:ns:caldav\" xmlns:ns1=\"DAV:\"><ns1:prop><ns0:calendar-data>\
            <ns0:expand start=\"20270308T000000Z\" end=\"20270322T000000Z\"/></ns0:calendar-data></ns1:prop>\
            <ns0:filter><ns0:comp-filter name=\"VCALENDAR\"><ns0:comp-filter name=\"VEVENT\"><ns0:time-range \
            start=\"20270308T000000Z\" end=\"20270322T000000Z\"/></ns0:comp-filter></ns0:comp-filter>\
            </ns0:filter></ns0:calendar-query>";
        let items = program.report(calendar, &[("Depth", "1")], query).await.multistatus();
        assert_eq!(items.len(), 1);
        let text = plain(&items[0].text("calendar-data").unwrap());
        assert!(!text.contains("RRULE"), "{text}");
        for start in ["DTSTART:20270309T080000Z", "DTSTART:20270316T080000Z"] {
            assert!(text.contains(start), "{text}");
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
    })
    .await;
}

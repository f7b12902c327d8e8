//! Calendar on iOS and macOS.

use super::{
    Found, Shelf, apply, calendars, change, classes, fill, finds_the_campus, follow, href, may, multiget,
    on_campus, shelf,
};
use crate::support::{Item, Program, Wire};

const MAC: &str = "macOS/15.5 (24F74) CalendarAgent/1.0";
const PHONE: &str = "iOS/18.5 (22F76) dataaccessd/1.0";

const DAV: &str = "DAV:";
const CAL: &str = "urn:ietf:params:xml:ns:caldav";
const CS: &str = "http://calendarserver.org/ns/";
const ICAL: &str = "http://apple.com/ns/ical/";
const ME: &str = "http://me.com/_namespace/";

const FIRST: &[(&str, &str)] =
    &[(DAV, "current-user-principal"), (DAV, "principal-URL"), (DAV, "resourcetype")];
const PRINCIPAL: &[(&str, &str)] = &[
    (CAL, "calendar-home-set"),
    (CAL, "calendar-user-address-set"),
    (DAV, "current-user-principal"),
    (DAV, "displayname"),
    (CS, "dropbox-home-URL"),
    (CS, "email-address-set"),
    (CS, "notification-URL"),
    (DAV, "principal-collection-set"),
    (DAV, "principal-URL"),
    (DAV, "resource-id"),
    (CAL, "schedule-inbox-URL"),
    (CAL, "schedule-outbox-URL"),
    (DAV, "supported-report-set"),
    (CS, "allowed-calendar-component-set"),
];
const HOME: &[(&str, &str)] = &[
    (CS, "xmpp-server"),
    (CS, "xmpp-uri"),
    (DAV, "add-member"),
    (CS, "allowed-sharing-modes"),
    (ICAL, "autoprovisioned"),
    (ME, "bulk-requests"),
    (CS, "calendar-availability"),
    (ICAL, "calendar-color"),
    (CAL, "calendar-description"),
    (CAL, "calendar-free-busy-set"),
    (ICAL, "calendar-order"),
    (CAL, "calendar-timezone"),
    (CS, "checksum-versions"),
    (DAV, "current-user-privilege-set"),
    (CAL, "default-alarm-vevent-date"),
    (CAL, "default-alarm-vevent-datetime"),
    (DAV, "displayname"),
    (CS, "getctag"),
    (CS, "invite"),
    (ICAL, "language-code"),
    (ICAL, "location-code"),
    (CAL, "max-attendees-per-instance"),
    (DAV, "owner"),
    (CS, "pre-publish-url"),
    (CS, "publish-url"),
    (CS, "push-transports"),
    (CS, "pushkey"),
    (DAV, "quota-available-bytes"),
    (DAV, "quota-used-bytes"),
    (ICAL, "refreshrate"),
    (DAV, "resource-id"),
    (DAV, "resourcetype"),
    (CAL, "schedule-calendar-transp"),
    (CAL, "schedule-default-calendar-URL"),
    (CS, "source"),
    (CS, "subscribed-strip-alarms"),
    (CS, "subscribed-strip-attachments"),
    (CS, "subscribed-strip-todos"),
    (CAL, "supported-calendar-component-set"),
    (DAV, "supported-report-set"),
    (DAV, "sync-token"),
];

/// A body as these programs write it: each element declares its own namespace.
fn propfind(properties: &[(&str, &str)]) -> String {
    let mut body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:propfind xmlns:A=\"DAV:\">\n  <A:prop>\n".to_owned();
    for (namespace, local) in properties {
        match *namespace {
            DAV => body.push_str(&format!("    <A:{local}/>\n")),
            namespace => body.push_str(&format!("    <B:{local} xmlns:B=\"{namespace}\"/>\n")),
        }
    }
    body.push_str("  </A:prop>\n</A:propfind>\n");
    body
}

const SHORT: [(&str, &str); 3] = [("Brief", "t"), ("Prefer", "return=minimal"), ("Content-Type", "text/xml")];

/// PROPFIND with `Brief` and `Prefer`, whose answers never say what is missing (R1.10).
async fn brief(program: &Program<'_>, path: &str, depth: &str, properties: &[(&str, &str)]) -> Vec<Item> {
    let headers = [SHORT[0], SHORT[1], SHORT[2], ("Depth", depth)];
    let items = program.send("PROPFIND", path, &headers, &propfind(properties)).await.multistatus();
    for item in &items {
        assert!(item.properties.iter().all(|(_, status, _)| *status == 200), "R1.10: {}", item.href);
    }
    items
}

async fn find(wire: &Wire<'_>, agent: &str) -> (Vec<Found>, Vec<Item>) {
    // The first request goes without credentials, and waits to be asked for them.
    let anonymous = wire.stranger().agent(agent);
    let first = propfind(FIRST);
    let headers = [SHORT[0], SHORT[1], SHORT[2], ("Depth", "0")];
    let (root, asked) = follow(&anonymous, "PROPFIND", "/.well-known/caldav", &headers, &first).await;
    let challenge = asked.expect(401).header("www-authenticate").unwrap_or_default().to_owned();
    assert!(challenge.starts_with("Basic realm="), "R1.2");
    let program = wire.program("ada").await.agent(agent);
    let items = program.send("PROPFIND", &root, &headers, &first).await.multistatus();
    let principal = href(&items, "current-user-principal");
    assert!(principal.ends_with('/'), "table 1.1: no calendar home without it");
    let options = program.options(&principal).await.expect(200);
    assert!(classes(&options).contains(&"calendar-access".to_owned()), "R1.3");
    let about = brief(&program, &principal, "0", PRINCIPAL).await;
    for property in
        ["email-address-set", "resource-id", "schedule-inbox-URL", "schedule-outbox-URL", "displayname"]
    {
        assert!(about[0].get(property).is_some_and(|content| !content.is_empty()), "R1.9: {property}");
    }
    assert_eq!(about[0].hrefs("principal-URL"), [principal.as_str()]);
    search_and_delegates(&program, &about[0], &principal).await;
    let homes = about[0].hrefs("calendar-home-set");
    assert_eq!(homes.len(), 1, "R1.6");
    let items = brief(&program, &homes[0], "1", HOME).await;
    (calendars(&items, |item| may(item, &["write", "write-content"])), items)
}

async fn search_and_delegates(program: &Program<'_>, about: &Item, principal: &str) {
    let set =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:principal-search-property-set xmlns:A=\"DAV:\"/>";
    for collection in about.hrefs("principal-collection-set") {
        let reply = program.report(&collection, &[("Depth", "0")], set).await.expect(200);
        assert!(reply.text().contains("email-address-set"), "R5.2");
    }
    let expand = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:expand-property xmlns:A=\"DAV:\">\
        <A:property name=\"calendar-proxy-read-for\" namespace=\"http://calendarserver.org/ns/\">\
        <A:property name=\"displayname\" namespace=\"DAV:\"/>\
        <A:property name=\"calendar-user-address-set\" namespace=\"urn:ietf:params:xml:ns:caldav\"/>\
        <A:property name=\"email-address-set\" namespace=\"http://calendarserver.org/ns/\"/></A:property>\
        <A:property name=\"calendar-proxy-write-for\" namespace=\"http://calendarserver.org/ns/\">\
        <A:property name=\"displayname\" namespace=\"DAV:\"/></A:property></A:expand-property>";
    let items = program.report(principal, &[("Depth", "0")], expand).await.multistatus();
    for property in ["calendar-proxy-read-for", "calendar-proxy-write-for"] {
        assert!(items[0].get(property).is_some(), "R1.12: {property}");
    }
}

#[tokio::test]
async fn apples_programs_find_every_room_from_the_address_alone() {
    // R1.1, R1.2, R1.3, R1.6 to R1.12, R1.14.
    on_campus(async |_, wire| {
        for agent in [MAC, PHONE] {
            let (found, items) = find(wire, agent).await;
            finds_the_campus(&found);
            let inbox = items.iter().find(|item| item.holds("resourcetype", "schedule-inbox")).unwrap();
            assert_eq!(inbox.hrefs("schedule-default-calendar-URL"), ["/calendars/users/ada/reservations/"]);
            let outbox = items.iter().find(|item| item.holds("resourcetype", "schedule-outbox"));
            assert!(outbox.is_some(), "R1.9");
            for calendar in items.iter().filter(|item| item.holds("resourcetype", "calendar")) {
                assert_eq!(calendar.hrefs("owner"), ["/principals/users/ada/"]);
                for property in ["getctag", "sync-token", "calendar-color", "schedule-calendar-transp"] {
                    assert!(calendar.get(property).is_some(), "{property}");
                }
                // No push that nobody sends, no quota that nobody counts.
                assert!(calendar.get("push-transports").is_none() && calendar.get("invite").is_none());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn apples_programs_give_up_nothing_where_they_guess_paths() {
    // Table 1.1: when not satisfied they go on to these; R1.2: no 403 on the way.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(MAC);
        for (path, status) in [("/", 207), ("/principals/", 207), ("/calendar/dav/ada/user/", 404)] {
            let reply = program.propfind(path, "0", &propfind(FIRST)).await.expect(status);
            if status == 207 {
                assert_eq!(href(&reply.multistatus(), "current-user-principal"), "/principals/users/ada/");
            }
        }
    })
    .await;
}

const GET: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<B:calendar-multiget \
    xmlns:B=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><A:prop xmlns:A=\"DAV:\"><A:getetag/>\
    <B:calendar-data/><B:schedule-tag/><C:created-by xmlns:C=\"http://calendarserver.org/ns/\"/>\
    <C:updated-by xmlns:C=\"http://calendarserver.org/ns/\"/></A:prop>";

fn get_body(hrefs: &str) -> String {
    format!("{GET}{hrefs}</B:calendar-multiget>")
}

#[tokio::test]
async fn a_mac_asks_for_three_weeks_then_for_all_and_follows_tokens() {
    // R2.1, R2.3, R2.5, R2.9.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(MAC);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let query = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<B:calendar-query \
            xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><A:prop xmlns:A=\"DAV:\"><A:getcontenttype/><A:getetag/>\
            </A:prop><B:filter><B:comp-filter name=\"VCALENDAR\"><B:comp-filter name=\"VEVENT\">\
            <B:time-range start=\"20270308T000000Z\" end=\"20270329T000000Z\"/></B:comp-filter>\
            </B:comp-filter></B:filter></B:calendar-query>";
        let headers = [SHORT[0], SHORT[1], SHORT[2], ("Depth", "1")];
        let soon = program.report(calendar, &headers, query).await.multistatus();
        assert_eq!(soon.len(), 1, "only the series goes on");
        let listed = brief(&program, calendar, "1", &[(DAV, "getcontenttype"), (DAV, "getetag")]).await;
        let hrefs: Vec<String> =
            listed.iter().filter(|item| item.href != calendar).map(|item| item.href.clone()).collect();
        let mut held = multiget(&program, calendar, &[("Content-Type", "text/xml")], &hrefs, 50, get_body).await;
        assert_eq!(held, shelf(&program, calendar).await);
        let state = [(CS, "getctag"), (DAV, "sync-token")];
        let before = brief(&program, "/calendars/users/ada/", "1", &state).await;
        change(server).await;
        let after = brief(&program, "/calendars/users/ada/", "1", &state).await;
        let at = |items: &[Item]| items.iter().find(|item| item.href == calendar).unwrap().clone();
        let (before, after) = (at(&before), at(&after));
        assert_ne!(before.text("getctag"), after.text("getctag"), "R2.9");
        assert_ne!(before.text("sync-token"), after.text("sync-token"), "R2.9");
        held = sync(&program, calendar, &before.text("sync-token").unwrap(), held).await;
        assert_eq!(held, shelf(&program, calendar).await);
    })
    .await;
}

async fn sync(program: &Program<'_>, calendar: &str, token: &str, mut held: Shelf) -> Shelf {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:sync-collection xmlns:A=\"DAV:\">\n  \
         <A:sync-token>{token}</A:sync-token>\n  <A:sync-level>1</A:sync-level>\n  <A:prop>\n    \
         <A:getcontenttype/>\n    <A:getetag/>\n  </A:prop>\n</A:sync-collection>\n"
    );
    let headers = [SHORT[0], SHORT[1], SHORT[2], ("Depth", "1")];
    let reply = program.report(calendar, &headers, &body).await.expect(207);
    let wanted = apply(&reply.multistatus(), calendar, &mut held);
    held.extend(multiget(program, calendar, &[("Content-Type", "text/xml")], &wanted, 50, get_body).await);
    held
}

#[tokio::test]
async fn a_phone_asks_from_a_day_on_without_an_end() {
    // R2.8.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(PHONE);
        fill(server).await;
        let query = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<B:calendar-query \
            xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><A:prop xmlns:A=\"DAV:\"><A:getetag/>\
            <A:getcontenttype/></A:prop><B:filter><B:comp-filter name=\"VCALENDAR\">\
            <B:comp-filter name=\"VEVENT\"><B:time-range start=\"20270301T093000Z\"/></B:comp-filter>\
            </B:comp-filter></B:filter></B:calendar-query>";
        let headers = [SHORT[0], SHORT[1], SHORT[2], ("Depth", "1")];
        let items = program.report("/calendars/users/ada/room-aula/", &headers, query).await.multistatus();
        assert_eq!(items.len(), 2, "the one of 9 to 10 in Berlin is over");
    })
    .await;
}

//! Outlook with `CalDav Synchronizer`.

use super::{
    Found, Shelf, apply, ask, calendars, change, classes, fill, finds_the_campus, follow, href, may,
    multiget, on_campus, shelf,
};
use crate::support::Program;

const AGENT: &str = "CalDavSynchronizer/4.5";

const ROOT: &str = "<?xml version='1.0'?><D:propfind xmlns:D=\"DAV:\"><D:prop><D:current-user-principal/>\
    <D:principal-URL/><D:resourcetype/></D:prop></D:propfind>";
const HOME_SET: &str = "<?xml version='1.0'?><D:propfind xmlns:D=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><C:calendar-home-set/></D:prop></D:propfind>";
const HOME: &str = "<?xml version='1.0'?><D:propfind xmlns:D=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:E=\"http://apple.com/ns/ical/\"><D:prop>\
    <D:resourcetype/><D:displayname/><E:calendar-color/><C:supported-calendar-component-set/></D:prop>\
    </D:propfind>";
const RIGHTS: &str = "<?xml version='1.0'?><D:propfind xmlns:D=\"DAV:\"><D:prop>\
    <D:current-user-privilege-set/></D:prop></D:propfind>";
const PROXIES: &str = "<?xml version='1.0'?><D:propfind xmlns:D=\"DAV:\" \
    xmlns:CS=\"http://calendarserver.org/ns/\"><D:prop><CS:calendar-proxy-read-for/>\
    <CS:calendar-proxy-write-for/><D:group-membership/></D:prop></D:propfind>";

async fn discover(program: &Program<'_>) -> Vec<Found> {
    let headers = [("Depth", "0"), ("Content-Type", "application/xml; charset=UTF-8")];
    let (_, root) = follow(program, "PROPFIND", "/.well-known/caldav", &headers, ROOT).await;
    let principal = href(&root.expect(207).multistatus(), "current-user-principal");
    let tokens = classes(&program.options(&principal).await.expect(200));
    assert!(tokens.iter().any(|token| token == "calendar-access"));
    if tokens.iter().any(|token| token == "calendar-proxy") {
        let proxies = ask(program, &principal, "0", PROXIES).await;
        assert!(proxies[0].get("calendar-proxy-write-for").is_some(), "R1.4: only what works");
    }
    let mut found = Vec::new();
    for home in ask(program, &principal, "0", HOME_SET).await[0].hrefs("calendar-home-set") {
        let items = ask(program, &home, "1", HOME).await;
        for mut calendar in calendars(&items, |item| {
            item.get("supported-calendar-component-set").is_some_and(|set| set.contains("VEVENT"))
        }) {
            assert!(calendar.is_writable, "it would be skipped");
            let rights = ask(program, &calendar.href, "0", RIGHTS).await;
            let each = ["write-content", "bind", "unbind"].iter().all(|one| may(&rights[0], &[one]));
            assert_eq!(may(&rights[0], &["write"]), each, "R1.14");
            calendar.is_writable = each;
            found.push(calendar);
        }
    }
    found
}

#[tokio::test]
async fn caldav_synchronizer_finds_every_room_from_the_address_alone() {
    // R1.1, R1.4, R1.7, R1.8, R1.14.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        finds_the_campus(&discover(&program).await);
    })
    .await;
}

fn get_body(hrefs: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:D=\"DAV:\"><D:prop><D:getetag/><D:displayname/><C:calendar-data/></D:prop>{hrefs}\
         </C:calendar-multiget>"
    )
}

#[tokio::test]
async fn caldav_synchronizer_lists_a_range_or_follows_tokens() {
    // R2.1, R2.3, R2.5, R2.6.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let query = "<?xml version=\"1.0\"?><C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
            <D:prop xmlns:D=\"DAV:\"><D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">\
            <C:comp-filter name=\"VEVENT\"><C:time-range start=\"20261231T000000Z\" end=\"20280101T000000Z\"/>\
            </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
        let listed = program.report(calendar, &[("Depth", "1")], query).await.multistatus();
        let hrefs: Vec<String> = listed.into_iter().map(|item| item.href).collect();
        let by_query = multiget(&program, calendar, &[("Depth", "1")], &hrefs, 100, get_body).await;
        assert_eq!(by_query, shelf(&program, calendar).await);
        let (mut held, mut token) = (Shelf::new(), String::new());
        for round in 0..2 {
            let body = format!(
                "<?xml version=\"1.0\"?><D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>{token}\
                 </D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
            );
            let reply = program.report(calendar, &[("Depth", "0")], &body).await.expect(207);
            let wanted = apply(&reply.multistatus(), calendar, &mut held);
            held.extend(multiget(&program, calendar, &[("Depth", "1")], &wanted, 100, get_body).await);
            token = reply.element_text("sync-token").expect("a token");
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            if round == 0 {
                change(server).await;
            }
        }
    })
    .await;
}

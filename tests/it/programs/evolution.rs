//! Evolution and GNOME Calendar (evolution-data-server).

use super::{
    Found, Shelf, apply, ask, calendars, change, classes, fill, finds_the_campus, follow, href, may,
    multiget, on_campus, shelf,
};
use crate::support::Program;

const AGENT: &str = "Evolution/3.56.2";

const DISCOVER: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><resourcetype/><current-user-principal/><principal-URL/>\
    <C:calendar-home-set/><C:calendar-user-address-set/></prop></propfind>";
const HOME: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:IC=\"http://apple.com/ns/ical/\"><prop><resourcetype/>\
    <displayname/><C:supported-calendar-component-set/><C:calendar-description/><IC:calendar-color/>\
    <IC:calendar-order/><current-user-privilege-set/></prop></propfind>";
const RIGHTS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\"><prop>\
    <current-user-privilege-set/></prop></propfind>";
const STATE: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\" \
    xmlns:CS=\"http://calendarserver.org/ns/\"><prop><CS:getctag/><supported-report-set/></prop></propfind>";

async fn discover(program: &Program<'_>) -> Vec<Found> {
    let typed = ask(program, "/", "0", DISCOVER).await;
    let headers = [("Depth", "0"), ("Content-Type", "application/xml; charset=\"utf-8\"")];
    let (_, known) = follow(program, "PROPFIND", "/.well-known/caldav", &headers, DISCOVER).await;
    assert_eq!(
        href(&known.expect(207).multistatus(), "current-user-principal"),
        href(&typed, "current-user-principal")
    );
    let principal = ask(program, &href(&typed, "current-user-principal"), "0", DISCOVER).await;
    assert!(principal[0].hrefs("calendar-user-address-set").iter().any(|it| it == "mailto:ada@example.org"));
    let mut found = Vec::new();
    for home in principal[0].hrefs("calendar-home-set") {
        let items = ask(program, &home, "1", HOME).await;
        found.extend(calendars(&items, |item| may(item, &["write", "write-content", "all"])));
    }
    found
}

#[tokio::test]
async fn evolution_finds_every_room_from_the_address_alone() {
    // R1.3, R1.5, R1.8, R1.14.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let found = discover(&program).await;
        finds_the_campus(&found);
        for calendar in found {
            let options = program.options(&calendar.href).await.expect(200);
            let tokens = classes(&options);
            for token in ["calendar-access", "calendar-auto-schedule"] {
                assert!(tokens.iter().any(|it| it == token), "{}: {token}", calendar.href);
            }
            let rights = ask(&program, &calendar.href, "0", RIGHTS).await;
            assert_eq!(may(&rights[0], &["write", "write-content", "all"]), calendar.is_writable);
            let state = ask(&program, &calendar.href, "0", STATE).await;
            assert!(
                state[0].text("getctag").is_some()
                    && state[0].holds("supported-report-set", "sync-collection")
            );
        }
    })
    .await;
}

const HEADERS: [(&str, &str); 2] = [("Depth", "0"), ("Content-Type", "application/xml; charset=\"utf-8\"")];

fn get_body(hrefs: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<C:calendar-multiget xmlns:D=\"DAV:\" \
         xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}\
         </C:calendar-multiget>"
    )
}

#[tokio::test]
async fn evolution_follows_changes_by_tokens_at_depth_0() {
    // R2.1, R2.5, R2.6.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let (mut held, mut token) = (Shelf::new(), String::new());
        for round in 0..2 {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sync-collection xmlns=\"DAV:\"><sync-token>{token}\
                 </sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
            );
            let reply = program.report(calendar, &HEADERS, &body).await.expect(207);
            let wanted = apply(&reply.multistatus(), calendar, &mut held);
            held.extend(multiget(&program, calendar, &[], &wanted, 100, get_body).await);
            token = reply.element_text("sync-token").expect("a token");
            assert!(token.contains(['/', ':']), "R2.5");
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            if round == 0 {
                change(server).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn evolution_without_tokens_lists_the_whole_calendar_at_depth_0() {
    // R2.1: taken by the letter, Depth 0 would mean an empty calendar.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let query = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<C:calendar-query xmlns:D=\"DAV:\" \
            xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data>\
            <C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\"><C:prop name=\"UID\"/></C:comp></C:comp>\
            </C:calendar-data></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">\
            <C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter></C:calendar-query>";
        let items = program.report(calendar, &HEADERS, query).await.multistatus();
        let mut hrefs: Vec<String> = items.iter().map(|item| item.href.clone()).collect();
        hrefs.sort();
        assert!(hrefs.iter().eq(shelf(&program, calendar).await.keys()), "{hrefs:?}");
        for item in items {
            assert!(item.text("getetag").is_some() && item.text("calendar-data").unwrap().contains("UID:"));
        }
    })
    .await;
}

//! DAVx5 on Android.

use super::{
    Found, Shelf, apply, ask, calendars, change, classes, fill, finds_the_campus, follow, href, may,
    multiget, on_campus, shelf,
};
use crate::support::Program;

const AGENT: &str = "DAVx5/4.5.3-ose (dav4jvm; okhttp/4.12.0) Android/15";

const DETECT: &str = "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" \
    xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\"><prop>\
    <resourcetype /><displayname /><n0:calendar-color xmlns:n0=\"http://apple.com/ns/ical/\" />\
    <current-user-principal /><current-user-privilege-set /><CAL:calendar-home-set />\
    <CAL:supported-calendar-component-set /><CAL:calendar-description /><CAL:calendar-timezone />\
    </prop></propfind>";
const WELL_KNOWN: &str = "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\"><prop>\
    <current-user-principal /></prop></propfind>";
const PRINCIPAL: &str = "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" \
    xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\"><prop><displayname /><group-membership /><resourcetype />\
    <CAL:calendar-home-set /><n0:calendar-proxy-read-for xmlns:n0=\"http://calendarserver.org/ns/\" />\
    <n1:calendar-proxy-write-for xmlns:n1=\"http://calendarserver.org/ns/\" /></prop></propfind>";
const HOME: &str = "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" \
    xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\"><prop><current-user-privilege-set /><displayname /><owner />\
    <resourcetype /><n0:calendar-color xmlns:n0=\"http://apple.com/ns/ical/\" /><CAL:calendar-description />\
    <CAL:calendar-timezone /><CAL:calendar-timezone-id /><CAL:supported-calendar-component-set />\
    <n1:source xmlns:n1=\"http://calendarserver.org/ns/\" />\
    <n2:transports xmlns:n2=\"https://bitfire.at/webdav-push\" />\
    <n3:topic xmlns:n3=\"https://bitfire.at/webdav-push\" /></prop></propfind>";

async fn detect(program: &Program<'_>) -> Vec<Found> {
    let typed = ask(program, "/", "0", DETECT).await;
    assert!(!typed[0].holds("resourcetype", "calendar"));
    let (_, known) = follow(program, "PROPFIND", "/.well-known/caldav", &[("Depth", "0")], WELL_KNOWN).await;
    let principal = href(&known.expect(207).multistatus(), "current-user-principal");
    assert_eq!(principal, href(&typed, "current-user-principal"), "R1.7");
    // Without following a redirect.
    let options = program.options(&principal).await.expect(200);
    assert!(classes(&options).contains(&"calendar-access".to_owned()), "R1.3");
    let about = ask(program, &principal, "0", PRINCIPAL).await;
    assert!(about[0].holds("resourcetype", "principal"));
    let mut homes = about[0].hrefs("calendar-home-set");
    for related in ["group-membership", "calendar-proxy-read-for", "calendar-proxy-write-for"] {
        assert!(about[0].get(related).is_some(), "R1.12: {related}");
        for other in about[0].hrefs(related) {
            homes.extend(ask(program, &other, "0", PRINCIPAL).await[0].hrefs("calendar-home-set"));
        }
    }
    let mut found = Vec::new();
    for home in homes {
        let items = ask(program, &home, "1", HOME).await;
        for calendar in items.iter().filter(|item| item.holds("resourcetype", "calendar")) {
            assert_eq!(calendar.hrefs("owner"), ["/principals/users/ada/"], "its personal ones");
            assert!(calendar.text("calendar-timezone").unwrap().contains("BEGIN:VTIMEZONE"));
            assert_eq!(calendar.get("supported-calendar-component-set"), Some("<comp name=\"VEVENT\"/>"));
        }
        found.extend(calendars(&items, |item| may(item, &["write-content", "write", "all"])));
    }
    found
}

#[tokio::test]
async fn davx5_finds_every_room_from_the_address_alone() {
    // R1.1, R1.3, R1.8, R1.12, R1.14.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        finds_the_campus(&detect(&program).await);
    })
    .await;
}

#[tokio::test]
async fn davx5_lists_what_is_not_long_past_and_fetches_ten_at_once() {
    // R2.1, R2.3, R2.8, R2.10.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        for day in 10..22 {
            let name = format!("more{day}");
            let event = crate::support::event(&name).hours(&format!("202703{day}"), 13, 14);
            server.client("ada").book("aula", &event).await.created();
        }
        let query = "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-query xmlns=\"DAV:\" \
            xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag /></prop><CAL:filter>\
            <CAL:comp-filter name=\"VCALENDAR\"><CAL:comp-filter name=\"VEVENT\">\
            <CAL:time-range start=\"20261130T080000Z\" /></CAL:comp-filter></CAL:comp-filter></CAL:filter>\
            </CAL:calendar-query>";
        let listed = program.report(calendar, &[("Depth", "1")], query).await.multistatus();
        let hrefs: Vec<String> = listed.into_iter().map(|item| item.href).collect();
        // It decodes what it lists and encodes it again its own way.
        let body = |hrefs: &str| get_body(&hrefs.replace("%40", "@"));
        let held = multiget(&program, calendar, &[], &hrefs, 10, body).await;
        assert_eq!(held, shelf(&program, calendar).await);
        assert_eq!(held.len(), 15);
    })
    .await;
}

fn get_body(hrefs: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-multiget xmlns:D=\"DAV:\" xmlns=\"DAV:\" \
         xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\"><prop><getcontenttype /><getetag />\
         <CAL:schedule-tag /><CAL:calendar-data /></prop>{hrefs}</CAL:calendar-multiget>"
    )
}

#[tokio::test]
async fn davx5_without_a_time_limit_follows_changes_at_depth_0() {
    // R2.1, R2.6.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let (mut held, mut token) = (Shelf::new(), String::new());
        for round in 0..2 {
            let body = format!(
                "<?xml version='1.0' encoding='UTF-8' ?><sync-collection xmlns=\"DAV:\"><sync-token>{token}\
                 </sync-token><sync-level>1</sync-level><prop><getetag /><resourcetype /></prop>\
                 </sync-collection>"
            );
            let reply = program.report(calendar, &[("Depth", "0")], &body).await.expect(207);
            let wanted = apply(&reply.multistatus(), calendar, &mut held);
            held.extend(multiget(&program, calendar, &[], &wanted, 10, get_body).await);
            token = reply.element_text("sync-token").expect("a token");
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            if round == 0 {
                change(server).await;
            }
        }
    })
    .await;
}

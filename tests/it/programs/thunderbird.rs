//! Thunderbird.

use super::{
    Found, Shelf, apply, ask, calendars, change, classes, fill, finds_the_campus, follow, href, may,
    multiget, on_campus, shelf,
};
use crate::support::Program;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.2.0";

const DETECT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <D:propfind xmlns:D='DAV:' xmlns:A='http://apple.com/ns/ical/' xmlns:C='urn:ietf:params:xml:ns:caldav'>\
    <D:prop><D:resourcetype/><D:owner/><D:displayname/><D:current-user-principal/>\
    <D:current-user-privilege-set/><A:calendar-color/><C:calendar-home-set/></D:prop></D:propfind>";
const HOME_SET: &str = "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>\
    <D:prop><C:calendar-home-set/></D:prop></D:propfind>";
const HOME: &str = "<D:propfind xmlns:D='DAV:' xmlns:A='http://apple.com/ns/ical/'><D:prop><D:resourcetype/>\
    <D:displayname/><D:current-user-privilege-set/><A:calendar-color/></D:prop></D:propfind>";
const START: &str = "<D:propfind xmlns:D='DAV:' xmlns:CS='http://calendarserver.org/ns/' \
    xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:resourcetype/><D:owner/><D:current-user-principal/>\
    <D:current-user-privilege-set/><D:supported-report-set/><C:supported-calendar-component-set/>\
    <CS:getctag/></D:prop></D:propfind>";
const PRINCIPAL: &str = "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>\
    <C:calendar-home-set/><C:calendar-user-address-set/><C:schedule-inbox-URL/><C:schedule-outbox-URL/>\
    </D:prop></D:propfind>";

async fn detect(program: &Program<'_>) -> Vec<Found> {
    let headers = [("Depth", "0"), ("Content-Type", "text/xml; charset=utf-8")];
    let (_, reply) = follow(program, "PROPFIND", "/.well-known/caldav", &headers, DETECT).await;
    let root = reply.expect(207).multistatus();
    assert!(!root[0].holds("resourcetype", "calendar"));
    let principal = href(&root, "current-user-principal");
    let homes = ask(program, &principal, "0", HOME_SET).await[0].hrefs("calendar-home-set");
    let mut found = Vec::new();
    for home in homes {
        let items = ask(program, &home, "1", HOME).await;
        found.extend(calendars(&items, |item| may(item, &["write", "write-content", "bind", "all"])));
    }
    found
}

/// What it asks of each calendar when it starts; whether it takes the server for one that schedules.
async fn start(program: &Program<'_>, calendar: &str) -> bool {
    let here = ask(program, calendar, "0", START).await;
    assert!(here[0].holds("resourcetype", "calendar") && here[0].text("getctag").is_some());
    assert!(here[0].holds("supported-report-set", "sync-collection"));
    assert!(here[0].holds("supported-calendar-component-set", "comp"));
    let parent = &calendar[..=calendar.trim_end_matches('/').rfind('/').unwrap()];
    // R1.4: it throws the first token away.
    let tokens = classes(&program.options(parent).await.expect(200));
    let schedules = tokens[1..].iter().any(|token| token == "calendar-auto-schedule");
    let principal = ask(program, &href(&here, "current-user-principal"), "0", PRINCIPAL).await;
    let has = |property: &str| !principal[0].hrefs(property).is_empty();
    let has_mail = principal[0].hrefs("calendar-user-address-set")[0].starts_with("mailto:");
    schedules
        && has("calendar-home-set")
        && has_mail
        && has("schedule-inbox-URL")
        && has("schedule-outbox-URL")
}

#[tokio::test]
async fn thunderbird_finds_every_room_from_the_address_alone() {
    // R1.1, R1.6, R1.8, R1.9, R1.11, R1.14.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let found = detect(&program).await;
        finds_the_campus(&found);
        for calendar in found {
            assert!(start(&program, &calendar.href).await, "{} does not schedule", calendar.href);
        }
    })
    .await;
}

#[tokio::test]
async fn thunderbird_takes_the_address_of_one_room() {
    // Table 1.1: the address typed has a path.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let items = ask(&program, "/calendars/rooms/aula/", "0", DETECT).await;
        let found = calendars(&items, |item| may(item, &["write", "write-content", "bind", "all"]));
        assert!(found[0].is_writable && found[0].title == "Aula");
        assert!(items[0].text("calendar-color").is_some_and(|color| color.starts_with('#')));
    })
    .await;
}

#[tokio::test]
async fn thunderbird_follows_changes_by_sync_collection() {
    // R2.2, R2.3, R2.4, R2.6.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let (mut held, mut token) = (Shelf::new(), String::new());
        for round in 0..2 {
            token = sync(&program, calendar, &token, &mut held).await;
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            change_once(server, round).await;
        }
        // A token that is not known means a full refresh.
        let unknown = program.report(calendar, &HEADERS, &sync_body("http://x/sync/none")).await;
        unknown.fails(403, "valid-sync-token");
    })
    .await;
}

async fn change_once(server: &crate::support::TestServer, round: usize) {
    if round == 0 {
        change(server).await;
    }
}

const HEADERS: [(&str, &str); 2] = [("Depth", "1"), ("Content-Type", "text/xml; charset=utf-8")];

fn sync_body(token: &str) -> String {
    format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
         <prop><getcontenttype/><getetag/></prop></sync-collection>"
    )
}

async fn sync(program: &Program<'_>, calendar: &str, token: &str, held: &mut Shelf) -> String {
    let reply = program.report(calendar, &HEADERS, &sync_body(token)).await.expect(207);
    let items = reply.multistatus();
    for item in items.iter().filter(|item| item.status.is_none()) {
        // R2.4: by this it knows members.
        assert!(item.text("getcontenttype").unwrap().starts_with("text/calendar"), "{}", item.href);
    }
    let wanted = apply(&items, calendar, held);
    let body = |hrefs: &str| {
        format!(
            "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop>\
             <D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
        )
    };
    held.extend(multiget(program, calendar, &HEADERS, &wanted, 100, body).await);
    reply.element_text("sync-token").expect("a token")
}

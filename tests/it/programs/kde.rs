//! `KOrganizer` and Merkuro (kdav).

use super::{Found, ask, calendars, change, fill, finds_the_campus, href, may, multiget, on_campus, shelf};
use crate::support::Program;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) KDE DAV groupware client 1.0";

const PRINCIPAL: &str = "<propfind xmlns=\"DAV:\"><prop><current-user-principal xmlns=\"DAV:\"/>\
    <principal-collection-set xmlns=\"DAV:\"/></prop></propfind>";
const HOME_SET: &str = "<propfind xmlns=\"DAV:\"><prop><calendar-home-set \
    xmlns=\"urn:ietf:params:xml:ns:caldav\"/></prop></propfind>";
const HOME: &str = "<propfind xmlns=\"DAV:\"><prop><displayname xmlns=\"DAV:\"/><resourcetype xmlns=\"DAV:\"/>\
    <calendar-color xmlns=\"http://apple.com/ns/ical/\"/><supported-calendar-component-set \
    xmlns=\"urn:ietf:params:xml:ns:caldav\"/><current-user-privilege-set xmlns=\"DAV:\"/>\
    <getctag xmlns=\"http://calendarserver.org/ns/\"/><transports xmlns=\"https://bitfire.at/webdav-push\"/>\
    <topic xmlns=\"https://bitfire.at/webdav-push\"/></prop></propfind>";

async fn discover(program: &Program<'_>) -> Vec<Found> {
    let typed = ask(program, "/", "0", PRINCIPAL).await;
    assert!(!typed[0].hrefs("principal-collection-set").is_empty());
    let principal = ask(program, &href(&typed, "current-user-principal"), "0", HOME_SET).await;
    let home = href(&principal, "calendar-home-set");
    let items = ask(program, &home, "1", HOME).await;
    assert!(
        items.iter().all(|item| item.get("displayname").is_some() || !item.holds("resourcetype", "calendar"))
    );
    calendars(&items, |item| may(item, &["write-content", "bind", "write", "all"]))
}

#[tokio::test]
async fn kde_finds_every_room_from_the_address_alone() {
    // R1.8, R1.10, R1.14.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        finds_the_campus(&discover(&program).await);
    })
    .await;
}

#[tokio::test]
async fn kde_sees_changes_by_ctag_and_lists_by_query() {
    // R2.3, R2.9.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        let query = "<calendar-query xmlns=\"urn:ietf:params:xml:ns:caldav\"><prop xmlns=\"DAV:\">\
            <getetag xmlns=\"DAV:\"/><resourcetype xmlns=\"DAV:\"/></prop><filter \
            xmlns=\"urn:ietf:params:xml:ns:caldav\"><comp-filter xmlns=\"urn:ietf:params:xml:ns:caldav\" \
            name=\"VCALENDAR\"><comp-filter xmlns=\"urn:ietf:params:xml:ns:caldav\" name=\"VEVENT\"/>\
            </comp-filter></filter></calendar-query>";
        let body = |hrefs: &str| {
            // Qt writes the namespace on every element.
            let hrefs = hrefs.replace("D:href>", "href>").replace("<href>", "<href xmlns=\"DAV:\">");
            format!(
                "<calendar-multiget xmlns=\"urn:ietf:params:xml:ns:caldav\"><prop \
                 xmlns=\"DAV:\"><getetag xmlns=\"DAV:\"/><calendar-data \
                 xmlns=\"urn:ietf:params:xml:ns:caldav\"/></prop>{hrefs}</calendar-multiget>"
            )
        };
        let mut ctags = Vec::new();
        for round in 0..2 {
            let home = ask(&program, "/calendars/users/ada/", "1", HOME).await;
            let here = home.iter().find(|item| item.href == calendar).unwrap();
            ctags.push(here.text("getctag").unwrap());
            let listed = program.report(calendar, &[("Depth", "1")], query).await.multistatus();
            let hrefs: Vec<String> = listed.into_iter().map(|item| item.href).collect();
            let held = multiget(&program, calendar, &[("Depth", "1")], &hrefs, 100, body).await;
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            if round == 0 {
                change(server).await;
            }
        }
        assert_ne!(ctags[0], ctags[1]);
    })
    .await;
}

#[tokio::test]
async fn kde_fetches_a_hundred_at_once_with_a_namespace_on_each() {
    // Table 2.1; L-23: Qt declares the namespace of every element anew.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        let hrefs: String =
            (0..100).map(|it| format!("<href xmlns=\"DAV:\">{calendar}{it}.ics</href>")).collect();
        let body = format!(
            "<calendar-multiget xmlns=\"urn:ietf:params:xml:ns:caldav\"><prop xmlns=\"DAV:\">\
             <getetag xmlns=\"DAV:\"/><calendar-data xmlns=\"urn:ietf:params:xml:ns:caldav\"/></prop>{hrefs}\
             </calendar-multiget>"
        );
        let reply = program.report(calendar, &[("Depth", "1")], &body).await.expect(207);
        assert_eq!(reply.multistatus().len(), 100);
    })
    .await;
}

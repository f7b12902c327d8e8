//! vdirsyncer.

use super::{ask, change, fill, follow, href, multiget, on_campus, shelf};

const AGENT: &str = "vdirsyncer/0.20.0";

const PRINCIPAL: &str = "<d:propfind xmlns:d=\"DAV:\">\n    <d:prop>\n        <d:current-user-principal />\n\
    \x20   </d:prop>\n</d:propfind>\n";
const HOME_SET: &str = "<d:propfind xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:prop>\
    <c:calendar-home-set /></d:prop></d:propfind>";
const HOME: &str = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:resourcetype /></d:prop></d:propfind>";
const LIST: &str = "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:propfind xmlns:D=\"DAV:\"><D:prop>\
    <D:resourcetype/><D:getcontenttype/><D:getetag/></D:prop></D:propfind>";

#[tokio::test]
async fn vdirsyncer_finds_every_room_from_the_address_alone() {
    // R1.1, R1.6: the first home counts, and collections are named after their last segment.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let typed = ask(&program, "/", "0", PRINCIPAL).await;
        let (_, known) =
            follow(&program, "PROPFIND", "/.well-known/caldav", &[("Depth", "0")], PRINCIPAL).await;
        let principal = href(&known.expect(207).multistatus(), "current-user-principal");
        assert_eq!(href(&typed, "current-user-principal"), principal);
        let home = href(&ask(&program, &principal, "0", HOME_SET).await, "calendar-home-set");
        let items = ask(&program, &home, "1", HOME).await;
        let calendars = items.iter().filter(|item| item.holds("resourcetype", "calendar"));
        let mut names: Vec<&str> =
            calendars.filter_map(|item| item.href.trim_end_matches('/').rsplit('/').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["reservations", "room-aula", "room-lab"]);
    })
    .await;
}

#[tokio::test]
async fn vdirsyncer_lists_by_propfind_and_fetches_without_depth() {
    // R2.1, R2.3, R2.4.
    on_campus(async |server, wire| {
        let program = wire.program("ada").await.agent(AGENT);
        let calendar = "/calendars/users/ada/room-aula/";
        fill(server).await;
        for round in 0..2 {
            let listed = ask(&program, calendar, "1", LIST).await;
            let is_event = |content_type: String| content_type.contains("text/calendar");
            let members = listed.iter().filter(|item| item.text("getcontenttype").is_some_and(is_event));
            let hrefs: Vec<String> = members.map(|item| item.href.clone()).collect();
            let body = |hrefs: &str| {
                format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<C:calendar-multiget xmlns:D=\"DAV:\"\n    \
                     xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\n    <D:prop>\n        <D:getetag/>\n        \
                     <C:calendar-data/>\n    </D:prop>\n    {hrefs}\n</C:calendar-multiget>"
                )
            };
            let held = multiget(&program, calendar, &[], &hrefs, 100, body).await;
            assert_eq!(held, shelf(&program, calendar).await, "round {round}");
            if round == 0 {
                change(server).await;
            }
        }
    })
    .await;
}

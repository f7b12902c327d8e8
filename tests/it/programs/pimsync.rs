//! pimsync, by its library libdav.

use super::{ask, classes, href, on_campus};

const PRINCIPAL: &str = "<propfind xmlns=\"DAV:\"><prop><current-user-principal/></prop></propfind>";
const HOME_SET: &str = "<propfind xmlns=\"DAV:\"><prop><C:calendar-home-set \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></prop></propfind>";
const HOME: &str = "<propfind xmlns=\"DAV:\"><prop><resourcetype/><getetag/><supported-report-set/></prop>\
    </propfind>";

#[tokio::test]
async fn pimsync_finds_the_home_by_options_or_by_a_real_redirect() {
    // R1.1, R1.3.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent("pimsync/0.5.7");
        assert!(classes(&program.options("/").await.expect(200)).contains(&"calendar-access".to_owned()));
        // The other way: GET must be redirected, and the target answer GET with 2xx.
        let known = program.get("/.well-known/caldav").await;
        assert!([301, 302, 307, 308].contains(&known.status), "{}", known.status);
        let path = known.header("location").unwrap().to_owned();
        assert!((200..300).contains(&program.get(&path).await.status));
        let principal = href(&ask(&program, &path, "0", PRINCIPAL).await, "current-user-principal");
        let homes = ask(&program, &principal, "0", HOME_SET).await[0].hrefs("calendar-home-set");
        assert_eq!(homes, ["/calendars/users/ada/"]);
        let items = ask(&program, &homes[0], "1", HOME).await;
        let calendars = items.iter().filter(|item| item.holds("resourcetype", "calendar"));
        assert!(calendars.clone().all(|item| item.holds("supported-report-set", "sync-collection")));
        assert_eq!(calendars.count(), 3);
    })
    .await;
}

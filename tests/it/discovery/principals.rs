//! Principals: of people, rooms, and delegates.

use crate::programs::campus;
use crate::support::{Client, Item, on_both};

const ASK: &str = "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:CS=\"http://calendarserver.org/ns/\"><D:prop><D:resourcetype/><D:displayname/><D:principal-URL/>\
    <D:current-user-principal/><C:calendar-home-set/><C:calendar-user-address-set/><C:schedule-inbox-URL/>\
    <C:schedule-outbox-URL/><C:calendar-user-type/><D:principal-collection-set/><CS:email-address-set/>\
    <D:resource-id/><CS:record-type/><CS:calendar-proxy-read-for/><CS:calendar-proxy-write-for/></D:prop>\
    </D:propfind>";

async fn principal(client: &Client<'_>, path: &str) -> Item {
    client.propfind(path, "0", ASK).await.multistatus().remove(0)
}

#[tokio::test]
async fn a_person_is_found_with_all_that_accounts_are_set_up_from() {
    // RFC 6638, sections 2.1.1, 2.2.1 and 2.4; RFC 5397, section 3; RFC 3744, sections 2, 4, 4.1 and 4.2;
    // R1.7, R1.9.
    on_both(async |server| {
        campus(&server).await;
        let ada = principal(&server.client("ada"), "/principals/users/ada/").await;
        assert!(ada.holds("resourcetype", "principal"));
        assert_eq!(ada.text("displayname").as_deref(), Some("Ada"));
        for property in ["principal-URL", "current-user-principal"] {
            assert_eq!(ada.hrefs(property), ["/principals/users/ada/"], "{property}");
        }
        assert_eq!(ada.hrefs("calendar-home-set"), ["/calendars/users/ada/"]);
        assert_eq!(ada.hrefs("schedule-inbox-URL"), ["/calendars/users/ada/inbox/"]);
        assert_eq!(ada.hrefs("schedule-outbox-URL"), ["/calendars/users/ada/outbox/"]);
        assert_eq!(ada.text("calendar-user-type").as_deref(), Some("INDIVIDUAL"));
        assert_eq!(ada.get("email-address-set"), Some("<email-address>ada@example.org</email-address>"));
        assert!(!ada.hrefs("principal-collection-set").is_empty());
        assert!(ada.hrefs("resource-id")[0].starts_with("urn:uuid:"));
    })
    .await;
}

#[tokio::test]
async fn the_preferred_address_comes_first_and_is_marked() {
    // RFC 6638, section 2.4.1; R1.11.
    on_both(async |server| {
        campus(&server).await;
        let ada = principal(&server.client("ada"), "/principals/users/ada/").await;
        let set = ada.get("calendar-user-address-set").unwrap();
        assert!(set.starts_with("<href preferred=\"1\">mailto:ada@example.org</href>"), "{set}");
        assert_eq!(set.matches("preferred").count(), 1);
        let addresses = ada.hrefs("calendar-user-address-set");
        assert!(addresses.iter().any(|address| address.starts_with("urn:uuid:")), "{addresses:?}");
        assert!(addresses.iter().any(|address| address == "/principals/users/ada/"), "{addresses:?}");
    })
    .await;
}

#[tokio::test]
async fn delegates_are_lists_that_can_be_followed() {
    // R1.12.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let found = principal(&ada, "/principals/users/ada/").await;
        for property in ["calendar-proxy-read-for", "calendar-proxy-write-for"] {
            assert_eq!(found.get(property), Some(""), "{property} is there and empty");
        }
        let expand = "<D:expand-property xmlns:D=\"DAV:\"><D:property name=\"calendar-proxy-write-for\" \
            namespace=\"http://calendarserver.org/ns/\"><D:property name=\"displayname\"/></D:property>\
            <D:property name=\"principal-URL\"><D:property name=\"displayname\"/></D:property></D:expand-property>";
        let items = ada.report("/principals/users/ada/", expand).await.multistatus();
        assert!(items[0].get("calendar-proxy-write-for").is_some());
        assert!(items[0].get("principal-URL").unwrap().contains("Ada"));
    })
    .await;
}

#[tokio::test]
async fn rooms_are_principals_that_can_be_invited() {
    // RFC 6638, section 2.4.2; R5.4, R5.5.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let aula = principal(&ada, "/principals/rooms/aula/").await;
        assert!(aula.holds("resourcetype", "principal"));
        assert_eq!(aula.text("calendar-user-type").as_deref(), Some("ROOM"));
        assert_eq!(aula.text("record-type").as_deref(), Some("locations"));
        assert_eq!(aula.hrefs("schedule-inbox-URL"), ["/scheduling/rooms/aula/inbox/"]);
        let addresses = aula.hrefs("calendar-user-address-set");
        assert_eq!(addresses[0], "mailto:aula@example.org");
        assert!(aula.hrefs("resource-id")[0].starts_with("urn:uuid:"));
        ada.propfind("/principals/rooms/vault/", "0", ASK).await.expect(404);
        let rooms = ada.propfind("/principals/rooms/", "1", ASK).await.multistatus();
        assert_eq!(rooms.len(), 3, "the folder, aula and lab");
    })
    .await;
}

#[tokio::test]
async fn of_others_the_groups_are_told_that_one_is_in() {
    // RFC 3744, section 4.4; D-33.
    on_both(async |server| {
        campus(&server).await;
        let slug = |name: &str| roomdav::domain::id::Slug::parse(name).unwrap();
        for (group, members) in [("staff", ["ada", "bob"].as_slice()), ("layoffs", ["ada"].as_slice())] {
            server.bookings.add_group(slug(group)).await.unwrap();
            for member in members {
                server.bookings.set_member(slug(group), slug(member), true).await.unwrap();
            }
        }
        let ask = "<propfind xmlns=\"DAV:\"><prop><group-membership/></prop></propfind>";
        for (reader, knows) in [("ada", true), ("bob", false)] {
            let told = server.client(reader).propfind("/principals/users/ada/", "0", ask).await.text();
            assert!(told.contains("/principals/groups/staff/"), "{reader}: {told}");
            assert_eq!(told.contains("/principals/groups/layoffs/"), knows, "{reader}: {told}");
        }
    })
    .await;
}

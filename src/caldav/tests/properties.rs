//! What nodes answer, and what the lists promise.

use std::collections::HashSet;

use super::{CALENDAR, Server};
use crate::caldav::node::{Calendar, Folder, Inbox, Object, Principal};
use crate::caldav::property::document::document;
use crate::dav::property::Described;

fn names<N: Described>() -> Vec<String> {
    N::PROPERTIES.iter().flat_map(|group| group.iter()).map(|it| it.name.to_string()).collect()
}

fn specs<N: Described>() -> Vec<&'static str> {
    N::PROPERTIES.iter().flat_map(|group| group.iter()).map(|it| it.spec).collect()
}

#[test]
fn no_name_stands_twice_in_a_list_and_each_says_where_it_is_defined() {
    // RFC 4918, section 4.4.
    for list in
        [names::<Folder>(), names::<Principal>(), names::<Calendar>(), names::<Object>(), names::<Inbox>()]
    {
        let unique: HashSet<&String> = list.iter().collect();
        assert_eq!(unique.len(), list.len(), "{list:?}");
    }
    for spec in
        [specs::<Folder>(), specs::<Principal>(), specs::<Calendar>(), specs::<Object>(), specs::<Inbox>()]
            .concat()
    {
        let is_rfc = spec.starts_with("RFC ") && spec.contains(", section ");
        let is_other = ["caldav-", "calendarserver", "Apple", "Nextcloud", "WebDAV-Push"]
            .iter()
            .any(|it| spec.starts_with(it));
        assert!(is_rfc || is_other, "{spec}");
    }
}

#[test]
fn the_document_has_a_line_for_every_property() {
    let text = document();
    let count = names::<Folder>().len()
        + names::<Principal>().len()
        + names::<Calendar>().len()
        + names::<Object>().len()
        + names::<Inbox>().len();
    assert_eq!(text.lines().filter(|line| line.starts_with("| `")).count(), count);
    assert!(text.contains("| `A:calendar-color` |  | yes | Apple iCal |"));
}

#[tokio::test]
async fn a_calendar_answers_what_clients_ask_of_it() {
    // RFC 4791, section 9.4; R1.8.
    let server = Server::new(&[]);
    let asked = "<D:resourcetype/><D:displayname/><D:owner/><D:current-user-principal/><D:current-user-privilege-set/>\
        <D:supported-report-set/><D:sync-token/><CS:getctag/><C:supported-calendar-component-set/><A:calendar-color/>\
        <A:calendar-order/><C:calendar-timezone-id/><C:max-resource-size/><C:schedule-calendar-transp/><C:min-date-time/>";
    let reply = server.props(CALENDAR, asked).await;
    for part in [
        "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
        "<D:displayname>Aula</D:displayname>",
        "<D:owner><D:href>/principals/users/ada/</D:href></D:owner>",
        "<D:current-user-principal><D:href>/principals/users/ada/</D:href></D:current-user-principal>",
        "<D:privilege><D:write-content/></D:privilege>",
        "<D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>",
        "<D:sync-token>http://cal.example/sync/1/2/7-abc</D:sync-token><CS:getctag>7-abc</CS:getctag>",
        "<C:supported-calendar-component-set><C:comp name=\"VEVENT\"/></C:supported-calendar-component-set>",
        "<A:calendar-color>#336699</A:calendar-color><A:calendar-order>2</A:calendar-order>",
        "<C:calendar-timezone-id>Europe/Berlin</C:calendar-timezone-id>",
        "<C:max-resource-size>1048576</C:max-resource-size>",
        "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>",
        "<C:min-date-time>19700101T000000Z</C:min-date-time>",
    ] {
        reply.has(part);
    }
    assert!(!reply.text.contains("404"), "{}", reply.text);
}

#[tokio::test]
async fn a_principal_answers_what_clients_ask_of_it() {
    // R1.6, R1.9, R1.11, R1.12.
    let server = Server::new(&[]);
    let asked = "<D:resourcetype/><D:displayname/><D:principal-URL/><D:resource-id/><C:calendar-home-set/>\
        <C:calendar-user-address-set/><C:schedule-inbox-URL/><C:schedule-outbox-URL/><C:calendar-user-type/>\
        <D:principal-collection-set/><CS:email-address-set/><CS:calendar-proxy-read-for/><CS:calendar-proxy-write-for/>\
        <CS:record-type/><CS:first-name/><CS:last-name/><D:group-membership/>";
    let reply = server.props("/principals/users/ada/", asked).await;
    for part in [
        "<D:principal/>",
        "<D:principal-URL><D:href>/principals/users/ada/</D:href></D:principal-URL>",
        "<D:resource-id><D:href>urn:uuid:11111111-2222-3333-4444-555555555555</D:href></D:resource-id>",
        "<C:calendar-home-set><D:href>/calendars/users/ada/</D:href></C:calendar-home-set>",
        "<C:calendar-user-address-set><D:href preferred=\"1\">mailto:ada@example.org</D:href>\
         <D:href>mailto:second.ada@example.org</D:href><D:href>urn:uuid:11111111-2222-3333-4444-555555555555</D:href>\
         <D:href>/principals/users/ada/</D:href></C:calendar-user-address-set>",
        "<C:calendar-user-type>INDIVIDUAL</C:calendar-user-type>",
        "<CS:email-address>ada@example.org</CS:email-address>",
        "<CS:calendar-proxy-read-for></CS:calendar-proxy-read-for>",
        "<CS:calendar-proxy-write-for><D:href>/principals/rooms/aula/</D:href></CS:calendar-proxy-write-for>",
        "<CS:first-name>Ada King</CS:first-name><CS:last-name>Lovelace</CS:last-name>",
        "<D:principal-collection-set><D:href>/principals/users/</D:href><D:href>/principals/rooms/</D:href>",
    ] {
        reply.has(part);
    }
    assert!(!reply.text.contains("404"), "{}", reply.text);
}

#[tokio::test]
async fn a_room_is_a_principal_with_the_facts_of_a_room() {
    // R5.4.
    let server = Server::new(&[]);
    let asked = "<C:calendar-user-type/><CS:record-type/><NC:room-type/><NC:room-seating-capacity/><NC:room-features/>\
        <NC:room-building-name/>";
    let reply = server.props("/principals/rooms/aula/", asked).await;
    reply.has("<C:calendar-user-type>ROOM</C:calendar-user-type><CS:record-type>locations</CS:record-type>");
    reply.has("<NC:room-seating-capacity>120</NC:room-seating-capacity>");
    reply.has("<NC:room-features>PROJECTOR,WHITEBOARD</NC:room-features>");
    reply.has("<D:prop><NC:room-building-name/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status>");
}

#[tokio::test]
async fn a_member_has_type_tag_and_size() {
    // R2.4, R3.2.
    let text = super::event("a", "DTSTART:20270501T080000Z\r\nDTEND:20270501T090000Z");
    let server = Server::new(&[("a b.ics", &text)]);
    let asked = "<D:getetag/><D:getcontenttype/><D:getcontentlength/><D:getlastmodified/><D:resourcetype/><C:schedule-tag/>";
    let reply = server.props(&format!("{CALENDAR}a%20b.ics"), asked).await;
    reply.has("<D:getcontenttype>text/calendar; charset=utf-8; component=VEVENT</D:getcontenttype>");
    reply.has(&format!("<D:getcontentlength>{}</D:getcontentlength>", text.len()));
    reply.has("<D:getlastmodified>Fri, 15 Jan 2027 08:00:00 GMT</D:getlastmodified><D:resourcetype/>");
    reply.has(&format!("<D:getetag>\"t{}\"</D:getetag>", text.len()));
}

async fn patch(server: &Server, path: &str, inner: &str) -> super::Reply {
    let body = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:A=\"http://apple.com/ns/ical/\"><D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"
    );
    server.send("PROPPATCH", path, &[], &body).await
}

#[tokio::test]
async fn what_clients_set_on_a_calendar_is_taken() {
    // R1.13.
    let server = Server::new(&[]);
    for inner in [
        "<A:calendar-color>#FF0000FF</A:calendar-color>",
        "<A:calendar-order>3</A:calendar-order>",
        "<A:calendar-order>x</A:calendar-order>",
        "<D:displayname>Mine</D:displayname>",
        "<C:calendar-timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nEND:VTIMEZONE\nEND:VCALENDAR</C:calendar-timezone>",
        "<C:calendar-timezone-id>Europe/Vienna</C:calendar-timezone-id>",
        "<C:schedule-calendar-transp><C:opaque/></C:schedule-calendar-transp>",
        "<C:default-alarm-vevent-date>BEGIN:VALARM</C:default-alarm-vevent-date>",
        "<C:default-alarm-vevent-datetime>BEGIN:VALARM</C:default-alarm-vevent-datetime>",
        "<C:calendar-free-busy-set><D:href>/x/</D:href></C:calendar-free-busy-set>",
    ] {
        let reply = patch(&server, CALENDAR, inner).await;
        assert_eq!(reply.status, 207);
        assert!(reply.text.contains("200 OK") && !reply.text.contains("403"), "{inner}: {}", reply.text);
    }
    let inbox = "/calendars/users/ada/inbox/";
    let reply =
        patch(&server, inbox, "<C:calendar-free-busy-set><D:href>/x/</D:href></C:calendar-free-busy-set>")
            .await;
    reply.has("200 OK");
}

#[tokio::test]
async fn live_properties_are_protected_wherever_they_are_set() {
    // B-45.
    let server = Server::new(&[]);
    for inner in [
        "<D:getetag>x</D:getetag>",
        "<D:sync-token>x</D:sync-token>",
        "<D:owner/>",
        "<C:calendar-user-address-set/>",
        "<D:resourcetype><D:collection/></D:resourcetype>",
        "<C:supported-calendar-component-set/>",
        "<C:calendar-data/>",
    ] {
        for path in [CALENDAR, "/principals/users/ada/", "/calendars/users/ada/"] {
            let reply =
                patch(&server, path, &format!("{inner}<A:calendar-color>#000000</A:calendar-color>")).await;
            reply.has("<D:cannot-modify-protected-property/>");
            reply.has("<A:calendar-color/></D:prop><D:status>HTTP/1.1 424 Failed Dependency");
        }
    }
}

#[tokio::test]
async fn a_zone_that_is_none_is_refused_by_name() {
    // RFC 4791, section 5.2.10.
    let server = Server::new(&[]);
    patch(&server, CALENDAR, "<C:calendar-timezone-id>Nowhere</C:calendar-timezone-id>")
        .await
        .has("<C:valid-timezone/>");
    patch(&server, CALENDAR, "<C:calendar-timezone>x</C:calendar-timezone>")
        .await
        .has("<C:valid-calendar-data/>");
}

#[tokio::test]
async fn each_kind_of_node_names_its_methods() {
    // R1.5.
    let server = Server::new(&[]);
    assert_eq!(server.send("GET", CALENDAR, &[], "").await.status, 405);
    // The outbox of this test takes what is posted, and finds no request in it.
    assert_eq!(server.send("POST", CALENDAR, &[], "").await.status, 403);
    assert_eq!(server.send("MKCALENDAR", CALENDAR, &[], "").await.status, 405);
    // The home of this test may not be written to.
    let reply = server.send("MKCALENDAR", "/calendars/users/ada/new/", &[], "").await;
    assert_eq!(reply.refused(), (403, "need-privileges".to_owned()));
}

//! principal-property-search, principal-search-property-set and calendarserver-principal-search.

use crate::programs::campus;
use crate::support::{Client, Item, TestServer, on_both};

const NAMES: &str = "<D:prop><D:displayname/><C:calendar-user-type/><D:resource-id/>\
    <C:calendar-user-address-set/><C:schedule-inbox-URL/></D:prop>";
const EVERYWHERE: &str = "<D:apply-to-principal-collection-set/>";

fn term(property: &str, matched: &str) -> String {
    format!("<D:property-search><D:prop><{property}/></D:prop>{matched}</D:property-search>")
}

fn search(attributes: &str, inner: &str) -> String {
    format!(
        "<D:principal-property-search xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:CS=\"http://calendarserver.org/ns/\"{attributes}>{inner}</D:principal-property-search>"
    )
}

/// The hits by their last segment, in order of names.
fn hits(items: &[Item]) -> Vec<String> {
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|item| item.href.trim_end_matches('/').rsplit('/').next().map(str::to_owned))
        .collect();
    names.sort();
    names
}

async fn found(client: &Client<'_>, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<String> {
    hits(&client.send("REPORT", path, headers, body).await.expect(207).multistatus())
}

async fn mixed(server: &TestServer) {
    campus(server).await;
    server.people(&["aurel"]).await;
}

#[tokio::test]
async fn names_match_as_asked_and_case_never_counts() {
    // R5.1.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        for (matched, expected) in [
            ("<D:match>AUL</D:match>", vec!["aula"]),
            ("<D:match match-type=\"contains\">ul</D:match>", vec!["aula"]),
            ("<D:match match-type=\"starts-with\">a</D:match>", vec![]),
            ("<D:match match-type=\"starts-with\">au</D:match>", vec!["aula", "aurel"]),
            ("<D:match match-type=\"ends-with\">la</D:match>", vec!["aula"]),
            ("<D:match match-type=\"equals\">aula</D:match>", vec!["aula"]),
            ("<D:match match-type=\"equals\">aul</D:match>", vec![]),
            ("<D:match match-type=\"whatever\">ure</D:match>", vec!["aurel"]),
            ("<D:match>vault</D:match>", vec![]),
        ] {
            let body = search("", &format!("{}{NAMES}{EVERYWHERE}", term("D:displayname", matched)));
            assert_eq!(found(&ada, "/principals/", &[("depth", "0")], &body).await, expected, "{matched}");
        }
    })
    .await;
}

#[tokio::test]
async fn order_depth_and_place_of_a_search_do_not_matter() {
    // R5.1.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        let name = term("D:displayname", "<D:match>aula</D:match>");
        let orders = [
            format!("{EVERYWHERE}{name}{NAMES}"),
            format!("{name}{NAMES}{EVERYWHERE}"),
            format!("{name}{EVERYWHERE}{NAMES}"),
        ];
        for inner in orders {
            for path in ["/", "/principals/", "/principals/rooms/", "/principals/users/ada/"] {
                for headers in [&[("depth", "0")][..], &[]] {
                    let names = found(&ada, path, headers, &search("", &inner)).await;
                    assert_eq!(names, ["aula"], "{path}: {inner}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn several_terms_are_all_or_any() {
    // R5.1.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        let inner = format!(
            "{}{}{NAMES}",
            term("D:displayname", "<D:match>au</D:match>"),
            term("C:calendar-user-type", "<D:match>ROOM</D:match>")
        );
        for (attributes, expected) in [
            ("", vec!["aula"]),
            (" test=\"allof\"", vec!["aula"]),
            (" test=\"anyof\"", vec!["aula", "aurel", "lab"]),
        ] {
            let names = found(&ada, "/principals/", &[("depth", "0")], &search(attributes, &inner)).await;
            assert_eq!(names, expected, "{attributes}");
        }
    })
    .await;
}

#[tokio::test]
async fn rooms_are_found_by_address_with_all_that_an_invitation_needs() {
    // R5.4; table 5.1: Evolution (one hit), KDE (the inbox), CalDAV Synchronizer (resource-id).
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        for address in ["mailto:aula@example.org", "aula@example.org", "AULA@example.org"] {
            for property in ["C:calendar-user-address-set", "CS:email-address-set"] {
                if property.starts_with("CS") && address.starts_with("mailto:") {
                    continue;
                }
                let matched = format!("<D:match match-type=\"equals\">{address}</D:match>");
                let body = search("", &format!("{}{NAMES}", term(property, &matched)));
                let items = ada.send("REPORT", "/principals/users/ada/", &[("depth", "0")], &body).await;
                let items = items.multistatus();
                assert_eq!(hits(&items), ["aula"], "{property} {address}");
                assert_eq!(items[0].text("calendar-user-type").as_deref(), Some("ROOM"));
                assert!(items[0].hrefs("resource-id")[0].starts_with("urn:uuid:"));
                assert_eq!(items[0].hrefs("schedule-inbox-URL"), ["/scheduling/rooms/aula/inbox/"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_announced_collection_of_principals_can_be_searched() {
    // RFC 3744, section 5.8; R5.1, R5.3: KDE and macOS take the addresses from principal-collection-set.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        let ask = "<propfind xmlns=\"DAV:\"><prop><principal-collection-set/></prop></propfind>";
        let home = ada.propfind(&ada.home(), "0", ask).await.multistatus().remove(0);
        let body = search("", &format!("{}{NAMES}", term("D:displayname", "<D:match>aula</D:match>")));
        let mut all = Vec::new();
        for collection in home.hrefs("principal-collection-set") {
            all.extend(found(&ada, &collection, &[("depth", "0")], &body).await);
        }
        all.dedup();
        assert_eq!(all, ["aula"]);
    })
    .await;
}

#[tokio::test]
async fn the_properties_that_can_be_searched_are_listed() {
    // RFC 3744, section 9.5; R5.2.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        let body = "<D:principal-search-property-set xmlns:D=\"DAV:\"/>";
        for path in ["/principals/", "/principals/rooms/", "/principals/users/ada/"] {
            let text = ada.send("REPORT", path, &[("depth", "0")], body).await.expect(200).text();
            for name in
                ["displayname", "calendar-user-address-set", "email-address-set", "calendar-user-type"]
            {
                assert!(text.contains(&format!(":{name}")), "{name}: {text}");
            }
        }
    })
    .await;
}

fn tokens(context: &str, tokens: &[&str]) -> String {
    let tokens: String = tokens.iter().map(|it| format!("<CS:search-token>{it}</CS:search-token>")).collect();
    let context = if context.is_empty() { String::new() } else { format!(" context=\"{context}\"") };
    format!(
        "<CS:calendarserver-principal-search xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:D=\"DAV:\" \
         xmlns:C=\"urn:ietf:params:xml:ns:caldav\"{context}>{tokens}<D:limit><D:nresults>50</D:nresults>\
         </D:limit><D:prop><CS:email-address-set/><C:calendar-user-address-set/><C:calendar-user-type/>\
         <CS:record-type/><CS:first-name/><CS:last-name/><D:displayname/><D:principal-URL/></D:prop>\
         </CS:calendarserver-principal-search>"
    )
}

#[tokio::test]
async fn a_mac_finds_rooms_in_the_location_field_and_everybody_among_the_attendees() {
    // R5.3, R5.5.
    on_both(async |server| {
        mixed(&server).await;
        let ada = server.client("ada");
        for (context, words, expected) in [
            ("location", &["au"][..], vec!["aula"]),
            ("resource", &["au"][..], vec![]),
            ("attendee", &["au"][..], vec!["aula", "aurel"]),
            ("user", &["au"][..], vec!["aurel"]),
            ("group", &["au"][..], vec![]),
            ("", &["au"][..], vec!["aula", "aurel"]),
            ("attendee", &["au", "example.org"][..], vec!["aula", "aurel"]),
            ("attendee", &["au", "rel"][..], vec!["aurel"]),
            ("attendee", &["a"][..], vec![]),
            ("location", &["vau"][..], vec![]),
        ] {
            let body = tokens(context, words);
            let names = found(&ada, "/principals/", &[("depth", "0")], &body).await;
            assert_eq!(names, expected, "{context} {words:?}");
        }
        let bob = server.client("bob");
        let names = found(&bob, "/principals/", &[("depth", "0")], &tokens("location", &["vau"])).await;
        assert_eq!(names, ["vault"], "R5.5");
    })
    .await;
}

#[tokio::test]
async fn too_many_hits_are_cut_where_apple_expects_it_and_refused_elsewhere() {
    // R5.3; L-56 at limit - 1, limit and limit + 1.
    on_both(async |server| {
        server.people(&["ada"]).await;
        let ada = server.client("ada");
        for room in 0..48 {
            server.room(&format!("hall{room}")).await;
        }
        let body = search("", &format!("{}{NAMES}", term("D:displayname", "<D:match>hall</D:match>")));
        for room in 48..51 {
            server.room(&format!("hall{room}")).await;
            let count = room + 1;
            let reply =
                ada.send("REPORT", "/principals/", &[("depth", "0")], &tokens("location", &["hall"])).await;
            let items = reply.expect(207).multistatus();
            let reply = ada.send("REPORT", "/principals/", &[("depth", "0")], &body).await;
            if count <= 50 {
                assert_eq!(items.len(), count);
                assert_eq!(reply.expect(207).multistatus().len(), count);
            } else {
                let cut = items.iter().find(|item| item.href == "/principals/").unwrap();
                assert_eq!((items.len(), cut.status), (51, Some(507)));
                reply.fails(403, "number-of-matches-within-limits");
            }
        }
    })
    .await;
}

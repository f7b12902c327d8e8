//! Zones in properties and in queries.

use crate::support::{Client, event, on_both};

use super::{F, T, house, zones};

const YORK: &str = "/calendars/users/ada/york/";

fn set(property: &str) -> String {
    format!(
        "<propertyupdate xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>{property}</prop></set>\
         </propertyupdate>"
    )
}

fn timezone(tzid: &str) -> String {
    format!(
        "<C:calendar-timezone>BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:x&#13;\nBEGIN:VTIMEZONE&#13;\nTZID:{tzid}\
         &#13;\nBEGIN:STANDARD&#13;\nDTSTART:19700101T000000&#13;\nTZOFFSETFROM:+0130&#13;\nTZOFFSETTO:+0130&#13;\n\
         END:STANDARD&#13;\nEND:VTIMEZONE&#13;\nEND:VCALENDAR&#13;\n</C:calendar-timezone>"
    )
}

fn id(name: &str) -> String {
    format!("<C:calendar-timezone-id>{name}</C:calendar-timezone-id>")
}

/// Both properties: the name, and the TZID in the text.
async fn both(client: &Client<'_>, path: &str) -> (String, String) {
    let body = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:calendar-timezone/>\
        <C:calendar-timezone-id/></prop></propfind>";
    let found = client.propfind(path, "0", body).await.expect(207).multistatus();
    let text = found[0].text("calendar-timezone").unwrap();
    let tzid = text.lines().find_map(|line| line.strip_prefix("TZID:")).unwrap().trim().to_owned();
    (found[0].text("calendar-timezone-id").unwrap(), tzid)
}

async fn make(client: &Client<'_>, properties: &str) -> crate::support::Reply {
    let body = format!(
        "<C:mkcalendar xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>{properties}</prop></set>\
         </C:mkcalendar>"
    );
    client.send("MKCALENDAR", YORK, &[], &body).await
}

#[tokio::test]
async fn whichever_property_is_set_the_other_says_the_same() {
    // RFC 7809, sections 3.1.5 and 5.2.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let refused = make(&ada, &id("Nowhere/Land")).await.expect(403);
        assert!(refused.text().contains("valid-timezone"), "{}", refused.text());
        make(&ada, &id("America/New_York")).await.expect(201);
        let name = |name: &str| (name.to_owned(), name.to_owned());
        assert_eq!(both(&ada, YORK).await, name("America/New_York"));
        for (property, expected) in [
            (timezone("Europe/Paris"), "Europe/Paris"),
            (id("Asia/Tokyo"), "Asia/Tokyo"),
            (timezone("Ship Time"), "Ship Time"),
            (id("europe/berlin"), "Europe/Berlin"),
            (timezone("Ship Time"), "Ship Time"),
            (format!("{}{}", timezone("Europe/Paris"), id("Europe/Paris")), "Europe/Paris"),
            (format!("{}{}", timezone("Europe/Paris"), id("Asia/Tokyo")), "Asia/Tokyo"),
        ] {
            ada.send("PROPPATCH", YORK, &[], &set(&property)).await.expect(207);
            assert_eq!(both(&ada, YORK).await, name(expected), "{property}");
        }
        let refused = ada.send("PROPPATCH", YORK, &[], &set(&id("Nowhere/Land"))).await.expect(207).text();
        assert!(refused.contains("valid-timezone") && refused.contains("403"), "{refused}");
        assert_eq!(both(&ada, YORK).await, name("Asia/Tokyo"));
        for property in ["calendar-timezone", "calendar-timezone-id"] {
            ada.send("PROPPATCH", YORK, &[], &set(&timezone("Ship Time"))).await.expect(207);
            let remove = set(&format!("<C:{property}/>")).replace("set>", "remove>");
            ada.send("PROPPATCH", YORK, &[], &remove).await.expect(207);
            assert_eq!(both(&ada, YORK).await, name("UTC"), "{property}");
        }
        // What a reader keeps about a room: it is shown to him, and decides nothing.
        let (aula, of_all) = (ada.room("aula"), "/calendars/rooms/aula/");
        assert_eq!(both(&ada, &aula).await, name("Europe/Berlin"));
        for (property, expected) in [
            (id("Asia/Tokyo"), "Asia/Tokyo"),
            (timezone("Ship Time"), "Ship Time"),
            (id("America/New_York"), "America/New_York"),
            (format!("{}{}", timezone("Europe/Paris"), id("Asia/Tokyo")), "Asia/Tokyo"),
        ] {
            ada.send("PROPPATCH", &aula, &[], &set(&property)).await.expect(207);
            assert_eq!(both(&ada, &aula).await, name(expected), "{property}");
            assert_eq!(both(&server.client("bob"), of_all).await, name("Europe/Berlin"));
        }
        // A manager at the room's own name sets the room's, by the same rule.
        server.person("eve").await;
        server.grant("aula", "eve", "manage").await;
        let eve = server.client("eve");
        for (property, expected) in [
            (id("Asia/Tokyo"), "Asia/Tokyo"),
            (timezone("Europe/Paris"), "Europe/Paris"),
            (format!("{}{}", timezone("Europe/Rome"), id("Asia/Tokyo")), "Asia/Tokyo"),
            (format!("{}{}", timezone("Europe/Rome"), id("Europe/Rome")), "Europe/Rome"),
        ] {
            eve.send("PROPPATCH", of_all, &[], &set(&property)).await.expect(207);
            assert_eq!(both(&server.client("bob"), of_all).await, name(expected), "{property}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_delegate_who_reads_sees_one_zone_and_changes_nothing_for_others() {
    on_both(async |server| {
        house(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let readers = "<propertyupdate xmlns=\"DAV:\"><set><prop><group-member-set><href>/principals/users/bob/</href>\
            </group-member-set></prop></set></propertyupdate>";
        ada.send("PROPPATCH", "/principals/users/ada/calendar-proxy-read/", &[], readers).await.expect(207);
        let name = |name: &str| (name.to_owned(), name.to_owned());
        for (hers, of_ada, his, of_bob) in [
            (timezone("Ship Time"), "Ship Time", id("Asia/Tokyo"), "Asia/Tokyo"),
            (id("Europe/Rome"), "Europe/Rome", timezone("Europe/Oslo"), "Europe/Oslo"),
            (timezone("Ship Time"), "Ship Time", timezone("Europe/Oslo"), "Europe/Oslo"),
        ] {
            ada.send("PROPPATCH", &ada.own(), &[], &set(&hers)).await.expect(207);
            bob.send("PROPPATCH", &ada.own(), &[], &set(&his)).await.expect(207);
            assert_eq!(both(&ada, &ada.own()).await, name(of_ada));
            assert_eq!(both(&bob, &ada.own()).await, name(of_bob));
            let body = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:calendar-timezone/>\
                <C:calendar-timezone-id/></prop></propfind>";
            let listed = bob.propfind(&ada.home(), "1", body).await.expect(207).multistatus();
            let listed = listed.iter().find(|item| item.href == ada.own()).unwrap();
            assert_eq!(listed.text("calendar-timezone-id").as_deref(), Some(of_bob));
            assert!(listed.text("calendar-timezone").unwrap().contains(&format!("TZID:{of_bob}")));
        }
    })
    .await;
}

#[tokio::test]
async fn a_query_names_the_zone_of_days() {
    // RFC 7809, sections 3.1.6, 6.1 and 6.2.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        ada.create(&ada.in_own("day"), event("day").days("20270501", "20270502").text()).await.created();
        let query = |zone: &str| {
            format!(
                "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop>\
                 <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range \
                 start=\"20270502T010000Z\" end=\"20270502T030000Z\"/></C:comp-filter></C:comp-filter></C:filter>\
                 <C:timezone-id>{zone}</C:timezone-id></C:calendar-query>"
            )
        };
        assert_eq!(ada.report(&ada.own(), &query("America/New_York")).await.multistatus().len(), 1);
        assert_eq!(ada.report(&ada.own(), &query("Asia/Tokyo")).await.multistatus().len(), 0);
        ada.report(&ada.own(), &query("Nowhere/Land")).await.fails(403, "valid-timezone");
    })
    .await;
}

#[tokio::test]
async fn an_availability_has_both_forms_too() {
    // RFC 7809, section 3.1.3, of what PROPFIND answers.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let inbox = "/calendars/users/ada/inbox/";
        let sent = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VAVAILABILITY\r\nUID:a\r\n\
            DTSTAMP:20270101T000000Z\r\nBEGIN:AVAILABLE\r\nUID:b\r\nDTSTAMP:20270101T000000Z\r\n\
            DTSTART;TZID=Europe/Berlin:20270104T090000\r\nDTEND;TZID=Europe/Berlin:20270104T170000\r\n\
            RRULE:FREQ=WEEKLY\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n";
        let value = sent.replace('\r', "&#13;");
        let body = set(&format!("<C:calendar-availability>{value}</C:calendar-availability>"));
        ada.send("PROPPATCH", inbox, &[], &body).await.expect(207);
        let ask = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
            <C:calendar-availability/></prop></propfind>";
        for (headers, count) in [(&[][..], 1), (&[T], 1), (&[F], 0)] {
            let headers: Vec<_> = headers.iter().copied().chain([("depth", "0")]).collect();
            let reply = ada.send("PROPFIND", inbox, &headers, ask).await.expect(207);
            let text = reply.multistatus()[0].text("calendar-availability").unwrap();
            assert_eq!(zones(&text), count, "{headers:?}");
            assert!(count == 1 || text.trim() == sent.trim(), "{text}");
        }
        // The home tells the inbox in the form that is asked for, and which one that is changes nothing.
        let sync = |token: &str| {
            format!(
                "<sync-collection xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><sync-token>{token}\
                 </sync-token><sync-level>1</sync-level><prop><C:calendar-availability/></prop></sync-collection>"
            )
        };
        let mut token = String::new();
        for (round, (headers, count)) in [(&[F][..], 0), (&[T], 1), (&[F], 0), (&[], 1)].into_iter().enumerate() {
            let full = ada.send("REPORT", &ada.home(), headers, &sync("")).await.expect(207);
            assert_eq!(zones(&full.text()), count, "{headers:?}");
            if round > 0 {
                let reply = ada.send("REPORT", &ada.home(), headers, &sync(&token)).await.expect(207);
                assert_eq!(reply.multistatus().len(), 0, "{headers:?}: {}", reply.text());
            }
            token = full.element_text("sync-token").unwrap();
        }
        // L-36: refused at once, and what was there stays.
        let names = ["Paris", "Rome", "Madrid", "Vienna", "Zurich", "Prague", "Warsaw", "Oslo", "London", "Dublin"];
        let many = |line: &str| names.map(|name| format!("X-A;TZID=Europe/{name}:{line}&#13;\n")).concat();
        let body = body.replace("END:AVAILABLE", &format!("{}END:AVAILABLE", many("20270104T090000")));
        let refused = ada.send("PROPPATCH", inbox, &[], &body).await.expect(207).text();
        assert!(refused.contains("valid-calendar-data") && refused.contains("403"), "{refused}");
        let reply = ada.send("PROPFIND", inbox, &[("depth", "0"), F], ask).await.expect(207);
        assert_eq!(reply.multistatus()[0].text("calendar-availability").unwrap().trim(), sent.trim());
    })
    .await;
}

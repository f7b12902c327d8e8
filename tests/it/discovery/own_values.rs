//! PROPPATCH: what each reader sets is the reader's own.

use crate::programs::campus;
use crate::support::{Client, Item, on_both};

const ASK: &str = "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:A=\"http://apple.com/ns/ical/\"><D:prop><A:calendar-color/><A:calendar-order/><D:displayname/>\
    <C:calendar-timezone/><C:schedule-calendar-transp/><C:default-alarm-vevent-date/>\
    <C:default-alarm-vevent-datetime/><C:calendar-free-busy-set/></D:prop></D:propfind>";

/// Property with prefix, value, and how it is read back.
const VALUES: [(&str, &str, &str); 8] = [
    ("A:calendar-color", "#FF2968FF", "#FF2968FF"),
    ("A:calendar-order", "7", "7"),
    ("D:displayname", "My hall", "My hall"),
    (
        "C:calendar-timezone",
        "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:x&#13;\nBEGIN:VTIMEZONE&#13;\n\
        TZID:Mine&#13;\nBEGIN:STANDARD&#13;\nDTSTART:19700101T000000&#13;\nTZOFFSETFROM:+0100&#13;\n\
        TZOFFSETTO:+0100&#13;\nEND:STANDARD&#13;\nEND:VTIMEZONE&#13;\nEND:VCALENDAR&#13;\n",
        "TZID:Mine",
    ),
    ("C:schedule-calendar-transp", "<C:opaque/>", "opaque"),
    ("C:default-alarm-vevent-date", "BEGIN:VALARM&#13;\nTRIGGER:-PT15H&#13;\nEND:VALARM", "TRIGGER:-PT15H"),
    ("C:default-alarm-vevent-datetime", "BEGIN:VALARM&#13;\nTRIGGER:-PT5M&#13;\nEND:VALARM", "TRIGGER:-PT5M"),
    ("C:calendar-free-busy-set", "<D:href>/calendars/users/ada/</D:href>", "/calendars/users/ada/"),
];

fn set(property: &str, value: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><D:propertyupdate xmlns:D=\"DAV:\" \
         xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:A=\"http://apple.com/ns/ical/\"><D:set><D:prop>\
         <{property}>{value}</{property}></D:prop></D:set></D:propertyupdate>"
    )
}

async fn values(client: &Client<'_>, path: &str) -> Item {
    client.propfind(path, "0", ASK).await.multistatus().remove(0)
}

#[tokio::test]
async fn every_reader_keeps_values_of_his_own_also_where_he_may_not_write() {
    // RFC 4918, section 20.5; RFC 4791, section 5.2.1; RFC 3744, section 3.3; R1.13: macOS stops syncing
    // after a 403 here.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for room in ["aula", "lab"] {
            let before = values(&bob, &bob.room(room)).await.properties;
            for (property, value, shown) in VALUES {
                let reply = ada.send("PROPPATCH", &ada.room(room), &[], &set(property, value)).await;
                let text = reply.text();
                assert!(reply.status == 207 && text.contains(" 200 "), "{property} of {room}: {text}");
                let local = property.split_once(':').unwrap().1;
                let mine = values(&ada, &ada.room(room)).await;
                let kept = mine.get(local).unwrap_or_default();
                assert!(kept.contains(shown), "{property} of {room}: {kept}");
            }
            assert_eq!(values(&bob, &bob.room(room)).await.properties, before, "Bob's are his");
        }
    })
    .await;
}

#[tokio::test]
async fn values_can_be_taken_back() {
    // R1.13.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let name = "D:displayname";
        ada.send("PROPPATCH", &ada.room("aula"), &[], &set(name, "My hall")).await.expect(207);
        let remove = "<D:propertyupdate xmlns:D=\"DAV:\"><D:remove><D:prop><D:displayname/></D:prop></D:remove>\
            </D:propertyupdate>";
        ada.send("PROPPATCH", &ada.room("aula"), &[], remove).await.expect(207);
        let now = values(&ada, &ada.room("aula")).await;
        assert_eq!(now.text("displayname").as_deref(), Some("Aula"));
    })
    .await;
}

#[tokio::test]
async fn a_phone_moves_no_room_to_another_zone() {
    // RFC 4791, section 5.2.2; R1.13; R10.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let (property, value, _) = VALUES[3];
        ada.send("PROPPATCH", &ada.room("aula"), &[], &set(property, value)).await.expect(207);
        let day = crate::support::event("a").zone(None).hours("20270301", 9, 10);
        ada.book("aula", &day).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

#[tokio::test]
async fn an_inbox_takes_its_own_settings() {
    // R1.13: calendar-free-busy-set and the default calendar live there too.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let inbox = format!("{}inbox/", ada.home());
        let body = set("C:calendar-free-busy-set", "<D:href>/calendars/users/ada/reservations/</D:href>");
        let reply = ada.send("PROPPATCH", &inbox, &[], &body).await.expect(207);
        assert!(reply.text().contains(" 200 "), "{}", reply.text());
    })
    .await;
}

#[tokio::test]
async fn what_is_set_on_a_home_or_a_folder_is_read_back() {
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let ask =
            "<propfind xmlns=\"DAV:\"><prop><displayname/><X:mark xmlns:X=\"urn:x\"/></prop></propfind>";
        for path in [ada.home(), "/principals/users/ada/".to_owned(), format!("{}inbox/", ada.home())] {
            ada.send(
                "PROPPATCH",
                &path,
                &[],
                &set("X:mark xmlns:X=\"urn:x\"", "kept").replace("</X:mark xmlns:X=\"urn:x\">", "</X:mark>"),
            )
            .await
            .expect(207);
            let kept = ada.propfind(&path, "0", ask).await.multistatus().remove(0);
            assert_eq!(kept.text("mark").as_deref(), Some("kept"), "{path}");
        }
        ada.send("PROPPATCH", &ada.home(), &[], &set("D:displayname", "At home")).await.expect(207);
        let home = ada.propfind(&ada.home(), "0", ask).await.multistatus().remove(0);
        assert_eq!(home.text("displayname").as_deref(), Some("At home"));
        let seen = bob.propfind("/principals/users/ada/", "0", ask).await.multistatus();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].text("mark"), None, "it is Ada's own");
    })
    .await;
}

#[tokio::test]
async fn a_colour_that_was_taken_away_is_none() {
    // vdirsyncer: what was never set is the server's to choose, what was removed is not there.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let room = ada.room("aula");
        assert!(values(&ada, &room).await.text("calendar-color").is_some());
        let remove = set("A:calendar-color", "").replace("D:set>", "D:remove>");
        ada.send("PROPPATCH", &room, &[], &remove).await.expect(207);
        assert!(values(&ada, &room).await.is_missing("calendar-color"));
        assert!(values(&bob, &bob.room("aula")).await.text("calendar-color").is_some());
        ada.send("PROPPATCH", &room, &[], &set("A:calendar-color", "#00FF00")).await.expect(207);
        assert_eq!(values(&ada, &room).await.text("calendar-color").as_deref(), Some("#00FF00"));
    })
    .await;
}

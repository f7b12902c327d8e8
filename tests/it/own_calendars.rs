//! Calendars that people make for themselves, with events and to-dos beside what asks for rooms.
//! RFC 4791, sections 5.2.3 and 5.3.1; RFC 5689; RFC 6638, section 3.2.4.1; R8.2, R8.3.

use crate::support::{Client, Reply, TestServer, event, on_both};

const APPLE: &str = "<B:mkcalendar xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><A:set xmlns:A=\"DAV:\"><A:prop>\
    <B:supported-calendar-component-set><B:comp name=\"VTODO\"/></B:supported-calendar-component-set>\
    <A:displayname>Errands</A:displayname><D:calendar-color xmlns:D=\"http://apple.com/ns/ical/\">#FF2968FF\
    </D:calendar-color></A:prop></A:set></B:mkcalendar>";

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
}

async fn make(client: &Client<'_>, name: &str, body: &str) -> Reply {
    client.send("MKCALENDAR", &format!("/calendars/users/ada/{name}/"), &[], body).await
}

fn todo(uid: &str) -> String {
    let task = event(uid).hours("20270301", 9, 10).text();
    task.replace("VEVENT", "VTODO").replace("DTEND", "DUE")
}

#[tokio::test]
async fn a_list_of_tasks_is_made_as_apple_does_and_takes_tasks_only() {
    // RFC 4791, section 9.2.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        assert_eq!(make(&ada, "errands", APPLE).await.expect(201).text(), "");
        let home = "/calendars/users/ada/";
        let body = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
                    xmlns:I=\"http://apple.com/ns/ical/\"><prop><displayname/><I:calendar-color/>\
                    <C:supported-calendar-component-set/></prop></propfind>";
        let listed = ada.propfind(home, "1", body).await.multistatus();
        let made = listed.iter().find(|item| item.href == format!("{home}errands/")).expect("it is listed");
        assert_eq!(made.text("displayname").as_deref(), Some("Errands"));
        assert_eq!(made.text("calendar-color").as_deref(), Some("#FF2968FF"));
        assert!(made.holds("supported-calendar-component-set", "comp"));
        let path = format!("{home}errands/milk.ics");
        ada.create(&path, todo("milk")).await.created();
        assert!(ada.get(&path).await.has_line("BEGIN:VTODO"));
        ada.create(&format!("{home}errands/e.ics"), event("e").hours("20270301", 9, 10).text())
            .await
            .fails(403, "supported-calendar-component");
        for elsewhere in [ada.own(), ada.room("aula")] {
            let reply = ada.create(&format!("{elsewhere}milk.ics"), todo("other")).await;
            reply.fails(403, "supported-calendar-component");
        }
        // A task that is queried by its kind.
        let query = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
                     </prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VTODO\"/>\
                     </C:comp-filter></C:filter></C:calendar-query>";
        let found = ada.report(&format!("{home}errands/"), query).await.multistatus();
        assert_eq!(found.iter().map(|item| item.href.as_str()).collect::<Vec<_>>(), [path.as_str()]);
        // It is nobody else's.
        let bob = server.client("bob");
        bob.propfind(&format!("{home}errands/"), "0", body).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn a_room_is_booked_from_any_own_calendar_and_freed_with_it() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        make(&ada, "project", "").await.expect(201);
        let path = "/calendars/users/ada/project/kickoff.ics";
        let asked = event("kickoff").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        ada.create(path, asked.text()).await.created();
        assert!(ada.get(path).await.lines_of("ATTENDEE")[0].contains("PARTSTAT=ACCEPTED"));
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        // One person schedules a UID in one calendar.
        let again = ada.create(&ada.in_own("kickoff"), asked.text()).await;
        again.fails(403, "unique-scheduling-object-resource");
        // Moved to another calendar of one's own it keeps its room.
        ada.relocate(path, &ada.in_own("kickoff")).await.expect(201);
        ada.relocate(&ada.in_own("kickoff"), path).await.expect(201);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(ada.list(&ada.room("aula")).await.len(), 1);
        ada.delete("/calendars/users/ada/project/").await.expect(204);
        ada.get(path).await.expect(404);
        assert!(server.claims("aula").await.is_empty());
        assert!(ada.list(&ada.room("aula")).await.is_empty());
        // Its name is free again, and nothing of it is left.
        make(&ada, "project", "").await.expect(201);
        assert!(ada.list("/calendars/users/ada/project/").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn calendars_are_made_where_they_may_be() {
    // RFC 5689, sections 4 and 4.1; RFC 4791, sections 5.3 and 5.3.1.1.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        for taken in ["reservations", "inbox", "outbox", "room-aula"] {
            make(&ada, taken, "").await.fails(405, "resource-must-be-null");
        }
        // A room that there is not: the name is kept for rooms.
        make(&ada, "room-new", "").await.fails(403, "calendar-collection-location-ok");
        make(&ada, "a/b", "").await.expect(409);
        make(&server.client("bob"), "of-bob", "").await.expect(409);
        let extended = "<mkcol xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop><resourcetype>\
                        <collection/><C:calendar/></resourcetype><displayname>Club</displayname></prop></set></mkcol>";
        ada.send("MKCOL", "/calendars/users/ada/club/", &[], extended).await.expect(201);
        ada.send("MKCOL", "/calendars/users/ada/plain/", &[], "").await.expect(403);
        let event_log = APPLE.replace("VTODO", "VPOLL");
        make(&ada, "odd", &event_log).await.fails(403, "supported-calendar-component");
        ada.delete("/calendars/users/ada/reservations/").await.expect(403);
        ada.delete("/calendars/users/ada/room-aula/").await.expect(403);
        ada.delete("/calendars/users/ada/club/").await.expect(204);
        let listed = ada.propfind("/calendars/users/ada/", "1", "").await.multistatus();
        assert!(listed.iter().all(|item| !item.href.contains("club") && !item.href.contains("plain")));
    })
    .await;
}

#[tokio::test]
async fn where_no_calendar_can_be_that_is_what_is_said() {
    // RFC 4791, section 5.3.1.1; RFC 5689, section 3.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let extended = "<mkcol xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop><resourcetype>\
                        <collection/><C:calendar/></resourcetype></prop></set></mkcol>";
        make(&ada, "mine", "").await.expect(201);
        for path in [
            "/calendars/users/ada/mine/inner/",
            "/calendars/users/ada/reservations/inner/",
            "/calendars/users/ada/room-aula/inner/",
            "/calendars/rooms/aula/inner/",
            "/calendars/users/ada/inbox/inner/",
            "/calendars/users/ada/room-new/",
            "/calendars/rooms/new/",
            "/calendars/users/new/",
            "/calendars/new/",
            "/principals/new/",
            "/principals/users/new/",
            "/scheduling/new/",
            "/files/new/",
            "/files/users/ada/new/",
            "/files/rooms/aula/new/",
            "/new/",
        ] {
            let condition = "calendar-collection-location-ok";
            ada.send("MKCALENDAR", path, &[], "").await.fails(403, condition);
            ada.send("MKCOL", path, &[], extended).await.fails(403, condition);
            ada.propfind(path, "0", "").await.expect(404);
        }
        // What is there is there; where nothing is, nothing is made inside.
        ada.send("MKCALENDAR", "/files/", &[], "").await.fails(405, "resource-must-be-null");
        ada.send("MKCALENDAR", "/files/users/ada/none/new/", &[], "").await.expect(409);
        // Other collections have no such rule.
        ada.send("MKCOL", "/files/users/ada/folder/", &[], "").await.expect(201);
        let plain = ada.send("MKCOL", "/calendars/users/ada/mine/inner/", &[], "").await.expect(403);
        assert!(!plain.text().contains("location-ok"));
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_sees_when_a_person_is_busy_in_any_calendar_that_counts() {
    // RFC 5545, section 3.8.2.7.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        for (name, hour) in [("work", 9), ("fun", 14)] {
            make(&ada, name, "").await.expect(201);
            let text = event(name).hours("20270301", hour, hour + 1).text();
            ada.create(&format!("/calendars/users/ada/{name}/e.ics"), text).await.created();
        }
        let opaque = "<propertyupdate xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>\
                      <C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></prop></set>\
                      </propertyupdate>";
        ada.send("PROPPATCH", "/calendars/users/ada/fun/", &[], opaque).await.expect(207);
        let ask = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                   start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
        let of_person = server.client("bob").report("/principals/users/ada/", ask).await.expect(200);
        assert_eq!(of_person.lines_of("FREEBUSY").len(), 1, "{}", of_person.text());
        assert!(of_person.text().contains("20270301T080000Z"));
        // A calendar itself says what is in it.
        let of_calendar = ada.report("/calendars/users/ada/fun/", ask).await.expect(200);
        assert!(of_calendar.text().contains("20270301T130000Z"), "{}", of_calendar.text());
    })
    .await;
}

#[tokio::test]
async fn a_calendars_own_zone_says_when_its_days_begin() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let zone = "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:x&#13;\nBEGIN:VTIMEZONE&#13;\nTZID:America/New_York\
                    &#13;\nBEGIN:STANDARD&#13;\nDTSTART:19700101T000000&#13;\nTZOFFSETFROM:-0500&#13;\nTZOFFSETTO:-0500\
                    &#13;\nEND:STANDARD&#13;\nEND:VTIMEZONE&#13;\nEND:VCALENDAR&#13;\n";
        let body = format!(
            "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><set><prop>\
             <C:calendar-timezone>{zone}</C:calendar-timezone></prop></set></C:mkcalendar>"
        );
        make(&ada, "york", &body).await.expect(201);
        let day = event("day").days("20270501", "20270502").text();
        ada.create("/calendars/users/ada/york/day.ics", day).await.created();
        let hours = |from: &str, to: &str| {
            format!(
                "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop>\
                 <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range \
                 start=\"{from}\" end=\"{to}\"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
            )
        };
        let york = "/calendars/users/ada/york/";
        let late = hours("20270502T010000Z", "20270502T030000Z");
        assert_eq!(ada.report(york, &late).await.multistatus().len(), 1);
        let early = hours("20270501T010000Z", "20270501T030000Z");
        assert_eq!(ada.report(york, &early).await.multistatus().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_endless_series_is_busy_as_long_as_may_be_asked() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        ada.put(&ada.in_own("d"), event("d").hours("20270301", 9, 10).rule("FREQ=DAILY").text())
            .await
            .created();
        let ask = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                   start=\"20270301T000000Z\" end=\"20300228T000000Z\"/></C:free-busy-query>";
        let busy = ada.report(&ada.own(), ask).await.expect(200);
        assert!(busy.text().contains("20300227T"), "the last day is busy too");
    })
    .await;
}

#[tokio::test]
async fn busy_times_and_availability_are_kept_where_they_are_asked_for_and_count() {
    // RFC 4791, section 7.10; RFC 7953, sections 3, 7.1 and 7.2.3.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let made = APPLE.replace("<B:comp name=\"VTODO\"/>", "<B:comp name=\"VFREEBUSY\"/>");
        make(&ada, "busy", &made).await.expect(201);
        let made = APPLE.replace("<B:comp name=\"VTODO\"/>", "<B:comp name=\"VAVAILABILITY\"/>");
        make(&ada, "hours", &made).await.expect(201);
        let object = |lines: &str| {
            let lines: String = lines.lines().flat_map(|line| [line.trim(), "\r\n"]).collect();
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{lines}END:VCALENDAR\r\n")
        };
        let busy = object(
            "BEGIN:VFREEBUSY\nUID:b\nDTSTAMP:20270101T000000Z\nFREEBUSY:20270301T090000Z/PT1H\n\
             FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270301T130000Z/20270301T140000Z\nEND:VFREEBUSY",
        );
        let hours = object(
            "BEGIN:VAVAILABILITY\nUID:h\nDTSTAMP:20270101T000000Z\nBEGIN:AVAILABLE\nUID:h1\nDTSTAMP:20270101T000000Z\n\
             DTSTART:20270101T080000Z\nDTEND:20270101T120000Z\nRRULE:FREQ=DAILY\nEND:AVAILABLE\nEND:VAVAILABILITY",
        );
        let home = "/calendars/users/ada/";
        for (path, text, kind) in [("busy/b.ics", &busy, "VFREEBUSY"), ("hours/h.ics", &hours, "VAVAILABILITY")] {
            ada.create(&format!("{home}{path}"), text).await.created();
            let stored = ada.get(&format!("{home}{path}")).await;
            assert_eq!(&stored.text(), text);
            let ask = "<propfind xmlns=\"DAV:\"><prop><getcontenttype/></prop></propfind>";
            let kept = ada.propfind(&format!("{home}{path}"), "0", ask).await.multistatus();
            assert!(kept[0].text("getcontenttype").unwrap().ends_with(kind));
            ada.create(&format!("{}other.ics", ada.own()), text).await.fails(403, "supported-calendar-component");
        }
        let query = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                     start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
        let told = async |name: &str| {
            ada.report(&format!("{home}{name}/"), query).await.expect(200).lines_of("FREEBUSY")
        };
        assert_eq!(
            told("busy").await,
            [
                "FREEBUSY;FBTYPE=BUSY:20270301T090000Z/20270301T100000Z",
                "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270301T130000Z/20270301T140000Z",
            ]
        );
        assert_eq!(
            told("hours").await,
            [
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T000000Z/20270301T080000Z",
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T120000Z/20270302T000000Z",
            ]
        );
        let hourly = hours.replace("FREQ=DAILY", "FREQ=HOURLY");
        ada.create(&format!("{home}hours/x.ics"), hourly).await.fails(403, "max-instances");
    })
    .await;
}

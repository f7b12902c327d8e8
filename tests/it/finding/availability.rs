//! VAVAILABILITY on inboxes: a person's own, and a room's opening hours. RFC 7953, section 7.2.4; R93, R104.

use roomdav::booking::Bounds;
use roomdav::ical::Limits;

use crate::programs::campus;
use crate::support::{Client, Reply, explained, on_both};

const ROOM: &str = "/scheduling/rooms/aula/inbox/";
const OWN: &str = "/calendars/users/ada/inbox/";
const MANY: &str = "mailto:aula@example.org";

fn text(lines: &str) -> String {
    let lines: String = lines.lines().flat_map(|line| [line.trim(), "\r\n"]).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VAVAILABILITY\r\nUID:mine\r\n\
         DTSTAMP:20270101T000000Z\r\n{lines}END:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
    )
}

/// Every weekday from nine to five in Berlin.
fn office() -> String {
    explained(text(
        "BEGIN:AVAILABLE\nUID:week\nDTSTAMP:20270101T000000Z\nDTSTART;TZID=Europe/Berlin:20270104T090000\n\
         DTEND;TZID=Europe/Berlin:20270104T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE",
    ))
}

async fn set(client: &Client<'_>, path: &str, namespace: &str, value: &str) -> Reply {
    let value = value.replace('\r', "&#13;");
    let body = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:N=\"{namespace}\"><D:set><D:prop><N:calendar-availability>{value}\
         </N:calendar-availability></D:prop></D:set></D:propertyupdate>"
    );
    client.send("PROPPATCH", path, &[], &body).await.expect(207)
}

async fn remove(client: &Client<'_>, path: &str) -> Reply {
    let body = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:N=\"{CALDAV}\"><D:remove><D:prop><N:calendar-availability/>\
         </D:prop></D:remove></D:propertyupdate>"
    );
    client.send("PROPPATCH", path, &[], &body).await.expect(207)
}

async fn get(client: &Client<'_>, path: &str, namespace: &str) -> Option<String> {
    let body = format!(
        "<D:propfind xmlns:D=\"DAV:\" xmlns:N=\"{namespace}\"><D:prop><N:calendar-availability/></D:prop></D:propfind>"
    );
    client.propfind(path, "0", &body).await.expect(207).multistatus()[0].text("calendar-availability")
}

const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
const APPLE: &str = "http://calendarserver.org/ns/";

/// The FREEBUSY lines that are told of somebody's Monday, 1 March 2027.
async fn busy(client: &Client<'_>, who: &str) -> Vec<String> {
    let reply = busy_until(client, who, "20270302T000000Z").await.expect(200);
    let text = reply.text().replace("&#13;", "");
    text.lines().filter(|line| line.starts_with("FREEBUSY")).map(|line| line.trim().to_owned()).collect()
}

async fn busy_until(client: &Client<'_>, who: &str, end: &str) -> Reply {
    let request = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:ask\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T000000Z\r\nDTEND:{end}\r\n\
         ORGANIZER:mailto:{0}@example.org\r\nATTENDEE:{who}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n",
        client.login
    );
    let path = format!("{}outbox/", client.home());
    client.send("POST", &path, &[("content-type", "text/calendar")], &request).await
}

const CLOSED: [&str; 2] = [
    "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T000000Z/20270301T080000Z",
    "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T160000Z/20270302T000000Z",
];

#[tokio::test]
async fn a_persons_availability_is_kept_and_counts_when_others_ask() {
    // RFC 7953, sections 7.2.5 and 9.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        assert_eq!(get(&ada, OWN, CALDAV).await, None);
        assert!(busy(&bob, "mailto:ada@example.org").await.is_empty());
        // Apple's programs know it by another name; it is one value.
        for namespace in [CALDAV, APPLE] {
            assert!(set(&ada, OWN, namespace, &office()).await.text().contains(" 200 "));
            for namespace in [CALDAV, APPLE] {
                assert_eq!(get(&ada, OWN, namespace).await.unwrap(), office().trim_end());
            }
        }
        assert_eq!(busy(&bob, "mailto:ada@example.org").await, CLOSED);
        assert!(get(&bob, OWN, CALDAV).await.is_none(), "the text is nobody else's business");
        assert!(set(&bob, OWN, CALDAV, &office()).await.text().contains(" 403 "));
        // What is busy is told as busy, also while nobody can be had.
        let early = crate::support::event("early").hours("20270301", 8, 10);
        ada.invite(&early).await.created();
        assert_eq!(
            busy(&bob, "mailto:ada@example.org").await,
            [
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T000000Z/20270301T070000Z",
                "FREEBUSY;FBTYPE=BUSY:20270301T070000Z/20270301T090000Z",
                CLOSED[1],
            ]
        );
        remove(&ada, OWN).await;
        assert_eq!(get(&ada, OWN, CALDAV).await, None);
        assert_eq!(busy(&bob, "mailto:ada@example.org").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_availability_that_means_nothing_is_refused_by_its_precondition() {
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        set(&ada, OWN, CALDAV, &office()).await;
        let two = office().replace("END:VCALENDAR\r\n", "")
            + "BEGIN:VAVAILABILITY\r\nUID:mine\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n";
        let hourly = office().replace("WEEKLY;BYDAY=MO,TU,WE,TH,FR", "HOURLY");
        let other = crate::support::event("e").hours("20270301", 9, 10).text();
        for (value, condition) in [
            ("always".to_owned(), "valid-calendar-data"),
            (two, "valid-calendar-object-resource"),
            (hourly, "max-instances"),
            (other, "supported-calendar-component"),
            (office().replace("20270104T170000", "20270104T080000"), "valid-calendar-object-resource"),
        ] {
            let reply = set(&ada, OWN, CALDAV, &value).await.text();
            assert!(reply.contains(" 403 ") && reply.contains(&format!("<C:{condition}")), "{reply}");
        }
        assert_eq!(get(&ada, OWN, CALDAV).await.unwrap(), office().trim_end(), "the former one stays");
    })
    .await;
}

#[tokio::test]
async fn a_rooms_hours_are_read_at_its_inbox_and_changed_there_by_its_managers() {
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        assert_eq!(get(&ada, ROOM, CALDAV).await, None, "it never closes");
        server.set("aula", "hours", "Mon-Fri 09:00-17:00").await;
        let shown = get(&bob, ROOM, CALDAV).await.unwrap();
        for line in ["DTSTART;TZID=Europe/Berlin:20000103T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"] {
            assert!(shown.contains(line), "{shown}");
        }
        assert_eq!(busy(&bob, MANY).await, CLOSED);
        // Who does not manage the room changes nothing.
        assert!(set(&bob, ROOM, CALDAV, &office()).await.text().contains(" 403 "));
        server.grant("aula", "ada", "manage").await;
        let later = office().replace("T170000", "T180000");
        assert!(set(&ada, ROOM, CALDAV, &later).await.text().contains(" 200 "));
        assert!(get(&bob, ROOM, CALDAV).await.unwrap().contains("DTEND;TZID=Europe/Berlin:20000103T180000"));
        // Hours cannot say everything, and say so.
        let once = office().replace("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\n", "");
        let reply = set(&ada, ROOM, CALDAV, &once).await.text();
        assert!(reply.contains(" 403 ") && reply.contains("weekly-opening-hours"), "{reply}");
        assert!(get(&bob, ROOM, CALDAV).await.unwrap().contains("DTEND;TZID=Europe/Berlin:20000103T180000"));
        remove(&ada, ROOM).await;
        assert_eq!(get(&ada, ROOM, CALDAV).await, None);
    })
    .await;
}

#[tokio::test]
async fn whoever_cannot_be_told_whole_is_not_told_free() {
    // L-53.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let daily = |count: usize| {
            let each = |it: usize| {
                format!(
                    "BEGIN:AVAILABLE\nUID:d{it}\nDTSTAMP:20270101T000000Z\nDTSTART:20270101T{it:02}0000Z\n\
                     DTEND:20270101T{it:02}3000Z\nRRULE:FREQ=DAILY\nEND:AVAILABLE\n"
                )
            };
            text(&(0..count).map(each).collect::<String>())
        };
        let three_years = "20300220T000000Z";
        // More than a thousand days.
        assert!(set(&ada, OWN, CALDAV, &daily(1)).await.text().contains(" 200 "));
        let reply = busy_until(&bob, "mailto:ada@example.org", three_years).await.expect(200);
        assert_eq!(reply.text().matches("FBTYPE=BUSY-UNAVAILABLE").count(), 1_087);
        assert!(set(&ada, OWN, CALDAV, &daily(20)).await.text().contains(" 200 "));
        let reply = busy_until(&bob, "mailto:ada@example.org", three_years).await.expect(200).text();
        assert!(reply.contains(">5.1;") && !reply.contains("VFREEBUSY"), "{reply}");
        assert_eq!(busy(&bob, "mailto:ada@example.org").await.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn availability_in_several_places_lies_over_each_other() {
    // RFC 7953, section 4: the inbox says office hours, a calendar that this day is longer, and
    // another one, which counts less, that nobody can be had at all.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        set(&ada, OWN, CALDAV, &office()).await;
        let that_day = "DTSTART:20270301T000000Z\nDTEND:20270302T000000Z\n";
        let long = format!(
            "PRIORITY:1\n{that_day}BEGIN:AVAILABLE\nUID:long\nDTSTAMP:20270101T000000Z\n\
             DTSTART:20270301T070000Z\nDTEND:20270301T200000Z\nEND:AVAILABLE"
        );
        let never = format!("PRIORITY:2\n{that_day}");
        let made = "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:set><D:prop>\
            <C:supported-calendar-component-set><C:comp name=\"VAVAILABILITY\"/>\
            </C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>";
        for (name, lines) in [("never", never), ("long", long)] {
            let calendar = format!("{}{name}/", ada.home());
            ada.send("MKCALENDAR", &calendar, &[], made).await.expect(201);
            let object = text(&lines).replace("UID:mine", &format!("UID:{name}"));
            ada.create(&format!("{calendar}{name}.ics"), object).await.created();
        }
        assert_eq!(
            busy(&bob, "mailto:ada@example.org").await,
            [
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T000000Z/20270301T070000Z",
                "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T200000Z/20270302T000000Z",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn all_of_a_patch_of_a_rooms_inbox_is_made_or_nothing() {
    // RFC 4918, section 9.2; L-28.
    on_both(async |server| {
        campus(&server).await;
        server.grant("aula", "ada", "manage").await;
        let ada = server.client("ada");
        set(&ada, ROOM, CALDAV, &office()).await;
        let before = get(&ada, ROOM, CALDAV).await.unwrap();
        let patch = async |inner: &str| {
            let body = format!(
                "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:X=\"urn:x\"><D:set><D:prop>{inner}</D:prop></D:set>\
                 </D:propertyupdate>"
            );
            ada.send("PROPPATCH", ROOM, &[], &body).await.expect(207).text()
        };
        let many: String = (0..50).map(|it| format!("<X:p{it}/>")).collect();
        assert!(patch(&many).await.contains(" 200 "));
        let later = office().replace("T170000", "T180000").replace('\r', "&#13;");
        let availability =
            format!("<N:calendar-availability xmlns:N=\"{CALDAV}\">{later}</N:calendar-availability>");
        let reply = patch(&format!("{availability}<X:more/>")).await;
        assert!(reply.contains(" 507 ") && !reply.contains(" 200 "), "{reply}");
        assert_eq!(get(&ada, ROOM, CALDAV).await.unwrap(), before);
        // Nor is the other half made.
        let once = later.replace("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR&#13;\n", "");
        let refused =
            format!("<N:calendar-availability xmlns:N=\"{CALDAV}\">{once}</N:calendar-availability>");
        let reply = patch(&format!("{refused}<X:p1>new</X:p1>")).await;
        assert!(reply.contains(" 403 ") && reply.contains(" 424 "), "{reply}");
        let ask = "<propfind xmlns=\"DAV:\"><prop><p1 xmlns=\"urn:x\"/></prop></propfind>";
        assert_ne!(ada.propfind(ROOM, "0", ask).await.multistatus()[0].text("p1").as_deref(), Some("new"));
        assert!(patch(&format!("{availability}<X:p1>new</X:p1>")).await.contains(" 200 "));
        assert_ne!(get(&ada, ROOM, CALDAV).await.unwrap(), before);
    })
    .await;
}

// RFC 7953, section 8; L-31: it is read with the limits it will be read with again.
#[tokio::test]
async fn an_availability_beyond_the_limits_is_refused_and_not_found_out_later() {
    on_both(async |server| {
        campus(&server).await;
        let ical = Limits { max_components: 4, ..Limits::default() };
        let server = server.with_bounds(Bounds { ical, ..Bounds::default() });
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let shift = |day: u32| {
            format!(
                "BEGIN:AVAILABLE\nUID:d{day}\nDTSTAMP:20270101T000000Z\nDTSTART:202703{day:02}T080000Z\n\
                 DTEND:202703{day:02}T160000Z\nEND:AVAILABLE\n"
            )
        };
        let shifts = |count: u32| text((1..=count).map(shift).collect::<String>().trim_end());
        set(&ada, OWN, CALDAV, &shifts(2)).await;
        let kept = get(&ada, OWN, CALDAV).await;
        assert!(kept.as_ref().unwrap().contains("UID:d2"));
        let refused = set(&ada, OWN, CALDAV, &shifts(20)).await.text();
        assert!(refused.contains(" 403 ") && refused.contains("<C:valid-calendar-data"), "{refused}");
        assert_eq!(get(&ada, OWN, CALDAV).await, kept);
        assert_eq!(busy(&bob, "mailto:ada@example.org").await, CLOSED);
    })
    .await;
}

//! calendar-query, calendar-multiget and free-busy-query.

use crate::caldav::tree::CalendarTree as _;

use super::{CALENDAR, Reply, Server, event};

fn house() -> Server {
    let single = event("single", "DTSTART:20270501T080000Z\r\nDTEND:20270501T090000Z");
    let weekly =
        event("weekly", "DTSTART;TZID=Europe/Berlin:20270104T100000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY");
    let day = event("day", "DTSTART;VALUE=DATE:20270502");
    Server::new(&[("single.ics", &single), ("weekly.ics", &weekly), ("day.ics", &day)])
}

fn range(attributes: &str) -> String {
    format!(
        "<C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range {attributes}/>\
         </C:comp-filter></C:comp-filter></C:filter>"
    )
}

async fn query(server: &Server, props: &str, filter: &str) -> Reply {
    server
        .report(CALENDAR, &[("depth", "1")], "calendar-query", &format!("<D:prop>{props}</D:prop>{filter}"))
        .await
}

const ALL: &str =
    "<C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter>";

#[tokio::test]
async fn a_range_finds_single_events_and_instances() {
    // R2.8.
    let server = house();
    let hits = |attributes: &'static str| {
        let server = &server;
        async move { query(server, "<D:getetag/>", &range(attributes)).await.hrefs() }
    };
    let at = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{CALENDAR}{name}.ics")).collect()
    };
    assert_eq!(hits("start=\"20270501T083000Z\" end=\"20270501T084500Z\"").await, at(&["single"]));
    assert_eq!(hits("start=\"20270503T080000Z\" end=\"20270503T083000Z\"").await, at(&["weekly"]));
    // The whole day is read in the calendar's zone: it begins at 22:00 UTC of the day before.
    assert_eq!(hits("start=\"20270501T220000Z\" end=\"20270501T230000Z\"").await, at(&["day"]));
    assert_eq!(hits("end=\"20270101T000000Z\"").await, at(&[]));
    assert_eq!(hits("start=\"20290101T000000Z\"").await, at(&["weekly"]));
}

#[tokio::test]
async fn floating_times_are_read_in_the_zone_that_the_request_brings() {
    // RFC 4791, sections 7.3 and 9.8; RFC 7809, section 6.2.
    let server = house();
    let filter = range("start=\"20270502T000000Z\" end=\"20270502T010000Z\"");
    let tokyo = "<C:timezone-id>Pacific/Auckland</C:timezone-id>";
    let evening = range("start=\"20270501T123000Z\" end=\"20270501T130000Z\"");
    assert_eq!(query(&server, "<D:getetag/>", &format!("{evening}{tokyo}")).await.hrefs().len(), 1);
    assert_eq!(query(&server, "<D:getetag/>", &evening).await.hrefs().len(), 0);
    let bad = format!("{filter}<C:timezone>x</C:timezone>");
    assert_eq!(query(&server, "<D:getetag/>", &bad).await.refused(), (403, "valid-calendar-data".to_owned()));
}

#[tokio::test]
async fn depth_does_not_matter() {
    // R2.1: Evolution lists with depth 0 and a part of the data.
    let server = house();
    let inner = format!(
        "<D:prop><D:getetag/><C:calendar-data><C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\"><C:prop name=\"UID\"/>\
         </C:comp></C:comp></C:calendar-data></D:prop>{ALL}"
    );
    for headers in [&[("depth", "0")][..], &[("depth", "1")], &[("depth", "infinity")], &[]] {
        let reply = server.report(CALENDAR, headers, "calendar-query", &inner).await;
        assert_eq!(reply.hrefs().len(), 3);
        reply.has("UID:weekly");
        assert!(!reply.text.contains("SUMMARY"));
    }
}

#[tokio::test]
async fn a_listing_by_kind_answers_columns() {
    let server = house();
    let reply = query(&server, "<D:getetag/><D:resourcetype/>", ALL).await;
    assert_eq!(reply.hrefs().len(), 3);
    reply.has("<D:getetag>\"t");
    let tasks = ALL.replace("VEVENT", "VTODO");
    assert!(query(&server, "<D:getetag/>", &tasks).await.hrefs().is_empty());
    assert!(query(&server, "<C:calendar-data/>", &tasks).await.hrefs().is_empty());
}

#[tokio::test]
async fn texts_are_answered_byte_for_byte_as_xml_can() {
    let server = house();
    let reply = query(&server, "<D:getetag/><C:calendar-data/>", ALL).await;
    reply.has("SUMMARY:single &amp; co&#13;\n");
    let root = reply.xml();
    let data = root.children().filter_map(|it| {
        it.child("DAV:", "propstat")?
            .child("DAV:", "prop")?
            .child("urn:ietf:params:xml:ns:caldav", "calendar-data")
    });
    assert!(
        data.map(|it| it.text().into_owned())
            .any(|text| { text == event("single", "DTSTART:20270501T080000Z\r\nDTEND:20270501T090000Z") })
    );
}

#[tokio::test]
async fn series_are_expanded_within_their_limits() {
    // B-42, L-52.
    let server = house();
    let data = |range: &str| format!("<C:calendar-data><C:expand {range}/></C:calendar-data>");
    let may = "start=\"20270501T000000Z\" end=\"20270601T000000Z\"";
    let reply = query(&server, &data(may), &range(may)).await;
    assert_eq!(reply.text.matches("UID:weekly").count(), 5);
    assert!(!reply.text.contains("RRULE"));
    reply.has("DTSTART:20270503T080000Z");
    let century = "start=\"20000101T000000Z\" end=\"20990101T000000Z\"";
    assert_eq!(query(&server, &data(century), ALL).await.refused(), (403, "valid-filter".to_owned()));
}

#[tokio::test]
async fn instances_of_one_answer_are_counted_together() {
    // L-53.
    let daily = event("daily", "DTSTART:20270101T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY");
    let names: Vec<String> = (0..30).map(|index| format!("{index}.ics")).collect();
    let objects: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), daily.as_str())).collect();
    let server = Server::new(&objects);
    let range_of = "start=\"20270101T000000Z\" end=\"20290601T000000Z\"";
    let data = format!("<C:calendar-data><C:expand {range_of}/></C:calendar-data>");
    let refused = query(&server, &data, ALL).await.refused();
    assert_eq!(refused, (403, "number-of-matches-within-limits".to_owned()));
}

#[tokio::test]
async fn expanded_texts_of_one_answer_are_bounded() {
    // L-54: 1,000 days of 64 KiB each.
    let long = format!("X-LONG:{}", "x".repeat(60_000));
    let daily =
        event("d", &format!("DTSTART:20270101T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n{long}"));
    let server = Server::new(&[("d.ics", &daily)]);
    let data =
        "<C:calendar-data><C:expand start=\"20270101T000000Z\" end=\"20290901T000000Z\"/></C:calendar-data>";
    let refused = query(&server, data, ALL).await.refused();
    assert_eq!(refused, (403, "number-of-matches-within-limits".to_owned()));
    // What looks like the head of a component inside a text is none.
    let heads = format!("X-HEADS:{}", "BEGIN:VEVENT ".repeat(3_000));
    let single = event("s", &format!("DTSTART:20270102T100000Z\r\nDURATION:PT1H\r\n{heads}"));
    let many: Vec<String> = (0..10).map(|index| format!("{index}.ics")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), single.as_str())).collect();
    assert_eq!(query(&Server::new(&many), data, ALL).await.status, 207);
}

#[tokio::test]
async fn so_many_reports_expand_series_at_once() {
    // L-10.
    let server = house();
    let data =
        "<C:calendar-data><C:expand start=\"20270101T000000Z\" end=\"20270201T000000Z\"/></C:calendar-data>";
    let permits: Vec<_> = (0..8).map(|_| server.0.tree().query_limits().expand()).collect();
    assert!(permits.iter().all(Result::is_ok));
    assert_eq!(query(&server, data, ALL).await.status, 503);
    assert_eq!(query(&server, "<C:calendar-data/>", ALL).await.status, 207, "who expands nothing goes on");
    drop(permits);
    assert_eq!(query(&server, data, ALL).await.status, 207);
}

#[tokio::test]
async fn a_query_without_a_legal_filter_is_refused_by_name() {
    // RFC 4791, section 9.5; B-41.
    let server = house();
    assert_eq!(query(&server, "<D:getetag/>", "").await.refused(), (403, "valid-filter".to_owned()));
    let backwards = range("start=\"20270502T000000Z\" end=\"20270501T000000Z\"");
    assert_eq!(query(&server, "<D:getetag/>", &backwards).await.refused(), (403, "valid-filter".to_owned()));
    let reply = server.report("/calendars/users/ada/", &[], "calendar-query", ALL).await;
    assert_eq!(reply.refused(), (403, "supported-report".to_owned()));
}

async fn multiget(server: &Server, hrefs: &[&str]) -> Reply {
    let hrefs = hrefs.iter().map(|href| format!("<D:href>{href}</D:href>")).collect::<Vec<_>>().concat();
    let inner = format!("<D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}");
    server.report(CALENDAR, &[], "calendar-multiget", &inner).await
}

#[tokio::test]
async fn a_multiget_answers_each_href_once_and_404_for_what_is_not_here() {
    // RFC 4791, sections 7.9 and 9.10; R2.2, R2.3, B-40, D-32.
    let server = house();
    let single = format!("{CALENDAR}single.ics");
    let odd = format!("{CALENDAR}%73ingle.ics");
    let missing = format!("{CALENDAR}none.ics");
    let absolute = format!("http://cal.example{CALENDAR}weekly.ics");
    let up = format!("{CALENDAR}../aula/day.ics");
    let foreign = format!("http://evil.example{single}");
    let hrefs = [
        single.as_str(),
        &single,
        &odd,
        &missing,
        &absolute,
        &up,
        &foreign,
        "/principals/users/ada/",
        "//x",
        "a&amp;b",
        "/calendars/users/bob/aula/single.ics",
    ];
    let reply = multiget(&server, &hrefs).await;
    let expected = [
        single.as_str(),
        &missing,
        &format!("{CALENDAR}weekly.ics"),
        &up,
        &foreign,
        "/principals/users/ada/",
        "//x",
        "a&b",
        "/calendars/users/bob/aula/single.ics",
    ];
    assert_eq!(reply.hrefs(), expected);
    assert_eq!(reply.text.matches("<C:calendar-data>").count(), 2);
    assert_eq!(reply.text.matches("<D:getetag>").count(), 2);
    reply.has(&format!(
        "<D:response><D:href>{missing}</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>"
    ));
}

#[tokio::test]
async fn a_multiget_names_a_limited_number_of_hrefs() {
    // L-27, B-40.
    let server = house();
    let single = format!("{CALENDAR}single.ics");
    assert_eq!(multiget(&server, &vec![single.as_str(); 5_000]).await.hrefs(), [single.as_str()]);
    let refused = multiget(&server, &vec![single.as_str(); 5_001]).await.refused();
    assert_eq!(refused, (403, "number-of-matches-within-limits".to_owned()));
}

#[tokio::test]
async fn free_busy_is_one_component_for_the_range() {
    // RFC 4791, sections 7.10 and 9.11.
    let server = house();
    let inner = "<C:time-range start=\"20270501T000000Z\" end=\"20270502T000000Z\"/>";
    for path in [CALENDAR, "/principals/rooms/aula/"] {
        let reply = server.report(path, &[("depth", "infinity")], "free-busy-query", inner).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.has("BEGIN:VFREEBUSY\r\n");
        reply.has("FREEBUSY;FBTYPE=BUSY:20270501T080000Z/20270501T090000Z\r\n");
        assert!(!reply.text.contains("single &"));
    }
    for bad in [
        "",
        "<C:time-range start=\"20270501T000000Z\"/>",
        "<C:time-range start=\"19800101T000000Z\" end=\"20800101T000000Z\"/>",
    ] {
        let reply = server.report(CALENDAR, &[], "free-busy-query", bad).await;
        assert_eq!(reply.refused(), (403, "valid-filter".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn an_answer_of_many_members_is_complete() {
    let text = event("x", "DTSTART:20270501T080000Z\r\nDTEND:20270501T090000Z");
    let names: Vec<String> = (0..2_000).map(|index| format!("{index}.ics")).collect();
    let objects: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    let server = Server::new(&objects);
    let reply = query(&server, "<D:getetag/><C:calendar-data/>", ALL).await;
    assert_eq!(reply.hrefs().len(), 2_000);
}

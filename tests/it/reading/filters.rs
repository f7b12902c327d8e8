//! CALDAV:filter in all its parts: presence and absence, texts, collations, parameters, alarms, and
//! several at once. RFC 4791, sections 7.5, 7.8 and 9.7; when a range is met is in `time_ranges`.

use super::sorted;
use crate::support::{Client, TestServer, on_both};

const CALENDAR: &str = "/calendars/users/ada/mixed/";

/// Six members that differ in everything a filter can ask about.
async fn filled(server: &TestServer) -> Client<'_> {
    server.people(&["ada"]).await;
    let ada = server.client("ada");
    ada.send("MKCALENDAR", CALENDAR, &[], "").await.expect(201);
    let alarm = "BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Go\r\nEND:VALARM\r\n";
    let silent = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n";
    let people = "ORGANIZER:mailto:ada@example.org\r\n\
        ATTENDEE;PARTSTAT=DECLINED;CN=\"Öl, Max\":mailto:max@elsewhere.test\r\n\
        ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:eva@elsewhere.test\r\n";
    for (name, kind, lines) in [
        ("plain", "VEVENT", "SUMMARY:Weekly Meeting\r\nCATEGORIES:WORK\r\nCATEGORIES:A\\,B,C\r\n".to_owned()),
        ("umlaut", "VEVENT", "SUMMARY:ÄRZTE und Straße\r\nLOCATION:Köln\r\n".to_owned()),
        ("people", "VEVENT", format!("SUMMARY:Review\r\n{people}")),
        ("mailed", "VEVENT", format!("SUMMARY:Alarm by mail\r\n{alarm}")),
        ("sounds", "VEVENT", format!("SUMMARY:Two alarms\r\n{alarm}{silent}")),
        ("task", "VTODO", "SUMMARY:Meeting notes\r\nPRIORITY:1\r\n".to_owned()),
    ] {
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:{kind}\r\nUID:{name}\r\n\
             DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\nDURATION:PT1H\r\n{lines}END:{kind}\r\n\
             END:VCALENDAR\r\n"
        );
        ada.create(&format!("{CALENDAR}{name}.ics"), text).await.created();
    }
    ada
}

fn body(inner: &str) -> String {
    format!(
        "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\">{inner}</C:comp-filter></C:filter></C:calendar-query>"
    )
}

/// The names found, in order, with blanks between.
async fn names(ada: &Client<'_>, inner: &str) -> String {
    let reply = ada.report(CALENDAR, &body(inner)).await.expect(207);
    let name = |href: &String| href.trim_start_matches(CALENDAR).trim_end_matches(".ics").to_owned();
    sorted(&reply).iter().map(name).collect::<Vec<_>>().join(" ")
}

fn comp(name: &str, inner: &str) -> String {
    format!("<C:comp-filter name=\"{name}\">{inner}</C:comp-filter>")
}

fn prop(name: &str, inner: &str) -> String {
    format!("<C:prop-filter name=\"{name}\">{inner}</C:prop-filter>")
}

fn param(name: &str, inner: &str) -> String {
    format!("<C:param-filter name=\"{name}\">{inner}</C:param-filter>")
}

fn text(attributes: &str, text: &str) -> String {
    format!("<C:text-match {attributes}>{text}</C:text-match>")
}

const ABSENT: &str = "<C:is-not-defined/>";

#[tokio::test]
async fn what_is_there_and_what_is_not_is_asked_of_each_level() {
    // RFC 4791, sections 9.7.1, 9.7.2 and 9.7.4.
    on_both(async |server| {
        let ada = filled(&server).await;
        let of_event = |inner: &str| comp("VEVENT", inner);
        for (filter, expected) in [
            (String::new(), "mailed people plain sounds task umlaut"),
            (comp("VEVENT", ""), "mailed people plain sounds umlaut"),
            (comp("VEVENT", ABSENT), "task"),
            (comp("VTODO", ABSENT), "mailed people plain sounds umlaut"),
            (comp("VJOURNAL", ABSENT), "mailed people plain sounds task umlaut"),
            // Two kinds are never in one object.
            (comp("VEVENT", "") + &comp("VTODO", ""), ""),
            (comp("VEVENT", "") + &comp("VTODO", ABSENT), "mailed people plain sounds umlaut"),
            (of_event(&prop("LOCATION", "")), "umlaut"),
            (of_event(&prop("location", ABSENT)), "mailed people plain sounds"),
            (of_event(&prop("ATTENDEE", &param("RSVP", ""))), "people"),
            (of_event(&prop("ATTENDEE", &param("RSVP", ABSENT))), "people"),
            (of_event(&prop("ATTENDEE", &param("PARTSTAT", ABSENT))), ""),
            (of_event(&comp("VALARM", "")), "mailed sounds"),
            (of_event(&comp("VALARM", ABSENT)), "people plain umlaut"),
            (of_event(&comp("VALARM", &prop("ACTION", &text("", "AUDIO")))), "sounds"),
            (of_event(&comp("VALARM", &prop("DESCRIPTION", ABSENT))), "sounds"),
            // Each asks for an alarm of its own.
            (
                of_event(
                    &(comp("VALARM", &prop("ACTION", &text("", "AUDIO")))
                        + &comp("VALARM", &prop("ACTION", &text("", "EMAIL")))),
                ),
                "sounds",
            ),
            // One alarm for both tests.
            (of_event(&comp("VALARM", &(prop("ACTION", &text("", "AUDIO")) + &prop("DESCRIPTION", "")))), ""),
            // The VCALENDAR has properties too.
            (prop("PRODID", &text("", "-//test")) + &comp("VTODO", ""), "task"),
            (prop("METHOD", ABSENT) + &comp("VTODO", ""), "task"),
            (comp("X-OWN", ABSENT) + &comp("VTODO", ""), "task"),
        ] {
            assert_eq!(names(&ada, &filter).await, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn texts_are_compared_by_the_collation_that_was_asked_for() {
    // RFC 4791, section 9.7.5.
    on_both(async |server| {
        let ada = filled(&server).await;
        let summary =
            |attributes: &str, wanted: &str| comp("VEVENT", &prop("SUMMARY", &text(attributes, wanted)));
        let octet = "collation=\"i;octet\"";
        let ascii = "collation=\"i;ascii-casemap\"";
        let unicode = "collation=\"i;unicode-casemap\"";
        for (filter, expected) in [
            (summary("", "weekly meet"), "plain"),
            (summary("collation=\"default\"", "MEETING"), "plain"),
            (summary(ascii, "WEEKLY"), "plain"),
            (summary(octet, "weekly"), ""),
            (summary(octet, "Weekly"), "plain"),
            (summary(ascii, "ärzte"), ""),
            (summary(unicode, "ärzte"), "umlaut"),
            (summary(unicode, "STRASSE"), "umlaut"),
            (summary("negate-condition=\"yes\"", "meeting"), "mailed people sounds umlaut"),
            (summary("negate-condition=\"no\"", "meeting"), "plain"),
            (
                summary(&format!("{octet} negate-condition=\"yes\""), "meeting"),
                "mailed people plain sounds umlaut",
            ),
            // A property that is not there does not differ from anything.
            (comp("VEVENT", &prop("LOCATION", &text("negate-condition=\"yes\"", "x"))), "umlaut"),
            // Any one of several; what is escaped in the text is not in the value.
            (comp("VEVENT", &prop("CATEGORIES", &text("", "a,b"))), "plain"),
            (comp("VEVENT", &prop("CATEGORIES", &text("", "work"))), "plain"),
            (comp("VTODO", &prop("SUMMARY", &text("", "notes"))), "task"),
        ] {
            assert_eq!(names(&ada, &filter).await, expected, "{filter}");
        }
        let unknown = body(&summary("collation=\"i;basic\"", "x"));
        ada.report(CALENDAR, &unknown).await.fails(403, "supported-collation");
    })
    .await;
}

#[tokio::test]
async fn parameters_belong_to_the_property_that_is_matched() {
    // RFC 4791, section 9.7.3.
    on_both(async |server| {
        let ada = filled(&server).await;
        let attendee = |inner: String| comp("VEVENT", &prop("ATTENDEE", &inner));
        let partstat = |attributes: &str, wanted: &str| param("PARTSTAT", &text(attributes, wanted));
        for (filter, expected) in [
            (attendee(text("", "max@") + &partstat("", "declined")), "people"),
            (attendee(text("", "eva@") + &partstat("", "declined")), ""),
            (attendee(text("", "eva@") + &partstat("negate-condition=\"yes\"", "declined")), "people"),
            (attendee(param("CN", &text("collation=\"i;unicode-casemap\"", "öl, max"))), "people"),
            (attendee(partstat("", "accepted") + &param("RSVP", "")), "people"),
            (attendee(partstat("", "declined") + &param("RSVP", "")), ""),
            (attendee(partstat("", "declined") + &param("RSVP", ABSENT)), "people"),
            (attendee(text("negate-condition=\"yes\"", "max@") + &partstat("", "declined")), ""),
        ] {
            assert_eq!(names(&ada, &filter).await, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_cannot_be_answered_exactly_is_refused_by_its_precondition() {
    // RFC 4791, sections 7.5.1 and 7.8.
    on_both(async |server| {
        let ada = filled(&server).await;
        let range = "<C:time-range start=\"20270301T000000Z\"/>";
        for (filter, condition) in [
            (comp("VEVENT", &prop("SUMMARY", range)), "valid-filter"),
            (comp("VTODO", &comp("VEVENT", "")), "valid-filter"),
            (comp("VALARM", ""), "valid-filter"),
            (range.to_owned(), "valid-filter"),
            (comp("VTIMEZONE", range), "valid-filter"),
            (comp("VEVENT", &prop("DTSTART", &(range.to_owned() + &text("", "2027")))), "valid-filter"),
            (comp("VEVENT", &prop("X-WHEN", range)), "supported-filter"),
            (comp("X-OWN", range), "supported-filter"),
        ] {
            let reply = ada.report(CALENDAR, &body(&filter)).await;
            assert_eq!(reply.status, 403, "{filter}");
            let text = reply.text();
            assert!(text.contains(&format!("<C:{condition}")), "{filter}: {text}");
            let names_it = text.contains("name=\"X-");
            assert_eq!(names_it, condition == "supported-filter", "{text}");
        }
    })
    .await;
}

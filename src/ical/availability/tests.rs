//! How VAVAILABILITYs lie over each other (RFC 7953, section 4), and which are refused.

use super::super::free_busy::{Busy, BusyKind};
use super::super::testing::*;
use super::*;

fn availability(lines: &str, available: &[&str]) -> String {
    let one = |(index, lines): (usize, &&str)| {
        format!("BEGIN:AVAILABLE\nUID:u{index}\nDTSTAMP:20270101T000000Z\n{lines}\nEND:AVAILABLE")
    };
    let mut parts = vec!["BEGIN:VAVAILABILITY\nUID:u\nDTSTAMP:20270101T000000Z".to_owned()];
    parts.extend((!lines.is_empty()).then(|| lines.to_owned()));
    parts.extend(available.iter().enumerate().map(one));
    calendar(&format!("{}\nEND:VAVAILABILITY", parts.join("\n")))
}

fn busy(texts: &[&str], start: &str, end: &str) -> Vec<(String, String, BusyKind)> {
    let objects: Vec<CalendarObject> = texts.iter().map(|text| object(text)).collect();
    let zone = berlin();
    let zoned = objects.iter().map(|object| (object, &zone));
    let found = unavailable(zoned, period(start, end), &Budget::default()).unwrap();
    let written = |Busy { period, kind }: Busy| {
        let utc = super::super::time::write_utc;
        (utc(period.start), utc(period.end), kind)
    };
    found.into_iter().map(written).collect()
}

fn rows(rows: &[(&str, &str, BusyKind)]) -> Vec<(String, String, BusyKind)> {
    rows.iter().map(|(start, end, kind)| ((*start).to_owned(), (*end).to_owned(), *kind)).collect()
}

const OFFICE: &str = "DTSTART;TZID=Europe/Berlin:20270104T090000\nDTEND;TZID=Europe/Berlin:20270104T170000\n\
    RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";

#[test]
fn what_is_not_available_is_unavailable() {
    // RFC 7953, section 5.
    let text = availability("", &[OFFICE]);
    // Monday 1 March 2027, in Berlin's winter.
    assert_eq!(
        busy(&[&text], "20270301T000000Z", "20270302T000000Z"),
        rows(&[
            ("20270301T000000Z", "20270301T080000Z", BusyKind::Unavailable),
            ("20270301T160000Z", "20270302T000000Z", BusyKind::Unavailable),
        ])
    );
    // Its own zone decides: in summer an hour earlier.
    assert_eq!(busy(&[&text], "20270802T060000Z", "20270802T080000Z")[0].1, "20270802T070000Z");
    assert_eq!(
        busy(&[&text], "20270306T000000Z", "20270308T000000Z"),
        rows(&[("20270306T000000Z", "20270308T000000Z", BusyKind::Unavailable)]),
        "a weekend"
    );
}

#[test]
fn it_speaks_only_about_its_own_range_and_in_its_own_way() {
    // RFC 7953, section 3.2.
    let text = availability(
        "DTSTART:20270301T100000Z\nDURATION:PT4H\nBUSYTYPE:BUSY-TENTATIVE",
        &[
            "DTSTART:20270301T090000Z\nDTEND:20270301T110000Z",
            "DTSTART:20270301T130000Z\nDTEND:20270301T200000Z",
        ],
    );
    assert_eq!(
        busy(&[&text], "20270301T000000Z", "20270302T000000Z"),
        rows(&[("20270301T110000Z", "20270301T130000Z", BusyKind::Tentative)])
    );
    assert!(busy(&[&text], "20270302T000000Z", "20270303T000000Z").is_empty());
}

#[test]
fn the_higher_priority_lies_over_the_lower_one() {
    // 1 is the highest, 9 the lowest, and 0 or none lower still.
    let usual = availability("", &[OFFICE]);
    let travelling = availability(
        "DTSTART:20270301T100000Z\nDTEND:20270301T120000Z\nPRIORITY:1\nBUSYTYPE:BUSY",
        &["DTSTART:20270301T113000Z\nDTEND:20270301T120000Z"],
    );
    let expected = rows(&[
        ("20270301T100000Z", "20270301T113000Z", BusyKind::Busy),
        ("20270301T160000Z", "20270301T170000Z", BusyKind::Unavailable),
    ]);
    for order in [[&usual, &travelling], [&travelling, &usual]] {
        let texts: Vec<&str> = order.into_iter().map(String::as_str).collect();
        assert_eq!(busy(&texts, "20270301T080000Z", "20270301T170000Z"), expected);
    }
    // Open time of the higher one opens what the lower one closes.
    let open = availability(
        "DTSTART:20270306T000000Z\nDTEND:20270307T000000Z\nPRIORITY:5",
        &["DTSTART:20270306T000000Z\nDTEND:20270307T000000Z"],
    );
    assert!(busy(&[&usual, &open], "20270306T000000Z", "20270307T000000Z").is_empty());
}

#[test]
fn available_time_has_exceptions_and_overrides() {
    let moved = format!(
        "{OFFICE}\nEXDATE;TZID=Europe/Berlin:20270302T090000\nEND:AVAILABLE\nBEGIN:AVAILABLE\nUID:u0\n\
         DTSTAMP:20270101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20270301T090000\n\
         DTSTART;TZID=Europe/Berlin:20270301T120000\nDURATION:PT1H"
    );
    let text = availability("", &[&moved]);
    assert_eq!(
        busy(&[&text], "20270301T000000Z", "20270303T000000Z"),
        rows(&[
            ("20270301T000000Z", "20270301T110000Z", BusyKind::Unavailable),
            ("20270301T120000Z", "20270303T000000Z", BusyKind::Unavailable),
        ])
    );
}

#[test]
fn what_means_nothing_is_refused_by_its_kind() {
    // RFC 7953, section 3.1.
    let limits = Limits::default();
    let refused = |text: String| read(text.into(), &limits).expect_err("refused").kind;
    assert!(read(availability("", &[OFFICE]).into(), &limits).is_ok());
    assert!(read(availability("PRIORITY:3", &[]).into(), &limits).is_ok());
    assert_eq!(refused("hours".to_owned()), IcalErrorKind::NotCalendarData);
    assert_eq!(refused(event("DTSTART:20270301T090000Z")), IcalErrorKind::UnsupportedComponent);
    let two = availability("", &[]).replace("END:VCALENDAR", "")
        + "BEGIN:VAVAILABILITY\r\nUID:u\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n";
    assert_eq!(refused(two), IcalErrorKind::NotCalendarObject);
    let ends_early = "DTSTART:20270301T100000Z\nDTEND:20270301T090000Z";
    assert_eq!(refused(availability(ends_early, &[])), IcalErrorKind::NotCalendarObject);
    assert_eq!(refused(availability("", &[ends_early])), IcalErrorKind::NotCalendarObject);
    assert_eq!(refused(availability("", &["SUMMARY:always"])), IcalErrorKind::NotCalendarData);
    let hourly = "DTSTART:20270301T100000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY";
    assert_eq!(refused(availability("", &[hourly])), IcalErrorKind::TooManyInstances);
    let inside = calendar("BEGIN:VAVAILABILITY\nUID:u\nBEGIN:VALARM\nEND:VALARM\nEND:VAVAILABILITY");
    assert_eq!(refused(inside), IcalErrorKind::NotCalendarObject);
}

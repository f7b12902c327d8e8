//! Zones by reference: what is added is what is taken away again, and it says what our data says.

use bytes::Bytes;
use proptest::prelude::*;

use super::super::testing::*;
use super::*;

fn completed(source: &str) -> String {
    let bytes = with_zones(&object(source), &Limits::default()).unwrap();
    text(&bytes).to_owned()
}

fn bare(source: &str) -> String {
    text(&without_known_zones(&Bytes::copy_from_slice(source.as_bytes()))).to_owned()
}

const CUSTOM: &str = "BEGIN:VTIMEZONE\nTZID:My Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
    TZOFFSETFROM:+0130\nTZOFFSETTO:+0130\nEND:STANDARD\nEND:VTIMEZONE";

fn timed(zone: &str) -> String {
    format!("DTSTART;TZID={zone}:20270301T140000\nDURATION:PT1H")
}

#[test]
fn a_zone_that_is_missing_is_added_before_the_components_and_taken_away_exactly() {
    // RFC 7809, sections 3.1.3 and 3.1.4.
    for line_end in ["\r\n", "\n"] {
        let source = event(&timed("Europe/Berlin")).replace("\r\n", line_end);
        let full = completed(&source);
        assert_ne!(full, source);
        let wanted =
            format!("PRODID:-//t//t//EN{line_end}BEGIN:VTIMEZONE{line_end}TZID:Europe/Berlin{line_end}");
        assert!(full.contains(&wanted), "{full}");
        assert_eq!(full.matches("BEGIN:VTIMEZONE").count(), 1, "{full}");
        assert_eq!(bare(&full), source, "what was sent");
        assert_eq!(completed(&full), full, "nothing is missing any more");
    }
}

#[test]
fn what_lacks_nothing_keeps_every_byte() {
    for source in [
        event("DTSTART:20270301T140000Z\nDURATION:PT1H"),
        event("DTSTART;VALUE=DATE:20270301"),
        event("DTSTART:20270301T140000\nDURATION:PT1H"),
    ] {
        assert_eq!(completed(&source), source);
        assert_eq!(bare(&source), source);
    }
    let own = event(&timed("My Own"))
        .replace("BEGIN:VEVENT", &format!("{}\r\nBEGIN:VEVENT", CUSTOM.replace('\n', "\r\n")));
    assert_eq!(completed(&own), own, "its own zone is there");
    assert_eq!(bare(&own), own, "and nobody else has it");
}

#[test]
fn only_names_of_the_data_go() {
    // RFC 7809, section 3.1.3: by the identifier that a service provides.
    let both = event(&format!("{}\nRDATE;TZID=My Own:20270401T120000", timed("Europe/Berlin")))
        .replace("BEGIN:VEVENT", &format!("{}\r\nBEGIN:VEVENT", CUSTOM.replace('\n', "\r\n")));
    let full = completed(&both);
    assert_eq!(full.matches("BEGIN:VTIMEZONE").count(), 2);
    assert_eq!(bare(&full), both);
    // A name that only we can read is explained to others, always.
    let vendor = "/freeassociation.sourceforge.net/Tzfile/Europe/Brussels";
    for named in [vendor, "europe/berlin", "W. Europe Standard Time"] {
        let full = completed(&event(&timed(named)));
        assert!(full.contains(&format!("TZID:{named}\r\n")), "{full}");
        assert_eq!(bare(&full), full, "{named}");
    }
    let links = completed(&event(&timed("Arctic/Longyearbyen")));
    assert_eq!(bare(&links), event(&timed("Arctic/Longyearbyen")));
}

#[test]
fn every_property_counts_and_each_zone_comes_once() {
    let source = event(
        "DTSTART;TZID=Europe/Berlin:20270301T140000\nDTEND;TZID=America/New_York:20270301T100000\n\
         RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20270308T140000\n\
         RDATE;VALUE=PERIOD;TZID=Asia/Tokyo:20270310T140000/PT1H",
    );
    let full = completed(&source);
    let order: Vec<&str> = full.lines().filter(|line| line.starts_with("TZID:")).collect();
    assert_eq!(order, ["TZID:Europe/Berlin", "TZID:America/New_York", "TZID:Asia/Tokyo"]);
    assert_eq!(bare(&full), source);
    let hours = calendar(
        "BEGIN:VAVAILABILITY\nUID:u\nDTSTAMP:20270101T000000Z\nBEGIN:AVAILABLE\nUID:a\n\
         DTSTAMP:20270101T000000Z\nDTSTART;TZID=Europe/Berlin:20270301T090000\n\
         DTEND;TZID=Europe/Berlin:20270301T170000\nRRULE:FREQ=WEEKLY\nEND:AVAILABLE\nEND:VAVAILABILITY",
    );
    assert_eq!(completed(&hours).matches("TZID:Europe/Berlin").count(), 1, "what lies deeper too");
}

#[test]
fn more_zones_than_fit_are_refused() {
    // L-36: before any of them is written.
    let date = |n: i32| format!("RDATE;TZID=/v{n}/Europe/Berlin:20270301T140000");
    let dates: Vec<String> = (0..200).map(date).collect();
    let source = event(&format!("{}\n{}", timed("Europe/Berlin"), dates.join("\n")));
    let fault = with_zones(&object(&source), &Limits::default()).unwrap_err();
    assert_eq!(fault.kind, crate::ical::IcalErrorKind::NotCalendarData);
}

#[test]
fn a_tzid_that_nobody_explains_is_no_valid_timezone() {
    // RFC 7809, section 3.1.4.
    let kind = crate::ical::IcalErrorKind::UnknownTimezone;
    assert_eq!(refusal(&event(&timed("Nowhere/Land"))), kind);
    let broken = CUSTOM.replace("TZOFFSETTO:+0130\n", "");
    let source = event(&timed("My Own"))
        .replace("BEGIN:VEVENT", &format!("{}\r\nBEGIN:VEVENT", broken.replace('\n', "\r\n")));
    assert_eq!(refusal(&source), kind);
}

#[test]
fn the_name_in_a_value_is_found() {
    assert_eq!(first_tzid(&calendar(CUSTOM)).as_deref(), Some("My Own"));
    assert_eq!(first_tzid("nothing"), None);
    assert_eq!(first_tzid(&event("DTSTART:20270301T140000Z")), None);
}

proptest! {
    /// What is added says of the event's own times what our data says, in every zone that there is.
    #[test]
    fn added_zones_agree_with_our_data(at in 0_i64..4_000_000_000, index in 0_usize..590, repeats: bool) {
        let name = zone_names::all().nth(index).unwrap();
        let zone = Zone::iana(name).unwrap();
        let wall = time::write_wall(zone.to_local(Instant::from_secs(at)));
        let rule = if repeats { "\nRRULE:FREQ=MONTHLY;COUNT=30" } else { "" };
        let source = event(&format!("DTSTART;TZID={name}:{wall}\nDURATION:PT1H{rule}"));
        let full = completed(&source);
        // Under another name, only the added text explains it.
        let renamed = full.replace(&format!("TZID:{name}\r\n"), "TZID:Added\r\n")
            .replace(&format!("TZID={name}:"), "TZID=Added:");
        let read = object(&renamed);
        let added = read.zones().named("Added").unwrap();
        for day in 0..if repeats { 900 } else { 30 } {
            let moment = Instant::from_secs(at).plus(day * 86_400);
            prop_assert_eq!(added.offset_at(moment), zone.offset_at(moment), "{} at {}:\n{}", name, moment, full);
        }
        prop_assert_eq!(bare(&full), source);
    }
}

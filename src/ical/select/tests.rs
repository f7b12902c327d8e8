//! What an answer shows of an object (RFC 4791, section 9.6).

use super::super::testing::*;
use super::*;

#[track_caller]
fn shown(select: &Select, of: &str) -> String {
    let bytes = select.apply(&object(of), &berlin(), &Budget::default()).unwrap();
    text(&bytes).to_owned()
}

fn prop(name: &str) -> PropSelect {
    PropSelect { name: name.to_owned(), novalue: false }
}

fn expanded(start: &str, end: &str) -> Select {
    Select { recurrence: Recurrence::Expand(period(start, end)), ..Select::default() }
}

fn series() -> String {
    calendar(
        "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Europe/Berlin:20270301T090000\nDTEND;TZID=Europe/Berlin:20270301T100000\n\
         RRULE:FREQ=DAILY;COUNT=60\nEXDATE;TZID=Europe/Berlin:20270302T090000\nSUMMARY:usual\nX-WHEN;TZID=Europe/Berlin:20270301T080000\n\
         BEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:u\nRECURRENCE-ID;TZID=Europe/Berlin:20270303T090000\nDTSTART;TZID=Europe/Berlin:20270320T120000\n\
         DURATION:PT2H\nSUMMARY:moved\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:u\nRECURRENCE-ID;TZID=Europe/Berlin:20270410T090000\nDTSTART;TZID=Europe/Berlin:20270410T100000\n\
         DURATION:PT1H\nSUMMARY:later\nEND:VEVENT",
    )
}

#[test]
fn everything_is_the_stored_bytes() {
    // RFC 4791, section 5.3.3.
    let stored = object(&series());
    let bytes = Select::default().apply(&stored, &berlin(), &Budget::default()).unwrap();
    assert_eq!(&bytes, stored.bytes());
}

#[test]
fn chosen_components_and_properties_are_shown_and_no_others() {
    // RFC 4791, sections 7.7 and 9.6.1 to 9.6.4.
    let event = CompSelect {
        name: "vevent".to_owned(),
        props: Some(vec![prop("uid"), PropSelect { name: "SUMMARY".to_owned(), novalue: true }]),
        comps: Some(Vec::new()),
    };
    let component = Some(CompSelect {
        name: "VCALENDAR".to_owned(),
        props: Some(vec![prop("VERSION")]),
        comps: Some(vec![event]),
    });
    let one = "BEGIN:VEVENT\r\nUID:u\r\nSUMMARY:\r\nEND:VEVENT\r\n";
    let expected = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", one.repeat(3));
    assert_eq!(shown(&Select { component, ..Select::default() }, &series()), expected);
}

#[test]
fn expanding_gives_instances_in_utc_without_rules_and_zones() {
    let out = shown(&expanded("20270301T000000Z", "20270304T120000Z"), &series());
    let read = object(&out);
    let starts: Vec<_> = read.parts().filter_map(|part| part.text("DTSTART")).collect();
    assert_eq!(starts, ["20270301T080000Z", "20270304T080000Z"], "the 2nd is excluded, the 3rd moved");
    let ids: Vec<_> = read.parts().filter_map(|part| part.text("RECURRENCE-ID")).collect();
    assert_eq!(ids, starts);
    for absent in ["TZID", "VTIMEZONE", "RRULE", "EXDATE", "DURATION"] {
        assert!(!out.contains(absent), "{absent} in {out}");
    }
    assert!(out.contains("X-WHEN:20270301T070000Z\r\n"));
    assert_eq!(out.matches("BEGIN:VALARM").count(), 2);
    let moved = shown(&expanded("20270320T110000Z", "20270320T130000Z"), &series());
    assert!(moved.contains(
        "DTSTART:20270320T110000Z\r\nDTEND:20270320T130000Z\r\nRECURRENCE-ID:20270303T080000Z\r\n"
    ));
}

#[test]
fn expanded_days_stay_days_and_single_events_get_no_recurrence_id() {
    let days = event("DTSTART;VALUE=DATE:20270327\nDTEND;VALUE=DATE:20270329\nRRULE:FREQ=WEEKLY");
    let out = shown(&expanded("20270327T000000Z", "20270328T000000Z"), &days);
    assert!(
        out.contains("DTSTART;VALUE=DATE:20270327\r\nDTEND;VALUE=DATE:20270329\r\nRECURRENCE-ID;VALUE=DATE:20270327\r\n"),
        "{out}"
    );
    let single = event("DTSTART;TZID=Europe/Berlin:20270327T120000\nDURATION:PT1H\nSUMMARY:a");
    let out = shown(&expanded("20270327T000000Z", "20270328T000000Z"), &single);
    assert!(out.contains("DTSTART:20270327T110000Z\r\nDTEND:20270327T120000Z\r\nEND"), "{out}");
}

#[test]
fn expanding_and_choosing_go_together() {
    let event =
        CompSelect { name: "VEVENT".to_owned(), props: Some(vec![prop("DTSTART")]), comps: Some(Vec::new()) };
    let component =
        Some(CompSelect { name: "VCALENDAR".to_owned(), props: Some(Vec::new()), comps: Some(vec![event]) });
    let select = Select { component, ..expanded("20270301T000000Z", "20270302T000000Z") };
    assert_eq!(
        shown(&select, &series()),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270301T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
}

#[test]
fn overrides_that_do_not_matter_to_the_period_are_left_out() {
    let limited = |start, end| {
        let recurrence = Recurrence::Limit(period(start, end));
        let out = shown(&Select { recurrence, ..Select::default() }, &series());
        object(&out).parts().filter_map(|part| part.text("SUMMARY")).collect::<Vec<_>>()
    };
    assert_eq!(limited("20270301T000000Z", "20270302T000000Z"), ["usual"]);
    assert_eq!(limited("20270303T000000Z", "20270304T000000Z"), ["usual", "moved"], "by what it replaces");
    assert_eq!(limited("20270303T083000Z", "20270304T000000Z"), ["usual", "moved"], "also in its middle");
    assert_eq!(limited("20270320T000000Z", "20270321T000000Z"), ["usual", "moved"], "by its own time");
    assert_eq!(limited("20270410T000000Z", "20270411T000000Z"), ["usual", "later"]);
}

#[test]
fn busy_times_outside_the_period_are_left_out() {
    // RFC 4791, section 9.6.7.
    let text = calendar(
        "BEGIN:VFREEBUSY\nUID:u\nFREEBUSY:20270301T090000Z/PT1H,20270302T090000Z/PT1H\nFREEBUSY:20270303T090000Z/PT1H\nEND:VFREEBUSY",
    );
    let limit_freebusy_set = Some(period("20270302T000000Z", "20270303T000000Z"));
    let out = shown(&Select { limit_freebusy_set, ..Select::default() }, &text);
    let (_, come) = changes(text.as_bytes(), out.as_bytes());
    assert_eq!(come, ["FREEBUSY:20270302T090000Z/PT1H"]);
    assert_eq!(out.matches("FREEBUSY:").count(), 1);
}

#[test]
fn an_expansion_beyond_the_budget_is_an_error() {
    let endless = event("DTSTART:20270301T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY");
    let budget = Budget { max_instances: 10, ..Budget::default() };
    let select = expanded("20270301T000000Z", "20280301T000000Z");
    assert!(select.apply(&object(&endless), &berlin(), &budget).is_err(), "L-53");
}

#[test]
fn tasks_and_journals_are_expanded_like_events() {
    // RFC 5545, sections 3.6.2 and 3.6.3.
    let task = calendar(
        "BEGIN:VTODO\nUID:u\nDTSTART;TZID=Europe/Berlin:20270301T090000\nDUE;TZID=Europe/Berlin:20270301T100000\n\
         RRULE:FREQ=DAILY;COUNT=60\nSUMMARY:usual\nEND:VTODO\n\
         BEGIN:VTODO\nUID:u\nRECURRENCE-ID;TZID=Europe/Berlin:20270302T090000\nDTSTART;TZID=Europe/Berlin:20270302T110000\n\
         DURATION:PT1H\nSTATUS:COMPLETED\nSUMMARY:done\nEND:VTODO",
    );
    let out = shown(&expanded("20270301T000000Z", "20270303T000000Z"), &task);
    assert!(!out.contains("RRULE") && !out.contains("TZID") && !out.contains("DTEND"), "{out}");
    assert_eq!(out.matches("BEGIN:VTODO").count(), 2);
    assert!(
        out.contains("DTSTART:20270301T080000Z\r\nDUE:20270301T090000Z\r\nRECURRENCE-ID:20270301T080000Z")
    );
    assert!(
        out.contains("DTSTART:20270302T100000Z\r\nDUE:20270302T110000Z\r\nRECURRENCE-ID:20270302T080000Z")
    );
    // The row of a task with a duration counts its very end (RFC 4791, section 9.9).
    let touched = shown(&expanded("20270302T110000Z", "20270302T110001Z"), &task);
    assert_eq!(touched.matches("BEGIN:VTODO").count(), 1, "{touched}");
    let journal =
        calendar("BEGIN:VJOURNAL\nUID:u\nDTSTART;VALUE=DATE:20270301\nRRULE:FREQ=WEEKLY\nEND:VJOURNAL");
    let out = shown(&expanded("20270308T120000Z", "20270309T120000Z"), &journal);
    assert!(out.contains("DTSTART;VALUE=DATE:20270308\r\nRECURRENCE-ID;VALUE=DATE:20270308"), "{out}");
    // What does not recur is shown wherever it lies; what has no start stays as it is.
    let once = calendar("BEGIN:VTODO\nUID:u\nDTSTART;TZID=Europe/Berlin:20270101T090000\nEND:VTODO");
    assert!(
        shown(&expanded("20270308T120000Z", "20270309T120000Z"), &once).contains("DTSTART:20270101T080000Z")
    );
    let undated = calendar("BEGIN:VTODO\nUID:u\nSUMMARY:some day\nEND:VTODO");
    assert_eq!(shown(&expanded("20270308T120000Z", "20270309T120000Z"), &undated), undated);
}

#[test]
fn overrides_of_tasks_are_left_out_where_they_do_not_matter() {
    let task = calendar(
        "BEGIN:VTODO\nUID:u\nDTSTART:20270301T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEND:VTODO\n\
         BEGIN:VTODO\nUID:u\nRECURRENCE-ID:20270302T090000Z\nDTSTART:20270302T110000Z\nDURATION:PT1H\nSUMMARY:near\nEND:VTODO\n\
         BEGIN:VTODO\nUID:u\nRECURRENCE-ID:20270402T090000Z\nDTSTART:20270402T110000Z\nDURATION:PT1H\nSUMMARY:far\nEND:VTODO",
    );
    let limit = Recurrence::Limit(period("20270301T000000Z", "20270303T000000Z"));
    let out = shown(&Select { recurrence: limit, ..Select::default() }, &task);
    assert!(out.contains("RRULE") && out.contains("near") && !out.contains("far"), "{out}");
}

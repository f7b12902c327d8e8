//! Filters on objects: names, texts, parameters, and the time tables of RFC 4791, section 9.9.

use super::super::collation::Collation;
use super::super::filter::*;
use super::super::testing::*;
use crate::domain::recurrence::Budget;

fn filter(name: &str, condition: CompCondition) -> Filter {
    let comps = vec![CompFilter { name: name.to_owned(), condition: Condition::Defined(condition) }];
    let condition = Condition::Defined(CompCondition { comps, ..CompCondition::default() });
    Filter(CompFilter { name: "VCALENDAR".to_owned(), condition })
}

fn matches(filter: &Filter, text: &str) -> bool {
    filter.matches(&object(text), &berlin(), &Budget::default())
}

fn range(start: &str, end: &str) -> TimeRange {
    let end_of = |text: &str| (!text.is_empty()).then(|| at(text));
    TimeRange::new(end_of(start), end_of(end)).unwrap()
}

/// Whether a component of this name lies in the range.
fn within(name: &str, text: &str, start: &str, end: &str) -> bool {
    matches(
        &filter(name, CompCondition { time_range: Some(range(start, end)), ..CompCondition::default() }),
        text,
    )
}

fn prop(name: &str, condition: Condition<PropCondition>) -> Filter {
    let props = vec![PropFilter { name: name.to_owned(), condition }];
    filter("VEVENT", CompCondition { props, ..CompCondition::default() })
}

fn text_match(text: &str, negate: bool) -> TextMatch {
    TextMatch { text: text.to_owned(), collation: Collation::AsciiCasemap, negate }
}

fn timed(lines: &str) -> String {
    event(&format!("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z\n{lines}"))
}

#[test]
fn components_are_asked_for_by_name() {
    let with = |name: &str| filter(name, CompCondition::default());
    assert!(matches(&Filter::everything(), &timed("")));
    assert!(matches(&with("vevent"), &timed("")));
    assert!(!matches(&with("VTODO"), &timed("")));
    let without = |name: &str| {
        let comps = vec![CompFilter { name: name.to_owned(), condition: Condition::NotDefined }];
        Filter(CompFilter {
            name: "VCALENDAR".to_owned(),
            condition: Condition::Defined(CompCondition { comps, ..CompCondition::default() }),
        })
    };
    assert!(matches(&without("VTODO"), &timed("")) && !matches(&without("VEVENT"), &timed("")));
    let mut wrong = Filter::everything();
    wrong.0.name = "VEVENT".to_owned();
    assert!(!matches(&wrong, &timed("")));
}

#[test]
fn properties_are_matched_by_presence_and_text() {
    let text = timed("SUMMARY:Team\\, Meeting\nCATEGORIES:A\nCATEGORIES:B");
    let with = |name: &str, text: TextMatch| {
        prop(name, Condition::Defined(PropCondition { text: Some(text), ..PropCondition::default() }))
    };
    assert!(matches(&prop("summary", Condition::Defined(PropCondition::default())), &text));
    assert!(!matches(&prop("LOCATION", Condition::Defined(PropCondition::default())), &text));
    assert!(matches(&prop("LOCATION", Condition::NotDefined), &text));
    assert!(!matches(&prop("SUMMARY", Condition::NotDefined), &text));
    assert!(matches(&with("SUMMARY", text_match("team, meet", false)), &text));
    assert!(!matches(&with("SUMMARY", text_match("party", false)), &text));
    assert!(matches(&with("SUMMARY", text_match("party", true)), &text));
    assert!(!matches(&with("SUMMARY", text_match("TEAM", true)), &text));
    assert!(matches(&with("CATEGORIES", text_match("B", false)), &text), "any of several");
    assert!(
        !matches(&with("LOCATION", text_match("x", true)), &text),
        "a property that is absent matches nothing"
    );
}

#[test]
fn parameters_are_matched_on_one_and_the_same_property() {
    let text = timed(
        "ATTENDEE;PARTSTAT=DECLINED:mailto:a@x.org\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:b@x.org",
    );
    let asked = |address: &str, condition: Condition<Option<TextMatch>>, name: &str| {
        let params = vec![ParamFilter { name: name.to_owned(), condition }];
        let text = Some(text_match(address, false));
        prop("ATTENDEE", Condition::Defined(PropCondition { text, params, time_range: None }))
    };
    let state = |text: &str| Condition::Defined(Some(text_match(text, false)));
    assert!(matches(&asked("b@x.org", state("needs-action"), "partstat"), &text));
    assert!(!matches(&asked("a@x.org", state("needs-action"), "PARTSTAT"), &text));
    assert!(matches(&asked("a@x.org", Condition::NotDefined, "RSVP"), &text));
    assert!(!matches(&asked("b@x.org", Condition::NotDefined, "RSVP"), &text));
    assert!(matches(&asked("b@x.org", Condition::Defined(None), "RSVP"), &text));
}

#[test]
fn property_times_are_matched_by_range() {
    let stamped = |start, end| {
        let time_range = Some(range(start, end));
        prop("DTSTAMP", Condition::Defined(PropCondition { time_range, ..PropCondition::default() }))
    };
    assert!(matches(&stamped("20270101T000000Z", "20270101T000001Z"), &timed("")));
    assert!(!matches(&stamped("20270101T000001Z", ""), &timed("")));
}

#[test]
fn an_event_is_in_a_range_that_it_overlaps() {
    for (lines, start, end, expected) in [
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z", "20270301T095959Z", "20270301T110000Z", true),
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z", "20270301T100000Z", "20270301T110000Z", false),
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z", "20270301T080000Z", "20270301T090000Z", false),
        ("DTSTART:20270301T090000Z\nDURATION:PT1H", "20270301T093000Z", "20270301T094000Z", true),
        ("DTSTART:20270301T090000Z\nDURATION:PT0S", "20270301T090000Z", "20270301T090001Z", true),
        ("DTSTART:20270301T090000Z", "20270301T090000Z", "20270301T090001Z", true),
        ("DTSTART:20270301T090000Z", "20270301T080000Z", "20270301T090000Z", false),
        ("DTSTART;VALUE=DATE:20270301", "20270228T230000Z", "20270228T230001Z", true),
        ("DTSTART;VALUE=DATE:20270301", "20270301T230000Z", "20270302T000000Z", false),
        ("DTSTART:20270301T090000", "20270301T080000Z", "20270301T080001Z", true),
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z", "20270301T090000Z", "", true),
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z", "", "20270301T090000Z", false),
        ("DTSTART:20270301T090000Z\nDTEND:20270301T100000Z\nSTATUS:CANCELLED", "20270301T090000Z", "", true),
    ] {
        assert_eq!(within("VEVENT", &event(lines), start, end), expected, "{lines} {start} {end}");
    }
}

/// Daily at nine for ever, with the instance of 3 March moved to the 20th and renamed.
fn series() -> String {
    calendar(
        "BEGIN:VEVENT\nUID:u\nDTSTART:20270301T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=2\nSUMMARY:usual\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20270303T090000Z\nDTSTART:20270320T120000Z\nDURATION:PT1H\nSUMMARY:moved\nEND:VEVENT",
    )
}

#[test]
fn instances_of_a_series_are_found_where_they_are() {
    let on = |day: &str| within("VEVENT", &series(), &format!("{day}T000000Z"), &format!("{day}T235959Z"));
    assert!(on("20270301") && on("20270305") && on("20470302"));
    assert!(!on("20270302") && !on("20270303"), "moved away");
    assert!(on("20270320"), "moved here");
    assert!(within("VEVENT", &series(), "20270301T000000Z", ""), "without end");
    assert!(!within("VEVENT", &series(), "", "20270301T090000Z"));
    assert!(within("VEVENT", &series(), "", "20270301T090001Z"));
}

#[test]
fn time_and_text_are_asked_of_one_component() {
    let named = |summary: &str, day: &str| {
        let text = Some(text_match(summary, false));
        let props = vec![PropFilter {
            name: "SUMMARY".to_owned(),
            condition: Condition::Defined(PropCondition { text, ..PropCondition::default() }),
        }];
        let time_range = Some(range(&format!("{day}T000000Z"), &format!("{day}T235959Z")));
        matches(&filter("VEVENT", CompCondition { time_range, props, comps: Vec::new() }), &series())
    };
    assert!(named("moved", "20270320") && named("usual", "20270305"));
    assert!(!named("usual", "20270320") && !named("moved", "20270305"));
}

#[test]
fn todos_follow_the_table_of_the_rfc() {
    let todo = |lines: &str| calendar(&format!("BEGIN:VTODO\nUID:a\n{lines}\nEND:VTODO"));
    let (from, to) = ("20270302T000000Z", "20270303T000000Z");
    for (lines, expected) in [
        ("DTSTART:20270301T120000Z\nDURATION:PT12H", true),
        ("DTSTART:20270301T120000Z\nDURATION:PT11H", false),
        ("DTSTART:20270302T120000Z\nDUE:20270304T000000Z", true),
        ("DTSTART:20270228T120000Z\nDUE:20270302T000000Z", false),
        ("DTSTART:20270302T000000Z", true),
        ("DTSTART:20270303T000000Z", false),
        ("DUE:20270303T000000Z", true),
        ("DUE:20270302T000000Z", false),
        ("COMPLETED:20270302T120000Z\nCREATED:20270101T000000Z", true),
        ("COMPLETED:20270301T120000Z\nCREATED:20270101T000000Z", false),
        ("COMPLETED:20270302T120000Z", true),
        ("COMPLETED:20270304T000000Z", false),
        ("CREATED:20270302T120000Z", true),
        ("CREATED:20270303T000000Z", false),
        ("SUMMARY:some day", true),
        ("DTSTART:20270201T120000Z\nDUE:20270201T130000Z\nRRULE:FREQ=DAILY", true),
        ("DTSTART:20270201T120000Z\nDUE:20270201T130000Z\nRRULE:FREQ=DAILY;COUNT=3", false),
    ] {
        assert_eq!(within("VTODO", &todo(lines), from, to), expected, "{lines}");
    }
}

#[test]
fn journals_and_busy_times_follow_their_tables() {
    let (from, to) = ("20270302T000000Z", "20270303T000000Z");
    let journal = |lines: &str| calendar(&format!("BEGIN:VJOURNAL\nUID:a\n{lines}\nEND:VJOURNAL"));
    assert!(within("VJOURNAL", &journal("DTSTART:20270302T000000Z"), from, to));
    assert!(within("VJOURNAL", &journal("DTSTART;VALUE=DATE:20270302"), from, to));
    assert!(!within("VJOURNAL", &journal("DTSTART;VALUE=DATE:20270304"), from, to));
    assert!(!within("VJOURNAL", &journal("SUMMARY:undated"), from, to));
    let busy = |lines: &str| calendar(&format!("BEGIN:VFREEBUSY\nUID:a\n{lines}\nEND:VFREEBUSY"));
    assert!(within("VFREEBUSY", &busy("DTSTART:20270301T000000Z\nDTEND:20270304T000000Z"), from, to));
    assert!(within("VFREEBUSY", &busy("FREEBUSY:20270302T120000Z/PT1H"), from, to));
    assert!(!within("VFREEBUSY", &busy("FREEBUSY:20270303T120000Z/PT1H"), from, to));
    assert!(!within("VFREEBUSY", &busy("SUMMARY:x"), from, to));
}

#[test]
fn alarms_ring_at_their_trigger_and_its_repetitions() {
    let alarm =
        |trigger: &str| timed(&format!("RRULE:FREQ=DAILY;COUNT=3\nBEGIN:VALARM\n{trigger}\nEND:VALARM"));
    let rings = |trigger: &str, minute: &str| {
        let start = at(minute);
        let time_range = TimeRange::new(Some(start), Some(start.plus(60)));
        let comps = vec![CompFilter {
            name: "VALARM".to_owned(),
            condition: Condition::Defined(CompCondition { time_range, ..CompCondition::default() }),
        }];
        matches(&filter("VEVENT", CompCondition { comps, ..CompCondition::default() }), &alarm(trigger))
    };
    assert!(rings("TRIGGER:-PT15M", "20270302T084500Z"));
    assert!(!rings("TRIGGER:-PT15M", "20270302T084600Z"));
    assert!(!rings("TRIGGER:-PT15M", "20270304T084500Z"), "after the last instance");
    assert!(rings("TRIGGER;RELATED=END:PT5M", "20270301T100500Z"));
    assert!(rings("TRIGGER;VALUE=DATE-TIME:20261224T180000Z", "20261224T180000Z"));
    assert!(rings("TRIGGER:-PT15M\nREPEAT:2\nDURATION:PT5M", "20270301T085500Z"));
    assert!(!rings("TRIGGER:-PT15M\nREPEAT:2\nDURATION:PT5M", "20270301T090000Z"));
    assert!(!rings("ACTION:DISPLAY", "20270301T090000Z"));
}

#[test]
fn an_object_that_is_too_dear_to_expand_counts_as_matching() {
    let budget = Budget { steps: 1, ..Budget::default() };
    let time_range = Some(range("20470301T000000Z", "20470302T000000Z"));
    let filter = filter("VEVENT", CompCondition { time_range, ..CompCondition::default() });
    assert!(filter.matches(&object(&series()), &berlin(), &budget));
    assert!(within("VEVENT", &timed("RRULE:FREQ=SECONDLY"), "20270401T000000Z", ""), "L-40");
}

#[test]
fn a_filter_tells_its_kind_its_range_and_its_size() {
    let time_range = Some(range("20270301T000000Z", ""));
    let text = Some(text_match("x", false));
    let params = vec![ParamFilter { name: "A".to_owned(), condition: Condition::Defined(text.clone()) }];
    let condition = Condition::Defined(PropCondition { text, params, time_range: None });
    let props = vec![PropFilter { name: "X".to_owned(), condition }];
    let filter = filter("VEVENT", CompCondition { time_range, props, comps: Vec::new() });
    assert_eq!(
        (filter.component(), filter.time_range(), filter.test_count()),
        (Some("VEVENT"), time_range, 4),
        "L-29"
    );
    assert_eq!((Filter::everything().component(), Filter::everything().time_range()), (None, None));
    assert_eq!(TimeRange::new(None, None), None, "B-41");
    assert_eq!(TimeRange::new(Some(at("20270301T000000Z")), Some(at("20270301T000000Z"))), None, "B-41");
}

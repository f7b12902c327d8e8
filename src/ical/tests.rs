//! The layer as a whole: hostile text goes through every door and opens none.

use bytes::Bytes;
use proptest::prelude::*;

use super::alarms::{alarms_of, only_alarms_differ, with_alarms, without_alarms};
use super::edit::{self, RoomAnswer, Which};
use super::filter::{CompCondition, CompFilter, Condition, Filter, TimeRange};
use super::free_busy::{Transparency, busy};
use super::select::{Recurrence, Select};
use super::testing::{at, berlin, calendar, period};
use super::{CalendarObject, Limits, content_hash, mask};
use crate::domain::attendee::{Address, PartStat};
use crate::domain::id::Uid;
use crate::domain::recurrence::Budget;

/// A text with something of everything, to be damaged.
fn full() -> String {
    calendar(
        "BEGIN:VTIMEZONE\nTZID:Custom\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
         RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:u\nDTSTAMP:20270101T000000Z\nDTSTART;TZID=Custom:20270301T090000\nDURATION:P1DT1H\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=2\nEXDATE;TZID=Custom:20270315T090000\nRDATE;VALUE=PERIOD:20270305T090000Z/PT1H\n\
         SUMMARY:Team\\, klein\nATTENDEE;CN=\"a;b\";RSVP=TRUE:mailto:aula@example.org\n\
         BEGIN:VALARM\nTRIGGER;RELATED=END:-PT5M\nREPEAT:3\nDURATION:PT1M\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270330T080000Z\nDTSTART;VALUE=DATE:20270331\nEND:VEVENT",
    )
}

/// Everything that is done to an object; all texts made from it.
fn through_every_door(object: &CalendarObject) -> Vec<Bytes> {
    let (zone, budget) = (berlin(), Budget::default());
    let window = period("20270301T000000Z", "20270501T000000Z");
    let room = [Address::new("aula@example.org")];
    let answer = |which| RoomAnswer { which, partstat: PartStat::Declined, schedule_status: Some("2.0") };
    let instance = Which::Instance(at("20270302T080000Z"));
    let range = |name: &str, comps| CompFilter {
        name: name.to_owned(),
        condition: Condition::Defined(CompCondition {
            time_range: TimeRange::new(Some(window.start), Some(window.end)),
            comps,
            ..CompCondition::default()
        }),
    };
    let comps = vec![range("VEVENT", vec![range("VALARM", Vec::new())])];
    let condition = Condition::Defined(CompCondition { comps, ..CompCondition::default() });
    let filter = Filter(CompFilter { name: "VCALENDAR".to_owned(), condition });
    let _ = (filter.matches(object, &zone, &budget), object.zone_disagreements(), content_hash(object));
    let _ = busy(object, &zone, window, &budget, Transparency::Obeyed);
    assert!(only_alarms_differ(object, object));
    let mut made = vec![
        edit::answer_room(object, &room, &[answer(Which::Every), answer(instance)], &zone),
        edit::fill_location(object, "Aula", &[]),
        edit::declined_copy(object, &room, "DECLINED: ", "no"),
        edit::strip_client_schedule_status(object),
        without_alarms(object),
    ];
    made.extend(alarms_of(object).map(|alarms| with_alarms(object, &alarms)));
    made.extend(edit::exclude(object, at("20270302T080000Z"), &zone));
    made.extend(mask(object, &Uid::new("m"), "Busy"));
    for recurrence in [Recurrence::Expand(window), Recurrence::Limit(window)] {
        let _ = Select { recurrence, ..Select::default() }.apply(object, &zone, &budget);
    }
    made
}

/// A place in some property's line: the frame of components is `scan`'s to test.
fn damageable(bytes: &[u8], place: prop::sample::Index) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let mut at = 0;
    let mut places = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.starts_with("BEGIN") && !line.starts_with("END") {
            places.extend(at..at + line.len() - 2);
        }
        at += line.len();
    }
    places[place.index(places.len())]
}

#[test]
fn what_is_made_from_an_object_is_an_object() {
    let object = CalendarObject::parse(full().into(), &Limits::default()).unwrap();
    for made in through_every_door(&object) {
        let read = CalendarObject::parse(made.clone(), &Limits::default());
        assert!(read.is_ok(), "{:?}: {}", read.err(), String::from_utf8_lossy(&made));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn damaged_text_is_refused_or_stays_sound(
        places in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..4, "[0-9]|[ -~]"), 1..3),
    ) {
        let mut bytes = full().into_bytes();
        for (place, cut, new) in places {
            let from = damageable(&bytes, place);
            let to = bytes[from..].iter().take(cut).take_while(|byte| **byte != b'\r').count() + from;
            bytes.splice(from..to, new.bytes());
        }
        let Ok(object) = CalendarObject::parse(bytes.clone().into(), &Limits::default()) else { return Ok(()) };
        prop_assert_eq!(object.bytes(), &bytes);
        for made in through_every_door(&object) {
            let read = CalendarObject::parse(made.clone(), &Limits::none());
            prop_assert!(read.is_ok(), "{:?}: {}", read.err(), String::from_utf8_lossy(&made));
        }
    }
}

//! Overrides: moved, extra, cancelled, alone, and RANGE=THISANDFUTURE. R17, R20, R28, R61.

use super::{always, expand, expand_all, instead_of, part, starts, window};
use crate::domain::event::Event;
use crate::domain::id::Uid;
use crate::domain::recurrence::{PartRef, RecurrenceId};
use crate::domain::time::Length;

/// Mondays at ten, 1 to 22 March 2027.
fn mondays() -> Event {
    part("2027-03-01T10:00@Europe/Berlin").rule("FREQ=WEEKLY;COUNT=4").event()
}

#[test]
fn an_override_replaces_its_instance_and_keeps_its_key() {
    let event = mondays().with(instead_of("2027-03-08T09:00Z", "2027-03-09T14:00@Europe/Berlin"));
    let found = expand(&event, always());
    assert_eq!(
        starts(&found),
        ["2027-03-01T10:00", "2027-03-09T14:00", "2027-03-15T10:00", "2027-03-22T10:00"]
    );
    let original = window("2027-03-08T10:00", "2027-03-08T10:00").start;
    assert_eq!((found[1].id, found[1].part), (RecurrenceId::at(original), PartRef::Override(0)));
}

#[test]
fn an_instance_moved_out_of_the_window_is_gone_and_one_moved_in_is_found() {
    let event =
        mondays().with(instead_of("2027-03-08T10:00@Europe/Berlin", "2031-05-01T14:00@Europe/Berlin"));
    assert_eq!(expand(&event, window("2027-03-08", "2027-03-09")), []);
    assert_eq!(starts(&expand(&event, window("2031-01-01", "2032-01-01"))), ["2031-05-01T14:00"]);
}

/// R17: a floating or date RECURRENCE-ID names the instance in the master's zone.
#[test]
fn a_recurrence_id_names_its_instance_in_whatever_form() {
    for id in ["2027-03-08T10:00", "2027-03-08", "2027-03-08T09:00Z", "2027-03-08T04:00@America/New_York"] {
        let event = mondays().with(instead_of(id, "2027-03-09T14:00@Europe/Berlin"));
        assert_eq!(expand(&event, always()).len(), 4, "{id}");
    }
    for id in ["2027-03-08", "2027-03-08T00:00Z", "2027-03-08T00:00"] {
        let event = part("2027-03-01").rule("FREQ=WEEKLY;COUNT=2").event().with(instead_of(id, "2027-03-10"));
        assert_eq!(starts(&expand(&event, always())), ["2027-03-01T00:00", "2027-03-10T00:00"], "{id}");
    }
}

/// R20, B-14.
#[test]
fn an_override_outside_the_set_is_an_extra_instance() {
    let event =
        mondays().with(instead_of("2027-03-10T10:00@Europe/Berlin", "2027-03-10T12:00@Europe/Berlin"));
    assert_eq!(expand(&event, always()).len(), 5);
}

/// R20, B-14.
#[test]
fn overrides_without_a_master_stand_alone() {
    let event = Event { uid: Uid::new("u"), master: None, overrides: Vec::new() }
        .with(instead_of("2027-03-08T10:00@Europe/Berlin", "2027-03-08T11:00@Europe/Berlin"))
        .with(instead_of("2027-03-01T10:00@Europe/Berlin", "2027-03-01T10:00@Europe/Berlin"));
    let found = expand(&event, always());
    assert_eq!(starts(&found), ["2027-03-01T10:00", "2027-03-08T11:00"]);
    assert_eq!(found[0].part, PartRef::Override(1));
    assert_eq!(found[0].id, RecurrenceId::at(found[0].period.start));
}

/// R28.
#[test]
fn a_cancelled_occurrence_asks_for_nothing_but_can_be_found() {
    let id = "2027-03-08T10:00@Europe/Berlin";
    let event = mondays().with(instead_of(id, id).cancelled());
    assert_eq!((expand(&event, always()).len(), expand_all(&event, always()).len()), (3, 4));
    let event = part(id).rule("FREQ=WEEKLY;COUNT=2").cancelled().event().with(instead_of(id, id));
    assert_eq!((expand(&event, always()).len(), expand_all(&event, always()).len()), (1, 2));
}

#[test]
fn of_two_overrides_for_one_instance_the_later_counts() {
    let event = mondays()
        .with(instead_of("2027-03-08T10:00@Europe/Berlin", "2027-03-09T10:00@Europe/Berlin"))
        .with(instead_of("2027-03-08T09:00Z", "2027-03-10T10:00@Europe/Berlin"));
    let found = expand(&event, always());
    assert_eq!((found.len(), starts(&found)[1].as_str()), (4, "2027-03-10T10:00"));
}

#[test]
fn an_override_of_a_single_event_replaces_it() {
    let event = part("2027-03-08T10:00@Europe/Berlin")
        .event()
        .with(instead_of("2027-03-08T09:00Z", "2027-03-08T15:00@Europe/Berlin"));
    assert_eq!(starts(&expand(&event, always())), ["2027-03-08T15:00"]);
}

#[test]
fn an_excluded_instance_with_an_override_is_an_extra_one() {
    let mut event = mondays().with(instead_of("2027-03-08T09:00Z", "2027-03-09T10:00@Europe/Berlin"));
    if let Some(master) = &mut event.master {
        master.exceptions.push(super::time("2027-03-08T09:00Z"));
    }
    assert_eq!(expand(&event, always()).len(), 4);
}

/// R61; RFC 5545, section 3.2.13.
#[test]
fn this_and_future_moves_what_follows_by_the_same_wall_clock() {
    let range = instead_of("2027-03-15T10:00@Europe/Berlin", "2027-03-16T11:30@Europe/Berlin");
    let event = part("2027-03-01T10:00@Europe/Berlin")
        .rule("FREQ=WEEKLY;COUNT=5")
        .event()
        .with(range.length(Length::Exact(1_800)).and_future());
    let found = expand(&event, always());
    // The clocks change on 28 March.
    assert_eq!(
        starts(&found),
        ["2027-03-01T10:00", "2027-03-08T10:00", "2027-03-16T11:30", "2027-03-23T11:30", "2027-03-30T11:30"]
    );
    let lengths: Vec<i64> = found.iter().map(|found| found.period.secs()).collect();
    assert_eq!(lengths, [3_600, 3_600, 1_800, 1_800, 1_800]);
    assert_eq!(found[4].part, PartRef::Override(0));
    assert_eq!(found[4].id, RecurrenceId::at(window("2027-03-29T10:00", "2027-03-30").start));
    // Found from the window it moved into, not from the one it left.
    assert_eq!(expand(&event, window("2027-03-30", "2027-03-31")).len(), 1);
    assert_eq!(expand(&event, window("2027-03-29", "2027-03-30")).len(), 0);
}

/// R61: the next range takes over, and a plain override stands against the range.
#[test]
fn a_range_ends_where_another_begins_and_yields_to_a_plain_override() {
    let event = part("2027-03-01T10:00@Europe/Berlin")
        .rule("FREQ=WEEKLY;COUNT=4")
        .event()
        .with(instead_of("2027-03-08T10:00@Europe/Berlin", "2027-03-08T12:00@Europe/Berlin").and_future())
        .with(instead_of("2027-03-15T10:00@Europe/Berlin", "2027-03-15T18:00@Europe/Berlin"))
        .with(instead_of("2027-03-22T10:00@Europe/Berlin", "2027-03-22T08:00@Europe/Berlin").and_future());
    let hours: Vec<String> =
        starts(&expand(&event, always())).iter().map(|start| start[8..].to_owned()).collect();
    assert_eq!(hours, ["01T10:00", "08T12:00", "15T18:00", "22T08:00"]);
}

/// R28, R61.
#[test]
fn a_cancelled_range_cancels_what_follows() {
    let id = "2027-03-15T10:00@Europe/Berlin";
    let event = mondays().with(instead_of(id, id).and_future().cancelled());
    assert_eq!((expand(&event, always()).len(), expand_all(&event, always()).len()), (2, 4));
}

#[test]
fn a_range_may_change_to_another_zone_or_to_whole_days() {
    let event = mondays()
        .with(instead_of("2027-03-15T10:00@Europe/Berlin", "2027-03-15T10:00@Europe/London").and_future());
    assert_eq!(starts(&expand(&event, always()))[2..], ["2027-03-15T11:00", "2027-03-22T11:00"]);
    let event = mondays().with(instead_of("2027-03-15T10:00@Europe/Berlin", "2027-03-15").and_future());
    let found = expand(&event, always());
    assert_eq!(starts(&found)[2..], ["2027-03-15T00:00", "2027-03-22T00:00"]);
    assert!(found[3].all_day);
}

/// R15: the original start may lie in the hour that is not there.
#[test]
fn a_range_that_begins_in_a_gap_moves_what_follows_by_the_wall_clock() {
    let event = part("2027-03-27T02:30@Europe/Berlin")
        .rule("FREQ=DAILY;COUNT=4")
        .event()
        .with(instead_of("2027-03-28T02:30@Europe/Berlin", "2027-03-28T10:00@Europe/Berlin").and_future());
    let found = starts(&expand(&event, always()));
    assert_eq!(found, ["2027-03-27T02:30", "2027-03-28T10:00", "2027-03-29T10:00", "2027-03-30T10:00"]);
}

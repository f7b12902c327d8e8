//! Deadlines, old slots, and what a decision makes of the dates.

use super::*;
use crate::domain::id::SpaceId;
use crate::domain::time::Zone;
use OccurrenceState::{Cancelled, Confirmed, Declined, Grace, Held, Released};

const HOUR: i64 = 3600;

fn hour(at: i64) -> Instant {
    Instant::from_secs(1_000_000_000 + at * HOUR)
}

fn period(from: i64, to: i64) -> Period {
    Period { start: hour(from), end: hour(to) }
}

fn room() -> RoomRules {
    let spaces = vec![(SpaceId::new(1), 1)];
    RoomRules { active: true, settings: Settings::default(), zone: Zone::utc(), spaces }
}

fn facts(state: OccurrenceState, from: i64, to: i64) -> OccurrenceFacts {
    let period = period(from, to);
    let expires_at = (state == Held).then(|| hour(5));
    OccurrenceFacts {
        id: RecurrenceId::SINGLE,
        period,
        all_day: false,
        tentative: false,
        state,
        reason: None,
        claimed_at: hour(0),
        expires_at,
        claim: state.claims().then_some((period, 1)),
    }
}

/// What becomes of these, `now` hours after the start, where the same is decided about all.
fn settled(all: &[OccurrenceFacts], channel: Channel, ruling: Ruling, now: i64) -> Settlement {
    let room = room();
    let terms = Terms { room: &room, channel, units: 1, restores: true, now: hour(now) };
    settle(all, &terms, |_| Some(ruling), &Neighbours::default())
}

fn states(settlement: &Settlement) -> Vec<(OccurrenceState, Period)> {
    settlement.occurrences.iter().map(|facts| (facts.state, facts.period)).collect()
}

// R71
#[test]
fn a_request_ends_at_the_earlier_of_two_instants_and_its_managers_are_reminded_at_half_time() {
    let settings = Settings::default();
    assert_eq!(deadline(&settings, hour(200), hour(0)), Some(hour(72)));
    assert_eq!(deadline(&settings, hour(10), hour(0)), Some(hour(9)));
    assert_eq!(deadline(&settings, hour(1), hour(0)), None);
    assert_eq!(half_time(hour(0), hour(72)), hour(36));
}

// R75
#[test]
fn only_where_the_room_says_so_a_tentative_event_ends() {
    let mut settings = Settings::default();
    assert_eq!(tentative_until(&settings, true, hour(10), hour(0)), None);
    settings.tentative_events = TentativeEvents::Hold;
    assert_eq!(tentative_until(&settings, true, hour(10), hour(0)), Some(hour(9)));
    assert_eq!(tentative_until(&settings, false, hour(10), hour(0)), None);
    // Too near for the deadline: up to its start.
    assert_eq!(tentative_until(&settings, true, hour(1), hour(0)), Some(hour(1)));
}

// R74
#[test]
fn an_old_slot_gives_way_and_is_whole_again() {
    let claim = |from, to| (period(from, to), 1);
    assert_eq!(beside(claim(9, 11), Some(claim(10, 12))), Some(claim(9, 10)));
    assert_eq!(beside(claim(9, 11), Some(claim(8, 10))), Some(claim(10, 11)));
    assert_eq!(beside(claim(9, 11), Some(claim(8, 12))), None);
    assert_eq!(beside(claim(9, 11), Some(claim(11, 12))), Some(claim(9, 11)));
    for (held, left) in [((10, 12), Some((9, 10))), ((8, 12), None), ((14, 15), Some((9, 11)))] {
        let mut grace = facts(Grace, 9, 11);
        grace.claim = left.map(|(from, to)| claim(from, to));
        let held = facts(Held, held.0, held.1);
        assert_eq!(whole_claim(&grace, Some(&held), &room()), Some(claim(9, 11)), "{held:?}");
    }
    // Longer buffers reach over nobody.
    let mut longer = room();
    longer.settings.teardown = HOUR;
    let apart = facts(Held, 14, 15);
    assert_eq!(whole_claim(&facts(Grace, 9, 11), Some(&apart), &longer), Some(claim(9, 11)));
}

// R73
#[test]
fn a_manager_gives_takes_back_and_gives_again() {
    let held = [facts(Held, 9, 10)];
    let given = settled(&held, Channel::Invite, Ruling::Approve, 0);
    assert_eq!(states(&given), [(Confirmed, period(9, 10))]);
    assert_eq!(given.occurrences[0].expires_at, None);
    let back = settled(&given.occurrences, Channel::Invite, Ruling::Decline, 0);
    assert_eq!(states(&back), [(Cancelled, period(9, 10))]);
    assert!(!back.leaves_any() && back.occurrences[0].claim.is_none());
    let again = settled(&back.occurrences, Channel::Invite, Ruling::Approve, 0);
    assert_eq!(states(&again), [(Confirmed, period(9, 10))]);
    assert_eq!(again.occurrences[0].claim, held[0].claim);
    let mut begun = given.occurrences.clone();
    begun[0].period.start = hour(8);
    let cut = settled(&begun, Channel::Invite, Ruling::Decline, 9);
    assert_eq!(states(&cut), [(Released, period(8, 9))]);
}

// R58, R74
#[test]
fn the_old_slot_comes_back_in_the_way_of_its_channel() {
    let moved = [facts(Grace, 9, 11), facts(Held, 14, 15)];
    let direct = settled(&moved, Channel::Direct, Ruling::Decline, 0);
    assert_eq!(states(&direct), [(Confirmed, period(9, 11))]);
    assert!(direct.settled[0].is_restored());
    let invited = settled(&moved, Channel::Invite, Ruling::Decline, 0);
    assert_eq!(states(&invited), [(Grace, period(9, 11)), (Declined, period(14, 15))]);
    assert_eq!(invited.occurrences[0].expires_at, Some(hour(0).plus(600)));
    let given = settled(&moved, Channel::Invite, Ruling::Approve, 0);
    assert_eq!(states(&given), [(Confirmed, period(14, 15))]);
}

// R71, R72
#[test]
fn what_is_not_due_stays_and_only_a_queue_is_overtaken() {
    let held = [facts(Held, 9, 10)];
    assert!(settled(&held, Channel::Invite, Ruling::Expire, 4).settled.is_empty());
    let ended = settled(&held, Channel::Invite, Ruling::Expire, 5);
    assert_eq!(ended.occurrences[0].reason, Some(Reason::NotApproved));
    assert!(settled(&held, Channel::Invite, Ruling::Overtake, 0).settled.is_empty());
    let queued = [OccurrenceFacts { claim: None, ..facts(Held, 9, 10) }];
    let overtaken = settled(&queued, Channel::Invite, Ruling::Overtake, 0);
    assert_eq!(overtaken.occurrences[0].reason, Some(Reason::Busy));
}

#[test]
fn what_waits_is_told_apart_by_its_dates() {
    let date =
        |state, at: i64| OccurrenceFacts { id: RecurrenceId::at(hour(at)), ..facts(state, at, at + 1) };
    assert_eq!(Waiting::among(&[date(Confirmed, 1)]), Waiting::Nothing);
    assert_eq!(Waiting::among(&[date(Held, 1), date(Declined, 2)]), Waiting::All);
    let some = Waiting::among(&[date(Held, 1), date(Confirmed, 2)]);
    let other = Waiting::among(&[date(Confirmed, 1), date(Held, 2)]);
    assert_eq!(some, Waiting::Some(vec![RecurrenceId::at(hour(1))]));
    let marks = [Waiting::Nothing.mark(), Waiting::All.mark(), some.mark(), other.mark()];
    assert!(marks.iter().enumerate().all(|(at, mark)| !marks[..at].contains(mark)), "{marks:?}");
}

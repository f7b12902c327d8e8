//! Tables of edits and what becomes of them.

use super::*;
use crate::domain::claim::Claim;
use crate::domain::id::{OccurrenceId, ReservationId, SpaceId, UserId};
use crate::domain::recurrence::{PartRef, RecurrenceId};
use crate::domain::settings::Settings;
use crate::domain::time::Zone;
use OccurrenceState::{Confirmed, Declined, Grace, Held};

const NOW: i64 = 1_000_000_000;
const HOUR: i64 = 3600;

fn room() -> RoomRules {
    RoomRules {
        active: true,
        settings: Settings::default(),
        zone: Zone::utc(),
        spaces: vec![(SpaceId::new(1), 1)],
    }
}

fn request(room: &RoomRules, channel: Channel) -> Request<'_> {
    Request {
        room,
        channel,
        asker: Asker { may_book: true, ..Asker::default() },
        recurs: true,
        exists: false,
        units: 1,
        deliberate: false,
        skips: false,
        goes_on: false,
        history: false,
        now: Instant::from_secs(NOW),
    }
}

/// One hour long, `hour` hours from now; `id` names its place in the series.
fn at(id: i64, hour: i64) -> (Occurrence, bool) {
    let start = Instant::from_secs(NOW + hour * HOUR);
    let period = Period::new(start, start.plus(HOUR)).expect("in order");
    let id = RecurrenceId::at(Instant::from_secs(id));
    (Occurrence { id, period, all_day: false, part: PartRef::Master }, false)
}

fn taken(hour: i64) -> Neighbours {
    let (occurrence, _) = at(0, hour);
    let claim = Claim {
        space: SpaceId::new(1),
        occupied: occurrence.period,
        units: 1,
        occurrence: OccurrenceId::new(7),
        reservation: ReservationId::new(7),
        holder: UserId::new(7),
    };
    Neighbours { claims: vec![claim], ..Neighbours::default() }
}

fn decide(
    request: &Request<'_>,
    old: &[OccurrenceFacts],
    new: &[(Occurrence, bool)],
    around: &Neighbours,
) -> Decision {
    Comparison::between(request, old, new).decide(request, around)
}

fn states(decision: &Decision) -> Vec<(i64, OccurrenceState)> {
    let key = |facts: &OccurrenceFacts| facts.id.instant().map_or(-1, Instant::secs);
    let mut states: Vec<_> = decision.occurrences.iter().map(|facts| (key(facts), facts.state)).collect();
    states.sort_by_key(|(key, state)| (*key, state.as_str()));
    states
}

#[test]
fn a_direct_series_is_all_or_nothing_and_names_every_date() {
    let room = room();
    let request = request(&room, Channel::Direct);
    let mut around = taken(2);
    around.claims.extend(taken(4).claims);
    let decision = decide(&request, &[], &[at(1, 1), at(2, 2), at(3, 3), at(4, 4)], &around);
    assert!(decision.refused);
    let failed: Vec<_> = decision.failures.iter().map(|failure| failure.reason).collect();
    assert_eq!(failed, [Reason::Busy, Reason::Busy]);
}

#[test]
fn with_skip_the_taken_dates_are_left_out() {
    let mut room = room();
    room.settings.direct_series = DirectSeries::Skip;
    let request = request(&room, Channel::Direct);
    let decision = decide(&request, &[], &[at(1, 1), at(2, 2)], &taken(2));
    assert!(!decision.refused);
    assert_eq!(states(&decision), [(1, Confirmed), (2, Declined)]);
    assert_eq!(decision.denied().count(), 1);
    let none = decide(&request, &[], &[at(2, 2)], &taken(2));
    assert!(none.refused, "nothing would be left");
}

#[test]
fn an_unchanged_occurrence_is_never_judged_again() {
    let room = room();
    let mut request = request(&room, Channel::Direct);
    let first = decide(&request, &[], &[at(1, 1), at(2, 2)], &Neighbours::default());
    request.exists = true;
    request.asker.may_book = false;
    let again = decide(&request, &first.occurrences, &[at(1, 1), at(2, 2)], &taken(2));
    assert!(!again.touched && !again.refused && again.failures.is_empty());
    assert_eq!(again.occurrences, first.occurrences);
}

#[test]
fn a_refused_move_by_invitation_declines_that_date_and_keeps_the_old_slot_for_a_while() {
    let room = room();
    let mut request = request(&room, Channel::Invite);
    let first = decide(&request, &[], &[at(1, 1), at(2, 2)], &Neighbours::default());
    request.exists = true;
    let moved = decide(&request, &first.occurrences, &[at(1, 1), at(2, 5)], &taken(5));
    assert_eq!(states(&moved), [(1, Confirmed), (2, Declined), (2, Grace)]);
    let back = decide(&request, &moved.occurrences, &[at(1, 1), at(2, 2)], &taken(5));
    assert_eq!(states(&back), [(1, Confirmed), (2, Confirmed)]);
    assert!(back.failures.is_empty());
}

fn dates(count: i64) -> Vec<(Occurrence, bool)> {
    (1..=count).map(|hour| at(hour, 2 * hour)).collect()
}

fn all_taken(count: i64) -> Neighbours {
    let claims = (1..=count).flat_map(|hour| taken(2 * hour).claims).collect();
    Neighbours { claims, ..Neighbours::default() }
}

// R50
#[test]
fn a_new_series_by_invitation_is_taken_without_a_few_dates_and_not_without_many() {
    let mut room = room();
    let declined = |room: &RoomRules, of: i64, taken: i64| {
        let decision = decide(&request(room, Channel::Invite), &[], &dates(of), &all_taken(taken));
        assert_eq!(decision.failures.len(), usize::try_from(taken).unwrap());
        decision.denied().count()
    };
    assert_eq!((declined(&room, 10, 2), declined(&room, 10, 5)), (2, 5));
    // More than half; more than eight, though that is less than half; everything.
    assert_eq!((declined(&room, 10, 6), declined(&room, 20, 9), declined(&room, 1, 1)), (10, 20, 1));
    room.settings.max_conflict_percent = 100;
    assert_eq!((declined(&room, 5, 4), declined(&room, 5, 5)), (4, 5));
    room.settings.max_conflicts = 0;
    assert_eq!(declined(&room, 10, 1), 10);
    room.settings.max_conflicts = 8;
    room.settings.max_conflict_percent = 0;
    assert_eq!(declined(&room, 10, 1), 10);
}

// R33, R50: what is wrong with the series is nothing of a date
#[test]
fn a_series_that_is_wrong_as_such_is_declined_whole() {
    let room = room();
    let (mut long, _) = at(1, 1);
    long.period.end = long.period.end.plus(HOUR);
    let mut new = dates(10);
    new.truncate(8);
    let asked = [vec![(long, false), at(100, 2)], new.split_off(1)].concat();
    let decision = decide(&request(&room, Channel::Invite), &[], &asked, &Neighbours::default());
    assert!(decision.occurrences.iter().all(|facts| facts.state == Declined));
}

// R55
#[test]
fn an_update_is_decided_date_by_date() {
    let room = room();
    let mut request = request(&room, Channel::Invite);
    let first = decide(&request, &[], &dates(3), &Neighbours::default());
    request.exists = true;
    let later: Vec<_> = (1..=3).map(|hour| at(hour, 20 + 2 * hour)).collect();
    let around = Neighbours {
        claims: [22, 24].into_iter().flat_map(|hour| taken(hour).claims).collect(),
        ..Neighbours::default()
    };
    let moved = decide(&request, &first.occurrences, &later, &around);
    assert_eq!((moved.denied().count(), moved.failures.len()), (2, 2));
}

// R43, R44, R76
#[test]
fn what_is_counted_and_what_other_rooms_gave_up_fails_by_date() {
    let room = room();
    let mut request = request(&room, Channel::Direct);
    let around = Neighbours {
        counted: vec![(at(1, 0).0.id, Reason::Seats, Some(4))],
        given_up: vec![at(2, 0).0.id],
        ..taken(1)
    };
    let failed = |request: &Request<'_>| -> Vec<Reason> {
        let decision = decide(request, &[], &[at(1, 1), at(2, 5), at(3, 9)], &around);
        decision.failures.iter().map(|failure| failure.reason).collect()
    };
    assert_eq!(failed(&request), [Reason::Seats, Reason::MultiRoom]);
    // A manager's own request is in policy (R40).
    request.asker.manager = true;
    assert_eq!(failed(&request), [Reason::Busy, Reason::MultiRoom]);
}

#[test]
fn a_new_series_by_invitation_is_declined_whole_where_nothing_may_fail() {
    let mut room = room();
    room.settings.max_conflicts = 0;
    let request = request(&room, Channel::Invite);
    let decision = decide(&request, &[], &[at(1, 1), at(2, 2)], &taken(2));
    assert_eq!(states(&decision), [(1, Declined), (2, Declined)]);
    assert!(decision.occurrences.iter().all(|facts| facts.claim.is_none()) && !decision.refused);
}

#[test]
fn the_past_is_stored_and_never_judged() {
    let room = room();
    let mut request = request(&room, Channel::Direct);
    let decision = decide(&request, &[], &[at(1, -5), at(2, 2)], &taken(-5));
    assert_eq!(states(&decision), [(1, Confirmed), (2, Confirmed)]);
    assert!(!decision.refused);
    request.recurs = false;
    let single = decide(&request, &[], &[at(1, -5)], &Neighbours::default());
    assert_eq!(single.failures.first().map(|failure| failure.reason), Some(Reason::Past));
    request.history = true;
    let imported = decide(&request, &[], &[at(1, -5)], &Neighbours::default());
    assert!(imported.failures.is_empty() && imported.occurrences[0].claim.is_none());
}

#[test]
fn a_refused_date_is_asked_for_again_only_by_a_writer_who_saw_the_refusal() {
    let mut room = room();
    room.settings.direct_series = DirectSeries::Skip;
    let mut request = request(&room, Channel::Direct);
    let first = decide(&request, &[], &[at(1, 1), at(2, 2)], &taken(2));
    request.exists = true;
    let stale = decide(&request, &first.occurrences, &[at(1, 1), at(2, 2)], &Neighbours::default());
    assert_eq!(states(&stale), [(1, Confirmed), (2, Declined)]);
    request.deliberate = true;
    let meant = decide(&request, &first.occurrences, &[at(1, 1), at(2, 2)], &Neighbours::default());
    assert_eq!(states(&meant), [(1, Confirmed), (2, Confirmed)]);
}

#[test]
fn a_series_that_overlaps_itself_is_refused_naming_both_dates() {
    let room = room();
    let request = request(&room, Channel::Direct);
    let (mut long, _) = at(1, 1);
    long.period.end = long.period.end.plus(HOUR);
    let decision = decide(&request, &[], &[(long, false), at(2, 2), at(3, 9)], &Neighbours::default());
    let failed: Vec<_> = decision.failures.iter().map(|failure| (failure.id, failure.reason)).collect();
    assert_eq!(failed, [(long.id, Reason::SelfOverlap), (at(2, 2).0.id, Reason::SelfOverlap)]);
    assert!(decision.refused);
}

#[test]
fn a_series_shifted_by_its_own_step_does_not_meet_itself() {
    let room = room();
    let mut request = request(&room, Channel::Direct);
    let first = decide(&request, &[], &[at(1, 1), at(2, 2), at(3, 3)], &Neighbours::default());
    request.exists = true;
    let shifted =
        decide(&request, &first.occurrences, &[at(1, 2), at(2, 3), at(3, 4)], &Neighbours::default());
    assert!(shifted.failures.is_empty());
    assert_eq!(states(&shifted), [(1, Confirmed), (2, Confirmed), (3, Confirmed)]);
}

#[test]
fn what_is_not_asked_for_any_more_is_remembered_until_it_is_asked_for_elsewhere() {
    let room = room();
    let mut request = request(&room, Channel::Invite);
    let first = decide(&request, &[], &[at(1, 2)], &taken(2));
    assert_eq!(states(&first), [(1, Declined)]);
    let other = decide(&request, &first.occurrences, &[at(2, 3)], &Neighbours::default());
    assert_eq!((states(&other), other.denied().count()), (vec![(2, Confirmed)], 0));
    assert_eq!(other.remembered, first.occurrences);
    // Hours later, moved to where it is taken again.
    request.now = Instant::from_secs(NOW + 9 * HOUR);
    let moved = decide(&request, &first.occurrences, &[at(1, 20)], &taken(20));
    assert_eq!((states(&moved), moved.remembered.len()), (vec![(1, Declined)], 0));
}

#[test]
fn what_is_over_and_moved_within_the_past_claims_nothing() {
    let room = room();
    let mut request = request(&room, Channel::Invite);
    let first = decide(&request, &[], &[at(1, 2), at(2, 3)], &Neighbours::default());
    request.now = Instant::from_secs(NOW + 9 * HOUR);
    let later = decide(&request, &first.occurrences, &[at(1, 4), at(2, 3)], &Neighbours::default());
    let claims: Vec<_> = later.occurrences.iter().map(|facts| facts.claim.is_some()).collect();
    assert_eq!((states(&later), claims), (vec![(1, Confirmed), (2, Confirmed)], vec![false, true]));
}

fn hold_room() -> RoomRules {
    let mut room = room();
    room.settings.mode = crate::domain::settings::Mode::Approve;
    room
}

// R70, R71
#[test]
fn a_request_in_an_approval_room_is_held_until_its_deadline() {
    let room = hold_room();
    let request = request(&room, Channel::Direct);
    let decision = decide(&request, &[], &[at(1, 20), at(2, 200)], &Neighbours::default());
    assert_eq!(states(&decision), [(1, Held), (2, Held)]);
    let until: Vec<_> = decision.held.iter().filter_map(|facts| facts.expires_at).collect();
    let from_now = |hours: i64| Instant::from_secs(NOW + hours * HOUR);
    assert_eq!(until, [from_now(19), from_now(72)]);
    assert!(decision.held.iter().all(|facts| facts.claim.is_some()));
    // Nobody could decide in time.
    let late = decide(&request, &[], &[at(1, 1)], &Neighbours::default());
    assert_eq!(late.failures[0].reason, Reason::TooSoon);
}

// R74, R57
#[test]
fn the_old_slot_of_a_moved_booking_stays_beside_what_waits() {
    let mut room = room();
    let first = decide(&request(&room, Channel::Direct), &[], &[at(1, 10)], &Neighbours::default());
    room.settings.mode = crate::domain::settings::Mode::Approve;
    let mut request = request(&room, Channel::Direct);
    request.exists = true;
    let mut moved = at(1, 10);
    moved.0.period = Period { start: moved.0.period.start.plus(1800), end: moved.0.period.end.plus(1800) };
    let held = decide(&request, &first.occurrences, &[moved], &Neighbours::default());
    assert_eq!(states(&held), [(1, Grace), (1, Held)]);
    let claims: Vec<_> = held.occurrences.iter().filter_map(|facts| facts.claim).map(|(it, _)| it).collect();
    assert!(!claims[0].overlaps(&claims[1]), "{claims:?}");
    assert_eq!(claims.iter().map(Period::secs).sum::<i64>(), HOUR + 1800);
    // And back: as it was.
    let back = decide(&request, &held.occurrences, &[at(1, 10)], &Neighbours::default());
    assert_eq!(states(&back), [(1, Confirmed)]);
    assert_eq!(back.occurrences[0].claim, first.occurrences[0].claim);
    // Shortened: keeps its state.
    let mut shorter = at(1, 10);
    shorter.0.period.end = shorter.0.period.end.plus(-900);
    let kept = decide(&request, &first.occurrences, &[shorter], &Neighbours::default());
    assert_eq!(states(&kept), [(1, Confirmed)]);
}

// R40
#[test]
fn who_may_only_ask_waits_and_out_of_policy_is_asked_by_those_who_may() {
    let mut room = room();
    room.settings.max_duration = 1800;
    let asked = |room: &RoomRules, asker: Asker| {
        let request = Request { asker, ..request(room, Channel::Direct) };
        let decision = decide(&request, &[], &[at(1, 10)], &Neighbours::default());
        decision.failures.first().map_or(decision.occurrences[0].state.as_str(), |it| it.reason.code())
    };
    let nobody = Asker::default();
    let out = Asker { may_request_out: true, ..nobody };
    assert_eq!(asked(&room, out), "held");
    assert_eq!(asked(&room, Asker { may_request: true, ..nobody }), "too-long");
    assert_eq!(asked(&room, Asker { may_book: true, ..nobody }), "too-long");
    assert_eq!(asked(&room, Asker { manager: true, ..nobody }), "confirmed");
    room.settings.max_duration = 7200;
    assert_eq!(asked(&room, out), "not-allowed");
    assert_eq!(asked(&room, Asker { may_request: true, ..nobody }), "held");
    assert_eq!(asked(&room, Asker { may_book: true, ..nobody }), "confirmed");
    assert_eq!(asked(&room, nobody), "not-allowed");
}

// R65: the next dates of a series are part of the same request
#[test]
fn the_next_date_of_a_series_is_approved_or_ends_with_the_others() {
    let room = room();
    let first = decide(&request(&room, Channel::Direct), &[], &[at(1, 10)], &Neighbours::default());
    let room = hold_room();
    let mut request = request(&room, Channel::Direct);
    (request.exists, request.goes_on) = (true, true);
    let more = decide(&request, &first.occurrences, &[at(1, 10), at(2, 34)], &Neighbours::default());
    assert_eq!(states(&more), [(1, Confirmed), (2, Confirmed)]);
    request.goes_on = false;
    let more = decide(&request, &first.occurrences, &[at(1, 10), at(2, 34)], &Neighbours::default());
    assert_eq!(states(&more), [(1, Confirmed), (2, Held)]);
    let waits = decide(&request, &[], &[at(1, 10)], &Neighbours::default());
    (request.goes_on, request.now) = (true, request.now.plus(4 * HOUR));
    let more = decide(&request, &waits.occurrences, &[at(1, 10), at(2, 34)], &Neighbours::default());
    assert_eq!(states(&more), [(1, Held), (2, Held)]);
    assert_eq!(more.held[0].expires_at, waits.held[0].expires_at);
}

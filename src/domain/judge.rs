//! The procedure for one occurrence (booking rules, section 5): the steps in their order,
//! the first that fails gives the reason.
//!
//! Pure: the caller has loaded the room and its neighbours under the lock.

use super::approval;
use super::claim::{Claim, in_the_way};
use super::id::SpaceId;
use super::reason::{Conflict, Failure, Reason};
use super::recurrence::{Occurrence, RecurrenceId};
use super::settings::{HoursRule, Mode, Settings};
use super::time::{Instant, Period, Zone};

/// What one occurrence asks of one room.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// When.
    pub occurrence: &'a Occurrence,
    /// How many units of the room (R80).
    pub units: i64,
    /// Whether it belongs to a series.
    pub recurs: bool,
    /// Who asks.
    pub asker: Asker,
}

/// What the asker may do in this room.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker {
    /// In the room's `book` audience.
    pub may_book: bool,
    /// In the room's `request` audience: what is in policy waits for a manager.
    pub may_request: bool,
    /// In the room's `request_out` audience: what is out of policy waits for a manager.
    pub may_request_out: bool,
    /// A manager's own request is in policy (R40).
    pub manager: bool,
    /// Without an account here: refused as `external`.
    pub outside: bool,
}

impl Asker {
    /// Whether anything that this person asks can be given, by whomever.
    #[must_use]
    pub const fn may_ask(&self) -> bool {
        self.may_book || self.may_request || self.may_request_out || self.manager
    }
}

/// What becomes of one occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the room.
    Confirm,
    /// A manager decides (R70): until when, and which step of the policy it fails, if any (R40).
    Hold {
        /// When the request ends by itself (R71).
        until: Instant,
        /// Why it is out of policy; for the managers.
        beyond: Option<Failure>,
    },
    /// It is not given.
    Fail(Failure),
}

/// A room as judging sees it.
#[derive(Clone, Debug)]
pub struct RoomRules {
    /// Not removed.
    pub active: bool,
    /// Everything that can be set.
    pub settings: Settings,
    /// Where its days begin and end.
    pub zone: Zone,
    /// Its spaces with their units: one, or those of all parts (R78).
    pub spaces: Vec<(SpaceId, i64)>,
}

impl RoomRules {
    /// The event's range with the buffers of this room (R81).
    #[must_use]
    pub fn occupied(&self, period: &Period) -> Period {
        Period {
            start: period.start.plus(-self.settings.setup),
            end: period.end.plus(self.settings.teardown),
        }
    }

    /// The instant up to which this room can be booked: the end of the last day of the window (R63).
    #[must_use]
    pub fn horizon(&self, now: Instant) -> Instant {
        let today = self.zone.to_local(now).date();
        let last = today
            .checked_add(jiff::Span::new().days(self.settings.window_days + 1))
            .unwrap_or(jiff::civil::Date::MAX);
        self.zone.to_instant(last.to_datetime(jiff::civil::Time::midnight()))
    }
}

/// What is already there in the spaces of the room, for at least the ranges that are asked for.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// Claims, without those of the same UID (R41).
    pub claims: Vec<Claim>,
    /// Closed times (R91).
    pub blocks: Vec<(SpaceId, Period)>,
    /// Occurrences that are more than policy allows when they are counted: seats and quotas (R43, R44).
    pub counted: Vec<(RecurrenceId, Reason, Option<i64>)>,
    /// Occurrences that another room of the event did not give (R76).
    pub given_up: Vec<RecurrenceId>,
}

/// Judges one occurrence, by the steps of section 5.
#[must_use]
pub fn judge(asked: &Asked<'_>, room: &RoomRules, neighbours: &Neighbours, now: Instant) -> Verdict {
    let Asker { may_book, may_request, may_request_out, manager, outside } = asked.asker;
    let first = right(asked)
        .or_else(|| form(asked))
        .or_else(|| (!room.active || room.settings.mode == Mode::Off).then_some((Reason::ClosedRoom, None)));
    let beyond = if manager { None } else { policy(asked, room, now).or_else(|| counted(asked, neighbours)) };
    // R40: who may ask for what, in policy and out of it.
    let refused = first.or(match beyond {
        Some(_) if may_request_out => None,
        Some(found) => Some(found),
        None if may_book || may_request || manager => None,
        None => Some((if outside { Reason::External } else { Reason::NotAllowed }, None)),
    });
    if let Some((reason, bound)) = refused {
        return Verdict::Fail(fail(asked, reason, bound, None));
    }
    if let Some(failure) = space(asked, room, neighbours).or_else(|| elsewhere(asked, neighbours)) {
        return Verdict::Fail(failure);
    }
    let is_confirmed = manager || (beyond.is_none() && may_book && room.settings.mode == Mode::Auto);
    if is_confirmed {
        return Verdict::Confirm;
    }
    match approval::deadline(&room.settings, asked.occurrence.period.start, now) {
        Some(until) => {
            let beyond = beyond.map(|(reason, bound)| fail(asked, reason, bound, None));
            Verdict::Hold { until, beyond }
        }
        // R71: nobody could decide in time.
        None => Verdict::Fail(fail(asked, Reason::TooSoon, Some(room.settings.decide_before), None)),
    }
}

type Found = Option<(Reason, Option<i64>)>;

fn fail(asked: &Asked<'_>, reason: Reason, bound: Option<i64>, conflict: Option<Conflict>) -> Failure {
    let Occurrence { id, period, all_day, .. } = asked.occurrence;
    Failure { reason, id: *id, period: *period, all_day: *all_day, conflict, bound }
}

/// Step 1: may this person ask this room at all?
fn right(asked: &Asked<'_>) -> Found {
    let reason = if asked.asker.outside { Reason::External } else { Reason::NotAllowed };
    (!asked.asker.may_ask()).then_some((reason, None))
}

/// Step 2: R18; series are checked as a whole before (R19, R33).
fn form(asked: &Asked<'_>) -> Found {
    (asked.occurrence.period.secs() <= 0).then_some((Reason::Invalid, None))
}

/// Step 4, in the order of the rules.
fn policy(asked: &Asked<'_>, room: &RoomRules, now: Instant) -> Found {
    let Settings { recurrence, min_duration, max_duration, lead_min, grid, .. } = &room.settings;
    let period = &asked.occurrence.period;
    let length = length(asked.occurrence, &room.zone);
    let horizon = room.horizon(now);
    if asked.recurs && !recurrence {
        return Some((Reason::NoRecurrence, None));
    }
    if length < *min_duration {
        return Some((Reason::TooShort, Some(*min_duration)));
    }
    if length > *max_duration {
        return Some((Reason::TooLong, Some(*max_duration)));
    }
    if *lead_min > 0 && period.start < now.plus(*lead_min) {
        return Some((Reason::TooSoon, Some(*lead_min)));
    }
    if period.end > horizon {
        return Some((Reason::TooFar, Some(horizon.secs())));
    }
    if !open(asked.occurrence, room) {
        return Some((Reason::ClosedHours, None));
    }
    grid.filter(|grid| off_grid(period.start, *grid, &room.zone)).map(|grid| (Reason::Grid, Some(grid)))
}

/// Step 4, what is counted (R43, R44).
fn counted(asked: &Asked<'_>, neighbours: &Neighbours) -> Found {
    let is_it = |(id, ..): &&(RecurrenceId, Reason, Option<i64>)| *id == asked.occurrence.id;
    neighbours.counted.iter().find(is_it).map(|(_, reason, bound)| (*reason, *bound))
}

/// R76: all rooms of the event or none.
fn elsewhere(asked: &Asked<'_>, neighbours: &Neighbours) -> Option<Failure> {
    let is_given_up = neighbours.given_up.contains(&asked.occurrence.id);
    is_given_up.then(|| fail(asked, Reason::MultiRoom, None, None))
}

/// In seconds; days of 23 or 25 hours are whole days (R12).
fn length(occurrence: &Occurrence, zone: &Zone) -> i64 {
    let period = &occurrence.period;
    if !occurrence.all_day {
        return period.secs();
    }
    let (first, after) = (zone.to_local(period.start).date(), zone.to_local(period.end).date());
    i64::from(first.until(after).map_or(0, |span| span.get_days())) * 86_400
}

fn open(occurrence: &Occurrence, room: &RoomRules) -> bool {
    let Some(hours) = &room.settings.hours else { return true };
    let zone = &room.zone;
    // R83
    let period =
        if room.settings.buffers_in_hours { room.occupied(&occurrence.period) } else { occurrence.period };
    match room.settings.hours_rule {
        _ if occurrence.all_day => hours.open_each_day(&occurrence.period, zone),
        HoursRule::Whole => hours.contain(&period, zone),
        HoursRule::Start => hours.contain_start(&period, zone),
    }
}

fn off_grid(start: Instant, grid: i64, zone: &Zone) -> bool {
    let local = zone.to_local(start);
    let second = i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
    second % grid != 0
}

/// Step 5: blocks and claims, buffers included; every space of the room must be free (R78), and nobody
/// gets around it (R6).
pub(super) fn space(asked: &Asked<'_>, room: &RoomRules, neighbours: &Neighbours) -> Option<Failure> {
    let occupied = room.occupied(&asked.occurrence.period);
    let owns = |space: SpaceId| room.spaces.iter().any(|(own, _)| *own == space);
    if neighbours.blocks.iter().any(|(space, closed)| owns(*space) && closed.overlaps(&occupied)) {
        return Some(fail(asked, Reason::Blocked, None, None));
    }
    room.spaces.iter().find_map(|(space, units)| {
        if asked.units > *units {
            // More than there ever is (R80).
            return Some(fail(asked, Reason::Busy, None, None));
        }
        let here: Vec<_> = neighbours.claims.iter().filter(|claim| claim.space == *space).collect();
        let claim = in_the_way(&here, &occupied, asked.units, *units)?;
        let conflict =
            Conflict { occurrence: claim.occurrence, reservation: claim.reservation, holder: claim.holder };
        Some(fail(asked, Reason::Busy, None, Some(conflict)))
    })
}

//! What an event asks of one room: its occurrences there, expanded before the transaction (D-15).

use crate::domain::attendee::{Attendee, PartStat};
use crate::domain::event::{Event, Part, Status};
use crate::domain::id::RoomId;
use crate::domain::recurrence::{self, Budget, ExpandError, Occurrence, RecurrenceId};
use crate::domain::settings::Horizon;
use crate::domain::time::{Instant, Period};

use super::access::RoomState;
use super::error::Error;

/// The occurrences of one event in one room's zone, and how far they were looked for.
///
/// Whether the room is booked directly or invited is not in it: that may change between the
/// expansion and the transaction that decides.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) room: RoomId,
    /// A year and more of the past, and up to the room's horizon for a series.
    all: Vec<Found>,
    /// The series goes on beyond the horizon (R64).
    pub(super) goes_on: bool,
    /// Up to where new dates of a series may lie.
    pub(super) horizon: Instant,
    /// Up to where it was expanded: further than that where the room holds more of it.
    pub(super) until: Instant,
    recurs: bool,
    /// The zone it was read in; if the room's is another one by now, all of this is void.
    zone: String,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    occurrence: Occurrence,
    is_tentative: bool,
    /// Its part asks for the room.
    invites: bool,
    /// How many people its part invites (R43).
    people: usize,
}

/// How far back occurrences are kept: as long as audit rows (R150).
const HISTORY_SECS: i64 = 400 * 86_400;

impl Ask {
    /// Expands `event` for `room`, which holds something of it up to `held_until`; `rooms` are all that
    /// the event asks for.
    pub(super) fn expand(
        event: &Event,
        room: &RoomState,
        rooms: &[RoomState],
        held_until: Option<Instant>,
        now: Instant,
    ) -> Result<Self, Error> {
        let zone = &room.rules.zone;
        let horizon = room.rules.horizon(now);
        let recurs = event.recurs();
        let until =
            if recurs { held_until.map_or(horizon, |held| held.max(horizon)) } else { Instant::END_OF_TIME };
        let window = Period { start: now.plus(-HISTORY_SECS), end: until };
        let budget = Budget { max_instances: 3 * MAX_INSTANCES, ..Budget::default() };
        let found = recurrence::occurrences(event, zone, window, &budget).map_err(too_much)?;
        let all = found.into_iter().filter_map(|occurrence| {
            let part = occurrence.part.part(event)?;
            let invites = asks_in(part, room);
            let is_tentative = part.status == Status::Tentative;
            Some(Found { occurrence, is_tentative, invites, people: people_in(part, rooms) })
        });
        let all = all.collect();
        let goes_on = recurs && goes_beyond(event, room, horizon)?;
        let zone = zone.name().to_owned();
        Ok(Self { room: room.room.id, all, goes_on, horizon, until, recurs, zone })
    }

    /// Whether an occurrence ends inside the window: of a series what begins in it and ends beyond
    /// comes with a later day (R64).
    pub(super) fn is_in_window(&self, occurrence: &Occurrence) -> bool {
        !self.recurs || occurrence.period.end <= self.horizon
    }

    /// What is asked of the room: everything of a direct booking, and of an invitation only the
    /// parts that have the room as attendee (R30). Each with whether it is tentative.
    ///
    /// # Errors
    /// `Invalid` for more than the room's `max_instances` to come (R19, L-41).
    pub(super) fn occurrences(
        &self,
        room: &RoomState,
        is_direct: bool,
        now: Instant,
    ) -> Result<Vec<(Occurrence, bool)>, Error> {
        let asked = self.all.iter().filter(|found| is_direct || found.invites);
        let asked: Vec<_> = asked.map(|found| (found.occurrence, found.is_tentative)).collect();
        let future = asked.iter().filter(|(occurrence, _)| occurrence.period.end > now).count();
        if i64::try_from(future).is_ok_and(|future| future > room.rules.settings.max_instances) {
            return Err(too_much(ExpandError::TooManyInstances(future)));
        }
        Ok(asked)
    }

    /// Whether the event has this occurrence at this time.
    pub(super) fn has(&self, id: RecurrenceId, period: &Period) -> bool {
        self.all.iter().any(|found| found.occurrence.id == id && found.occurrence.period == *period)
    }

    /// How many people come to each occurrence.
    pub(super) fn people(&self) -> impl Iterator<Item = (RecurrenceId, usize)> {
        self.all.iter().map(|found| (found.occurrence.id, found.people))
    }

    /// Whether it still says what this room would be asked.
    pub(super) fn fits(&self, room: &RoomState, now: Instant) -> bool {
        self.zone == room.rules.zone.name() && self.horizon == room.rules.horizon(now)
    }

    /// Up to where the claims of a series are extended from day to day; `None` for all others (R64).
    pub(super) fn rolling_until(&self, room: &RoomState) -> Option<Instant> {
        let rolls = room.rules.settings.horizon == Horizon::Rolling;
        (rolls && self.goes_on).then_some(self.horizon)
    }

    /// Whether the room does not take series that go on beyond its window.
    pub(super) fn is_declined(&self, room: &RoomState) -> bool {
        self.goes_on && room.rules.settings.horizon == Horizon::Decline && !room.asker.manager
    }
}

/// Whether a part of an event asks for a room: it invites it, by address alone (R25), or names it as
/// its place where that is enough (R27).
pub(super) fn asks_in(part: &Part, room: &RoomState) -> bool {
    let addresses = room.room.addresses();
    let names_it = |attendee: &Attendee| attendee.addresses().any(|address| addresses.contains(address));
    part.attendees.iter().any(names_it) || is_place(part, room)
}

/// R27: LOCATION is the room's name.
fn is_place(part: &Part, room: &RoomState) -> bool {
    let (place, name) = (part.location.trim(), room.room.name.trim());
    room.rules.settings.location_booking && !place.is_empty() && place == name
}

/// R43: everybody who is invited and has not declined, but rooms.
fn people_in(part: &Part, rooms: &[RoomState]) -> usize {
    let is_room = |attendee: &Attendee| {
        rooms.iter().any(|room| attendee.addresses().any(|address| room.room.addresses().contains(address)))
    };
    let comes = |attendee: &&Attendee| attendee.individual && attendee.partstat != PartStat::Declined;
    part.attendees.iter().filter(comes).filter(|attendee| !is_room(attendee)).count()
}

/// More units than this has nothing that is divided.
const MAX_UNITS: i64 = 1_000_000;

/// L-41; a room may set less.
const MAX_INSTANCES: usize = 1_000;

fn goes_beyond(event: &Event, room: &RoomState, horizon: Instant) -> Result<bool, Error> {
    let extent = recurrence::extent(event, &room.rules.zone, &Budget::default());
    match extent {
        Ok(extent) => Ok(extent.last.is_none_or(|last| last > horizon)),
        Err(ExpandError::NoInstances) => Ok(false),
        Err(error) => Err(too_much(error)),
    }
}

/// Refuses an event that cannot mean anything: no instance at all (B-11), or one that is longer
/// than any room is given (L-48).
pub(super) fn check(event: &Event, room: &RoomState) -> Result<(), Error> {
    let zone = &room.rules.zone;
    match recurrence::has_instances(event, zone, &Budget::default()) {
        Ok(true) => Ok(()),
        Ok(false) | Err(ExpandError::NoInstances) => Err(Error::not_an_object("the event has no instance")),
        Err(error) => Err(too_much(error)),
    }?;
    let longest = event
        .parts()
        .map(|part| part.length.end_from(&part.start, zone).secs() - part.start.instant(zone).secs())
        .max()
        .unwrap_or(0);
    if event.parts().any(|part| !(1..=MAX_UNITS).contains(&part.units)) {
        return Err(Error::not_an_object("X-ROOM-UNITS is not a number of units"));
    }
    // A day of 25 hours does not make 31 days too long.
    if longest > 31 * 86_400 + 3600 {
        return Err(Error::not_an_object("an instance is longer than 31 days"));
    }
    Ok(())
}

pub(super) fn too_much(error: ExpandError) -> Error {
    Error::Invalid(error.into())
}

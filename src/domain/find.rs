//! Looking for a room without asking for it: which occurrences a wish has on a room's clock, why a room
//! would not give them, and what lies near. Rules R40 to R44; R51 for what is proposed instead.
//!
//! Pure: the caller has loaded rooms and neighbours.

use jiff::civil::DateTime;

use super::channel::Channel;
use super::event::{Event, Part};
use super::id::Uid;
use super::judge::{Asker, Neighbours, RoomRules};
use super::reason::{Failure, Reason};
use super::recurrence::{self, Budget, ExpandError, Occurrence, Rule};
use super::series::{Comparison, Decision, Request};
use super::settings::Horizon;
use super::space::Room;
use super::time::{EventTime, Instant, Length, Period, Zone, wall_secs};

/// One end of the time that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The same instant for every room.
    At(Instant),
    /// The same time on each room's own clock.
    Local(DateTime),
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// From here.
    pub from: Point,
    /// To here, exclusive.
    pub to: Point,
    /// Whole days on each room's clock; then both ends are midnights.
    pub all_day: bool,
    /// Again and again.
    pub rule: Option<Rule>,
    /// For so many people.
    pub seats: Option<i64>,
    /// Everything that must be in the room, in any spelling of case.
    pub features: Vec<String>,
    /// In the building of this name.
    pub building: Option<String>,
}

/// The occurrences of a wish in one zone.
#[derive(Clone, Debug, Default)]
pub struct Dates {
    /// By start, up to a horizon.
    pub asked: Vec<Occurrence>,
    /// It goes on beyond (R64).
    pub goes_on: bool,
}

/// What a room says to the dates of a wish.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Why it would not give them; none if it would, be it with a manager's approval.
    pub failures: Vec<Failure>,
    /// Some of them would wait for a manager (R70).
    pub waits: bool,
    /// Why these would: which of them are out of policy, where the asker may ask for that (R40).
    pub beyond: Vec<Failure>,
}

impl Point {
    fn on(self, zone: &Zone) -> DateTime {
        match self {
            Self::At(at) => zone.to_local(at),
            Self::Local(wall) => wall,
        }
    }
}

impl Wish {
    /// Whether a room is one of those that are looked for at all, whenever it is free.
    #[must_use]
    pub fn is_about(&self, room: &Room) -> bool {
        let has = |wanted: &String| room.features.iter().any(|own| own.eq_ignore_ascii_case(wanted));
        let is_there =
            |wanted: &String| room.building.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(wanted));
        self.features.iter().all(has) && self.building.iter().all(is_there)
    }

    /// Its occurrences on a clock, of a series those that end by `horizon`.
    ///
    /// # Errors
    /// As [`recurrence::occurrences`].
    pub fn dates(&self, zone: &Zone, horizon: Instant, now: Instant) -> Result<Dates, ExpandError> {
        let (from, to) = (self.from.on(zone), self.to.on(zone));
        let (start, length) = if self.all_day {
            let days = (wall_secs(to) - wall_secs(from)) / 86_400;
            (EventTime::Date(from.date()), Length::Nominal { days, secs: 0 })
        } else {
            let secs = zone.to_instant(to).secs() - zone.to_instant(from).secs();
            (EventTime::Zoned(from, zone.clone()), Length::Exact(secs))
        };
        let master = Part { rules: self.rule.iter().cloned().collect(), ..Part::plain(start, length) };
        let event = Event { uid: Uid::new("wish"), master: Some(master), overrides: Vec::new() };
        let recurs = event.recurs();
        let end = if recurs { horizon } else { Instant::from_secs(i64::MAX) };
        let window = Period { start: now.plus(-366 * 86_400), end };
        let mut asked = recurrence::occurrences(&event, zone, window, &Budget::default())?;
        asked.retain(|occurrence| !recurs || occurrence.period.end <= horizon);
        let last =
            if recurs { recurrence::extent(&event, zone, &Budget::default())?.last } else { Some(now) };
        Ok(Dates { asked, goes_on: recurs && last.is_none_or(|last| last > horizon) })
    }

    /// What a booking of these dates would get, from the judge that it would meet.
    #[must_use]
    pub fn said(
        &self,
        (room, rules, asker): (&Room, &RoomRules, Asker),
        dates: &Dates,
        neighbours: &Neighbours,
        now: Instant,
    ) -> Said {
        let whole = if dates.goes_on && rules.settings.horizon == Horizon::Decline && !asker.manager {
            Some((Reason::TooFar, Some(rules.horizon(now).secs())))
        } else if self.seats.is_some_and(|wanted| room.seats.is_none_or(|seats| seats < wanted)) {
            Some((Reason::Seats, None))
        } else {
            None
        };
        if let (Some((reason, bound)), Some(first)) = (whole, dates.asked.first()) {
            let Occurrence { id, period, all_day, .. } = *first;
            return Said::no(Failure { reason, id, period, all_day, conflict: None, bound });
        }
        let decision = decision((rules, asker), (&dates.asked, self.rule.is_some(), 1), neighbours, now);
        Said { failures: decision.failures, waits: !decision.held.is_empty(), beyond: decision.beyond }
    }
}

impl Said {
    /// It would give nothing, because of this one date.
    #[must_use]
    pub fn no(failure: Failure) -> Self {
        Self { failures: vec![failure], ..Self::default() }
    }
}

/// Why a room would not give these occurrences as a new booking with so many units; none if it would.
#[must_use]
pub fn failures(
    about: (&RoomRules, Asker),
    asked: (&[Occurrence], bool, i64),
    neighbours: &Neighbours,
    now: Instant,
) -> Vec<Failure> {
    decision(about, asked, neighbours, now).failures
}

fn decision(
    (room, asker): (&RoomRules, Asker),
    (asked, recurs, units): (&[Occurrence], bool, i64),
    neighbours: &Neighbours,
    now: Instant,
) -> Decision {
    let request = Request {
        room,
        channel: Channel::Direct,
        asker,
        recurs,
        exists: false,
        units,
        deliberate: false,
        skips: false,
        goes_on: false,
        history: false,
        now,
    };
    let asked: Vec<(Occurrence, bool)> = asked.iter().map(|occurrence| (*occurrence, false)).collect();
    Comparison::between(&request, &[], &asked).decide(&request, neighbours)
}

/// Whether another room may give what this reason kept from being given.
#[must_use]
pub const fn another_room_helps(reason: Reason) -> bool {
    another_time_helps(reason)
        || matches!(
            reason,
            Reason::ClosedRoom | Reason::Seats | Reason::NoRecurrence | Reason::TooLong | Reason::NotApproved
        )
}

/// Whether the same room may give it at another time.
#[must_use]
pub const fn another_time_helps(reason: Reason) -> bool {
    matches!(reason, Reason::Busy | Reason::Blocked | Reason::ClosedHours | Reason::Displaced)
}

/// Times of the same length near another one, the nearest first: in `step` seconds up to eight hours
/// before and after it, then at the same time of the days around. Whole days only among whole days.
#[must_use]
pub fn near(period: Period, all_day: bool, step: i64, zone: &Zone) -> Vec<Period> {
    let moved = |secs: i64| Period { start: period.start.plus(secs), end: period.end.plus(secs) };
    let mut near: Vec<Period> = Vec::new();
    if !all_day && step > 0 {
        let steps = NEAR_SECS / step;
        near.extend((1..=steps).flat_map(|n| [moved(n * step), moved(-n * step)]));
    }
    let day = |at: Instant, days: i64| {
        let later = zone.to_local(at).checked_add(jiff::Span::new().days(days)).ok()?;
        Some(zone.to_instant(later))
    };
    let on_day = |days: i64| Some(Period { start: day(period.start, days)?, end: day(period.end, days)? });
    near.extend((1..=NEAR_DAYS).flat_map(|n| [on_day(n), on_day(-n)]).flatten());
    near
}

const NEAR_SECS: i64 = 8 * 3600;
const NEAR_DAYS: i64 = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn wish() -> Wish {
        Wish {
            from: Point::Local(date(2027, 3, 1).at(9, 0, 0, 0)),
            to: Point::Local(date(2027, 3, 1).at(10, 0, 0, 0)),
            all_day: false,
            rule: None,
            seats: None,
            features: Vec::new(),
            building: None,
        }
    }

    #[test]
    fn a_local_time_is_read_on_each_rooms_own_clock() {
        let now = Instant::from_secs(1_803_801_600);
        let starts = |name: &str, wish: &Wish| -> Vec<i64> {
            let zone = Zone::iana(name).expect("bundled");
            let dates = wish.dates(&zone, now.plus(20 * 86_400), now).expect("cheap");
            dates.asked.iter().map(|date| date.period.start.secs()).collect()
        };
        let (berlin, tokyo) = (starts("Europe/Berlin", &wish()), starts("Asia/Tokyo", &wish()));
        assert_eq!(berlin[0] - tokyo[0], 8 * 3600);
        let same = Wish { from: Point::At(now), to: Point::At(now.plus(3600)), ..wish() };
        assert_eq!(starts("Europe/Berlin", &same), starts("Asia/Tokyo", &same));
        let weekly = Wish { rule: Rule::parse("FREQ=WEEKLY").ok(), ..wish() };
        assert_eq!(starts("Europe/Berlin", &weekly).len(), 3, "R64");
    }

    #[test]
    fn what_lies_near_is_nearest_first_and_as_long() {
        let zone = Zone::iana("Europe/Berlin").expect("bundled");
        let start = zone.to_instant(date(2027, 3, 1).at(9, 0, 0, 0));
        let period = Period { start, end: start.plus(3600) };
        let times = near(period, false, 1800, &zone);
        assert_eq!(times[0].start, start.plus(1800));
        assert_eq!(times[1].start, start.plus(-1800));
        assert!(times.iter().all(|time| time.secs() == 3600));
        let days = near(period, true, 1800, &zone);
        assert_eq!((days.len(), days[0].start), (14, start.plus(86_400)));
    }
}

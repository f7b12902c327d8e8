//! How much one person may have in a room, in a group of rooms, or in all of them (R44).
//!
//! What is held is counted by calendar periods in the zone of the room that is asked: an occurrence
//! belongs to the period in which it begins. The caller says what is held. Pure.

use std::collections::HashMap;

use jiff::civil::Date;

use super::id::RoomId;
use super::recurrence::{Occurrence, RecurrenceId};
use super::settings::{Counted, Level, PerPeriod, Quota};
use super::time::{Instant, Period, Zone};

/// Over which rooms a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The room that is asked.
    Room,
    /// The rooms of its group.
    Group,
    /// Every room.
    House,
}

impl Reach {
    /// The reach of a quota that was set at this level.
    #[must_use]
    pub const fn of(level: &Level) -> Self {
        match level {
            Level::Room => Self::Room,
            Level::Group(_) => Self::Group,
            Level::Default | Level::Organisation => Self::House,
        }
    }
}

/// A quota with its reach: what a refusal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How much, of what, over which time.
    pub quota: Quota,
    /// Over which rooms.
    pub reach: Reach,
}

const COUNTED: [Counted; 2] = [Counted::Bookings, Counted::Seconds];
const PERIODS: [PerPeriod; 5] =
    [PerPeriod::Future, PerPeriod::Day, PerPeriod::Week, PerPeriod::Month, PerPeriod::Year];
const REACHES: [Reach; 3] = [Reach::House, Reach::Group, Reach::Room];

impl Limit {
    /// So many bookings to come, in every room.
    #[must_use]
    pub const fn of_bookings_ahead(most: i64) -> Self {
        let quota = Quota { most, counts: Counted::Bookings, per: PerPeriod::Future };
        Self { quota, reach: Reach::House }
    }

    /// The limit as one number, which goes with [`Reason::Quota`](super::reason::Reason::Quota) as its
    /// bound.
    #[must_use]
    pub fn code(self) -> i64 {
        let place = |at: Option<usize>| i64::try_from(at.unwrap_or(0)).unwrap_or(0);
        let counted = place(COUNTED.iter().position(|counted| *counted == self.quota.counts));
        let period = place(PERIODS.iter().position(|period| *period == self.quota.per));
        let reach = place(REACHES.iter().position(|reach| *reach == self.reach));
        ((self.quota.most * 4 + reach) * 8 + period) * 2 + counted
    }

    /// The limit with this [`Limit::code`].
    #[must_use]
    pub fn from_code(code: i64) -> Self {
        let part = |value: i64, of: i64| usize::try_from(value.rem_euclid(of)).unwrap_or(0);
        let counts = COUNTED[part(code, 2)];
        let per = *PERIODS.get(part(code / 2, 8)).unwrap_or(&PerPeriod::Future);
        let reach = *REACHES.get(part(code / 16, 4)).unwrap_or(&Reach::House);
        Self { quota: Quota { most: code / 64, counts, per }, reach }
    }
}

/// A limit and the rooms it counts; `None` for every room.
#[derive(Clone, Debug)]
pub struct Scoped {
    /// What is allowed.
    pub limit: Limit,
    /// Where it is counted.
    pub rooms: Option<Vec<RoomId>>,
}

impl Scoped {
    /// What holds in `room`: each quota where its level counts. `groups` are the rooms of each group the
    /// room is in; a group that is not among them counts the room alone.
    #[must_use]
    pub fn all(quotas: &[(Level, Quota)], room: RoomId, groups: &[(String, Vec<RoomId>)]) -> Vec<Self> {
        let scoped = |(level, quota): &(Level, Quota)| {
            let rooms = match level {
                Level::Organisation | Level::Default => None,
                Level::Room => Some(vec![room]),
                Level::Group(name) => {
                    let group = groups.iter().find(|(group, _)| group == name);
                    Some(group.map_or_else(|| vec![room], |(_, rooms)| rooms.clone()))
                }
            };
            Self { limit: Limit { quota: *quota, reach: Reach::of(level) }, rooms }
        };
        quotas.iter().map(scoped).collect()
    }
}

/// The first day of the period in which `at` lies; of all that is to come there is one period.
fn period_of(per: PerPeriod, at: Instant, zone: &Zone) -> Option<Date> {
    let day = zone.to_local(at).date();
    let back = i64::from(day.weekday().to_monday_zero_offset());
    match per {
        PerPeriod::Future => None,
        PerPeriod::Day => Some(day),
        PerPeriod::Week => Some(day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)),
        PerPeriod::Month => Some(day.first_of_month()),
        PerPeriod::Year => Some(day.first_of_year()),
    }
}

fn amount(counts: Counted, period: &Period) -> i64 {
    match counts {
        Counted::Bookings => 1,
        Counted::Seconds => period.secs(),
    }
}

/// The dates of `new`, in `room`, that are more than a limit leaves beside what is `held` and still to
/// come, each with the first limit it passes. Earlier dates are counted first; one that is too much
/// takes nothing from later ones.
#[must_use]
pub fn exceeded(
    limits: &[Scoped],
    held: &[(RoomId, Period)],
    new: &[Occurrence],
    room: RoomId,
    zone: &Zone,
) -> Vec<(RecurrenceId, Limit)> {
    let mut used: HashMap<(usize, Option<Date>), i64> = HashMap::new();
    for (at, scoped) in limits.iter().enumerate() {
        let counts = |room: &RoomId| scoped.rooms.as_ref().is_none_or(|rooms| rooms.contains(room));
        for (_, period) in held.iter().filter(|(room, _)| counts(room)) {
            let key = (at, period_of(scoped.limit.quota.per, period.start, zone));
            *used.entry(key).or_default() += amount(scoped.limit.quota.counts, period);
        }
    }
    let mut sorted: Vec<&Occurrence> = new.iter().collect();
    sorted.sort_by_key(|occurrence| (occurrence.period, occurrence.id));
    let mut found = Vec::new();
    for occurrence in sorted {
        let counting = |scoped: &Scoped| scoped.rooms.as_ref().is_none_or(|rooms| rooms.contains(&room));
        let mut wanted = Vec::new();
        let mut passed = None;
        for (at, scoped) in limits.iter().enumerate().filter(|(_, scoped)| counting(scoped)) {
            let key = (at, period_of(scoped.limit.quota.per, occurrence.period.start, zone));
            let more = amount(scoped.limit.quota.counts, &occurrence.period);
            if used.get(&key).copied().unwrap_or(0) + more > scoped.limit.quota.most {
                passed = Some(scoped.limit);
                break;
            }
            wanted.push((key, more));
        }
        match passed {
            Some(limit) => found.push((occurrence.id, limit)),
            None => wanted.into_iter().for_each(|(key, more)| *used.entry(key).or_default() += more),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recurrence::PartRef;

    const DAY: i64 = 86_400;
    /// Monday, 1 March 2027, 00:00 UTC.
    const MONDAY: i64 = 1_803_859_200;

    fn hour(day: i64) -> Period {
        let start = Instant::from_secs(MONDAY + day * DAY + 9 * 3_600);
        Period { start, end: start.plus(3_600) }
    }

    fn date(day: i64) -> Occurrence {
        let id = RecurrenceId::at(Instant::from_secs(day));
        Occurrence { id, period: hour(day), all_day: false, part: PartRef::Master }
    }

    fn limits(text: &str, rooms: Option<&[i64]>) -> Vec<Scoped> {
        let rooms = rooms.map(|rooms| rooms.iter().copied().map(RoomId::new).collect::<Vec<_>>());
        let quotas = Quota::read_all(text).expect("quotas");
        let scoped = |quota| Scoped { limit: Limit { quota, reach: Reach::Room }, rooms: rooms.clone() };
        quotas.into_iter().map(scoped).collect()
    }

    fn over(limits: &[Scoped], held: &[(RoomId, Period)], days: &[i64]) -> Vec<i64> {
        let new: Vec<_> = days.iter().copied().map(date).collect();
        let found = exceeded(limits, held, &new, RoomId::new(1), &Zone::utc());
        found.iter().filter_map(|(id, _)| Some(id.instant()?.secs())).collect()
    }

    #[test]
    fn a_week_begins_on_monday() {
        let held = [(RoomId::new(1), hour(0)), (RoomId::new(1), hour(6))];
        // Sunday belongs to the week of the Monday before, the next Monday does not.
        assert_eq!(over(&limits("3 bookings/week", None), &held, &[2, 3, 7, 8, 9, 10]), [3, 10]);
    }

    #[test]
    fn each_period_counts_for_itself() {
        let held = [(RoomId::new(1), hour(0))];
        assert_eq!(over(&limits("1 bookings/day", None), &held, &[0, 1]), [0]);
        assert_eq!(over(&limits("2h/month", None), &held, &[1, 2, 31]), [2]);
        assert_eq!(over(&limits("2 bookings/year", None), &held, &[1, 200, 306]), [200]);
        assert_eq!(over(&limits("1 bookings/future", None), &held, &[500]), [500]);
        assert_eq!(over(&limits("0 bookings/day", None), &[], &[4]), [4]);
    }

    #[test]
    fn other_rooms_count_only_where_the_limit_reaches() {
        let held = [(RoomId::new(2), hour(0))];
        assert_eq!(over(&limits("1 bookings/week", Some(&[1])), &held, &[1]), [0_i64; 0]);
        assert_eq!(over(&limits("1 bookings/week", Some(&[1, 2])), &held, &[1]), [1]);
        assert_eq!(over(&limits("1 bookings/week", None), &held, &[1]), [1]);
    }

    #[test]
    fn a_quota_counts_where_its_level_reaches() {
        let quota = Quota::parse("1 bookings/week").expect("a quota");
        let group = Level::Group("halls".to_owned());
        let quotas = [(Level::Organisation, quota), (group, quota), (Level::Room, quota)];
        let halls = [("halls".to_owned(), vec![RoomId::new(1), RoomId::new(2)])];
        let all = Scoped::all(&quotas, RoomId::new(1), &halls);
        let rooms: Vec<_> = all.iter().map(|scoped| scoped.rooms.as_ref().map(Vec::len)).collect();
        assert_eq!(rooms, [None, Some(2), Some(1)]);
        let reaches: Vec<_> = all.iter().map(|scoped| scoped.limit.reach).collect();
        assert_eq!(reaches, [Reach::House, Reach::Group, Reach::Room]);
    }

    #[test]
    fn a_limit_reads_back_from_its_number() {
        for text in ["5 bookings/week", "20h/month", "3 bookings/future", "1 bookings/day", "0 bookings/year"]
        {
            let quota = Quota::parse(text).expect("a quota");
            for reach in REACHES {
                let limit = Limit { quota, reach };
                assert_eq!(Limit::from_code(limit.code()), limit);
            }
        }
    }
}

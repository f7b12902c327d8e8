//! Point 3: the order agrees with real time; and in which part of the order a request was judged.

use std::collections::BTreeMap;

use crate::history::asked::Place;
use crate::history::log::{Entry, Moment, Told};
use crate::history::stored::Stored;

use super::rows::Placed;
use super::{Fault, Findings};

/// A part of one calendar's history: the states after these numbers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// When the changes of each calendar were begun and known to be done.
pub(super) struct Order(BTreeMap<Place, Times>);

struct Times {
    last: i64,
    /// Acknowledged by then: the highest number so far.
    done: Vec<(Moment, i64)>,
    /// Not begun before then: the lowest number from then on.
    begun: Vec<(Moment, i64)>,
}

impl Order {
    pub(super) fn of(told: &Told, stored: &Stored, placed: &Placed) -> Self {
        let times = stored.0.iter().map(|(place, calendar)| {
            let entries = calendar
                .rows
                .iter()
                .filter_map(|row| Some((row.seq, &told.entries[placed.entry(*place, row.seq)?])));
            let (mut done, mut begun): (Vec<_>, Vec<_>) =
                entries.map(|(seq, entry)| ((entry.returned, seq), (entry.invoked, seq))).unzip();
            done.sort_unstable();
            let mut most = 0;
            for (_, seq) in &mut done {
                most = most.max(*seq);
                *seq = most;
            }
            begun.sort_unstable();
            let mut least = i64::MAX;
            for (_, seq) in begun.iter_mut().rev() {
                least = least.min(*seq);
                *seq = least;
            }
            (*place, Times { last: calendar.last(), done, begun })
        });
        Self(times.collect())
    }

    /// Where in the history of `place` a request between these moments was judged, or what it saw.
    pub(super) fn part(&self, place: Place, invoked: Moment, returned: Moment) -> Part {
        let Some(times) = self.0.get(&place) else { return Part { first: 0, last: 0 } };
        let before = times.done.partition_point(|(moment, _)| *moment < invoked);
        let first = before.checked_sub(1).map_or(0, |at| times.done[at].1);
        let after = times.begun.partition_point(|(moment, _)| *moment <= returned);
        let last = times.begun.get(after).map_or(times.last, |(_, seq)| seq - 1);
        Part { first, last }
    }

    /// The same of a request.
    pub(super) fn part_of(&self, place: Place, entry: &Entry) -> Part {
        self.part(place, entry.invoked, entry.returned)
    }

    /// If one request was answered before another was sent, its number is the lower one.
    pub(super) fn against_time(told: &Told, stored: &Stored, placed: &Placed, findings: &mut Findings) {
        for (place, calendar) in &stored.0 {
            let mut latest: Option<(Moment, i64)> = None;
            for row in &calendar.rows {
                let Some(entry) = placed.entry(*place, row.seq).map(|number| &told.entries[number]) else {
                    continue;
                };
                if let Some((invoked, seq)) = latest.filter(|(invoked, _)| *invoked > entry.returned) {
                    findings.add(
                        Fault::AgainstTime,
                        format!("{place:?}: {seq} was sent at {invoked}, {} was answered before", row.seq),
                    );
                }
                latest = latest.max(Some((entry.invoked, row.seq)));
            }
        }
    }
}

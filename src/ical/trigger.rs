//! When the alarms of a component ring: at an instant, or before and after each of its instances,
//! once or repeatedly.
//!
//! RFC 5545, sections 3.6.6 and 3.8.6; RFC 4791, section 9.9.

use super::overlap;
use super::span::Spans;
use super::time::{self, Duration};
use super::tree::Component;
use crate::domain::event::Event;
use crate::domain::recurrence::{PartRef, all_occurrences};
use crate::domain::time::{Instant, Period, Zone};

/// So many alarms of one object are looked at closely; the others count as going off, as an object
/// counts that cannot be expanded.
const MOST_ALARMS: usize = 64;

const DAY: i64 = 86_400;

/// An alarm's own lines.
struct Ringing {
    range: Period,
    repeats: i64,
    pause: i64,
}

impl Ringing {
    fn at(&self, first: Instant) -> bool {
        overlap::alarm(self.range, first, self.repeats, self.pause)
    }

    /// From the first ring to the last.
    fn lasts(&self) -> i64 {
        self.repeats.saturating_mul(self.pause)
    }
}

/// Whether an alarm of `parent` rings in `range`.
pub(super) fn rings(spans: &Spans<'_>, parent: Component<'_>, alarm: Component<'_>, range: Period) -> bool {
    // RFC 5545, section 3.6.6: both or none.
    let repeats = alarm.get("REPEAT").and_then(|count| count.value().trim().parse::<i64>().ok());
    let pause = alarm.get("DURATION").and_then(|pause| time::duration(pause.value()));
    let (repeats, pause) = repeats.zip(pause.map(Duration::total_secs)).unwrap_or((0, 0));
    let ringing = Ringing { range, repeats: repeats.max(0), pause: pause.max(0) };
    let Some(trigger) = alarm.get("TRIGGER") else { return false };
    if let Some(at) = time::utc(trigger.value()) {
        return ringing.at(at);
    }
    let Some(offset) = time::duration(trigger.value()) else { return false };
    let is_from_end = trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
    match spans.object.series().zip(spans.place_of(parent)) {
        Some((event, part)) => of_instances(spans, event, part, &ringing, (offset, is_from_end)),
        // A task without a start has at most an end.
        None => {
            let due = is_from_end.then(|| spans.object.date(parent, "DUE")).flatten();
            due.is_some_and(|due| {
                ringing.at(moved(due.instant(spans.floating), offset, &due.zone(spans.floating)))
            })
        }
    }
}

fn of_instances(
    spans: &Spans<'_>,
    event: &Event,
    part: PartRef,
    ringing: &Ringing,
    (offset, is_from_end): (Duration, bool),
) -> bool {
    spans.expanded.set(spans.expanded.get() + 1);
    if spans.expanded.get() > MOST_ALARMS {
        return true;
    }
    let slack = offset.total_secs().saturating_abs().saturating_add(ringing.lasts()).saturating_add(32 * DAY);
    let Period { start, end } = ringing.range;
    let wide = Period { start: start.plus(slack.saturating_neg()), end: end.plus(slack) };
    let zone = part.part(event).map_or_else(Zone::utc, |part| part.start.zone(spans.floating));
    all_occurrences(event, spans.floating, wide, spans.budget).map_or(true, |found| {
        found.iter().filter(|occurrence| occurrence.part == part).any(|occurrence| {
            let base = if is_from_end { occurrence.period.end } else { occurrence.period.start };
            ringing.at(moved(base, offset, &zone))
        })
    })
}

/// Days of an offset are days of the calendar, the rest is exact (RFC 5545, section 3.3.6).
fn moved(base: Instant, offset: Duration, zone: &Zone) -> Instant {
    let sign = if offset.negative { -1 } else { 1 };
    let days = jiff::Span::new().try_days(offset.days.saturating_mul(sign));
    let wall = days.and_then(|days| zone.to_local(base).checked_add(days)).ok();
    let at = wall.filter(|_| offset.days != 0).map_or(base, |wall| zone.to_instant(wall));
    at.plus(offset.secs.saturating_mul(sign))
}

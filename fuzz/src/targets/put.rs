//! The way of a PUT up to its occurrences, with the limits as assertions.

use std::collections::HashSet;

use bytes::Bytes;
use roomdav::domain::recurrence::{self, Budget};
use roomdav::domain::time::{Instant, Period, Zone};
use roomdav::ical::{CalendarObject, Limits};

/// From 2027 for three years.
const WINDOW: Period =
    Period { start: Instant::from_secs(1_798_761_600), end: Instant::from_secs(1_893_456_000) };

pub(crate) fn feed(data: &[u8]) {
    let limits = Limits::default();
    let Ok(object) = CalendarObject::parse(Bytes::copy_from_slice(data), &limits) else { return };
    let Ok(event) = object.event() else { return };
    let budget = Budget::default();
    for zone in ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"] {
        let zone = Zone::iana(zone).expect("a zone of the data");
        let _ = recurrence::has_instances(event, &zone, &budget);
        let extent = recurrence::extent(event, &zone, &budget);
        let Ok(found) = recurrence::all_occurrences(event, &zone, WINDOW, &budget) else { continue };
        assert!(found.len() <= budget.max_instances, "L-41");
        let ids: HashSet<_> = found.iter().map(|found| found.id).collect();
        assert_eq!(ids.len(), found.len(), "each has its own key");
        for one in &found {
            assert!(one.period.start <= one.period.end, "no time runs backwards");
            if let Ok(extent) = &extent {
                assert!(extent.first <= one.period.start, "nothing is before the first");
                assert!(extent.last.is_none_or(|last| one.period.end <= last), "nothing is after the last");
            }
        }
        let asked = recurrence::occurrences(event, &zone, WINDOW, &budget).expect("less than all");
        assert!(asked.iter().all(|one| found.contains(one)), "what asks for a room is among all");
    }
}

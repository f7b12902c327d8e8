//! Opening hours as a VAVAILABILITY, and back where one says no more than hours can.
//!
//! RFC 7953, section 3.1; R93.

use jiff::civil::{Date, DateTime, Weekday};

use super::availability::{groups, series};
use super::limits::Limits;
use super::line::{escape, fold};
use super::object::CalendarObject;
use super::time::{write_utc, write_wall};
use super::timezone;
use super::tree::Component;
use crate::domain::event::Part;
use crate::domain::hours::{self, Hours};
use crate::domain::recurrence::{Frequency, Rule};
use crate::domain::time::{EventTime, Instant, Period, Zone};

/// A Monday before anything that is booked.
const MONDAY: Date = Date::constant(2000, 1, 3);

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The VAVAILABILITY of these hours: equal input gives equal text.
#[must_use]
pub fn write(hours: &Hours, zone: &Zone, uid: &str) -> String {
    let span = Period { start: Instant::from_secs(946_684_800), end: Instant::from_secs(2_524_608_000) };
    let stamp = format!("DTSTAMP:{}", write_utc(span.start));
    let is_utc = *zone == Zone::utc();
    let time = |name: &str, wall: DateTime| {
        if is_utc {
            format!("{name}:{}Z", write_wall(wall))
        } else {
            format!("{name};TZID={}:{}", zone.name(), write_wall(wall))
        }
    };
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned()];
    lines.push(format!("PRODID:{}", super::write::PRODID));
    if !is_utc {
        lines.extend(timezone::generate(zone, zone.name(), span));
    }
    lines.extend(["BEGIN:VAVAILABILITY".to_owned(), format!("UID:{}", escape(uid)), stamp.clone()]);
    lines.push("BUSYTYPE:BUSY-UNAVAILABLE".to_owned());
    for (index, (days, opens, closes)) in hours.weekly().enumerate() {
        let first = MONDAY.saturating_add(jiff::Span::new().days(i64::from(*days.start())));
        let wall = |minutes: i32| {
            first
                .to_datetime(jiff::civil::Time::midnight())
                .saturating_add(jiff::Span::new().minutes(minutes))
        };
        let names: Vec<&str> = days.filter_map(|day| DAYS.get(usize::try_from(day).ok()?).copied()).collect();
        lines.extend(["BEGIN:AVAILABLE".to_owned(), format!("UID:{}-{index}", escape(uid)), stamp.clone()]);
        lines.extend([time("DTSTART", wall(opens)), time("DTEND", wall(closes))]);
        lines.push(format!("RRULE:FREQ=WEEKLY;BYDAY={}", names.join(",")));
        lines.push("END:AVAILABLE".to_owned());
    }
    lines.extend(["END:VAVAILABILITY".to_owned(), "END:VCALENDAR".to_owned()]);
    let mut out = Vec::new();
    for line in &lines {
        fold(line, b"\r\n", &mut out);
    }
    // Folding keeps characters whole, so nothing is lost here.
    String::from_utf8_lossy(&out).into_owned()
}

/// The hours, as settings write them, that mean exactly what a VAVAILABILITY says from `now` on;
/// `None` where hours cannot say it.
#[must_use]
pub fn read(object: &CalendarObject, zone: &Zone, now: Instant) -> Option<String> {
    let component = object.master()?;
    let is_plain = ["DTEND", "DURATION"].iter().all(|name| component.get(name).is_none())
        && object.date(component, "DTSTART").is_none_or(|start| start.instant(zone) <= now)
        && component
            .get("BUSYTYPE")
            .is_none_or(|kind| kind.value().trim().eq_ignore_ascii_case("BUSY-UNAVAILABLE"));
    if !is_plain {
        return None;
    }
    let mut stretches = Vec::new();
    for group in groups(component) {
        stretches.extend(weekly(object, &group, zone, now)?);
    }
    stretches.sort_unstable();
    let written = |&(from, to, opens, closes): &(usize, usize, i32, i32)| {
        let days = if from == to {
            hours::DAYS[from].to_owned()
        } else {
            format!("{}-{}", hours::DAYS[from], hours::DAYS[to])
        };
        let clock = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
        format!("{days} {}-{}", clock(opens), clock(closes))
    };
    let text = stretches.iter().map(written).collect::<Vec<_>>().join(";");
    Hours::parse(&text).ok().map(|_| text)
}

/// One AVAILABLE as runs of days with the same hours.
fn weekly(
    object: &CalendarObject,
    group: &[Component<'_>],
    zone: &Zone,
    now: Instant,
) -> Option<Vec<(usize, usize, i32, i32)>> {
    let event = series(object, group, &Limits::none()).ok()?;
    let part = event.master.as_ref().filter(|_| event.overrides.is_empty())?;
    let is_local = matches!(&part.start, EventTime::Floating(_)) || part.start.zone(zone) == *zone;
    let is_plain = part.dates.is_empty() && part.exceptions.is_empty() && part.except_rules.is_empty();
    let [rule] = part.rules.as_slice() else { return None };
    if !is_local || !is_plain || part.start.is_date() || part.start.instant(zone) > now {
        return None;
    }
    let days = days(rule, part)?;
    let minute =
        |wall: DateTime| (wall.second() == 0).then(|| i32::from(wall.hour()) * 60 + i32::from(wall.minute()));
    let start = part.start.wall();
    let end = zone.to_local(part.length.end(start, zone));
    let opens = minute(start)?;
    let closes = match minute(end)? {
        0 if start.date().tomorrow().ok() == Some(end.date()) => 1440,
        closes if end.date() == start.date() => closes,
        _ => return None,
    };
    Some(runs(days).into_iter().map(|(from, to)| (from, to, opens, closes)).collect())
}

/// The weekdays of a rule that repeats every week for ever.
fn days(rule: &Rule, part: &Part) -> Option<[bool; 7]> {
    let index = |day: Weekday| usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
    let own = index(part.start.wall().weekday());
    let mut days = [false; 7];
    match (rule.frequency(), rule.weekdays()?.as_slice()) {
        (Frequency::Weekly, []) => days[own] = true,
        (Frequency::Daily, []) => days = [true; 7],
        (Frequency::Weekly | Frequency::Daily, named) => {
            for day in named {
                days[index(*day)] = true;
            }
        }
        _ => return None,
    }
    // DTSTART is an instance whether or not the rule has it.
    days[own].then_some(days)
}

fn runs(days: [bool; 7]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in (0..7).filter(|day| days[*day]) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn read_back(text: &str) -> Option<String> {
        read(&object(text), &berlin(), at("20270301T000000Z"))
    }

    fn weekly(lines: &str) -> String {
        calendar(&format!(
            "BEGIN:VAVAILABILITY\nUID:u\nBEGIN:AVAILABLE\nUID:a\n{lines}\nEND:AVAILABLE\nEND:VAVAILABILITY"
        ))
    }

    const NINE: &str = "DTSTART;TZID=Europe/Berlin:20270104T090000\nDTEND;TZID=Europe/Berlin:20270104T170000";

    #[test]
    fn hours_are_written_and_read_back() {
        for hours in ["Mon-Fri 08:00-18:00;Sat 09:00-12:30", "Mon-Sun 00:00-24:00", "Wed 10:00-11:00"] {
            let text = write(&Hours::parse(hours).unwrap(), &berlin(), "room");
            assert_eq!(read_back(&text).as_deref(), Some(hours), "{text}");
        }
        let utc = write(&Hours::parse("Tue 10:00-11:00").unwrap(), &Zone::utc(), "room");
        assert!(utc.contains("DTSTART:20000104T100000Z") && !utc.contains("VTIMEZONE"), "{utc}");
    }

    #[test]
    fn what_programs_write_is_understood_where_hours_can_say_it() {
        let rule = |rule: &str| read_back(&weekly(&format!("{NINE}\nRRULE:{rule}")));
        assert_eq!(
            rule("FREQ=WEEKLY;BYDAY=MO,TU,TH").as_deref(),
            Some("Mon-Tue 09:00-17:00;Thu 09:00-17:00")
        );
        assert_eq!(rule("FREQ=WEEKLY").as_deref(), Some("Mon 09:00-17:00"));
        assert_eq!(rule("FREQ=DAILY").as_deref(), Some("Mon-Sun 09:00-17:00"));
        for other in [
            "FREQ=WEEKLY;INTERVAL=2",
            "FREQ=WEEKLY;COUNT=3",
            "FREQ=WEEKLY;UNTIL=20280101T000000Z",
            "FREQ=WEEKLY;BYDAY=TU",
            "FREQ=WEEKLY;BYMONTH=3",
            "FREQ=MONTHLY;BYDAY=1MO",
            "FREQ=YEARLY",
        ] {
            assert_eq!(rule(other), None, "{other}");
        }
        let with = |lines: &str| read_back(&weekly(&format!("{lines}\nRRULE:FREQ=WEEKLY")));
        assert_eq!(with("DTSTART:20270104T090000Z\nDURATION:PT1H"), None, "another zone");
        assert_eq!(with("DTSTART:20270104T220000\nDURATION:PT4H"), None, "over midnight");
        assert_eq!(with("DTSTART:20270104T090030\nDURATION:PT1H"), None, "seconds");
        assert_eq!(with("DTSTART:20280103T090000\nDURATION:PT1H"), None, "not yet");
        assert_eq!(with(&format!("{NINE}\nEXDATE;TZID=Europe/Berlin:20270111T090000")), None);
        assert_eq!(with("DTSTART:20270104T090000\nDURATION:PT1H").as_deref(), Some("Mon 09:00-10:00"));
        let ends =
            weekly(NINE).replace("UID:u\r\n", "UID:u\r\nDTSTART:20270101T000000Z\r\nDURATION:P30D\r\n");
        assert_eq!(read_back(&ends), None);
        assert_eq!(read_back(&calendar("BEGIN:VAVAILABILITY\nUID:u\nEND:VAVAILABILITY")), None, "never open");
    }
}

//! VTIMEZONE: what a supplied one says, and one for a zone of our own data.
//!
//! Both directions are bounded (B-09, L-36). Knows no events. RFC 5545, section 3.6.5.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Dst, TimeZone};

use super::line::escape;
use super::time;
use super::tree::Component;
use crate::domain::event::{Event, Part};
use crate::domain::id::Uid;
use crate::domain::recurrence::{Budget, Frequency, Rule, all_occurrences};
use crate::domain::time::{EventTime, Instant, Length, Period, Zone, wall_from_secs, wall_secs};

/// Observances with a rule that one VTIMEZONE may have before it is not worth reading (B-09).
const MAX_RULES: usize = 32;
/// Changes of offset in one VTIMEZONE; two a year for L-47 are 260.
const MAX_ONSETS: usize = 2_000;

/// The changes of offset that a VTIMEZONE lists, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observances(Vec<(Instant, i32)>);

impl Observances {
    /// For [`Zone::from_onsets`]; never empty.
    pub(crate) fn into_onsets(self) -> Vec<(Instant, i32)> {
        self.0
    }
}

/// What a supplied VTIMEZONE says from 1968 to 2100; `None` if it cannot be read, has no
/// observance, or asks for more work than it is worth.
pub(crate) fn interpret(timezone: Component<'_>) -> Option<Observances> {
    let mut changes: Vec<(Instant, i32, i32)> = Vec::new();
    let mut rules = 0;
    for observance in timezone.children() {
        let from = offset(observance.get("TZOFFSETFROM")?.value())?;
        let to = offset(observance.get("TZOFFSETTO")?.value())?;
        rules += observance.all("RRULE").count();
        if rules > MAX_RULES {
            return None;
        }
        for wall in onset_walls(observance, from)? {
            changes.push((Instant::from_secs(wall - i64::from(from)), from, to));
        }
        if changes.len() > MAX_ONSETS {
            return None;
        }
    }
    changes.sort_unstable();
    let (_, before, _) = *changes.first()?;
    let mut onsets = vec![(Instant::from_secs(i64::MIN / 4), before)];
    onsets.extend(changes.iter().map(|(at, _, to)| (*at, *to)));
    Some(Observances(onsets))
}

/// When an observance begins, as wall clocks in seconds.
fn onset_walls(observance: Component<'_>, from: i32) -> Option<Vec<i64>> {
    let start = time::wall(observance.get("DTSTART")?.value().trim())?;
    let rules = observance.all("RRULE").map(|rule| local_rule(rule.value(), from));
    let rules = rules.collect::<Option<Vec<_>>>()?;
    let mut dates = Vec::new();
    for text in observance.all("RDATE").flat_map(|dates| dates.value().split(',')) {
        let at = time::event_time(text.split('/').next()?, None)?;
        dates.push(wall_secs(at.wall()));
    }
    dates.push(wall_secs(start));
    if rules.is_empty() {
        return Some(dates);
    }
    let event = Event { uid: Uid::new(""), master: Some(part(start, rules)), overrides: Vec::new() };
    // A rule of 1601, as Windows writes them, need not be followed from its beginning.
    let window = Period::new(Instant::from_secs(-63_158_400), Instant::END_OF_TIME)?;
    let budget = Budget { steps: 5_000, max_instances: 500, ..Budget::default() };
    let found = all_occurrences(&event, &Zone::utc(), window, &budget).ok()?;
    dates.extend(found.iter().map(|occurrence| occurrence.period.start.secs()));
    dates.sort_unstable();
    dates.dedup();
    Some(dates)
}

/// Reads the rule as one of the wall clock: a UTC UNTIL means the offset before the change.
fn local_rule(text: &str, from: i32) -> Option<Rule> {
    let shift = |part: &str| {
        let until = part.trim().to_ascii_uppercase();
        let Some(at) = until.strip_prefix("UNTIL=").and_then(time::utc) else { return part.to_owned() };
        format!("UNTIL={}", time::write_utc(at.plus(i64::from(from))))
    };
    let text = text.split(';').map(shift).collect::<Vec<_>>().join(";");
    Rule::parse(&text).ok().filter(|rule| rule.frequency() == Frequency::Yearly)
}

/// A master that only recurs.
fn part(start: DateTime, rules: Vec<Rule>) -> Part {
    Part { rules, ..Part::plain(EventTime::Utc(start), Length::Exact(0)) }
}

/// A UTC-OFFSET, with or without seconds, in seconds east.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = (text.get(..1)?, text.get(1..)?);
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let fits = matches!(digits.len(), 4 | 6) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let field = |at: usize| digits.get(at..at + 2).map_or(Some(0), |field| field.parse::<i32>().ok());
    let (hours, minutes, secs) = (field(0)?, field(2)?, field(4)?);
    (fits && hours < 24 && minutes < 60 && secs < 60).then_some(sign * (hours * 3_600 + minutes * 60 + secs))
}

fn write_offset(secs: i32) -> String {
    let sign = if secs < 0 { '-' } else { '+' };
    let secs = secs.abs();
    let short = format!("{sign}{:02}{:02}", secs / 3_600, secs / 60 % 60);
    if secs % 60 == 0 { short } else { format!("{short}{:02}", secs % 60) }
}

/// One change of offset.
#[derive(Clone, Debug)]
struct Onset {
    /// The wall clock just before.
    wall: DateTime,
    from: i32,
    to: i32,
    daylight: bool,
    name: String,
}

impl Onset {
    fn new(at: Instant, from: i32, to: i32, daylight: bool, name: &str) -> Self {
        Self { wall: wall_from_secs(at.secs() + i64::from(from)), from, to, daylight, name: name.to_owned() }
    }

    fn alike(&self, other: &Self) -> bool {
        (self.from, self.to, self.daylight, &self.name) == (other.from, other.to, other.daylight, &other.name)
    }
}

/// The stretch for which the zones of an object must be right that happens from `first` to `last`;
/// series reach at least to 2037.
pub(crate) fn needed(first: Instant, last: Instant, repeats: bool) -> Period {
    const END_OF_2037: Instant = Instant::from_secs(2_145_916_800);
    let last = if repeats { last.max(END_OF_2037) } else { last };
    // Dates that are not kept (L-47) want no time zone: EXDATE may name any.
    let clamp = |at: Instant| at.max(Instant::from_secs(0)).min(Instant::END_OF_TIME);
    Period { start: clamp(first), end: clamp(last) }
}

/// A VCALENDAR with nothing but the VTIMEZONE of a zone, right for everything in `span`: the
/// value of `CALDAV:calendar-timezone` (RFC 4791, section 5.2.2).
#[must_use]
pub fn vtimezone(zone: &Zone, span: Period) -> String {
    vtimezone_named(zone, zone.name(), span)
}

/// As [`vtimezone`], under a name that is not the zone's first one.
#[must_use]
pub fn vtimezone_named(zone: &Zone, tzid: &str, span: Period) -> String {
    let mut out = Vec::new();
    let prodid = format!("PRODID:{}", super::write::PRODID);
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), prodid];
    lines.extend(generate(zone, tzid, span));
    lines.push("END:VCALENDAR".to_owned());
    for line in &lines {
        super::line::fold(line, b"\r\n", &mut out);
    }
    // Folding keeps characters whole, so nothing is lost here.
    String::from_utf8_lossy(&out).into_owned()
}

/// The lines, unfolded, of a VTIMEZONE named `tzid` that is right for everything from a year
/// before `span` to five years after it.
pub(crate) fn generate(zone: &Zone, tzid: &str, span: Period) -> Vec<String> {
    const YEAR: i64 = 366 * 86_400;
    let from = span.start.plus(-YEAR);
    let to = span.end.plus(5 * YEAR);
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{}", escape(tzid))];
    let mut onsets = match zone.known() {
        Some(rules) => known_onsets(rules, from, to),
        None => probed_onsets(zone, from, to),
    };
    let first = onsets.remove(0);
    observance(&first, None, &[], &mut lines);
    while !onsets.is_empty() {
        let head = onsets[0].clone();
        let (group, rest) = onsets.into_iter().partition::<Vec<_>, _>(|onset| onset.alike(&head));
        emit_group(&group, to, &mut lines);
        onsets = rest;
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// The state at `from` as if it began then, and every change up to `to`.
fn known_onsets(rules: &TimeZone, from: Instant, to: Instant) -> Vec<Onset> {
    let info = rules.to_offset_info(from.timestamp());
    let mut before = info.offset().seconds();
    let mut onsets = vec![Onset::new(from, before, before, info.dst() == Dst::Yes, info.abbreviation())];
    for change in rules.following(from.timestamp()) {
        let at = Instant::from(change.timestamp());
        if at > to || onsets.len() > MAX_ONSETS {
            break;
        }
        let after = change.offset().seconds();
        onsets.push(Onset::new(at, before, after, change.dst() == Dst::Yes, change.abbreviation()));
        before = after;
    }
    onsets
}

/// As [`known_onsets`] for a zone that only a VTIMEZONE defined; its names are not repeated.
fn probed_onsets(zone: &Zone, from: Instant, to: Instant) -> Vec<Onset> {
    let first = zone.offset_at(from);
    let mut onsets = vec![Onset::new(from, first, first, false, "STD")];
    let changes = zone.onsets().iter().filter(|(at, _)| *at > from && *at <= to);
    for (at, after) in changes.take(MAX_ONSETS) {
        let before = onsets.last().map_or(first, |onset| onset.to);
        let name = if *after > before { "DST" } else { "STD" };
        onsets.push(Onset::new(*at, before, *after, *after > before, name));
    }
    onsets
}

/// Writes changes that are alike: a last run of years up to `to` that a yearly rule reproduces
/// exactly as that rule, all others as dates. A rule never gets an UNTIL: it would be in UTC,
/// and readers disagree about what that means at the last change.
fn emit_group(group: &[Onset], to: Instant, lines: &mut Vec<String>) {
    let last_year = Zone::utc().to_local(to).year();
    let runs_on = group.last().is_some_and(|last| last.wall.year() + 1 >= last_year);
    let endless = |at: &usize| runs_on && longest_run(&group[*at..]).1 == group.len() - at;
    // Two changes are no pattern.
    let begin = (0..group.len().saturating_sub(2)).find(endless).unwrap_or(group.len());
    if let Some(first) = group.get(begin) {
        let (rule, _) = longest_run(&group[begin..]);
        observance(first, Some(&format!("FREQ=YEARLY;{rule}")), &[], lines);
    }
    if let Some((first, others)) = group[..begin].split_first() {
        observance(first, None, others, lines);
    }
}

/// Which day of a month a change is on, of those that are its day of the week.
#[derive(Clone, Copy)]
enum Day {
    /// The one on this day of the month or in the six after it.
    NotBefore(i8),
    /// The first, second, …; -1 is the last.
    Nth(i8),
}

impl Day {
    /// Those that `date` may be; what is understood everywhere stands last.
    fn all(date: Date) -> Vec<Self> {
        // Seven days that every such month has.
        let most = if date.month() == 2 { 28 } else { date.days_in_month() } - 6;
        let mut all: Vec<Self> =
            ((date.day() - 6).max(1)..=date.day().min(most)).map(Self::NotBefore).collect();
        all.push(Self::Nth((date.day() - 1) / 7 + 1));
        if date.day() + 7 > date.days_in_month() {
            all.push(Self::Nth(-1));
        }
        all
    }

    /// Whether `found` is that day of its year, as `date` is in another.
    fn is(self, found: Date, date: Date) -> bool {
        let is_alike = found.month() == date.month() && found.weekday() == date.weekday();
        is_alike
            && match self {
                Self::NotBefore(first) => (first..first + 7).contains(&found.day()),
                Self::Nth(number) => {
                    found.nth_weekday_of_month(number, date.weekday()).is_ok_and(|expected| expected == found)
                }
            }
    }

    fn rule(self, date: Date) -> String {
        let (month, day) = (date.month(), date.strftime("%a").to_string().to_ascii_uppercase());
        let day = &day[..2];
        match self {
            Self::NotBefore(first) => {
                let days: Vec<String> = (first..first + 7).map(|day| day.to_string()).collect();
                format!("BYMONTH={month};BYMONTHDAY={};BYDAY={day}", days.join(","))
            }
            Self::Nth(number) => format!("BYMONTH={month};BYDAY={number}{day}"),
        }
    }
}

/// The yearly rule that fits the most consecutive years from the first onset on.
fn longest_run(group: &[Onset]) -> (String, usize) {
    let first = &group[0];
    let date = first.wall.date();
    let run = |day: Day| {
        let fits = |(onset, year): &(&Onset, i16)| {
            let found = onset.wall.date();
            onset.wall.time() == first.wall.time() && found.year() == *year && day.is(found, date)
        };
        group.iter().zip(date.year()..).take_while(fits).count()
    };
    let runs = Day::all(date).into_iter().map(|day| (day, run(day)));
    let (day, length) = runs.max_by_key(|(_, length)| *length).unwrap_or((Day::Nth(1), 0));
    (day.rule(date), length)
}

fn observance(first: &Onset, rule: Option<&str>, others: &[Onset], lines: &mut Vec<String>) {
    let kind = if first.daylight { "DAYLIGHT" } else { "STANDARD" };
    lines.push(format!("BEGIN:{kind}"));
    lines.push(format!("DTSTART:{}", time::write_wall(first.wall)));
    lines.push(format!("TZOFFSETFROM:{}", write_offset(first.from)));
    lines.push(format!("TZOFFSETTO:{}", write_offset(first.to)));
    lines.push(format!("TZNAME:{}", first.name));
    lines.extend(rule.map(|rule| format!("RRULE:{rule}")));
    lines.extend(others.iter().map(|onset| format!("RDATE:{}", time::write_wall(onset.wall))));
    lines.push(format!("END:{kind}"));
}

#[cfg(test)]
mod tests;

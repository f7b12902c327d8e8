//! The expansion agrees with the model and with `ical-rs` on thousands of random rules.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use jiff::civil::DateTime;

use super::random::{self, Source};
use super::{PLENTY, expand, model, part, rule, zone};
use crate::domain::event::{Event, ExtraDate, Part};
use crate::domain::recurrence::budget::Meter;
use crate::domain::recurrence::rule::Until;
use crate::domain::recurrence::walls::Walls;
use crate::domain::recurrence::{days, library};
use crate::domain::time::{EventTime, Instant, Length, Period, wall_secs};

/// How many days each rule is compared for: long ones for long periods.
fn reach(text: &str) -> i64 {
    match text.get(5..9) {
        Some("YEAR") => 1_500,
        Some("MONT") => 800,
        _ => 400,
    }
}

struct Case {
    text: String,
    start: DateTime,
    end: DateTime,
    walls: Walls,
}

impl Case {
    fn random(source: &mut Source) -> Self {
        let (text, start) = (random::rule(source), random::start(source));
        let parsed = rule(&text);
        let until = match parsed.until() {
            Some(Until::Local(wall)) => Some(wall),
            _ => None,
        };
        let walls = Walls::new(&parsed, start, false, until, false, &mut Meter::new(&PLENTY))
            .expect("daily or slower");
        let end = start + jiff::Span::new().days(reach(&text));
        Self { text, start, end, walls }
    }

    fn between(&self, from: DateTime, to: DateTime) -> Vec<DateTime> {
        self.walls.between(from, to, &mut Meter::new(&PLENTY)).expect("within plenty")
    }

    /// Our own engine alone, from DTSTART on, without COUNT and UNTIL.
    fn own_engine(&self) -> Vec<DateTime> {
        let mut found = Vec::new();
        let meter = &mut Meter::new(&PLENTY);
        days::walk(self.walls.pinned(), 0, self.end.date(), meter, &mut |wall| {
            if (self.start..=self.end).contains(&wall) {
                found.push(wall);
            }
            ControlFlow::Continue(())
        })
        .expect("within plenty");
        found
    }
}

fn agrees_with_the_model(seed: u64, rules: u32) -> u32 {
    let mut source = Source::new(seed);
    let mut by_library = 0;
    for _ in 0..rules {
        let case = Case::random(&mut source);
        let plain = model::expand(&case.text, case.start, case.end);
        let name = format!("{} from {}", case.text, case.start);
        assert_eq!(case.between(case.start, case.end), plain, "{name}");
        let from = case.start + jiff::Span::new().days(source.number(1, reach(&case.text)));
        let later: Vec<_> = plain.iter().copied().filter(|wall| *wall >= from).collect();
        assert_eq!(case.between(from, case.end), later, "{name}, beginning at {from}");
        if library::may_expand(case.walls.pinned()) {
            by_library += 1;
            let own = case.own_engine();
            assert!(own.starts_with(&plain), "{name}: the own engine differs");
        }
    }
    by_library
}

#[test]
fn expansion_agrees_with_the_model_on_random_rules() {
    let by_library = agrees_with_the_model(1, 1_500);
    assert!((300..1_300).contains(&by_library), "both engines are tried: {by_library}");
}

#[test]
fn expansion_agrees_with_the_model_on_more_random_rules() {
    let by_library = agrees_with_the_model(2, 1_500);
    assert!((300..1_300).contains(&by_library), "both engines are tried: {by_library}");
}

/// The one difference: BYWEEKNO without anything that names a day. `ical-rs` takes all seven
/// days of the week; RFC 5545, section 3.3.10, takes what the rule does not say from DTSTART,
/// and that is its weekday.
#[test]
fn expansion_agrees_with_ical_rs_but_for_weeks_without_a_day() {
    let mut source = Source::new(3);
    let (mut compared, mut differing) = (0, 0);
    for _ in 0..3_000 {
        let case = Case::random(&mut source);
        let theirs = by_ical_rs(&case);
        let ours = case.between(case.start, case.end);
        let names_day = ["BYDAY", "BYMONTHDAY", "BYYEARDAY"].iter().any(|part| case.text.contains(part));
        if case.text.contains("BYWEEKNO") && !names_day {
            differing += 1;
            if !case.text.contains("BYSETPOS") && !case.text.contains("COUNT") {
                let weekday = case.start.weekday();
                let same: Vec<_> = theirs.into_iter().filter(|wall| wall.weekday() == weekday).collect();
                assert_eq!(ours, same, "{} from {}", case.text, case.start);
            }
            continue;
        }
        compared += 1;
        assert_eq!(ours, theirs, "{} from {}", case.text, case.start);
    }
    assert!(compared > 2_700 && differing > 20, "{compared} compared, {differing} known to differ");
}

fn by_ical_rs(case: &Case) -> Vec<DateTime> {
    let small = |number: i8| u8::try_from(number).expect("not negative");
    let start = ical::recur::IcalRecurDateTime {
        year: i32::from(case.start.year()),
        month: small(case.start.month()),
        day: small(case.start.day()),
        hour: small(case.start.hour()),
        minute: small(case.start.minute()),
        second: small(case.start.second()),
    };
    let mut rule = ical::recur::IcalRecurRule::parse(&case.text).expect("a rule");
    // Without a bound it looks for an instance up to the year 9999.
    let end = ical::recur::IcalRecurDateTime::from_seconds(wall_secs(case.end));
    rule.until = Some(rule.until.map_or(end, |until| until.min(end)));
    let wall = |at: ical::recur::IcalRecurDateTime| {
        let [month, day, hour, minute, second] =
            [at.month, at.day, at.hour, at.minute, at.second].map(|part| i8::try_from(part).expect("small"));
        DateTime::new(i16::try_from(at.year).expect("small"), month, day, hour, minute, second, 0)
            .expect("a time")
    };
    ical::recur::expand::IcalRecurExpand::new(rule, start).map(wall).collect()
}

/// R15, R17: the same wall clock in zones that change theirs, gaps shifted, overlaps first,
/// one instant once, DTSTART first.
#[test]
fn instants_are_the_model_s_wall_clock_in_zones_with_summer_time() {
    let names = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"];
    let mut source = Source::new(4);
    for _ in 0..400 {
        let text = random::rule(&mut source).replace(";COUNT=", ";X-COUNT=");
        let start = random::start(&mut source);
        let zone = zone(source.pick(&names));
        let known = zone.known().expect("a known zone").clone();
        let at = |wall: DateTime| {
            let zoned = known.to_ambiguous_zoned(wall).compatible().expect("in range");
            Instant::from(zoned.timestamp())
        };
        let end = start + jiff::Span::new().days(reach(&text));
        let until = rule(&text).until().map(|until| match until {
            Until::Local(wall) => at(wall),
            other => panic!("UNTIL is local here, not {other:?}"),
        });
        let mut expected: BTreeSet<Instant> = model::expand(&text, start, end).into_iter().map(at).collect();
        expected.retain(|instant| until.is_none_or(|until| *instant <= until));
        expected.insert(at(start));
        let mut part = part("2027-01-01T00:00Z").rule(&text);
        part.start = EventTime::Zoned(start, zone.clone());
        let event: Event = part.event();
        let window = Period { start: at(start), end: at(end).plus(1) };
        let found: Vec<Instant> = expand(&event, window).iter().map(|found| found.period.start).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text} from {start} in {zone:?}");
    }
}

/// A part of the rule's own, moved by up to a week either way.
fn random_override(source: &mut Source, start: DateTime) -> Part {
    let mut part = part("2027-01-01T00:00Z");
    let id = start + jiff::Span::new().days(source.number(0, 60));
    part.recurrence_id = Some(EventTime::Zoned(id, zone("Europe/Berlin")));
    let moved = id + jiff::Span::new().hours(source.number(-170, 170));
    part.start = EventTime::Zoned(moved, zone(source.pick(&["Europe/Berlin", "Asia/Tokyo"])));
    part.this_and_future = source.one_in(3);
    part.length(Length::Exact(source.number(0, 200_000)))
}

/// Overrides, extra dates and long instances included: seeking loses nothing and adds nothing.
#[test]
fn a_window_has_what_touches_it_of_the_whole() {
    let mut source = Source::new(5);
    for _ in 0..150 {
        let (text, start) = (random::rule(&mut source), random::start(&mut source));
        let mut master = part("2027-01-01T00:00Z").rule(&text).except("2025-05-05");
        master.start = EventTime::Zoned(start, zone("Europe/Berlin"));
        let extra = start + jiff::Span::new().hours(source.number(-500, 5_000));
        master.dates.push(ExtraDate::Start(EventTime::Floating(extra)));
        let length = Length::Nominal { days: source.number(0, 20), secs: source.number(0, 90_000) };
        let mut event = master.length(length).event();
        for _ in 0..source.below(4) {
            event = event.with(random_override(&mut source, start));
        }
        let at = |days: i64| super::berlin().to_instant(start + jiff::Span::new().days(days));
        let whole = expand(&event, Period { start: at(-100), end: at(500) });
        for _ in 0..4 {
            let from = source.number(-60, 300);
            let window = Period { start: at(from), end: at(from + source.number(1, 40)) };
            let touches = |period: &Period| {
                period.overlaps(&window)
                    || period.secs() == 0 && (window.start..window.end).contains(&period.start)
            };
            let expected: Vec<_> = whole.iter().copied().filter(|found| touches(&found.period)).collect();
            assert_eq!(expand(&event, window), expected, "{text} from {start} in {window:?}");
        }
    }
}

//! Random rules of every kind, the same for the same seed.

use std::fmt::Write;

use jiff::civil::{DateTime, date};

/// A small generator of pseudo-random numbers (splitmix64).
pub(super) struct Source(u64);

impl Source {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(super) fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    pub(super) fn number(&mut self, min: i64, max: i64) -> i64 {
        let span = u64::try_from(max - min + 1).expect("min <= max");
        min + i64::try_from(self.below(span)).expect("small")
    }

    pub(super) fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let count = u64::try_from(items.len()).expect("small");
        items[usize::try_from(self.below(count)).expect("small")]
    }

    /// One to three distinct numbers without 0.
    fn numbers(&mut self, min: i64, max: i64) -> String {
        let mut list: Vec<i64> = Vec::new();
        for _ in 0..=self.below(3) {
            let number = self.number(min, max);
            if !list.contains(&number) && (number != 0 || min == 0) {
                list.push(number);
            }
        }
        if list.is_empty() {
            list.push(max);
        }
        list.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    }

    fn weekdays(&mut self, most: i64) -> String {
        let mut list: Vec<String> = Vec::new();
        for _ in 0..=self.below(3) {
            let day = self.pick(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
            let number = if most > 0 && self.one_in(2) { self.number(-most, most) } else { 0 };
            let item = if number == 0 { day.to_owned() } else { format!("{number}{day}") };
            if !list.contains(&item) {
                list.push(item);
            }
        }
        list.join(",")
    }
}

/// A DTSTART in the years 2019 to 2026, at some quarter of an hour.
pub(super) fn start(source: &mut Source) -> DateTime {
    let day = date(2019, 1, 1) + jiff::Span::new().days(source.number(0, 2_900));
    let hour = i8::try_from(source.number(0, 23)).expect("small");
    let minute = i8::try_from(source.number(0, 3) * 15).expect("small");
    day.at(hour, minute, 0, 0)
}

/// A rule from DAILY up, valid by the table of RFC 5545, section 3.3.10.
pub(super) fn rule(source: &mut Source) -> String {
    let frequency = source.pick(&["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let mut text = format!("FREQ={frequency}");
    if source.one_in(2) {
        add(&mut text, "INTERVAL", source.number(2, 5));
    }
    match source.below(3) {
        0 => add(&mut text, "COUNT", source.number(1, 40)),
        1 => add(
            &mut text,
            "UNTIL",
            format_args!("20{}0{}15T120000", source.number(24, 29), source.number(1, 9)),
        ),
        _ => {}
    }
    let before = text.len();
    if source.one_in(3) {
        add(&mut text, "BYMONTH", source.numbers(1, 12));
    }
    if frequency == "YEARLY" && source.one_in(4) {
        add(&mut text, "BYWEEKNO", source.numbers(-53, 53));
    }
    if frequency == "YEARLY" && source.one_in(5) {
        add(&mut text, "BYYEARDAY", source.numbers(-366, 366));
    }
    if frequency != "WEEKLY" && source.one_in(3) {
        add(&mut text, "BYMONTHDAY", source.numbers(-31, 31));
    }
    if source.one_in(2) {
        let in_year = frequency == "YEARLY" && !text.contains("BYWEEKNO");
        let most = if frequency == "MONTHLY" || text.contains("BYMONTH=") { 5 } else { 53 };
        let numbered = frequency == "MONTHLY" || in_year;
        add(&mut text, "BYDAY", source.weekdays(if numbered { most } else { 0 }));
    }
    if source.one_in(6) {
        add(&mut text, "BYHOUR", source.numbers(0, 23));
    }
    if source.one_in(8) {
        add(&mut text, "BYMINUTE", source.numbers(0, 59));
    }
    if source.one_in(4) && text.len() > before {
        let most = if source.one_in(3) { 12 } else { 3 };
        add(&mut text, "BYSETPOS", source.numbers(-most, most));
    }
    if source.one_in(3) {
        add(&mut text, "WKST", source.pick(&["SU", "WE", "SA"]));
    }
    text
}

fn add(text: &mut String, name: &str, value: impl std::fmt::Display) {
    write!(text, ";{name}={value}").expect("a String takes everything");
}

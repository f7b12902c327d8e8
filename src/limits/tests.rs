use std::collections::HashSet;
use std::time::Duration;

use super::{BadLimit, Limits, TABLE};

#[test]
fn every_limit_can_be_set_to_its_default_and_its_bounds_and_not_beyond() {
    for row in TABLE {
        let mut limits = Limits::default();
        assert_eq!(limits.set(row.key, &(row.default)()), Ok(()), "{}", row.key);
        assert_eq!(limits, Limits::default(), "{}", row.key);
        let (least, most) = (row.bounds)();
        assert_eq!(limits.set(row.key, &least), Ok(()), "{}", row.key);
        assert_eq!(limits.set(row.key, &most), Ok(()), "{}", row.key);
        let beyond = format!("9{most}");
        assert_eq!(limits.set(row.key, &beyond), Err(BadLimit::Bounds(least, most)), "{}", row.key);
    }
}

#[test]
fn keys_are_unique_and_numbers_ascend() {
    let keys: HashSet<_> = TABLE.iter().map(|row| row.key).collect();
    assert_eq!(keys.len(), TABLE.len());
    assert!(TABLE.is_sorted_by_key(|row| row.number));
}

#[test]
fn a_time_is_a_number_with_a_unit() {
    let mut limits = Limits::default();
    for (text, expected) in [("250ms", 250), ("7s", 7000), (" 2 m", 120_000), ("1h", 3_600_000)] {
        assert_eq!(limits.set("idle_time", text), Ok(()), "{text}");
        assert_eq!(limits.idle_time, Duration::from_millis(expected), "{text}");
    }
    for text in ["", "s", "10", "-1s", "1.5s", "1w", "99999999999999999999s"] {
        assert!(matches!(limits.set("idle_time", text), Err(BadLimit::Form(_))), "{text}");
    }
}

#[test]
fn a_count_is_a_whole_number() {
    let mut limits = Limits::default();
    assert_eq!(limits.set("attendees", "1_500"), Ok(()));
    assert_eq!(limits.attendees, 1500);
    for text in ["", "-1", "1.5", "many", "0x10"] {
        assert!(matches!(limits.set("attendees", text), Err(BadLimit::Form(_))), "{text}");
    }
    assert_eq!(limits.set("patience", "1"), Err(BadLimit::Unknown));
}

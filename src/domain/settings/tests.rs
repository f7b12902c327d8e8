//! Spelling, levels and refusals of settings.

use super::*;

#[test]
fn every_default_is_a_possible_value_and_keys_are_unique() {
    let settings = Settings::default();
    assert_eq!(settings.window_days, 395);
    assert_eq!(settings.max_duration, 31 * DAY);
    for (i, setting) in SETTINGS.iter().enumerate() {
        assert!(SETTINGS[..i].iter().all(|earlier| earlier.key != setting.key), "{}", setting.key);
    }
}

#[test]
fn the_nearest_level_decides() {
    let mut settings = Settings::default();
    settings.apply([("grid", "15m"), ("viewer", "details")]).expect("organisation");
    settings.apply([("grid", "none")]).expect("room");
    assert_eq!((settings.grid, settings.viewer), (None, ViewerLevel::Details));
}

#[test]
fn a_bad_setting_is_refused_with_what_is_possible() {
    let mut settings = Settings::default();
    let unknown = settings.set("colour", "red").expect_err("unknown").0;
    assert!(unknown.contains("window_days") && unknown.contains("\"colour\""), "{unknown}");
    let bad = settings.set("mode", "maybe").expect_err("bad").0;
    assert!(bad.contains("auto, off"), "{bad}");
    assert_eq!(settings, Settings::default());
    for bad in ["", "m", "-5m", "5", "5 m", "99999999d"] {
        assert_eq!(duration(bad), None, "{bad}");
    }
}

#[test]
fn an_audience_names_people_and_groups() {
    let mut settings = Settings::default();
    settings.set("book", "alice,group:staff").expect("valid");
    let named = vec![Principal::User("alice".into()), Principal::Group("staff".into())];
    assert_eq!(settings.book, Audience::Named(named));
    assert!(settings.set("book", "alice,,bob").is_err());
}

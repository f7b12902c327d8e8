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
    assert!(bad.contains("auto, approve, off"), "{bad}");
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

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn of_several_groups_the_strictest_decides_and_every_value_knows_where_it_was_set() {
    let organisation = pairs(&[("window_days", "100"), ("grid", "15m"), ("quotas", "5 bookings/week")]);
    let groups = [
        ("labs".to_owned(), pairs(&[("window_days", "60"), ("mode", "auto"), ("quotas", "20h/month")])),
        ("north".to_owned(), pairs(&[("window_days", "90"), ("mode", "approve")])),
    ];
    let resolved = resolve(&organisation, &groups, &pairs(&[("grid", "none")])).expect("possible");
    let origin = |key: &str| resolved.origins.get(key).cloned().unwrap_or_default();
    assert_eq!((resolved.settings.window_days, origin("window_days")), (60, Level::Group("labs".into())));
    assert_eq!((resolved.settings.mode, origin("mode")), (Mode::Approve, Level::Group("north".into())));
    assert_eq!((resolved.settings.grid, origin("grid")), (None, Level::Room));
    assert_eq!(origin("setup"), Level::Default);
    let levels: Vec<Level> = resolved.quotas.iter().map(|(level, _)| level.clone()).collect();
    assert_eq!(levels, [Level::Organisation, Level::Group("labs".into())]);
    assert_eq!(resolved.settings.quotas.len(), 2);
}

#[test]
fn quotas_are_read_as_they_are_written() {
    let read = Quota::read_all("5 bookings/week,20h/month, 1 booking/future").expect("possible");
    let facts: Vec<_> = read.iter().map(|quota| (quota.most, quota.counts, quota.per)).collect();
    assert_eq!(
        facts,
        [
            (5, Counted::Bookings, PerPeriod::Week),
            (72_000, Counted::Seconds, PerPeriod::Month),
            (1, Counted::Bookings, PerPeriod::Future),
        ]
    );
    assert_eq!(Quota::read_all("none"), Some(Vec::new()));
    for bad in ["5", "5 bookings", "x/week", "5 bookings/hour", "5 rooms/week", ""] {
        assert_eq!(Quota::read_all(bad), None, "{bad}");
    }
}

//! `docs/settings-tests.md`: for each setting the tests in which its default decides, and those in which
//! another value does. A test says `Setting grid: default` or `Setting grid: other` in the comment before it.

use std::fmt::Write as _;

use roomdav::domain::settings::SETTINGS;

use super::{current, tests_under};

/// A setting's key, and whether it is the default that decides.
fn named(comment: &str) -> Vec<(String, bool)> {
    let Some(rest) = comment.trim().strip_prefix("Setting ") else { return Vec::new() };
    let Some((key, which)) = rest.split_once(": ") else { return Vec::new() };
    match which {
        "default" => vec![(key.to_owned(), true)],
        "other" => vec![(key.to_owned(), false)],
        _ => Vec::new(),
    }
}

#[test]
fn each_setting_decides_in_tests_at_its_default_and_at_another_value() {
    let mut found = tests_under(named);
    let mut text = String::from(
        "# Tests of settings\n\n\
         Written from the comments of tests; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew. What each\n\
         setting means is in [settings.md](settings.md).\n\n\
         | Setting | Its default decides in | Another value decides in |\n|---|---|---|\n",
    );
    let mut missing = Vec::new();
    for setting in SETTINGS {
        let mut of = |is_default: bool| {
            let tests = found.remove(&(setting.key.to_owned(), is_default)).unwrap_or_default();
            if tests.is_empty() {
                missing.push((setting.key, if is_default { "default" } else { "other" }));
            }
            tests.join(", ")
        };
        let (default, other) = (of(true), of(false));
        let _ = writeln!(text, "| `{}` | {default} | {other} |", setting.key);
    }
    assert!(missing.is_empty(), "no test says that it holds {missing:?}");
    assert!(found.is_empty(), "there are no such settings: {:?}", found.keys());
    current("docs/settings-tests.md", &text);
}

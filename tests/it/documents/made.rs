//! Documents that are made from the lists in the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use roomdav::caldav::property::document::{document, table};
use roomdav::domain::settings::SETTINGS;
use roomdav::site::attachments::AttachmentNode;
use roomdav::site::files::FileNode;

use super::current;

#[test]
fn the_properties_are_documented_as_they_are() {
    let mut text = document();
    table::<FileNode>(&mut text, "Files and their collections");
    table::<AttachmentNode>(&mut text, "Attachments");
    current("docs/properties.md", &text);
}

#[test]
fn the_limits_are_documented_as_they_are() {
    current("docs/limits.md", &roomdav::limits::document());
}

#[test]
fn every_limit_is_held_by_some_code() {
    let sources = crate::sources::sources(&["src"]);
    let code = sources.iter().filter(|source| !source.path.starts_with("src/limits")).flat_map(|s| s.code());
    let lines: Vec<_> = code.map(|(_, line)| line.to_owned()).collect();
    for row in roomdav::limits::TABLE {
        let read = format!(".{}", row.key);
        let is_read = |line: &String| line.split(&read).skip(1).any(|rest| !rest.starts_with(['_', '(']));
        assert!(lines.iter().any(is_read), "nothing reads {}", row.key);
    }
}

#[test]
fn the_metrics_are_documented_as_they_are() {
    current("docs/metrics.md", &roomdav::metrics::document());
}

/// A number that nobody counts would always be told as nothing.
#[test]
fn every_metric_is_counted_by_some_code() {
    let sources = crate::sources::sources(&["src"]);
    let counting =
        sources.iter().filter(|source| !source.is_test() && !source.path.starts_with("src/metrics"));
    let lines: Vec<_> = counting.flat_map(|source| source.code()).map(|(_, line)| line.to_owned()).collect();
    for row in roomdav::metrics::TABLE {
        let uses = [format!(".{}.", row.field), format!("metrics.{}", row.field)];
        let is_used = |line: &String| uses.iter().any(|used| line.contains(used));
        assert!(lines.iter().any(is_used), "nothing counts {}", row.name);
    }
}

/// A setting that nothing reads would be set in vain.
#[test]
fn every_setting_decides_something() {
    let mut code = String::new();
    for source in crate::sources::sources(&["src"]) {
        let is_list = ["src/domain/settings.rs", "src/domain/settings/values.rs"].contains(&&*source.path);
        if !source.is_test() && !is_list {
            source.code().into_iter().for_each(|(_, line)| code.push_str(line));
        }
    }
    let is_no_word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let taken_apart = code.split("Settings {").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let named = code.split("settings.").skip(1).filter_map(|rest| rest.split(is_no_word).next());
    let read: BTreeSet<&str> = taken_apart.flat_map(|fields| fields.split(is_no_word)).chain(named).collect();
    let keys = SETTINGS.iter().map(|setting| setting.key);
    let in_vain: Vec<&str> = keys.filter(|key| !read.contains(key)).collect();
    assert!(in_vain.is_empty(), "nothing reads {in_vain:?}");
}

#[test]
fn the_settings_are_documented_as_they_are() {
    let mut text = String::from(
        "# Settings of rooms\n\n\
         Written from `src/domain/settings.rs`; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew.\n\
         `room set SLUG key=value` sets one for a room; under `[booking]` in `config.toml` the same keys are the\n\
         defaults of the whole house. The room's own value wins, then that of its groups, of several groups the\n\
         strictest; quotas hold at every level. `units` is set room by room only.\n\n\
         | Key | Default | Possible | What |\n|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let (key, default, values, about) = (setting.key, setting.default, setting.values, setting.about);
        let _ = writeln!(text, "| `{key}` | `{default}` | {values} | {about} |");
    }
    current("docs/settings.md", &text);
}

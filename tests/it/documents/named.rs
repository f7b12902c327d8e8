//! What hand-written documents name exists: files, tests, keys of the configuration.

use std::collections::BTreeSet;

use crate::sources::{quoted, read, root, sources};

const BY_HAND: [&str; 9] = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/compatibility.md",
    "docs/database.md",
    "docs/operations.md",
    "docs/performance.md",
    "docs/rfc-coverage.md",
    "schema/README.md",
];

/// Beginnings of what must be a file or a folder.
const FOLDERS: [&str; 8] =
    ["src/", "tests/", "docs/", "schema/", "scripts/", "bench/", "packaging/", "caldav-tests/"];

#[test]
fn files_that_documents_name_exist() {
    for document in BY_HAND {
        for (index, line) in read(document).lines().enumerate() {
            for name in quoted(line) {
                let is_path = FOLDERS.iter().any(|folder| name.starts_with(folder))
                    && !name.contains(['*', '…', ' ', '<', '{']);
                assert!(!is_path || root().join(name).exists(), "{document}:{}: {name}", index + 1);
            }
            for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let path = link.split('#').next().unwrap_or_default();
                if path.is_empty() || path.contains("://") {
                    continue;
                }
                let folder = root().join(document).parent().unwrap().join(path);
                assert!(folder.exists(), "{document}:{}: {link}", index + 1);
            }
        }
    }
}

#[test]
fn tests_that_hold_a_client_quirk_exist() {
    let all: Vec<_> = sources(&["src", "tests"]).into_iter().map(|source| source.text).collect();
    let document = read("docs/compatibility.md");
    let names = document.lines().filter(|line| line.starts_with('|')).flat_map(|line| {
        let last = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        quoted(last)
    });
    let names: Vec<&str> = names.collect();
    assert!(!names.is_empty());
    for name in names {
        let function = format!("fn {name}(");
        assert!(all.iter().any(|text| text.contains(&function)), "docs/compatibility.md: no test {name}");
    }
}

/// The keys that `src/config/read.rs` reads.
fn keys_read() -> BTreeSet<String> {
    let text = read("src/config/read.rs");
    let mut keys = BTreeSet::new();
    for call in ["section.read(\"", "section.list(\""] {
        keys.extend(text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    keys
}

#[test]
fn every_key_of_the_configuration_stands_in_config_toml_with_a_sentence() {
    let text = read("config.toml");
    let keys = keys_read();
    assert!(keys.len() >= 12, "{keys:?}");
    for key in keys {
        let at =
            text.lines().position(|line| line.trim_start_matches("#: ").starts_with(&format!("{key} =")));
        let at = at.unwrap_or_else(|| panic!("config.toml does not show {key}"));
        // The comment may stand above the keys it is about.
        let above = text.lines().take(at).collect::<Vec<_>>();
        let comment = above.iter().rev().find(|line| line.starts_with("# ") || line.is_empty());
        assert!(comment.is_some_and(|line| line.starts_with("# ")), "config.toml says nothing about {key}");
    }
}

/// Nothing here leads anywhere else than into this repository or to the public.
#[test]
fn the_project_stands_alone() {
    let mut texts: Vec<(String, String)> =
        BY_HAND.iter().map(|path| ((*path).to_owned(), read(path))).collect();
    texts.extend(sources(&["src", "tests"]).into_iter().map(|source| (source.path, source.text)));
    for (path, text) in texts {
        for word in [concat!("../", "shared"), concat!("/tmp/", "wt"), concat!("/work", "/")] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

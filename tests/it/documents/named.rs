//! What hand-written documents name exists: files, tests, keys of the configuration.

use std::collections::BTreeSet;

use crate::sources::{quoted, read, root, sources};

/// What is not ours to read: what is built, and what was fetched.
const NOT_OURS: [&str; 3] = ["target", "node_modules", ".git"];

/// Every document of the repository.
fn documents() -> Vec<String> {
    let mut waiting = vec![root().to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !NOT_OURS.contains(&name) {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    for known in ["README.md", "docs/access.md", "litmus/README.md"] {
        assert!(found.iter().any(|path| path == known), "{known} was not found");
    }
    found
}

/// Names of other programs that look like keys of ours.
const FOREIGN: [&str; 5] =
    ["pg_dump", "prometheus_client", "remote_apply", "restore_command", "synchronous_standby_names"];

/// Beginnings of what must be a file or a folder.
const FOLDERS: [&str; 11] = [
    "src/",
    "tests/",
    "docs/",
    "schema/",
    "scripts/",
    "bench/",
    "packaging/",
    "caldav-tests/",
    "chaos/",
    "fuzz/",
    "litmus/",
];

#[test]
fn files_that_documents_name_exist() {
    for document in documents() {
        for (index, line) in read(&document).lines().enumerate() {
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
                let folder = root().join(&document).parent().unwrap().join(path);
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

/// Words in an enum of commands, as one types them: `AppPassword` is `app-password`.
fn variants(text: &str, name: &str) -> Vec<String> {
    let body = text.split(&format!("enum {name} {{\n")).nth(1).and_then(|rest| rest.split("\n}").next());
    let lines = body.unwrap_or_else(|| panic!("no enum {name}")).lines();
    let names =
        lines.filter_map(|line| line.strip_prefix("    ").filter(|it| it.starts_with(char::is_uppercase)));
    let kebab = |name: &str| {
        let letters = name.chars().take_while(|c| c.is_alphanumeric()).enumerate();
        let dash = |index: usize, c: char| if c.is_uppercase() && index > 0 { "-" } else { "" };
        letters.map(|(index, c)| format!("{}{}", dash(index, c), c.to_lowercase())).collect::<String>()
    };
    names.map(kebab).collect()
}

/// Command lines in a document: code spans, and lines of code blocks, that begin with the program's name.
fn command_lines(text: &str) -> Vec<&str> {
    let mut is_block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        is_block ^= line.starts_with("```");
        let spans = if is_block { vec![line] } else { quoted(line) };
        found.extend(spans.into_iter().filter_map(|span| span.strip_prefix("roomdav ")));
    }
    found
}

#[test]
fn commands_that_documents_name_exist() {
    let main = read("src/command/mod.rs");
    let mut first = variants(&main, "Command");
    first.extend(variants(&main, "Beside"));
    // Named as what there is not yet.
    first.push("backup".to_owned());
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        for line in command_lines(&text) {
            let mut words = line.split_whitespace().skip_while(|word| word.starts_with("--"));
            let Some(family) = words.next() else { continue };
            assert!(first.iter().any(|it| it == family), "{document}: roomdav {line}");
            let file = format!("src/command/{}.rs", family.replace('-', "_"));
            let code = std::fs::read_to_string(root().join(file)).unwrap_or_default();
            if code.contains("enum Command {") {
                let second = words.next().unwrap_or_default();
                let known = variants(&code, "Command");
                assert!(known.iter().any(|it| it == second), "{document}: roomdav {line}");
            }
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

/// `free_disk_bytes` and the like: a key, a setting, a column, an element of the code.
#[test]
fn keys_that_documents_name_stand_in_the_code() {
    let is_key = |name: &str| {
        name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let mut texts: Vec<String> =
        sources(&["src", "tests", "bench", "chaos", "fuzz"]).into_iter().map(|source| source.text).collect();
    for folder in ["schema/sqlite", "schema/postgres"] {
        let steps = std::fs::read_dir(root().join(folder)).unwrap();
        texts.extend(steps.map(|step| std::fs::read_to_string(step.unwrap().path()).unwrap()));
    }
    for document in documents() {
        let text = read(&document);
        let names: BTreeSet<&str> = text.lines().flat_map(quoted).filter(|name| is_key(name)).collect();
        for name in names.into_iter().filter(|name| !FOREIGN.contains(name)) {
            assert!(texts.iter().any(|text| text.contains(name)), "{document} names {name}");
        }
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
        documents().into_iter().map(|path| (path.clone(), read(&path))).collect();
    texts.extend(sources(&["src", "tests"]).into_iter().map(|source| (source.path, source.text)));
    for (path, text) in texts {
        for word in [concat!("../", "shared"), concat!("/tmp/", "wt"), concat!("/work", "/")] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

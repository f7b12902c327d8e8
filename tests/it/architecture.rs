//! The directions of imports, and other habits of the code that a reader relies on. What is
//! allowed stands in `docs/architecture.md`, where people read it.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Source, quoted, read, sources, table_below};

const DOCUMENT: &str = "docs/architecture.md";

/// What each layer may import; `None`: everything.
fn allowed() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let mut layers = BTreeMap::new();
    for row in table_below(&read(DOCUMENT), "## Who may import whom") {
        let imports = (row[2] != "everything")
            .then(|| quoted(&row[2]).into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
        for layer in quoted(&row[0]) {
            layers.insert(layer.to_owned(), imports.clone());
        }
    }
    layers
}

/// The names that follow `prefix` in a line, `{…}` included.
fn names_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices(prefix) {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &line[at + prefix.len()..];
        let list = rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap_or(list));
        let items: Vec<&str> = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        names.extend(items.into_iter().map(|item| {
            let item = item.trim();
            &item[..item.find(|c| !is_name(c)).unwrap_or(item.len())]
        }));
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn layers_import_only_what_the_table_allows() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let layer = source.layer().expect("it is under src/");
        if matches!(layer, "main" | "lib") {
            continue;
        }
        let Some(imports) = allowed.get(layer) else {
            wrong.push(format!("{}: the layer `{layer}` is not in the table", source.path));
            continue;
        };
        let Some(imports) = imports else { continue };
        for (number, line) in source.code() {
            for name in names_after(line, "crate::") {
                if name != layer && !imports.contains(name) {
                    wrong.push(format!("{}:{number}: `{layer}` may not import `{name}`", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against {DOCUMENT}:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_names_layers_that_exist_and_has_no_circle() {
    let allowed = allowed();
    let found: BTreeSet<String> =
        sources(&["src"]).iter().filter_map(|source| source.layer().map(str::to_owned)).collect();
    for (layer, imports) in &allowed {
        assert!(found.contains(layer), "`{layer}` is in the table and not under src/");
        for import in imports.iter().flatten() {
            assert!(found.contains(import), "`{import}` is in the table and not under src/");
        }
    }
    // Layers whose imports are all gone can go; what is left then is a circle.
    let mut left: BTreeMap<&String, BTreeSet<&String>> = allowed
        .iter()
        .filter_map(|(layer, imports)| Some((layer, imports.as_ref()?.iter().collect())))
        .collect();
    while let Some(free) = left.iter().find(|(_, imports)| imports.is_empty()).map(|(layer, _)| *layer) {
        left.remove(free);
        for imports in left.values_mut() {
            imports.remove(free);
        }
    }
    assert!(left.is_empty(), "in a circle: {:?}", left.keys());
}

/// A crate and the places that may see it: beginnings of paths under `src/`, none for anywhere.
fn crates() -> BTreeMap<String, Vec<String>> {
    let mut crates = BTreeMap::new();
    for row in table_below(&read(DOCUMENT), "## Which crate is seen where") {
        let places: Vec<String> = quoted(&row[1]).into_iter().map(str::to_owned).collect();
        for name in quoted(&row[0]) {
            crates.insert(name.replace('-', "_"), places.clone());
        }
    }
    crates
}

/// The crates under `[dependencies]` in Cargo.toml, as code spells them.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect()
}

fn uses(source: &Source, name: &str) -> Option<usize> {
    let (path, alone) = (format!("{name}::"), format!("use {name};"));
    let at = |line: &&str| {
        let found = line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '"')))
        });
        found || line.contains(&alone)
    };
    source.code().iter().find(|(_, line)| at(line)).map(|(number, _)| *number)
}

#[test]
fn crates_are_seen_only_where_the_table_allows() {
    let crates = crates();
    let sources = sources(&["src"]);
    let mut wrong = Vec::new();
    for (name, places) in crates.iter().filter(|(_, places)| !places.is_empty()) {
        for source in sources.iter().filter(|source| !source.is_test()) {
            if places.iter().any(|place| source.path.starts_with(&format!("src/{place}"))) {
                continue;
            }
            if let Some(number) = uses(source, name) {
                wrong.push(format!("{}:{number}: `{name}` is not seen here", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "against {DOCUMENT}:\n{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_used_and_has_its_line_in_the_table() {
    let listed: BTreeSet<String> = crates().into_keys().collect();
    assert_eq!(dependencies(), listed, "Cargo.toml against {DOCUMENT}");
    let sources = sources(&["src"]);
    for name in dependencies() {
        assert!(sources.iter().any(|source| uses(source, &name).is_some()), "nobody uses {name}");
    }
}

/// Where a text may stand in code that is no test; `None` for nowhere.
const WORDS: [(&str, &[&str], &str); 5] = [
    ("Timestamp::now", &["src/clock.rs"], "the present is asked of a Clock"),
    ("Zoned::now", &[], "the present is asked of a Clock"),
    ("SystemTime::now", &[], "the present is asked of a Clock"),
    ("AssertSqlSafe", &["src/store/"], "SQL text is a constant"),
    ("unsafe ", &[], "no unsafe code"),
];

#[test]
fn what_stands_in_one_place_stands_nowhere_else() {
    for source in sources(&["src"]).iter().filter(|source| !source.is_test()) {
        for (word, places, why) in WORDS {
            if places.iter().any(|place| source.path.starts_with(place)) {
                continue;
            }
            for (number, line) in source.code() {
                assert!(!line.contains(word), "{}:{number}: {word}: {why}", source.path);
            }
        }
    }
}

#[test]
fn the_pure_layers_never_wait() {
    for source in sources(&["src/domain", "src/ical", "src/text", "src/caldav/property"]) {
        for (number, line) in source.code() {
            let waits = line.contains("async ") || line.contains(".await");
            assert!(!waits, "{}:{number}: {line}", source.path);
        }
    }
}

/// A file beyond this has found its second idea.
const MAX_LINES: usize = 500;

#[test]
fn no_file_is_longer_than_500_lines_and_every_file_says_what_it_is() {
    let mut wrong = Vec::new();
    for source in sources(&["src", "tests", "bench"]) {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{} has {lines} lines", source.path));
        }
        let is_tests = source.path.ends_with("tests.rs");
        if !is_tests && !source.text.starts_with("//! ") {
            wrong.push(format!("{} does not open with //!", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_found_in_lists_and_alone() {
    assert_eq!(names_after("use crate::{dav, ical::Limits};", "crate::"), ["dav", "ical"]);
    assert_eq!(names_after("let x = crate::store::Tx; crate::text::en", "crate::"), ["store", "text"]);
    assert_eq!(names_after("$crate::on_db!(mycrate::x)", "crate::"), [""; 0]);
}

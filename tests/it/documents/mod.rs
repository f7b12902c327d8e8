//! Documents are true: what is made from lists is current, what is written by hand names things
//! that exist. `UPDATE_DOCS=1 cargo test --test it documents` writes the made ones anew.

mod contents;
mod coverage;
mod floors;
mod made;
mod named;
mod operations;
mod reasons;
mod rules;
mod scenarios;
mod settings;

use std::collections::BTreeMap;

use crate::sources::sources;

/// The file must hold this text; with `UPDATE_DOCS=1` it is made to.
#[track_caller]
fn current(path: &str, wanted: &str) {
    let file = crate::sources::root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        let line = found.lines().zip(wanted.lines()).position(|(a, b)| a != b).map_or(0, |at| at + 1);
        panic!("{path} is not current, from line {line}: UPDATE_DOCS=1 cargo test --test it documents");
    }
}

/// The test functions under a comment from which `read` reads something, by that.
fn tests_under<K: Ord>(read: impl Fn(&str) -> Vec<K>) -> BTreeMap<K, Vec<String>> {
    let mut found: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for source in sources(&["tests", "src"]).into_iter().filter(|source| !source.path.contains("/documents/"))
    {
        // A comment stands before its test, or as the first thing in it.
        let mut waiting: Vec<K> = Vec::new();
        let mut name = "";
        for line in source.text.lines() {
            if let Some(comment) = line.trim_start().strip_prefix("//") {
                waiting.extend(read(comment));
                if !line.starts_with(' ') {
                    continue;
                }
            } else if let Some((_, rest)) = line.split_once("fn ") {
                name = rest.split(['(', '<']).next().unwrap_or_default();
            }
            if !name.is_empty() && (line.contains("fn ") || line.starts_with(' ')) {
                let test = format!("`{}` in `{}`", name, source.path);
                for key in waiting.drain(..) {
                    found.entry(key).or_default().push(test.clone());
                }
            }
        }
    }
    found
}

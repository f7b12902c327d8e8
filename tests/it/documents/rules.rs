//! `docs/booking-rules.md`: each rule is named by the code that obeys it and by a test that proves it, or
//! the page says that it is still to come.

use std::collections::BTreeSet;

use crate::sources::{read, sources};

const PATH: &str = "docs/booking-rules.md";
/// Lists that name rules, and obey none.
const LISTS: [&str; 4] =
    ["src/domain/settings.rs", "src/domain/settings/", "src/domain/reason.rs", "src/text/"];
/// What follows here is not obeyed yet.
const NOT_YET: &str = "## Not yet";

/// The rules of the booking part: `R1`, but not a requirement about programs such as `R1.6`. What is between
/// the ends of a range (`R40 to R44`) counts on the page; code and tests name what they mean.
fn cited(text: &str, ranges: bool) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let words: Vec<&str> =
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).collect();
    let words: Vec<&str> =
        words.into_iter().map(|word| word.trim_end_matches('.')).filter(|it| !it.is_empty()).collect();
    let number = |word: &str| word.strip_prefix('R')?.parse::<u32>().ok();
    for (at, word) in words.iter().enumerate() {
        let Some(first) = number(word) else { continue };
        let last = match words.get(at + 1..at + 3) {
            Some(["to", last]) if ranges => number(last).unwrap_or(first),
            _ => first,
        };
        found.extend(first..=last);
    }
    found
}

/// The rules that the page explains, and those that it says are still to come.
fn page() -> (Vec<u32>, BTreeSet<u32>) {
    let text = read(PATH);
    let (explained, missing) = text.split_once(NOT_YET).unwrap_or((&text, ""));
    let number = |line: &str| line.strip_prefix("- **R")?.split_once("**")?.0.parse::<u32>().ok();
    (explained.lines().filter_map(number).collect(), cited(missing, true))
}

#[test]
fn every_rule_is_obeyed_somewhere_and_proved_somewhere() {
    let (mut code, mut tests) = (BTreeSet::new(), BTreeSet::new());
    for source in sources(&["src", "tests"]) {
        let is_list = LISTS.iter().any(|list| source.path.starts_with(list));
        if is_list || source.path.starts_with("tests/it/documents/") || source.path == "tests/it/citations.rs"
        {
            continue;
        }
        if source.is_test() { &mut tests } else { &mut code }.extend(cited(&source.text, false));
    }
    let (explained, missing) = page();
    let mut wrong = Vec::new();
    for rule in &explained {
        let is_done = code.contains(rule) && tests.contains(rule);
        if missing.contains(rule) == is_done {
            let (code, tests) = (code.contains(rule), tests.contains(rule));
            wrong.push(format!("R{rule}: in the code {code}, in a test {tests}, still to come {}", !is_done));
        }
    }
    assert!(wrong.is_empty(), "{PATH}:\n{}", wrong.join("\n"));
    let all: BTreeSet<u32> = explained.iter().copied().collect();
    assert_eq!(all.len(), explained.len(), "a rule is explained twice");
    let unknown: Vec<_> = code.union(&tests).filter(|rule| !all.contains(rule)).collect();
    assert!(unknown.is_empty(), "{PATH} does not explain {unknown:?}");
}

#[test]
fn rules_are_told_from_requirements_about_programs() {
    let found = cited("// R3, R40 to R42: as in R1.6, `R151`. R59.", true);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [3, 40, 41, 42, 59, 151]);
    assert!(!cited("R40 to R42", false).contains(&41));
}

//! `docs/rfc-coverage.md`: what is done of each RFC is written by hand, where it is done is
//! collected from the citations in the code and the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::sources::{read, sources};

use super::current;

const PATH: &str = "docs/rfc-coverage.md";
/// What a row may say.
const STATES: [&str; 4] = ["done", "partly", "not yet", "not ours"];
/// What follows here is made whole.
const OTHERS: &str = "## Other documents that are cited";

type Section = Vec<u32>;

/// By RFC and section: the files that cite it, code and tests.
type Citations = BTreeMap<(u32, Section), (BTreeSet<String>, BTreeSet<String>)>;

fn citations() -> Citations {
    let mut all = Citations::new();
    let all_files = sources(&["src", "tests"]).into_iter();
    for source in all_files.filter(|source| !source.path.starts_with("tests/it/documents/")) {
        let path = source.path.strip_prefix("src/").unwrap_or(&source.path).to_owned();
        // A citation may go on in the next line of a comment.
        let text: Vec<&str> =
            source.text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!'])).collect();
        for (rfc, section) in cited(&text.join(" ").replace("  ", " ")) {
            let (code, tests) = all.entry((rfc, section)).or_default();
            if source.is_test() {
                tests.insert(path.clone())
            } else {
                code.insert(path.clone())
            };
        }
    }
    all
}

/// `RFC 4791, section 5.3`, and `RFC 4791, sections 5.3, 7.8 and 7.9`.
fn cited(text: &str) -> Vec<(u32, Section)> {
    let mut found = Vec::new();
    for rest in text.split("RFC ").skip(1) {
        let Some((rfc, rest)) = rest.split_once(", section") else { continue };
        let (Ok(rfc), Some(rest)) = (rfc.parse(), rest.strip_prefix('s').unwrap_or(rest).strip_prefix(' '))
        else {
            continue;
        };
        let (mut rest, mut is_end) = (rest, false);
        loop {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            let Some(section) = section(rest[..end].trim_end_matches('.')) else { break };
            if is_end {
                found.extend(between(found.last(), &section));
            }
            found.push((rfc, section));
            rest = &rest[end..];
            is_end = rest.starts_with(" to ");
            match [", ", " and ", " to "].iter().find_map(|joint| rest.strip_prefix(joint)) {
                Some(next) => rest = next,
                None => break,
            }
        }
    }
    found
}

/// The sections between the ends of `9.7 to 9.9`.
fn between(start: Option<&(u32, Section)>, end: &[u32]) -> Vec<(u32, Section)> {
    let Some((rfc, start)) = start else { return Vec::new() };
    let (Some((first, above)), Some((last, same))) = (start.split_last(), end.split_last()) else {
        return Vec::new();
    };
    let numbers = if above == same { first + 1..*last } else { 0..0 };
    numbers.map(|number| (*rfc, [above, &[number]].concat())).collect()
}

fn section(text: &str) -> Option<Section> {
    text.split('.').map(|number| number.parse().ok()).collect()
}

fn show(section: &[u32]) -> String {
    section.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

fn list(files: &BTreeSet<String>) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" ")
}

/// A row of the document: section, title, state, note; what follows is made.
struct Row {
    rfc: u32,
    section: Section,
    cells: Vec<String>,
}

/// The rows of the part that is written by hand, each under its RFC's heading.
fn rows(document: &str) -> Vec<Row> {
    let mut rfc = 0;
    let mut rows = Vec::new();
    for line in document.lines().take_while(|line| *line != OTHERS) {
        if let Some(heading) = line.strip_prefix("## RFC ") {
            rfc = heading.split(':').next().unwrap_or_default().parse().expect("a number");
        }
        let Some(row) = line.strip_prefix("| ") else { continue };
        let cells: Vec<String> = row.split('|').take(4).map(|cell| cell.trim().to_owned()).collect();
        if let Some(section) = section(&cells[0]) {
            rows.push(Row { rfc, section, cells });
        }
    }
    rows
}

fn made(document: &str, citations: &Citations) -> String {
    let mut text = String::new();
    let mut rows = rows(document).into_iter();
    let mut listed = BTreeSet::new();
    for line in document.lines().take_while(|line| *line != OTHERS) {
        let is_row = line.strip_prefix("| ").and_then(|row| section(row.split(' ').next()?)).is_some();
        if !is_row {
            let _ = writeln!(text, "{line}");
            continue;
        }
        let row = rows.next().expect("one for each line");
        listed.insert(row.rfc);
        let nowhere = (BTreeSet::new(), BTreeSet::new());
        let (code, tests) = citations.get(&(row.rfc, row.section.clone())).unwrap_or(&nowhere);
        let _ = writeln!(text, "| {} | {} | {} |", row.cells.join(" | "), list(code), list(tests));
    }
    let _ = write!(text, "{OTHERS}\n\n| Document | Section | Code | Tests |\n|---|---|---|---|\n");
    for ((rfc, section), (code, tests)) in citations.iter().filter(|((rfc, _), _)| !listed.contains(rfc)) {
        let _ = writeln!(text, "| RFC {rfc} | {} | {} | {} |", show(section), list(code), list(tests));
    }
    text
}

#[test]
fn the_coverage_says_where_each_section_is_cited() {
    current(PATH, &made(&read(PATH), &citations()));
}

#[test]
fn every_cited_section_has_a_row_and_every_claim_a_citation() {
    let (rows, citations) = (rows(&read(PATH)), citations());
    let listed: BTreeSet<u32> = rows.iter().map(|row| row.rfc).collect();
    let mut wrong = Vec::new();
    for (rfc, section) in citations.keys().filter(|(rfc, _)| listed.contains(rfc)) {
        if !rows.iter().any(|row| row.rfc == *rfc && row.section == *section) {
            wrong.push(format!("RFC {rfc}, section {} is cited and has no row", show(section)));
        }
    }
    for row in &rows {
        let name = format!("RFC {}, section {}", row.rfc, show(&row.section));
        let state = row.cells[2].as_str();
        if !STATES.contains(&state) {
            wrong.push(format!("{name}: {state:?} is none of {STATES:?}"));
        }
        if state != "done" && row.cells[3].is_empty() {
            wrong.push(format!("{name}: {state}, but why?"));
        }
        // The citation may be of the part, or of the whole.
        let is_cited = citations.keys().any(|(rfc, section)| {
            *rfc == row.rfc && (section.starts_with(&row.section) || row.section.starts_with(section))
        });
        if matches!(state, "done" | "partly") && !is_cited {
            wrong.push(format!("{name}: {state}, and cited nowhere"));
        }
    }
    for pair in rows.windows(2).filter(|pair| pair[0].rfc == pair[1].rfc) {
        let is_sorted = pair[0].section < pair[1].section;
        assert!(is_sorted, "RFC {}, section {} stands too late", pair[1].rfc, show(&pair[1].section));
    }
    assert!(wrong.is_empty(), "{PATH}:\n{}", wrong.join("\n"));
}

#[test]
fn citations_are_read_in_their_one_form() {
    let text = "RFC 4791, sections 5.3, 7.8 and 7.9; RFC 6638, section 3.2.4. And (RFC 5545, section 3.6).";
    let found: Vec<_> = cited(text).iter().map(|(rfc, section)| format!("{rfc} {}", show(section))).collect();
    assert_eq!(found, ["4791 5.3", "4791 7.8", "4791 7.9", "6638 3.2.4", "5545 3.6"]);
    let range: Vec<_> = cited("RFC 4791, sections 9.7 to 9.9").iter().map(|(_, it)| show(it)).collect();
    assert_eq!(range, ["9.7", "9.8", "9.9"]);
    assert!(cited("RFC 4918; RFC 9110, Section 3 and RFC 6868.").is_empty());
}

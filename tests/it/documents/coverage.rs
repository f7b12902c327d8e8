//! `docs/rfc-coverage.md`: what is done of each RFC is written by hand, where it is done is
//! collected from the citations in the code and the tests. The RFCs in [`super::contents`] are gone through
//! section by section.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::sources::{read, sources};

use super::contents::{rfcs, sections_of};
use super::current;

const PATH: &str = "docs/rfc-coverage.md";
/// What a row may say.
const STATES: [&str; 4] = ["done", "partly", "not yet", "not ours"];
/// What follows here is made whole.
const OTHERS: &str = "## Other documents that are cited";
/// The note of sections that only introduce, show by example, register or refer; they may share a row.
const NOTHING: &str = "asks nothing of a server";

pub(super) type Section = Vec<u32>;

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

/// `5.3.1` as its numbers.
pub(super) fn section(text: &str) -> Option<Section> {
    text.split('.').map(|number| number.parse().ok()).collect()
}

fn show(section: &[u32]) -> String {
    section.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

fn list(files: &BTreeSet<String>) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(" ")
}

/// A row of the document: sections, title, state, note; what follows is made.
struct Row {
    rfc: u32,
    sections: Vec<Section>,
    cells: Vec<String>,
}

impl Row {
    /// The row of a line; `None` for a line that is none.
    fn of(rfc: u32, line: &str) -> Option<Self> {
        let cells = line.strip_prefix("| ")?.split('|').take(4);
        let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
        let parts: Option<Vec<Vec<Section>>> = cells[0].split(", ").map(|part| named(rfc, part)).collect();
        Some(Self { rfc, sections: parts?.concat(), cells })
    }

    fn name(&self) -> String {
        format!("RFC {}, section {}", self.rfc, self.cells[0])
    }

    fn state(&self) -> &str {
        &self.cells[2]
    }

    fn asks_nothing(&self) -> bool {
        self.cells[3] == NOTHING
    }

    /// The files that cite it, code and tests.
    fn cited(&self, citations: &Citations) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut all = (BTreeSet::new(), BTreeSet::new());
        for section in &self.sections {
            if let Some((code, tests)) = citations.get(&(self.rfc, section.clone())) {
                all.0.extend(code.iter().cloned());
                all.1.extend(tests.iter().cloned());
            }
        }
        all
    }
}

/// What a cell names: `5.3`, or with `1 to 3` all from the first to the last and what is below that.
fn named(rfc: u32, text: &str) -> Option<Vec<Section>> {
    let Some((first, last)) = text.split_once(" to ") else { return Some(vec![section(text)?]) };
    let (first, last) = (section(first)?, section(last)?);
    let all = sections_of(rfc).unwrap_or_default().into_iter();
    Some(all.filter(|it| *it >= first && (*it <= last || it.starts_with(&last))).collect())
}

/// The rows of the part that is written by hand, each under its RFC's heading.
fn rows(document: &str) -> Vec<Row> {
    let mut rfc = 0;
    let mut rows = Vec::new();
    for line in document.lines().take_while(|line| *line != OTHERS) {
        if let Some(heading) = line.strip_prefix("## RFC ") {
            rfc = heading.split(':').next().unwrap_or_default().parse().expect("a number");
        }
        rows.extend(Row::of(rfc, line));
    }
    rows
}

fn made(document: &str, citations: &Citations) -> String {
    let mut text = String::new();
    let mut rows = rows(document).into_iter();
    let mut listed = BTreeSet::new();
    for line in document.lines().take_while(|line| *line != OTHERS) {
        let is_row = line.strip_prefix("| ").is_some_and(|row| row.starts_with(|c: char| c.is_ascii_digit()));
        if !is_row {
            let _ = writeln!(text, "{line}");
            continue;
        }
        let row = rows.next().expect("one for each line");
        listed.insert(row.rfc);
        let (code, tests) = row.cited(citations);
        let _ = writeln!(text, "| {} | {} | {} |", row.cells.join(" | "), list(&code), list(&tests));
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
fn every_numbered_section_has_one_row() {
    let rows = rows(&read(PATH));
    let mut wrong = Vec::new();
    for rfc in rfcs() {
        let sections = sections_of(rfc).expect("listed");
        let mut named: Vec<&Section> =
            rows.iter().filter(|row| row.rfc == rfc).flat_map(|row| &row.sections).collect();
        named.sort();
        let twice = named.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        wrong.extend(twice.map(|it| format!("RFC {rfc}, section {}: two rows", show(it))));
        let missing = sections.iter().filter(|it| !named.contains(it));
        wrong.extend(missing.map(|it| format!("RFC {rfc}, section {}: no row", show(it))));
        let unknown = named.iter().filter(|it| !sections.contains(it));
        wrong.extend(unknown.map(|it| format!("RFC {rfc}, section {}: there is none", show(it))));
    }
    assert!(wrong.is_empty(), "{PATH}:\n{}", wrong.join("\n"));
}

#[test]
fn every_cited_section_has_a_row_and_every_claim_a_citation() {
    let (rows, citations) = (rows(&read(PATH)), citations());
    let listed: BTreeSet<u32> = rows.iter().map(|row| row.rfc).collect();
    let mut wrong = Vec::new();
    for (rfc, section) in citations.keys().filter(|(rfc, _)| listed.contains(rfc)) {
        if !rows.iter().any(|row| row.rfc == *rfc && row.sections.contains(section)) {
            wrong.push(format!("RFC {rfc}, section {} is cited and has no row", show(section)));
        }
    }
    for row in &rows {
        let (name, state) = (row.name(), row.state());
        if !STATES.contains(&state) {
            wrong.push(format!("{name}: {state:?} is none of {STATES:?}"));
        }
        if state != "done" && row.cells[3].is_empty() {
            wrong.push(format!("{name}: {state}, but why?"));
        }
        let (code, tests) = row.cited(&citations);
        let is_cited = !(code.is_empty() && tests.is_empty());
        if matches!(state, "done" | "partly") && !is_cited {
            wrong.push(format!("{name}: {state}, and cited nowhere"));
        }
        if row.asks_nothing() && (is_cited || state != "not ours") {
            wrong.push(format!("{name}: {NOTHING}, and is cited or {state}"));
        }
        if row.sections.len() != 1 && !row.asks_nothing() {
            wrong.push(format!("{name}: several sections share a row only if each {NOTHING}"));
        }
    }
    for pair in rows.windows(2).filter(|pair| pair[0].rfc == pair[1].rfc) {
        let is_sorted = pair[0].sections[0] < pair[1].sections[0];
        assert!(is_sorted, "{} stands too late", pair[1].name());
    }
    assert!(wrong.is_empty(), "{PATH}:\n{}", wrong.join("\n"));
}

#[test]
fn a_row_may_name_several_sections() {
    let row = Row::of(5689, "| 1, 3.1 to 3.2, 4 to 4.1 | some | done | |").expect("a row");
    let sections: Vec<_> = row.sections.iter().map(|it| show(it)).collect();
    assert_eq!(sections, ["1", "3.1", "3.1.1", "3.2", "4", "4.1", "4.1.1"]);
    assert!(Row::of(5689, "| Section | What | State | Note |").is_none());
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

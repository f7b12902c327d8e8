//! Every requirement that this suite holds has a test that names it.

use std::collections::BTreeSet;
use std::path::Path;

/// Numbers cited in comments of test sources: `R1.4`, `B-03`, and ranges such as `R1.6 to R1.12`.
fn cited(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cited(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let comments = text.lines().map(str::trim_start).filter(|line| line.starts_with("// "));
            for comment in comments {
                numbers(comment, into);
            }
        }
    }
}

fn numbers(comment: &str, into: &mut BTreeSet<String>) {
    let words: Vec<&str> =
        comment.split(|c: char| c == ',' || c == ';' || c == ':' || c.is_whitespace()).collect();
    let words: Vec<&str> =
        words.into_iter().map(|word| word.trim_end_matches('.')).filter(|it| !it.is_empty()).collect();
    for (index, word) in words.iter().enumerate() {
        into.insert((*word).to_owned());
        let Some([_, "to", last]) = words.get(index..index + 3) else { continue };
        let split = |word: &str| -> Option<(String, u32)> {
            let at = word.rfind(['.', '-'])? + 1;
            Some((word[..at].to_owned(), word[at..].parse().ok()?))
        };
        if let (Some((head, first)), Some((same, last))) = (split(word), split(last))
            && head == same
        {
            into.extend((first..=last).map(|number| format!("{head}{number}")));
        }
    }
}

#[test]
fn every_line_about_programs_and_bad_input_has_a_test_that_names_it() {
    let mut found = BTreeSet::new();
    cited(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"), &mut found);
    let programs = [("R1.", 1..=14), ("R2.", 1..=11), ("R5.", 1..=8), ("R7.", 3..=4), ("R8.", 1..=10)];
    let mut wanted: Vec<String> = Vec::new();
    for (head, numbers) in programs {
        wanted.extend(numbers.map(|number| format!("{head}{number}")));
    }
    // Mail, its letters and pages of its own come with what they are of.
    let rows = (1..=65).filter(|number| *number != 63);
    wanted.extend(rows.map(|number| format!("B-{number:02}")));
    let missing: Vec<&String> = wanted.iter().filter(|number| !found.contains(*number)).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

#[test]
fn ranges_and_lists_are_read_as_their_numbers() {
    let mut found = BTreeSet::new();
    numbers("// R1.1, R1.6 to R1.8; B-03: something.", &mut found);
    for number in ["R1.1", "R1.6", "R1.7", "R1.8", "B-03"] {
        assert!(found.contains(number), "{number}");
    }
    assert!(!found.contains("R1.5") && !found.contains("B-04"));
}

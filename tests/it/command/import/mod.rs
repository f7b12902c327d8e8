//! `import` of what other programs export, one file for each of them in `fixtures/`: what is
//! said about every event, what stands in the calendar afterwards, and that a rehearsal says the same.

mod exports;
mod rights;
mod twice;

use super::{House, on_both};

/// With the people of the fixtures: ada and bob, carl whose account is off, and max who may do everything.
fn furnish(house: &House) {
    house.furnish();
    house.ok(&["user", "add", "carl", "--email", "carl@example.org"]);
    house.ok(&["user", "disable", "carl"]);
    house.ok(&["user", "add", "max", "--email", "max@example.org", "--admin"]);
}

/// Each date in the house: title, whose, when, and its state, by start.
fn dates(house: &House) -> Vec<String> {
    let mut dates: Vec<(String, String)> = Vec::new();
    for reservation in house.json(&["reservation", "list"]).as_array().unwrap() {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        for date in reservation["occurrences"].as_array().unwrap() {
            let (start, end) = (text(&date["start"]), text(&date["end"]));
            let state = text(&date["state"]);
            let tentative = if date["tentative"] == true { " tentative" } else { "" };
            let (title, user) = (text(&reservation["summary"]), text(&reservation["user"]));
            let line = format!("{} {} {title}, {user}, {state}{tentative}", &start[..16], &end[11..16]);
            dates.push((start, line));
        }
    }
    dates.sort();
    dates.into_iter().map(|(_, line)| line).collect()
}

/// Runs an import into the aula to its end, whatever it refuses.
fn import(house: &House, file: &str, login: &str, more: &[&str]) -> String {
    let ran = house.run(&[&["import", file, "--room", "aula", "--as", login], more].concat());
    assert!(ran.code <= 1 && (ran.code == 0) == ran.err.is_empty(), "{}{}", ran.out, ran.err);
    ran.out
}

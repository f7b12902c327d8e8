//! `docs/scenarios.md`: the stories that every build must pass, and the tests that play them. A test says
//! `Scenario 6` in the comment before it; the page is made from that.

use std::fmt::Write as _;

use super::{current, tests_under};

/// Each in a line; rooms are A and B.
const SCENARIOS: [&str; 42] = [
    "What follows directly is confirmed, what overlaps by a minute is busy",
    "Two programs want one slot at once, fifty times: one gets it each time",
    "Two events want A and B, and B and A, at once: one gets both",
    "A weekly series of ten with two dates taken is accepted without them; with limits of 0 declined whole",
    "Six of ten taken, or nine of twenty: declined whole",
    "The same written directly is refused and names both dates; with `skip` it is stored without them",
    "A new title changes nothing, although the room takes no series any more",
    "A series is prolonged although one of its past dates belongs to somebody else by now",
    "One date moves onto a taken slot: it alone is declined, and restored when it moves back in time",
    "A daily series shifted by an hour is not in its own way",
    "A daily series of thirty-hour events overlaps itself",
    "A series split in two writes, in either order, keeps its dates; somebody else's is busy",
    "One date cancelled by mail is free",
    "A date excluded in UTC is free in a series of another zone",
    "A duration for an end, a day without an end, and an end that is the start",
    "Whole days on which clocks change last 23 and 25 hours",
    "A time without a zone is the room's, and so is a day",
    "A time that the clock skips moves forward, one that comes twice is the first",
    "A day that is marked as free occupies the room",
    "Cancelled dates and events are free, and an older request does not bring them back",
    "However a program labels the room, it is judged, and labelled right",
    "A series without end is claimed to the horizon, and a day further each day",
    "What repeats hourly, or five thousand times, is refused in bounded time",
    "A request waits, keeps others out, and ends; queued ones do not, and one is chosen",
    "A shorter event stays approved, a moved one waits while its old time is kept",
    "A room of two parts is busy when one of them is, and the reverse",
    "Buffers before and after keep neighbours away and show as unavailable",
    "Two units are counted at their peak, also when three want them at once",
    "One event in two rooms is held against the number of each",
    "A pool gives one room for all dates and says which",
    "A swap into a busy room, by invitation and by MOVE",
    "A guest cancels nothing",
    "One event by two ways is one reservation; another organizer's is refused",
    "A hard block shows what it hits and displaces it; a soft one does not",
    "Who sees when a room is taken sees nothing else, and follows changes",
    "A private event is busy for colleagues and has an organizer for managers",
    "A decline names no holder to those who may not see him",
    "Nobody checks in: the date ends there, and nothing else does",
    "Bookings of people who left stay, are listed once, and can be handed on",
    "New zone data moves what it moves and leaves the rest alone",
    "A refused write that comes again and again is one message",
    "Every audit row of scenarios 4, 9, 24 and 34 names rule and reason",
];

/// `Scenario 6`, `Scenarios 4, 9 and 24`.
fn numbers(comment: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for rest in comment.split("Scenario").skip(1) {
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        for word in rest.split([' ', ',']).filter(|word| !word.is_empty() && *word != "and") {
            let digits = word.trim_end_matches([';', ':', '.']);
            let Ok(number) = digits.parse() else { break };
            found.push(number);
            if digits.len() < word.len() {
                break;
            }
        }
    }
    found
}

#[test]
fn every_scenario_names_its_tests() {
    let by_number = tests_under(numbers);
    let mut text = String::from(
        "# Scenarios\n\n\
         Written from the comments of tests; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew. The rules\n\
         behind them are in [booking-rules.md](booking-rules.md).\n\n\
         | No. | What happens | Played by |\n|---|---|---|\n",
    );
    for (at, words) in SCENARIOS.iter().enumerate() {
        let tests = by_number.get(&(at + 1)).map_or_else(|| "not yet".to_owned(), |tests| tests.join(", "));
        let _ = writeln!(text, "| {} | {words} | {tests} |", at + 1);
    }
    current("docs/scenarios.md", &text);
    let unknown: Vec<_> = by_number.keys().filter(|number| !(1..=42).contains(*number)).collect();
    assert!(unknown.is_empty(), "there is no scenario {unknown:?}");
}

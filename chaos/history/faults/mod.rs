//! Histories made by hand, with one fault each: the checker has to name it, and to find nothing in the
//! same history without it.

mod made;

use super::asked::{Asked, Condition, Place};
use super::check::{Fault, check};
use super::log::{Answer, Found, Last, Members, NEVER};
use super::world::PEOPLE;
use crate::report::Report;
use made::{ADA, AULA, BOB, History, YARD, hour, known, put, tag};

/// Holds each of them.
pub(crate) fn run(report: &mut Report) {
    let findings = check(&good().told, &good().stored());
    let found: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
    report.hold("the checker finds nothing in a good history", found.is_empty(), &format!("{found:?}"));
    for (name, fault, history) in faults() {
        let findings = check(&history.told, &history.stored());
        let counts = findings.counts();
        report.hold(
            &format!("the checker finds {name}"),
            counts.contains_key(&fault),
            &format!("{counts:?}"),
        );
    }
}

fn faults() -> Vec<(&'static str, Fault, History)> {
    vec![
        ("a lost update", Fault::LostUpdate, lost_update()),
        ("an overlap", Fault::Overlap, overlap()),
        ("a stale read", Fault::StaleRead, stale_read()),
        ("a list of two states", Fault::StaleRead, torn_list()),
        ("an acknowledged change that is not there", Fault::LostChange, lost_change()),
        ("a refused change that is there", Fault::UnaskedChange, kept_refusal()),
        ("a change of nobody", Fault::UnaskedChange, stray_change()),
        ("half of a move", Fault::LostChange, half_a_move()),
        ("a move of two commits", Fault::TornChange, torn_move()),
        ("an order against time", Fault::AgainstTime, against_time()),
        ("a refusal without a reason", Fault::WrongRefusal, refused_for_nothing()),
        ("a request in its own way", Fault::WrongRefusal, in_its_own_way()),
        ("the same text written twice", Fault::LostUpdate, written_twice()),
        ("an old tag that was taken", Fault::LostUpdate, old_tag()),
        ("a skipped change", Fault::SkippedSync, skipped_sync()),
        ("a mirror that is not the list", Fault::SkippedSync, other_mirror()),
        ("a token that went back", Fault::TokenWentBack, token_back()),
        ("a token of another history", Fault::TokenWentBack, other_history()),
        ("a member that is gone from the tables", Fault::WrongEnd, gone_at_the_end()),
        ("a booking that its owner is not shown", Fault::WrongEnd, not_shown()),
        ("a claim of nothing", Fault::WrongEnd, stray_claim()),
        ("a change without an audit row", Fault::Unaudited, unaudited()),
        ("an error of the server", Fault::BadAnswer, server_error()),
    ]
}

/// Two people book, change, are refused, look, and move.
fn good() -> History {
    let mut it = History::default();
    let first = it.book(ADA, "ada-0.ics", 9);
    it.book(BOB, "bob-0.ics", 10);
    let second = it.change(ADA, "ada-0.ics", 11, &first);
    it.refused(BOB, "bob-1.ics", 11, 1, ADA);
    it.get(BOB, "ada-0.ics", &format!("w{}", second.digest), &second);
    it.mirror(ADA, 3, &[("ada-0.ics", 'o', &second)], &["bob-0.ics"]);
    it.relocate(ADA, "ada-0.ics", &second);
    it.list(BOB, &[("bob-0.ics", 'o')]);
    it
}

fn lost_update() -> History {
    let mut it = good();
    let first = it.book(ADA, "ada-1.ics", 8);
    it.change(ADA, "ada-1.ics", 9, &first);
    it.change(ADA, "ada-1.ics", 10 + 2, &first);
    it
}

fn overlap() -> History {
    let mut it = good();
    it.book(ADA, "ada-1.ics", 8);
    it.book(BOB, "bob-1.ics", 8);
    it
}

fn stale_read() -> History {
    let mut it = good();
    let first = it.book(ADA, "ada-1.ics", 8);
    it.change(ADA, "ada-1.ics", 9, &first);
    it.get(BOB, "ada-1.ics", &format!("w{}", first.digest), &first);
    it
}

/// The second of two events, without the first.
fn torn_list() -> History {
    let mut it = good();
    it.book(ADA, "ada-1.ics", 8);
    it.book(ADA, "ada-2.ics", 9);
    it.list(ADA, &[("bob-0.ics", 'w'), ("ada-2.ics", 'o')]);
    it
}

fn lost_change() -> History {
    let mut it = good();
    it.book(ADA, "ada-1.ics", 8);
    it.room(AULA).rows.pop();
    it
}

fn kept_refusal() -> History {
    let mut it = good();
    let text = it.refused(BOB, "bob-1.ics", 10, 1, BOB);
    let line = it.last_line();
    it.row(AULA, "bob-1.ics", Some(&text), line, 900);
    it
}

fn stray_change() -> History {
    let mut it = good();
    let text = it.text("bob-1.ics", 8);
    it.row(AULA, "bob-1.ics", Some(&text), 4711, 900);
    it
}

fn half_a_move() -> History {
    let mut it = good();
    it.room(YARD).rows.pop();
    it
}

fn torn_move() -> History {
    let mut it = good();
    if let Some(row) = it.room(YARD).rows.last_mut() {
        row.nonce = 900;
    }
    it
}

fn against_time() -> History {
    let mut it = History::default();
    it.book(ADA, "ada-0.ics", 9);
    it.book(BOB, "bob-0.ics", 10);
    let rows = &mut it.room(AULA).rows;
    rows.swap(0, 1);
    rows[0].seq = 1;
    rows[1].seq = 2;
    it
}

fn refused_for_nothing() -> History {
    let mut it = good();
    it.refused(BOB, "bob-1.ics", 12, 1, ADA);
    it
}

/// What is there because of the first try is no reason against the second (P-9).
fn in_its_own_way() -> History {
    let mut it = good();
    let text = it.book(ADA, "ada-1.ics", 8);
    if let Some(entry) = it.told.entries.last_mut() {
        (entry.answer, entry.returned) = (Answer::Unknown(0), NEVER);
    }
    let taken = vec![(text.periods[0], PEOPLE[ADA].to_owned())];
    let found = Found::Refusal { reason: "busy".to_owned(), taken };
    let asked = put("ada-1.ics", &text, Condition::Absent);
    it.entry(ADA, asked, Answer::Known { status: 403, tag: None, found });
    it
}

fn written_twice() -> History {
    let mut it = good();
    let text = it.book(ADA, "ada-1.ics", 8);
    let line = it.entry(ADA, put("ada-1.ics", &text, Condition::None), known(204, Some(&tag(&text))));
    it.row(AULA, "ada-1.ics", Some(&text), line, 900);
    it
}

/// A refused change gave it another one.
fn old_tag() -> History {
    let mut it = good();
    let first = it.book(ADA, "ada-1.ics", 8);
    let came = (it.clock - 1, it.clock);
    let wanted = it.text("ada-1.ics", 10);
    let found = Found::Refusal {
        reason: "busy".to_owned(),
        taken: vec![(wanted.periods[0], PEOPLE[BOB].to_owned())],
    };
    let condition = Condition::Tag { tag: tag(&first), came };
    it.entry(
        ADA,
        put("ada-1.ics", &wanted, condition.clone()),
        Answer::Known { status: 403, tag: None, found },
    );
    let second = it.text("ada-1.ics", 12);
    let line = it.entry(ADA, put("ada-1.ics", &second, condition), known(204, Some(&tag(&second))));
    it.row(AULA, "ada-1.ics", Some(&second), line, 900);
    it
}

fn skipped_sync() -> History {
    let mut it = good();
    let text = it.book(ADA, "ada-1.ics", 8);
    it.book(BOB, "bob-1.ics", 9);
    it.mirror(ADA, 6, &[("ada-1.ics", 'o', &text)], &["bob-0.ics"]);
    it
}

fn other_mirror() -> History {
    let mut it = good();
    let listed = it.seen(&[("bob-0.ics", 'o')]);
    let mirror = Members::new();
    it.told.last.push(Last { person: BOB, place: Place::Room(AULA), listed, mirror });
    it
}

fn token_back() -> History {
    let mut it = good();
    it.mirror(ADA, 1, &[], &[]);
    it
}

fn other_history() -> History {
    let mut it = good();
    if let Some(row) = it.room(AULA).rows.get_mut(2) {
        row.nonce = 900;
    }
    it
}

fn gone_at_the_end() -> History {
    let mut it = good();
    it.book(ADA, "ada-1.ics", 8);
    it.room(AULA).kept = vec![];
    it
}

fn not_shown() -> History {
    let mut it = good();
    it.shown.push(BOB);
    it
}

fn stray_claim() -> History {
    let mut it = good();
    it.room(AULA).claims.push((hour(13), ADA));
    it
}

fn unaudited() -> History {
    let mut it = good();
    it.room(AULA).unpaired.push("change 1 has no row in the audit".to_owned());
    it
}

fn server_error() -> History {
    let mut it = good();
    it.entry(ADA, Asked::Get { room: AULA, name: "ada-0.ics".to_owned() }, Answer::Unknown(500));
    it
}

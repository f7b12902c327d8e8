//! Points 1 and 2: each acknowledged request has its changes in the history, and each change its request.
//!
//! The audit says from which address a change was asked for, and each line of requests has its own, so
//! changes of one line stand in the order of its requests.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::history::asked::{Asked, Place};
use crate::history::log::{Answer, Entry, Line, Told};
use crate::history::stored::{Row, Stored};

use super::{Fault, Findings};

/// Which request made which change.
#[derive(Default)]
pub(super) struct Placed {
    /// By request: where it changed something, and with which number.
    places: HashMap<usize, Vec<(Place, i64)>>,
    /// By change: the request.
    entries: HashMap<(Place, i64), usize>,
}

impl Placed {
    /// Where a request changed something.
    pub(super) fn of(&self, entry: usize) -> &[(Place, i64)] {
        self.places.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// The number of a request's change in a calendar.
    pub(super) fn at(&self, entry: usize, place: Place) -> Option<i64> {
        self.of(entry).iter().find(|(of, _)| *of == place).map(|(_, seq)| *seq)
    }

    /// The request of a change.
    pub(super) fn entry(&self, place: Place, seq: i64) -> Option<usize> {
        self.entries.get(&(place, seq)).copied()
    }

    fn add(&mut self, entry: usize, place: Place, seq: i64) {
        self.places.entry(entry).or_default().push((place, seq));
        self.entries.insert((place, seq), entry);
    }
}

/// Answers that no request should have: 503 is asked to come again, other errors are the server's own.
pub(super) fn answers(told: &Told, findings: &mut Findings) {
    for entry in &told.entries {
        let status = match &entry.answer {
            Answer::Unknown(status) | Answer::Known { status, .. } => *status,
        };
        if ![0, 200, 201, 204, 207, 403, 404, 412, 503].contains(&status) {
            findings.add(Fault::BadAnswer, format!("{status} for {:?}", entry.asked));
        }
    }
}

type Waiting<'s> = HashMap<(Line, Place), VecDeque<&'s Row>>;

/// Finds the changes of each request.
pub(super) fn place(told: &Told, stored: &Stored, findings: &mut Findings) -> Placed {
    let mut waiting: Waiting<'_> = HashMap::new();
    let mut nonces: HashMap<i64, Option<usize>> = HashMap::new();
    for (place, calendar) in &stored.0 {
        for row in calendar.rows.iter().filter(|_| matches!(place, Place::Room(_))) {
            match row.line {
                Some(line) => waiting.entry((line, *place)).or_default().push_back(row),
                None => findings.add(Fault::UnaskedChange, format!("{place:?} {row:?}: from nowhere")),
            }
        }
    }
    let mut lines: BTreeMap<Line, Vec<usize>> = BTreeMap::new();
    for (number, entry) in told.entries.iter().enumerate() {
        lines.entry(entry.line).or_default().push(number);
    }
    let mut placed = Placed::default();
    for number in lines.into_values().flatten() {
        let rows = take(&told.entries[number], &mut waiting, findings);
        let mut of_this: Vec<i64> = rows.iter().map(|(_, row)| row.nonce).collect();
        of_this.dedup();
        if of_this.len() > 1 {
            findings.add(Fault::TornChange, format!("{:?} has {rows:?}", told.entries[number].asked));
        }
        for (place, row) in rows {
            nonces.insert(row.nonce, Some(number));
            placed.add(number, place, row.seq);
        }
    }
    for ((_, place), rows) in waiting {
        for row in rows {
            findings.add(Fault::UnaskedChange, format!("{place:?} {row:?}"));
        }
    }
    shown(stored, &nonces, &mut placed, findings);
    placed
}

/// What persons' own calendars show of it is written by the same commit.
fn shown(
    stored: &Stored,
    nonces: &HashMap<i64, Option<usize>>,
    placed: &mut Placed,
    findings: &mut Findings,
) {
    for (place, calendar) in &stored.0 {
        for row in calendar.rows.iter().filter(|_| matches!(place, Place::Own(_))) {
            match nonces.get(&row.nonce) {
                Some(Some(number)) => placed.add(*number, *place, row.seq),
                _ => findings.add(Fault::UnaskedChange, format!("{place:?} {row:?}")),
            }
        }
    }
}

/// The changes that a request made in rooms, taken out of those of its line.
fn take<'s>(entry: &Entry, waiting: &mut Waiting<'s>, findings: &mut Findings) -> Vec<(Place, &'s Row)> {
    let is_known = matches!(entry.answer, Answer::Known { .. });
    let mut rows = Vec::new();
    if is_known && !entry.is_acknowledged() {
        return rows;
    }
    for (place, wanted) in wanted(entry) {
        let next = waiting.get_mut(&(entry.line, place));
        let fits = |row: &&Row| {
            Some(row.name.as_str()) == entry.asked.written()
                && match &wanted {
                    Wanted::Text(digest) => row.digest.as_ref() == Some(digest),
                    Wanted::AnyText => row.digest.is_some(),
                    Wanted::Gone => row.digest.is_none(),
                }
        };
        match next.and_then(|rows| rows.pop_front_if(|row| fits(row))) {
            Some(row) => rows.push((place, row)),
            None if is_known && must_change(entry, &wanted) => {
                findings.add(
                    Fault::LostChange,
                    format!("{:?} {:?} has no change in {place:?}", entry.asked, entry.answer),
                );
            }
            None => {}
        }
    }
    rows
}

enum Wanted {
    Text(String),
    AnyText,
    Gone,
}

/// The changes that it makes where it is carried out.
fn wanted(entry: &Entry) -> Vec<(Place, Wanted)> {
    match &entry.asked {
        Asked::Put { room, text, .. } => vec![(Place::Room(*room), Wanted::Text(text.digest.clone()))],
        Asked::Delete { room, .. } => vec![(Place::Room(*room), Wanted::Gone)],
        Asked::Move { from, to, .. } => {
            vec![(Place::Room(*to), Wanted::AnyText), (Place::Room(*from), Wanted::Gone)]
        }
        Asked::Get { .. } | Asked::Query { .. } | Asked::List { .. } | Asked::Sync { .. } => Vec::new(),
    }
}

/// 204 may be the answer for the same text again, which changes nothing (P-9).
fn must_change(entry: &Entry, wanted: &Wanted) -> bool {
    entry.status() == Some(201) || matches!(wanted, Wanted::Gone)
}

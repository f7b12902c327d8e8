//! Walks each calendar through its states, and holds questions against them: for each there has to be a
//! state, in the part of the history where it was asked, that answers it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::history::asked::Place;
use crate::history::log::{Entry, Mirrored};
use crate::history::stored::{Calendar, Stored};

use super::model::{State, Texts};
use super::order::Part;
use super::{Fault, Findings};

/// Something that was so at one place in a part of a calendar's history.
pub(super) struct Question<'a> {
    pub(super) place: Place,
    pub(super) part: Part,
    pub(super) was: Box<dyn Fn(&State) -> bool + 'a>,
    pub(super) about: About<'a>,
    pub(super) fault: Fault,
}

/// Of what something is asked: where there are several questions about the same, one answer is enough.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// Among those of its kind.
    pub(super) number: usize,
    /// Which part of it.
    pub(super) part: &'static str,
    pub(super) of: Of<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    Entry(&'a Entry),
    Mirror(&'a Mirrored),
}

type Key = (bool, usize, &'static str, Fault);

impl About<'_> {
    fn key(&self, fault: Fault) -> Key {
        (matches!(self.of, Of::Mirror(_)), self.number, self.part, fault)
    }
}

impl fmt::Display for About<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, part, of } = self;
        match of {
            Of::Entry(Entry { asked, person, answer, .. }) => {
                write!(out, "{number}{part}: {asked:?} by {person} was answered {answer:?}")
            }
            Of::Mirror(Mirrored { person, token, members, .. }) => {
                write!(out, "up to {token} the mirror of {person} has {members:?}")
            }
        }
    }
}

/// Holds the questions, and that no two bookings overlap in any state.
pub(super) fn walk(stored: &Stored, texts: &Texts, questions: Vec<Question<'_>>, findings: &mut Findings) {
    let mut by_place: BTreeMap<Place, Vec<Question<'_>>> = BTreeMap::new();
    for question in questions {
        by_place.entry(question.place).or_default().push(question);
    }
    let mut walk = Walk { texts, answered: HashSet::new(), unanswered: Vec::new(), findings };
    for (place, calendar) in &stored.0 {
        walk.through(*place, calendar, by_place.remove(place).unwrap_or_default());
    }
    walk.unanswered.extend(by_place.into_values().flatten());
    walk.end();
}

struct Walk<'a, 'q> {
    texts: &'a Texts,
    answered: HashSet<Key>,
    unanswered: Vec<Question<'q>>,
    findings: &'a mut Findings,
}

impl<'q> Walk<'_, 'q> {
    fn through(&mut self, place: Place, calendar: &Calendar, mut waiting: Vec<Question<'q>>) {
        waiting.sort_by_key(|question| std::cmp::Reverse(question.part.first));
        let mut state = State::default();
        let mut open: Vec<Question<'q>> = Vec::new();
        let mut seq = 0;
        let mut rows = calendar.rows.iter();
        loop {
            while let Some(next) = waiting.pop_if(|next| next.part.first <= seq) {
                open.push(next);
            }
            open = self.ask(&state, seq, open);
            let Some(row) = rows.next() else { break };
            if row.seq != seq + 1 {
                self.findings.add(Fault::LostChange, format!("{place:?}: after {seq} comes {}", row.seq));
            }
            seq = row.seq;
            state.apply(row);
            if matches!(place, Place::Room(_)) && row.digest.is_some() {
                self.overlap(&state, (place, seq), &row.name);
            }
        }
        self.unanswered.extend(open.into_iter().chain(waiting));
    }

    /// Asks in this state, and gives the questions that may be answered by a later one.
    fn ask(&mut self, state: &State, seq: i64, open: Vec<Question<'q>>) -> Vec<Question<'q>> {
        let mut left = Vec::new();
        for question in open {
            if question.part.last >= seq && (question.was)(state) {
                self.answered.insert(question.about.key(question.fault));
            } else if question.part.last <= seq {
                self.unanswered.push(question);
            } else {
                left.push(question);
            }
        }
        left
    }

    /// The member that just came meets no other.
    fn overlap(&mut self, state: &State, (place, seq): (Place, i64), name: &str) {
        let Some((_, new)) = state.members().find(|(known, _)| *known == name) else { return };
        for period in self.texts.periods(&new.digest) {
            for (other, _) in state.meeting(self.texts, name, *period) {
                let what = format!("{place:?} after {seq}: {name} and {other} at {period:?}");
                self.findings.add(Fault::Overlap, what);
            }
        }
    }

    fn end(self) {
        let Self { mut answered, unanswered, findings, .. } = self;
        for Question { place, part, about, fault, .. } in unanswered {
            if answered.insert(about.key(fault)) {
                findings.add(fault, format!("{place:?}, {} to {}: {about}", part.first, part.last));
            }
        }
    }
}

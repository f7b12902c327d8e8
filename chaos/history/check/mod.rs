//! T-8: whether what clients saw and what the database has are one history.
//!
//! The numbers of `changes` are the order, so nothing is searched: each point is one walk. Knows
//! neither sockets nor the program; histories made by hand are checked the same way
//! ([`super::faults`]).

mod last;
mod model;
mod order;
mod reads;
mod replay;
mod rows;
mod tags;
mod tokens;
mod verdict;
mod writes;

use std::collections::BTreeMap;
use std::fmt;

use super::log::Told;
use super::stored::Stored;

/// What can be wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    LostChange,
    UnaskedChange,
    TornChange,
    AgainstTime,
    Overlap,
    LostUpdate,
    WrongRefusal,
    StaleRead,
    WrongEnd,
    Unaudited,
    SkippedSync,
    TokenWentBack,
    BadAnswer,
}

impl Fault {
    /// Each with the sentence that is held.
    pub(crate) const ALL: [(Self, &'static str); 13] = [
        (Self::LostChange, "every acknowledged change is in the history once"),
        (Self::UnaskedChange, "nothing is in the history that nobody asked for, or that was refused"),
        (Self::TornChange, "what one request changed is one commit"),
        (Self::AgainstTime, "the order agrees with real time"),
        (Self::Overlap, "no two bookings of a room overlap at any time"),
        (Self::LostUpdate, "what was acknowledged was right at its place in the order"),
        (Self::WrongRefusal, "what was refused was wrong at some place where it may have been judged"),
        (Self::StaleRead, "each read saw one state between the last change before and the first one after"),
        (Self::WrongEnd, "the last state is what lists, tables and claims have"),
        (Self::Unaudited, "each change has one row in the audit, and each row one change"),
        (Self::SkippedSync, "whoever follows tokens has the state that the token names"),
        (Self::TokenWentBack, "tokens name numbers of this history, and none goes back or is refused"),
        (Self::BadAnswer, "no answer is an error of the server"),
    ];
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) fault: Fault,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.fault, self.what)
    }
}

/// Where findings are put.
#[derive(Default)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    fn add(&mut self, fault: Fault, what: impl Into<String>) {
        self.0.push(Finding { fault, what: what.into() });
    }

    /// How often each fault was found.
    pub(crate) fn counts(&self) -> BTreeMap<Fault, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.0 {
            *counts.entry(finding.fault).or_insert(0) += 1;
        }
        counts
    }
}

/// Everything that is wrong with this history.
pub(crate) fn check(told: &Told, stored: &Stored) -> Findings {
    let mut findings = Findings::default();
    rows::answers(told, &mut findings);
    let placed = rows::place(told, stored, &mut findings);
    let order = order::Order::of(told, stored, &placed);
    order::Order::against_time(told, stored, &placed, &mut findings);
    let tags = tags::Tags::of(told);
    let texts = model::Texts::of(told);
    let mut questions = writes::questions(told, stored, &texts, &placed, &order, &tags);
    questions.extend(reads::questions(told, &texts, &order));
    questions.extend(tokens::questions(told, stored, &order, &mut findings));
    replay::walk(stored, &texts, questions, &mut findings);
    last::compare(told, stored, &texts, &mut findings);
    findings
}

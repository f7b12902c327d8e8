//! What an edit does to the occurrences of a reservation (R56, R57), and whether a series
//! overlaps itself (R33).
//!
//! Compares times only: whether the room is the same is the caller's question. Pure.

use std::collections::HashMap;

use super::recurrence::{Occurrence, RecurrenceId};
use super::time::Period;

/// An occurrence as it is stored, with whatever the caller keeps about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldOccurrence<S> {
    /// Its key.
    pub id: RecurrenceId,
    /// When it was.
    pub period: Period,
    /// State, claim time, approval: carried through, never looked at.
    pub state: S,
}

/// An occurrence before and after an edit.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair<'a, S> {
    /// As stored. Its key differs from the new one where only the range matched.
    pub old: &'a OldOccurrence<S>,
    /// As it shall be.
    pub new: &'a Occurrence,
}

/// How the new occurrences follow from the old: each old and each new one stands in exactly
/// one place. Lists of pairs, and `added`, keep the order of the new; `removed` that of the old.
#[derive(Debug, PartialEq, Eq)]
pub struct Edit<'a, S> {
    /// Same range: keeps state, claim time and approval (R3, R57).
    pub unchanged: Vec<Pair<'a, S>>,
    /// The new range lies inside the old one: keeps them too.
    pub shrunk: Vec<Pair<'a, S>>,
    /// Any other new range: judged again.
    pub moved: Vec<Pair<'a, S>>,
    /// No old one fits: judged.
    pub added: Vec<&'a Occurrence>,
    /// No new one fits: released.
    pub removed: Vec<&'a OldOccurrence<S>>,
}

impl<'a, S> Edit<'a, S> {
    /// Matches by key, then leftovers by equal range: a changed rule, zone or a split renames
    /// keys without moving anyone (R56). Of several with one key or range, the first match.
    #[must_use]
    pub fn between(old: &'a [OldOccurrence<S>], new: &'a [Occurrence]) -> Self {
        let mut partner: Vec<Option<usize>> = vec![None; new.len()];
        let mut is_taken = vec![false; old.len()];
        match_up(old, new, |old| old.id, |new| new.id, &mut partner, &mut is_taken);
        match_up(old, new, |old| old.period, |new| new.period, &mut partner, &mut is_taken);
        let mut edit = Self {
            unchanged: Vec::new(),
            shrunk: Vec::new(),
            moved: Vec::new(),
            added: Vec::new(),
            removed: old.iter().zip(&is_taken).filter(|(_, taken)| !**taken).map(|(old, _)| old).collect(),
        };
        for (new, partner) in new.iter().zip(partner) {
            match partner.and_then(|at| old.get(at)) {
                None => edit.added.push(new),
                Some(old) if old.period == new.period => edit.unchanged.push(Pair { old, new }),
                // Of no length it is no part of anything (R18): that is judged.
                Some(old) if old.period.contains(&new.period) && new.period.secs() > 0 => {
                    edit.shrunk.push(Pair { old, new });
                }
                Some(old) => edit.moved.push(Pair { old, new }),
            }
        }
        edit
    }

    /// Whether nothing has to be judged or released: a text-only edit (R59), or one that only
    /// renames keys.
    #[must_use]
    pub fn keeps_all(&self) -> bool {
        self.shrunk.is_empty() && self.moved.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

/// Pairs what is still free on both sides and has the same mark.
fn match_up<S, K: Eq + std::hash::Hash>(
    old: &[OldOccurrence<S>],
    new: &[Occurrence],
    old_mark: impl Fn(&OldOccurrence<S>) -> K,
    new_mark: impl Fn(&Occurrence) -> K,
    partner: &mut [Option<usize>],
    is_taken: &mut [bool],
) {
    let mut free: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, old) in old.iter().enumerate().rev() {
        if !is_taken[at] {
            free.entry(old_mark(old)).or_default().push(at);
        }
    }
    for (new, partner) in new.iter().zip(partner) {
        if partner.is_none()
            && let Some(at) = free.get_mut(&new_mark(new)).and_then(Vec::pop)
        {
            *partner = Some(at);
            is_taken[at] = true;
        }
    }
}

/// Two occurrences of one series that overlap, the earlier first (R33, B-15); in any order given.
#[must_use]
pub fn self_overlap(occurrences: &[Occurrence]) -> Option<(Occurrence, Occurrence)> {
    let mut sorted: Vec<&Occurrence> =
        occurrences.iter().filter(|occurrence| occurrence.period.secs() > 0).collect();
    sorted.sort_by_key(|occurrence| (occurrence.period, occurrence.id));
    // Without an overlap so far, the one before ends last.
    sorted.windows(2).find(|pair| pair[0].period.overlaps(&pair[1].period)).map(|pair| (*pair[0], *pair[1]))
}

#[cfg(test)]
mod tests;

//! What is right to answer to a write in a given state: the rules of these runs, straight.

use std::collections::BTreeSet;

use crate::history::asked::{Asked, Condition, Place};
use crate::history::log::{Answer, Entry, Found};
use crate::history::world::{MANAGER, PEOPLE, Period};

use super::model::{Member, State, Texts, version};

/// The right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Created,
    Replaced,
    /// The same text is there already: nothing changes (P-9).
    Same,
    Removed,
    /// What the writer believed is not so.
    Stale,
    Missing,
    /// It is somebody else's.
    NotAllowed,
    /// Others have the room: each date that is not free, with who may be named for it.
    Taken(Vec<(Period, BTreeSet<usize>)>),
}

/// A write held against states.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) texts: &'a Texts,
    pub(super) entry: &'a Entry,
    /// Whether a tag that names the present text is the present one (see [`super::tags`]).
    pub(super) is_fresh: bool,
}

impl Judge<'_> {
    /// For a PUT or a DELETE, in the state of its room.
    pub(super) fn one(self, state: &State) -> Verdict {
        match &self.entry.asked {
            Asked::Put { room, name, text, .. } => self.put(state, Place::Room(*room), name, &text.digest),
            Asked::Delete { room, name, .. } => match self.source(state, Place::Room(*room), name) {
                Ok(_) => Verdict::Removed,
                Err(verdict) => verdict,
            },
            _ => Verdict::Missing,
        }
    }

    fn put(self, state: &State, place: Place, name: &str, digest: &str) -> Verdict {
        let reader = self.entry.person;
        let current = state.named(place, reader, name);
        if !self.condition_holds(current.as_ref().map(|(_, version)| version.as_str())) {
            return Verdict::Stale;
        }
        match current {
            Some((member, _)) if member.owner == reader && member.digest == digest => return Verdict::Same,
            Some((member, _)) if member.owner != reader && reader != MANAGER => return Verdict::NotAllowed,
            _ => {}
        }
        self.taken(state, name, digest).unwrap_or(match current {
            Some(_) => Verdict::Replaced,
            None => Verdict::Created,
        })
    }

    fn condition_holds(self, current: Option<&str>) -> bool {
        match self.entry.asked.condition() {
            Condition::None => true,
            Condition::Absent => current.is_none(),
            Condition::Tag { tag, .. } => current == Some(version(tag)) && self.is_fresh,
        }
    }

    /// What a MOVE takes along, or why it may not: of somebody else's event it would make one's own.
    pub(super) fn taken_along<'s>(
        self,
        state: &'s State,
        place: Place,
        name: &str,
    ) -> Result<&'s Member, Verdict> {
        let member = self.source(state, place, name)?;
        if member.owner == self.entry.person { Ok(member) } else { Err(Verdict::NotAllowed) }
    }

    /// The member that is to be removed, or why it may not be.
    fn source<'s>(self, state: &'s State, place: Place, name: &str) -> Result<&'s Member, Verdict> {
        let reader = self.entry.person;
        let (member, version) = state.named(place, reader, name).ok_or(Verdict::Missing)?;
        if !self.condition_holds(Some(&version)) {
            return Err(Verdict::Stale);
        }
        let may_remove = member.owner == reader || reader == MANAGER;
        if may_remove { Ok(member) } else { Err(Verdict::NotAllowed) }
    }

    /// For the target of a MOVE of this text.
    pub(super) fn target(self, state: &State, place: Place, name: &str, digest: &str) -> Verdict {
        let Asked::Move { overwrite, .. } = &self.entry.asked else { return Verdict::Missing };
        let reader = self.entry.person;
        let current = state.named(place, reader, name);
        match current {
            Some(_) if !overwrite => return Verdict::Stale,
            Some((member, _)) if member.owner == reader && member.digest == digest => return Verdict::Same,
            _ => {}
        }
        self.taken(state, name, digest).unwrap_or(match current {
            Some(_) => Verdict::Replaced,
            None => Verdict::Created,
        })
    }

    /// The dates of this text at which somebody else has the room.
    fn taken(self, state: &State, name: &str, digest: &str) -> Option<Verdict> {
        let periods = self.texts.periods(digest).iter();
        let taken = periods.filter_map(|period| {
            let holders: BTreeSet<usize> =
                state.meeting(self.texts, name, *period).map(|(_, member)| member.owner).collect();
            (!holders.is_empty()).then_some((*period, holders))
        });
        let taken: Vec<_> = taken.collect();
        (!taken.is_empty()).then_some(Verdict::Taken(taken))
    }
}

impl Verdict {
    /// Whether this is what was answered.
    pub(super) fn is(&self, answer: &Answer) -> bool {
        let Answer::Known { status, found, .. } = answer else { return true };
        match (self, status, found) {
            (Self::Created, 201, _)
            | (Self::Replaced | Self::Same | Self::Removed, 204, _)
            | (Self::Stale, 412, _)
            | (Self::Missing, 404, _) => true,
            (Self::NotAllowed, 403, Found::Refusal { reason, .. }) => {
                ["not-allowed", "need-privileges"].contains(&reason.as_str())
            }
            (Self::Taken(dates), 403, Found::Refusal { reason, taken }) => {
                let is_named = |(period, holders): &(Period, BTreeSet<usize>)| {
                    let mut named = taken.iter().filter(|(of, _)| of == period);
                    named.next().is_some_and(|(_, name)| holders.iter().any(|it| PEOPLE[*it] == name))
                };
                reason == "busy" && taken.len() == dates.len() && dates.iter().all(is_named)
            }
            _ => false,
        }
    }
}

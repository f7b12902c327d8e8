//! What one writer knows: of each event where it stands, and where it may stand.

use std::collections::BTreeMap;
use std::time::Duration;

use super::shape::{Base, Shape};
use crate::program::http::Reply;

/// Where an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    There { room: usize, shape: Shape },
}

impl State {
    pub(crate) fn there(&self) -> Option<(usize, &Shape)> {
        match self {
            Self::Absent => None,
            Self::There { room, shape } => Some((*room, shape)),
        }
    }

    /// Whether this is what stands in the rooms: texts of one event, with the number of the room.
    fn is(&self, found: &[(usize, &str)], base: Base) -> bool {
        match (self, found) {
            (Self::Absent, []) => true,
            (Self::There { room, shape }, [(number, text)]) => room == number && shape.text(base) == *text,
            _ => false,
        }
    }
}

struct Entry {
    known: State,
    /// What was asked for, until the answer is there; if none comes, until somebody looks.
    asked: Option<State>,
    /// What was known once.
    past: Vec<State>,
}

/// What may have become of what was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    Everything,
    /// What came after the last [`Ledger::promise`] may be lost; what is there was there once since (F-9).
    SincePromised,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) acked: u64,
    pub(crate) refused: u64,
    /// Answered 503.
    pub(crate) unavailable: u64,
    /// No answer.
    pub(crate) broken: u64,
    /// Of these two, what had happened all the same.
    pub(crate) happened: u64,
    /// The longest that somebody waited for an answer, or for its end.
    pub(crate) slowest: Duration,
}

impl Tally {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            acked: self.acked + other.acked,
            refused: self.refused + other.refused,
            unavailable: self.unavailable + other.unavailable,
            broken: self.broken + other.broken,
            happened: self.happened + other.happened,
            slowest: self.slowest.max(other.slowest),
        }
    }
}

pub(crate) struct Ledger {
    entries: BTreeMap<String, Entry>,
    /// The reasons for which what takes time of a room may be refused.
    pub(crate) reasons: &'static [&'static str],
    pub(crate) tally: Tally,
    /// Answers that nobody may get.
    pub(crate) surprises: Vec<String>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let (tally, surprises) = (Tally::default(), Vec::new());
        Self { entries: BTreeMap::new(), reasons: &["busy"], tally, surprises }
    }

    /// What was known until now cannot come back.
    pub(crate) fn promise(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.past.clear());
    }

    fn may_be_for(&self, reply: &Reply) -> bool {
        let text = reply.text();
        reply.status == 403 && self.reasons.iter().any(|reason| text.contains(&format!("<R:{reason}>")))
    }

    /// The events that are there, as far as is known.
    pub(crate) fn there(&self) -> Vec<(usize, &Shape)> {
        self.entries.values().filter_map(|entry| entry.known.there()).collect()
    }

    pub(crate) fn uids(&self) -> impl Iterator<Item = &String> {
        self.entries.keys()
    }

    /// One of the events of which it is open what became.
    pub(crate) fn open(&self) -> Option<String> {
        self.entries.iter().find(|(_, entry)| entry.asked.is_some()).map(|(uid, _)| uid.clone())
    }

    /// Before a request is sent.
    pub(crate) fn ask(&mut self, uid: &str, wanted: State) {
        let new = || Entry { known: State::Absent, asked: None, past: Vec::new() };
        self.entries.entry(uid.to_owned()).or_insert_with(new).asked = Some(wanted);
    }

    /// After its answer, or when it is clear that none comes. `may_refuse`: the request takes some time
    /// of a room.
    pub(crate) fn hear(&mut self, uid: &str, reply: Result<&Reply, &str>, may_refuse: bool) {
        let is_refusal = may_refuse && reply.is_ok_and(|reply| self.may_be_for(reply));
        let Some(entry) = self.entries.get_mut(uid) else { return };
        match reply {
            Ok(reply) if reply.is_success() => {
                self.tally.acked += 1;
                if let Some(wanted) = entry.asked.take() {
                    entry.past.push(std::mem::replace(&mut entry.known, wanted));
                }
            }
            Ok(_) if is_refusal => {
                self.tally.refused += 1;
                entry.asked = None;
            }
            Ok(reply) if reply.status == 503 => {
                self.tally.unavailable += 1;
                if reply.field("retry-after").is_none() {
                    self.surprises.push(format!("{uid}: 503 does not say when to come again"));
                }
            }
            Ok(reply) => {
                entry.asked = None;
                let cause = format!("{uid}: {} {} to {:?}", reply.status, reply.text(), entry.known);
                self.surprises.push(cause);
            }
            Err(_) => self.tally.broken += 1,
        }
    }

    /// Takes note of what stands in the rooms under the name of an event, when nobody writes it.
    pub(crate) fn find(
        &mut self,
        uid: &str,
        found: &[(usize, &str)],
        base: Base,
        keeps: Keeps,
    ) -> Result<(), String> {
        let Some(entry) = self.entries.get_mut(uid) else { return Ok(()) };
        let asked = entry.asked.take();
        if entry.known.is(found, base) {
            return Ok(());
        }
        if let Some(asked) = asked.filter(|asked| asked.is(found, base)) {
            self.tally.happened += 1;
            entry.past.push(std::mem::replace(&mut entry.known, asked));
            return Ok(());
        }
        let once = entry.past.iter().find(|past| past.is(found, base)).cloned();
        match once {
            Some(once) if keeps == Keeps::SincePromised => {
                entry.known = once;
                Ok(())
            }
            _ => Err(format!("{uid} should be {:?} and is {found:?}", entry.known)),
        }
    }
}

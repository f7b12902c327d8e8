//! What clients saw: each request with when it was sent, when it was answered, and what came.

use std::collections::BTreeMap;

use super::asked::{Asked, Place};
use super::world::Period;

/// Nanoseconds of a run, or steps of a simulation; only their order counts.
pub(crate) type Moment = u64;

/// When what was never answered was answered.
pub(crate) const NEVER: Moment = Moment::MAX;

/// One conversation with the server, from an address of its own: the audit says by which one a change
/// was asked for. The requests of a line come one after the other, and none after one whose outcome is
/// not known; whoever sends a text for the second time takes another line.
pub(crate) type Line = u32;

/// The names of members as a reader sees them, with their tags.
pub(crate) type Members = BTreeMap<String, String>;

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) line: Line,
    /// Who asked, of [`super::world::PEOPLE`].
    pub(crate) person: usize,
    pub(crate) asked: Asked,
    pub(crate) invoked: Moment,
    pub(crate) returned: Moment,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// None, or 5xx: it may have happened, or may yet.
    Unknown(u16),
    Known {
        status: u16,
        tag: Option<String>,
        found: Found,
    },
}

/// What an answer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// A text, by its digest.
    Text(String),
    Members {
        members: Members,
        token: Option<String>,
    },
    /// Tags of what is there, `None` for what is gone.
    Changes {
        changed: Vec<(String, Option<String>)>,
        token: String,
        is_cut: bool,
    },
    /// The element that says why not, and the dates that were not given, each with who has the room.
    Refusal {
        reason: String,
        taken: Vec<(Period, String)>,
    },
}

/// What a mirror held after an answer that left nothing out.
#[derive(Clone, Debug)]
pub(crate) struct Mirrored {
    pub(crate) person: usize,
    pub(crate) place: Place,
    pub(crate) invoked: Moment,
    pub(crate) returned: Moment,
    pub(crate) token: String,
    pub(crate) members: Members,
}

/// All that clients saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) entries: Vec<Entry>,
    pub(crate) mirrored: Vec<Mirrored>,
    /// What was listed when nobody wrote any more, by whom, and what the mirror had then.
    pub(crate) last: Vec<Last>,
}

#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub(crate) person: usize,
    pub(crate) place: Place,
    pub(crate) listed: Members,
    pub(crate) mirror: Members,
}

impl Last {
    /// The calendars that have to be listed.
    pub(crate) fn places(&self) -> Vec<Place> {
        match self.place {
            Place::Home(person) => Place::in_home(person).collect(),
            place => vec![place],
        }
    }

    /// One of them was.
    pub(crate) fn is_listed(&mut self, place: Place, members: Members) {
        let within = if self.place == place { String::new() } else { place.below_home() };
        self.listed.extend(members.into_iter().map(|(name, tag)| (format!("{within}{name}"), tag)));
    }
}

impl Entry {
    /// The status, if the outcome is known.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.answer {
            Answer::Known { status, .. } => Some(status),
            Answer::Unknown(_) => None,
        }
    }

    /// Whether a change was acknowledged.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.asked.written().is_some() && self.status().is_some_and(|status| status < 300)
    }
}

impl Told {
    /// What somebody else saw, too.
    pub(crate) fn and(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.mirrored.extend(other.mirrored);
        self.last.extend(other.last);
    }
}

//! What an import says: about the file, and about each of its objects.

use crate::booking::outcome::Outcome;
use crate::domain::id::UserId;
use crate::ical::CalendarObject;

use super::note::Note;
use super::pieces::Piece;
use super::trial::{Change, Tried};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// METHODs of the file, which are not kept.
    pub methods: Vec<String>,
    /// In the order of the file.
    pub events: Vec<Imported>,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its UID as it was written, or as it was made; empty where it has none.
    pub uid: String,
    /// Its title.
    pub summary: String,
    /// The login of whose it is; `None` where it was refused.
    pub owner: Option<String>,
    /// What happened.
    pub fate: Fate,
    /// How it differs from what the file says, and why.
    pub notes: Vec<Note>,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Created,
    /// It took the place of an earlier one.
    Replaced,
    /// It was there already.
    Unchanged,
    /// The sentence why not.
    Refused(String),
}

impl Imported {
    pub(super) fn of(piece: &Piece) -> Self {
        Self {
            uid: piece.uid.clone(),
            summary: piece.summary.clone(),
            owner: None,
            fate: Fate::Unchanged,
            notes: Vec::new(),
        }
    }

    /// It could be read.
    pub(super) fn read(&mut self, object: &CalendarObject, notes: Vec<Note>) {
        let titled = object.master().or_else(|| object.parts().next());
        self.summary = titled.and_then(|part| part.text("SUMMARY")).unwrap_or_default();
        self.notes = notes;
    }

    /// It is not taken; what else there was to say about it does not matter any more.
    pub(super) fn refuse(&mut self, sentence: String) {
        self.fate = Fate::Refused(sentence);
        self.notes.clear();
    }

    /// What the rules said to it; `intended` is whose it was to become.
    pub(super) fn settle(&mut self, tried: &Tried, intended: Option<UserId>) {
        let left_out = match &tried.outcome {
            Outcome::Refused(refusal) => {
                self.refuse(refusal.sentence.clone());
                return;
            }
            Outcome::Stored { created, left_out, .. } => {
                self.fate = if *created { Fate::Created } else { Fate::Replaced };
                left_out.as_slice()
            }
            Outcome::Removed => {
                self.fate = Fate::Replaced;
                &[]
            }
        };
        if intended.is_some() && intended != tried.owner {
            // It is somebody's already, and stays that.
            self.notes.retain(|note| !note.is_about_owner());
        }
        let only = match tried.change {
            Change::Some => {
                self.notes.extend(left_out.iter().cloned().map(Note::LeftOut));
                self.notes.extend(tried.waits.then_some(Note::Waits));
                return;
            }
            Change::None => None,
            Change::Newer => Some(Note::Newer),
            Change::Elsewhere => Some(Note::Elsewhere),
        };
        self.fate = Fate::Unchanged;
        self.notes = only.into_iter().collect();
    }
}

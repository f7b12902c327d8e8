//! What comes of a command. It is made from what was stored (R4): that, or a refusal with its reason (R5).

use crate::domain::reason::{Failure, Reason};
use crate::domain::space::Room;

/// A command that was carried out, or refused by the rules.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Stored.
    Stored {
        /// There was nothing of that name before.
        created: bool,
        /// The version that the caller now has: only if what is served is what was sent.
        version: Option<String>,
        /// RFC 6638, section 3.2.10.
        schedule_tag: Option<String>,
        /// Of an import: what of it was not given, a sentence for each room.
        left_out: Vec<String>,
    },
    /// Removed.
    Removed,
    /// Not given; nothing is booked. Where the caller asked for it a declined copy was stored.
    Refused(Box<Refusal>),
}

impl Outcome {
    /// Stored as it was asked.
    pub(super) const fn stored(created: bool, version: Option<String>, schedule_tag: Option<String>) -> Self {
        Self::Stored { created, version, schedule_tag, left_out: Vec::new() }
    }
}

/// Why a write was not given, in words and in codes.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was asked.
    pub about: About,
    /// The room that refused.
    pub room: Room,
    /// Every occurrence that was not given (R42). Empty only for somebody else's event.
    pub failures: Vec<Failure>,
    /// The code of the first failing occurrence.
    pub reason: Reason,
    /// One sentence that names room, dates and reasons, in the actor's language (R105, R120).
    pub sentence: String,
    /// A declined copy was stored for the actor; whether there was one before.
    pub copy: Option<Copy>,
}

/// What became of the declined copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// It is new.
    Created,
    /// It replaced an earlier one.
    Replaced,
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A new booking.
    New,
    /// A change of one's own booking.
    Change,
    /// A change of somebody else's booking.
    ForeignChange,
    /// The cancellation of one's own booking.
    Delete,
    /// The cancellation of somebody else's booking.
    ForeignDelete,
    /// A move to another calendar.
    Move,
}

/// What a refused new booking leaves behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefusal {
    /// Nothing.
    #[default]
    Refuse,
    /// A declined copy that only its writer sees, and that is no booking.
    KeepDeclinedCopy,
}

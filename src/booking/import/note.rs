//! What an import says about an event that is taken otherwise than it stands in the file.

use std::fmt;

/// One remark about one event, as an English sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It is the organizer's now: the login.
    Organizers(String),
    /// Nobody here has the organizer's address; whose it is instead.
    Nobody {
        /// The address as it stands there.
        organizer: String,
        /// The login of whose it is.
        owner: String,
    },
    /// The organizer is known and cannot have it; whose it is instead.
    Cannot {
        /// The login.
        organizer: String,
        /// What is in the way.
        why: &'static str,
        /// The login of whose it is.
        owner: String,
    },
    /// A TZID that is read as a zone of ours (R14).
    Zone {
        /// As it is written.
        tzid: String,
        /// The zone's name.
        zone: String,
    },
    /// The file explains a zone otherwise than our zone data, which decides (R14).
    ZoneDiffers(String),
    /// Times without a zone are read in the room's (R13).
    Floating(String),
    /// It is marked as free (R29).
    Free,
    /// It is cancelled (R28).
    Cancelled,
    /// What of it was not given, and why.
    LeftOut(String),
    /// It waits for a manager (R70).
    Waits,
    /// Older versions of its parts that were in the file too.
    Repeated(usize),
    /// Another event of the file has its UID.
    Renamed,
    /// Keys of attachments that another server gave.
    Attachments,
    /// What is here was changed since.
    Newer,
    /// Another calendar decides about it.
    Elsewhere,
}

impl Note {
    /// Whether it says whose the event becomes.
    pub(super) const fn is_about_owner(&self) -> bool {
        matches!(self, Self::Organizers(_) | Self::Nobody { .. } | Self::Cannot { .. })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organizers(login) => write!(f, "it becomes {login}'s, who is its organizer"),
            Self::Nobody { organizer, owner } => {
                write!(f, "its organizer {organizer} is nobody here, so it becomes {owner}'s")
            }
            Self::Cannot { organizer, why, owner } => {
                write!(f, "its organizer {organizer} {why}, so it becomes {owner}'s")
            }
            Self::Zone { tzid, zone } => write!(f, "times in \"{tzid}\" are read as {zone} (R14)"),
            Self::ZoneDiffers(difference) => write!(f, "{difference}, which decides (R14)"),
            Self::Floating(zone) => write!(f, "times without a zone are read in the room's, {zone} (R13)"),
            Self::Free => f.write_str("it is marked as free and takes the room all the same (R29)"),
            Self::Cancelled => f.write_str("it is cancelled and takes no room (R28)"),
            Self::LeftOut(sentence) => write!(f, "left out: {}", sentence.trim_end_matches('.')),
            Self::Waits => f.write_str("it waits for a manager (R70)"),
            Self::Repeated(1) => f.write_str("an older version of it in the file is dropped"),
            Self::Repeated(count) => write!(f, "{count} older versions of it in the file are dropped"),
            Self::Renamed => f.write_str("another event of the file has its UID, so it gets one of its own"),
            Self::Attachments => f.write_str("its attachments stay on the other server"),
            Self::Newer => f.write_str("it was changed here since"),
            Self::Elsewhere => f.write_str("another calendar invites the room to it and decides"),
        }
    }
}

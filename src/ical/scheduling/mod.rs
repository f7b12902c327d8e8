//! What scheduling does to texts: what an attendee is shown of an organizer's event, what the two
//! may change, who answered what, and the messages between them.
//!
//! Knows no people and no calendars; an attendee is a set of addresses. Times without a zone are
//! compared as UTC, alike on both sides. RFC 6638, section 3; RFC 5546.

mod answers;
mod changes;
mod kept;
mod message;
mod received;
mod room_reply;
mod view;

pub use answers::{Agent, Answers, Mark, agent, answers, has_instance, mark, recorded};
pub(crate) use changes::exceptions;
pub use changes::{Forced, cancels, change, forced, is_allowed, rescheduled, restores, says};
pub use kept::{Kept, reduced};
pub use message::{cancelled, instances, lost, message, reply, sequenced, standing, without};
pub use received::{
    Incoming, Speaker, Version, added, dates_cancelled, invitation, speaker, taken, uninvited,
};
pub use room_reply::{RoomReply, decline_counter, refresh, room_reply};
pub use view::{merged, view};

use bytes::Bytes;

use super::error::IcalError;
use super::limits::Limits;
use super::object::CalendarObject;

/// Reads a text that was made here of one that was read before.
pub(crate) fn again(text: Bytes) -> Result<CalendarObject, IcalError> {
    CalendarObject::parse(text, &Limits::none())
}

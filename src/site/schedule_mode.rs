//! What a room does with requests by itself, by the words of Apple's server: `auto-schedule-mode` of its
//! principal, which a manager sets. It is the settings `mode` and `pending` under another name.
//!
//! R40, R70, R72. A room never takes what overlaps (R1), so it cannot accept always; and it leaves no
//! request without an answer.

use http::StatusCode;

use crate::booking::admin::AdminError;
use crate::caldav::node::{Node, Principal};
use crate::dav::condition::{CANNOT_MODIFY_PROTECTED_PROPERTY, Condition};
use crate::dav::name::{CALENDARSERVER, Name, ROOMDAV};
use crate::dav::patch::{Failure, Plan};
use crate::dav::{DavError, Edit, Href};
use crate::domain::id::Slug;
use crate::domain::settings::{Mode, Pending, Settings};

use super::Site;
use super::people;
use super::place::{Place, Who};
use super::properties::fits;
use super::reader::Reader;
use super::refusal;

/// Each word that a room can mean, with what it sets. `none`: a manager decides about everything, also
/// about what overlaps.
const MODES: [(&str, &str, &str); 5] = [
    ("automatic", "auto", "default"),
    ("decline-if-busy", "approve", "hold"),
    ("none", "approve", "queue"),
    ("decline-always", "off", "default"),
    ("default", "default", "default"),
];

/// The others are `accept-always` and `accept-if-free`.
const POSSIBLE_MODE: Condition = Condition::new(
    Name::new(ROOMDAV, "possible-auto-schedule-mode"),
    StatusCode::FORBIDDEN,
    "docs/settings.md",
);

/// The word for a room's settings.
pub(super) const fn shown(settings: &Settings) -> &'static str {
    match (settings.mode, settings.pending) {
        (Mode::Auto, _) => "automatic",
        (Mode::Approve, Pending::Hold) => "decline-if-busy",
        (Mode::Approve, Pending::Queue) => "none",
        (Mode::Off, _) => "decline-always",
    }
}

/// The property that a failure is of.
pub(super) fn is_it(name: &Name) -> bool {
    name.is(CALENDARSERVER, "auto-schedule-mode")
}

impl Site {
    /// A manager's word for the room; the failure, if it cannot be.
    pub(super) async fn patch_schedule_mode(
        &self,
        reader: &Reader,
        node: &Node,
        plan: &Plan<Principal>,
    ) -> Result<Option<Failure>, DavError> {
        let place = crate::dav::tree::Node::href(node);
        let Some(Place::Principal(Who::Room(slug))) = Place::of(place) else {
            return Ok(Some(Failure::of(CANNOT_MODIFY_PROTECTED_PROPERTY)));
        };
        if plan.patch.members.is_keep() {
            let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
            let mut tx = snapshot.tx();
            let room = people::visible_room(&mut tx, reader, &slug).await.map_err(refusal::store)?;
            if !room.is_some_and(|room| room.asker.manager) {
                return Ok(Some(Failure { status: StatusCode::FORBIDDEN, condition: None }));
            }
            let most = self.limits.dead_properties;
            let has_room = fits(&mut tx, reader.account(), place.as_str(), &plan.dead, most).await;
            if !has_room.map_err(refusal::store)? {
                // Known before the room is touched, so that all is done or nothing.
                return Ok(Some(Failure { status: StatusCode::INSUFFICIENT_STORAGE, condition: None }));
            }
        } else {
            // A room has nobody act for it: all of it fails.
            return Ok(Some(Failure::of(CANNOT_MODIFY_PROTECTED_PROPERTY)));
        }
        let word = match &plan.patch.schedule_mode {
            Edit::Set(word) => word.trim(),
            Edit::Keep | Edit::Clear => "default",
        };
        let Some((_, mode, pending)) = MODES.iter().find(|(known, ..)| *known == word) else {
            return Ok(Some(Failure::of(POSSIBLE_MODE)));
        };
        let pairs =
            [("mode", mode), ("pending", pending)].map(|(key, value)| (key.to_owned(), (*value).to_owned()));
        let Ok(slug) = Slug::parse(&slug) else { return Ok(Some(Failure::of(POSSIBLE_MODE))) };
        match self.bookings.set_room(slug, pairs.to_vec()).await {
            Ok(()) => Ok(None),
            Err(AdminError::Refused(_)) => {
                Ok(Some(Failure { status: StatusCode::CONFLICT, condition: None }))
            }
            Err(error) => Err(refusal::admin(error, &Href::root())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_reads_back_from_what_it_sets() {
        for (word, mode, pending) in MODES {
            let mut settings = Settings::default();
            for (key, value) in [("mode", mode), ("pending", pending)] {
                let value = if value == "default" { continue } else { value };
                settings.set(key, value).expect("possible");
            }
            let expected = if word == "default" { "automatic" } else { word };
            assert_eq!(shown(&settings), expected, "{word}");
        }
    }
}

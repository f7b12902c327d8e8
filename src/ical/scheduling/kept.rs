//! How much of an event from outside is stored (R106): what the rules need, what a room keeps, and no more.

use bytes::Bytes;

use crate::domain::attendee::Address;
use crate::ical::edit::{IDENTITY_AND_TIMES, is_one_of};
use crate::ical::object::CalendarObject;
use crate::ical::patch::{Patch, remove_param};

/// What is stored of an event from outside: how much of it `keep` says (R106), and what the rules need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SUMMARY.
    pub title: bool,
    /// ORGANIZER.
    pub organizer: bool,
    /// That there are attendees, without who they are.
    pub attendee_count: bool,
    /// DESCRIPTION, LOCATION, COMMENT, URL and the like.
    pub description: bool,
    /// ATTACH.
    pub attachments: bool,
}

/// The text with only so much in it; `rooms` are the addresses of the house's rooms, which stay.
#[must_use]
pub fn reduced(object: &CalendarObject, kept: Kept, rooms: &[Address]) -> Bytes {
    const ALWAYS: [&str; 7] =
        ["STATUS", "CLASS", "TRANSP", "CREATED", "LAST-MODIFIED", "X-ROOM-UNITS", "X-ROOM-POLICY"];
    const TEXTS: [&str; 6] = ["DESCRIPTION", "LOCATION", "COMMENT", "URL", "CATEGORIES", "CONTACT"];
    let mut patch = Patch::new(object.calendar());
    for part in object.parts() {
        let mut others = 0;
        for line in part.properties() {
            let is_of = |names: &[&str]| names.iter().any(|name| line.is(name));
            let stays = is_of(&IDENTITY_AND_TIMES)
                || is_of(&ALWAYS)
                || (kept.title && line.is("SUMMARY"))
                || (kept.organizer && line.is("ORGANIZER"))
                || (kept.description && is_of(&TEXTS))
                || (kept.attachments && line.is("ATTACH"))
                || (line.is("ATTENDEE") && is_one_of(line, rooms));
            if stays {
                continue;
            }
            if line.is("ATTENDEE") && kept.attendee_count {
                others += 1;
                patch.rebuild(line, |params, value| {
                    params.retain(|(name, _)| {
                        ["CUTYPE", "PARTSTAT"].iter().any(|kept| name.eq_ignore_ascii_case(kept))
                    });
                    *value = format!("urn:x-attendee:{others}");
                });
            } else {
                patch.remove(line);
            }
        }
        part.children().for_each(|child| patch.remove_component(child));
        for line in part.all("ORGANIZER").filter(|_| kept.organizer) {
            patch.change_params(line, |params| remove_param(params, "SCHEDULE-STATUS"));
        }
    }
    patch.apply()
}

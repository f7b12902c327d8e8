//! Tags that are out of date although the text is the same: a refused change gives its asker a new one
//! (R4.2), and leaves no change in the history (P-8).

use std::collections::HashMap;

use crate::history::asked::{Asked, Condition, Place};
use crate::history::log::{Answer, Entry, Moment, Told};

/// Requests after which a reader's tag of a name may be another one, or is.
#[derive(Default)]
pub(super) struct Tags(HashMap<(usize, Place, String), Vec<Nudge>>);

struct Nudge {
    invoked: Moment,
    returned: Moment,
    is_certain: bool,
}

impl Tags {
    pub(super) fn of(told: &Told) -> Self {
        let mut tags = Self::default();
        for entry in &told.entries {
            let Some(name) = entry.asked.written() else { continue };
            let (may, is_certain) = match &entry.answer {
                // Decided about something that was there: the condition held, or it was to be removed.
                Answer::Known { status: 403, .. } => {
                    let was_there = matches!(entry.asked, Asked::Delete { .. })
                        || matches!(entry.asked.condition(), Condition::Tag { .. });
                    (true, was_there && !matches!(entry.asked, Asked::Move { .. }))
                }
                Answer::Known { .. } => (false, false),
                Answer::Unknown(_) => (true, false),
            };
            let returned = entry.returned;
            for place in entry.asked.places().into_iter().filter(|_| may) {
                let of_this = tags.0.entry((entry.person, place, name.to_owned())).or_default();
                of_this.push(Nudge { invoked: entry.invoked, returned, is_certain });
            }
        }
        tags
    }

    /// Whether the tag in a request's condition may have been the present one, and whether it may not,
    /// where the text was the one that it stands for.
    pub(super) fn may_be(&self, entry: &Entry, place: Place) -> (bool, bool) {
        let (Condition::Tag { came: (sent, came), .. }, Some(name)) =
            (entry.asked.condition(), entry.asked.written())
        else {
            return (true, false);
        };
        let of_this = self.0.get(&(entry.person, place, name.to_owned()));
        let nudges = of_this.map_or(&[][..], Vec::as_slice);
        let is_over =
            |nudge: &Nudge| nudge.is_certain && nudge.invoked > *came && nudge.returned < entry.invoked;
        let may_matter = |nudge: &Nudge| nudge.returned >= *sent && nudge.invoked < entry.returned;
        let is_outdated = nudges.iter().any(is_over);
        (!is_outdated, is_outdated || nudges.iter().any(may_matter))
    }
}

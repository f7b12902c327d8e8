//! T-9: a client that follows sync tokens alone, and what it has learned by them.

use crate::seed::Chance;

use super::asked::{Asked, Place};
use super::log::{Answer, Found, Members, Mirrored, Moment};

/// One calendar that it follows.
#[derive(Clone, Debug)]
pub(crate) struct Followed {
    pub(crate) place: Place,
    /// Empty before the first answer.
    token: String,
    pub(crate) members: Members,
    /// Whether the last answer left something out.
    pub(crate) is_behind: bool,
}

pub(crate) struct Mirror {
    pub(crate) person: usize,
    pub(crate) followed: Vec<Followed>,
}

impl Mirror {
    /// Of the whole home at once, or of each calendar in it.
    pub(crate) fn new(person: usize, is_whole: bool) -> Self {
        let places: Vec<Place> =
            if is_whole { vec![Place::Home(person)] } else { Place::in_home(person).collect() };
        let followed = places.into_iter().map(|place| Followed {
            place,
            token: String::new(),
            members: Members::new(),
            is_behind: true,
        });
        Self { person, followed: followed.collect() }
    }

    /// Asks for the next piece of one of them.
    pub(crate) fn next(&self, at: usize, chance: &mut Chance) -> Asked {
        let Followed { place, token, .. } = &self.followed[at];
        Asked::Sync { place: *place, since: token.clone(), limit: 1 + chance.below(50) }
    }

    /// What came back; gives what it holds now, where nothing was left out.
    pub(crate) fn heard(
        &mut self,
        at: usize,
        (invoked, returned): (Moment, Moment),
        answer: &Answer,
    ) -> Option<Mirrored> {
        let followed = &mut self.followed[at];
        match answer {
            Answer::Known { found: Found::Changes { changed, token, is_cut }, .. } => {
                for (name, tag) in changed {
                    match tag {
                        Some(tag) => followed.members.insert(name.clone(), tag.clone()),
                        None => followed.members.remove(name),
                    };
                }
                followed.token.clone_from(token);
                followed.is_behind = *is_cut;
                let (person, place) = (self.person, followed.place);
                let (token, members) = (token.clone(), followed.members.clone());
                (!is_cut).then_some(Mirrored { person, place, invoked, returned, token, members })
            }
            // Its token is not taken any more: it begins anew, as programs do.
            Answer::Known { .. } => {
                followed.token = String::new();
                followed.members = Members::new();
                followed.is_behind = true;
                None
            }
            Answer::Unknown(_) => None,
        }
    }
}

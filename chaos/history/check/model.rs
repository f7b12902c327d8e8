//! The state of one calendar at one number of its history, and how each reader sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::history::asked::{Asked, Place};
use crate::history::log::{Members, Told};
use crate::history::stored::Row;
use crate::history::world::{MANAGER, MASKED, Period, Text};

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) owner: usize,
    pub(super) digest: String,
    mask_key: String,
}

/// One state: the members by their real names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State(BTreeMap<String, Member>);

/// The texts that were sent, by digest.
#[derive(Default)]
pub(super) struct Texts(HashMap<String, Arc<Text>>);

impl Texts {
    pub(super) fn of(told: &Told) -> Self {
        let texts = told.entries.iter().filter_map(|entry| match &entry.asked {
            Asked::Put { text, .. } => Some((text.digest.clone(), text.clone())),
            _ => None,
        });
        Self(texts.collect())
    }

    /// When a text is; never, of one that nobody sent.
    pub(super) fn periods(&self, digest: &str) -> &[Period] {
        self.0.get(digest).map_or(&[], |text| &text.periods)
    }
}

/// How much a reader sees: the letter that tags of it begin with.
fn view(place: Place, reader: usize, owner: usize) -> char {
    match place {
        Place::Own(_) | Place::Home(_) => 'o',
        Place::Room(_) if reader == owner => 'o',
        Place::Room(room) if room == MASKED && reader != MANAGER => 'n',
        Place::Room(_) => 'w',
    }
}

/// A tag without what a reader added and how often it was nudged.
pub(super) fn version(tag: &str) -> &str {
    tag.split(['+', '.']).next().unwrap_or_default()
}

impl State {
    /// After this change.
    pub(super) fn apply(&mut self, row: &Row) {
        match &row.digest {
            Some(digest) => {
                let (owner, mask_key) = (row.owner, row.mask_key.clone());
                self.0.insert(row.name.clone(), Member { owner, digest: digest.clone(), mask_key });
            }
            None => drop(self.0.remove(&row.name)),
        }
    }

    /// The member that `reader` knows by `name`, with its version.
    pub(super) fn named(&self, place: Place, reader: usize, name: &str) -> Option<(&Member, String)> {
        let is_it = |real: &str, member: &Member| match view(place, reader, member.owner) {
            'n' => name == format!("n-{}.ics", member.mask_key),
            _ => name == real,
        };
        let (_, member) = self.0.iter().find(|(real, member)| is_it(real, member))?;
        Some((member, format!("{}{}", view(place, reader, member.owner), member.digest)))
    }

    /// Names and versions as `reader` sees them, of those that `is_wanted`.
    pub(super) fn seen(
        &self,
        place: Place,
        reader: usize,
        is_wanted: impl Fn(&Member) -> bool,
    ) -> BTreeMap<String, String> {
        let wanted = self.0.iter().filter(|(_, member)| is_wanted(member));
        let seen = wanted.map(|(name, member)| {
            let view = view(place, reader, member.owner);
            let name = match view {
                'n' => format!("n-{}.ics", member.mask_key),
                _ => name.clone(),
            };
            (name, format!("{view}{}", member.digest))
        });
        seen.collect()
    }

    /// Whether these members, listed for `reader`, are those that `is_wanted`; nudges do not count.
    pub(super) fn is_listed_as(
        &self,
        listed: &Members,
        (place, reader): (Place, usize),
        is_wanted: impl Fn(&Member) -> bool,
    ) -> bool {
        let seen = self.seen(place, reader, is_wanted);
        let listed = listed.iter().map(|(name, tag)| (name.as_str(), version(tag)));
        seen.iter().map(|(name, tag)| (name.as_str(), tag.as_str())).eq(listed)
    }

    /// Everything, by real name.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.0.iter().map(|(name, member)| (name.as_str(), member))
    }

    /// Those whose time meets `period`, but for the member called `name`.
    pub(super) fn meeting<'s>(
        &'s self,
        texts: &'s Texts,
        name: &'s str,
        period: Period,
    ) -> impl Iterator<Item = (&'s str, &'s Member)> {
        self.members().filter(move |(real, member)| {
            *real != name && texts.periods(&member.digest).iter().any(|other| other.meets(period))
        })
    }
}

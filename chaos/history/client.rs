//! One client: what it asks next, by chance and by what it believes. It knows no sockets; whoever
//! drives it says what came back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::seed::Chance;

use super::asked::{Asked, Condition, Place};
use super::log::{Answer, Found, Members, Moment};
use super::world::{self, MANAGER, PEOPLE, ROOMS, Text, name_of, person_of};

/// What it believes of a member.
#[derive(Clone, Debug)]
struct Known {
    tag: String,
    /// When the request was sent that it came with, and when that was answered.
    came: (Moment, Moment),
    /// Where it wrote it itself.
    text: Option<Arc<Text>>,
}

/// How a request is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// On the line that the client has.
    Usual,
    /// On a line of its own: the text was sent before.
    Apart,
    /// On a line of its own, and nobody waits for the answer.
    Abandoned,
}

pub(crate) struct Client {
    pub(crate) person: usize,
    calendar: world::Calendar,
    known: BTreeMap<(usize, String), Option<Known>>,
    /// A request whose outcome is not known, to be sent again.
    again: Option<Asked>,
    numbers: std::ops::RangeFrom<u64>,
}

impl Client {
    /// `number` tells clients apart: no two of them write the same text.
    pub(crate) fn new(person: usize, number: u64, calendar: world::Calendar) -> Self {
        Self { person, calendar, known: BTreeMap::new(), again: None, numbers: number << 32.. }
    }

    /// What it asks next.
    pub(crate) fn next(&mut self, chance: &mut Chance) -> (Asked, Way) {
        if let Some(again) = self.again.take() {
            return (again, Way::Apart);
        }
        let room = below(chance, ROOMS.len());
        let name = name_of(self.person, chance);
        match chance.below(100) {
            0..30 => (self.put(room, &name, chance), Way::Usual),
            30..34 => match self.put_again(room, &name, chance) {
                Some(put) => (put, Way::Apart),
                None => (Asked::List { place: Place::Room(room) }, Way::Usual),
            },
            34..38 => (self.put(room, &name, chance), Way::Abandoned),
            38..52 => (self.delete(room, &name, chance), Way::Usual),
            52..60 => (self.relocate(room, &name, chance), Way::Usual),
            60..68 => (self.meddle(room, chance), Way::Usual),
            68..80 => {
                let name = if chance.below(2) == 0 { name } else { self.somebodys(room, chance) };
                (Asked::Get { room, name }, Way::Usual)
            }
            80..90 => (Asked::Query { room, range: self.calendar.range(chance) }, Way::Usual),
            _ => (Asked::List { place: Place::Room(room) }, Way::Usual),
        }
    }

    fn put(&mut self, room: usize, name: &str, chance: &mut Chance) -> Asked {
        let number = self.numbers.next().unwrap_or_default();
        let text = self.calendar.text(name, number, chance);
        let condition = self.condition(room, name, chance);
        Asked::Put { room, name: name.to_owned(), text, condition }
    }

    /// The same once more, byte for byte.
    fn put_again(&self, room: usize, name: &str, chance: &mut Chance) -> Option<Asked> {
        let known = self.known.get(&(room, name.to_owned()))?.as_ref()?;
        let text = known.text.clone()?;
        let condition = match chance.below(3) {
            0 => Condition::Absent,
            1 => Condition::Tag { tag: known.tag.clone(), came: known.came },
            _ => Condition::None,
        };
        Some(Asked::Put { room, name: name.to_owned(), text, condition })
    }

    fn delete(&self, room: usize, name: &str, chance: &mut Chance) -> Asked {
        let condition = match self.condition(room, name, chance) {
            Condition::Absent => Condition::None,
            condition => condition,
        };
        Asked::Delete { room, name: name.to_owned(), condition }
    }

    fn relocate(&self, room: usize, name: &str, chance: &mut Chance) -> Asked {
        let to = (room + 1 + below(chance, ROOMS.len() - 1)) % ROOMS.len();
        let Asked::Delete { condition, .. } = self.delete(room, name, chance) else {
            unreachable!("it is one")
        };
        let overwrite = chance.below(2) == 0;
        Asked::Move { from: room, to, name: name.to_owned(), condition, overwrite }
    }

    /// With what is somebody else's: only the manager may.
    fn meddle(&mut self, room: usize, chance: &mut Chance) -> Asked {
        let name = self.somebodys(room, chance);
        let known = self.known.get(&(room, name.clone())).cloned().flatten();
        let condition = match &known {
            Some(Known { tag, came, .. }) => Condition::Tag { tag: tag.clone(), came: *came },
            None => Condition::None,
        };
        match (chance.below(3), person_of(&name)) {
            // A name that stands for another one has no UID that could be put there, and whoever may
            // not see what is there makes nothing new.
            (0, Some(_)) if known.is_some() && self.person == MANAGER => {
                let number = self.numbers.next().unwrap_or_default();
                let text = self.calendar.text(&name, number, chance);
                Asked::Put { room, name, text, condition }
            }
            (1, _) => {
                Asked::Move { from: room, to: (room + 1) % ROOMS.len(), name, condition, overwrite: false }
            }
            _ => Asked::Delete { room, name, condition },
        }
    }

    /// A member that it has seen, or a name that may be anybody's.
    fn somebodys(&self, room: usize, chance: &mut Chance) -> String {
        let here = self.known.iter().filter(|((of, _), _)| *of == room);
        let mut names: Vec<(&str, &str)> = here
            .filter_map(|((_, name), known)| Some((known.as_ref()?.tag.as_str(), name.as_str())))
            .collect();
        // Not by name: names that stand for others are random, and chance is to mean the same again.
        names.sort_unstable();
        if names.is_empty() {
            return name_of(below(chance, PEOPLE.len()), chance);
        }
        names[below(chance, names.len())].1.to_owned()
    }

    /// Mostly what it believes, sometimes nothing or what it had better not.
    fn condition(&self, room: usize, name: &str, chance: &mut Chance) -> Condition {
        let known = self.known.get(&(room, name.to_owned())).cloned().flatten();
        match (chance.below(10), known) {
            (0..6, Some(known)) => Condition::Tag { tag: known.tag, came: known.came },
            (0..6, None) | (8, Some(_)) => Condition::Absent,
            (9, known) => {
                let digest =
                    known.map_or_else(|| "0".repeat(32), |known| world::digest(known.tag.as_bytes()));
                Condition::Tag { tag: format!("o{digest}"), came: (0, 0) }
            }
            _ => Condition::None,
        }
    }

    /// What came back; `came`: when it was sent and answered.
    pub(crate) fn heard(&mut self, asked: &Asked, came: (Moment, Moment), answer: &Answer) {
        let Answer::Known { status, tag, found } = answer else {
            self.wonder(asked);
            return;
        };
        let learned = |tag: &String, text: Option<&Arc<Text>>| {
            Some(Known { tag: tag.clone(), came, text: text.cloned() })
        };
        match (asked, status, tag, found) {
            (Asked::Put { room, name, text, .. }, 200..300, Some(tag), _) => {
                self.known.insert((*room, name.clone()), learned(tag, Some(text)));
            }
            (Asked::Put { room, name, .. }, 412, ..) => {
                self.known.remove(&(*room, name.clone()));
            }
            (Asked::Delete { room, name, .. } | Asked::Get { room, name }, 200..300 | 404, None, _) => {
                self.known.insert((*room, name.clone()), None);
            }
            (Asked::Get { room, name }, 200, Some(tag), Found::Text(digest)) => {
                let before = self.known.get(&(*room, name.clone())).cloned().flatten();
                let text = before.and_then(|known| known.text).filter(|text| text.digest == *digest);
                self.known.insert((*room, name.clone()), learned(tag, text.as_ref()));
            }
            (Asked::Move { from, to, name, .. }, 200..300, Some(tag), _) => {
                self.known.insert((*from, name.clone()), None);
                self.known.insert((*to, name.clone()), learned(tag, None));
            }
            (Asked::List { place: Place::Room(room) }, _, _, Found::Members { members, .. }) => {
                self.listed(*room, members, came);
            }
            _ => {}
        }
    }

    /// The outcome is not known: a new event is sent again as one that must not be there yet (R3.9), and
    /// of anything else it forgets what it knew.
    fn wonder(&mut self, asked: &Asked) {
        if let Asked::Put { room, name, text, .. } = asked {
            let (room, name, text) = (*room, name.clone(), text.clone());
            self.again = Some(Asked::Put { room, name, text, condition: Condition::Absent });
        }
        if let Some(name) = asked.written() {
            self.known.retain(|(_, known), _| known != name);
        }
    }

    fn listed(&mut self, room: usize, members: &Members, came: (Moment, Moment)) {
        let mut before = std::mem::take(&mut self.known);
        for (name, tag) in members {
            let key = (room, name.clone());
            let text = before.get(&key).cloned().flatten().filter(|known| known.tag == *tag);
            let text = text.and_then(|known| known.text);
            before.insert(key, Some(Known { tag: tag.clone(), came, text }));
        }
        before.retain(|(of, name), _| *of != room || members.contains_key(name));
        self.known = before;
    }
}

fn below(chance: &mut Chance, bound: usize) -> usize {
    usize::try_from(chance.below(bound as u64)).unwrap_or_default()
}

//! Sync tokens: what a mirror holds after an answer is the state that the token names (P-6), and tokens
//! only go forward.

use std::collections::HashMap;

use crate::history::asked::{Asked, Place};
use crate::history::log::{Answer, Entry, Found, Members, Mirrored, Told};
use crate::history::stored::Stored;
use crate::history::world::ROOMS;

use super::model::State;
use super::order::{Order, Part};
use super::replay::{About, Of, Question};
use super::{Fault, Findings};

/// A point in a calendar's history, as `…/<seq>-<nonce>-<nudges>` says it. Clients never look into
/// tokens; this is no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token {
    pub(crate) seq: i64,
    nudges: i64,
    nonce: i64,
}

impl Token {
    pub(crate) fn read(token: &str) -> Option<Self> {
        let mut parts = token.rsplit('/').next()?.split('-');
        let seq = parts.next()?.parse().ok()?;
        let nonce = u64::from_str_radix(parts.next()?, 16).ok()?.cast_signed();
        let nudges = parts.next()?.parse().ok()?;
        Some(Self { seq, nudges, nonce })
    }
}

/// What has to have been so for what mirrors hold.
pub(super) fn questions<'a>(
    told: &'a Told,
    stored: &Stored,
    order: &Order,
    findings: &mut Findings,
) -> Vec<Question<'a>> {
    for entry in &told.entries {
        answer(entry, stored, order, findings);
    }
    let mut latest: HashMap<(usize, Place), Token> = HashMap::new();
    let mut all = Vec::new();
    for (number, mirrored) in told.mirrored.iter().enumerate() {
        let Mirrored { person, place, invoked, returned, token: text, .. } = mirrored;
        if let Place::Home(person) = place {
            // Where each calendar stood is sealed; it is one of the states that there were meanwhile.
            for place in Place::in_home(*person) {
                all.push(holds(number, mirrored, place, order.part(place, *invoked, *returned)));
            }
            continue;
        }
        let Some(token) = Token::read(text) else {
            findings.add(Fault::TokenWentBack, format!("{text} says nothing"));
            continue;
        };
        named(*place, token, stored, findings);
        let before = latest.insert((*person, *place), token);
        if let Some(before) = before.filter(|it| it.seq > token.seq || it.nudges > token.nudges) {
            findings.add(Fault::TokenWentBack, format!("{place:?} of {person}: {before:?}, then {token:?}"));
        }
        let part = order.part(*place, *invoked, *returned);
        if token.seq < part.first || token.seq > part.last {
            findings.add(Fault::StaleRead, format!("{place:?}: {token:?} is not in {part:?}"));
        }
        all.push(holds(number, mirrored, *place, Part { first: token.seq, last: token.seq }));
    }
    all
}

/// A mirror has this calendar as it was somewhere in this part of its history.
fn holds(number: usize, mirrored: &Mirrored, place: Place, part: Part) -> Question<'_> {
    let within = match mirrored.place {
        Place::Home(_) => place.below_home(),
        _ => String::new(),
    };
    let members: Members = mirrored
        .members
        .iter()
        .filter_map(|(name, tag)| Some((name.strip_prefix(&within)?.to_owned(), tag.clone())))
        .collect();
    let reader = mirrored.person;
    let was = Box::new(move |state: &State| state.is_listed_as(&members, (place, reader), |_| true));
    // Of a home each calendar has to be right.
    let part_of_it = match (mirrored.place, place) {
        (Place::Home(_), Place::Room(room)) => ROOMS[room],
        _ => "",
    };
    let about = About { number, part: part_of_it, of: Of::Mirror(mirrored) };
    Question { place, part, was, about, fault: Fault::SkippedSync }
}

/// Each token names a number that there is and that the reader may have seen; none is refused.
fn answer(entry: &Entry, stored: &Stored, order: &Order, findings: &mut Findings) {
    let (Asked::List { place } | Asked::Sync { place, .. }) = &entry.asked else { return };
    let token = match &entry.answer {
        Answer::Known { found: Found::Members { token, .. }, .. } => token.as_deref(),
        Answer::Known { found: Found::Changes { token, .. }, .. } => Some(token.as_str()),
        Answer::Known { .. } => None,
        Answer::Unknown(_) => return,
    };
    if matches!((place, token), (Place::Home(_), Some(_))) {
        return;
    }
    let Some(token) = token.and_then(Token::read) else {
        findings.add(Fault::TokenWentBack, format!("{:?} was answered {:?}", entry.asked, entry.answer));
        return;
    };
    named(*place, token, stored, findings);
    let part = order.part_of(*place, entry);
    let is_list = matches!(entry.asked, Asked::List { .. });
    if token.seq > part.last || (is_list && token.seq < part.first) {
        findings.add(Fault::StaleRead, format!("{place:?}: {token:?} is not in {part:?}"));
    }
}

/// The number is one of this history.
fn named(place: Place, token: Token, stored: &Stored, findings: &mut Findings) {
    if stored.0.get(&place).and_then(|calendar| calendar.nonce(token.seq)) != Some(token.nonce) {
        findings.add(Fault::TokenWentBack, format!("{place:?} has no {token:?}"));
    }
}

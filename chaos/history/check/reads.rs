//! Point 5: each read saw the calendar in one state, not older than what was acknowledged before it
//! began, and not newer than what was begun before it ended.

use crate::history::asked::Asked;
use crate::history::log::{Answer, Entry, Found, Told};

use super::Fault;
use super::model::{State, Texts, version};
use super::order::Order;
use super::replay::{About, Of, Question};
use super::tokens::Token;

/// What has to have been so for what was seen.
pub(super) fn questions<'a>(told: &'a Told, texts: &'a Texts, order: &Order) -> Vec<Question<'a>> {
    let reads = told.entries.iter().enumerate();
    reads.filter_map(|(number, entry)| question(number, entry, texts, order)).collect()
}

fn question<'a>(number: usize, entry: &'a Entry, texts: &'a Texts, order: &Order) -> Option<Question<'a>> {
    let Answer::Known { status, tag, found } = &entry.answer else { return None };
    let reader = entry.person;
    let place = *entry.asked.places().first()?;
    let mut part = order.part_of(place, entry);
    let was: Box<dyn Fn(&State) -> bool + 'a> = match (&entry.asked, found) {
        (Asked::Get { name, .. }, found) => {
            let tag = tag.as_deref();
            let is_seen = *status == 200;
            Box::new(move |state| match state.named(place, reader, name) {
                Some((_, current)) if is_seen => is_it(&current, tag, found),
                Some(_) => false,
                None => *status == 404,
            })
        }
        (Asked::Query { range, .. }, Found::Members { members, .. }) => Box::new(move |state| {
            state.is_listed_as(members, (place, reader), |member| {
                texts.periods(&member.digest).iter().any(|period| period.meets(*range))
            })
        }),
        (Asked::List { .. }, Found::Members { members, token }) => {
            if let Some(token) = token.as_deref().and_then(Token::read) {
                // What is listed beside a token is at least what the token stands for (P-6).
                part.first = part.first.max(token.seq);
            }
            Box::new(move |state| state.is_listed_as(members, (place, reader), |_| true))
        }
        (Asked::Query { .. } | Asked::List { .. }, _) => Box::new(|_| false),
        _ => return None,
    };
    let about = About { number, part: "", of: Of::Entry(entry) };
    Some(Question { place, part, was, about, fault: Fault::StaleRead })
}

/// The tag is that of the version, and the bytes that came with it are it, where they are not masked.
fn is_it(current: &str, tag: Option<&str>, found: &Found) -> bool {
    let is_text = |digest: &str| current.starts_with('n') || current[1..] == *digest;
    matches!(found, Found::Text(digest) if is_text(digest)) && tag.map(version) == Some(current)
}

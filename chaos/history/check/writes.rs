//! Point 4: each write was answered rightly at its place in the order; one that was refused, at some
//! place where it may have been judged.

use crate::history::asked::{Asked, Place};
use crate::history::log::{Answer, Entry, Told};
use crate::history::stored::Stored;

use super::Fault;
use super::model::{State, Texts};
use super::order::{Order, Part};
use super::replay::{About, Of, Question};
use super::rows::Placed;
use super::tags::Tags;
use super::verdict::{Judge, Verdict};

/// What has to have been so for the answers that were given.
pub(super) fn questions<'a>(
    told: &'a Told,
    stored: &'a Stored,
    texts: &'a Texts,
    placed: &Placed,
    order: &Order,
    tags: &Tags,
) -> Vec<Question<'a>> {
    let mut all = Vec::new();
    for (number, entry) in told.entries.iter().enumerate() {
        let Answer::Known { status, .. } = &entry.answer else { continue };
        let Some(name) = entry.asked.written() else { continue };
        let asking = Asking { number, entry, name, stored, texts, placed, order, tags };
        match (&entry.asked, *status < 300) {
            (Asked::Move { from, to, .. }, true) => {
                asking.moved(Place::Room(*from), Place::Room(*to), &mut all);
            }
            (Asked::Move { from, to, .. }, false) => {
                asking.stayed(Place::Room(*from), Place::Room(*to), &mut all);
            }
            (_, true) => asking.done(&mut all),
            (_, false) => asking.refused(&mut all),
        }
    }
    all
}

#[derive(Clone, Copy)]
struct Asking<'a, 'b> {
    number: usize,
    entry: &'a Entry,
    name: &'a str,
    stored: &'a Stored,
    texts: &'a Texts,
    placed: &'b Placed,
    order: &'b Order,
    tags: &'b Tags,
}

impl<'a> Asking<'a, '_> {
    fn ask(
        self,
        (place, part): (Place, Part),
        fault: Fault,
        what: &'static str,
        was: impl Fn(&State) -> bool + 'a,
    ) -> Question<'a> {
        let Self { number, entry, .. } = self;
        let about = About { number, part: what, of: Of::Entry(entry) };
        Question { place, part, was: Box::new(was), about, fault }
    }

    /// With the condition's tag taken for the present one, and for an old one, as it may have been.
    fn judges(self, place: Place) -> impl Iterator<Item = Judge<'a>> + Clone + use<'a> {
        let (fresh, outdated) = self.tags.may_be(self.entry, place);
        let cases = [(true, fresh), (false, outdated)].into_iter().filter(|(_, may_be)| *may_be);
        let Self { texts, entry, .. } = self;
        cases.map(move |(is_fresh, _)| Judge { texts, entry, is_fresh })
    }

    fn here(self) -> Place {
        self.entry.asked.places()[0]
    }

    /// A PUT or DELETE that was carried out: just before its change, or, where it changed nothing, at some
    /// place where the same text was there already.
    fn done(self, all: &mut Vec<Question<'a>>) {
        let place = self.here();
        let judges = self.judges(place);
        let answer = &self.entry.answer;
        let question = match self.placed.at(self.number, place) {
            Some(seq) => self.ask(before(place, seq), Fault::LostUpdate, "", move |state| {
                let mut verdicts = judges.clone().map(|judge| judge.one(state));
                verdicts.any(|verdict| verdict != Verdict::Same && verdict.is(answer))
            }),
            None => {
                let part = self.order.part_of(place, self.entry);
                self.ask((place, part), Fault::LostUpdate, "", move |state| {
                    judges.clone().any(|judge| judge.one(state) == Verdict::Same)
                })
            }
        };
        all.push(question);
    }

    fn refused(self, all: &mut Vec<Question<'a>>) {
        let place = self.here();
        let part = self.order.part_of(place, self.entry);
        let judges = self.judges(place);
        let answer = &self.entry.answer;
        all.push(self.ask((place, part), Fault::WrongRefusal, "", move |state| {
            judges.clone().any(|judge| judge.one(state).is(answer))
        }));
    }

    /// A MOVE that was carried out: what it took along was there, and what came of it in the other room.
    fn moved(self, from: Place, to: Place, all: &mut Vec<Question<'a>>) {
        let Some(left) = self.placed.at(self.number, from) else { return };
        let (name, answer) = (self.name, &self.entry.answer);
        let came = self.placed.at(self.number, to);
        let Some(digest) = self.text_before(from, left) else { return };
        let judges = self.judges(from);
        all.push(self.ask(before(from, left), Fault::LostUpdate, " leaves", move |state| {
            judges.clone().any(|judge| judge.taken_along(state, from, name).is_ok())
        }));
        let judges = self.judges(to);
        let is_right = move |verdict: &Verdict| match came {
            Some(_) => *verdict != Verdict::Same && verdict.is(answer),
            None => *verdict == Verdict::Same,
        };
        let arrival = match came {
            Some(seq) => before(to, seq),
            None => (to, self.order.part_of(to, self.entry)),
        };
        all.push(self.ask(arrival, Fault::LostUpdate, " arrives", move |state| {
            judges.clone().any(|judge| is_right(&judge.target(state, to, name, digest)))
        }));
        if let Some(seq) = came
            && self.row(to, seq) != Some(digest)
        {
            // What arrived is another text than what left.
            all.push(self.ask(before(to, seq), Fault::LostUpdate, " changes", |_| false));
        }
    }

    /// A MOVE that was refused: for the sake of what was to leave, or of what was in its way.
    fn stayed(self, from: Place, to: Place, all: &mut Vec<Question<'a>>) {
        let (name, answer) = (self.name, &self.entry.answer);
        let part = self.order.part_of(from, self.entry);
        let judges = self.judges(from);
        all.push(self.ask((from, part), Fault::WrongRefusal, "", move |state| {
            judges.clone().any(|judge| match judge.taken_along(state, from, name) {
                Ok(_) => false,
                Err(verdict) => verdict.is(answer),
            })
        }));
        let texts = self.texts_in(from, part);
        let part = self.order.part_of(to, self.entry);
        let judges = self.judges(to);
        all.push(self.ask((to, part), Fault::WrongRefusal, "", move |state| {
            let mut tried = judges.clone().flat_map(|judge| texts.iter().map(move |text| (judge, *text)));
            tried.any(|(judge, text)| judge.target(state, to, name, text).is(answer))
        }));
    }

    fn row(self, place: Place, seq: i64) -> Option<&'a str> {
        let rows = &self.stored.0.get(&place)?.rows;
        let at = rows.binary_search_by_key(&seq, |row| row.seq).ok()?;
        rows[at].digest.as_deref()
    }

    /// The text that had the name before this change.
    fn text_before(self, place: Place, seq: i64) -> Option<&'a str> {
        let rows = &self.stored.0.get(&place)?.rows;
        let earlier = rows.iter().rev().skip_while(|row| row.seq >= seq);
        earlier.filter(|row| row.name == self.name).map(|row| row.digest.as_deref()).next().flatten()
    }

    /// The texts that had the name in this part of the history.
    fn texts_in(self, place: Place, part: Part) -> Vec<&'a str> {
        let Some(calendar) = self.stored.0.get(&place) else { return Vec::new() };
        let within = calendar.rows.partition_point(|row| row.seq <= part.first);
        let later = calendar.rows[within..].iter().take_while(|row| row.seq <= part.last);
        let later = later.filter(|row| row.name == self.name).filter_map(|row| row.digest.as_deref());
        later.chain(self.text_before(place, part.first + 1)).collect()
    }
}

/// The state in which a change was decided.
fn before(place: Place, seq: i64) -> (Place, Part) {
    (place, Part { first: seq - 1, last: seq - 1 })
}

//! A history in the making: everything at its own time, one thing after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::history::asked::{Asked, Condition, Place};
use crate::history::log::{Answer, Entry, Found, Line, Members, Mirrored, Moment, NEVER, Told};
use crate::history::stored::{Calendar, Kept, Row, Stored};
use crate::history::world::{PEOPLE, Period, Text, person_of};

pub(super) const ADA: usize = 0;
pub(super) const BOB: usize = 1;
pub(super) const AULA: usize = 0;
pub(super) const YARD: usize = 2;

/// What clients saw, and what the database has.
#[derive(Clone, Default)]
pub(super) struct History {
    pub(super) told: Told,
    rooms: BTreeMap<usize, Calendar>,
    /// People whose own calendar is looked at too; it is empty.
    pub(super) shown: Vec<usize>,
    pub(super) clock: Moment,
    texts: u64,
}

pub(super) fn hour(hour: i64) -> Period {
    Period { start: hour * 3600, end: (hour + 1) * 3600 }
}

pub(super) fn put(name: &str, text: &Arc<Text>, condition: Condition) -> Asked {
    Asked::Put { room: AULA, name: name.to_owned(), text: text.clone(), condition }
}

pub(super) fn tag(text: &Text) -> String {
    format!("o{}", text.digest)
}

pub(super) fn known(status: u16, tag: Option<&str>) -> Answer {
    Answer::Known { status, tag: tag.map(str::to_owned), found: Found::Nothing }
}

fn owner(name: &str) -> usize {
    person_of(name).unwrap_or_default()
}

impl History {
    pub(super) fn room(&mut self, room: usize) -> &mut Calendar {
        self.rooms.entry(room).or_default()
    }

    pub(super) fn text(&mut self, name: &str, at: i64) -> Arc<Text> {
        self.texts += 1;
        Arc::new(Text::new(name, self.texts, vec![hour(at)]))
    }

    pub(super) fn last_line(&self) -> Line {
        self.told.entries.last().map_or(0, |entry| entry.line)
    }

    /// A request on a line of its own, after everything else.
    pub(super) fn entry(&mut self, person: usize, asked: Asked, answer: Answer) -> Line {
        let line = self.last_line() + 1;
        let (invoked, returned) = (self.clock + 1, self.clock + 2);
        self.clock += 2;
        let returned = if matches!(answer, Answer::Unknown(_)) { NEVER } else { returned };
        self.told.entries.push(Entry { line, person, asked, invoked, returned, answer });
        line
    }

    pub(super) fn row(&mut self, room: usize, name: &str, text: Option<&Text>, line: Line, nonce: i64) {
        let calendar = self.room(room);
        let (seq, digest) = (calendar.last() + 1, text.map(|text| text.digest.clone()));
        let (name, mask_key) = (name.to_owned(), String::new());
        let owner = owner(&name);
        calendar.rows.push(Row {
            seq,
            nonce,
            name: name.clone(),
            mask_key,
            owner,
            digest: digest.clone(),
            line: Some(line),
        });
        calendar.kept.retain(|kept| kept.name != name);
        calendar.kept.extend(digest.map(|digest| Kept { name, owner, digest }));
    }

    pub(super) fn book(&mut self, person: usize, name: &str, at: i64) -> Arc<Text> {
        let text = self.text(name, at);
        let line = self.entry(person, put(name, &text, Condition::Absent), known(201, Some(&tag(&text))));
        self.row(AULA, name, Some(&text), line, i64::from(line));
        text
    }

    pub(super) fn change(&mut self, person: usize, name: &str, at: i64, from: &Text) -> Arc<Text> {
        let text = self.text(name, at);
        let condition = Condition::Tag { tag: tag(from), came: (self.clock, self.clock) };
        let line = self.entry(person, put(name, &text, condition), known(204, Some(&tag(&text))));
        self.row(AULA, name, Some(&text), line, i64::from(line));
        text
    }

    pub(super) fn refused(
        &mut self,
        person: usize,
        name: &str,
        at: i64,
        dates: usize,
        holder: usize,
    ) -> Arc<Text> {
        let text = self.text(name, at);
        let taken =
            text.periods.iter().take(dates).map(|period| (*period, PEOPLE[holder].to_owned())).collect();
        let found = Found::Refusal { reason: "busy".to_owned(), taken };
        self.entry(
            person,
            put(name, &text, Condition::None),
            Answer::Known { status: 403, tag: None, found },
        );
        text
    }

    pub(super) fn get(&mut self, person: usize, name: &str, tag: &str, text: &Text) {
        let found = Found::Text(text.digest.clone());
        let asked = Asked::Get { room: AULA, name: name.to_owned() };
        self.entry(person, asked, Answer::Known { status: 200, tag: Some(tag.to_owned()), found });
    }

    pub(super) fn relocate(&mut self, person: usize, name: &str, text: &Text) {
        let condition = Condition::None;
        let asked = Asked::Move { from: AULA, to: YARD, name: name.to_owned(), condition, overwrite: false };
        let line = self.entry(person, asked, known(201, Some(&tag(text))));
        self.row(YARD, name, Some(text), line, i64::from(line));
        self.row(AULA, name, None, line, i64::from(line));
    }

    /// What the tables of the room have of these names, as a reader sees it.
    pub(super) fn seen(&mut self, names: &[(&str, char)]) -> Members {
        let kept = self.room(AULA).kept.clone();
        let digest = |name: &str| kept.iter().find(|kept| kept.name == name).map(|kept| kept.digest.clone());
        let seen = names
            .iter()
            .map(|(name, view)| ((*name).to_owned(), format!("{view}{}", digest(name).unwrap_or_default())));
        seen.collect()
    }

    pub(super) fn list(&mut self, person: usize, names: &[(&str, char)]) {
        let (members, seq) = (self.seen(names), self.room(AULA).last());
        let token = Some(self.token(seq));
        let found = Found::Members { members, token };
        let asked = Asked::List { place: Place::Room(AULA) };
        self.entry(person, asked, Answer::Known { status: 207, tag: None, found });
    }

    fn token(&mut self, seq: i64) -> String {
        format!("http://h/sync/1/1-details/{seq}-{:016x}-0", self.room(AULA).nonce(seq).unwrap_or_default())
    }

    /// A mirror of the hall after `seq` changes; of those named alone it has what the tables have.
    pub(super) fn mirror(&mut self, person: usize, seq: i64, has: &[(&str, char, &Text)], too: &[&str]) {
        let mut members = self.seen(&too.iter().map(|name| (*name, 'w')).collect::<Vec<_>>());
        for (name, view, text) in has {
            members.insert((*name).to_owned(), format!("{view}{}", text.digest));
        }
        let token = self.token(seq);
        let (invoked, returned) = (self.clock + 1, self.clock + 2);
        self.clock += 2;
        self.told.mirrored.push(Mirrored {
            person,
            place: Place::Room(AULA),
            invoked,
            returned,
            token,
            members,
        });
    }

    /// What the database has then: the claims are those of the rows.
    pub(super) fn stored(&self) -> Stored {
        let texts: BTreeMap<&str, &Text> = self.told.entries.iter().filter_map(Entry::text).collect();
        let mut stored: BTreeMap<Place, Calendar> =
            self.shown.iter().map(|person| (Place::Own(*person), Calendar::default())).collect();
        for (room, calendar) in &self.rooms {
            let mut there: BTreeMap<&str, &Row> = BTreeMap::new();
            for row in &calendar.rows {
                there.remove(row.name.as_str());
                there.extend(row.digest.as_ref().map(|_| (row.name.as_str(), row)));
            }
            let text = |row: &Row| texts.get(row.digest.as_deref()?).copied();
            let claims = there.values().filter_map(|row| Some((text(row)?, row.owner)));
            let claims =
                claims.flat_map(|(text, owner)| text.periods.iter().map(move |period| (*period, owner)));
            let claims = calendar.claims.iter().copied().chain(claims).collect();
            stored.insert(Place::Room(*room), Calendar { claims, ..calendar.clone() });
        }
        Stored(stored)
    }
}

impl Entry {
    /// The text that it puts, with its digest.
    pub(super) fn text(&self) -> Option<(&str, &Text)> {
        match &self.asked {
            Asked::Put { text, .. } => Some((text.digest.as_str(), text.as_ref())),
            _ => None,
        }
    }
}

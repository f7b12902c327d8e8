//! What stands in all rooms, held against what all writers know.

use std::collections::BTreeMap;

use super::crowd::Crowd;
use super::house::{READER, ROOMS, room};
use super::ledger::Keeps;
use crate::crash::reading::{list, texts};
use crate::crash::sql::ask;
use crate::program::http::Connection;
use crate::program::{Place, Program};
use crate::report::Report;

/// What was found to be wrong, in sentences.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) members: usize,
    /// What should be there and is not, or not as it should be.
    pub(crate) lost: Vec<String>,
    /// What nobody wrote.
    pub(crate) extra: Vec<String>,
    pub(crate) overlaps: Vec<String>,
    /// Where the database keeps others out at other times than the texts say.
    pub(crate) claims: Vec<String>,
    /// Where a writer's own calendar shows other events than the rooms.
    pub(crate) copies: Vec<String>,
}

impl Found {
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.members += other.members;
        self.lost.extend(other.lost);
        self.extra.extend(other.extra);
        self.overlaps.extend(other.overlaps);
        self.claims.extend(other.claims);
        self.copies.extend(other.copies);
        self
    }

    /// Says that nothing was wrong, or what was.
    pub(crate) fn hold(&self, report: &mut Report, after: &str) {
        for (what, wrong) in [
            ("is there, and wholly, if it was acknowledged", &self.lost),
            ("is nothing that was refused or that nobody wrote", &self.extra),
            ("does not overlap", &self.overlaps),
            ("is claimed, and nothing else", &self.claims),
            ("stands in the writer's own calendar too", &self.copies),
        ] {
            let found = match wrong.first() {
                None => format!("{} members seen", self.members),
                Some(first) => format!("{} are not: {first}", wrong.len()),
            };
            report.hold(&format!("{after}: what is booked {what}"), wrong.is_empty(), &found);
        }
    }
}

impl Crowd {
    /// Reads every room whole, while nobody writes, and settles what was open.
    pub(crate) fn look(&mut self, program: &Program, keeps: Keeps) -> Result<Found, String> {
        let mut connection = Connection::open(program.port)?;
        let mut found = Found::default();
        // By name: in which rooms, and as what.
        let mut seen: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for number in 0..ROOMS.len() {
            for (name, text) in texts(&mut connection, READER, &room(READER, number))? {
                found.members += 1;
                seen.entry(name.trim_end_matches(".ics").to_owned()).or_default().push((number, text));
            }
        }
        for writer in &mut self.writers {
            let uids: Vec<String> = writer.ledger.uids().cloned().collect();
            for uid in uids {
                let here = seen.remove(&uid).unwrap_or_default();
                let here: Vec<(usize, &str)> = here.iter().map(|(number, text)| (*number, &**text)).collect();
                found.lost.extend(writer.ledger.find(&uid, &here, self.base, keeps).err());
            }
            let own = format!("/calendars/users/{}/reservations/", writer.login);
            let own = list(&mut connection, writer.login, &own)?;
            let mut own: Vec<String> = own.into_iter().map(|(name, _)| name).collect();
            let there = writer.ledger.there().into_iter();
            let mut there: Vec<String> = there.map(|(_, shape)| format!("{}.ics", shape.uid)).collect();
            own.sort();
            there.sort();
            if own != there {
                found.copies.push(format!("{}: {own:?} instead of {there:?}", writer.login));
            }
        }
        found.extra.extend(seen.keys().cloned());
        let taken = self.taken();
        found.overlaps = overlaps(&taken);
        found.claims = self.claims(&taken, program.place())?;
        Ok(found)
    }

    /// What is taken, by what is known, in the order of rooms and times.
    fn taken(&self) -> Vec<Taken<'_>> {
        let mut taken = Vec::new();
        for (number, shape) in self.writers.iter().flat_map(|writer| writer.ledger.there()) {
            taken.extend(shape.times().into_iter().map(|(from, to)| (number, from, to, shape.uid.as_str())));
        }
        taken.sort_unstable();
        taken
    }

    /// How what is claimed differs from what is taken.
    fn claims(&self, taken: &[Taken<'_>], place: &Place) -> Result<Vec<String>, String> {
        const CLAIMS: &str = "
            SELECT r.slug || ' ' || c.start_at || ' ' || c.end_at
            FROM claims c
            JOIN room_spaces s ON s.space_id = c.space_id
            JOIN rooms r ON r.id = s.room_id
            WHERE r.slug IN ('aula', 'bay', 'cellar', 'dome')";
        let mut claimed = ask(place.url(), CLAIMS)?;
        let at = |minute: &i64| self.base.second(*minute);
        let wanted =
            taken.iter().map(|(number, from, to, _)| format!("{} {} {}", ROOMS[*number], at(from), at(to)));
        let mut wanted: Vec<String> = wanted.collect();
        claimed.sort_unstable();
        wanted.sort_unstable();
        let lacking = |some: &[String], others: &[String], what: &str| -> Vec<String> {
            let lacking = some.iter().filter(|one| others.binary_search(one).is_err());
            lacking.map(|one| format!("{what}: {one}")).collect()
        };
        let mut wrong = lacking(&wanted, &claimed, "not claimed");
        wrong.extend(lacking(&claimed, &wanted, "claimed for nothing"));
        Ok(wrong)
    }
}

/// The number of a room, from when to when, and by which event.
type Taken<'e> = (usize, i64, i64, &'e str);

/// Which events take a room at one time.
fn overlaps(taken: &[Taken<'_>]) -> Vec<String> {
    let mut overlaps = Vec::new();
    let mut until: BTreeMap<usize, (i64, &str)> = BTreeMap::new();
    for &(number, from, to, uid) in taken {
        if let Some((end, other)) = until.get(&number).filter(|(end, _)| *end > from) {
            overlaps.push(format!("{uid} and {other} in {}, {} minutes", ROOMS[number], end - from));
        }
        let end = until.entry(number).or_insert((to, uid));
        if end.0 <= to {
            *end = (to, uid);
        }
    }
    overlaps
}

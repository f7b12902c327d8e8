//! Point 6: the last state of the model is what everybody is listed through each server, what mirrors
//! have, and what the tables have; and the audit tells of each change once (P-16).

use std::collections::{BTreeMap, BTreeSet};

use crate::history::asked::Place;
use crate::history::log::{Last, Told};
use crate::history::stored::{Calendar, Kept, Stored};
use crate::history::world::PEOPLE;

use super::model::{State, Texts};
use super::{Fault, Findings};

/// Compares all of them.
pub(super) fn compare(told: &Told, stored: &Stored, texts: &Texts, findings: &mut Findings) {
    let mut states: BTreeMap<Place, State> = BTreeMap::new();
    for (place, calendar) in &stored.0 {
        let mut state = State::default();
        for row in &calendar.rows {
            state.apply(row);
        }
        tables(*place, &state, calendar, texts, findings);
        states.insert(*place, state);
        for what in &calendar.unpaired {
            findings.add(Fault::Unaudited, format!("{place:?}: {what}"));
        }
    }
    for last in &told.last {
        let (place, person) = (last.place, last.person);
        if last.mirror != last.listed {
            let Last { mirror, listed, .. } = last;
            let what = format!("{place:?}: the mirror of {person} has {mirror:?}, not {listed:?}");
            findings.add(Fault::SkippedSync, what);
        }
        let Some(state) = states.get(&place) else { continue };
        if !state.is_listed_as(&last.listed, (place, person), |_| true) {
            let seen = state.seen(place, person, |_| true);
            findings.add(
                Fault::WrongEnd,
                format!("{place:?}: {person} is listed {:?}, not {seen:?}", last.listed),
            );
        }
    }
    shown(&states, findings);
}

/// Members and claims are those of the last state.
fn tables(place: Place, state: &State, calendar: &Calendar, texts: &Texts, findings: &mut Findings) {
    let members = state.members().map(|(name, member)| Kept {
        name: name.to_owned(),
        owner: member.owner,
        digest: member.digest.clone(),
    });
    let (wanted, kept): (BTreeSet<Kept>, BTreeSet<Kept>) =
        (members.collect(), calendar.kept.iter().cloned().collect());
    if wanted != kept {
        findings.add(Fault::WrongEnd, format!("{place:?} has {kept:?}, not {wanted:?}"));
    }
    let claims = state.members().flat_map(|(_, member)| {
        let periods = texts.periods(&member.digest).iter().filter(|_| matches!(place, Place::Room(_)));
        periods.map(|period| (*period, member.owner))
    });
    let mut wanted: Vec<_> = claims.collect();
    let mut claims = calendar.claims.clone();
    wanted.sort_unstable();
    claims.sort_unstable();
    if wanted != claims {
        findings.add(Fault::WrongEnd, format!("{place:?} claims {claims:?}, not {wanted:?}"));
    }
}

/// Everybody's own calendar shows what they have in rooms, each name once.
fn shown(states: &BTreeMap<Place, State>, findings: &mut Findings) {
    for person in 0..PEOPLE.len() {
        let rooms = states.iter().filter(|(place, _)| matches!(place, Place::Room(_)));
        let booked = rooms.flat_map(|(_, state)| state.members());
        let booked: BTreeSet<&str> =
            booked.filter(|(_, member)| member.owner == person).map(|(name, _)| name).collect();
        let Some(own) = states.get(&Place::Own(person)) else { continue };
        let own: BTreeSet<&str> = own.members().map(|(name, _)| name).collect();
        if booked != own {
            findings.add(Fault::WrongEnd, format!("{person} is shown {own:?} and has {booked:?}"));
        }
    }
}

//! What was asked and answered, and what must therefore be found (rule 1): the acknowledged is there,
//! whole; the refused is not; of what was not answered either.

use std::collections::{BTreeMap, BTreeSet};

use super::bookings::Booking;

/// A request about one booking, of somebody who asks nothing about it meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) uid: String,
    /// Before it was sent; positions are those of a record, or anything else that grows.
    pub(crate) sent: u64,
    /// After it was answered, or given up.
    pub(crate) answered: u64,
    pub(crate) outcome: Outcome,
    /// What it makes of the booking; `None`: it is gone.
    pub(crate) after: Option<Booking>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Acknowledged,
    Refused,
    Unknown,
}

impl Outcome {
    /// What a status means: 4xx and 507 refuse, and every other error leaves it open.
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..300 => Self::Acknowledged,
            400..500 | 507 => Self::Refused,
            _ => Self::Unknown,
        }
    }
}

/// What each booking may be at this position, by UID; deeds of one booking are in order.
fn possible(deeds: &[Deed], position: u64) -> BTreeMap<&str, Vec<Option<Booking>>> {
    let mut all: BTreeMap<&str, Vec<Option<Booking>>> = BTreeMap::new();
    for deed in deeds.iter().filter(|deed| deed.sent <= position) {
        let states = all.entry(&deed.uid).or_insert_with(|| vec![None]);
        match deed.outcome {
            Outcome::Refused => {}
            Outcome::Acknowledged if deed.answered <= position => *states = vec![deed.after],
            Outcome::Acknowledged | Outcome::Unknown => states.push(deed.after),
        }
    }
    all
}

/// How many bookings must be there at this position, whatever else happened.
pub(crate) fn certain(deeds: &[Deed], position: u64) -> usize {
    possible(deeds, position).values().filter(|states| states.iter().all(Option::is_some)).count()
}

/// What is wrong with what was found: `members` is everything that the calendars show.
pub(crate) fn wrong(deeds: &[Deed], position: u64, members: &BTreeMap<String, String>) -> Vec<String> {
    let possible = possible(deeds, position);
    let uid_of = |member: &str| {
        let name = member.rsplit('/').next().unwrap_or(member);
        name.trim_end_matches(".ics").to_owned()
    };
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (member, text) in members {
        found.entry(uid_of(member)).or_default().insert(member.clone(), text.clone());
    }
    let uids: BTreeSet<&str> = found.keys().map(String::as_str).chain(possible.keys().copied()).collect();
    let nothing = BTreeMap::new();
    let mut wrong = Vec::new();
    for uid in uids {
        let is = found.get(uid).unwrap_or(&nothing);
        let may_be = possible.get(uid).map_or(&[None][..], Vec::as_slice);
        let fits = |state: &Option<Booking>| match state {
            Some(booking) => *is == booking.members(uid),
            None => is.is_empty(),
        };
        if !may_be.iter().any(fits) {
            wrong.push(format!("{uid} may be {may_be:?} and is {:?}", is.keys()));
        }
    }
    wrong
}

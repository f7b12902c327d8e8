//! What a write did to the dates of a reservation, and how the audit spells it (R150): every date that came,
//! went, or has another state, time or expiry than before, so that what is stored can be told from the audit
//! alone.
//!
//! Pure: knows neither tables nor who did it. How dates are spelled is described in `schema/README.md`; the
//! form of a period is that of RFC 5545, section 3.3.9.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::occurrence::OccurrenceFacts;
use super::reason::Reason;
use super::recurrence::RecurrenceId;
use super::state::OccurrenceState;
use super::time::{Instant, Period};

/// What the audit keeps of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which one of its reservation.
    pub id: RecurrenceId,
    /// The event's own time.
    pub period: Period,
    /// What became of it.
    pub state: OccurrenceState,
    /// Why it is not confirmed.
    pub reason: Option<Reason>,
    /// When that ends by itself; `None` if it does not.
    pub expires_at: Option<Instant>,
}

impl From<&OccurrenceFacts> for Mark {
    fn from(facts: &OccurrenceFacts) -> Self {
        let OccurrenceFacts { id, period, state, reason, expires_at, .. } = *facts;
        Self { id, period, state, reason, expires_at }
    }
}

/// One date, before and after; never neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// `None` of what is new.
    pub old: Option<Mark>,
    /// `None` of what is gone.
    pub new: Option<Mark>,
}

/// The dates that went from one state to another for the same reason: one row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// `None` of what is new.
    pub old: Option<OccurrenceState>,
    /// `None` of what is gone.
    pub new: Option<OccurrenceState>,
    /// The rule that decided.
    pub rule: String,
    /// Why they are not had, or not had any more; `None` of what was given.
    pub reason: Option<Reason>,
    /// By start.
    pub dates: Vec<Transition>,
}

/// What became of the dates of one reservation. `rule` and `reason` are those of the whole write; a date
/// that has a reason of its own has that reason's rule.
#[must_use]
pub fn shifts(old: &[Mark], new: &[Mark], rule: &str, reason: Option<Reason>) -> Vec<Shift> {
    let mut all: Vec<Shift> = Vec::new();
    for date in transitions(old, new) {
        let (rule, reason) = date.judged(rule, reason);
        let (old, new) = (date.old.map(|mark| mark.state), date.new.map(|mark| mark.state));
        let is_same = |it: &&mut Shift| (it.old, it.new, it.reason) == (old, new, reason) && it.rule == rule;
        match all.iter_mut().find(is_same) {
            Some(shift) => shift.dates.push(date),
            None => all.push(Shift { old, new, rule: rule.to_owned(), reason, dates: vec![date] }),
        }
    }
    all
}

/// Every date that is not as it was, by start. Old and new ones belong together if they have the same key and
/// state, else the same key and time, else the same key, else the same time (R56), else nearly the same time:
/// a series that is an hour later from now on has moved (R131).
fn transitions(old: &[Mark], new: &[Mark]) -> Vec<Transition> {
    let (mut gone, mut come) = (old.to_vec(), new.to_vec());
    let mut pairs = pair(&mut gone, &mut come, |mark| (mark.id, mark.state as u8));
    pairs.retain(|(old, new)| old != new);
    pairs.extend(pair(&mut gone, &mut come, |mark| (mark.id, mark.period)));
    pairs.extend(pair(&mut gone, &mut come, |mark| mark.id));
    pairs.extend(pair(&mut gone, &mut come, |mark| mark.period));
    pairs.extend(nearest(&mut gone, &mut come));
    let changed = pairs.into_iter().map(|(old, new)| Transition { old: Some(old), new: Some(new) });
    let gone = gone.into_iter().map(|old| Transition { old: Some(old), new: None });
    let come = come.into_iter().map(|new| Transition { old: None, new: Some(new) });
    let mut all: Vec<Transition> = changed.chain(gone).chain(come).collect();
    all.sort_by_key(Transition::period);
    all
}

/// Takes out of both what has the same key on either side.
fn pair<K: Ord>(old: &mut Vec<Mark>, new: &mut Vec<Mark>, key: impl Fn(&Mark) -> K) -> Vec<(Mark, Mark)> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut waiting: BTreeMap<K, Vec<Mark>> = BTreeMap::new();
    for mark in old.drain(..).rev() {
        waiting.entry(key(&mark)).or_default().push(mark);
    }
    let mut pairs = Vec::new();
    new.retain(|mark| match waiting.get_mut(&key(mark)).and_then(Vec::pop) {
        Some(before) => {
            pairs.push((before, *mark));
            false
        }
        None => true,
    });
    old.extend(waiting.into_values().flatten());
    pairs
}

/// Takes out of both, in the order of time, what is less than half a day apart.
fn nearest(old: &mut Vec<Mark>, new: &mut Vec<Mark>) -> Vec<(Mark, Mark)> {
    const NEAR_SECS: u64 = 12 * 3600;
    let mut pairs = Vec::new();
    if old.is_empty() || new.is_empty() {
        return pairs;
    }
    old.sort_by_key(|mark| mark.period);
    new.sort_by_key(|mark| mark.period);
    let mut come = std::mem::take(new).into_iter().peekable();
    old.retain(|before| {
        let start = before.period.start.secs();
        while let Some(mark) = come.next_if(|mark| mark.period.start.secs() < start) {
            if start.abs_diff(mark.period.start.secs()) < NEAR_SECS {
                pairs.push((*before, mark));
                return false;
            }
            new.push(mark);
        }
        match come.next_if(|mark| start.abs_diff(mark.period.start.secs()) < NEAR_SECS) {
            Some(mark) => {
                pairs.push((*before, mark));
                false
            }
            None => true,
        }
    });
    new.extend(come);
    pairs
}

impl Transition {
    /// When it is, or was.
    fn period(&self) -> Option<Period> {
        self.new.or(self.old).map(|mark| mark.period)
    }

    /// The rule and the reason of this date in a write with these.
    fn judged<'r>(&self, rule: &'r str, reason: Option<Reason>) -> (&'r str, Option<Reason>) {
        let before = self.old.map(|mark| mark.state);
        let after = self.new.map(|mark| mark.state);
        let own = self.new.and_then(|mark| mark.reason);
        let is_had = |state: OccurrenceState| state.claims() && state != OccurrenceState::Grace;
        match (own, after) {
            // R40: what is beyond the limits waits with the reason why.
            (Some(_), Some(OccurrenceState::Held)) => ("R40", own),
            (None, Some(OccurrenceState::Held)) if before != after => ("R70", None),
            (Some(_), _) if own == reason || own == self.old.and_then(|mark| mark.reason) => (rule, own),
            (Some(own), _) => (own.rule(), Some(own)),
            // R2: whatever is lost is lost for a reason.
            (None, _) if before.is_some_and(is_had) && !after.is_some_and(OccurrenceState::claims) => {
                (rule, reason)
            }
            (None, _) => (rule, None),
        }
    }

    /// `NEW`, `OLD` of what is gone, `OLD>NEW` of what has another key or time than before.
    fn spell(&self, text: &mut String) {
        match (self.old, self.new) {
            (Some(old), Some(new)) => {
                if (old.id, old.period) != (new.id, new.period) {
                    old.spell(text);
                    text.push('>');
                }
                new.spell(text);
            }
            (Some(only), None) | (None, Some(only)) => only.spell(text),
            (None, None) => {}
        }
    }
}

impl Mark {
    /// `RECURRENCE-ID@START/LENGTH~EXPIRY`; a key that is the start is left out, and of a single event the
    /// `@` too.
    fn spell(&self, text: &mut String) {
        if let Some(at) = self.id.instant() {
            if at != self.period.start {
                utc(text, at);
            }
            text.push('@');
        }
        utc(text, self.period.start);
        text.push('/');
        length(text, self.period.secs());
        if let Some(at) = self.expires_at {
            text.push('~');
            utc(text, at);
        }
    }
}

impl Shift {
    /// When the first of its dates begins and the last one ends.
    #[must_use]
    pub fn range(&self) -> Option<Period> {
        let periods = || self.dates.iter().filter_map(Transition::period);
        let start = periods().map(|period| period.start).min()?;
        Period::new(start, periods().map(|period| period.end).max()?)
    }

    /// The one date that it is about; `None` if there are several, or it is a single event.
    #[must_use]
    pub fn only(&self) -> Option<Instant> {
        match self.dates.as_slice() {
            [date] => date.new.or(date.old)?.id.instant(),
            _ => None,
        }
    }

    /// Its dates as the audit has them, with a blank between.
    #[must_use]
    pub fn spelled(&self) -> String {
        let mut text = String::new();
        for date in &self.dates {
            if !text.is_empty() {
                text.push(' ');
            }
            date.spell(&mut text);
        }
        text
    }
}

fn utc(text: &mut String, at: Instant) {
    // Writing to a text cannot fail.
    let _ = write!(text, "{}", at.timestamp().strftime("%Y%m%dT%H%M%SZ"));
}

/// RFC 5545, section 3.3.6, in hours, minutes and seconds.
fn length(text: &mut String, secs: i64) {
    text.push_str("PT");
    let parts = [(secs / 3600, 'H'), (secs / 60 % 60, 'M'), (secs % 60, 'S')];
    for (count, unit) in parts.into_iter().filter(|(count, unit)| *count > 0 || secs == 0 && *unit == 'S') {
        let _ = write!(text, "{count}{unit}");
    }
}

#[cfg(test)]
mod tests;

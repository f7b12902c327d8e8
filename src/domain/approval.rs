//! Requests that wait for a manager: when one ends by itself, when its managers are reminded, what
//! becomes of the old slot of a moved booking, and what a decision makes of the dates of a reservation.
//!
//! R57, R58, R70 to R75, R87, R89. Pure; who may decide is the caller's question.

use super::channel::Channel;
use super::judge::{Asked, Asker, Neighbours, RoomRules, space};
use super::occurrence::OccurrenceFacts;
use super::reason::{Failure, Reason};
use super::recurrence::{Occurrence, PartRef, RecurrenceId};
use super::settings::{Pending, Settings, TentativeEvents};
use super::state::OccurrenceState;
use super::time::{Instant, Period};

/// When a request made now, for something that starts at `start`, ends by itself (R71). `None`: it
/// would have had to be decided before now.
#[must_use]
pub fn deadline(settings: &Settings, start: Instant, now: Instant) -> Option<Instant> {
    let last = start.plus(-settings.decide_before);
    (last > now).then(|| last.min(now.plus(settings.hold_ttl)))
}

/// When the managers are reminded of what waits since `since` until `until`: at half time (R71).
#[must_use]
pub fn half_time(since: Instant, until: Instant) -> Instant {
    since.plus((until.secs() - since.secs()) / 2)
}

/// When a confirmed occurrence ends by itself unless its text stops saying that it is tentative;
/// `None`: never (R75). One that begins sooner than somebody would have to decide lasts up to its
/// start.
#[must_use]
pub fn tentative_until(
    settings: &Settings,
    tentative: bool,
    start: Instant,
    now: Instant,
) -> Option<Instant> {
    let expires = tentative && settings.tentative_events == TentativeEvents::Hold && start > now;
    expires.then(|| deadline(settings, start, now).unwrap_or(start))
}

/// What a held occurrence claims (R71, R72).
#[must_use]
pub fn held_claim(room: &RoomRules, period: &Period, units: i64) -> Option<(Period, i64)> {
    (room.settings.pending == Pending::Hold).then(|| (room.occupied(period), units))
}

/// The claim of an old slot as it was before what waits in its place took a part of it (R74). Never
/// more than the two have together, so it is free whenever they are.
#[must_use]
pub fn whole_claim(
    grace: &OccurrenceFacts,
    held: Option<&OccurrenceFacts>,
    room: &RoomRules,
) -> Option<(Period, i64)> {
    let touches =
        |claim: &Period| grace.claim.is_none_or(|(own, _)| own.start <= claim.end && claim.start <= own.end);
    let Some((taken, units)) = held.and_then(|held| held.claim).filter(|(claim, _)| touches(claim)) else {
        return grace.claim;
    };
    let (own, units) = grace.claim.unwrap_or((taken, units));
    let (start, end) = (own.start.min(taken.start), own.end.max(taken.end));
    let wanted = room.occupied(&grace.period);
    // Buffers that were made longer since do not reach over a neighbour (R82).
    let kept = Period { start: start.max(wanted.start), end: end.min(wanted.end) };
    (kept.start <= grace.period.start && kept.end >= grace.period.end).then_some((kept, units))
}

/// What is left of an old slot beside the claim of what waits in its place: the two are one
/// reservation's, and no claims of one overlap.
#[must_use]
pub fn beside(old: (Period, i64), held: Option<(Period, i64)>) -> Option<(Period, i64)> {
    let (range, units) = old;
    let Some((held, _)) = held.filter(|(held, _)| held.overlaps(&range)) else { return Some(old) };
    if range.start < held.start {
        return Some((Period { start: range.start, end: held.start }, units));
    }
    (range.end > held.end).then_some((Period { start: held.end, end: range.end }, units))
}

/// What becomes of an old slot when what waits in its place is not given. A booking is again where it was, if
/// its text can say so: a declined move comes to what a refused one does, nothing changes (R74). By invitation
/// the slot stays for the grace period, as after a refused move (R58). `None`: it goes.
#[must_use]
pub fn handed_back(
    old: &OccurrenceFacts,
    held: &OccurrenceFacts,
    terms: &Terms<'_>,
) -> Option<OccurrenceFacts> {
    let claim = Some(whole_claim(old, Some(held), terms.room)?);
    if terms.channel == Channel::Direct {
        let is_possible = terms.restores && old.all_day == held.all_day && old.period.end > terms.now;
        let state = OccurrenceState::Confirmed;
        return is_possible.then(|| OccurrenceFacts {
            state,
            reason: None,
            expires_at: None,
            claim,
            ..old.clone()
        });
    }
    let grace = terms.room.settings.reschedule_grace;
    (grace > 0).then(|| OccurrenceFacts { claim, expires_at: Some(terms.now.plus(grace)), ..old.clone() })
}

/// An old slot gives way to the other claims of its own reservation: to what waits in its place only with
/// what that needs, to any other date wholly (R74).
pub fn give_way(all: &mut [OccurrenceFacts]) {
    let others: Vec<(RecurrenceId, OccurrenceState, (Period, i64))> = all
        .iter()
        .filter(|facts| facts.state != OccurrenceState::Grace)
        .filter_map(|facts| Some((facts.id, facts.state, facts.claim?)))
        .collect();
    for grace in all.iter_mut().filter(|facts| facts.state == OccurrenceState::Grace) {
        let is_held =
            |(id, state): (RecurrenceId, OccurrenceState)| (id, state) == (grace.id, OccurrenceState::Held);
        let held = others.iter().find(|(id, state, _)| is_held((*id, *state)));
        let left = grace.claim.and_then(|own| beside(own, held.map(|(.., claim)| *claim)));
        grace.claim = left.filter(|(own, _)| !others.iter().any(|(.., (claim, _))| claim.overlaps(own)));
    }
}

/// What is decided about one occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// A manager gives the room.
    Approve,
    /// A manager does not, or not any more.
    Decline,
    /// Nobody decided in time (R71, R75).
    Expire,
    /// Somebody else has it by now (R72).
    Overtake,
}

impl Ruling {
    /// Whether it is about an occurrence in this state.
    #[must_use]
    pub fn is_about(self, facts: &OccurrenceFacts, now: Instant) -> bool {
        let is_over = facts.period.end <= now;
        match self {
            // The first decision counts, later ones change it (R73).
            Self::Approve => {
                let was_denied = matches!(facts.reason, Some(Reason::NotApproved | Reason::Cancelled));
                let is_denied = matches!(facts.state, OccurrenceState::Declined | OccurrenceState::Cancelled);
                !is_over && (facts.state == OccurrenceState::Held || (is_denied && was_denied))
            }
            Self::Decline => {
                !is_over && matches!(facts.state, OccurrenceState::Held | OccurrenceState::Confirmed)
            }
            Self::Expire => {
                let is_due = facts.expires_at.is_some_and(|until| until <= now);
                let ends = facts.state == OccurrenceState::Held
                    || (facts.state == OccurrenceState::Confirmed && facts.tentative);
                is_due && ends
            }
            Self::Overtake => facts.state == OccurrenceState::Held && facts.claim.is_none(),
        }
    }
}

/// An occurrence before and after a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// As it was.
    pub before: OccurrenceFacts,
    /// As it is.
    pub after: OccurrenceFacts,
}

impl Settled {
    /// Whether the old slot of a declined move is had again (R74).
    #[must_use]
    pub fn is_restored(&self) -> bool {
        self.after.state == OccurrenceState::Confirmed && self.before.period != self.after.period
    }
}

/// What a decision makes of a reservation.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// Every occurrence as it is now.
    pub occurrences: Vec<OccurrenceFacts>,
    /// Those that changed.
    pub settled: Vec<Settled>,
    /// Those that could not be approved, because step 5 fails (R72).
    pub failures: Vec<Failure>,
}

impl Settlement {
    /// Whether the room has anything of it, or is still asked for anything.
    #[must_use]
    pub fn leaves_any(&self) -> bool {
        let stays = |state| matches!(state, OccurrenceState::Confirmed | OccurrenceState::Held);
        self.occurrences.iter().any(|facts| stays(facts.state))
    }
}

/// How a decision is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The room.
    pub room: &'a RoomRules,
    /// By which channel it was asked.
    pub channel: Channel,
    /// How many units the event asks for; for what claims nothing yet.
    pub units: i64,
    /// Whether a direct booking whose move is declined goes back to where it was: its text must say
    /// so then (R58, R74).
    pub restores: bool,
    /// The present.
    pub now: Instant,
}

/// Carries out a decision: `ruling` says what is decided about each occurrence. `neighbours` are
/// those of what claims nothing yet.
#[must_use]
pub fn settle(
    all: &[OccurrenceFacts],
    terms: &Terms<'_>,
    ruling: impl Fn(&OccurrenceFacts) -> Option<Ruling>,
    neighbours: &Neighbours,
) -> Settlement {
    let mut done = Settlement { occurrences: all.to_vec(), ..Settlement::default() };
    for facts in all.iter().filter(|facts| facts.state != OccurrenceState::Grace) {
        let Some(ruling) = ruling(facts).filter(|ruling| ruling.is_about(facts, terms.now)) else { continue };
        if ruling == Ruling::Approve {
            done.approve(facts, terms, neighbours);
        } else {
            done.end(facts, terms, ruling);
        }
    }
    done
}

/// Step 5 for what claims nothing yet: who has the room.
#[must_use]
pub fn in_the_way(facts: &OccurrenceFacts, terms: &Terms<'_>, neighbours: &Neighbours) -> Option<Failure> {
    let OccurrenceFacts { id, period, all_day, .. } = *facts;
    let occurrence = Occurrence { id, period, all_day, part: PartRef::Master };
    let asker = Asker { may_book: true, manager: true, ..Asker::default() };
    let asked = Asked { occurrence: &occurrence, units: terms.units, recurs: false, asker };
    space(&asked, terms.room, neighbours)
}

impl Settlement {
    fn approve(&mut self, facts: &OccurrenceFacts, terms: &Terms<'_>, neighbours: &Neighbours) {
        let Terms { room, now, .. } = *terms;
        let mut after = OccurrenceFacts {
            state: OccurrenceState::Confirmed,
            reason: None,
            expires_at: tentative_until(&room.settings, facts.tentative, facts.period.start, now),
            ..facts.clone()
        };
        if facts.claim.is_none() {
            let failure = self.overlaps_itself(facts, terms);
            if let Some(failure) = failure.or_else(|| in_the_way(facts, terms, neighbours)) {
                self.failures.push(failure);
                return;
            }
            after.claim = Some((room.occupied(&facts.period), terms.units));
            after.claimed_at = now;
        }
        // R74: the old slot is free.
        let occupied = after.claim.map(|(occupied, _)| occupied);
        let is_free = |other: &OccurrenceFacts| {
            let is_over = occupied
                .is_some_and(|occupied| other.claim.is_some_and(|(claim, _)| claim.overlaps(&occupied)));
            other.state == OccurrenceState::Grace && (other.id == facts.id || is_over)
        };
        self.occurrences.retain(|other| !is_free(other));
        self.replace(facts, after);
    }

    /// Whether another date of the reservation has a part of that time.
    fn overlaps_itself(&self, facts: &OccurrenceFacts, terms: &Terms<'_>) -> Option<Failure> {
        let OccurrenceFacts { id, period, all_day, .. } = *facts;
        let occupied = terms.room.occupied(&period);
        let own = self.occurrences.iter().any(|other| {
            let is_other = other.id != id && other.state != OccurrenceState::Grace;
            is_other && other.claim.is_some_and(|(claim, _)| claim.overlaps(&occupied))
        });
        let reason = Reason::SelfOverlap;
        own.then_some(Failure { reason, id, period, all_day, conflict: None, bound: None })
    }

    /// It is not had any more, or not given.
    fn end(&mut self, facts: &OccurrenceFacts, terms: &Terms<'_>, ruling: Ruling) {
        let now = terms.now;
        let is_grace =
            |other: &OccurrenceFacts| other.id == facts.id && other.state == OccurrenceState::Grace;
        let mut after = OccurrenceFacts {
            state: OccurrenceState::Declined,
            reason: Some(if ruling == Ruling::Overtake { Reason::Busy } else { Reason::NotApproved }),
            expires_at: None,
            claim: None,
            ..facts.clone()
        };
        if facts.state == OccurrenceState::Confirmed && ruling == Ruling::Decline {
            cut(&mut after, now);
        }
        let grace = self.occurrences.iter().position(is_grace);
        if let Some(grace) = grace.filter(|_| facts.state == OccurrenceState::Held) {
            let old = self.occurrences.remove(grace);
            self.hand_back(&old, facts, &mut after, terms);
        }
        self.replace(facts, after);
    }

    /// R58, R74.
    fn hand_back(
        &mut self,
        old: &OccurrenceFacts,
        held: &OccurrenceFacts,
        after: &mut OccurrenceFacts,
        terms: &Terms<'_>,
    ) {
        match handed_back(old, held, terms) {
            Some(back) if back.state == OccurrenceState::Confirmed => *after = back,
            Some(back) => self.occurrences.push(back),
            None => {}
        }
    }

    fn replace(&mut self, before: &OccurrenceFacts, after: OccurrenceFacts) {
        self.occurrences
            .retain(|other| other != before && (other.id, other.state) != (after.id, after.state));
        self.occurrences.push(after.clone());
        self.settled.push(Settled { before: before.clone(), after });
    }
}

/// A running occurrence is cut to now (R87), one to come is cancelled (R89).
pub fn cut(facts: &mut OccurrenceFacts, now: Instant) {
    facts.claim = None;
    facts.expires_at = None;
    if facts.period.start < now {
        facts.state = OccurrenceState::Released;
        facts.reason = Some(Reason::Released);
        facts.period = Period { start: facts.period.start, end: now };
    } else {
        facts.state = OccurrenceState::Cancelled;
        facts.reason = Some(Reason::Cancelled);
    }
}

/// The dates of a reservation that wait for a manager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// None of them.
    #[default]
    Nothing,
    /// All that it has.
    All,
    /// These of several.
    Some(Vec<RecurrenceId>),
}

impl Waiting {
    /// Which of these wait.
    #[must_use]
    pub fn among(all: &[OccurrenceFacts]) -> Self {
        let of = |state| all.iter().filter(move |facts| facts.state == state);
        let mut held: Vec<RecurrenceId> = of(OccurrenceState::Held).map(|facts| facts.id).collect();
        if held.is_empty() {
            return Self::Nothing;
        }
        if of(OccurrenceState::Confirmed).next().is_none() {
            return Self::All;
        }
        held.sort_unstable();
        Self::Some(held)
    }

    /// And this date, of one of which others do not wait.
    pub fn and(&mut self, id: RecurrenceId) {
        match self {
            Self::Some(held) => held.push(id),
            Self::Nothing | Self::All => *self = Self::Some(vec![id]),
        }
    }

    /// A few letters that are another where other dates wait; `None` where none do.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::All => Some("h".to_owned()),
            Self::Some(held) => {
                let instants = held.iter().filter_map(|id| id.instant());
                // Dates are apart by whole numbers: what tells two sets of one series apart is enough.
                let sum = instants.fold(0_u64, |sum, at| {
                    sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(at.secs().unsigned_abs())
                });
                Some(format!("h{sum:x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! The answer for a whole reservation: what an edit keeps, what is judged anew, and what the
//! verdicts mean together (R3, R31, R50 to R59).
//!
//! Two steps, so that the caller can load in between only the neighbours that matter:
//! [`Comparison::between`], then [`Comparison::decide`]. Pure.

mod holds;
mod whole;

use std::collections::HashMap;

use super::approval::{held_claim, tentative_until};
use super::channel::Channel;
use super::edit::{Edit, OldOccurrence};
use super::judge::{Asked, Asker, Neighbours, RoomRules, Verdict, judge};
use super::occurrence::OccurrenceFacts;
use super::reason::{Failure, Reason};
use super::recurrence::{Occurrence, RecurrenceId};
use super::settings::DirectSeries;
use super::state::OccurrenceState;
use super::time::{Instant, Period};
use whole::{is_partly_accepted, latest, own_overlap};

/// What one reservation asks of one room.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The room.
    pub room: &'a RoomRules,
    /// By which channel.
    pub channel: Channel,
    /// Who asks.
    pub asker: Asker,
    /// Whether the event is a series.
    pub recurs: bool,
    /// Whether the room has this reservation already.
    pub exists: bool,
    /// Units of the room (R80).
    pub units: i64,
    /// The writer named the version it changes, or asks by another channel than before: what it
    /// writes is what it means, also where it asks again for a date that was refused before.
    pub deliberate: bool,
    /// Dates that are not free are left out of a direct series whatever the room's setting says
    /// (R65: when it is extended).
    pub skips: bool,
    /// The next dates of a series that goes on: part of the request that was decided (R65).
    pub goes_on: bool,
    /// It is an import: old events are taken as history, and of a series the dates that are not free are
    /// left out. Otherwise a new event that is over is refused.
    pub history: bool,
    /// The present.
    pub now: Instant,
}

/// A new occurrence with the one it continues.
#[derive(Clone, Debug)]
struct ToJudge {
    new: Occurrence,
    tentative: bool,
    old: Option<OccurrenceFacts>,
    /// It waits for a manager: until when, and for which reason it is out of policy (R40).
    hold: Option<Hold>,
}

/// What each date that stays is called now.
type Follows = HashMap<RecurrenceId, RecurrenceId>;

/// Until when something waits, and why it is out of policy.
type Hold = (Instant, Option<Failure>);

impl ToJudge {
    fn new(new: Occurrence, tentative: bool, old: Option<OccurrenceFacts>) -> Self {
        Self { new, tentative, old, hold: None }
    }
}

/// What stays as it is, and what must be judged.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    kept: Vec<OccurrenceFacts>,
    to_judge: Vec<ToJudge>,
    released: Vec<OccurrenceFacts>,
    remembered: Vec<OccurrenceFacts>,
}

/// The answer for one reservation in one room.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Every occurrence that the event asks for, and what is kept for a while in its place.
    pub occurrences: Vec<OccurrenceFacts>,
    /// What was refused or cancelled and is not in the event any more: if it asks again, that is
    /// still so (R52, R89). To be stored beside the others and shown nowhere.
    pub remembered: Vec<OccurrenceFacts>,
    /// Every occurrence that was judged and not given, with its reason (R42).
    pub failures: Vec<Failure>,
    /// What waits for a manager since now (R70).
    pub held: Vec<OccurrenceFacts>,
    /// Which of these are out of policy, and why (R40).
    pub beyond: Vec<Failure>,
    /// What was given up: occurrences that had claims and are not in the event any more.
    pub released: Vec<OccurrenceFacts>,
    /// Whether any occurrence was judged or released: not so for text-only edits (R59).
    pub touched: bool,
    /// A direct write that must be refused whole (R54).
    pub refused: bool,
    /// When it was decided.
    pub decided_at: Instant,
}

impl Decision {
    /// Nothing yet.
    #[must_use]
    pub fn empty(decided_at: Instant) -> Self {
        Self {
            occurrences: Vec::new(),
            remembered: Vec::new(),
            failures: Vec::new(),
            held: Vec::new(),
            beyond: Vec::new(),
            released: Vec::new(),
            touched: false,
            refused: false,
            decided_at,
        }
    }

    /// Occurrences of the event that are not to be shown as held: refused, cancelled by a manager,
    /// or cut short. What passed on to a continuation is shown as it was for a while (R62).
    pub fn denied(&self) -> impl Iterator<Item = &OccurrenceFacts> {
        self.occurrences.iter().filter(|facts| {
            matches!(
                facts.state,
                OccurrenceState::Declined
                    | OccurrenceState::Cancelled
                    | OccurrenceState::Displaced
                    | OccurrenceState::Released
            ) && facts.expires_at.is_none()
                && !self.occurrences.iter().any(|other| other.id == facts.id && is_had(other.state))
        })
    }

    /// Whether the room holds anything of it, past occurrences included.
    #[must_use]
    pub fn holds_any(&self) -> bool {
        self.occurrences.iter().any(|facts| is_had(facts.state))
    }

    /// Whether the room is confirmed for anything of it, past occurrences included.
    #[must_use]
    pub fn confirms_any(&self) -> bool {
        self.occurrences.iter().any(|facts| facts.state == OccurrenceState::Confirmed)
    }

    /// Whether the room holds anything of it that is still to come, or going on.
    #[must_use]
    pub fn holds_ahead(&self) -> bool {
        let is_held = |facts: &OccurrenceFacts| facts.state.claims() && facts.state != OccurrenceState::Grace;
        self.occurrences.iter().any(|facts| is_held(facts) && facts.period.end > self.decided_at)
    }
}

impl Comparison {
    /// Compares what is kept with what the event says now (R56, R57). What changed settings would say of the
    /// rest is not asked (R130). `new` is every occurrence that
    /// asks for this room, with whether it is tentative; past ones are stored and never judged (R31).
    #[must_use]
    pub fn between(request: &Request<'_>, old: &[OccurrenceFacts], new: &[(Occurrence, bool)]) -> Self {
        let Request { now, .. } = *request;
        let is_past = |period: &Period| period.end <= now && period.secs() > 0;
        let mut comparison = Self::default();
        // What was cut short while it ran stays cut, however long the text says it is (R87).
        let is_cut = |old: &OccurrenceFacts, new: &Occurrence| {
            old.state == OccurrenceState::Released && (old.id, old.period.start) == (new.id, new.period.start)
        };
        let (old_cut, old): (Vec<&OccurrenceFacts>, Vec<&OccurrenceFacts>) =
            old.iter().partition(|old| new.iter().any(|(new, _)| is_cut(old, new)));
        let new = new.iter().filter(|(new, _)| !old_cut.iter().any(|old| is_cut(old, new)));
        comparison.kept.extend(old_cut.iter().map(|old| (*old).clone()));
        let (new_past, new_future): (Vec<_>, Vec<_>) = new.partition(|(new, _)| is_past(&new.period));
        let (old_past, old_future): (Vec<_>, Vec<_>) = old.into_iter().partition(|old| is_past(&old.period));
        comparison.keep_past(request, &old_past, &new_past, &old_future);
        let comparable: Vec<_> = old_future
            .iter()
            .filter(|facts| facts.state != OccurrenceState::Grace)
            .map(|facts| OldOccurrence { id: facts.id, period: facts.period, state: (*facts).clone() })
            .collect();
        let future: Vec<Occurrence> = new_future.iter().map(|(new, _)| *new).collect();
        let tentative = |of: &Occurrence| new_future.iter().any(|(new, flag)| new.id == of.id && *flag);
        let edit = Edit::between(&comparable, &future);
        let pairs = edit.unchanged.iter().chain(&edit.shrunk).chain(&edit.moved);
        let follows: Follows = pairs.map(|pair| (pair.old.id, pair.new.id)).collect();
        for pair in edit.unchanged.iter().chain(&edit.shrunk) {
            comparison.continue_one(request, &pair.old.state, *pair.new, tentative(pair.new));
        }
        for pair in &edit.moved {
            let old = Some(pair.old.state.clone());
            comparison.to_judge.push(ToJudge::new(*pair.new, tentative(pair.new), old));
        }
        for new in &edit.added {
            comparison.to_judge.push(ToJudge::new(**new, tentative(new), None));
        }
        for gone in edit.removed {
            comparison.let_go(gone.state.clone());
        }
        comparison.restore_grace(request, &old_future, &follows);
        comparison
    }

    fn keep_past(
        &mut self,
        request: &Request<'_>,
        old_past: &[&OccurrenceFacts],
        new_past: &[&(Occurrence, bool)],
        old_future: &[&OccurrenceFacts],
    ) {
        let is_new = |occurrence: &Occurrence| !old_past.iter().any(|old| old.id == occurrence.id);
        for (new, tentative) in new_past.iter().copied().filter(|(new, _)| is_new(new)) {
            // A single event that is over asks for nothing that could be given; one that is moved
            // there was not over before.
            let was_future = old_future.iter().any(|old| old.id == new.id);
            if !request.history && (!request.recurs || was_future) {
                self.to_judge.push(ToJudge::new(*new, *tentative, None));
            } else {
                self.kept.push(past(new, *tentative, request.now));
            }
        }
        for old in old_past {
            match new_past.iter().find(|(new, _)| new.id == old.id) {
                Some((new, tentative)) => self.kept.push(OccurrenceFacts {
                    period: new.period,
                    all_day: new.all_day,
                    tentative: *tentative,
                    // Another time that is over as well was never judged.
                    claim: old.claim.filter(|_| old.period == new.period),
                    ..(*old).clone()
                }),
                None if !old.state.claims() => self.let_go((*old).clone()),
                None => {}
            }
        }
    }

    /// Unchanged and shrunk occurrences keep state, claim time and approval (R57).
    fn continue_one(
        &mut self,
        request: &Request<'_>,
        old: &OccurrenceFacts,
        new: Occurrence,
        tentative: bool,
    ) {
        // A single event where a series was, or the other way round, is not the same text once more.
        let is_meant = request.deliberate || old.id != new.id;
        let asks_again =
            old.state == OccurrenceState::Declined && is_meant && request.channel == Channel::Direct;
        if asks_again {
            self.to_judge.push(ToJudge::new(new, tentative, None));
            return;
        }
        let claim = old.claim.map(|(occupied, units)| {
            let unchanged = old.period == new.period && units == request.units;
            if unchanged {
                (occupied, units)
            } else {
                (request.room.occupied(&new.period), request.units.min(units))
            }
        });
        self.kept.push(OccurrenceFacts {
            id: new.id,
            period: new.period,
            all_day: new.all_day,
            tentative,
            claim,
            expires_at: holds::expires_at(request, old, &new, tentative),
            ..old.clone()
        });
        if request.units > old.claim.map_or(request.units, |(_, units)| units) {
            // More units than it has: that part is a new request.
            let kept = self.kept.pop();
            self.to_judge.push(ToJudge::new(new, tentative, kept));
        }
    }

    fn let_go(&mut self, old: OccurrenceFacts) {
        if old.state.claims() {
            self.released.push(old);
            return;
        }
        // What a manager decided, and what was refused, is remembered although the text does not ask for
        // it any more (R52, R89). Of what passed on to a continuation nothing is left to be cancelled (R62).
        self.remembered.push(OccurrenceFacts { expires_at: None, ..old });
    }

    /// The dates that the room has not had in any form yet (R44).
    pub fn added(&self) -> impl Iterator<Item = &Occurrence> {
        self.to_judge.iter().filter(|asked| asked.old.is_none()).map(|asked| &asked.new)
    }

    /// Every date that is judged.
    pub fn judged(&self) -> impl Iterator<Item = &Occurrence> {
        self.to_judge.iter().map(|asked| &asked.new)
    }

    /// The times of what is kept confirmed or held.
    pub fn kept_periods(&self) -> impl Iterator<Item = Period> {
        let is_held = |facts: &&OccurrenceFacts| {
            matches!(facts.state, OccurrenceState::Confirmed | OccurrenceState::Held)
        };
        self.kept.iter().filter(is_held).map(|facts| facts.period)
    }

    /// What is kept whatever is decided about the rest: occupied ranges with units.
    pub fn kept_claims(&self) -> impl Iterator<Item = (Period, i64)> {
        self.kept.iter().filter_map(|facts| facts.claim)
    }

    /// The occupied ranges that [`Comparison::decide`] needs the neighbours of.
    #[must_use]
    pub fn ranges(&self, room: &RoomRules) -> Vec<Period> {
        self.to_judge.iter().map(|asked| room.occupied(&asked.new.period)).collect()
    }

    /// Judges what must be judged and puts the whole together.
    #[must_use]
    pub fn decide(self, request: &Request<'_>, neighbours: &Neighbours) -> Decision {
        let touched = !self.to_judge.is_empty() || !self.released.is_empty();
        let mut decision = Decision {
            occurrences: self.kept,
            remembered: latest(self.remembered),
            released: self.released,
            touched,
            ..Decision::empty(request.now)
        };
        let overlapping = own_overlap(request.room, &decision.occurrences, &self.to_judge);
        let mut outcomes = Vec::new();
        for mut asked in self.to_judge {
            let of_itself =
                overlapping.contains(&asked.new.id).then(|| plain(&asked.new, Reason::SelfOverlap));
            let failure = of_itself.or_else(|| verdict(request, &mut asked, neighbours));
            if request.goes_on {
                asked.hold = asked.hold.and_then(|hold| decision.hold_of_next(hold, request.now));
            }
            outcomes.push((asked, failure));
        }
        decision.failures = outcomes.iter().filter_map(|(_, failure)| failure.clone()).collect();
        let all = outcomes.len();
        match request.channel {
            Channel::Direct if !decision.failures.is_empty() => {
                let setting = request.room.settings.direct_series;
                let leaves_out = setting == DirectSeries::Skip || request.history;
                let skips = request.skips || (leaves_out && request.recurs);
                let nothing_left = decision.failures.len() == all && !decision.holds_any();
                decision.refused = !request.skips && (!skips || nothing_left);
            }
            Channel::Invite | Channel::Bridge
                if !request.exists && !is_partly_accepted(request, all, &decision.failures) =>
            {
                for (asked, failure) in &mut outcomes {
                    let reason = decision.failures[0].reason;
                    failure.get_or_insert_with(|| plain(&asked.new, reason));
                }
            }
            _ => {}
        }
        for (asked, failure) in outcomes {
            decision.settle(request, asked, failure);
        }
        decision.clip_grace();
        let Decision { occurrences, remembered, .. } = &mut decision;
        remembered.retain(|facts| occurrences.iter().all(|asked| asked.id != facts.id));
        decision
    }
}

impl Decision {
    fn settle(&mut self, request: &Request<'_>, asked: ToJudge, failure: Option<Failure>) {
        let ToJudge { new, tentative, old, hold } = asked;
        let settings = &request.room.settings;
        let mut facts = OccurrenceFacts {
            id: new.id,
            period: new.period,
            all_day: new.all_day,
            tentative,
            state: OccurrenceState::Confirmed,
            reason: None,
            claimed_at: request.now,
            expires_at: tentative_until(settings, tentative, new.period.start, request.now),
            claim: Some((request.room.occupied(&new.period), request.units)),
        };
        let old = old.filter(|old| old.state.claims());
        let was_held = old.as_ref().is_some_and(|old| old.state == OccurrenceState::Held);
        match (failure, hold) {
            (None, None) => {
                if was_held {
                    // R74: what was kept in its place is free.
                    self.occurrences.retain(|it| it.id != facts.id || it.state != OccurrenceState::Grace);
                }
                self.released.extend(old.filter(|old| old.period != new.period));
            }
            (None, Some((until, beyond))) => {
                facts.state = OccurrenceState::Held;
                facts.reason = beyond.as_ref().map(|beyond| beyond.reason);
                facts.expires_at = Some(until);
                facts.claim = held_claim(request.room, &new.period, request.units);
                if let Some(old) = old {
                    self.keep_until_decided(request, old, &new);
                }
                self.beyond.extend(beyond);
                self.held.push(facts.clone());
            }
            (Some(failure), _) => {
                facts.state = OccurrenceState::Declined;
                facts.reason = Some(failure.reason);
                facts.expires_at = None;
                facts.claim = None;
                match old {
                    // What nobody had approved is not kept: moved back, it is asked for anew.
                    Some(old) if was_held => self.released.push(old),
                    Some(old) => self.keep_in_grace(request, old, request.room.settings.reschedule_grace),
                    None => {}
                }
            }
        }
        self.occurrences.retain(|other| other.id != facts.id || other.state != facts.state);
        self.occurrences.push(facts);
    }

    /// R58: the old range of a refused move stays for a while.
    fn keep_in_grace(&mut self, request: &Request<'_>, old: OccurrenceFacts, grace: i64) {
        let is_kept =
            self.occurrences.iter().any(|facts| facts.id == old.id && facts.state == OccurrenceState::Grace);
        if grace > 0 && !is_kept {
            self.occurrences.push(OccurrenceFacts {
                state: OccurrenceState::Grace,
                expires_at: Some(request.now.plus(grace)),
                ..old
            });
        } else {
            self.released.push(old);
        }
    }
}

/// Why it is not given; whether it waits for a manager is noted in it.
fn verdict(request: &Request<'_>, asked: &mut ToJudge, neighbours: &Neighbours) -> Option<Failure> {
    let Request { room, asker, recurs, units, now, .. } = *request;
    if asked.new.period.end <= now && asked.new.period.secs() > 0 {
        return Some(plain(&asked.new, Reason::Past));
    }
    match judge(&Asked { occurrence: &asked.new, units, recurs, asker }, room, neighbours, now) {
        Verdict::Confirm => None,
        Verdict::Hold { until, beyond } => {
            asked.hold = Some((until, beyond));
            None
        }
        Verdict::Fail(failure) => Some(failure),
    }
}

fn is_had(state: OccurrenceState) -> bool {
    matches!(state, OccurrenceState::Confirmed | OccurrenceState::Held)
}

fn plain(occurrence: &Occurrence, reason: Reason) -> Failure {
    let Occurrence { id, period, all_day, .. } = *occurrence;
    Failure { reason, id, period, all_day, conflict: None, bound: None }
}

fn past(occurrence: &Occurrence, tentative: bool, now: Instant) -> OccurrenceFacts {
    OccurrenceFacts {
        id: occurrence.id,
        period: occurrence.period,
        all_day: occurrence.all_day,
        tentative,
        state: OccurrenceState::Confirmed,
        reason: None,
        claimed_at: now,
        expires_at: None,
        claim: None,
    }
}

#[cfg(test)]
mod tests;

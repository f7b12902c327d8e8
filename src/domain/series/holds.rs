//! What series have to do with requests that wait for a manager: old slots that are kept meanwhile, and
//! how long anything lasts without a decision (R58, R65, R74, R75). Pure.

use crate::domain::approval::{give_way, tentative_until, whole_claim};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::{Occurrence, RecurrenceId};
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;

use super::{Comparison, Decision, Follows, Hold, Request, ToJudge};

impl Comparison {
    /// A move back within the grace period takes the old slot as it was kept (R58), also from what
    /// waits for a manager in its place (R74). Where that is not asked for any more, nothing is left to wait
    /// for: the old slot is free with it (R28, R57).
    pub(super) fn restore_grace(
        &mut self,
        request: &Request<'_>,
        old: &[&OccurrenceFacts],
        follows: &Follows,
    ) {
        for grace in old.iter().filter(|facts| facts.state == OccurrenceState::Grace) {
            let is_held =
                |facts: &&&OccurrenceFacts| facts.id == grace.id && facts.state == OccurrenceState::Held;
            let held = old.iter().find(is_held).copied();
            let claim = whole_claim(grace, held, request.room);
            let id = follows.get(&grace.id).copied();
            let Some(id) = id.or_else(|| held.is_none().then_some(grace.id)) else {
                self.released.push((**grace).clone());
                continue;
            };
            let grace = &OccurrenceFacts { id, ..(**grace).clone() };
            let wanted = |asked: &ToJudge| asked.new.id == grace.id && asked.new.period == grace.period;
            let at = self.to_judge.iter().position(wanted);
            if let Some(at) = at.filter(|_| claim.is_some()) {
                let asked = self.to_judge.swap_remove(at);
                let start = grace.period.start;
                self.kept.push(OccurrenceFacts {
                    tentative: asked.tentative,
                    state: OccurrenceState::Confirmed,
                    reason: None,
                    expires_at: tentative_until(&request.room.settings, asked.tentative, start, request.now),
                    claim,
                    ..grace.clone()
                });
                self.released.extend(asked.old.filter(|old| old.state == OccurrenceState::Held));
                self.kept.retain(|facts| facts.id != grace.id || facts.state != OccurrenceState::Declined);
            } else {
                // What waits in its place may be another one by now, and take another part of it.
                let claim = claim.or(grace.claim);
                self.kept.push(OccurrenceFacts { claim, ..grace.clone() });
            }
        }
    }
}

impl Decision {
    /// What becomes of the next date of a series that goes on (R65) where a manager would have to decide:
    /// it is part of the same request, so it is approved with what is, and ends with what waits.
    pub(super) fn hold_of_next(&self, hold: Hold, now: Instant) -> Option<Hold> {
        let ahead = || self.occurrences.iter().filter(|facts| facts.period.end > now);
        let held = ahead().filter(|facts| facts.state == OccurrenceState::Held);
        let end = held.filter_map(|facts| facts.expires_at).min();
        match end {
            Some(end) => Some((hold.0.min(end), hold.1)),
            None if ahead().any(|facts| facts.state == OccurrenceState::Confirmed) => None,
            None => Some(hold),
        }
    }

    /// R74: the old claim of what was confirmed stays until a manager has decided about the new one.
    pub(super) fn keep_until_decided(
        &mut self,
        request: &Request<'_>,
        old: OccurrenceFacts,
        new: &Occurrence,
    ) {
        if old.state == OccurrenceState::Confirmed && old.period != new.period {
            self.keep_in_grace(request, old, request.room.settings.hold_ttl);
        } else {
            self.released.extend(Some(old).filter(|old| old.period != new.period));
        }
    }

    /// A grace claim gives way to a claim of its own reservation: wholly, but what waits in its own
    /// place takes only what it needs (R74).
    pub(super) fn clip_grace(&mut self) {
        give_way(&mut self.occurrences);
        let held: Vec<RecurrenceId> = self
            .occurrences
            .iter()
            .filter(|facts| facts.state == OccurrenceState::Held)
            .map(|facts| facts.id)
            .collect();
        let is_left = |facts: &OccurrenceFacts| facts.claim.is_some() || held.contains(&facts.id);
        self.occurrences.retain(|facts| facts.state != OccurrenceState::Grace || is_left(facts));
    }
}

/// Until when a kept occurrence lasts without a decision: as before, but for one that begins or ceases
/// to be tentative (R75).
pub(super) fn expires_at(
    request: &Request<'_>,
    old: &OccurrenceFacts,
    new: &Occurrence,
    tentative: bool,
) -> Option<Instant> {
    if old.state != OccurrenceState::Confirmed || old.tentative == tentative {
        return old.expires_at;
    }
    tentative_until(&request.room.settings, tentative, new.period.start, request.now)
}

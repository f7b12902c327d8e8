//! What is asked of a series as a whole, beside its single dates: whether a new one is taken without some
//! of them (R50), whether it overlaps itself (R33), and how much of what it was refused is remembered.

use crate::domain::judge::RoomRules;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Failure;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;

use super::{Request, ToJudge};

/// L-41.
const MAX_REMEMBERED: usize = 1_000;

/// Whether a new invitation is taken without the dates that failed (R50): those may be few, and failed
/// for what holds of a date; what is wrong with the whole declines the whole. Edits are decided date
/// by date (R55).
pub(super) fn is_partly_accepted(request: &Request<'_>, asked: usize, failures: &[Failure]) -> bool {
    let settings = &request.room.settings;
    let count = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
    let (asked, failed) = (count(asked), count(failures.len()));
    failures.iter().all(|failure| failure.reason.is_of_a_date())
        && failed <= settings.max_conflicts
        && failed.saturating_mul(100) <= settings.max_conflict_percent.saturating_mul(asked)
        && (failed < asked || failed == 0)
}

/// At most as many as a series may have dates: whoever asks for ever new ones does not fill the
/// database with what was refused.
pub(super) fn latest(mut remembered: Vec<OccurrenceFacts>) -> Vec<OccurrenceFacts> {
    remembered.sort_by_key(|facts| facts.claimed_at);
    remembered.split_off(remembered.len().saturating_sub(MAX_REMEMBERED))
}

/// The judged occurrences whose occupied ranges overlap another of the same reservation (R33).
pub(super) fn own_overlap(
    room: &RoomRules,
    kept: &[OccurrenceFacts],
    to_judge: &[ToJudge],
) -> Vec<RecurrenceId> {
    let standing = kept.iter().filter(|facts| facts.state != OccurrenceState::Grace).filter_map(|facts| {
        // What waits in a queue claims nothing (R72), and is a date of the series all the same.
        let queued = (facts.state == OccurrenceState::Held).then(|| room.occupied(&facts.period));
        let occupied = facts.claim.map(|(occupied, _)| occupied).or(queued)?;
        Some((occupied, facts.id))
    });
    let asked = to_judge.iter().map(|asked| (room.occupied(&asked.new.period), asked.new.id));
    let mut all: Vec<_> = standing.chain(asked).collect();
    all.sort_unstable();
    // Up to the first overlap the one before ends last; after it every date is named anyway.
    all.windows(2)
        .filter(|pair| pair[0].0.overlaps(&pair[1].0))
        .flat_map(|pair| [pair[0].1, pair[1].1])
        .collect()
}

//! Checking in: from when to when somebody has to say that he is there, and of which occurrences nobody
//! has to (R95, R96). Pure.

use super::occurrence::OccurrenceFacts;
use super::settings::Settings;
use super::state::OccurrenceState;
use super::time::Instant;

/// What is booked shorter before its start has somebody standing at the door (R96).
const SHORT_NOTICE_SECS: i64 = 30 * 60;

/// When an occurrence can be checked in, and when it is too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub opens: Instant,
    /// From then on the room is released.
    pub deadline: Instant,
}

/// The window of an occurrence in a room with these settings; `None` where nobody has to check in: the
/// room does not ask for it, the occurrence does not have the room, lasts whole days or longer than
/// `release_max`, or was booked less than half an hour before it begins.
#[must_use]
pub fn window(settings: &Settings, occurrence: &OccurrenceFacts) -> Option<Window> {
    let OccurrenceFacts { period, all_day, state, claimed_at, .. } = occurrence;
    let is_spared = *all_day
        || *state != OccurrenceState::Confirmed
        || period.secs() > settings.release_max
        || *claimed_at > period.start.plus(-SHORT_NOTICE_SECS);
    if !settings.checkin || is_spared {
        return None;
    }
    let opens = period.start.plus(-settings.checkin_before);
    Some(Window { opens, deadline: period.start.plus(settings.checkin_after) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recurrence::RecurrenceId;
    use crate::domain::time::Period;

    const START: Instant = Instant::from_secs(1_803_805_200);

    fn occurrence(secs: i64) -> OccurrenceFacts {
        OccurrenceFacts {
            id: RecurrenceId::SINGLE,
            period: Period { start: START, end: START.plus(secs) },
            all_day: false,
            tentative: false,
            state: OccurrenceState::Confirmed,
            reason: None,
            claimed_at: START.plus(-86_400),
            expires_at: None,
            claim: None,
        }
    }

    fn asking() -> Settings {
        Settings { checkin: true, ..Settings::default() }
    }

    #[test]
    fn a_room_asks_from_a_quarter_before_until_ten_minutes_after_and_only_if_it_says_so() {
        let hour = occurrence(3_600);
        assert_eq!(window(&Settings::default(), &hour), None, "R95: off by default");
        let opens_and_deadline = Window { opens: START.plus(-900), deadline: START.plus(600) };
        assert_eq!(window(&asking(), &hour), Some(opens_and_deadline), "R95");
        let other = Settings { checkin_before: 60, checkin_after: 120, ..asking() };
        assert_eq!(window(&other, &hour), Some(Window { opens: START.plus(-60), deadline: START.plus(120) }));
    }

    #[test]
    fn what_is_long_whole_day_made_at_short_notice_or_not_confirmed_is_spared() {
        let is_asked = |occurrence: &OccurrenceFacts| window(&asking(), occurrence).is_some();
        assert!(is_asked(&occurrence(4 * 3_600)) && !is_asked(&occurrence(4 * 3_600 + 1)), "R96");
        assert!(!is_asked(&OccurrenceFacts { all_day: true, ..occurrence(3_600) }), "R96");
        let late = |secs: i64| OccurrenceFacts { claimed_at: START.plus(-secs), ..occurrence(3_600) };
        assert!(is_asked(&late(1_800)) && !is_asked(&late(1_799)), "R96");
        assert!(!is_asked(&OccurrenceFacts { state: OccurrenceState::Held, ..occurrence(3_600) }));
    }
}

//! What somebody may do by a link in a message, without signing in: one thing, to one occurrence,
//! until a time.
//!
//! Says what a link means and how that is written; what seals it is the business of `booking`.

use super::id::{ReservationId, UserId};
use super::recurrence::RecurrenceId;
use super::time::Instant;

/// What a link is for. One for another purpose says something else, and is sealed as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Say that somebody is there (R95).
    CheckIn,
    /// Give the room back (R87, R89).
    GiveBack,
    /// Take a room back that was released because nobody checked in (R95).
    Reclaim,
    /// Confirm the rest of a series of which nobody came several times (R97).
    Keep,
    /// Give the room to what waits for a manager (R73).
    Approve,
    /// Do not give it (R73).
    Decline,
    /// Book a date that was refused and is free by now (R53).
    Take,
}

impl Purpose {
    /// Every purpose with its spelling in links.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::CheckIn, "check-in"),
        (Self::GiveBack, "give-back"),
        (Self::Reclaim, "reclaim"),
        (Self::Keep, "keep"),
        (Self::Approve, "approve"),
        (Self::Decline, "decline"),
        (Self::Take, "take"),
    ];

    /// The spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, name)| name)
    }
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub purpose: Purpose,
    /// Of which reservation.
    pub reservation: ReservationId,
    /// Which occurrence of it; [`RecurrenceId::SINGLE`] of a single event, or where it is about a series.
    pub occurrence: RecurrenceId,
    /// As whom whoever has the link acts.
    pub person: UserId,
    /// From then on it does nothing.
    pub expires_at: Instant,
}

impl Link {
    /// As it is written: plain letters, digits, hyphens and full stops.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { purpose, reservation, occurrence, person, expires_at } = self;
        let occurrence = occurrence.instant().map_or_else(|| "all".to_owned(), |at| at.secs().to_string());
        let (purpose, expires) = (purpose.as_str(), expires_at.secs());
        format!("{purpose}.{reservation}.{occurrence}.{person}.{expires}")
    }

    /// Reads what [`Link::to_text`] wrote, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('.');
        let mut next = || fields.next();
        let (purpose, reservation, occurrence, person, expires) =
            (next()?, next()?, next()?, next()?, next()?);
        let number = |text: &str| text.parse::<i64>().ok();
        let occurrence = match occurrence {
            "all" => RecurrenceId::SINGLE,
            at => RecurrenceId::at(Instant::from_secs(number(at)?)),
        };
        let link = Self {
            purpose: Purpose::ALL.iter().find(|(_, name)| *name == purpose)?.0,
            reservation: ReservationId::new(number(reservation)?),
            occurrence,
            person: UserId::new(number(person)?),
            expires_at: Instant::from_secs(number(expires)?),
        };
        (link.to_text() == text).then_some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written_and_in_no_other_way() {
        for (purpose, name) in Purpose::ALL {
            let link = Link {
                purpose,
                reservation: ReservationId::new(17),
                occurrence: RecurrenceId::at(Instant::from_secs(1_803_805_200)),
                person: UserId::new(3),
                expires_at: Instant::from_secs(1_803_806_000),
            };
            assert_eq!(link.to_text(), format!("{name}.17.1803805200.3.1803806000"));
            let single = Link { occurrence: RecurrenceId::SINGLE, ..link };
            assert_eq!(
                (Link::parse(&link.to_text()), Link::parse(&single.to_text())),
                (Some(link), Some(single))
            );
        }
        for other in [
            "",
            "give-back.17.1.3",
            "give-back.17.1.3.4.5",
            "give-back.017.1.3.4",
            "give-back.+17.1.3.4",
            "give-back.17.x.3.4",
            "Give-back.17.1.3.4",
            "open.17.1.3.4",
        ] {
            assert_eq!(Link::parse(other), None, "{other}");
        }
    }
}

//! Who sees how much of an event in a room's calendar (R100 to R105).
//!
//! Knows no text: what is left of an object at each view is computed in `ical`.

use super::event::Class;
use super::id::UserId;

/// What a person may see in a room's calendar (R100). Ordered: more is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViewerLevel {
    /// The room does not exist for this person.
    #[default]
    None,
    /// When the room is taken (RFC 4791, section 6.1.1).
    FreeBusy,
    /// When, and by whom.
    BusyWithName,
    /// Everything but what CLASS hides.
    Details,
    /// As a manager.
    Manage,
}

impl ViewerLevel {
    /// Every level with its spelling on the command line and in grants.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::None, "none"),
        (Self::FreeBusy, "free-busy"),
        (Self::BusyWithName, "busy-with-name"),
        (Self::Details, "details"),
        (Self::Manage, "manage"),
    ];

    /// The spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("none", |(_, name)| name)
    }

    /// The level with this spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, spelling)| *spelling == name).map(|(level, _)| *level)
    }
}

/// How one event is shown to one reader. Readers with the same view of an event get the same
/// bytes, up to the alarms they added themselves (R107).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// The writer's own text, byte for byte (R103).
    Own,
    /// The text without its writer's alarms (R107).
    Whole,
    /// Times and the organizer's name (R101, R102).
    Named,
    /// Times and "Busy" (R101).
    Busy,
}

impl View {
    /// A short letter for tags and tokens.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Own => "o",
            Self::Whole => "w",
            Self::Named => "n",
            Self::Busy => "b",
        }
    }

    /// Whether name and UID are replaced (R101).
    #[must_use]
    pub const fn is_masked(self) -> bool {
        matches!(self, Self::Named | Self::Busy)
    }
}

/// The view that `reader` has of an event of `owner` with this CLASS, at `level` (R101 to R103).
/// `managers_see_private` is the room's setting (R102). `None`: the reader sees nothing.
#[must_use]
pub fn view(
    reader: UserId,
    owner: UserId,
    class: Class,
    level: ViewerLevel,
    managers_see_private: bool,
) -> Option<View> {
    if reader == owner {
        return Some(View::Own);
    }
    let private = class != Class::Public;
    match level {
        ViewerLevel::None => None,
        ViewerLevel::FreeBusy => Some(View::Busy),
        ViewerLevel::BusyWithName => Some(View::Named),
        ViewerLevel::Details if private => Some(View::Busy),
        ViewerLevel::Manage if private && !managers_see_private => Some(View::Named),
        ViewerLevel::Details | ViewerLevel::Manage => Some(View::Whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: UserId = UserId::new(1);
    const YOU: UserId = UserId::new(2);

    #[test]
    fn a_private_event_shows_its_times_to_colleagues_and_its_organizer_to_managers() {
        let private = Class::Private;
        assert_eq!(view(ME, YOU, private, ViewerLevel::Details, false), Some(View::Busy));
        assert_eq!(view(ME, YOU, private, ViewerLevel::Manage, false), Some(View::Named));
        assert_eq!(view(ME, YOU, private, ViewerLevel::Manage, true), Some(View::Whole));
        assert_eq!(view(ME, ME, private, ViewerLevel::FreeBusy, false), Some(View::Own));
    }

    #[test]
    fn levels_read_back_and_are_ordered() {
        for (level, name) in ViewerLevel::ALL {
            assert_eq!(ViewerLevel::from_name(name), Some(level));
            assert_eq!(level.as_str(), name);
        }
        assert!(ViewerLevel::Manage > ViewerLevel::Details);
    }
}

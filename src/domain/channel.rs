//! By which way a request reached the house.

/// A channel (booking rules, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// PUT, MOVE or DELETE in a room's calendar, and the command line.
    Direct,
    /// The room is an attendee.
    Invite,
    /// Another calendar system.
    Bridge,
}

impl Channel {
    /// As rows and listings spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Invite => "invite",
            Self::Bridge => "bridge",
        }
    }

    /// The inverse; a row holds one of the three, by a check of its table.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "invite" => Self::Invite,
            "bridge" => Self::Bridge,
            _ => Self::Direct,
        }
    }
}

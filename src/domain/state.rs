//! What has become of an occurrence in a room.

/// The state of one occurrence (booking rules, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OccurrenceState {
    /// Has the room.
    Confirmed,
    /// Waits for approval.
    Held,
    /// An old slot, kept for a short while (R58).
    Grace,
    /// Was refused.
    Declined,
    /// Was given up.
    Cancelled,
    /// Ended early.
    Released,
    /// Lost to a block or a change of data.
    Displaced,
}

impl OccurrenceState {
    /// Every state with its spelling in rows and listings.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Confirmed, "confirmed"),
        (Self::Held, "held"),
        (Self::Grace, "grace"),
        (Self::Declined, "declined"),
        (Self::Cancelled, "cancelled"),
        (Self::Released, "released"),
        (Self::Displaced, "displaced"),
    ];

    /// The spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// The state with this spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, spelling)| *spelling == name).map(|(state, _)| *state)
    }

    /// Whether it keeps others out.
    #[must_use]
    pub const fn claims(self) -> bool {
        matches!(self, Self::Confirmed | Self::Held | Self::Grace)
    }
}

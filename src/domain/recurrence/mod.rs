//! Recurrence rules and their expansion.

/// One RRULE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule;

//! What calendar reports may cost (L-29, L-52, L-53).
//!
//! Whoever starts the server may set them; nothing here reads configuration.

use crate::domain::recurrence::Budget;
use crate::ical;

/// How much one report may ask for.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// L-29: prop-filters, param-filters and text-matches.
    pub filter_tests: usize,
    /// L-52: seconds of an expanded or free-busy range.
    pub range_secs: i64,
    /// L-53: instances that one request produces.
    pub instances: usize,
    /// L-41, L-43, L-44: what one object may cost.
    pub budget: Budget,
    /// The limits that stored texts were checked against.
    pub ical: ical::Limits,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            filter_tests: 50,
            range_secs: 3 * 366 * 86_400,
            instances: 20_000,
            budget: Budget::default(),
            ical: ical::Limits::default(),
        }
    }
}

//! What a transaction decided, for those who count: by its audit rows, so that the numbers and the audit
//! agree (R150, R151).

use crate::domain::reason::Reason;
use crate::metrics::Metrics;

use super::audit::Decision;

/// What the decisions of one transaction come to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    is_change: bool,
    refused: Vec<Reason>,
}

impl Tally {
    pub(super) fn note(&mut self, decision: &Decision) {
        match decision.kind.as_str() {
            "change" => self.is_change = true,
            "refused" => self.refused.extend(decision.reason.as_deref().and_then(Reason::from_code)),
            _ => {}
        }
    }

    /// The transaction is on the disk.
    pub(super) fn count(&self, metrics: &Metrics) {
        metrics.works.count([]);
        if !self.refused.is_empty() {
            metrics.decisions.count(["refused"]);
        } else if self.is_change {
            metrics.decisions.count(["accepted"]);
        }
        for reason in &self.refused {
            metrics.refusals.count([reason.code()]);
        }
    }
}

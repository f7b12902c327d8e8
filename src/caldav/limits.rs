//! What calendar reports may cost (L-10, L-29, L-52, L-53).
//!
//! Whoever starts the server may set them; nothing here reads configuration.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::dav::DavError;
use crate::domain::recurrence::Budget;
use crate::ical;

/// L-54: bytes of texts that any answer may hold.
pub const SMALL_TEXTS: usize = 1 << 20;

/// How much one report may ask for.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// L-29: prop-filters, param-filters and text-matches.
    pub filter_tests: usize,
    /// L-52: seconds of an expanded or free-busy range.
    pub range_secs: i64,
    /// L-53: instances that one request produces.
    pub instances: usize,
    /// L-54: bytes of the texts that one request is answered with.
    pub text_bytes: usize,
    /// L-41, L-43, L-44: what one object may cost.
    pub budget: Budget,
    /// The limits that stored texts were checked against.
    pub ical: ical::Limits,
    /// L-54: bytes for which `texts` has permits.
    pub texts_at_once: usize,
    /// L-54: a permit for each KiB of texts that answers of more than [`SMALL_TEXTS`] hold at one time;
    /// clones share them.
    pub texts: Arc<Semaphore>,
    /// L-10: a permit for each report that may expand series at one time; clones share them.
    pub expansions: Arc<Semaphore>,
}

impl QueryLimits {
    /// The right to expand series, until the permit is dropped.
    ///
    /// # Errors
    /// 503 if as many reports as may do so are in hand (L-10).
    pub fn expand(&self) -> Result<OwnedSemaphorePermit, DavError> {
        let permit = Arc::clone(&self.expansions).try_acquire_owned();
        permit.map_err(|_| DavError::unavailable(1, "too many reports expand series"))
    }

    /// The right to have so many bytes of texts in memory until they are sent; `None` where they are
    /// too few to be counted.
    ///
    /// # Errors
    /// 503 if the answers in hand hold too much already (L-54).
    pub fn hold_texts(&self, bytes: usize) -> Result<Option<Arc<OwnedSemaphorePermit>>, DavError> {
        if bytes <= SMALL_TEXTS {
            return Ok(None);
        }
        // One that is larger than all may be has all.
        let kib = u32::try_from(bytes.min(self.texts_at_once) / 1024).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.texts).try_acquire_many_owned(kib);
        permit.map(Arc::new).map(Some).map_err(|_| DavError::unavailable(2, "large answers are being read"))
    }
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            filter_tests: 50,
            range_secs: 3 * 366 * 86_400,
            instances: 20_000,
            text_bytes: 64 << 20,
            budget: Budget::default(),
            ical: ical::Limits::default(),
            texts_at_once: 16 << 20,
            texts: Arc::new(Semaphore::new(16 << 10)),
            expansions: Arc::new(Semaphore::new(8)),
        }
    }
}

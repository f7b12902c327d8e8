//! Whether an SQLite file can still be trusted (F-4).
//!
//! After an I/O error what the system holds in memory and what the disk holds may differ, and only a new
//! process reads the disk: Linux may have dropped what could not be flushed, so that the next flush
//! succeeds and means nothing. Whoever meets such an error notes it here, writers and readers alike;
//! from then on nothing is written, and the process ends.

use tokio::sync::watch;

use super::error::StoreError;

/// The first cause, if there is one. Clones are the same.
#[derive(Clone)]
pub(super) struct Damage(watch::Sender<Option<String>>);

impl Damage {
    pub(super) fn none() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Notes an error, if it is one of these.
    pub(super) fn note(&self, error: &StoreError) {
        let StoreError::Damaged(cause) = error else { return };
        self.0.send_if_modified(|noted| {
            let is_first = noted.is_none();
            noted.get_or_insert_with(|| cause.clone());
            is_first
        });
    }

    /// Why nothing may be written any more, if so.
    pub(super) fn found(&self) -> Option<StoreError> {
        self.0.borrow().clone().map(StoreError::Damaged)
    }

    /// Waits until there is one.
    pub(super) async fn noted(&self) -> String {
        let mut noted = self.0.subscribe();
        let cause = noted.wait_for(Option::is_some).await.ok().and_then(|cause| cause.clone());
        cause.expect("whoever waits has the other end, and waits until there is one")
    }
}

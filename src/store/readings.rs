//! What is counted of this database, and what is looked at when somebody asks for the numbers.

use std::sync::Arc;

use crate::metrics::Metrics;

use super::{Backend, Store};

impl Store {
    /// The numbers of the server that has this store.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.inner.metrics
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.inner.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }

    /// Looks at connections, queue and files, for the numbers. Asks the database nothing.
    pub fn look(&self) {
        let metrics = &self.inner.metrics;
        let (size, idle) = match &self.inner.backend {
            Backend::Sqlite(database) => {
                metrics.works_waiting.set([([], database.waiting() as u64)]);
                metrics.log_bytes.set([([], database.log_bytes())]);
                metrics.disk_free_bytes.set(database.free_bytes().map(|free| ([], free)));
                (database.readers.size(), database.readers.num_idle())
            }
            Backend::Postgres(database) => (database.pool.size(), database.pool.num_idle()),
        };
        let used = u64::from(size).saturating_sub(idle as u64);
        metrics.database_connections.set([(["idle"], idle as u64), (["used"], used)]);
    }
}

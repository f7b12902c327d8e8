//! Counts the statements that are sent to the database.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            COUNT.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// From now on every statement counts; a second time does nothing.
pub(crate) fn watch() {
    let _ = tracing_subscriber::registry().with(Counter).try_init();
}

/// How many there were.
pub(crate) fn count() -> usize {
    COUNT.load(Ordering::Relaxed)
}

//! Numbers about the running server, as `/metrics` tells them.
//!
//! The list is `metrics/table.rs`: a [`Metrics`] has a field for each row, those who count share one, and
//! `docs/metrics.md` is written from the same list. The values of labels are constants of the program, so
//! no text of a client and no name of a person or a room can be one, and each metric has few.
//! Knows nothing of what is counted. Prometheus text format, version 0.0.4.

use std::fmt::Write as _;

use value::Lines;

mod table;
#[cfg(test)]
mod tests;
mod value;

pub use table::{Metrics, TABLE};
pub use value::{Counter, Gauge, Held, Histogram, Reading};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What stands about one metric in the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The field of [`Metrics`].
    pub field: &'static str,
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, in one sentence.
    pub about: &'static str,
}

/// The text of `docs/metrics.md`.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "# Metrics\n\nWritten from `src/metrics/table.rs`; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew.\n\
         `/metrics` answers with these in the Prometheus text format, to the addresses in `server.metrics_from`.\n\
         Counters begin at 0 with the process, and each server of several counts for itself. What is not known is not\n\
         told: rows about the database are missing while it is away, and those of one kind of database on the other.\n\n\
         | Name | Kind | Labels | What |\n|---|---|---|---|\n",
    );
    for Row { name, kind, labels, about, .. } in TABLE {
        let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(text, "| `{name}` | {kind} | {} | {about} |", labels.join(", "))
            .expect("writing to a string cannot fail");
    }
    text
}

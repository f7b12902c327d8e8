//! Every limit, named and numbered once.
//!
//! The list is `limits/table.rs`; the values in force are a [`Limits`], the keys are those of
//! `[limits]` in `config.toml`, and `docs/limits.md` is written from the same list.
//! Knows nothing of what is limited: the code that holds a limit says what happens beyond it.
//! Limits that are no numbers (no request content-coding, no DOCTYPE, no `Depth: infinity`), and
//! those that nobody has to change (tags of a condition, times in a day of a rule, the length of an
//! occurrence), stand where they are held.

use std::fmt::Write as _;
use std::time::Duration;

use value::Value;

mod table;
#[cfg(test)]
mod tests;
mod value;

pub use table::{Limits, TABLE};

/// What stands about one limit in the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The key in `[limits]`, and the name of the field of [`Limits`].
    pub key: &'static str,
    /// Its number, such as `L-48`. Several rows may share one.
    pub number: &'static str,
    /// What it bounds, in one sentence.
    pub about: &'static str,
    /// The value in force when nothing is configured, as it is written in `config.toml`.
    pub default: fn() -> String,
    /// The least and the greatest value that can be configured.
    pub bounds: fn() -> (String, String),
}

/// A limit whose key is not known, or whose value does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLimit {
    /// No limit has this key.
    #[error("is not the name of a limit; docs/limits.md lists them")]
    Unknown,
    /// The text is not a number, or not a duration.
    #[error("must be {0}")]
    Form(&'static str),
    /// The value lies outside what can be configured.
    #[error("must lie between {0} and {1}")]
    Bounds(String, String),
}

/// Reads `text` and holds it against its bounds.
fn fit<T: Value>(text: &str, (least, most): (T, T)) -> Result<T, BadLimit> {
    let value = T::read(text).ok_or(BadLimit::Form(T::FORM))?;
    if value < least || value > most {
        return Err(BadLimit::Bounds(least.show(), most.show()));
    }
    Ok(value)
}

/// The text of `docs/limits.md`.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "# Limits\n\nWritten from `src/limits/table.rs`; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew.\n\
         Each key stands under `[limits]` in `config.toml`, or in the environment as `ROOMDAV_LIMITS_KEY`.\n\
         Times are a number with a unit (`ms`, `s`, `m`, `h`, `d`), everything else is a plain number.\n\n\
         | Number | Key | Default | Least | Most | What |\n|---|---|--:|--:|--:|---|\n",
    );
    for row in TABLE {
        let (least, most) = (row.bounds)();
        let (number, key, default, about) = (row.number, row.key, (row.default)(), row.about);
        writeln!(text, "| {number} | `{key}` | {default} | {least} | {most} | {about} |")
            .expect("writing to a string cannot fail");
    }
    text
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

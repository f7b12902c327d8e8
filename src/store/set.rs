//! Sets as parameters: many rows in one statement, on both databases.
//!
//! A set is a JSON array of arrays, one per row, bound as text to `$1`; the statement reads the
//! columns of a row as `value ->> 0`, `value ->> 1`, …, which is text (or NULL) on PostgreSQL and
//! wants a `CAST(value ->> 0 AS BIGINT)` for anything else.

use serde::Serialize;

use super::tx::{Conn, Tx};

/// A statement that reads a set, in both spellings; made by [`set_sql`].
pub(super) struct SetSql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl SetSql {
    /// The spelling for the database of `tx`.
    pub(super) fn on(&self, tx: &Tx<'_>) -> &'static str {
        match tx.conn {
            Conn::Sqlite(_) => self.sqlite,
            Conn::Postgres(_) => self.postgres,
        }
    }
}

/// `set_sql!("SELECT … FROM ", " AS given JOIN …")`: a statement with the set `$1` between the parts.
/// Its rows have one column, `value`.
macro_rules! set_sql {
    ($before:literal, $after:literal) => {
        $crate::store::set::SetSql {
            sqlite: concat!($before, "json_each($1)", $after),
            postgres: concat!($before, "json_array_elements(CAST($1 AS JSON))", $after),
        }
    };
}
pub(super) use set_sql;

/// The set of these rows: tuples (also `(key,)` of one) of numbers, text, flags and options of them.
pub(super) fn set<R: Serialize>(rows: impl IntoIterator<Item = R>) -> String {
    let rows: Vec<R> = rows.into_iter().collect();
    serde_json::to_string(&rows).expect("tuples of numbers and text are always JSON")
}

//! One suite for both databases: SQLite always, PostgreSQL where `TEST_POSTGRES_URL` says one is.

mod attachments;
mod check_ins;
mod claims;
mod damage;
mod isolation;
mod lost;
mod opening;
mod people;
mod rooms;
mod schema;
mod settings;
pub(crate) mod support;
mod sync;
mod writing;

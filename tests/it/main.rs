//! What the product does, as a client or an admin sees it. One binary, because each file directly
//! under `tests/` is linked again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]
#![expect(clippy::large_futures, reason = "a test's future is made once")]
#![expect(clippy::format_push_string, clippy::format_collect, reason = "what a test builds is short")]

mod access;
mod architecture;
mod attachments;
mod bad_input;
mod booking_basics;
mod citations;
mod clients;
mod command;
mod delegates;
mod discovery;
mod documents;
mod duties;
mod files;
mod finding;
mod limits;
mod links;
mod metrics;
mod open_database;
mod own_calendars;
mod programs;
mod push;
mod reading;
mod replicas;
mod rules;
mod scheduling;
mod sources;
mod support;
mod time_ranges;
mod time_zones;
mod walk;

//! What the product does, as a client or an admin sees it. One binary, because each file directly
//! under `tests/` is linked again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]
#![expect(clippy::pedantic, clippy::all, reason = "tests are read once, from top to bottom")]

mod architecture;
mod bad_input;
mod booking_basics;
mod citations;
mod clients;
mod command;
mod discovery;
mod documents;
mod duties;
mod finding;
mod limits;
mod programs;
mod reading;
mod rules;
mod sources;
mod support;
mod walk;

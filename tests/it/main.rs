//! What the product does, as a client or an admin sees it. One binary, because each file directly
//! under `tests/` is linked again.

mod architecture;
mod booking_basics;
mod command;
mod discovery;
mod documents;
mod duties;
mod finding;
mod programs;
mod reading;
mod rules;
mod sources;
mod support;

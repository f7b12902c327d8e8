//! What the product does, as a client or an admin sees it. One binary, because each file directly
//! under `tests/` is linked again.

mod bad_input;
mod booking_basics;
mod citations;
mod discovery;
mod duties;
mod finding;
mod limits;
mod programs;
mod reading;
mod support;

//! What the product does, as a client or an admin sees it. One binary, because each file directly
//! under `tests/` is linked again.

mod booking_basics;
mod clients;
mod support;

//! The rules of the house, pure: nothing here waits, reads a clock, or touches a socket or a table.

pub mod attendee;
pub mod edit;
pub mod event;
pub mod id;
pub mod recurrence;
pub mod time;

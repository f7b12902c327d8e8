//! The rules of the house, pure: nothing here waits, reads a clock, or touches a socket or a table.

pub mod approval;
pub mod attendee;
pub mod channel;
pub mod claim;
pub mod edit;
pub mod event;
pub mod expected;
pub mod find;
pub mod hours;
pub mod id;
pub mod judge;
pub mod link;
pub mod occurrence;
pub mod quota;
pub mod reason;
pub mod rebuild;
pub mod recurrence;
pub mod series;
pub mod settings;
pub mod space;
pub mod split;
pub mod state;
pub mod time;
pub mod user;
pub mod visibility;
pub mod zone_names;

//! roomdav: a CalDAV server that exposes a room-reservation database as calendars.
//!
//! Layers, from the outside in; each imports only what stands below it
//! (`docs/architecture.md` has the table, `tests/it/architecture.rs` holds it):
//!
//! ```text
//! app, command     start everything; the command line
//! server           hyper, Basic authentication, limits of the wire
//! site             our URL space: what stands behind each href
//! caldav           RFC 4791 and 6638 on top of dav
//! dav              RFC 4918, 3744, 5397, 6578 over any tree
//! booking          the one door: every change of a reservation
//! store            SQL, on SQLite and PostgreSQL
//! ical             iCalendar text and its meaning
//! text             sentences that people read
//! domain           the rules of the house; pure
//! ```

pub mod app;
pub mod booking;
pub mod caldav;
pub mod clock;
pub mod command;
pub mod config;
pub mod credentials;
pub mod dav;
pub mod domain;
pub mod ical;
pub mod jobs;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod push;
pub mod server;
pub mod site;
pub mod store;
pub mod text;

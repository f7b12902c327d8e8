//! iCalendar text and its meaning.
//!
//! Pure: no socket, no table, no clock, no XML. Bytes go in and come out; what is stored is
//! never written again by a library, only patched line by line. RFC 5545, RFC 4791, RFC 6868.
//!
//! Begin with [`object`]: everything else takes a [`CalendarObject`].

mod checks;
mod error;
mod limits;
mod line;
pub mod object;
mod parse;
mod scan;
mod time;
mod timezone;
mod tree;
mod windows;
mod zones;

pub use error::{IcalError, IcalErrorKind};
pub use limits::Limits;
pub use object::{CalendarObject, ComponentKind};
pub use tree::{Component, Param, Property};
pub use zones::ZoneDisagreement;

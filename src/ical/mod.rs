//! iCalendar text and its meaning.
//!
//! Pure: no socket, no table, no clock, no XML. Bytes go in and come out; what is stored is
//! never written again by a library, only patched line by line. RFC 5545, RFC 4791, RFC 6868.
//!
//! Begin with [`object`]: everything else takes a [`CalendarObject`].

pub mod alarms;
pub mod approval;
pub mod attach;
pub mod availability;
mod checks;
mod collation;
pub mod edit;
mod error;
mod expand;
pub mod filter;
pub mod free_busy;
mod hash;
mod instance;
mod limits;
mod line;
mod mask;
mod matching;
pub mod object;
pub mod opening;
mod overlap;
mod parse;
mod patch;
mod scan;
pub mod scheduling;
pub mod select;
mod span;
#[cfg(test)]
mod testing;
mod time;
mod timezone;
mod tree;
mod trigger;
mod windows;
pub mod write;
mod zone_references;
mod zones;

pub use collation::Collation;
pub use error::{IcalError, IcalErrorKind};
pub use hash::content_hash;
pub use limits::Limits;
pub use mask::mask;
pub use object::{CalendarObject, ComponentKind};
pub use patch::Patch;
pub use timezone::{vtimezone, vtimezone_named};
pub use tree::{Component, Param, Property};
pub use zone_references::{KnownZones, explained, first_tzid, with_zones, without_known_zones};
pub use zones::{ZoneDisagreement, zone_named, zone_of_calendar};

#[cfg(test)]
mod tests;

//! The live properties of each kind of node: one list each, every property declared once.
//!
//! RFC 4918, section 15; RFC 3744, sections 4 and 5; RFC 4791, section 5.2; RFC 6638, section 9.

pub mod calendar;
pub mod common;
pub mod document;
pub mod home;
pub mod object;
pub mod principal;
mod push;
pub mod scheduling;

use crate::dav::Name;
use crate::dav::name::{CALDAV, DAV};
use crate::dav::property::Described;

use super::node::{Calendar, Folder, Inbox, Object, Principal};

/// Names that never become dead properties of ours: everything in `DAV:`, and what is a protected
/// property of some other kind of node (B-45).
fn is_reserved(name: &Name) -> bool {
    fn protects<N: Described>(name: &Name) -> bool {
        N::property(name).is_some_and(|property| property.write.is_none())
    }
    name.namespace() == DAV
        || name.is(CALDAV, "calendar-data")
        || protects::<Principal>(name)
        || protects::<Calendar>(name)
        || protects::<Object>(name)
        || protects::<Inbox>(name)
        || protects::<Folder>(name)
}

//! Names of CalDAV and its kin that are used in more than one place.
//!
//! The namespaces and their prefixes stand in `dav::name`. RFC 4791, section 9; RFC 6638.

use crate::dav::name::{CALDAV, DAV, Name};

/// `CALDAV:calendar-data`, answered by reports only (RFC 4791, section 9.6).
pub const CALENDAR_DATA: Name = Name::new(CALDAV, "calendar-data");
/// `CALDAV:calendar-query` (RFC 4791, section 7.8).
pub const CALENDAR_QUERY: Name = Name::new(CALDAV, "calendar-query");
/// `CALDAV:calendar-multiget` (RFC 4791, section 7.9).
pub const CALENDAR_MULTIGET: Name = Name::new(CALDAV, "calendar-multiget");
/// `CALDAV:free-busy-query` (RFC 4791, section 7.10).
pub const FREE_BUSY_QUERY: Name = Name::new(CALDAV, "free-busy-query");
/// Apple's search for principals (R5.3).
pub const PRINCIPAL_SEARCH: Name =
    Name::new(crate::dav::name::CALENDARSERVER, "calendarserver-principal-search");
/// `DAV:sync-collection` (RFC 6578, section 3.2).
pub const SYNC_COLLECTION: Name = Name::new(DAV, "sync-collection");
/// `DAV:expand-property` (RFC 3253, section 3.8).
pub const EXPAND_PROPERTY: Name = Name::new(DAV, "expand-property");
/// `DAV:principal-property-search` (RFC 3744, section 9.4).
pub const PRINCIPAL_PROPERTY_SEARCH: Name = Name::new(DAV, "principal-property-search");
/// `DAV:principal-search-property-set` (RFC 3744, section 9.5).
pub const PRINCIPAL_SEARCH_PROPERTY_SET: Name = Name::new(DAV, "principal-search-property-set");
/// `DAV:acl-principal-prop-set` (RFC 3744, section 9.2).
pub const ACL_PRINCIPAL_PROP_SET: Name = Name::new(DAV, "acl-principal-prop-set");
/// `DAV:principal-match` (RFC 3744, section 9.3).
pub const PRINCIPAL_MATCH: Name = Name::new(DAV, "principal-match");

/// The media type of calendar objects in answers.
pub const CALENDAR_TYPE: &str = "text/calendar; charset=utf-8";

//! CalDAV over WebDAV: RFC 4791, RFC 6638 and RFC 7809, with the names that Apple's and Nextcloud's
//! clients use.
//!
//! [`node`] has the snapshots that the layer above fills, [`tree`] what else it must offer,
//! [`property`] what nodes answer, [`report`] the reports. No URL and no table is known here.

pub mod calendar_data;
pub mod condition;
pub mod filter;
pub mod limits;
pub mod mkcalendar;
pub mod name;
pub mod node;
pub mod outbox;
pub mod property;
pub mod report;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod zone_form;

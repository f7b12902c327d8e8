//! This product's address space: which URLs exist, what stands behind each, and how commands and
//! refusals of `booking` are spoken in WebDAV.
//!
//! [`Site`] implements `dav::Tree` and `caldav::CalendarTree`. Begin with [`place`]: the whole URL
//! layout is one enum there. Knows no `hyper`.

mod busy;
mod calendar;
mod changes;
mod condition;
mod find;
mod object;
mod own_calendars;
pub mod page;
mod people;
pub mod place;
mod principal;
pub mod profile;
mod properties;
mod query;
mod reader;
mod refusal;
mod searches;
mod tree;
mod write;

use std::sync::Arc;

use crate::booking::Bookings;
use crate::caldav::limits::QueryLimits;
use crate::caldav::node::CalendarLimits;
use crate::dav::{self, Href};

pub use reader::{Mode, Reader};
use searches::Searches;

/// Everything that is served under `/`.
pub struct Site {
    bookings: Bookings,
    /// The public URL without a slash at the end; sync tokens are URIs below it.
    base_url: String,
    principal_collections: Arc<[Href]>,
    limits: dav::Limits,
    query_limits: QueryLimits,
    calendar_limits: CalendarLimits,
    searches: Searches,
}

impl Site {
    /// The site of these bookings. `base_url` is the configured public URL.
    #[must_use]
    pub fn new(bookings: Bookings, base_url: &str, limits: dav::Limits, query_limits: QueryLimits) -> Self {
        let ical = &query_limits.ical;
        let calendar_limits = CalendarLimits {
            resource_size: ical.max_bytes as u64,
            instances: query_limits.budget.max_instances as u64,
            attendees: ical.max_attendees as u64,
            ..CalendarLimits::default()
        };
        Self {
            bookings,
            base_url: base_url.trim_end_matches('/').to_owned(),
            principal_collections: place::principal_collections(),
            searches: Searches::new(limits.searches_per_minute),
            limits,
            query_limits,
            calendar_limits,
        }
    }

    /// The door to reservations.
    #[must_use]
    pub fn bookings(&self) -> &Bookings {
        &self.bookings
    }
}

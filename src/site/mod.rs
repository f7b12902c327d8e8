//! This product's address space: which URLs exist, what stands behind each, and how commands and
//! refusals of `booking` are spoken in WebDAV.
//!
//! [`Site`] implements `dav::Tree` and `caldav::CalendarTree`. Begin with [`place`]: the whole URL
//! layout is one enum there. Below `/files/` and
//! `/attachments/` are trees of their own, [`FileTree`] and [`AttachmentTree`], and below `/tzdist` is what
//! the time zones mean; [`Services`] has all of them.
//! Knows no `hyper`.

pub mod attachments;
mod availability;
mod busy;
mod calendar;
mod changes;
mod compliance;
mod condition;
mod delegates;
pub mod files;
mod find;
mod home_changes;
mod inbox;
mod links;
mod lists;
mod object;
mod own_calendars;
pub mod page;
mod patch;
mod people;
pub mod place;
mod principal;
pub mod profile;
mod properties;
mod push;
mod query;
mod reader;
mod refusal;
mod rights;
mod schedule_mode;
mod searches;
mod services;
mod time_zones;
mod tree;
mod write;
mod zone_form;

use std::sync::{Arc, OnceLock};

use crate::booking::Bookings;
use crate::caldav::limits::QueryLimits;
use crate::caldav::node::CalendarLimits;
use crate::dav::{self, Href};

pub use attachments::AttachmentTree;
pub use files::{FileBounds, FileTree};
pub use reader::{Mode, Reader, Visit};
use searches::Searches;
pub use services::{Bounds, Services};

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
    push: OnceLock<push::PushServer>,
}

impl Site {
    /// The site of these bookings. `base_url` is the configured public URL.
    #[must_use]
    pub fn new(bookings: Bookings, base_url: &str, limits: dav::Limits, query_limits: QueryLimits) -> Self {
        let ical = &query_limits.ical;
        let (attachment_size, attachments) = bookings.attachment_limits();
        let calendar_limits = CalendarLimits {
            attachment_size,
            attachments: attachments as u64,
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
            push: OnceLock::new(),
        }
    }

    /// The door to reservations.
    #[must_use]
    pub fn bookings(&self) -> &Bookings {
        &self.bookings
    }
}

//! What calendar reports need from the calendars beyond WebDAV.
//!
//! Implemented by whoever has the tables; knows no SQL and no URLs. RFC 4791, section 7;
//! RFC 6638, section 5.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::limits::QueryLimits;
use super::node::{Node, Object};
use crate::dav::{DavError, MemberName, Tree, Viewer};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::free_busy::Busy;
use crate::ical::{CalendarObject, IcalError};

/// A member with its text, as this reader may see both.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its columns; the tag belongs to `text`.
    pub object: Object,
    /// Its iCalendar text, already masked for the reader (R101).
    pub text: Bytes,
    /// The text read, if whoever loaded it has it at hand.
    pub parsed: Option<Arc<CalendarObject>>,
    /// The right to have the texts of one large answer in memory ([`QueryLimits::hold_texts`]).
    pub held: Option<Arc<OwnedSemaphorePermit>>,
}

impl Loaded {
    /// The text read, now if it was not before.
    ///
    /// # Errors
    /// [`IcalError`] for a text that never should have been stored.
    pub fn parse(&mut self, limits: &QueryLimits) -> Result<Arc<CalendarObject>, IcalError> {
        if let Some(parsed) = &self.parsed {
            return Ok(parsed.clone());
        }
        let parsed = Arc::new(CalendarObject::parse(self.text.clone(), &limits.ical.of_stored())?);
        self.parsed = Some(parsed.clone());
        Ok(parsed)
    }
}

/// The zone that dates and floating times in a collection are read in.
#[must_use]
pub fn zone_of(collection: &Node) -> Zone {
    collection.calendar().map_or_else(Zone::utc, |calendar| calendar.zone.clone())
}

/// Calendars with texts in them.
pub trait CalendarTree: Tree<Node = Node> {
    /// The present moment, for DTSTAMP.
    fn now(&self) -> Instant;

    /// How much reports may cost.
    fn query_limits(&self) -> &QueryLimits;

    /// Members that may have an instance in `span` (`None`: all members), with their texts: too many is
    /// fine, too few is not. Spans are compared by overall extent.
    fn candidates(
        &self,
        viewer: &Viewer,
        collection: &Node,
        span: Option<Period>,
    ) -> impl Future<Output = Result<Vec<Loaded>, DavError>> + Send;

    /// The members of these names that are there, in any order, each once.
    fn objects(
        &self,
        viewer: &Viewer,
        collection: &Node,
        names: &[MemberName],
    ) -> impl Future<Output = Result<Vec<Loaded>, DavError>> + Send;

    /// When a calendar is busy, clipped to `within`; every viewer who may see free-busy gets it (R5.6).
    fn busy_of_calendar(
        &self,
        viewer: &Viewer,
        collection: &Node,
        within: Period,
    ) -> impl Future<Output = Result<Vec<Busy>, DavError>> + Send;

    /// Whether `viewer` may ask when others are busy under this address: not where it is that of another
    /// person here of whom he may know.
    fn may_ask_as(
        &self,
        viewer: &Viewer,
        organizer: &Address,
    ) -> impl Future<Output = Result<bool, DavError>> + Send;

    /// When the person or room with this address is busy: a mail address, a `urn:uuid:`, or a principal's
    /// path (R5.7). `None` if nobody here has it, or `viewer` may not know. The event with UID `masked` does
    /// not count (it is the one being edited).
    fn busy_of(
        &self,
        viewer: &Viewer,
        who: &Address,
        within: Period,
        masked: Option<&str>,
    ) -> impl Future<Output = Result<Option<Vec<Busy>>, DavError>> + Send;
}

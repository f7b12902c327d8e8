//! REPORT free-busy-query, on a calendar or on a principal. RFC 4791, sections 7.10 and 9.11; RFC 7953,
//! section 7.2.3; L-52, L-53; B-42.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};

use crate::caldav::calendar_data::period;
use crate::caldav::condition::VALID_FILTER;
use crate::caldav::name::CALENDAR_TYPE;
use crate::caldav::node::Node;
use crate::caldav::tree::CalendarTree;
use crate::dav::name::CALDAV;
use crate::dav::{Body, DavError, Node as _, ReportRequest, Viewer};
use crate::domain::attendee::Address;
use crate::ical::free_busy::FreeBusyText;

/// One VFREEBUSY for the whole collection, whatever Depth says.
pub(super) async fn report<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let range = request.body.child(CALDAV, "time-range").ok_or_else(|| DavError::from(VALID_FILTER))?;
    let within = period(range, tree.query_limits())?;
    let _permit = tree.query_limits().expand()?;
    let busy = match &node {
        Node::Principal(principal) => {
            let who = Address::new(principal.info.href.as_str());
            tree.busy_of(viewer, &who, within, None).await?.ok_or_else(DavError::not_found)?
        }
        node => tree.busy_of_calendar(viewer, node, within).await?,
    };
    let text = FreeBusyText {
        method: None,
        uid: &format!("freebusy-{}-{}", within.start.secs(), within.end.secs()),
        stamp: tree.now(),
        period: within,
        organizer: None,
        attendee: None,
        busy: &busy,
    };
    tracing::debug!(href = %node.href(), periods = busy.len(), "free-busy answered");
    Ok(calendar_text(text.write()))
}

/// 200 with iCalendar text.
fn calendar_text(text: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::whole(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(CALENDAR_TYPE));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

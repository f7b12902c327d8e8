//! POST to a scheduling outbox or inbox: who is busy when.
//!
//! Only free-busy requests are answered; messages are never taken from here. An inbox answers the
//! same, because KDE posts there. RFC 6638, sections 5, 5.1, 10, 10.1, 10.3, 10.4 and 11.3; R5.6 to R5.8;
//! L-52.

use std::collections::HashSet;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::dav::header::media_type;
use crate::dav::multistatus::XML_TYPE;
use crate::dav::name::{CALDAV, DAV};
use crate::dav::xml::{Element, Writer};
use crate::dav::{Body, DavError, Name, Posted, Viewer};
use crate::domain::attendee::Address;
use crate::ical::free_busy::{FreeBusyRequest, FreeBusyText};

use super::condition::{MAX_DATE_TIME, SUPPORTED_CALENDAR_DATA, VALID_ORGANIZER, VALID_SCHEDULING_MESSAGE};
use super::tree::CalendarTree;

/// A recipient as it was written, and the ATTENDEE line to send back.
struct Recipient {
    written: String,
    address: Address,
    line: String,
}

/// Answers a POST; what `Tree::post` of a calendar tree calls for inboxes and outboxes.
///
/// # Errors
/// 403 or 415 with the precondition that does not hold.
pub async fn post<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    posted: &Posted,
) -> Result<Response<Body>, DavError> {
    let limits = tree.query_limits();
    if media_type(&posted.headers).is_some_and(|kind| kind != "text/calendar") {
        return Err(SUPPORTED_CALENDAR_DATA.into());
    }
    let request = FreeBusyRequest::parse(posted.body.bytes()?, &limits.ical)
        .map_err(|fault| DavError::from(VALID_SCHEDULING_MESSAGE).with_reason(&fault.message))?;
    if request.period.secs() > limits.range_secs {
        return Err(MAX_DATE_TIME.into());
    }
    if !tree.may_ask_as(viewer, &request.organizer.address).await? {
        return Err(VALID_ORGANIZER.into());
    }
    let recipients = recipients(&posted.headers, &request);
    if recipients.len() > limits.ical.max_attendees {
        return Err(VALID_SCHEDULING_MESSAGE.into());
    }
    let _permit = limits.expand()?;
    let root = Name::new(CALDAV, "schedule-response");
    let mut out = Writer::document_declaring(&root, &[DAV, CALDAV]);
    for recipient in &recipients {
        out.element(&answer(tree, viewer, &request, recipient).await?);
    }
    out.close(&root);
    let mut response = Response::new(Body::whole(out.take()));
    response.headers_mut().insert(CONTENT_TYPE, XML_TYPE);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The Recipient headers, or the attendees where there are none (R5.8).
fn recipients(headers: &HeaderMap, request: &FreeBusyRequest) -> Vec<Recipient> {
    let named: Vec<&str> = headers
        .get_all("recipient")
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .collect();
    if named.is_empty() {
        let all = request.attendees.iter().map(|attendee| Recipient {
            written: attendee.address.to_string(),
            address: attendee.address.clone(),
            line: attendee.line.clone(),
        });
        return all.collect();
    }
    let recipient = |written: &str| {
        let address = Address::new(written);
        let line = request.attendees.iter().find(|attendee| attendee.address == address);
        let line = line.map_or_else(|| format!("ATTENDEE:{address}"), |attendee| attendee.line.clone());
        Recipient { written: written.to_owned(), address, line }
    };
    let mut seen = HashSet::new();
    named.into_iter().map(recipient).filter(|it| seen.insert(it.address.clone())).collect()
}

/// One `CALDAV:response` (RFC 6638, section 10.2).
async fn answer<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    request: &FreeBusyRequest,
    recipient: &Recipient,
) -> Result<Element, DavError> {
    let caldav = |local| Element::new(Name::new(CALDAV, local));
    let href = Element::new(Name::dav("href")).with_text(recipient.written.as_str());
    let response = caldav("response").with(caldav("recipient").with(href));
    let masked = request.mask_uid.as_deref();
    let busy = match tree.busy_of(viewer, &recipient.address, request.period, masked).await {
        Ok(Some(busy)) => busy,
        Ok(None) => return Ok(response.with(caldav("request-status").with_text("3.7;Invalid Calendar User"))),
        // More than is told in one answer; the others are still told.
        Err(error) if error.status == StatusCode::FORBIDDEN => {
            return Ok(response.with(caldav("request-status").with_text("5.1;Service unavailable")));
        }
        Err(error) => return Err(error),
    };
    let text = FreeBusyText {
        method: Some("REPLY"),
        uid: &request.uid,
        stamp: tree.now(),
        period: request.period,
        organizer: Some(&request.organizer.line),
        attendee: Some(&recipient.line),
        busy: &busy,
    };
    let text = String::from_utf8_lossy(&text.write()).into_owned();
    Ok(response
        .with(caldav("request-status").with_text("2.0;Success"))
        .with(caldav("calendar-data").with_text(text)))
}

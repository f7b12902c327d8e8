//! POST to an event: its attachments. What can be refused is refused before the body is read, and
//! everything is judged again with the event's text (RFC 8607, sections 3.4 to 3.6 and 3.11).
//! RFC 8607, sections 3.12.4 and 5.

use http::header::{CONTENT_LENGTH, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::booking::{Action, Attach, Attached, Outcome};
use crate::caldav::condition::MAX_ATTACHMENT_SIZE;
use crate::dav::{Body, Condition, DavError, Href, Payload, Posted, Privilege, Viewer};
use crate::site::Site;
use crate::site::files::pieces::{discard, receive};
use crate::site::reader::{Reader, reader};
use crate::site::refusal;
use crate::site::write::{expected, stored};

use super::links;
use super::request::Asked;

/// RFC 8607, section 5.1.
const CAL_MANAGED_ID: HeaderName = HeaderName::from_static("cal-managed-id");

impl Site {
    /// Adds, replaces or removes an attachment of the event at `href`.
    pub(in crate::site) async fn attach_to_member(
        &self,
        viewer: &Viewer,
        href: &Href,
        posted: Posted,
    ) -> Result<Response<Body>, DavError> {
        let reader = reader(viewer)?;
        let asked = Asked::read(posted.query.as_deref().unwrap_or_default(), &posted.headers)?;
        let (collection, name) = self.member_place(reader, href).await?;
        if collection.is_inbox() {
            // What was delivered stays what it is.
            return Err(DavError::need_privilege(href, Privilege::WriteContent));
        }
        let attach = Attach {
            actor: reader.actor.clone(),
            target: collection.target(),
            name: name.as_str().to_owned(),
            expected: expected(&posted.conditions, href),
            action: asked.action,
            parts: asked.parts,
            links: links(&self.base_url),
        };
        let attached = match attach.action {
            Action::Remove(_) => self.bookings.attach(&attach, None).await,
            Action::Add(_) | Action::Update(..) => {
                let body = (posted.body, announced(&posted.headers));
                return self.receive_for(reader, href, &attach, body).await;
            }
        };
        answer(attached.map_err(|error| refusal::error(error, href))?, &attach, reader)
    }

    async fn receive_for(
        &self,
        reader: &Reader,
        href: &Href,
        attach: &Attach,
        (body, announced): (Payload, Option<u64>),
    ) -> Result<Response<Body>, DavError> {
        let failed = |error| refusal::error(error, href);
        let most: (u64, Condition) = (self.bookings.attachment_limits().0, MAX_ATTACHMENT_SIZE);
        let announced = body.len().max(announced).unwrap_or(0);
        // Who may not write learns that first.
        let is_wanted = self.bookings.check_attach(attach, announced.min(most.0)).await.map_err(failed)?;
        if is_wanted && announced > most.0 {
            return Err(most.1.into());
        }
        let store = self.bookings.store();
        let received =
            if is_wanted { Some(receive(store, body, Some(most), self.bookings.now()).await?) } else { None };
        let pieces = received.as_ref().filter(|it| it.inline.is_none()).map(|received| received.id);
        let attached = self.bookings.attach(attach, received.as_ref()).await;
        let is_bound = attached.as_ref().is_ok_and(|it| matches!(it.outcome, Outcome::Stored { .. }));
        if let Some(id) = pieces.filter(|_| !is_bound) {
            discard(store, id).await;
        }
        answer(attached.map_err(failed)?, attach, reader)
    }
}

/// Bytes of a body that may not have been handed over because there are too many of them.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// 201 for a new attachment, 204 for another change. There is no ETag: the client has not seen
/// what the event says now.
fn answer(attached: Attached, attach: &Attach, reader: &Reader) -> Result<Response<Body>, DavError> {
    stored(attached.outcome, reader)?;
    let is_new = matches!(attach.action, Action::Add(_));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    let Some((id, uri)) = attached.new else { return Ok(response) };
    for (name, value) in [(CAL_MANAGED_ID, id), (LOCATION, uri)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

//! What stands behind the wall: WebDAV over the site, for whoever signed in.

use std::sync::Arc;

use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LENGTH, USER_AGENT};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use crate::booking::Bookings;
use crate::dav::{DavError, Payload, ReasonPhrase, Viewer};
use crate::domain::user::Refusals;
use crate::limits::Limits;
use crate::server::{
    Access, BodyError, Handler, Identity, Intake, Peer, Phrase, RequestBody, ResponseBody, full,
};
use crate::site::{self, Services, Visit};

use super::bounds;
use super::readings::Readings;

/// Answers requests of known senders.
pub struct Front {
    services: Services,
    readings: Readings,
    /// L-67.
    least_free_bytes: u64,
}

/// Methods that may write more than they remove.
const GROWING: [&str; 9] = ["PUT", "POST", "MKCOL", "MKCALENDAR", "PROPPATCH", "COPY", "MOVE", "LOCK", "ACL"];

impl Front {
    /// A front before this house. `base_url` begins absolute addresses.
    #[must_use]
    pub fn new(bookings: &Bookings, base_url: &str, limits: &Limits) -> Arc<Self> {
        let bounds = site::Bounds {
            dav: bounds::dav(limits),
            queries: bounds::queries(limits),
            files: bounds::files(limits),
        };
        let least_free_bytes = limits.free_disk_bytes as u64;
        let services = Services::new(bookings, base_url, bounds);
        Arc::new(Self { services, readings: Readings::new(bookings), least_free_bytes })
    }

    async fn viewer(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        path: &str,
        peer: Option<Peer>,
    ) -> Result<Viewer, DavError> {
        let text =
            |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let visit = Visit {
            mode: identity.mode.as_deref().and_then(Refusals::parse),
            user_agent: text(&USER_AGENT),
            accept_language: text(&ACCEPT_LANGUAGE),
            path,
            peer: peer.map(|peer| peer.address),
        };
        self.services.site().viewer(identity.user, visit).await
    }

    fn is_disk_full(&self) -> bool {
        let free = self.services.site().bookings().store().free_bytes();
        free.is_some_and(|free| free < self.least_free_bytes)
    }
}

impl Handler for Arc<Front> {
    fn access(&self, head: &http::request::Parts) -> Access {
        if Services::is_public(head.uri.path()) { Access::Public } else { Access::SignedIn }
    }

    fn intake(&self, head: &http::request::Parts) -> Intake {
        if !Services::takes_large_bodies(&head.method, &head.uri) {
            return Intake::Whole;
        }
        // Too large for an attachment: its limit is told by the answer, so the wall does not refuse it.
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let most = self.services.site().bookings().attachment_limits().0;
        if head.method == Method::POST && announced.is_some_and(|bytes: u64| bytes > most) {
            Intake::Unread
        } else {
            Intake::Stream
        }
    }

    async fn handle(
        &self,
        mut request: Request<RequestBody>,
        identity: Option<Identity>,
    ) -> Response<ResponseBody> {
        let peer: Option<Peer> = request.extensions().get().copied();
        let Some(identity) = identity else {
            if !Services::is_public(request.uri().path()) {
                return plain(StatusCode::UNAUTHORIZED);
            }
            let head = request.into_parts().0;
            let response = Box::pin(self.services.open(&head, peer.map(|peer| peer.address))).await;
            return response.map(|body| body.map_err(|broken| Box::new(broken) as BodyError).boxed_unsync());
        };
        request.headers_mut().remove(AUTHORIZATION);
        let viewer = self.viewer(&identity, request.headers(), request.uri().path(), peer).await;
        let mut response = match viewer {
            // L-67: what may grow is refused, so that there is room left to write what is removed.
            Ok(_) if GROWING.contains(&request.method().as_str()) && self.is_disk_full() => {
                self.services.refuse(&DavError::status(StatusCode::INSUFFICIENT_STORAGE))
            }
            Ok(viewer) => {
                let viewer = self.services.site().with_wishes(viewer, request.headers());
                self.services.handle(&viewer, request.map(payload)).await
            }
            // Mostly a database that does not answer: 503, and when to come again.
            Err(error) => self.services.refuse(&error),
        };
        let phrase = response.extensions_mut().remove::<ReasonPhrase>();
        if let Some(phrase) = phrase {
            response.extensions_mut().insert(Phrase(phrase.as_str().to_owned()));
        }
        response.map(|body| body.map_err(|broken| Box::new(broken) as BodyError).boxed_unsync())
    }

    async fn broke(&self, id: &str, identity: Option<&Identity>, peer: Peer) {
        let account = identity.map(|identity| (identity.user, identity.login.as_str()));
        if let Err(error) = self.services.site().bookings().broke(id, account, peer.address).await {
            tracing::warn!(%error, "the panic has no audit row");
        }
    }

    async fn ready(&self) -> bool {
        self.services.site().bookings().store().ping().await.is_ok()
    }

    async fn metrics(&self) -> String {
        self.readings.text().await
    }
}

fn payload(body: RequestBody) -> Payload {
    match body {
        RequestBody::Whole(bytes) => Payload::from(bytes),
        RequestBody::Stream(stream) => Payload::stream(stream),
    }
}

fn plain(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(full(""));
    *response.status_mut() = status;
    response
}

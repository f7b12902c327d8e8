//! What stands behind the wall: WebDAV over the site, for whoever signed in.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use crate::booking::Bookings;
use crate::dav::{DavError, ReasonPhrase, Service, Viewer};
use crate::domain::user::Refusals;
use crate::limits::Limits;
use crate::server::{Access, Handler, Identity, Phrase, ResponseBody, full};
use crate::site::Site;

use super::bounds;

/// Answers whole requests of known senders.
pub struct Front {
    dav: Service<Site>,
}

impl Front {
    /// A front before this house. `base_url` begins absolute addresses.
    #[must_use]
    pub fn new(bookings: Bookings, base_url: &str, limits: &Limits) -> Arc<Self> {
        let site = Site::new(bookings, base_url, bounds::dav(limits), bounds::queries(limits));
        let authority = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
        let authority = authority.trim_end_matches('/');
        Arc::new(Self { dav: Service::new(Arc::new(site), authority, bounds::dav(limits)) })
    }

    async fn viewer(&self, identity: &Identity, headers: &HeaderMap) -> Result<Viewer, DavError> {
        let mode = identity.mode.as_deref().and_then(Refusals::parse);
        let text =
            |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.dav.tree().viewer(identity.user, mode, text(&USER_AGENT), text(&ACCEPT_LANGUAGE)).await
    }
}

impl Handler for Arc<Front> {
    fn access(&self, _: &http::request::Parts) -> Access {
        Access::SignedIn
    }

    async fn handle(
        &self,
        mut request: Request<Bytes>,
        identity: Option<Identity>,
    ) -> Response<ResponseBody> {
        let Some(identity) = identity else { return plain(StatusCode::UNAUTHORIZED) };
        request.headers_mut().remove(AUTHORIZATION);
        let mut response = match self.viewer(&identity, request.headers()).await {
            Ok(viewer) => self.dav.handle(&viewer, request).await,
            // Mostly a database that does not answer: 503, and when to come again.
            Err(error) => self.dav.refuse(&error),
        };
        let phrase = response.extensions_mut().remove::<ReasonPhrase>();
        if let Some(phrase) = phrase {
            response.extensions_mut().insert(Phrase(phrase.as_str().to_owned()));
        }
        response.map(|body| body.map_err(|never| match never {}).boxed_unsync())
    }

    async fn ready(&self) -> bool {
        self.dav.tree().bookings().store().ping().await.is_ok()
    }
}

fn plain(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(full(""));
    *response.status_mut() = status;
    response
}

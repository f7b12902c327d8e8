//! What stands behind the wall: the site's tree, and the few plain pages beside it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::booking::Bookings;
use crate::limits::Limits;
use crate::server::{Access, Handler, Identity, ResponseBody, full};

/// Answers whole requests of known senders.
pub struct Front {
    bookings: Bookings,
}

impl Front {
    /// A front before this house. `base_url` begins absolute addresses, `secret` keys what is
    /// hidden from some readers.
    #[must_use]
    pub fn new(bookings: Bookings, base_url: &str, limits: &Limits, secret: [u8; 32]) -> Arc<Self> {
        let _ = (base_url, limits, secret);
        Arc::new(Self { bookings })
    }
}

impl Handler for Arc<Front> {
    fn access(&self, _: &http::request::Parts) -> Access {
        Access::SignedIn
    }

    async fn handle(&self, _: Request<Bytes>, _: Option<Identity>) -> Response<ResponseBody> {
        let mut response = Response::new(full("there is nothing here\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    }

    async fn ready(&self) -> bool {
        self.bookings.store().ping().await.is_ok()
    }
}

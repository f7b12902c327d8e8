//! The outside wall: sockets, TLS, HTTP framing, limits of the wire, and who is asking.
//!
//! What passes the wall is a bounded request with a known sender; a [`Handler`] answers it. Its
//! body is whole, except where the handler wants large ones in pieces ([`Intake`]).
//! Nothing outside this module sees `hyper`. Knows no URL but `/.well-known/…`, where that leads,
//! `/health/…` and `/metrics`, no `WebDAV` and no database: accounts are asked of an [`Accounts`].
//! RFC 9110, RFC 9112, RFC 9113, RFC 7617; L-01 to L-14, L-60 to L-64, D-01 to D-08, D-20 to D-25.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

mod answer;
mod auth;
mod body;
mod connection;
mod framing;
mod health;
mod listen;
mod peer;
mod scrape;
mod stop;
mod streams;
#[cfg(test)]
mod tests;
mod tls;
mod trace;
mod tracked;
mod upload;
mod wall;
mod well_known;

pub use auth::{Account, Accounts, AppPassword, Identity, Unavailable};
pub use listen::{ListenError, Listener};
pub use stop::{RunsAsRoot, check_user, on_signal};
pub use tls::TlsError;
pub use trace::start as start_log;
pub use wall::Wall;

/// Why the body of an answer ended before its end. Nobody reads it but the log.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer: bytes, or a stream of them. An error closes the connection, so that
/// no client takes a part for the whole.
pub type ResponseBody = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is at hand as a whole.
pub fn full(bytes: impl Into<Bytes>) -> ResponseBody {
    http_body_util::Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// The body of a request.
pub enum RequestBody {
    /// All of it.
    Whole(Bytes),
    /// As it comes, held to its size, time and rate by the wall. It ends in an error where it broke
    /// off: then it never was a body, nothing of it may be kept, and the wall answers.
    Stream(UnsyncBoxBody<Bytes, BodyError>),
}

/// How a handler wants the body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Whole.
    Whole,
    /// In pieces where it is large: more bytes are taken then, and for longer (L-04, L-05).
    Stream,
    /// Not at all: the handler refuses it by its head. It gets no bytes.
    Unread,
}

/// A reason phrase of our own for the status line, put into the extensions of an answer.
///
/// Sent if it is at most 80 printable ASCII characters, else the usual one stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(pub String);

/// Where a request came from; in the extensions of the request that a [`Handler`] gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The client's address, taken from a forwarded header only if the peer is a configured
    /// proxy (D-05).
    pub address: IpAddr,
    /// Whether the request came over TLS, or through a configured proxy.
    pub secure: bool,
}

/// The request's own number, as in the log; in the extensions of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Whether a request needs a known sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Answered to anybody; credentials are not even looked at.
    Public,
    /// Without good credentials the wall answers 401.
    SignedIn,
}

/// What stands behind the wall.
pub trait Handler: Send + Sync + 'static {
    /// Whether this request needs a known sender. Asked before the body is read.
    fn access(&self, head: &http::request::Parts) -> Access;

    /// How the body of this request is wanted. Asked before anything of it is read.
    fn intake(&self, head: &http::request::Parts) -> Intake;

    /// Answers a request. `identity` is `Some` exactly where
    /// [`Handler::access`] said [`Access::SignedIn`].
    ///
    /// Dropped when the time is up (L-07) or the client went away. The target is in origin form.
    fn handle(
        &self,
        request: http::Request<RequestBody>,
        identity: Option<Identity>,
    ) -> impl Future<Output = http::Response<ResponseBody>> + Send;

    /// A request with this number ended in a panic (D-08); the answer waits until it is noted.
    fn broke(&self, id: &str, identity: Option<&Identity>, peer: Peer) -> impl Future<Output = ()> + Send;

    /// Whether requests can be answered now (`/health/ready`): the database answers.
    fn ready(&self) -> impl Future<Output = bool> + Send;

    /// All numbers in the text format (`/metrics`), also while the database is away.
    fn metrics(&self) -> impl Future<Output = String> + Send;
}

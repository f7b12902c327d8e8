//! Response bodies: whole, or made piece by piece while they are sent.
//!
//! The pieces of a multistatus are computed when the connection asks for them, so a listing of
//! ten thousand members is never in memory at once (L-54). What lies in a database is fetched
//! piece by piece in the same way (`source`). What a request brings is a [`Payload`].

mod payload;
mod source;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

pub use payload::{Payload, PayloadError};
use source::Fetching;
pub use source::{BrokenOff, Source};

/// A response body. Only one that is fetched can fail.
pub struct Body(Kind);

enum Kind {
    Whole(Option<Bytes>),
    Pieces(Box<dyn Iterator<Item = Bytes> + Send>),
    Fetched(u64, Pin<Box<dyn http_body::Body<Data = Bytes, Error = BrokenOff> + Send>>),
}

impl Body {
    /// Nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Kind::Whole(None))
    }

    /// These bytes.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(Kind::Whole((!bytes.is_empty()).then_some(bytes)))
    }

    /// What `pieces` yields, asked for one by one as they are sent. Its work should be short for each piece.
    pub fn pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self(Kind::Pieces(Box::new(pieces)))
    }

    /// `len` bytes of a source, fetched as they are sent. If it gives fewer, the answer breaks off.
    pub fn fetched(len: u64, source: impl Source) -> Self {
        if len == 0 {
            return Self::empty();
        }
        Self(Kind::Fetched(len, Box::pin(Fetching::new(len, source))))
    }

    /// The number of bytes, when it is known before sending.
    #[must_use]
    pub fn known_len(&self) -> Option<u64> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Fetched(len, _) => Some(*len),
            Kind::Pieces(_) => None,
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let next = match &mut self.0 {
            Kind::Whole(bytes) => bytes.take(),
            Kind::Pieces(pieces) => pieces.next(),
            Kind::Fetched(_, body) => return body.as_mut().poll_frame(context),
        };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        self.known_len().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.known_len() {
            Some(len) => write!(f, "Body({len} bytes)"),
            None => f.write_str("Body(in pieces)"),
        }
    }
}

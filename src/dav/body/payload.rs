//! What a request brings: bytes that were read already, or a stream of them.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::dav::error::DavError;

/// The body of a request broke off: whoever reads it keeps nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body broke off")]
pub struct PayloadError;

impl From<PayloadError> for DavError {
    fn from(fault: PayloadError) -> Self {
        Self::bad_request(&fault.to_string())
    }
}

/// The body of a request. Within its greatest size already (L-04).
pub struct Payload(Kind);

enum Kind {
    Whole(Bytes),
    /// With its length. The lock makes it fit to be shared; nobody ever waits for it.
    Stream(Mutex<UnsyncBoxBody<Bytes, PayloadError>>, Option<u64>),
}

impl Payload {
    /// A body that is read while it is used.
    pub fn stream<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let len = body.size_hint().exact();
        Self(Kind::Stream(Mutex::new(body.map_err(|_| PayloadError).boxed_unsync()), len))
    }

    /// The bytes, where they were read already.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes),
            Kind::Stream(..) => None,
        }
    }

    /// The bytes, where they were read already.
    ///
    /// # Errors
    /// 413 for a stream: only what takes large bodies is given one.
    pub fn bytes(&self) -> Result<Bytes, DavError> {
        self.whole().cloned().ok_or_else(|| DavError::status(http::StatusCode::PAYLOAD_TOO_LARGE))
    }

    /// How many bytes there are, if it is known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes.len() as u64),
            Kind::Stream(_, len) => *len,
        }
    }

    /// Whether it is known that there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The next bytes, never none of them; `None` at the end.
    ///
    /// # Errors
    /// [`PayloadError`] if it broke off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Ok(None),
            Kind::Whole(bytes) => Ok(Some(std::mem::take(bytes))),
            Kind::Stream(body, _) => loop {
                match body.get_mut().unwrap_or_else(PoisonError::into_inner).frame().await {
                    None => return Ok(None),
                    Some(Err(fault)) => return Err(fault),
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) if !data.is_empty() => return Ok(Some(data)),
                        _ => {}
                    },
                }
            },
        }
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.len() {
            Some(len) => write!(f, "Payload({len} bytes)"),
            None => f.write_str("Payload(of unknown length)"),
        }
    }
}

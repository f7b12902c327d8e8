//! Bytes that have to be waited for: a source asked for one piece after the other.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// Why an answer cannot be sent to its end; for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenOff(pub String);

/// Where the pieces of an answer come from.
pub trait Source: Send + Sized + 'static {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`BrokenOff`] ends the answer, and with it the connection.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, BrokenOff>> + Send;
}

type Fetched<S> = (S, Result<Option<Bytes>, BrokenOff>);

enum State<S> {
    Idle(S),
    Busy(Pin<Box<dyn Future<Output = Fetched<S>> + Send>>),
    Over,
}

/// A body of exactly `left` bytes.
pub(super) struct Fetching<S> {
    left: u64,
    state: State<S>,
}

impl<S: Source> Fetching<S> {
    pub(super) fn new(len: u64, source: S) -> Self {
        Self { left: len, state: State::Idle(source) }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Idle(mut source) => {
                    self.state = State::Busy(Box::pin(async move {
                        let next = source.next().await;
                        (source, next)
                    }));
                }
                State::Busy(mut work) => {
                    let Poll::Ready((source, next)) = work.as_mut().poll(context) else {
                        self.state = State::Busy(work);
                        return Poll::Pending;
                    };
                    return Poll::Ready(Some(self.came(source, next)));
                }
            }
        }
    }

    fn came(&mut self, source: S, next: Result<Option<Bytes>, BrokenOff>) -> Result<Bytes, BrokenOff> {
        let missing = || BrokenOff(format!("{} bytes are missing", self.left));
        let piece = next?.ok_or_else(missing)?;
        let too_many = || BrokenOff("more bytes than were announced".to_owned());
        self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(too_many)?;
        if self.left > 0 {
            self.state = State::Idle(source);
        }
        Ok(piece)
    }
}

// Nothing in it is pinned in place: the future is in a box of its own.
impl<S> Unpin for Fetching<S> {}

impl<S: Source> http_body::Body for Fetching<S> {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let next = ready!(self.poll_next(context));
        Poll::Ready(next.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::Body;
    use http_body_util::BodyExt as _;

    struct Given(Vec<&'static [u8]>);

    impl Source for Given {
        async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
            tokio::task::yield_now().await;
            Ok(if self.0.is_empty() { None } else { Some(Bytes::from_static(self.0.remove(0))) })
        }
    }

    async fn sent(len: u64, pieces: &[&'static [u8]]) -> Result<Bytes, BrokenOff> {
        let body = Body::fetched(len, Given(pieces.to_vec()));
        assert_eq!(body.known_len(), Some(len));
        Ok(body.collect().await?.to_bytes())
    }

    #[tokio::test]
    async fn pieces_are_sent_in_their_order_and_exactly_as_many_bytes_as_announced() {
        assert_eq!(sent(0, &[]).await, Ok(Bytes::new()));
        assert_eq!(sent(5, &[b"ab", b"cde"]).await, Ok(Bytes::from_static(b"abcde")));
        assert!(sent(6, &[b"ab", b"cde"]).await.is_err());
        assert!(sent(4, &[b"ab", b"cde"]).await.is_err());
    }
}

//! The body of an answer on its way out: counted, timed, and released when it is gone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use super::connection::State;
use super::peer::Place;
use super::streams::Seat;
use super::trace::Record;
use super::{BodyError, ResponseBody};

/// What a request takes up until its answer is out.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) request: Option<OwnedSemaphorePermit>,
    pub(super) client: Option<Place>,
    pub(super) seat: Option<Seat>,
}

/// The largest piece on a connection with several requests.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

impl Held {
    fn got_on(&self) {
        if let Some(seat) = &self.seat {
            seat.got_on();
        }
    }
}

/// A [`ResponseBody`] with what hangs on it. An error, a panic, a producer that stands still
/// (L-07), and more bytes than an answer may have (L-54) end it, and with it the connection.
pub(super) struct Tracked {
    inner: ResponseBody,
    /// What is left of a piece that was too large.
    rest: Bytes,
    record: Record,
    state: Arc<State>,
    stall_time: Duration,
    /// L-54: bytes that may still be sent.
    left: u64,
    stall: Option<Pin<Box<Sleep>>>,
    ended: bool,
    failure: Option<BodyError>,
    held: Held,
}

impl Tracked {
    pub(super) fn new(
        inner: ResponseBody,
        record: Record,
        state: Arc<State>,
        limits: (Duration, usize),
        held: Held,
    ) -> Self {
        let (stall_time, most_bytes) = limits;
        let left = most_bytes as u64;
        held.got_on();
        let rest = Bytes::new();
        Self { inner, rest, record, state, stall_time, left, stall: None, ended: false, failure: None, held }
    }

    /// On a connection with several requests a piece is as large as is sent at once: who takes
    /// nothing is seen by nothing more being asked for.
    fn piece(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_data() {
            Ok(mut data) if self.held.seat.is_some() && data.len() > PIECE_BYTES => {
                self.rest = data.split_off(PIECE_BYTES);
                Frame::data(data)
            }
            Ok(data) => Frame::data(data),
            Err(trailers) => trailers,
        }
    }

    /// Fails at the next poll: `hyper` sends what it has only while a body is pending, and an
    /// answer may have said in its last piece what went wrong (L-54).
    fn fail(&mut self, cx: &Context<'_>, cause: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        tracing::error!(cause = %cause, "the body of an answer broke off");
        self.failure = Some(cause);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let span = this.record.span.clone();
        let _inside = span.enter();
        if let Some(cause) = this.failure.take() {
            return Poll::Ready(Some(Err(cause)));
        }
        let rest = std::mem::take(&mut this.rest);
        let progress = if rest.is_empty() {
            let inner = Pin::new(&mut this.inner);
            let Ok(progress) = catch_unwind(AssertUnwindSafe(|| inner.poll_frame(cx))) else {
                return this.fail(cx, "panic".into());
            };
            progress
        } else {
            Poll::Ready(Some(Ok(Frame::data(rest))))
        };
        match progress {
            Poll::Ready(Some(Ok(frame))) => {
                this.stall = None;
                let frame = this.piece(frame);
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = this.left.checked_sub(bytes) else {
                    return this.fail(cx, "the answer is too large".into());
                };
                this.left = left;
                this.record.bytes += bytes;
                this.held.got_on();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(cause))) => this.fail(cx, cause),
            Poll::Ready(None) => {
                this.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                let stall = this.stall.get_or_insert_with(|| Box::pin(sleep(this.stall_time)));
                std::task::ready!(stall.as_mut().poll(cx));
                this.fail(cx, "no progress in time".into())
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.record.whole = self.ended || self.is_end_stream() || self.record.is_head();
        self.state.end();
    }
}

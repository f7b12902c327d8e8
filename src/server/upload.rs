//! A large body on its way to the handler: counted and timed as it passes, never held.
//!
//! L-04, L-05 and D-02 as for bodies that are read whole ([`super::body`]): what is too large, too
//! slow or broken ends in an error, and the wall hears of it through a [`Fate`]. The time in which
//! the handler asks for nothing is not the client's.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::BodyError;
use super::body::{BadBody, Pace};
use crate::limits::Limits;

/// What became of a body, told by the stream to the wall.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate(Arc<Mutex<Progress>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not read to its end.
    #[default]
    Open,
    /// All of it passed.
    Whole,
    /// It never was a body.
    Bad(BadBody),
}

impl Fate {
    pub(super) fn get(&self) -> Progress {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, progress: Progress) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

/// The body as the handler reads it.
pub(super) struct Upload<B> {
    inner: B,
    left: usize,
    pace: Pace,
    wait: Pin<Box<Sleep>>,
    /// Since when the handler has not asked for more.
    unasked_since: Option<Instant>,
    fate: Fate,
}

impl<B: Body<Data = Bytes>> Upload<B> {
    /// At most L-04 for files, also of an attachment, whose own limit is the handler's. A length announced beyond that is refused before the first read,
    /// which is when `hyper` would answer `100 Continue`.
    pub(super) fn begin(inner: B, limits: &Limits) -> Result<(Self, Fate), BadBody> {
        let left = limits.file_body_bytes;
        if inner.size_hint().lower() > left as u64 {
            return Err(BadBody::Large);
        }
        let pace = Pace::new(limits, limits.file_body_time);
        let wait = Box::pin(sleep_until(pace.deadline()));
        let fate = Fate::default();
        // Until the first byte is asked for, time is the handler's.
        let unasked_since = Some(Instant::now());
        Ok((Self { inner, left, pace, wait, unasked_since, fate: fate.clone() }, fate))
    }

    fn fail(&self, bad: BadBody) -> BodyError {
        self.fate.set(Progress::Bad(bad));
        "the body broke off".into()
    }

    fn take(&mut self, data: &Bytes) -> Result<(), BadBody> {
        self.left = self.left.checked_sub(data.len()).ok_or(BadBody::Large)?;
        self.pace.came(data.len())
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if let Progress::Bad(bad) = this.fate.get() {
            return Poll::Ready(Some(Err(this.fail(bad))));
        }
        if let Some(since) = this.unasked_since.take() {
            this.pace.paused(since.elapsed());
        }
        loop {
            match Pin::new(&mut this.inner).poll_frame(cx) {
                Poll::Ready(None) => {
                    this.fate.set(Progress::Whole);
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(this.fail(BadBody::Broken)))),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are dropped.
                    let Ok(data) = frame.into_data() else { continue };
                    if let Err(bad) = this.take(&data) {
                        return Poll::Ready(Some(Err(this.fail(bad))));
                    }
                    this.unasked_since = Some(Instant::now());
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Poll::Pending => {
                    this.wait.as_mut().reset(this.pace.deadline());
                    ready!(this.wait.as_mut().poll(cx));
                    if let Err(bad) = this.pace.turn() {
                        return Poll::Ready(Some(Err(this.fail(bad))));
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

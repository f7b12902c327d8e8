//! One connection's stream, with the times that `hyper` does not hold.
//!
//! Idle (L-06), slow header block (L-03), and an answer nobody takes (L-08) end in a timed-out
//! stream. After an early refusal it reads on for a moment, so that a client that is still
//! sending gets the answer and not a reset (RFC 9112, section 9.6).
//! It also sees the request line as it was sent: `hyper` drops a fragment from the target without a
//! word, and a DELETE of `/a/#b` would be one of `/a/` (RFC 9112, section 3.2).
//! Knows where a request begins and ends only by what the wall tells its [`State`]. An HTTP/2
//! connection carries several requests at once; for it only writing is held here, the rest is
//! `streams`' business.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::streams::{Seat, Streams};
use crate::limits::Limits;

const IDLE: u8 = 0;
const HEAD: u8 = 1;
const BUSY: u8 = 2;

/// Where a connection stands; shared by its stream and the requests on it.
#[derive(Debug, Default)]
pub(super) struct State {
    phase: AtomicU8,
    linger: AtomicBool,
    fragment: AtomicBool,
    /// The requests of an HTTP/2 connection; `None` where there is one at a time.
    streams: Option<Arc<Streams>>,
}

impl State {
    /// Of a connection on which these requests go side by side.
    pub(super) fn multiplexed(streams: Arc<Streams>) -> Self {
        Self { phase: AtomicU8::new(BUSY), streams: Some(streams), ..Self::default() }
    }

    /// A header block is complete. What is answered holds a seat among the requests in hand.
    pub(super) fn begin(&self) -> Option<Seat> {
        self.phase.store(BUSY, Ordering::Relaxed);
        self.streams.as_ref().map(Streams::enter)
    }

    /// Whether several requests go side by side.
    pub(super) fn is_multiplexed(&self) -> bool {
        self.streams.is_some()
    }

    /// Whether the target of the request in hand was sent with a fragment; says so once.
    pub(super) fn had_fragment(&self) -> bool {
        self.fragment.swap(false, Ordering::Relaxed)
    }

    /// The answer has been handed over; the next bytes are a new header block.
    pub(super) fn end(&self) {
        if self.streams.is_none() {
            self.phase.store(IDLE, Ordering::Relaxed);
        }
    }

    /// The answer comes before the request was read: read on a little when closing.
    pub(super) fn linger(&self) {
        self.linger.store(true, Ordering::Relaxed);
    }

    fn must_linger(&self) -> bool {
        // In the middle of a header block it is hyper who refused.
        self.linger.load(Ordering::Relaxed) || self.phase.load(Ordering::Relaxed) == HEAD
    }
}

/// A point in time that is looked at when a stream has nothing to do.
struct Deadline {
    sleep: Pin<Box<Sleep>>,
    armed: bool,
}

impl Deadline {
    fn new() -> Self {
        Self { sleep: Box::pin(sleep(Duration::ZERO)), armed: false }
    }

    fn arm(&mut self, after: Duration) {
        self.sleep.as_mut().reset(Instant::now() + after);
        self.armed = true;
    }

    fn passed(&mut self, cx: &mut Context<'_>) -> bool {
        self.armed && self.sleep.as_mut().poll(cx).is_ready()
    }
}

/// How long and how much is read on after an early refusal.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// A stream whose waits are bounded.
pub(super) struct Guarded<S> {
    inner: S,
    state: Arc<State>,
    limits: Arc<Limits>,
    reading: Deadline,
    read_phase: u8,
    /// Whether the request line is being read.
    in_line: bool,
    writing: Deadline,
    shut: bool,
    lingered_bytes: usize,
}

impl<S> Guarded<S> {
    pub(super) fn new(inner: S, state: Arc<State>, limits: Arc<Limits>) -> Self {
        let (reading, writing) = (Deadline::new(), Deadline::new());
        let (in_line, shut, lingered_bytes) = (false, false, 0);
        Self { inner, state, limits, reading, read_phase: BUSY, in_line, writing, shut, lingered_bytes }
    }

    fn hold<T>(&mut self, cx: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.writing.armed = false;
            return progress;
        }
        if !self.writing.armed {
            self.writing.arm(self.limits.write_stall_time);
        }
        if self.writing.passed(cx) { Poll::Ready(Err(timed_out())) } else { Poll::Pending }
    }
}

impl<S> Guarded<S> {
    /// Looks through the request line, however it is cut. Empty lines may stand before it.
    fn read_line(&mut self, bytes: &[u8]) {
        let is_empty_line = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let bytes = &bytes[bytes.iter().take_while(is_empty_line).count()..];
        let end = bytes.iter().position(|byte| *byte == b'\n');
        if bytes[..end.unwrap_or(bytes.len())].contains(&b'#') {
            self.state.fragment.store(true, Ordering::Relaxed);
        }
        self.in_line = end.is_none();
    }
}

fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

impl<S: AsyncRead + Unpin> Guarded<S> {
    /// Reads and drops what the peer still sends, until it stops or enough was read.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.state.must_linger() {
            return Poll::Ready(Ok(()));
        }
        let mut scrap = [0; 8 * 1024];
        while self.lingered_bytes < LINGER_BYTES && !self.reading.passed(cx) {
            let mut buffer = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.lingered_bytes += buffer.filled().len();
                }
                Poll::Ready(_) => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let phase = this.state.phase.load(Ordering::Relaxed);
        if phase != this.read_phase {
            this.read_phase = phase;
            match phase {
                IDLE => this.reading.arm(this.limits.idle_time),
                _ => this.reading.armed = false,
            }
        }
        let before = buffer.filled().len();
        let progress = Pin::new(&mut this.inner).poll_read(cx, buffer);
        if phase == IDLE && buffer.filled().len() > before {
            this.state.phase.store(HEAD, Ordering::Relaxed);
            this.read_phase = HEAD;
            this.reading.arm(this.limits.header_time);
            this.in_line = true;
        }
        if this.in_line {
            this.read_line(&buffer.filled()[before..]);
        }
        if progress.is_pending() && this.reading.passed(cx) {
            return Poll::Ready(Err(timed_out()));
        }
        progress
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.hold(cx, progress)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.hold(cx, progress)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.inner).poll_flush(cx);
        self.hold(cx, progress)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.shut {
            let progress = Pin::new(&mut self.inner).poll_shutdown(cx);
            std::task::ready!(self.hold(cx, progress))?;
            self.shut = true;
            self.reading.arm(LINGER_TIME);
        }
        self.poll_linger(cx)
    }
}

//! Reads a request's body: whole, in time, within its size, or not at all.
//!
//! L-04, L-05 and D-02: a body that ends in an error is never a body. Trailers are dropped.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::limits::Limits;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadBody {
    /// More bytes than L-04 allows.
    Large,
    /// Too few bytes for the time (L-05).
    Slow,
    /// It broke off, or its framing did.
    Broken,
    /// It grew, and there is no room for it now (L-10).
    Busy,
}

/// Reads at most `most` bytes. A length announced beyond that is refused before the first
/// read, which is when `hyper` would answer `100 Continue`. Of each piece `room` is asked whether
/// there is room for all that came.
pub(super) async fn read<B>(
    mut body: B,
    most: usize,
    limits: &Limits,
    mut room: impl FnMut(usize) -> Result<(), BadBody>,
) -> Result<Bytes, BadBody>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > most as u64 {
        return Err(BadBody::Large);
    }
    let mut pace = Pace::new(limits, limits.body_time);
    let mut whole = Collected::default();
    while let Some(frame) = pace.next(&mut body).await? {
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > most - whole.len() {
            return Err(BadBody::Large);
        }
        pace.came(data.len())?;
        room(whole.len() + data.len())?;
        whole.push(data);
    }
    Ok(whole.finish())
}

/// Reads at most `most` bytes and keeps none: what is left of a request that was refused. Whether that
/// was all of it, in its time.
pub(super) async fn skip<B>(mut body: B, most: usize, limits: &Limits) -> bool
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut pace = Pace::new(limits, limits.body_time);
    let mut left = most;
    loop {
        match pace.next(&mut body).await {
            Ok(None) => return true,
            Ok(Some(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(rest) = left.checked_sub(bytes).filter(|_| pace.came(bytes).is_ok()) else {
                    return false;
                };
                left = rest;
            }
            Err(_) => return false,
        }
    }
}

/// The first piece as it came, and a copy of all only where there are several.
#[derive(Default)]
struct Collected {
    first: Bytes,
    all: BytesMut,
}

impl Collected {
    fn len(&self) -> usize {
        self.first.len().max(self.all.len())
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.extend_from_slice(&data);
    }

    fn finish(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

/// Holds a body to its pace: a first byte in time, then a least rate over each window, and an
/// end for the whole.
pub(super) struct Pace {
    end: Instant,
    window_end: Instant,
    window_bytes: usize,
    window: Duration,
    least: usize,
    started: bool,
}

impl Pace {
    /// From now on; the whole has `whole` of time.
    pub(super) fn new(limits: &Limits, whole: Duration) -> Self {
        let now = Instant::now();
        let window = limits.body_rate_time;
        let millis = usize::try_from(window.as_millis()).unwrap_or(usize::MAX);
        Self {
            end: now + whole,
            window_end: now + limits.body_start_time,
            window_bytes: 0,
            window,
            least: limits.body_rate.saturating_mul(millis) / 1000,
            started: false,
        }
    }

    async fn next<B>(&mut self, body: &mut B) -> Result<Option<http_body::Frame<Bytes>>, BadBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        loop {
            match timeout_at(self.deadline(), body.frame()).await {
                Ok(None) => return Ok(None),
                Ok(Some(frame)) => return frame.map(Some).map_err(|_| BadBody::Broken),
                Err(_) => self.turn()?,
            }
        }
    }

    /// When to look again whether enough has come.
    pub(super) fn deadline(&self) -> Instant {
        self.window_end.min(self.end)
    }

    /// Nothing was asked of the client for so long: that time is not its fault.
    pub(super) fn paused(&mut self, time: Duration) {
        self.window_end += time;
        self.end += time;
    }

    /// Bytes have come.
    pub(super) fn came(&mut self, bytes: usize) -> Result<(), BadBody> {
        let now = Instant::now();
        if !self.started {
            self.started = true;
            self.window_end = now + self.window;
        }
        self.window_bytes += bytes;
        if now >= self.deadline() { self.turn() } else { Ok(()) }
    }

    /// At the end of a window: was it enough?
    pub(super) fn turn(&mut self) -> Result<(), BadBody> {
        let now = Instant::now();
        if !self.started || now >= self.end || self.window_bytes < self.least {
            return Err(BadBody::Slow);
        }
        self.window_end = now + self.window;
        self.window_bytes = 0;
        Ok(())
    }
}

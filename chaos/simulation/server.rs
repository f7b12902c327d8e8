//! The real core under a scheduler of ours: site, bookings and store over a SQLite file, on one thread.
//!
//! A request goes on in stretches: one ends where the request waits for what only the store can give it,
//! a connection to read another snapshot by, or the commit of what it wants written. Within a stretch
//! SQLite shows one state, so nobody can come between. Then others have their stretches, or the store
//! carries out all that waits. Which of them comes next is chance, and chance comes from the seed.

use std::future::poll_fn;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use roomdav::booking::{Bookings, Bounds};
use roomdav::caldav::limits::QueryLimits;
use roomdav::clock::Clock;
use roomdav::dav;
use roomdav::domain::id::UserId;
use roomdav::domain::time::Instant;
use roomdav::site::{self, FileBounds, Services, Visit};
use roomdav::store::{Options, Snapshot, Store};
use tokio::runtime::{Builder, Runtime};

use super::idle::Others;
use crate::history::asked::Sent;
use crate::seed::Chance;

/// Through how many doors the same store is reached; each has a clock of its own.
pub(super) const FRONTS: usize = 2;
const BASE_URL: &str = "http://127.0.0.1";
/// The database, and what SQLite has beside it.
const FILES: [&str; 2] = ["house.sqlite", "house.sqlite-wal"];

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) tag: Option<String>,
    pub(super) body: Bytes,
}

/// A server at work. Dropped without [`Server::crash`] or [`Server::close`] it leaves threads behind.
pub(super) struct Server {
    runtime: Runtime,
    fronts: Vec<Services>,
    bookings: Vec<Bookings>,
    clocks: Vec<Clock>,
    store: Store,
    at_work: Vec<AtWork>,
    /// Connections that nobody else gets: the fewer are left, the more often requests wait.
    kept: Vec<Snapshot>,
    others: Others,
    parking: Arc<Parking>,
    threads_before: usize,
}

/// One request in hand.
struct AtWork {
    number: usize,
    doing: Pin<Box<dyn Future<Output = Option<Reply>>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Wakes who asks when tokio has nothing to do, instead of letting the thread sleep.
#[derive(Default)]
struct Parking(Mutex<Option<Waker>>);

impl Parking {
    fn wake_when_parked(&self, waker: &Waker) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }

    fn parks(&self) {
        if let Some(waker) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }
}

impl Server {
    /// Opens the database in this folder.
    ///
    /// Of its two connections for reading `kept` are not to be had.
    pub(super) fn open(folder: &Path, now: i64, kept: u64) -> Result<Self, String> {
        let mut others = Others::default();
        let threads_before = others.count();
        let parking = Arc::new(Parking::default());
        let park = parking.clone();
        let runtime = Builder::new_current_thread().enable_all().on_thread_park(move || park.parks()).build();
        let runtime = runtime.map_err(|cause| cause.to_string())?;
        let url = format!("sqlite://{}", folder.join(FILES[0]).display());
        let options = Options { readers: 2, ..Options::default() };
        let store = runtime.block_on(Store::open(&url, &options)).map_err(|cause| cause.to_string())?;
        let clocks: Vec<Clock> = (0..FRONTS).map(|_| Clock::fixed(Instant::from_secs(now))).collect();
        let bounds = Bounds { max_hourly: 100_000, max_future: 100_000, ..Bounds::default() };
        let bookings: Vec<Bookings> =
            clocks.iter().map(|clock| Bookings::new(store.clone(), clock.clone(), bounds.clone())).collect();
        let fronts = bookings.iter().map(|bookings| {
            let (queries, files) = (QueryLimits::default(), FileBounds::default());
            Services::new(bookings, BASE_URL, site::Bounds { dav: dav::Limits::default(), queries, files })
        });
        let fronts = fronts.collect();
        let kept = (0..kept).map(|_| runtime.block_on(store.snapshot()));
        let kept = kept.collect::<Result<_, _>>().map_err(|cause| cause.to_string())?;
        let at_work = Vec::new();
        let mut server =
            Self { runtime, fronts, bookings, clocks, store, at_work, kept, others, parking, threads_before };
        server.carry_out();
        Ok(server)
    }

    /// Sets the clock of one door.
    pub(super) fn set_clock(&self, front: usize, now: i64) {
        self.clocks[front].set(Instant::from_secs(now));
    }

    /// Takes a request in hand.
    pub(super) fn take(&mut self, number: usize, front: usize, person: i64, peer: IpAddr, sent: Sent) {
        let services = self.fronts[front].clone();
        self.begin(number, Box::pin(async move { Some(answer(&services, person, peer, sent).await) }));
    }

    /// Does what is due by the clock of one door.
    pub(super) fn tidy(&mut self, front: usize) {
        let bookings = self.bookings[front].clone();
        self.begin(
            usize::MAX,
            Box::pin(async move {
                bookings.tidy().await.expect("the database answers");
                None
            }),
        );
    }

    fn begin(&mut self, number: usize, doing: Pin<Box<dyn Future<Output = Option<Reply>>>>) {
        let doing = Box::pin(tokio::task::unconstrained(doing));
        self.at_work.push(AtWork { number, doing, woken: Arc::new(Woken(AtomicBool::new(true))) });
    }

    /// Its client has gone: the request is dropped where it is.
    pub(super) fn forget(&mut self, number: usize) {
        let _entered = self.runtime.enter();
        self.at_work.retain(|it| it.number != number);
    }

    /// How many requests are in hand.
    pub(super) fn in_hand(&self) -> usize {
        self.at_work.len()
    }

    /// One of the requests goes on by a stretch, or the store carries out what waits; gives the request
    /// that was answered by it.
    pub(super) fn go_on(&mut self, chance: &mut Chance) -> Option<(usize, Reply)> {
        let woken = self.at_work.iter().enumerate().filter(|(_, it)| it.woken.0.load(Ordering::SeqCst));
        let woken: Vec<usize> = woken.map(|(at, _)| at).collect();
        let pick = usize::try_from(chance.below(woken.len() as u64 + 1)).unwrap_or_default();
        match woken.get(pick) {
            Some(at) => self.stretch(*at),
            None => {
                self.carry_out();
                None
            }
        }
    }

    fn stretch(&mut self, at: usize) -> Option<(usize, Reply)> {
        let Self { runtime, at_work, others, .. } = self;
        let AtWork { doing, woken, .. } = &mut at_work[at];
        let waker = Waker::from(woken.clone());
        // It ends with the first look, so no task of the store goes on meanwhile.
        let done = runtime.block_on(poll_fn(|_| {
            while woken.0.swap(false, Ordering::SeqCst) {
                if let Poll::Ready(done) = doing.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(Some(done));
                }
                others.wait();
            }
            Poll::Ready(None)
        }))?;
        let number = at_work.remove(at).number;
        others.wait();
        done.map(|reply| (number, reply))
    }

    /// The tasks of the store go on until each of them waits for requests: tokio has none that is ready, and
    /// since it said so the last time no other thread has done anything.
    fn carry_out(&mut self) {
        let Self { runtime, others, parking, .. } = self;
        let mut before = None;
        runtime.block_on(poll_fn(|context| {
            others.wait();
            let runs = others.runs();
            if before == Some(runs) {
                return Poll::Ready(());
            }
            before = Some(runs);
            parking.wake_when_parked(context.waker());
            Poll::Pending
        }));
    }

    /// Ends at once, wherever it is: what it leaves is what its files have now, put into `folder`.
    pub(super) fn crash(mut self, from: &Path, folder: &Path) -> Result<(), String> {
        for file in FILES {
            match std::fs::copy(from.join(file), folder.join(file)) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause.to_string()),
                _ => {}
            }
        }
        self.let_go();
        self.end();
        Ok(())
    }

    /// Requests and connections are dropped where they are.
    fn let_go(&mut self) {
        let _entered = self.runtime.enter();
        self.at_work.clear();
        self.kept.clear();
    }

    /// Ends in order; nothing may be in hand.
    pub(super) fn close(mut self) {
        self.let_go();
        self.runtime.block_on(self.store.close());
        self.end();
    }

    fn end(self) {
        let Self { runtime, fronts, bookings, store, mut others, threads_before, .. } = self;
        drop((fronts, bookings, store));
        drop(runtime);
        // The threads of its connections close the files.
        others.wait_for(threads_before);
    }
}

async fn answer(services: &Services, person: i64, peer: IpAddr, sent: Sent) -> Reply {
    let Sent { method, path, headers, body } = sent;
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method"));
    request = request.uri(&path).header("host", "127.0.0.1");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(body)).expect("a request");
    let visit = Visit { path: &path, peer: Some(peer), ..Visit::default() };
    let response = match services.site().viewer(UserId::new(person), visit).await {
        Ok(viewer) => Box::pin(services.handle(&viewer, request)).await,
        Err(error) => services.refuse(&error),
    };
    let status = response.status().as_u16();
    let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body =
        response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Reply { status, tag, body }
}

/// Where each life of a server has its files.
pub(super) fn life(folder: &Path, number: usize) -> Result<PathBuf, String> {
    let life = folder.join(number.to_string());
    std::fs::create_dir(&life).map_err(|cause| cause.to_string())?;
    Ok(life)
}

//! A line that breaks while PostgreSQL commits: what was stored is answered so, what was not is
//! done again, and never both (F-6, F-7).

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::support::{add_calendar, change, few_connections, fresh_postgres, read, wrote};
use crate::store::{Options, Store, StoreError};

const FORWARD: u8 = 0;
const LOSE_REQUEST: u8 = 1;
const LOSE_ANSWER: u8 = 2;
/// The request is lost, and every connection with it.
const LOSE_ALL: u8 = 3;

/// A line to the server that breaks at the next commit, once, when it is told to.
struct Line {
    url: String,
    fault: Arc<AtomicU8>,
    /// How many new connections may be made; more wait.
    doors: Arc<Semaphore>,
}

/// What the connections of a line share.
#[derive(Clone)]
struct Shared {
    fault: Arc<AtomicU8>,
    all_end: watch::Sender<()>,
}

impl Line {
    /// `url` is that of a database at `127.0.0.1`.
    async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (before, after) = url.split_once("127.0.0.1:").unwrap();
        let (port, database) = after.split_once('/').unwrap();
        let here = listener.local_addr().unwrap();
        let there = format!("127.0.0.1:{port}");
        let fault = Arc::new(AtomicU8::new(FORWARD));
        let shared = Shared { fault: fault.clone(), all_end: watch::Sender::new(()) };
        let doors = Arc::new(Semaphore::new(100));
        let open = doors.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                open.acquire().await.unwrap().forget();
                let server = TcpStream::connect(&there).await.unwrap();
                tokio::spawn(carry(client, server, shared.clone()));
            }
        });
        Self { url: format!("{before}{here}/{database}"), fault, doors }
    }
}

/// Carries bytes both ways; an `Err` drops both ends.
async fn carry(mut client: TcpStream, mut server: TcpStream, shared: Shared) -> Result<(), Error> {
    let (mut asked, mut answered) = ([0; 8192], [0; 8192]);
    let mut ends = shared.all_end.subscribe();
    loop {
        tokio::select! {
            _ = ends.changed() => return Err(ErrorKind::ConnectionReset.into()),
            read = client.read(&mut asked) => {
                let bytes = &asked[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                let commits = bytes.windows(6).any(|word| word == b"COMMIT");
                let fault = if commits { shared.fault.swap(FORWARD, Ordering::SeqCst) } else { FORWARD };
                if fault == LOSE_ALL {
                    shared.all_end.send_replace(());
                }
                if fault == LOSE_REQUEST || fault == LOSE_ALL {
                    return Err(ErrorKind::ConnectionReset.into());
                }
                server.write_all(bytes).await?;
                if fault == LOSE_ANSWER {
                    // An answer to a commit begins with the tag of its message; the rest is lost as well.
                    server.read_exact(&mut answered[..1]).await?;
                    return Err(ErrorKind::ConnectionReset.into());
                }
            }
            read = server.read(&mut answered) => {
                let bytes = &answered[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_and_not_done_again() {
    let Some(url) = fresh_postgres().await else { return };
    let line = Line::to(&url).await;
    let store = Store::open(&line.url, &few_connections()).await.unwrap();
    let calendar = add_calendar(&store).await;
    line.fault.store(LOSE_ANSWER, Ordering::SeqCst);
    let commits = store.metrics().commits.get([]);
    assert_eq!(wrote!(store, tx => change(tx, calendar).await), Ok(1));
    assert_eq!(line.fault.load(Ordering::SeqCst), FORWARD, "the line broke");
    assert_eq!(store.metrics().commits_unknown.get(["found"]), 1);
    assert_eq!(store.metrics().commits.get([]), commits + 1);
    assert_eq!(wrote!(store, tx => change(tx, calendar).await), Ok(2));
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_done_again() {
    let Some(url) = fresh_postgres().await else { return };
    let line = Line::to(&url).await;
    let store = Store::open(&line.url, &few_connections()).await.unwrap();
    let calendar = add_calendar(&store).await;
    line.fault.store(LOSE_REQUEST, Ordering::SeqCst);
    let commits = store.metrics().commits.get([]);
    assert_eq!(wrote!(store, tx => change(tx, calendar).await), Ok(1));
    assert_eq!(line.fault.load(Ordering::SeqCst), FORWARD, "the line broke");
    assert_eq!(store.metrics().commits_unknown.get(["absent"]), 1);
    assert_eq!(store.metrics().commits.get([]), commits + 1);
    assert_eq!(wrote!(store, tx => change(tx, calendar).await), Ok(2));
}

// P-9: a number alone does not say whose change it is.
#[tokio::test]
async fn a_number_that_somebody_else_took_meanwhile_is_not_the_lost_commit() {
    let Some(url) = fresh_postgres().await else { return };
    let line = Line::to(&url).await;
    let options = Options { connections: 2, ..few_connections() };
    let store = Store::open(&line.url, &options).await.unwrap();
    let other = Store::open(&url, &options).await.unwrap();
    let calendar = add_calendar(&store).await;
    line.doors.forget_permits(100);
    line.fault.store(LOSE_ALL, Ordering::SeqCst);
    let writing = tokio::spawn(async move { wrote!(store, tx => change(tx, calendar).await) });
    while line.fault.load(Ordering::SeqCst) != FORWARD {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Whoever lost the commit cannot look for it yet, and its number is free again.
    assert_eq!(wrote!(other, tx => change(tx, calendar).await), Ok(1));
    line.doors.add_permits(100);
    assert_eq!(writing.await.unwrap(), Ok(2));
    let last = read!(other, tx => tx.calendars().get(calendar).await).unwrap().stamp.seq;
    assert_eq!(last.get(), 2);
}

#[tokio::test]
async fn a_lost_commit_that_took_no_number_is_not_called_done() {
    let Some(url) = fresh_postgres().await else { return };
    let line = Line::to(&url).await;
    let store = Store::open(&line.url, &few_connections()).await.unwrap();
    line.fault.store(LOSE_ANSWER, Ordering::SeqCst);
    let open = wrote!(store, tx => tx.meta().set("a", "b").await);
    assert!(matches!(open, Err(StoreError::Unavailable(_))), "{open:?}");
    assert_eq!(store.metrics().commits_unknown.get(["open"]), 1);
    wrote!(store, tx => tx.meta().set("a", "b").await).unwrap();
}

//! SQLite: opening it so that it keeps what it is given, and the one writer.
//!
//! The writer is a task that owns the only connection that writes or takes checkpoints. It takes
//! up to 32 works that wait, never waits for more, runs each in a savepoint and commits them
//! together: one flush for all. Then, with the answers on their way, it writes the log back into the
//! file if it has grown, by itself, since SQLite would keep quiet about an error there. Readers are a
//! pool of read-only connections.
//! D-70, F-4, F-5, F-14, F-16; R143.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection, SqlitePool, query_scalar};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::calendars::Nonce;
use super::damage::Damage;
use super::error::StoreError;
use super::open::{OpenError, Options};
use super::tx::{Conn, Tx};
use super::write::{Job, Ran, broken_off};
use super::{migrate, place};
use crate::metrics::Metrics;

/// How many works share one commit at most.
const BATCH: usize = 32;

/// From how many pages on the log is written back.
const LONG_LOG: i64 = 1000;

/// The oldest SQLite without the fault that damages files in WAL mode (D-70).
const OLDEST: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);

/// An open SQLite file.
pub(super) struct Sqlite {
    pub(super) readers: SqlitePool,
    /// How one more connection that only reads is made.
    pub(super) reading: SqliteConnectOptions,
    pub(super) reading_time: Duration,
    path: PathBuf,
    works: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    holding: Mutex<Option<std::fs::File>>,
}

pub(super) async fn open(
    url: &str,
    options: &Options,
    damage: Damage,
    metrics: Arc<Metrics>,
) -> Result<Sqlite, OpenError> {
    let path = place::of_url(url)?;
    place::prepare(&path, options.network_file_system)?;
    let conn = first_connection(&path, options).await?;
    let reading = connect_options(&path, options).read_only(true);
    let wanted = options.clone();
    let readers = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(options.readers.clamp(2, 8))
        .acquire_timeout(options.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        // A reader is a thread of this process: there is no line that could have gone dead.
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            let options = wanted.clone();
            Box::pin(async move {
                let checked = check_pragmas(conn, &options).await;
                checked.map_err(|cause| sqlx::Error::Configuration(Box::new(cause)))
            })
        })
        .connect_with(reading.clone())
        .await?;
    let (sender, receiver) = mpsc::channel(options.max_waiting.max(1));
    let writer = tokio::spawn(Writer { conn, damage, metrics }.serve(receiver));
    Ok(Sqlite {
        readers,
        reading,
        reading_time: options.reading_time,
        path,
        works: Mutex::new(Some(sender)),
        writer: Mutex::new(Some(writer)),
        holding: Mutex::new(None),
    })
}

/// The connection of the writer, to a file with the schema. Where another program opens the new file
/// too, SQLite does not wait by itself while the file becomes one with a log.
async fn first_connection(path: &Path, options: &Options) -> Result<SqliteConnection, OpenError> {
    let until = Instant::now() + options.patience;
    loop {
        match try_first_connection(path, options).await {
            Err(OpenError::Database(StoreError::Retry(_))) if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            done => return done,
        }
    }
}

/// A connection that may write, to a file of whatever schema.
pub(super) async fn connect(path: &Path, options: &Options) -> Result<SqliteConnection, OpenError> {
    let mut conn = SqliteConnection::connect_with(&connect_options(path, options)).await?;
    check_version(&mut conn).await?;
    check_pragmas(&mut conn, options).await?;
    Ok(conn)
}

async fn try_first_connection(path: &Path, options: &Options) -> Result<SqliteConnection, OpenError> {
    let mut conn = connect(path, options).await?;
    migrate::sqlite(&mut conn, options.upgrade).await?;
    Ok(conn)
}

impl Sqlite {
    /// A file that is only looked at: what is to be written is refused.
    pub(super) fn without_writer(reading: SqliteConnectOptions, path: &Path) -> Self {
        Self {
            readers: SqlitePoolOptions::new().max_connections(2).connect_lazy_with(reading.clone()),
            reading,
            // Nobody writes beside it.
            reading_time: Duration::MAX,
            path: path.to_owned(),
            works: Mutex::new(None),
            writer: Mutex::new(None),
            holding: Mutex::new(None),
        }
    }

    /// Gives a work to the writer, or says why not.
    pub(super) fn hand_over(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = works.as_ref() else {
            return Err(StoreError::Unavailable("the server is stopping".to_owned()));
        };
        sender.try_send(job).map_err(|_| StoreError::Unavailable("too many changes wait already".to_owned()))
    }

    pub(super) fn hold(&self) -> Result<(), OpenError> {
        let file = place::hold(&self.path)?;
        *self.holding.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    pub(super) fn free_bytes(&self) -> Option<u64> {
        place::free_bytes(&self.path)
    }

    /// Works that wait for the writer; it has taken up to 32 more.
    pub(super) fn waiting(&self) -> usize {
        let works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        works.as_ref().map_or(0, |sender| sender.max_capacity() - sender.capacity())
    }

    /// The size of the log beside the file.
    pub(super) fn log_bytes(&self) -> u64 {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        std::fs::metadata(log).map_or(0, |log| log.len())
    }

    pub(super) async fn close(&self) {
        self.works.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.close().await;
        if let Some(Err(cause)) = match writer {
            Some(writer) => Some(writer.await),
            None => None,
        } {
            tracing::error!(%cause, "the writer broke off");
        }
        self.holding.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What each pragma must read, once it was set (reliability first: a commit is on the disk).
pub(super) const PRAGMAS: &[(&str, &str)] = &[
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("trusted_schema", "0"),
    ("cell_size_check", "1"),
    ("mmap_size", "0"),
    ("temp_store", "2"),
    ("journal_size_limit", "67108864"),
    ("wal_autocheckpoint", "0"),
];

pub(super) fn connect_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    let start = SqliteConnectOptions::new()
        .filename(path)
        .statement_cache_capacity(256)
        .busy_timeout(options.patience)
        .pragma("cache_size", format!("-{}", options.cache_kib));
    PRAGMAS.iter().fold(start, |so_far, (name, value)| so_far.pragma(*name, *value))
}

async fn check_version(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    refuse_older(query_scalar("SELECT sqlite_version()").fetch_one(conn).await?)
}

pub(super) fn refuse_older(found: String) -> Result<(), OpenError> {
    let parts: Vec<u32> = found.split('.').map_while(|part| part.parse().ok()).collect();
    if parts.as_slice() < OLDEST.1.as_slice() {
        return Err(OpenError::TooOld { what: "SQLite", found, wanted: OLDEST.0 });
    }
    Ok(())
}

/// Reads every pragma back: one that was not taken must not go unseen.
pub(super) async fn check_pragmas(conn: &mut SqliteConnection, options: &Options) -> Result<(), OpenError> {
    let patience = options.patience.as_millis().to_string();
    for (name, wanted) in PRAGMAS.iter().chain(&[("busy_timeout", &*patience)]) {
        let found = migrate::pragma(conn, name).await?;
        if found != *wanted {
            return Err(OpenError::Setting { name, found, wanted: (*wanted).to_owned() });
        }
    }
    Ok(())
}

struct Writer {
    conn: SqliteConnection,
    damage: Damage,
    metrics: Arc<Metrics>,
}

impl Writer {
    async fn serve(mut self, mut works: mpsc::Receiver<Box<dyn Job>>) {
        let mut waiting = Vec::with_capacity(BATCH);
        let damage = self.damage.clone();
        loop {
            let count = tokio::select! {
                biased;
                _ = damage.noted() => break,
                count = works.recv_many(&mut waiting, BATCH) => count,
            };
            if count == 0 {
                break;
            }
            let failure = self.commit_together(&mut waiting).await.err();
            if let Some(cause) = &failure {
                tracing::warn!(%cause, works = waiting.len(), "a commit failed");
            }
            for job in waiting.drain(..) {
                job.answer(failure.clone());
            }
            self.shorten_log().await;
        }
        self.end(works).await;
    }

    /// Closes the file. One that cannot be trusted is left open, since whoever closes it writes to it.
    async fn end(mut self, mut works: mpsc::Receiver<Box<dyn Job>>) {
        if self.damage.found().is_none() {
            self.empty_log().await;
        }
        let Some(cause) = self.damage.found() else {
            if let Err(cause) = self.conn.close().await {
                tracing::error!(%cause, "cannot close the database");
            }
            return;
        };
        std::mem::forget(self.conn);
        while let Some(job) = works.recv().await {
            job.answer(Some(cause.clone()));
        }
    }

    /// Writes the log back into the file once it is long.
    async fn shorten_log(&mut self) {
        let done = match self.checkpoint("PRAGMA wal_checkpoint(NOOP)").await {
            Ok((_, pages, written)) if pages >= LONG_LOG && written < pages => {
                self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)").await.map(drop)
            }
            told => told.map(drop),
        };
        if let Err(cause) = done {
            tracing::warn!(%cause, "cannot write the log back");
        }
    }

    /// Writes the whole log back into the file. While others read it that cannot be, and is not waited
    /// for: whoever waits keeps every writer out.
    async fn empty_log(&mut self) {
        let tried = match self.say("PRAGMA busy_timeout = 0").await {
            Ok(()) => self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Err(cause) => Err(cause),
        };
        match tried {
            Ok((0, ..)) => {}
            Ok(_) => tracing::info!("others read the database; its -wal file holds what was written last"),
            Err(cause) => tracing::warn!(%cause, "cannot write the log back"),
        }
    }

    /// Whether somebody was in the way, how many pages the log has, and how many of them are written back.
    async fn checkpoint(&mut self, sql: &'static str) -> Result<(i64, i64, i64), StoreError> {
        let row = sqlx::query_as(sql).fetch_one(&mut self.conn).await.map_err(StoreError::from);
        row.inspect_err(|cause| self.damage.note(cause))
    }

    /// One transaction for all. An `Err` means that nothing of any of them was kept.
    async fn commit_together(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let result = self.try_commit(jobs).await;
        if let Err(cause) = &result {
            // After some errors SQLite has rolled back by itself, and says so here.
            let _ = self.say("ROLLBACK").await;
            self.damage.note(cause);
        }
        result
    }

    async fn try_commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        // Each statement is a hop to the connection's thread and back, so they go in pairs.
        let several = jobs.len() > 1;
        self.say(if several { "BEGIN IMMEDIATE; SAVEPOINT work" } else { "BEGIN IMMEDIATE" }).await?;
        let mut kept = false;
        let mut left = jobs.len();
        for job in jobs {
            left -= 1;
            match self.run(job.as_mut()).await? {
                Ran::Keep => {
                    kept = true;
                    if left > 0 {
                        self.say("RELEASE work; SAVEPOINT work").await?;
                    }
                }
                // The savepoint itself stays, for the next one.
                Ran::Undo if several => self.say("ROLLBACK TO work").await?,
                Ran::Undo => {}
            }
        }
        // A reader may have met an error meanwhile.
        if let Some(cause) = self.damage.found() {
            return Err(cause);
        }
        self.say(if kept { "COMMIT" } else { "ROLLBACK" }).await?;
        if kept {
            self.metrics.commits.count([]);
        }
        Ok(())
    }

    /// Runs one work. An `Err` is trouble that concerns all of them: the file, not the work.
    async fn run(&mut self, job: &mut dyn Job) -> Result<Ran, StoreError> {
        let mut tx = Tx::new(Conn::Sqlite(&mut self.conn), Nonce::random(), Some(&self.damage));
        let ran = unless_it_panics(job.run(&mut tx)).await;
        match (ran, tx.trouble) {
            (Ran::Undo, Some(cause @ (StoreError::Damaged(_) | StoreError::Full(_)))) => Err(cause),
            _ => Ok(ran),
        }
    }

    async fn say(&mut self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql).execute(&mut self.conn).await.map(drop).map_err(StoreError::from)
    }
}

/// A work that panics is undone; the writer goes on.
async fn unless_it_panics(run: impl Future<Output = Ran>) -> Ran {
    let mut run = pin!(run);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context)));
        polled.unwrap_or_else(|_| {
            broken_off("it panicked");
            Poll::Ready(Ran::Undo)
        })
    })
    .await
}

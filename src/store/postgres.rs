//! PostgreSQL: opening it so that it keeps what it is given, works side by side, and what became of
//! a commit whose answer was lost.
//!
//! F-6 to F-8, F-10 to F-12; R141, R142.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, query, query_as, query_scalar};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::calendars::{Nonce, Seq};
use super::error::{StoreError, leaves_outcome_open};
use super::migrate;
use super::open::{OpenError, Options};
use super::session::Session;
use super::tx::{Conn, Tx};
use super::write::{self, Work};
use crate::domain::id::CalendarId;

/// How often a work is repeated that got into another's way (R142).
const MAX_REPEATS: u32 = 5;

/// How long we look for the outcome of a commit.
const MAX_SEARCH: Duration = Duration::from_secs(10);

/// A connection that lay idle for longer is asked whether it still lives before it is used.
const MAX_IDLE_UNASKED: Duration = Duration::from_secs(1);

/// How long it has to say so; else another one is opened.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// An open PostgreSQL database.
#[derive(Clone)]
pub(super) struct Postgres {
    pub(super) pool: PgPool,
    /// How one more connection is made.
    pub(super) connect: PgConnectOptions,
    url: std::sync::Arc<str>,
}

impl Postgres {
    /// Where it is, with its password: for programs of PostgreSQL that are to go there too.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

pub(super) async fn open(url: &str, options: &Options) -> Result<Postgres, OpenError> {
    let connect: PgConnectOptions =
        url.parse::<PgConnectOptions>()?.application_name("roomdav").statement_cache_capacity(256).options([
            ("statement_timeout", "5000"),
            ("lock_timeout", "2000"),
            ("idle_in_transaction_session_timeout", "10000"),
            ("TimeZone", "UTC"),
            ("search_path", "public"),
        ]);
    let mut conn = PgConnection::connect_with(&connect).await?;
    let flush = check_settings(&mut conn).await?;
    migrate::postgres(&mut conn, options.upgrade).await?;
    conn.close().await?;

    let pool = PgPoolOptions::new()
        .max_connections(options.connections.clamp(2, 16))
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .before_acquire(|conn, seen| {
            Box::pin(async move {
                if seen.idle_for <= MAX_IDLE_UNASKED {
                    return Ok(true);
                }
                Ok(timeout(SIGN_OF_LIFE, conn.ping()).await.is_ok_and(|answer| answer.is_ok()))
            })
        })
        .after_connect(|conn, _| Box::pin(refuse_what_changed(conn)))
        .connect_with(connect.clone().options([("synchronous_commit", flush)]))
        .await?;
    Ok(Postgres { pool, connect, url: url.into() })
}

/// Stops where a commit would not be on the disk. Gives the setting of `synchronous_commit`, which
/// every session then insists on.
async fn check_settings(conn: &mut PgConnection) -> Result<String, OpenError> {
    const VERSION: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT)";
    const SETTING: &str = "SELECT current_setting($1)";
    let version: i64 = query_scalar(VERSION).fetch_one(&mut *conn).await?;
    if version < 140_000 {
        let found = format!("{}.{}", version / 10_000, version % 10_000);
        return Err(OpenError::TooOld { what: "PostgreSQL", found, wanted: "14" });
    }
    for name in ["fsync", "full_page_writes", "data_checksums"] {
        let found: String = query_scalar(SETTING).bind(name).fetch_one(&mut *conn).await?;
        match (name, found.as_str()) {
            (_, "on") => {}
            ("data_checksums", _) => tracing::warn!("data_checksums is off: a damaged page goes unseen"),
            _ => return Err(OpenError::Setting { name, found, wanted: "on".to_owned() }),
        }
    }
    let name = "synchronous_commit";
    let found: String = query_scalar(SETTING).bind(name).fetch_one(&mut *conn).await?;
    if ["on", "remote_write", "remote_apply"].contains(&found.as_str()) {
        return Ok(found);
    }
    Err(OpenError::Setting { name, found, wanted: "on, remote_write or remote_apply".to_owned() })
}

/// `target_session_attrs=read-write`: after a fail-over the old primary may come back as a standby. And the
/// schema may have become one that this program does not know (P-13).
async fn refuse_what_changed(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        SELECT pg_is_in_recovery(), CAST(value AS BIGINT)
        FROM meta
        WHERE key = 'schema'";
    let (is_standby, schema): (bool, i64) = query_as(SQL).fetch_one(conn).await?;
    if is_standby {
        return Err(sqlx::Error::Protocol("this is a standby".to_owned()));
    }
    if schema > migrate::newest() {
        return Err(sqlx::Error::Protocol(format!(
            "the database has schema {schema} now, which is newer than this program"
        )));
    }
    Ok(())
}

/// What became of one attempt.
enum Attempt<D, E> {
    Committed(D),
    /// Nothing was kept. With the error that the database had, if it had one.
    Failed(E, Option<StoreError>),
    /// The connection broke during the commit.
    Open(D, Option<Number>, StoreError),
}

/// A number that the attempt took: whoever finds it in the calendar's history knows that it committed.
#[derive(Clone, Copy)]
struct Number {
    calendar: CalendarId,
    seq: Seq,
    nonce: Nonce,
}

pub(super) async fn write<W: Work>(database: &Postgres, work: &W) -> Result<W::Done, W::Error> {
    let mut repeats = 0;
    let mut searched = false;
    loop {
        match attempt(&database.pool, work).await {
            Attempt::Committed(done) => return Ok(done),
            Attempt::Failed(error, trouble) => {
                let again = trouble.is_some_and(|trouble| trouble.invites_another_try());
                if !again || repeats == MAX_REPEATS {
                    return Err(error);
                }
                repeats += 1;
                sleep(jitter()).await;
            }
            Attempt::Open(done, number, cause) => {
                tracing::warn!(%cause, "the connection broke during a commit");
                match (search(&database.pool, number).await, searched) {
                    (Some(true), _) => return Ok(done),
                    (Some(false), false) => searched = true,
                    _ => return Err(cause.into()),
                }
            }
        }
    }
}

async fn attempt<W: Work>(pool: &PgPool, work: &W) -> Attempt<W::Done, W::Error> {
    let mut session = match Session::begin(pool, "BEGIN").await {
        Ok(session) => session,
        Err(cause) => return Attempt::Failed(StoreError::from(cause).into(), None),
    };
    let nonce = Nonce::random();
    let mut tx = Tx::new(Conn::Postgres(session.conn()), nonce, None);
    let result = write::run(work, &mut tx).await;
    let number = tx.numbered.map(|(calendar, seq)| Number { calendar, seq, nonce });
    let trouble = tx.trouble.take();
    match result {
        Err(error) => {
            session.roll_back().await;
            Attempt::Failed(error, trouble)
        }
        Ok(done) => match session.commit().await {
            Ok(()) => Attempt::Committed(done),
            Err(cause) if leaves_outcome_open(&cause) => Attempt::Open(done, number, cause.into()),
            Err(cause) => {
                let cause = StoreError::from(cause);
                Attempt::Failed(cause.clone().into(), Some(cause))
            }
        },
    }
}

/// Looks whether the commit that took `number` happened; `None` if that stays open.
async fn search(pool: &PgPool, number: Option<Number>) -> Option<bool> {
    let number = number?;
    let until = Instant::now() + MAX_SEARCH;
    while Instant::now() < until {
        match timeout_at(until, find(pool, number)).await {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(cause)) => tracing::debug!(%cause, "cannot look for a commit yet"),
            Err(_) => break,
        }
        sleep(Duration::from_millis(200)).await;
    }
    None
}

async fn find(pool: &PgPool, number: Number) -> Result<bool, sqlx::Error> {
    // Waits for the old session to end, one way or the other.
    const LOCK: &str = "
        SELECT id FROM calendars
        WHERE id = $1
        FOR NO KEY UPDATE";
    const FIND: &str = "
        SELECT EXISTS (
            SELECT 1 FROM changes
            WHERE calendar_id = $1 AND seq = $2 AND nonce = $3)";
    let mut session = Session::begin(pool, "BEGIN").await?;
    query(LOCK).bind(number.calendar.get()).execute(session.conn()).await?;
    let found = query_scalar(FIND)
        .bind(number.calendar.get())
        .bind(number.seq.get())
        .bind(number.nonce.get())
        .fetch_one(session.conn())
        .await?;
    // Not rolled back: a commit waits for a synchronous standby, as the one that we look for should have;
    // its session may have ended before (F-8).
    session.commit().await?;
    Ok(found)
}

/// Between 5 and 50 milliseconds.
fn jitter() -> Duration {
    Duration::from_millis(5 + super::random_bits() % 46)
}

//! PostgreSQL: opening it so that it keeps what it is given, works side by side, and what became of
//! a commit whose answer was lost.
//!
//! F-6 to F-8, F-10 to F-12; R141, R142.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, query, query_scalar};
use tokio::time::{Instant, sleep, timeout_at};

use super::calendars::{Nonce, Seq};
use super::error::{StoreError, leaves_outcome_open};
use super::migrate;
use super::open::{OpenError, Options};
use super::pace::{MAX_SILENCE, in_time};
use super::session;
use super::tally::Tally;
use super::transaction::PgTransaction;
use super::tx::{Conn, Tx};
use super::write::{self, Work};
use crate::domain::id::CalendarId;
use crate::metrics::Metrics;

/// How often a work is repeated that got into another's way (R142).
const MAX_REPEATS: u32 = 5;

/// How long we look for the outcome of a commit.
const MAX_SEARCH: Duration = Duration::from_secs(10);

/// A connection that lay idle for longer is asked whether it still lives before it is used.
const MAX_IDLE_UNASKED: Duration = Duration::from_secs(1);

/// An open PostgreSQL database.
#[derive(Clone)]
pub(super) struct Postgres {
    pub(super) pool: PgPool,
    /// How one more connection is made.
    pub(super) connect: PgConnectOptions,
    url: std::sync::Arc<str>,
    metrics: Arc<Metrics>,
}

impl Postgres {
    /// Where it is, with its password: for programs of PostgreSQL that are to go there too.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

pub(super) async fn open(url: &str, options: &Options, metrics: Arc<Metrics>) -> Result<Postgres, OpenError> {
    let connect = session::asking(url.parse()?);
    let mut conn = in_time(MAX_SILENCE, PgConnection::connect_with(&connect)).await?;
    let flush = session::check_server(&mut conn).await?;
    session::check(&mut conn, &flush).await?;
    migrate::postgres(&mut conn, options.upgrade).await?;
    session::check_extension(&mut conn).await?;
    conn.close().await?;

    let connect = connect.options([("synchronous_commit", &flush)]);
    let flush: Arc<str> = flush.into();
    let pool = PgPoolOptions::new()
        .max_connections(options.connections.clamp(2, 16))
        .acquire_timeout(options.patience.min(MAX_SILENCE))
        .test_before_acquire(false)
        .before_acquire(|conn, seen| {
            Box::pin(async move { Ok(seen.idle_for <= MAX_IDLE_UNASKED || session::lives(conn).await?) })
        })
        // What comes next is a ping that waits for ever, and the place in the pool with it.
        .after_release(|conn, _| Box::pin(session::lives(conn)))
        .after_connect(move |conn, _| {
            let flush = Arc::clone(&flush);
            Box::pin(async move {
                let checked = async {
                    session::check(conn, &flush).await?;
                    session::refuse_a_newer_schema(conn).await
                };
                let checked = checked.await;
                checked.map_err(|cause| sqlx::Error::Configuration(Box::new(cause)))
            })
        })
        .connect_with(connect.clone())
        .await?;
    Ok(Postgres { pool, connect, metrics, url: url.into() })
}

/// What became of one attempt.
enum Attempt<D, E> {
    Committed(D, Tally),
    /// Nothing was kept. With the error that the database had, if it had one.
    Failed(E, Option<StoreError>),
    /// The connection broke during the commit.
    Open(D, Tally, Option<Number>, StoreError),
}

/// A number that the attempt took: whoever finds it in the calendar's history knows that it committed.
#[derive(Clone, Copy)]
struct Number {
    calendar: CalendarId,
    seq: Seq,
    nonce: Nonce,
}

pub(super) async fn write<W: Work>(database: &Postgres, work: &W) -> Result<W::Done, W::Error> {
    let metrics = &*database.metrics;
    let mut repeats = 0;
    let mut searched = false;
    loop {
        match attempt(database, work).await {
            Attempt::Committed(done, tally) => {
                committed(metrics, &tally);
                return Ok(done);
            }
            Attempt::Failed(error, trouble) => {
                let again = trouble.is_some_and(|trouble| trouble.invites_another_try());
                if !again || repeats == MAX_REPEATS {
                    return Err(error);
                }
                repeats += 1;
                metrics.works_repeated.count([]);
                sleep(jitter()).await;
            }
            Attempt::Open(done, tally, number, cause) => {
                tracing::warn!(%cause, "the connection broke during a commit");
                let found = search(&database.pool, number).await;
                let outcome = found.map_or("open", |found| if found { "found" } else { "absent" });
                metrics.commits_unknown.count([outcome]);
                match (found, searched) {
                    (Some(true), _) => {
                        committed(metrics, &tally);
                        return Ok(done);
                    }
                    (Some(false), false) => searched = true,
                    _ => return Err(cause.into()),
                }
            }
        }
    }
}

fn committed(metrics: &Metrics, tally: &Tally) {
    metrics.commits.count([]);
    tally.count(metrics);
}

async fn attempt<W: Work>(database: &Postgres, work: &W) -> Attempt<W::Done, W::Error> {
    let waiting = database.metrics.database_waiting.hold();
    let begun = Box::pin(PgTransaction::begin(&database.pool, "BEGIN")).await;
    drop(waiting);
    let mut transaction = match begun {
        Ok(transaction) => transaction,
        Err(cause) => return Attempt::Failed(StoreError::from(cause).into(), None),
    };
    let nonce = Nonce::random();
    let mut tx = Tx::new(Conn::Postgres(transaction.conn()), nonce, None);
    let result = write::run(work, &mut tx).await;
    let number = tx.numbered.map(|(calendar, seq)| Number { calendar, seq, nonce });
    let (trouble, tally) = (tx.trouble.take(), std::mem::take(&mut tx.tally));
    match result {
        Err(error) => {
            transaction.roll_back().await;
            Attempt::Failed(error, trouble)
        }
        Ok(done) => match transaction.commit().await {
            Ok(()) => Attempt::Committed(done, tally),
            Err(cause) if leaves_outcome_open(&cause) => Attempt::Open(done, tally, number, cause.into()),
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
    let mut transaction = PgTransaction::begin(pool, "BEGIN").await?;
    query(LOCK).bind(number.calendar.get()).execute(transaction.conn()).await?;
    let found = query_scalar(FIND)
        .bind(number.calendar.get())
        .bind(number.seq.get())
        .bind(number.nonce.get())
        .fetch_one(transaction.conn())
        .await?;
    // Not rolled back: a commit waits for a synchronous standby, as the one that we look for should have;
    // its session may have ended before (F-8).
    transaction.commit().await?;
    Ok(found)
}

/// Between 5 and 50 milliseconds.
fn jitter() -> Duration {
    Duration::from_millis(5 + super::random_bits() % 46)
}

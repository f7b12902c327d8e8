//! T-17: `migrate` killed at any moment leaves the old schema or the new one, and all that was in it.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::former;
use crate::program::{House, Place, Program};
use crate::report::Report;
use crate::seed::Chance;

/// What the house holds.
const BOOKINGS: usize = 10_000;

/// How often each migration is killed.
const KILLS: usize = 4;

const SCHEMA: &str = "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'schema'";

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let mut chance = Chance::from_environment();
    let rounds = if is_long { 50 } else { 3 };
    let postgres = std::env::var("TEST_POSTGRES_URL").ok();
    for server in std::iter::once(None).chain(postgres.as_deref().map(Some)) {
        let kind = if server.is_some() { "PostgreSQL" } else { "SQLite" };
        let house = House { postgres: server, ..House::default() };
        let (mut old, mut new) = (0, 0);
        for round in 0..rounds {
            // Every schema has its turn, in the long run.
            let older = former::newest() - 1;
            let from = 1 + if is_long { round % older } else { chance.index(older) };
            let ends = kill_until_done(&house, from, &mut chance)
                .map_err(|cause| format!("{kind}, round {round}, from schema {from}: {cause}"))?;
            old += ends.old;
            new += ends.new;
        }
        let found =
            format!("{rounds} rounds, {BOOKINGS} bookings; found as it was {old} times, new {new} times");
        report.hold(&format!("{kind}: a migration that is killed leaves the old or the new"), true, &found);
        report.hold(&format!("{kind}: and some were killed in the middle of it"), old > 0, &found);
    }
    Ok(())
}

/// How killed migrations left the database.
#[derive(Default)]
struct Ends {
    old: usize,
    new: usize,
}

fn kill_until_done(house: &House<'_>, from: usize, chance: &mut Chance) -> Result<Ends, String> {
    let former = house.bare()?;
    fill(&former, from)?;
    // How long it takes undisturbed, so that kills fall into it.
    let place = house.copy(&former)?;
    let began = Instant::now();
    place.command(&["migrate", "--no-backup"], "")?;
    let whole = began.elapsed();
    let mut ends = Ends::default();
    for _ in 0..KILLS {
        let place = house.copy(&former)?;
        let mut migrate = place.program();
        let migrate = migrate.args(["migrate", "--no-backup"]).stdout(Stdio::null());
        let mut child = migrate.spawn().map_err(|cause| cause.to_string())?;
        let after = u64::try_from(whole.as_micros()).unwrap_or(u64::MAX).max(1);
        std::thread::sleep(Duration::from_micros(chance.below(after)));
        child.kill().and_then(|()| child.wait()).map_err(|cause| cause.to_string())?;
        match usize::try_from(ask(&place, SCHEMA)?) {
            Ok(schema) if schema == from => ends.old += 1,
            Ok(schema) if schema == former::newest() => ends.new += 1,
            schema => return Err(format!("schema {schema:?} was found in the middle")),
        }
        all_is_there(&place)?;
        place.command(&["migrate", "--no-backup"], "")?;
        all_is_there(&place)?;
        place.check()?;
    }
    let began = Instant::now();
    Program::serve(&Arc::new(place))?.stop()?;
    println!("from schema {from}: {whole:.0?} undisturbed, served and stopped in {:.0?}", began.elapsed());
    Ok(ends)
}

fn all_is_there(place: &Place) -> Result<(), String> {
    for table in ["reservations", "occurrences", "claims", "resources"] {
        let count = ask(place, &format!("SELECT COUNT(*) FROM {table}"))?;
        if usize::try_from(count) != Ok(BOOKINGS) {
            return Err(format!("{count} {table} instead of {BOOKINGS}"));
        }
    }
    Ok(())
}

fn fill(place: &Place, schema: usize) -> Result<(), String> {
    let is_sqlite = place.url().starts_with("sqlite");
    if let Some(path) = place.url().strip_prefix("sqlite://") {
        std::fs::File::create(Path::new(path)).map_err(|cause| cause.to_string())?;
    }
    // One transaction, which of SQLite leaves nothing to be flushed a hundred thousand times.
    let sql = format!("BEGIN;\n{}\nCOMMIT;", former::house(is_sqlite, schema, BOOKINGS));
    on(place, async |conn| match conn {
        Conn::Sqlite(conn) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop),
        Conn::Postgres(conn) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop),
    })
}

/// The one number that a query gives.
fn ask(place: &Place, sql: &str) -> Result<i64, String> {
    let sql = AssertSqlSafe(sql.to_owned());
    on(place, async |conn| match conn {
        Conn::Sqlite(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
        Conn::Postgres(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
    })
}

enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

fn on<T>(place: &Place, ask: impl AsyncFnOnce(Conn<'_>) -> Result<T, sqlx::Error>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| cause.to_string())?;
    let done = runtime.block_on(async {
        if place.url().starts_with("sqlite") {
            let mut conn = SqliteConnection::connect(place.url()).await?;
            let done = ask(Conn::Sqlite(&mut conn)).await;
            conn.close().await?;
            done
        } else {
            let mut conn = PgConnection::connect(place.url()).await?;
            let done = ask(Conn::Postgres(&mut conn)).await;
            conn.close().await?;
            done
        }
    });
    done.map_err(|cause| cause.to_string())
}

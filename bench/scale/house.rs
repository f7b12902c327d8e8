//! A house of any size, written straight into the tables: rooms, people, and dates to come.

use std::path::Path;

use roomdav::store::{Options, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::Done;

/// Sunday, 28 February 2027, 08:00 UTC.
pub(crate) const NOW: i64 = 1_803_801_600;
/// The login of whoever asks.
pub(crate) const ASKER: &str = "asker";
/// The slug of the room that is asked.
pub(crate) const ASKED: &str = "room-50";

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) rooms: usize,
    /// Dates to come in each room, one on each day from 9 to 10 UTC; each room has a person of its own, who
    /// has booked them.
    pub(crate) dates: usize,
}

/// Makes it.
pub(crate) fn build(file: &Path, size: Size) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = format!("sqlite://{}", file.display());
        Store::open(&url, &Options::default()).await?.close().await;
        let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
        let mut conn = options.connect().await?;
        fill(&mut conn, size).await?;
        // So that the file may be copied.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await?;
        Ok(conn.close().await?)
    })
}

async fn fill(conn: &mut SqliteConnection, size: Size) -> Done {
    let Size { rooms, dates } = size;
    let mut transaction = conn.begin().await?;
    for statement in statements(rooms, dates) {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query("ANALYZE").execute(conn).await?;
    Ok(())
}

/// Person n has room n, calendar 2n is the room's and 2n + 1 the person's; the asker comes last.
fn statements(rooms: usize, dates: usize) -> Vec<String> {
    let people = rooms + 1;
    let numbers = |most: usize| {
        format!("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {most})")
    };
    let each =
        |most: usize, insert: &str, select: &str| format!("INSERT INTO {insert} {} {select}", numbers(most));
    let of_dates =
        format!("{}, d(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM d WHERE k + 1 < {dates})", numbers(rooms));
    let dated =
        |insert: &str, select: &str| format!("INSERT INTO {insert} {of_dates} SELECT {select} FROM c, d");
    let id = format!("(n - 1) * {dates} + k + 1");
    let start = format!("{NOW} + 3600 + 86400 * (k + 1)");
    let text = "'BEGIN:VCALENDAR' || char(13, 10) || 'VERSION:2.0' || char(13, 10) || 'PRODID:-//scale//EN' || char(13, 10)
        || 'BEGIN:VEVENT' || char(13, 10) || 'UID:u' || n || '-' || k || char(13, 10) || 'DTSTAMP:20270101T000000Z'
        || char(13, 10) || 'SUMMARY:Meeting' || char(13, 10) || 'END:VEVENT' || char(13, 10) || 'END:VCALENDAR' || char(13, 10)";
    vec![
        each(people, "users (id, login, name, uuid, created_at)", &format!(
            "SELECT n, CASE n WHEN {people} THEN '{ASKER}' ELSE 'person-' || n END, 'Person ' || n,
                printf('00000000-0000-4000-8000-%012d', n), {NOW} FROM c")),
        each(people, "addresses (address, user_id, position)",
            "SELECT 'mailto:person-' || n || '@example.org', n, 0 FROM c"),
        each(rooms, "spaces (id, name)", "SELECT n, 'room-' || n FROM c"),
        each(rooms, "rooms (id, slug, name, zone, email, uuid, seats, building, features, created_at)", &format!(
            "SELECT n, 'room-' || n, 'Room ' || n, 'Europe/Berlin', 'mailto:room-' || n || '@example.org',
                printf('00000000-0000-4000-9000-%012d', n), 4 + n % 20, 'House ' || (n % 50), '', {NOW} FROM c")),
        each(rooms, "room_spaces (room_id, space_id)", "SELECT n, n FROM c"),
        each(rooms, "calendars (id, kind, room_id, name, seq_nonce, created_at)",
            &format!("SELECT 2 * n, 'room', n, 'room-' || n, n, {NOW} FROM c")),
        each(people, "calendars (id, kind, user_id, name, seq_nonce, created_at)",
            &format!("SELECT 2 * n + 1, 'person', n, 'reservations', n, {NOW} FROM c")),
        "INSERT INTO changes (calendar_id, seq, nonce, name, removed, at)
            SELECT id, 0, seq_nonce, '', 0, created_at FROM calendars".to_owned(),
        dated("reservations (id, room_id, uid, owner_id, channel, source_id, summary, created_at, modified_at)",
            &format!("{id}, n, 'u' || n || '-' || k, n, 'direct', {id}, 'Meeting', {NOW} - 864000, {NOW}")),
        dated("occurrences (id, reservation_id, room_id, recur_at, start_at, end_at, state, claimed_at)",
            &format!("{id}, {id}, n, -1, {start}, {start} + 3600, 'confirmed', {NOW}")),
        dated("claims (occurrence_id, space_id, reservation_id, start_at, end_at)",
            &format!("{id}, n, {id}, {start}, {start} + 3600")),
        dated("resources (id, calendar_id, name, uid, mask_key, owner_id, reservation_id, text, size, etag,
                first_at, last_at, created_at, modified_at)",
            &format!("{id}, 2 * n, 'u' || n || '-' || k || '.ics', 'u' || n || '-' || k, 'k' || n || '-' || k, n, {id},
                CAST({text} AS BLOB), length({text}), 'e' || n || '-' || k, {start} - 86400, {start} + 90000, {NOW}, {NOW}")),
    ]
}

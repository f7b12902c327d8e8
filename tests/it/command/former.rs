//! A house as it was at a former schema, as SQL: made by the steps of that time, with bookings of the first
//! program in it, so that every step since then had something to change.
//!
//! Knows no program and no connection; `chaos/` uses it too.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// An hour before the first booking, in March of 2030.
const FIRST: i64 = 1_900_000_000 - 1_900_000_000 % 3600;

/// How many schemas there have been.
pub(crate) fn newest() -> usize {
    steps(true).len()
}

/// The text of each step, the first of number 1.
fn steps(is_sqlite: bool) -> Vec<String> {
    let kind = if is_sqlite { "sqlite" } else { "postgres" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(kind);
    let files = std::fs::read_dir(folder).expect("the repository has its schema");
    let mut files: Vec<_> = files.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).expect("it can be read")).collect()
}

/// Everything to be told to an empty database, so that it is at this schema with so many bookings: one room,
/// an hour each, one after the other.
pub(crate) fn house(is_sqlite: bool, schema: usize, count: usize) -> String {
    let steps = steps(is_sqlite);
    let (first, later) = steps[..schema].split_first().expect("schemas are counted from 1");
    let mut sql = format!("{first}\n{}\n{}\n", bookings(is_sqlite, count), later.join("\n"));
    let _ = writeln!(sql, "INSERT INTO meta (key, value) VALUES ('schema', '{schema}');");
    if is_sqlite {
        // "rmdv", at the head of our files.
        let _ = writeln!(sql, "PRAGMA application_id = 1919771766; PRAGMA user_version = {schema};");
    }
    sql
}

/// What the first schema took: a person, a room, and their bookings.
fn bookings(is_sqlite: bool, count: usize) -> String {
    let numbers = if is_sqlite {
        format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
    } else {
        format!("WITH n (i) AS (SELECT generate_series(1, {count}))")
    };
    let keys = if is_sqlite { "" } else { "OVERRIDING SYSTEM VALUE" };
    let off = if is_sqlite { "0" } else { "FALSE" };
    let on = if is_sqlite { "1" } else { "TRUE" };
    let insert = |table: &str, columns: &str, select: &str| {
        format!("INSERT INTO {table} ({columns}) {keys} {numbers} SELECT {select} FROM n;\n")
    };
    let mut sql = format!(
        "INSERT INTO users (id, login, name, uuid, created_at) {keys} VALUES (1, 'ada', 'Ada', 'u-1', 1);
         INSERT INTO addresses (address, user_id, position) VALUES ('mailto:ada@example.org', 1, 0);
         INSERT INTO spaces (id, name) {keys} VALUES (1, 'aula');
         INSERT INTO rooms (id, slug, name, zone, uuid, created_at) {keys}
             VALUES (1, 'aula', 'Aula', 'Etc/UTC', 'r-1', 1);
         INSERT INTO room_spaces (room_id, space_id) VALUES (1, 1);
         INSERT INTO calendars (id, kind, room_id, name, seq, seq_nonce, created_at) {keys}
             VALUES (1, 'room', 1, 'aula', {count}, {count}, 1);
         INSERT INTO calendars (id, kind, user_id, name, seq, seq_nonce, created_at) {keys}
             VALUES (2, 'person', 1, 'reservations', 0, 0, 1);
         INSERT INTO changes (calendar_id, seq, nonce, name, removed, at)
             VALUES (1, 0, 0, '', {off}, 1), (2, 0, 0, '', {off}, 1);\n",
    );
    sql.push_str(&insert(
        "reservations",
        "id, room_id, uid, owner_id, channel, source_id, summary, created_at, modified_at",
        "i, 1, 'u' || i, 1, 'direct', i, 'Booking', 1, 1",
    ));
    sql.push_str(&insert(
        "occurrences",
        "id, reservation_id, room_id, recur_at, start_at, end_at, state, claimed_at",
        &format!("i, i, 1, -1, {FIRST} + i * 3600, {FIRST} + (i + 1) * 3600, 'confirmed', 1"),
    ));
    sql.push_str(&members(is_sqlite, count));
    let claims = "occurrence_id, space_id, reservation_id, start_at, end_at, exclusive";
    let claim = format!("i, 1, i, {FIRST} + i * 3600, {FIRST} + (i + 1) * 3600, {on}");
    sql.push_str(&insert("claims", claims, &claim).replace(keys, ""));
    let changes = format!("1, i, i, i || '.ics', {off}, 1");
    sql.push_str(
        &insert("changes", "calendar_id, seq, nonce, name, removed, at", &changes).replace(keys, ""),
    );
    let secret = "5".repeat(64);
    let _ =
        writeln!(sql, "INSERT INTO meta (key, value) VALUES ('secret', '{secret}'), ('audit_from', '2');");
    if !is_sqlite {
        for table in ["users", "spaces", "rooms", "calendars", "reservations", "occurrences", "resources"] {
            let _ = writeln!(
                sql,
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}));"
            );
        }
    }
    sql
}

/// The members of the room's calendar, with the hashes of their texts.
fn members(is_sqlite: bool, count: usize) -> String {
    let first = jiff::Timestamp::from_second(FIRST).expect("it is a time");
    let mut sql = String::new();
    for i in 1..=count {
        let start = FIRST + 3600 * i64::try_from(i).expect("there are few");
        let shown = (first + jiff::SignedDuration::from_secs(start - FIRST)).strftime("%Y%m%dT%H%M%SZ");
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:u{i}\r\n\
             DTSTAMP:20270101T000000Z\r\nDTSTART:{shown}\r\nDURATION:PT1H\r\nSUMMARY:Booking\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let hex = |bytes: &[u8]| {
            bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
        };
        let etag = hex(&Sha256::digest(&text)[..16]);
        let blob = if is_sqlite { "x'" } else { "'\\x" };
        let keys = if is_sqlite { "" } else { "OVERRIDING SYSTEM VALUE" };
        let _ = writeln!(
            sql,
            "INSERT INTO resources (id, calendar_id, name, uid, mask_key, owner_id, reservation_id, text, size, \
             etag, first_at, last_at, created_at, modified_at) {keys} VALUES ({i}, 1, '{i}.ics', 'u{i}', 'm{i}', 1, \
             {i}, {blob}{}', {}, '{etag}', {start}, {}, 1, 1);",
            hex(text.as_bytes()),
            text.len(),
            start + 3600,
        );
    }
    sql
}

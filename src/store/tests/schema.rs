//! Opening, refusing to open, and whether both schemas and all statements fit together.

use std::collections::BTreeSet;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection, query, query_as};

use super::support::{add_person, few_connections, fresh_postgres, sqlite_path, sqlite_url};
use crate::store::{OpenError, Options, Store};

async fn open(url: &str) -> Result<Store, OpenError> {
    Store::open(url, &few_connections()).await
}

async fn fresh_sqlite(folder: &tempfile::TempDir) -> SqliteConnection {
    open(&sqlite_url(folder)).await.unwrap().close().await;
    SqliteConnection::connect(&sqlite_url(folder)).await.unwrap()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    const SQLITE: &str = "
        SELECT t.name, c.name
        FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%'";
    const POSTGRES: &str = "
        SELECT table_name::text, column_name::text
        FROM information_schema.columns
        WHERE table_schema = 'public'";
    let folder = tempfile::tempdir().unwrap();
    let mut conn = fresh_sqlite(&folder).await;
    let sqlite: Vec<(String, String)> = query_as(SQLITE).fetch_all(&mut conn).await.unwrap();
    assert!(sqlite.len() > 100);
    let Some(url) = fresh_postgres().await else { return };
    open(&url).await.unwrap().close().await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let postgres: Vec<(String, String)> = query_as(POSTGRES).fetch_all(&mut conn).await.unwrap();
    let (sqlite, postgres) = (BTreeSet::from_iter(sqlite), BTreeSet::from_iter(postgres));
    let differences: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(differences.is_empty(), "in one schema only: {differences:?}");
}

/// Every statement in the sources of this folder, as one database reads it.
fn statements(set: &str) -> Vec<String> {
    let mut found = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(path).unwrap();
        for part in source.split(": &str =").skip(1) {
            found.push(part.split('"').nth(1).unwrap().to_owned());
        }
        for part in source.split("set_sql!(").skip(1).filter(|part| part.trim_start().starts_with('"')) {
            let mut quoted = part.split('"').skip(1).step_by(2);
            found.push(format!("{}{set}{}", quoted.next().unwrap(), quoted.next().unwrap()));
        }
    }
    found.retain(|sql| {
        let verb = sql.split_whitespace().next().unwrap_or_default();
        // "…" is in examples.
        ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&verb) && !sql.contains('…')
    });
    found
}

#[tokio::test]
async fn every_statement_fits_the_tables() {
    // What only one of them is ever told.
    let for_postgres =
        ["FOR NO KEY UPDATE", "current_setting(", "to_regclass(", "information_schema", "pg_extension"];
    let for_sqlite = ["sqlite_", "'last_reservation'", "json_group_array"];
    let folder = tempfile::tempdir().unwrap();
    let mut conn = fresh_sqlite(&folder).await;
    let mut count = 0;
    for sql in statements("json_each($1)") {
        if for_postgres.iter().all(|word| !sql.contains(word)) {
            let prepared = conn.prepare(sqlx::AssertSqlSafe(sql.clone()).into_sql_str()).await;
            assert!(prepared.is_ok(), "{sql}: {:?}", prepared.err());
            count += 1;
        }
    }
    assert!(count > 40, "only {count} statements were found");
    let Some(url) = fresh_postgres().await else { return };
    open(&url).await.unwrap().close().await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    for sql in statements("json_array_elements(CAST($1 AS JSON))") {
        if for_sqlite.iter().all(|word| !sql.contains(word)) {
            let prepared = conn.prepare(sqlx::AssertSqlSafe(sql.clone()).into_sql_str()).await;
            assert!(prepared.is_ok(), "{sql}: {:?}", prepared.err());
        }
    }
}

#[tokio::test]
async fn a_store_opened_again_has_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![sqlite_url(&folder)];
    urls.extend(fresh_postgres().await);
    for url in urls {
        let store = open(&url).await.unwrap();
        add_person(&store, "ada").await;
        store.close().await;
        let store = open(&url).await.unwrap();
        let mut snapshot = store.snapshot().await.unwrap();
        assert_eq!(snapshot.tx().users().list().await.unwrap().len(), 1);
        drop(snapshot);
        store.close().await;
    }
}

#[tokio::test]
async fn two_that_open_an_empty_database_at_once_make_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![sqlite_url(&folder)];
    urls.extend(fresh_postgres().await);
    for url in urls {
        let (one, other) = tokio::join!(open(&url), open(&url));
        let (one, other) = (one.unwrap(), other.unwrap());
        let secret =
            async |store: &Store| store.snapshot().await.unwrap().tx().meta().secret().await.unwrap();
        assert_eq!(secret(&one).await, secret(&other).await);
        one.close().await;
        other.close().await;
    }
}

// An older program that meets a newer schema writes nothing.
#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = fresh_sqlite(&folder).await;
    query("PRAGMA user_version = 99").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let before = std::fs::read(sqlite_path(&folder)).unwrap();
    for upgrade in [false, true] {
        let refused = Store::open(&sqlite_url(&folder), &Options { upgrade, ..Options::default() }).await;
        assert!(matches!(refused, Err(OpenError::Newer { found: 99, .. })));
    }
    assert!(std::fs::read(sqlite_path(&folder)).unwrap() == before, "P-13: not a byte is written");
    let Some(url) = fresh_postgres().await else { return };
    open(&url).await.unwrap().close().await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    query("UPDATE meta SET value = '99' WHERE key = 'schema'").execute(&mut conn).await.unwrap();
    assert!(matches!(open(&url).await, Err(OpenError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(sqlite_path(&folder).parent().unwrap()).unwrap();
    let create =
        sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite_path(&folder)).create_if_missing(true);
    let mut conn = SqliteConnection::connect_with(&create).await.unwrap();
    query("CREATE TABLE recipes (id INTEGER)").execute(&mut conn).await.unwrap();
    assert!(matches!(open(&sqlite_url(&folder)).await, Err(OpenError::Foreign(_))));
    let Some(url) = fresh_postgres().await else { return };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    query("CREATE TABLE recipes (id INTEGER)").execute(&mut conn).await.unwrap();
    assert!(matches!(open(&url).await, Err(OpenError::Foreign(_))));
}

// P-1: a server whose commits do not reach the disk is not used.
#[tokio::test]
async fn a_postgresql_that_does_not_wait_for_its_log_is_refused() {
    let Some(url) = fresh_postgres().await else { return };
    let lax = format!("{url}?options=-c%20synchronous_commit%3Doff");
    let refused = open(&lax).await;
    assert!(matches!(refused, Err(OpenError::Setting { name: "synchronous_commit", .. })));
}

// F-16: the second server refuses to start and names the first; commands work beside it.
#[tokio::test]
async fn one_server_holds_a_file_and_commands_work_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(&sqlite_url(&folder)).await.unwrap();
    server.hold_exclusively().unwrap();
    let command = open(&sqlite_url(&folder)).await.unwrap();
    add_person(&command, "ada").await;
    let refused = command.hold_exclusively().unwrap_err().to_string();
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    server.close().await;
    command.hold_exclusively().unwrap();
    command.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_folder_are_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fresh_sqlite(&folder).await.close().await.unwrap();
    let path = sqlite_path(&folder);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_url_of_neither_kind_is_refused() {
    for url in ["mysql://host/db", "roomdav.sqlite", "sqlite::memory:"] {
        assert!(matches!(Store::open(url, &Options::default()).await, Err(OpenError::Url)), "{url}");
    }
}

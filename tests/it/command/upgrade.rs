//! `migrate`: from every schema there ever was, with the way back made first (P-13, T-17).

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, query_scalar};

use super::{House, former, on_both};

/// Makes the house as it was at this schema.
async fn make(house: &House, schema: usize, count: usize) {
    if house.is_sqlite() {
        std::fs::create_dir_all(house.path().join("data")).unwrap();
        std::fs::File::create(file(house)).unwrap();
    }
    house.sql(&former::house(house.is_sqlite(), schema, count)).await;
}

fn file(house: &House) -> std::path::PathBuf {
    house.path().join("data/house.sqlite")
}

/// The one number that a query gives.
async fn number(house: &House, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    if house.is_sqlite() {
        let mut conn =
            SqliteConnection::connect(&format!("sqlite://{}", file(house).display())).await.unwrap();
        query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    } else {
        let mut conn = PgConnection::connect(house.url()).await.unwrap();
        query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }
}

async fn schema(house: &House) -> i64 {
    number(house, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'schema'").await
}

fn backups(house: &House) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(house.path().join("data")) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains(".schema-")).collect()
}

const BOOKINGS: usize = 60;

#[tokio::test]
async fn every_schema_there_ever_was_becomes_the_newest_with_all_that_was_in_it() {
    on_both(async |first| {
        for from in 1..former::newest() {
            let house = first.another().await;
            make(&house, from, BOOKINGS).await;
            let said = house.ok(&["migrate"]);
            let wanted = format!("it went from schema {from} to {}\n", former::newest());
            assert!(said.ends_with(&wanted), "{said}");
            assert_eq!(house.ok(&["check"]), "all is well\n", "from {from}");
            assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), BOOKINGS);
            assert_eq!(house.start("serve").stop(), Some(0));
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_brought_up_to_date_is_kept_as_it_was() {
    let house = House::new();
    make(&house, 3, BOOKINGS).await;
    let said = house.ok(&["migrate"]);
    let kept = backups(&house);
    assert_eq!(kept, ["house.sqlite.schema-3.20270228T080000Z"], "{said}");
    assert!(said.starts_with("what was there is in data/house.sqlite.schema-3."), "{said}");
    let held = house.json(&["restore", "--check", &format!("data/{}", kept[0])]);
    assert_eq!((held["schema"].as_i64(), held["rows"]["reservations"].as_i64()), (Some(3), Some(60)));
    assert!(held["checked"].as_str().unwrap().contains("roomdav migrate"), "{held}");

    // The way back, and forward again.
    house.ok(&["restore", &format!("data/{}", kept[0])]);
    assert_eq!(schema(&house).await, 3);
    house.ok(&["migrate", "--no-backup"]);
    assert_eq!(backups(&house), kept);
    assert_eq!(house.ok(&["check"]), "all is well\n");
    assert!(house.ok(&["migrate"]).ends_with(&format!("it is schema {}\n", former::newest())));
    assert_eq!(backups(&house), kept, "where nothing is done there is nothing to go back to");
}

#[tokio::test]
async fn a_backup_that_is_asked_for_is_made_first_or_nothing_is_done() {
    on_both(async |house| {
        make(&house, 3, BOOKINGS).await;
        house.file("taken", "dear");
        house.run(&["migrate", "--backup", "taken"]).refused("taken is there already");
        assert_eq!(schema(&house).await, 3);
        house.ok(&["migrate", "--backup", "copy"]);
        assert_eq!(house.json(&["restore", "--check", "copy"])["schema"], 3);
        assert_eq!(backups(&house), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_older_schema_is_named_with_what_to_do_and_left_alone() {
    on_both(async |house| {
        make(&house, 3, BOOKINGS).await;
        for command in ["serve", "check", "demo"] {
            let ran = house.run(&[command]);
            assert_eq!(ran.code, 1);
            assert!(ran.err.trim_end().ends_with("run \"roomdav migrate\""), "{}", ran.err);
        }
        assert_eq!(schema(&house).await, 3);
    })
    .await;
}

#[test]
fn a_file_that_is_served_is_not_brought_up_to_date() {
    let house = House::furnished();
    let server = house.start("serve");
    house.run(&["migrate"]).refused("another server uses");
    assert_eq!(server.stop(), Some(0));
}

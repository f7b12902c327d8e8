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

// Servers are replaced one by one, then the database is brought up to date under them.
#[tokio::test]
async fn the_last_schema_is_served_as_it_is_and_changed_under_two_servers() {
    let Some(house) = House::on_postgres().await else { return };
    let last = former::newest() - 1;
    make(&house, last, BOOKINGS).await;
    house.typed("secret\n", &["user", "password", "ada", "--password-stdin"]).ok();
    let (one, other) = (house.start("serve"), house.start("serve"));
    assert_eq!(house.ok(&["check"]), "all is well\n");
    assert_eq!(schema(&house).await, i64::try_from(last).unwrap());
    let book = |name: &str, hour: usize| {
        let file = house.file(&format!("{name}.ics"), &event(name, hour));
        house.ok(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
    };
    book("before", 8);
    house.ok(&["migrate"]);
    book("after", 9);
    // What is new begins by itself.
    house
        .sql(
            "INSERT INTO requests (room, organizer, starts, ends) \
              VALUES ('aula', 'ada', '2027-03-01T12:00:00', '2027-03-01T13:00:00')",
        )
        .await;
    let asked = std::time::Instant::now();
    while number(&house, "SELECT COUNT(*) FROM requests WHERE state = 'booked'").await == 0 {
        assert!(asked.elapsed() < std::time::Duration::from_secs(20), "nobody decides");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for server in [&one, &other] {
        assert_ne!(server.status("ada", "secret"), 401);
    }
    assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), BOOKINGS + 3);
    assert_eq!(house.ok(&["check"]), "all is well\n");
    assert_eq!((one.stop(), other.stop()), (Some(0), Some(0)));
}

fn event(uid: &str, hour: usize) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T{hour:02}0000Z\r\nDURATION:PT1H\r\nSUMMARY:x\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

//! `backup` and `restore`: a file with one state, what it holds, and the way back (P-12).

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{House, on_both};

/// The demo's house, of which something was given up last.
fn lived_in(house: &House) {
    assert_eq!(house.start("demo").stop(), Some(0));
    let first = house.json(&["reservation", "list"])[0]["id"].to_string();
    house.file("clock", "2027-02-28T09:30:00Z");
    house.ok(&["reservation", "cancel", &first]);
}

/// Everything that is said about the house, to be held against another one.
fn told(house: &House) -> Vec<serde_json::Value> {
    [&["reservation", "list"][..], &["room", "list"], &["user", "list"], &["audit"], &["notices", "list"]]
        .iter()
        .map(|command| house.json(command))
        .collect()
}

#[tokio::test]
async fn a_backup_beside_a_server_is_the_whole_house_and_can_be_put_back() {
    on_both(async |house| {
        lived_in(&house);
        let server = house.start("serve");
        let made = house.json(&["backup", "copy"]);
        let file = house.path().join("copy");
        assert_eq!(made["bytes"], std::fs::metadata(&file).unwrap().len());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let names: Vec<_> =
            std::fs::read_dir(house.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains("partial")), "{names:?}");
        let wanted = told(&house);
        assert_eq!(server.stop(), Some(0));

        let held = house.json(&["restore", "--check", "copy"]);
        assert_eq!(held["newest_change"]["at"], "2027-02-28T09:30:00Z");
        assert_eq!(held["newest_change"]["removed"], true);
        assert_eq!(
            (&held["rows"]["rooms"], &held["findings"]),
            (&json!(wanted[1].as_array().unwrap().len()), &json!([]))
        );

        let other = house.another().await;
        std::fs::copy(&file, other.path().join("copy")).unwrap();
        let restored = other.ok(&["restore", "copy"]);
        assert!(restored.contains("is what it was at 2027-02-28T09:30:00Z"), "{restored}");
        assert_eq!(told(&other), wanted);
        assert_eq!(other.ok(&["check"]), "all is well\n");
        let server = other.start("serve");
        assert_eq!(server.stop(), Some(0));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_overwritten_by_a_backup() {
    on_both(async |house| {
        house.furnish();
        house.file("copy", "dear");
        house.run(&["backup", "copy"]).refused("copy is there already");
        assert_eq!(std::fs::read_to_string(house.path().join("copy")).unwrap(), "dear");
        house.run(&["backup", "nowhere/copy"]).refused("cannot use nowhere/copy");
        assert!(!house.path().join("nowhere").exists());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    on_both(async |house| {
        lived_in(&house);
        let wanted = told(&house);
        house.ok(&["backup", "copy"]);
        let bytes = std::fs::read(house.path().join("copy")).unwrap();
        std::fs::write(house.path().join("half"), &bytes[..bytes.len() / 2]).unwrap();
        house.file("text", "no backup at all");
        house.file("empty", "");
        let other = house.another().await;
        for (name, words) in [("half", "no backup of roomdav"), ("text", "neither"), ("empty", "neither")] {
            let file = house.path().join(name);
            house.run(&["restore", "--check", file.to_str().unwrap()]).refused(words);
            other.run(&["restore", file.to_str().unwrap()]).refused(words);
        }
        house.run(&["restore", "--check", "none"]).refused("cannot use none");
        assert_eq!(told(&house), wanted);
        assert_eq!(other.json(&["room", "list"]), json!([]), "nothing came of it");
    })
    .await;
}

#[tokio::test]
async fn damage_in_a_backup_is_told_before_it_is_needed() {
    let house = House::new();
    lived_in(&house);
    house.sql("UPDATE resources SET etag = 'x' WHERE id = (SELECT MIN(id) FROM resources)").await;
    house.ok(&["backup", "copy"]);
    let ran = house.run(&["restore", "--check", "copy"]).refused("1 finding");
    assert!(ran.out.contains("no hash of its text"), "{}", ran.out);
}

#[tokio::test]
async fn what_a_restored_file_replaces_is_kept_with_its_log() {
    let house = House::new();
    lived_in(&house);
    house.ok(&["backup", "copy"]);
    let wanted = told(&house);
    house.ok(&["room", "add", "later", "--name", "Later", "--zone", "Etc/UTC"]);
    // As after a crash: the log of the lost file lies there still, and is poison for another one.
    let data = house.path().join("data");
    let log = data.join("house.sqlite-wal");
    std::fs::write(&log, b"what was written last").unwrap();

    let restored = house.json(&["restore", "copy"]);
    assert_eq!(restored["kept"], "data/house.sqlite.replaced-1");
    assert!(!log.exists());
    assert_eq!(std::fs::read(data.join("house.sqlite.replaced-1-wal")).unwrap(), b"what was written last");
    assert_eq!(told(&house), wanted);
    assert!(!house.ok(&["room", "list"]).contains("later"));
    assert_eq!(house.json(&["restore", "copy"])["kept"], "data/house.sqlite.replaced-2");
    assert_eq!(house.ok(&["check"]), "all is well\n");
}

#[tokio::test]
async fn a_database_that_is_served_or_filled_is_not_replaced() {
    on_both(async |house| {
        lived_in(&house);
        house.ok(&["backup", "copy"]);
        let wanted = told(&house);
        let server = house.start("serve");
        let words = if house.is_sqlite() { "another server uses" } else { "not empty" };
        house.run(&["restore", "copy"]).refused(words);
        assert_eq!(server.stop(), Some(0));
        assert_eq!(told(&house), wanted);
        if !house.is_sqlite() {
            let file = house.path().join("copy");
            House::new().run(&["restore", file.to_str().unwrap()]).refused("a backup of PostgreSQL");
        }
    })
    .await;
}

#[test]
fn a_copy_without_the_log_that_lies_beside_it_is_no_backup() {
    let house = House::furnished();
    house.ok(&["backup", "copy"]);
    house.file("copy-wal", "the rest");
    house.run(&["restore", "--check", "copy"]).refused("what was written last lies in copy-wal");
}

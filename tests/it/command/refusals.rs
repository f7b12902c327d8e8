//! What is not done: exit code 1 with one clear line, exit code 2 for wrong usage.

use super::{House, on_both};

#[test]
fn wrong_usage_ends_with_code_2_and_help_with_0() {
    let house = House::new();
    for args in [
        &["frobnicate"][..],
        &["user", "add", "Ada", "--email", "a@b"],
        &["user", "add", "ada"],
        &["user", "add", "ada", "--email", "nowhere"],
        &["room", "add", "a", "--name", "A", "--zone", "Mars/Base"],
        &["room", "set", "a", "novalue"],
        &["user", "app-password", "add", "ada", "--label", "x", "--mode", "odd"],
    ] {
        let ran = house.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    assert_eq!(house.run(&["--help"]).code, 0);
    assert_eq!(house.run(&["--version"]).ok(), "roomdav 0.1.0\n");
}

#[test]
fn what_is_not_there_or_there_already_is_refused_with_its_name() {
    let house = House::furnished();
    for (args, words) in [
        (&["user", "add", "ada", "--email", "other@example.org"][..], "there is a user ada already"),
        (&["user", "add", "carl", "--email", "ADA@example.org"], "ada@example.org is the address of ada"),
        (&["user", "show", "carl"], "there is no user carl"),
        (&["user", "set", "ada", "shoe=42"], "there are name, email, language, refusals, admin"),
        (&["user", "set", "ada", "refusals=odd"], "possible: auto, strict, friendly"),
        (&["user", "set", "bob", "email=ada@example.org"], "ada@example.org is the address of ada"),
        (&["user", "password", "ada"], "use --password-stdin"),
        (&["room", "add", "aula", "--name", "A", "--zone", "UTC"], "there is a room aula already"),
        (&["room", "add", "b", "--name", "B", "--zone", "UTC", "--parts", "aula,c"], "there is no room c"),
        (
            &["room", "add", "b", "--name", "B", "--zone", "UTC", "--email", "bob@example.org"],
            "the address of a user",
        ),
        (&["room", "show", "nowhere"], "there is no room nowhere"),
        (&["room", "grant", "aula", "group:none", "book"], "there is no group none"),
        (&["room", "grant", "aula", "ada", "everything"], "free-busy, busy-with-name, details, manage, book"),
        (&["group", "member", "add", "staff", "ada"], "there is no group staff"),
        (&["reservation", "show", "77"], "there is no reservation 77"),
        (
            &["block", "add", "aula", "--from", "soon", "--to", "later", "--reason", "x"],
            "\"soon\" is no time",
        ),
        (
            &["block", "add", "aula", "--from", "2027-03-02", "--to", "2027-03-01", "--reason", "x"],
            "ends after it begins",
        ),
        (&["export", "--room", "nowhere"], "there is no room nowhere"),
    ] {
        house.run(args).refused(words);
    }
    assert_eq!(house.json(&["user", "list"]).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_with_what_is_possible_and_nothing_is_kept() {
    on_both(async |house| {
        house.furnish();
        for (pairs, words) in [
            (&["colour=red"][..], "there are name, zone, email, seats, building, floor, features, mode"),
            (&["viewer=details", "mode=maybe"], "mode cannot be \"maybe\"; possible: auto, approve, off"),
            (&["zone=Mars/Base"], "zone cannot be"),
            (&["seats=many"], "possible: a number, none"),
            (&["book=nobody-i-know"], "there is no user nobody-i-know"),
            (&["email=ada@example.org"], "the address of a user"),
        ] {
            house.run(&[&["room", "set", "aula"], pairs].concat()).refused(words);
        }
        let settings = house.json(&["room", "show", "aula"])["settings"].clone();
        let settings = settings.as_array().unwrap();
        assert!(!settings.is_empty());
        assert!(settings.iter().all(|one| one["set_by"] == "default"), "{settings:?}");
    })
    .await;
}

const BOOKED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n\
    BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\nDTEND:20270301T100000Z\r\nSUMMARY:First\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:b\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270301T093000Z\r\nDTEND:20270301T103000Z\r\nSUMMARY:Second\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[tokio::test]
async fn what_would_take_the_room_from_reservations_is_refused_with_their_list() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "add", "both", "--name", "Both", "--zone", "UTC", "--parts", "aula,lab"]);
        house.run(&["room", "set", "both", "units=2"]).refused("set the units of its parts");
        house.ok(&["room", "set", "aula", "units=2"]);
        let file = house.file("two.ics", BOOKED);
        house.ok(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
        assert_eq!(house.json(&["check"]), serde_json::json!([]));

        // R132: the latest claim; both were made at once, so the one that was made after.
        let shown =
            house.run(&["room", "set", "aula", "units=1"]).refused("1 dates would lose the room; --yes");
        assert!(shown.out.contains("Second") && !shown.out.contains("First"), "R132: {}", shown.out);
        house.run(&["room", "remove", "aula"]).refused("--yes cancels them");

        house.ok(&["room", "remove", "aula", "--yes"]);
        assert_eq!(
            house.json(&["reservation", "list", "--room", "aula", "--from", "2027-03-01"]),
            serde_json::json!([])
        );
        assert!(
            !house.json(&["notices", "list", "--to", "ada"]).as_array().unwrap().is_empty(),
            "the owner is told"
        );
        house.run(&["room", "set", "aula", "units=1"]).refused("room aula was removed");
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

#[tokio::test]
async fn units_can_be_lowered_again_once_nothing_stands_side_by_side() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "set", "aula", "units=2"]);
        let file = house.file("two.ics", BOOKED);
        house.ok(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
        let second = house.json(&["reservation", "list"])[1]["id"].to_string();
        house.ok(&["reservation", "cancel", &second]);
        house.ok(&["room", "set", "aula", "units=1"]);
        assert_eq!(house.json(&["check"]), serde_json::json!([]), "claims to come are exclusive now");
        let third = house.file("third.ics", &BOOKED.replace("UID:a", "UID:c").replace("UID:b", "UID:d"));
        house
            .run(&["import", third.to_str().unwrap(), "--room", "aula", "--as", "bob"])
            .refused("2 of 2 refused");
    })
    .await;
}

#[test]
fn all_mistakes_of_the_configuration_are_told_at_once() {
    let house = House::new();
    house.file(
        "config.toml",
        "colour = 1\n[server]\nlisten = \"x\"\n[booking]\ngrid = \"often\"\nunits = 3\n[limits]\nattendees = 0\n",
    );
    for command in ["serve", "demo", "migrate", "check"] {
        let ran = house.run(&[command]).refused("the configuration has mistakes");
        // `server.listen` is overruled by the environment of these tests.
        for key in ["colour", "booking.grid", "booking.units", "limits.attendees"] {
            assert!(ran.err.contains(&format!("\n  {key} ")), "{key}: {}", ran.err);
        }
    }
    house.run(&["--config", "other.toml", "check"]).refused("other.toml cannot be read");
    assert!(!house.path().join("data").exists(), "nothing was made");
}

//! The shape of every listing: arrays of objects with an `id`, and a slug or login where there is
//! one; times as RFC 3339 with the room's offset.

use super::{House, on_both};

#[tokio::test]
async fn people_and_groups_are_listed_with_login_and_members() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["group", "add", "staff"]);
        house.ok(&["group", "member", "add", "staff", "bob"]);
        house.ok(&["user", "set", "bob", "email=b@example.org", "email=bob@example.org", "language=de"]);
        house.ok(&["user", "disable", "bob"]);
        let bob = &house.json(&["user", "list"])[1];
        assert_eq!(bob["login"], "bob");
        assert_eq!(bob["id"], 2);
        assert_eq!(bob["name"], "Bob B.");
        assert_eq!(bob["email"], serde_json::json!(["b@example.org", "bob@example.org"]));
        assert_eq!(bob["groups"], serde_json::json!(["staff"]));
        assert_eq!(
            (&bob["disabled"], &bob["admin"], &bob["refusals"]),
            (&true.into(), &false.into(), &"auto".into())
        );
        let mut shown = house.json(&["user", "show", "bob"]);
        for delegates in ["read_delegates", "write_delegates"] {
            let of = shown.as_object_mut().and_then(|shown| shown.remove(delegates));
            assert_eq!(of, Some(serde_json::json!([])));
        }
        assert_eq!(shown, *bob);
        house.ok(&["user", "set", "bob", "write_delegates=ada", "read_delegates=none"]);
        assert_eq!(house.json(&["user", "show", "bob"])["write_delegates"], serde_json::json!(["ada"]));
        let groups = house.json(&["group", "list"]);
        assert_eq!(groups[0]["name"], "staff");
        assert_eq!(groups[0]["members"], serde_json::json!(["bob"]));
        house.ok(&["group", "member", "remove", "staff", "bob"]);
        assert_eq!(house.json(&["group", "list"])[0]["members"], serde_json::json!([]));
        let text = house.ok(&["user", "list"]);
        assert!(text.starts_with("ID  LOGIN  NAME"), "{text}");
    })
    .await;
}

#[test]
fn an_app_password_is_shown_once_and_listed_without_its_secret() {
    let house = House::furnished();
    let made = house.json(&["user", "app-password", "add", "ada", "--label", "phone", "--mode", "strict"]);
    let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "password"]);
    let listed = house.json(&["user", "app-password", "list", "ada"]);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["label"], &listed[0]["mode"]),
        (&made["id"], &"phone".into(), &"strict".into())
    );
    assert_eq!(listed[0]["last_used_at"], serde_json::Value::Null);
    assert!(!listed.to_string().contains(made["password"].as_str().unwrap().split_once('-').unwrap().1));
    house.ok(&["user", "app-password", "revoke", "ada", &made["id"].to_string()]);
    assert_eq!(house.json(&["user", "app-password", "list", "ada"]), serde_json::json!([]));
    house.run(&["user", "app-password", "revoke", "bob", "1"]).refused("bob has no app password 1");
}

#[tokio::test]
async fn rooms_are_listed_with_slug_and_shown_with_settings_and_grants() {
    on_both(async |house| {
        house.furnish();
        house.ok(&[
            "room",
            "add",
            "both",
            "--name",
            "Both",
            "--zone",
            "Europe/Berlin",
            "--parts",
            "aula,lab",
            "--email",
            "both@example.org",
            "--features",
            "screen, piano",
            "--building",
            "Main",
            "--floor",
            "2",
        ]);
        house.ok(&[
            "room",
            "set",
            "both",
            "viewer=free-busy",
            "seats=120",
            "building=none",
            "name=Both rooms",
        ]);
        house.ok(&["room", "grant", "both", "ada", "details"]);
        house.ok(&["room", "grant", "both", "ada", "book"]);
        house.ok(&["room", "grant", "both", "ada", "busy-with-name"]);
        let rooms = house.json(&["room", "list"]);
        let slugs: Vec<_> =
            rooms.as_array().unwrap().iter().map(|room| room["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs, ["aula", "both", "lab"]);
        let both = house.json(&["room", "show", "both"]);
        assert_eq!(both["id"], rooms[1]["id"]);
        assert_eq!(both["parts"], serde_json::json!(["aula", "lab"]));
        assert_eq!(both["features"], serde_json::json!(["screen", "piano"]));
        assert_eq!(
            (&both["seats"], &both["building"], &both["name"]),
            (&120.into(), &serde_json::Value::Null, &"Both rooms".into())
        );
        let grants = serde_json::json!([
            {"principal": "ada", "level": "book"}, {"principal": "ada", "level": "busy-with-name"},
        ]);
        assert_eq!(both["grants"], grants, "a viewer level replaces the former one");
        let viewer = both["settings"].as_array().unwrap().iter().find(|one| one["key"] == "viewer").unwrap();
        assert_eq!((&viewer["value"], &viewer["set_by"]), (&"free-busy".into(), &"room".into()));
        house.ok(&["room", "grant", "both", "ada", "none"]);
        house.ok(&["room", "set", "both", "viewer=default"]);
        let both = house.json(&["room", "show", "both"]);
        assert_eq!(both["grants"], serde_json::json!([]));
        let viewer = both["settings"].as_array().unwrap().iter().find(|one| one["key"] == "viewer").unwrap();
        assert_eq!((&viewer["value"], &viewer["set_by"]), (&"busy-with-name".into(), &"default".into()));
    })
    .await;
}

#[tokio::test]
async fn blocks_are_listed_in_the_rooms_own_time() {
    on_both(async |house| {
        house.furnish();
        let made = house.json(&[
            "block",
            "add",
            "lab",
            "--from",
            "2027-03-01T09:00",
            "--to",
            "2027-03-01T23:00:00Z",
            "--rrule",
            "FREQ=WEEKLY",
            "--reason",
            "cleaning",
        ]);
        let blocks = house.json(&["block", "list", "--room", "lab"]);
        assert_eq!(blocks[0]["id"], made["id"]);
        assert_eq!(blocks[0]["room"], "lab");
        assert_eq!(blocks[0]["from"], "2027-03-01T09:00:00-05:00");
        assert_eq!(blocks[0]["to"], "2027-03-01T18:00:00-05:00");
        assert_eq!((&blocks[0]["rrule"], &blocks[0]["reason"]), (&"FREQ=WEEKLY".into(), &"cleaning".into()));
        assert_eq!(house.json(&["block", "list", "--room", "aula"]), serde_json::json!([]));
        house.ok(&["block", "remove", &made["id"].to_string()]);
        house.run(&["block", "remove", &made["id"].to_string()]).refused("there is no block");
        assert_eq!(house.json(&["block", "list"]), serde_json::json!([]));
    })
    .await;
}

const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:weekly\r\n\
    DTSTAMP:20270101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20270301T090000\r\nDURATION:PT1H\r\n\
    RRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Choir\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[tokio::test]
async fn reservations_decisions_and_messages_are_listed_and_one_date_is_cancelled() {
    on_both(async |house| {
        house.furnish();
        let file = house.file("weekly.ics", SERIES);
        house.ok(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
        let listed = house.json(&["reservation", "list", "--room", "aula", "--user", "ada"]);
        let one = &listed[0];
        let id = one["id"].to_string();
        assert_eq!(
            (&one["room"], &one["user"], &one["uid"]),
            (&"aula".into(), &"ada".into(), &"weekly".into())
        );
        assert_eq!(
            (&one["start"], &one["state"]),
            (&"2027-03-01T09:00:00+01:00".into(), &"confirmed".into())
        );
        assert_eq!(one["occurrences"].as_array().unwrap().len(), 3);
        let later =
            house.json(&["reservation", "list", "--from", "2027-03-10", "--to", "2027-04-01T00:00:00Z"]);
        assert_eq!(later[0]["start"], "2027-03-15T09:00:00+01:00");
        assert_eq!(house.json(&["reservation", "list", "--user", "bob"]), serde_json::json!([]));

        house.run(&["reservation", "cancel", &id, "--occurrence", "2027-03-09T09:00"]).refused("no date");
        house.ok(&["reservation", "cancel", &id, "--occurrence", "2027-03-08T09:00"]);
        let shown = house.json(&["reservation", "show", &id]);
        let states: Vec<_> = shown["occurrences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["confirmed", "cancelled", "confirmed"], "R89");
        assert_eq!(shown["member"], "rooms/aula/weekly.ics");

        let notices = house.json(&["notices", "list", "--to", "ada"]);
        assert_eq!((&notices[0]["to"], &notices[0]["room"]), (&"ada".into(), &"aula".into()));
        assert_eq!(notices[0]["created_at"], "2027-02-28T09:00:00+01:00");
        assert!(notices[0]["id"].is_i64() && notices[0]["state"] == "waiting");
        let audit = house.json(&["audit", "--room", "aula", "--since", "2027-02-28"]);
        assert!(audit.as_array().unwrap().iter().all(|row| row["id"].is_i64() && row["rule"] != ""), "R150");
        assert_eq!(audit[0]["at"], "2027-02-28T09:00:00+01:00");
        assert_eq!(house.json(&["audit", "--since", "2027-03-01"]), serde_json::json!([]));

        house.ok(&["reservation", "cancel", &id]);
        assert_eq!(house.json(&["reservation", "list", "--from", "2027-03-01"]), serde_json::json!([]));
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

// R73 by command: whole, by date, with a remark
#[tokio::test]
async fn what_waits_is_listed_approved_and_declined() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "set", "aula", "mode=approve"]);
        let file = house.file("weekly.ics", SERIES);
        house.ok(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
        let listed = house.json(&["reservation", "list", "--room", "aula"]);
        let id = listed[0]["id"].to_string();
        assert_eq!(
            (&listed[0]["state"], &listed[0]["expires_at"]),
            (&"held".into(), &"2027-03-01T08:00:00+01:00".into())
        );
        house.run(&["reservation", "approve", &id, "--occurrence", "2027-03-09T09:00"]).refused("no date");
        house.ok(&["reservation", "decline", &id, "--occurrence", "2027-03-08T09:00", "--remark", "Exams"]);
        let approved = house.json(&["reservation", "approve", &id]);
        assert_eq!((&approved["approved"], &approved["id"].to_string()), (&true.into(), &id));
        let shown = house.json(&["reservation", "show", &id]);
        let states: Vec<_> = shown["occurrences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["confirmed", "declined", "confirmed"]);
        assert_eq!(shown["expires_at"], serde_json::Value::Null);
        let notices = house.json(&["notices", "list", "--to", "ada"]);
        assert_eq!(notices[0]["subject"], "Approved: Choir");
        assert!(notices[1]["body"].as_str().unwrap().contains("Exams"), "{notices}");
        // What is not in the text any more cannot be given.
        house
            .run(&["reservation", "approve", &id, "--occurrence", "2027-03-08T09:00"])
            .refused("nothing of it waits");
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

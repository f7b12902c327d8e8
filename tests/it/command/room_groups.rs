//! `room group`, and what `room show` says of where a setting was made.

use serde_json::{Value, json};

use super::on_both;

fn setting<'a>(shown: &'a Value, key: &str) -> (&'a str, &'a str) {
    let rows = shown["settings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["key"] == key).unwrap();
    (row["value"].as_str().unwrap(), row["set_by"].as_str().unwrap())
}

// Section 19: the answer names the level
#[tokio::test]
async fn settings_are_shown_with_the_level_that_made_them() {
    on_both(async |house| {
        house.furnish();
        house.file("config.toml", "[booking]\nwindow_days = 100\nquotas = \"5 bookings/week\"\n");
        assert_eq!(house.json(&["room", "group", "add", "wing", "lab", "aula"])["name"], "wing");
        house.ok(&["room", "group", "add", "small"]);
        house.ok(&["room", "group", "set", "wing", "grid=30m", "quotas=20h/month", "hold_ttl=10h"]);
        house.ok(&["room", "group", "set", "small", "grid=15m", "hold_ttl=1h"]);
        let said = house.ok(&["room", "group", "member", "add", "small", "aula"]);
        assert_eq!(said, "aula is in small now\n");
        house.ok(&["room", "set", "aula", "setup=5m"]);
        let aula = house.json(&["room", "show", "aula"]);
        assert_eq!(setting(&aula, "window_days"), ("100", "organisation"));
        assert_eq!(setting(&aula, "grid"), ("30m", "group:wing"));
        assert_eq!(setting(&aula, "hold_ttl"), ("1h", "group:small"));
        assert_eq!(setting(&aula, "setup"), ("5m", "room"));
        assert_eq!(setting(&aula, "teardown"), ("0m", "default"));
        assert_eq!(setting(&aula, "quotas"), ("5 bookings/week,20h/month", "organisation,group:wing"));
        house.ok(&["room", "group", "member", "remove", "wing", "aula"]);
        assert_eq!(setting(&house.json(&["room", "show", "aula"]), "grid"), ("15m", "group:small"));
        house.ok(&["room", "group", "remove", "small"]);
        assert_eq!(setting(&house.json(&["room", "show", "aula"]), "grid"), ("none", "default"));
        let groups = house.json(&["room", "group", "list"]);
        assert_eq!(groups.as_array().unwrap().len(), 1);
        assert_eq!(groups[0]["rooms"], json!(["lab"]));
        assert_eq!(groups[0]["settings"]["grid"], "30m");
    })
    .await;
}

#[tokio::test]
async fn a_group_that_cannot_be_is_refused_in_one_line() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "group", "add", "wing", "aula"]);
        house.run(&["room", "group", "add", "wing"]).refused("there is a room group wing already");
        house.run(&["room", "group", "add", "other", "nowhere"]).refused("there is no room nowhere");
        house.run(&["room", "group", "set", "wing", "units=2"]).refused("units are set room by room");
        house.run(&["room", "group", "set", "none", "grid=15m"]).refused("there is no room group none");
        house.run(&["room", "group", "member", "add", "wing", "none"]).refused("there is no room none");
        // All of it or nothing.
        house.run(&["room", "group", "set", "wing", "grid=15m", "mode=maybe"]).refused("mode cannot be");
        assert_eq!(house.json(&["room", "group", "list"])[0]["settings"], json!({}));
    })
    .await;
}

//! `serve`: what it prints, who signs in, how it stops.

use super::{House, on_both};

#[tokio::test]
async fn a_server_prints_its_address_and_commands_beside_it_are_seen_at_once() {
    on_both(async |house| {
        house.furnish();
        let server = house.start("serve");
        assert_eq!(server.printed.lines().count(), 1);
        assert_ne!(server.status("ada", "secret"), 401);
        assert_eq!(server.status("ada", "wrong"), 401);
        assert_ne!(server.status("ADA@example.org", "secret"), 401, "by mail address");
        assert_eq!(server.status("bob", ""), 401, "an account without a password");

        let made = house.json(&["user", "app-password", "add", "bob", "--label", "phone"]);
        let password = made["password"].as_str().unwrap();
        assert_ne!(server.status("bob", password), 401, "D-23");
        house.ok(&["user", "app-password", "revoke", "bob", &made["id"].to_string()]);
        house.typed("other\n", &["user", "password", "ada", "--password-stdin"]).ok();
        // A remembered sign-in is held against the account again within a second (L-64).
        std::thread::sleep(std::time::Duration::from_millis(600));
        assert_eq!(server.status("bob", password), 401, "revoked");
        assert_eq!(server.status("ada", "secret"), 401, "replaced");
        assert_ne!(server.status("ada", "other"), 401);
        house.ok(&["user", "disable", "ada"]);
        std::thread::sleep(std::time::Duration::from_millis(600));
        assert_eq!(server.status("ada", "other"), 401, "disabled");
        assert_eq!(server.stop(), Some(0));
    })
    .await;
}

#[test]
fn a_server_with_a_public_address_names_both() {
    let house = House::furnished();
    house.file("config.toml", "[server]\npublic_url = \"https://cal.example.org\"\n");
    let server = house.start("serve");
    assert!(server.printed.trim_end().ends_with(" as https://cal.example.org"), "{}", server.printed);
    assert_ne!(server.status("ada", "secret"), 401);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn the_last_use_of_an_app_password_is_noted_to_the_hour() {
    let house = House::furnished();
    house.file("clock", "2027-02-28T08:47:11Z");
    let made = house.json(&["user", "app-password", "add", "ada", "--label", "phone"]);
    let server = house.start("serve");
    server.status("ada", made["password"].as_str().unwrap());
    assert_eq!(server.stop(), Some(0));
    let listed = house.json(&["user", "app-password", "list", "ada"]);
    assert_eq!(listed[0]["last_used_at"], "2027-02-28T08:00:00+00:00");
}

#[test]
fn a_second_server_on_one_file_is_refused_and_names_the_first() {
    let house = House::furnished();
    let server = house.start("serve");
    let refused = house.run(&["serve"]).code;
    assert_eq!(refused, 1, "F-16");
    assert!(house.run(&["serve"]).err.contains("another server uses"), "F-16");
    assert_eq!(server.stop(), Some(0));
    assert_eq!(house.start("serve").stop(), Some(0));
}

#[test]
fn the_organisations_settings_follow_the_configuration_of_the_server() {
    let house = House::furnished();
    house.file("config.toml", "[booking]\nwindow_days = 30\ngrid = \"15m\"\n");
    let shown = |key: &str| {
        let room = house.json(&["room", "show", "aula"]);
        let found = room["settings"].as_array().unwrap().iter().find(|one| one["key"] == key).cloned();
        let found = found.unwrap();
        (found["value"].as_str().unwrap().to_owned(), found["set_by"].as_str().unwrap().to_owned())
    };
    assert_eq!(shown("window_days"), ("30".to_owned(), "organisation".to_owned()));
    house.file("config.toml", "[booking]\nwindow_days = 60\n");
    assert_eq!(shown("window_days").0, "60");
    assert_eq!(shown("grid").0, "15m", "only a server takes a setting back");
    assert_eq!(house.start("serve").stop(), Some(0));
    assert_eq!(shown("grid"), ("none".to_owned(), "default".to_owned()));
}

//! `demo`: what it makes, and what it leaves alone.

use super::{House, on_both};

#[tokio::test]
async fn a_demo_is_made_once_and_prints_new_passwords_at_each_start() {
    on_both(async |house| {
        let first = house.start("demo");
        let old = first.password("anna");
        assert_ne!(first.status("anna", &old), 401);
        for word in ["Thunderbird", "iOS", "DAVx5", "greta"] {
            assert!(first.printed.contains(word), "{}", first.printed);
        }
        assert_eq!(first.stop(), Some(0));
        let rooms = house.json(&["room", "list"]);
        assert_eq!(rooms.as_array().unwrap().len(), 6);
        assert_eq!(house.json(&["user", "list"]).as_array().unwrap().len(), 8);
        assert_eq!(house.json(&["group", "list"]).as_array().unwrap().len(), 2);
        let reservations = house.json(&["reservation", "list"]);
        assert_eq!(reservations.as_array().unwrap().len(), 12);
        assert!(
            reservations.as_array().unwrap().iter().all(|one| one["state"] == "confirmed"),
            "{reservations}"
        );
        assert_eq!(house.json(&["check"]), serde_json::json!([]));

        let second = house.start("demo");
        assert_eq!(second.status("anna", &old), 401, "the former password ended");
        assert_ne!(second.status("anna", &second.password("anna")), 401);
        assert_eq!(second.stop(), Some(0));
        assert_eq!(house.json(&["reservation", "list"]), reservations);
    })
    .await;
}

#[test]
fn a_demo_can_be_made_on_any_day_of_the_week() {
    for day in ["2027-03-01T00:30", "2027-03-04T11:00", "2027-03-07T23:30", "2027-10-30T12:00"] {
        let house = House::new();
        house.file("clock", &format!("{day}:00Z"));
        assert_eq!(house.start("demo").stop(), Some(0));
        assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 12, "{day}");
        assert_eq!(house.json(&["check"]), serde_json::json!([]), "{day}");
    }
}

#[test]
fn a_filled_database_of_another_making_is_left_alone() {
    let house = House::furnished();
    let refused = house.run(&["demo"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("was not made by \"demo\""), "{}", refused.err);
    assert_eq!(house.json(&["room", "list"]).as_array().unwrap().len(), 2);
}

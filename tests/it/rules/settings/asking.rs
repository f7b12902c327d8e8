//! Whether a room is given, to whom, how often, and what others see of it.

use super::{as_it_comes, hour};
use crate::support::event;

// Setting mode: default
// Setting mode: other
// R40
#[tokio::test]
async fn a_room_confirms_at_once_asks_a_manager_or_takes_nothing() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &hour("a", 9)).await.created();
        assert_eq!(server.states("aula", "a").await, ["03-01 09:00 confirmed"]);
        server.set("aula", "mode", "approve").await;
        ada.book("aula", &hour("b", 10)).await.created();
        assert_eq!(server.states("aula", "b").await, ["03-01 10:00 held"]);
        server.set("aula", "mode", "off").await;
        ada.book("aula", &hour("c", 11)).await.refused("closed-room");
    })
    .await;
}

// Setting book: default
// Setting book: other
// R40
#[tokio::test]
async fn everybody_books_or_those_who_are_named() {
    as_it_comes(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &hour("a", 9)).await.created();
        server.set("aula", "book", "bob").await;
        ada.book("aula", &hour("b", 10)).await.fails(403, "need-privileges");
        bob.book("aula", &hour("b", 10)).await.created();
        assert_eq!(server.claims("aula").await.len(), 2);
    })
    .await;
}

// Setting recurrence: default
// Setting recurrence: other
#[tokio::test]
async fn series_are_taken_or_not() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        let daily = |uid: &str, from: u32| hour(uid, from).rule("FREQ=DAILY;COUNT=3");
        ada.book("aula", &daily("a", 9)).await.created();
        assert_eq!(server.claims("aula").await.len(), 3);
        server.set("aula", "recurrence", "off").await;
        ada.book("aula", &daily("b", 10)).await.refused("no-recurrence");
        ada.book("aula", &hour("c", 10)).await.created();
    })
    .await;
}

// Setting quotas: default
// Setting quotas: other
// R44
#[tokio::test]
async fn a_person_may_have_any_number_of_bookings_or_so_many() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        for from in 0..20 {
            ada.book("aula", &hour(&format!("a{from}"), from)).await.created();
        }
        server.set("aula", "quotas", "21 bookings/day").await;
        ada.book("aula", &hour("b", 20)).await.created();
        ada.book("aula", &hour("c", 21)).await.refused("quota");
        server.client("bob").book("aula", &hour("c", 21)).await.created();
    })
    .await;
}

// Setting units: default
// Setting units: other
// R80
#[tokio::test]
async fn one_event_has_the_room_or_so_many_side_by_side() {
    as_it_comes(async |server| {
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        ada.book("aula", &hour("a", 9)).await.created();
        bob.book("aula", &hour("b", 9)).await.refused("busy");
        server.set("aula", "units", "2").await;
        bob.book("aula", &hour("b", 9)).await.created();
        eve.book("aula", &hour("e", 9)).await.refused("busy");
    })
    .await;
}

// Setting pending: default
// Setting pending: other
// R71, R72
#[tokio::test]
async fn what_waits_keeps_others_out_or_queues_with_them() {
    as_it_comes(async |server| {
        server.set("aula", "mode", "approve").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &hour("a", 9)).await.created();
        bob.book("aula", &hour("b", 9)).await.refused("busy");
        server.set("aula", "pending", "queue").await;
        ada.book("aula", &hour("c", 10)).await.created();
        bob.book("aula", &hour("d", 10)).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// Setting checkin: default
// Setting checkin: other
// R95
#[tokio::test]
async fn nobody_has_to_check_in_or_everybody_has() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &hour("a", 9)).await.created();
        ada.book("aula", &hour("b", 11)).await.created();
        server.at("2027-03-01T08:30:00Z");
        server.bookings.look_after_check_ins().await.unwrap();
        assert_eq!(server.states("aula", "a").await, ["03-01 09:00 confirmed"]);
        server.set("aula", "checkin", "on").await;
        server.at("2027-03-01T10:30:00Z");
        server.bookings.look_after_check_ins().await.unwrap();
        assert_eq!(server.states("aula", "b").await, ["03-01 11:00 released no-show"]);
    })
    .await;
}

// Setting viewer: default
// Setting viewer: other
// R100
#[tokio::test]
async fn others_see_whose_a_booking_is_or_as_much_as_the_room_says() {
    as_it_comes(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10).summary("Merger")).await.created();
        let seen = async || bob.texts(&bob.room("aula")).await.concat();
        let named = seen().await;
        assert!(named.contains("SUMMARY:Ada") && !named.contains("Merger"), "{named}");
        server.set("aula", "viewer", "free-busy").await;
        let busy = seen().await;
        assert!(busy.contains("SUMMARY:Busy") && !busy.contains("Ada"), "{busy}");
        server.set("aula", "viewer", "details").await;
        assert!(seen().await.contains("SUMMARY:Merger"));
    })
    .await;
}

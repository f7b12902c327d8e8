//! A room that is asked for by its name alone (R27).

use super::hold;
use crate::support::event;

// R27: off as it comes
// Setting location_booking: default
#[tokio::test]
async fn a_place_alone_books_nothing() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.invite(&event("x").hours("20270301", 9, 10).line("LOCATION:Aula")).await.created();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R27 where it is on: the full procedure
// Setting location_booking: other
#[tokio::test]
async fn a_rooms_name_as_the_place_asks_for_it_where_that_is_enough() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "location_booking", "on").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let at = |uid: &str, hour: u32| event(uid).hours("20270301", hour, hour + 1).line("LOCATION:Aula");
        ada.invite(&at("x", 9)).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(bob.list(&bob.room("aula")).await.len(), 1);
        bob.invite(&at("y", 9)).await.created();
        assert_eq!(server.states("aula", "y").await, ["03-01 09:00 declined busy"]);
        assert_eq!(server.notices("bob").await, [("declined".to_owned(), "Room declined: y".to_owned())]);
        // It moves, and goes with the place.
        ada.put(&ada.in_own("x"), at("x", 14).text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 14:00-15:00"]);
        let elsewhere = event("x").hours("20270301", 14, 15).line("LOCATION:Aula 2");
        ada.put(&ada.in_own("x"), elsewhere.text()).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        // Invited and named, it is asked once.
        let twice = at("z", 9).organizer("ada").attendee("aula");
        ada.invite(&twice).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        // A booking in its own calendar names it too.
        ada.book("aula", &at("d", 11)).await.created();
        assert_eq!(server.claims("aula").await.len(), 2);
    })
    .await;
}

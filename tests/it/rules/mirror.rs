//! A direct booking stands in its owner's own calendar too, and is the same thing there.

use super::hold;
use crate::support::{TestServer, event};

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.room("bay").await;
}

// Created in the room: shown at home, with the room as place
#[tokio::test]
async fn a_booking_appears_at_home_with_the_room_as_location() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let token = ada.token(&ada.own()).await;
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let mirror = ada.get(&ada.in_own("a")).await.expect(200);
        assert!(mirror.has_line("LOCATION:Aula"), "{}", mirror.text());
        assert_eq!(ada.sync(&ada.own(), &token).await.0.len(), 1);
        let placed = event("b").hours("20270301", 10, 11).line("LOCATION:On the stage");
        ada.book("aula", &placed).await.created();
        assert_eq!(ada.get(&ada.in_own("b")).await.text(), placed.text());
        assert!(server.client("bob").list(&server.client("bob").own()).await.is_empty());
    })
    .await;
}

// Changed in either place
#[tokio::test]
async fn a_change_in_either_place_is_the_same_command() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270301", 14, 15)).await.created();
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.put(&ada.in_room("aula", "a"), event("a").hours("20270301", 10, 11).text()).await.no_content();
        let mirror = ada.get(&ada.in_own("a")).await;
        assert!(mirror.text().contains("T100000"), "{}", mirror.text());
        // At home, as a program does: its own text with one line changed.
        let later = mirror.text().replace("T110000", "T120000");
        ada.change(&ada.in_own("a"), &mirror.etag(), &later).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 10:00-12:00", "03-01 14:00-15:00"]);
        assert!(ada.get(&ada.in_room("aula", "a")).await.text().contains("T120000"));
        // A refusal there is one of the room.
        let mirror = ada.get(&ada.in_own("a")).await;
        let taken = mirror.text().replace("T100000", "T140000").replace("T120000", "T150000");
        ada.change(&ada.in_own("a"), &mirror.etag(), &taken).await.refused("busy");
        let after = ada.get(&ada.in_own("a")).await;
        assert_eq!(after.text(), mirror.text());
        assert_ne!(after.etag(), mirror.etag());
        assert_eq!(server.claims("aula").await[0], "03-01 10:00-12:00");
    })
    .await;
}

// Deleted in either place
#[tokio::test]
async fn a_deletion_in_either_place_frees_the_room() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.book("aula", &event("b").hours("20270301", 10, 11)).await.created();
        let tokens = (ada.token(&ada.room("aula")).await, ada.token(&ada.own()).await);
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        ada.delete(&ada.in_own("b")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert!(ada.list(&ada.own()).await.is_empty());
        assert!(ada.list(&ada.room("aula")).await.is_empty());
        for (calendar, token) in [(ada.room("aula"), tokens.0), (ada.own(), tokens.1)] {
            let gone = ada.sync(&calendar, &token).await.0;
            assert_eq!(gone.iter().filter(|item| item.status == Some(404)).count(), 2, "{calendar}");
        }
    })
    .await;
}

// One member per UID: of several rooms the one written last, then another
#[tokio::test]
async fn of_a_uid_in_two_rooms_home_shows_the_last_written_and_then_the_other() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let place = async || ada.get(&ada.in_own("a")).await.expect(200).lines_of("LOCATION");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.book("bay", &event("a").hours("20270302", 9, 10)).await.created();
        assert_eq!(place().await, ["LOCATION:Bay"]);
        assert_eq!(ada.list(&ada.own()).await.len(), 1);
        ada.put(&ada.in_room("aula", "a"), event("a").hours("20270301", 9, 11).text()).await.no_content();
        assert_eq!(place().await, ["LOCATION:Aula"]);
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        assert_eq!(place().await, ["LOCATION:Bay"]);
        assert_eq!(server.claims("bay").await, ["03-02 09:00-10:00"]);
        // Deleted at home: the one that is shown there.
        ada.delete(&ada.in_own("a")).await.no_content();
        assert!(server.claims("bay").await.is_empty());
        assert!(ada.list(&ada.own()).await.is_empty());
    })
    .await;
}

// An event of one's own is welcome there, and keeps its place
#[tokio::test]
async fn events_without_a_room_live_at_home_and_are_not_covered() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let private = event("p").hours("20270301", 9, 10).line("DESCRIPTION:Dentist");
        let etag = ada.invite(&private).await.created().etag();
        assert_eq!(ada.get(&ada.in_own("p")).await.etag(), etag);
        assert!(server.decisions().await.iter().all(|row| row.room.is_none()));
        ada.book("aula", &event("p").hours("20270301", 9, 10)).await.created();
        assert_eq!(ada.get(&ada.in_own("p")).await.text(), private.text());
        ada.delete(&ada.in_room("aula", "p")).await.no_content();
        assert_eq!(ada.get(&ada.in_own("p")).await.expect(200).text(), private.text());
    })
    .await;
}

// The calendar's own room among the attendees is the same request, others are invited
#[tokio::test]
async fn the_calendars_own_room_is_judged_once_and_other_rooms_are_invited() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("bay", &event("b").hours("20270301", 9, 10)).await.created();
        let both = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("bay");
        ada.book("aula", &both).await.created();
        let stored = ada.get(&ada.in_room("aula", "e")).await;
        assert_eq!(
            (stored.partstats("aula"), stored.partstats("bay")),
            (vec!["ACCEPTED".to_owned()], vec!["DECLINED".to_owned()])
        );
        assert_eq!(server.claims("aula").await.len(), 1);
        assert_eq!(server.claims("bay").await.len(), 1);
        ada.delete(&ada.in_own("e")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

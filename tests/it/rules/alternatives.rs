//! What is proposed instead of what was not given (R51): in the messages to whoever asked.

use roomdav::domain::id::Slug;

use super::hold;
use crate::support::{TestServer, event};

/// Bodies of the messages to a person, oldest first.
async fn told(server: &TestServer, login: &str) -> Vec<String> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
    let mut all = tx.outbox().list(Some(user.id), 100).await.unwrap();
    all.reverse();
    all.into_iter().map(|message| message.content.body).collect()
}

async fn set(server: &TestServer, slug: &str, pairs: &[(&str, &str)]) {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    server.bookings.set_room(Slug::parse(slug).unwrap(), pairs).await.unwrap();
}

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    for (slug, seats, building) in [
        ("aula", "10", "East"),
        ("barn", "30", "West"),
        ("cell", "2", "East"),
        ("dome", "20", "East"),
        ("east", "12", "East"),
    ] {
        server.room(slug).await;
        set(server, slug, &[("seats", seats), ("building", building)]).await;
    }
}

// R51: as many seats or more, the same building first, at most three
#[tokio::test]
async fn rooms_like_the_one_that_was_asked_are_proposed() {
    hold(async |server| {
        house(server).await;
        server.client("bob").book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.refused("busy");
        let body = told(server, "ada").await.pop().unwrap();
        assert!(body.contains("Free instead: East, Dome and Barn.\n"), "{body}");
        // Not one that is taken, closed to her or hidden from her.
        server.client("bob").book("east", &event("e").hours("20270302", 9, 10)).await.created();
        server.client("bob").book("aula", &event("f").hours("20270302", 9, 10)).await.created();
        server.set("dome", "book", "bob").await;
        server.set("barn", "viewer", "none").await;
        ada.book("aula", &event("c").hours("20270302", 9, 10)).await.refused("busy");
        let body = told(server, "ada").await.pop().unwrap();
        assert!(!body.contains("Free instead"), "{body}");
        assert!(
            body.contains(
                "Room Aula is free on 2 March 2027 from 08:00 to 09:00, on 2 March 2027 from 10:00 to 11:00 \
                 and on 2 March 2027 from 11:00 to 12:00."
            ),
            "{body}"
        );
    })
    .await;
}

// R51: an invitation that is declined proposes too, in the person's language
#[tokio::test]
async fn a_decline_proposes_rooms_for_the_dates_that_failed() {
    hold(async |server| {
        house(server).await;
        let slug = Slug::parse("ada").unwrap();
        let german = roomdav::booking::admin::UserChange::Language(Some("de".to_owned()));
        server.bookings.set_user(slug, vec![german]).await.unwrap();
        server.client("bob").book("aula", &event("b").hours("20270308", 9, 10)).await.created();
        server.client("bob").book("dome", &event("d").hours("20270308", 9, 10)).await.created();
        let asked = event("a").hours("20270308", 9, 10).organizer("ada").attendee("aula");
        server.client("ada").invite(&asked).await.created();
        let body = told(server, "ada").await.pop().unwrap();
        assert!(body.contains("Stattdessen frei: East und Barn."), "{body}");
        assert!(body.contains("Raum Aula ist frei am 8. März 2027 von 10:00 bis 11:00."), "{body}");
    })
    .await;
}

// R51: nothing is proposed where nothing would help
#[tokio::test]
async fn what_no_other_room_can_help_proposes_nothing() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let self_overlapping =
            event("s").between("20270301T090000", "20270302T150000").rule("FREQ=DAILY;COUNT=3");
        ada.book("aula", &self_overlapping).await.refused("self-overlap");
        let body = told(server, "ada").await.pop().unwrap();
        assert!(!body.contains("instead") && !body.contains("is free"), "{body}");
    })
    .await;
}

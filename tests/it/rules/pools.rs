//! Pools: a group of rooms that is invited in place of one of them (R79).
//! RFC 5545, sections 3.2.4 and 3.2.5; RFC 5546, section 3.2.2.3.

use roomdav::domain::id::Slug;

use super::hold;
use crate::support::{Event, TestServer, event};

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    for (slug, seats) in [("aula", "6"), ("barn", "6"), ("cell", "none")] {
        server.room(slug).await;
        let pairs = vec![("seats".to_owned(), seats.to_owned())];
        server.bookings.set_room(Slug::parse(slug).unwrap(), pairs).await.unwrap();
    }
    server.room_group("wing", &["cell", "barn", "aula"]).await;
    server.set_group("wing", "pool", "on").await;
    server.set_group("wing", "email", "wing@example.org").await;
}

fn asked(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10).organizer("ada").attendee("wing").attendee("bob").attendee("ada")
}

async fn text(server: &TestServer, login: &str, uid: &str) -> String {
    let client = server.client(login);
    client.get(&client.in_own(uid)).await.expect(200).text().replace("\r\n ", "")
}

// R79: the room that fits the seats best, then by name; the pool has delegated to it
#[tokio::test]
async fn a_pool_delegates_to_the_first_free_room() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.invite(&asked("one")).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        let stored = text(server, "ada", "one").await;
        let line = |address: &str| {
            let end = format!(":mailto:{address}@example.org");
            stored
                .lines()
                .find(|line| line.starts_with("ATTENDEE") && line.ends_with(&end))
                .unwrap()
                .to_owned()
        };
        let (pool, room) = (line("wing"), line("aula"));
        assert!(pool.contains("DELEGATED-TO=\"mailto:aula@example.org\""), "{pool}");
        assert!(pool.contains("PARTSTAT=DELEGATED"), "{pool}");
        assert!(room.contains("DELEGATED-FROM=\"mailto:wing@example.org\""), "{room}");
        assert!(room.contains("PARTSTAT=ACCEPTED") && room.contains("CUTYPE=ROOM"), "{room}");
        assert!(stored.contains("LOCATION:Aula"), "{stored}");
        // The next one gets the next; then the one of which nobody knows the seats is left.
        ada.invite(&asked("two")).await.created();
        ada.invite(&asked("three")).await.created();
        assert_eq!((server.claims("barn").await.len(), server.claims("cell").await.len()), (1, 1));
        ada.invite(&asked("four")).await.created();
        let stored = text(server, "ada", "four").await;
        assert!(stored.contains("PARTSTAT=DECLINED"), "{stored}");
        // Nobody outside is written to: the pool is ours.
        assert_eq!(server.letters().await, Vec::<String>::new());
        assert!(text(server, "bob", "one").await.contains("DELEGATED-TO"));
    })
    .await;
}

// Scenario 30: a series of five, one room free for all of it
#[tokio::test]
async fn a_series_gets_one_room_for_all_its_dates() {
    hold(async |server| {
        house(server).await;
        let bob = server.client("bob");
        bob.book("aula", &event("a").hours("20270302", 9, 10)).await.created();
        bob.book("cell", &event("c").hours("20270304", 9, 10)).await.created();
        let series = asked("series").rule("FREQ=DAILY;COUNT=5");
        server.client("ada").invite(&series).await.created();
        assert_eq!(server.claims("barn").await.len(), 5);
        let stored = text(server, "ada", "series").await;
        assert!(stored.contains("DELEGATED-TO=\"mailto:barn@example.org\""), "{stored}");
    })
    .await;
}

// R79: else the one with fewest failures
#[tokio::test]
async fn a_series_gets_the_room_that_fails_least() {
    hold(async |server| {
        house(server).await;
        let bob = server.client("bob");
        for (room, days) in [("aula", &[1, 2, 3][..]), ("barn", &[2]), ("cell", &[1, 5])] {
            for day in days {
                let uid = format!("{room}{day}");
                bob.book(room, &event(&uid).hours(&format!("2027030{day}"), 9, 10)).await.created();
            }
        }
        server.client("ada").invite(&asked("series").rule("FREQ=DAILY;COUNT=5")).await.created();
        let stored = text(server, "ada", "series").await;
        assert!(stored.contains("DELEGATED-TO=\"mailto:barn@example.org\""), "{stored}");
    })
    .await;
}

// R79: what a program sends again without the room that was chosen gets the same one
#[tokio::test]
async fn a_room_that_was_chosen_stays() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        server.client("bob").book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        ada.invite(&asked("e")).await.created();
        assert_eq!(server.claims("barn").await.len(), 1);
        ada.put(&ada.in_own("e"), asked("e").summary("Choir").text()).await.no_content();
        assert_eq!(server.claims("barn").await.len(), 1);
        // And it moves with the event.
        let later = event("e").hours("20270301", 11, 12).organizer("ada").attendee("wing");
        ada.put(&ada.in_own("e"), later.text()).await.no_content();
        assert_eq!(server.claims("barn").await, ["03-01 11:00-12:00"]);
    })
    .await;
}

// R79: a group that is no pool is nobody's address, and so is a pool of rooms that one may not know
#[tokio::test]
async fn only_a_pool_that_one_may_know_is_asked() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        for slug in ["aula", "barn", "cell"] {
            server.set(slug, "viewer", "none").await;
        }
        ada.invite(&asked("hidden")).await.created();
        server.set("aula", "viewer", "free-busy").await;
        server.set_group("wing", "pool", "off").await;
        ada.invite(&asked("off")).await.created();
        assert!(server.claims("aula").await.is_empty());
        assert!(!text(server, "ada", "off").await.contains("DELEGATED"));
    })
    .await;
}

/// Ada changes nothing but the title of what her program was served.
async fn renames(server: &TestServer, uid: &str) {
    let ada = server.client("ada");
    let stored = ada.get(&ada.in_own(uid)).await.expect(200);
    let renamed = stored.text().replace(&format!("SUMMARY:{uid}"), "SUMMARY:Choir");
    assert_ne!(renamed, stored.text());
    ada.change(&ada.in_own(uid), &stored.etag(), renamed).await.no_content();
}

// R59, R79: a pool that has delegated chooses no second room
#[tokio::test]
async fn a_room_that_left_the_pool_or_is_not_seen_any_more_stays_the_one() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.invite(&asked("left")).await.created();
        let (wing, aula) = (Slug::parse("wing").unwrap(), Slug::parse("aula").unwrap());
        server.bookings.set_room_member(wing.clone(), aula.clone(), false).await.unwrap();
        renames(server, "left").await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("barn").await.is_empty());
        // A program that sends what it made: without the room.
        ada.put(&ada.in_own("left"), asked("left").summary("Band").text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("barn").await.is_empty());

        ada.invite(&asked("hidden")).await.created();
        server.set("barn", "viewer", "none").await;
        renames(server, "hidden").await;
        assert_eq!(server.claims("barn").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("cell").await.is_empty());
        ada.put(&ada.in_own("hidden"), asked("hidden").summary("Band").text()).await.no_content();
        assert_eq!(server.claims("barn").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("cell").await.is_empty());
    })
    .await;
}

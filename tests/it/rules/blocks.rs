//! Closing a room softly and hard (R91, R92), and what becomes of what was there.

use roomdav::booking::{Displaced, Displacing, NewBlock};
use roomdav::domain::id::Slug;

use super::hold;
use crate::support::{TestServer, event};

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.room("lab").await;
}

/// Closes a room hard between two of its local times: whether it was done, and what is displaced.
pub(super) async fn close(
    server: &TestServer,
    slug: &str,
    times: (&str, &str),
    yes: bool,
) -> (bool, Vec<Displaced>) {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let room = snapshot.tx().rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap().id;
    drop(snapshot);
    let (from, to) = (times.0.parse().unwrap(), times.1.parse().unwrap());
    let block = NewBlock { room, from, to, rrule: None, reason: "Water damage".to_owned() };
    match server.bookings.add_hard_block(TestServer::operator(), block, yes).await.unwrap() {
        Displacing::Needs(lost) => (false, lost),
        Displacing::Done(_, lost) => (true, lost),
    }
}

pub(super) async fn bodies(server: &TestServer, login: &str) -> Vec<String> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
    let mut all = tx.outbox().list(Some(user.id), 100).await.unwrap();
    all.reverse();
    all.into_iter().map(|message| message.content.body).collect()
}

const DAY: (&str, &str) = ("2027-03-01T00:00:00", "2027-03-02T00:00:00");

// Scenario 34: hard block over three bookings; R92: never without confirmation
#[tokio::test]
async fn a_hard_block_shows_what_it_takes_and_takes_it_when_confirmed() {
    hold(async |server| {
        house(server).await;
        server.person("cleo").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("direct").hours("20270301", 9, 10)).await.created();
        let invited = event("invited").hours("20270301", 11, 12).organizer("bob").attendee("aula");
        bob.invite(&invited).await.created();
        let series = event("series").hours("20270228", 13, 14).rule("FREQ=DAILY;COUNT=4");
        server.client("cleo").book("aula", &series).await.created();
        let before = server.claims("aula").await;

        let (done, lost) = close(server, "aula", DAY, false).await;
        assert!(!done);
        let names: Vec<&str> = lost.iter().map(|lost| lost.summary.as_str()).collect();
        assert_eq!(names, ["direct", "invited", "series"]);
        assert_eq!(server.claims("aula").await, before);
        assert!(server.notices("ada").await.is_empty());
        ada.book("aula", &event("free").hours("20270301", 16, 17)).await.created();
        ada.delete(&ada.in_room("aula", "free")).await.no_content();

        let (done, lost) = close(server, "aula", DAY, true).await;
        assert!(done && lost.len() == 3);
        assert_eq!(
            server.claims("aula").await,
            ["02-28 13:00-14:00", "03-02 13:00-14:00", "03-03 13:00-14:00"]
        );
        for (uid, state) in [
            ("direct", "03-01 09:00 displaced displaced"),
            ("invited", "03-01 11:00 displaced displaced"),
            ("series", "03-01 13:00 displaced displaced"),
        ] {
            assert!(server.states("aula", uid).await.contains(&state.to_owned()), "{uid}");
        }
        // The texts follow: gone, declined, left out.
        ada.get(&ada.in_room("aula", "direct")).await.expect(404);
        ada.get(&ada.in_own("direct")).await.expect(404);
        let text = bob.get(&bob.in_own("invited")).await.expect(200).text();
        assert!(text.contains("PARTSTAT=DECLINED"), "{text}");
        bob.get(&bob.in_room("aula", "invited")).await.expect(404);
        let cleo = server.client("cleo");
        let text = cleo.get(&cleo.in_room("aula", "series")).await.expect(200).text();
        assert!(text.contains("EXDATE;TZID=Europe/Berlin:20270301T130000"), "{text}");
        // One message each, with the reason and what could be booked instead.
        for login in ["ada", "bob", "cleo"] {
            let told: Vec<_> = bodies(server, login).await;
            let told: Vec<_> = told.iter().filter(|body| body.contains("Water damage")).collect();
            assert_eq!(told.len(), 1, "{login}");
            assert!(told[0].contains("Free instead: Lab."), "{}", told[0]);
        }
        let rows = server.decisions().await;
        let rows = rows.iter().filter(|row| row.kind == "occurrence" && row.rule == "R92").count();
        assert_eq!(rows, 3);
        // The block stands.
        bob.book("aula", &event("late").hours("20270301", 9, 10)).await.refused("blocked");
    })
    .await;
}

// Scenario 34: a soft block displaces nothing (R91)
#[tokio::test]
async fn a_soft_block_meets_only_new_requests() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        server.block("aula", DAY.0, DAY.1).await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(server.notices("ada").await, []);
        server.client("bob").book("aula", &event("b").hours("20270301", 11, 12)).await.refused("blocked");
    })
    .await;
}

// R92: one message to each organizer, however much was lost
#[tokio::test]
async fn whoever_loses_several_bookings_is_told_once() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        for (uid, hour) in [("one", 9), ("two", 11), ("three", 13)] {
            ada.book("aula", &event(uid).hours("20270301", hour, hour + 1)).await.created();
        }
        close(server, "aula", DAY, true).await;
        let told = server.notices("ada").await;
        assert_eq!(told, [("displaced".to_owned(), "Room taken back: one".to_owned())]);
        let body = bodies(server, "ada").await.pop().unwrap();
        for part in ["Aula, one: on 1 March 2027 from 09:00", "Aula, two:", "Aula, three:"] {
            assert!(body.contains(part), "{part}: {body}");
        }
    })
    .await;
}

// R78, R92: the space is taken from every room that has it; nothing else is
#[tokio::test]
async fn a_block_of_a_part_displaces_the_whole_and_not_the_other_part() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("left").await;
        server.room("right").await;
        server.composite("hall", &["left", "right"]).await;
        let ada = server.client("ada");
        ada.book("hall", &event("h").hours("20270301", 9, 10)).await.created();
        ada.book("right", &event("r").hours("20270301", 11, 12)).await.created();
        let (done, lost) = close(server, "left", DAY, true).await;
        assert!(done);
        assert_eq!(lost.iter().map(|lost| lost.room.as_str()).collect::<Vec<_>>(), ["hall"]);
        assert_eq!(server.claims("right").await, ["03-01 11:00-12:00"]);
    })
    .await;
}

// R92: an event that invites several rooms loses the one, its other room stays
#[tokio::test]
async fn an_event_with_two_rooms_loses_only_the_one_that_is_closed() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let both = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("lab");
        ada.invite(&both).await.created();
        close(server, "aula", DAY, true).await;
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("lab").await.len(), 1);
        let text = ada.get(&ada.in_own("e")).await.expect(200).text();
        assert!(text.contains("PARTSTAT=DECLINED") && text.contains("PARTSTAT=ACCEPTED"), "{text}");
    })
    .await;
}

// R87: what has begun is cut; R92: what was displaced is asked for anew, and met by the block
#[tokio::test]
async fn a_running_occurrence_is_cut_and_a_displaced_one_can_be_asked_for_again() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let (running, coming) =
            (event("run").hours("20270301", 9, 12), event("come").hours("20270301", 14, 15));
        ada.book("aula", &running).await.created();
        ada.book("aula", &coming).await.created();
        server.at("2027-03-01T09:00:00Z");
        close(server, "aula", ("2027-03-01T10:30:00", "2027-03-02T00:00:00"), true).await;
        assert_eq!(server.states("aula", "run").await, ["03-01 09:00 released displaced"]);
        assert_eq!(server.states("aula", "come").await, ["03-01 14:00 displaced displaced"]);
        assert!(server.claims("aula").await.is_empty());
        ada.book("aula", &coming).await.refused("blocked");
        ada.book("aula", &event("come").hours("20270302", 14, 15)).await.created();
    })
    .await;
}

// R92: nobody loses anything, nothing is to be confirmed
#[tokio::test]
async fn a_hard_block_that_hits_nobody_needs_no_confirmation() {
    hold(async |server| {
        house(server).await;
        let (done, lost) = close(server, "aula", DAY, false).await;
        assert!(done && lost.is_empty());
    })
    .await;
}

//! From room to room: by MOVE, and by another attendee (R84).

use super::hold;
use crate::support::{TestServer, event};

async fn two_rooms(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.room("bay").await;
}

// Scenario 31; R84
#[tokio::test]
async fn a_move_into_a_busy_room_is_refused_and_changes_nothing() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        bob.book("bay", &event("b").hours("20270301", 9, 10)).await.created();
        let (from, to) = (ada.in_room("aula", "a"), ada.in_room("bay", "a"));
        let before = ada.get(&from).await;
        ada.relocate(&from, &to).await.refused("busy");
        assert_eq!(ada.get(&from).await.text(), before.text());
        ada.get(&to).await.expect(404);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(server.claims("bay").await, ["03-01 09:00-10:00"]);
        assert_eq!(ada.list(&ada.own()).await.len(), 1);
    })
    .await;
}

// R84: take, then free; UID and text stay
#[tokio::test]
async fn a_move_takes_the_other_room_and_frees_the_first() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=3");
        ada.book("aula", &series).await.created();
        let (from, to) = (ada.in_room("aula", "s"), ada.in_room("bay", "s"));
        ada.relocate(&from, &to).await.created();
        ada.get(&from).await.expect(404);
        assert_eq!(ada.get(&to).await.text(), series.text());
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("bay").await.len(), 3);
        let own = ada.get(&ada.in_own("s")).await.expect(200);
        assert!(own.has_line("LOCATION:Bay"), "{}", own.text());
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        // And back, where Bob is by now.
        ada.relocate(&to, &from).await.refused("busy");
        assert_eq!(server.claims("bay").await.len(), 3);
    })
    .await;
}

// R78, R84: out of a whole into its part
#[tokio::test]
async fn a_move_into_a_part_of_the_same_room_is_not_in_its_own_way() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("left").await;
        server.room("right").await;
        server.composite("hall", &["left", "right"]).await;
        let ada = server.client("ada");
        ada.book("hall", &event("e").hours("20270301", 9, 10)).await.created();
        ada.relocate(&ada.in_room("hall", "e"), &ada.in_room("left", "e")).await.created();
        assert_eq!(server.claims("left").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("right").await.is_empty());
        ada.relocate(&ada.in_room("left", "e"), &ada.in_room("hall", "e")).await.created();
        assert_eq!(server.claims("right").await, ["03-01 09:00-10:00"]);
        assert_eq!(ada.list(&ada.own()).await.len(), 1);
    })
    .await;
}

// Section 11 and R84: only who may cancel may move
#[tokio::test]
async fn somebody_elses_booking_cannot_be_moved_away() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.set("aula", "viewer", "details").await;
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        bob.relocate(&bob.in_room("aula", "a"), &bob.in_room("bay", "a")).await.refused("not-allowed");
        assert_eq!(server.claims("aula").await.len(), 1);
        assert!(server.claims("bay").await.is_empty());
    })
    .await;
}

// A name within one calendar
#[tokio::test]
async fn a_move_within_a_calendar_is_a_new_name() {
    hold(async |server| {
        two_rooms(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.relocate(&ada.in_room("aula", "a"), &ada.in_room("aula", "z")).await.created();
        ada.get(&ada.in_room("aula", "a")).await.expect(404);
        ada.get(&ada.in_room("aula", "z")).await.expect(200);
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// Scenario 31, R58, R84: swap by attendee, the new room is busy
#[tokio::test]
async fn a_swap_to_a_busy_room_is_declined_and_the_old_one_kept_for_a_while() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = |room: &str| event("e").hours("20270301", 9, 10).organizer("ada").attendee(room);
        ada.invite(&asked("aula")).await.created();
        bob.book("bay", &event("b").hours("20270301", 9, 10)).await.created();
        ada.put(&ada.in_own("e"), asked("bay").text()).await.no_content();
        let stored = ada.get(&ada.in_own("e")).await;
        assert_eq!(stored.partstats("bay"), ["DECLINED"]);
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 grace"]);
        bob.book("aula", &event("c").hours("20270301", 9, 10)).await.refused("busy");
        // Back within the time: as before.
        server.pass(300).await;
        ada.put(&ada.in_own("e"), asked("aula").text()).await.no_content();
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["ACCEPTED"]);
        server.pass(3600).await;
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 confirmed"]);
        // Once more, and too long.
        ada.put(&ada.in_own("e"), asked("bay").text()).await.no_content();
        server.pass(600).await;
        assert!(server.claims("aula").await.is_empty());
        bob.book("aula", &event("d").hours("20270301", 9, 10)).await.created();
    })
    .await;
}

// R50, R58, R84: swap by attendee, the new room lacks one date
#[tokio::test]
async fn a_date_that_the_new_room_lacks_is_kept_in_the_old_one_for_a_while() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("bay", &event("b").hours("20270308", 9, 10)).await.created();
        server.set("aula", "units", "3").await;
        let series = |room: &str| {
            let weekly = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=3");
            weekly.line("X-ROOM-UNITS:1").organizer("ada").attendee(room)
        };
        ada.invite(&series("aula")).await.created();
        ada.put(&ada.in_own("s"), series("bay").text()).await.no_content();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("bay"), ["ACCEPTED", "DECLINED"]);
        assert_eq!(server.states("aula", "s").await, ["03-08 09:00 grace"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        server.pass(660).await;
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R84: swap by attendee, the new room is free
#[tokio::test]
async fn a_swap_to_a_free_room_is_one_step() {
    hold(async |server| {
        two_rooms(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = |room: &str| event("e").hours("20270301", 9, 10).organizer("ada").attendee(room);
        ada.invite(&asked("aula")).await.created();
        assert!(ada.get(&ada.in_own("e")).await.has_line("LOCATION:Aula"));
        let moved = asked("bay").line("LOCATION:Aula");
        ada.put(&ada.in_own("e"), moved.text()).await.no_content();
        let stored = ada.get(&ada.in_own("e")).await;
        assert_eq!(stored.partstats("bay"), ["ACCEPTED"]);
        // R121: a LOCATION that names the previous room is the server's to change.
        assert!(stored.has_line("LOCATION:Bay"), "{}", stored.text());
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("bay").await, ["03-01 09:00-10:00"]);
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.created();
    })
    .await;
}

// R84: two rooms that share a space
#[tokio::test]
async fn a_swap_between_a_room_and_its_part_is_not_in_its_own_way() {
    hold(async |server| {
        server.person("ada").await;
        server.room("left").await;
        server.composite("hall", &["left"]).await;
        let ada = server.client("ada");
        let asked = |room: &str| event("e").hours("20270301", 9, 10).organizer("ada").attendee(room);
        ada.invite(&asked("left")).await.created();
        ada.put(&ada.in_own("e"), asked("hall").text()).await.no_content();
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("hall"), ["ACCEPTED"]);
        assert_eq!(server.claims("hall").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R84: what stands in one's own calendar is the booking itself
#[tokio::test]
async fn a_booking_moved_out_of_the_own_calendar_into_another_room_leaves_the_first() {
    hold(async |server| {
        two_rooms(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        // Into the room it is in: there already.
        ada.relocate(&ada.in_own("a"), &ada.in_room("aula", "a")).await.expect(412);
        ada.relocate(&ada.in_own("a"), &ada.in_room("bay", "a")).await.created();
        ada.get(&ada.in_room("aula", "a")).await.expect(404);
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("bay").await, ["03-01 09:00-10:00"]);
        assert!(ada.get(&ada.in_own("a")).await.has_line("LOCATION:Bay"));
    })
    .await;
}

// What a room's calendar shows of an invitation belongs to the organizer's object
#[tokio::test]
async fn the_copy_of_an_invitation_is_not_moved_away() {
    hold(async |server| {
        two_rooms(server).await;
        server.grant("aula", "eve", "manage").await;
        let invited = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        server.client("ada").invite(&invited).await.created();
        for login in ["ada", "eve"] {
            let client = server.client(login);
            let (from, _) = client.list(&client.room("aula")).await.remove(0);
            client.relocate(&from, &client.in_room("bay", "e")).await.fails(403, "need-privileges");
        }
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert!(server.claims("bay").await.is_empty());
    })
    .await;
}

// Section 11: the manager of a room that is invited beside another
#[tokio::test]
async fn what_an_invited_room_shows_of_a_booking_elsewhere_is_cancelled_alone() {
    hold(async |server| {
        two_rooms(server).await;
        server.grant("bay", "eve", "manage").await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        ada.book("aula", &event("e").hours("20270301", 9, 10).organizer("ada").attendee("bay"))
            .await
            .created();
        let (copy, etag) = eve.list(&eve.room("bay")).await.remove(0);
        let text = eve.get(&copy).await.text();
        eve.change(&copy, &etag, text.replace("SUMMARY:e", "SUMMARY:Mine")).await.refused("not-allowed");
        eve.relocate(&copy, &eve.in_room("aula", "mine")).await.expect(403);
        eve.delete(&copy).await.no_content();
        assert!(server.claims("bay").await.is_empty());
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.partstats("bay"), ["DECLINED"]);
    })
    .await;
}

// R54, R84: what an invitation did not get is asked for again
#[tokio::test]
async fn a_declined_invitation_moved_into_the_room_is_refused_as_a_booking() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("lab").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        let asked = event("s").hours("20270301", 9, 10).organizer("ada");
        ada.invite(&asked.attendee("aula").attendee("lab")).await.created();
        ada.relocate(&ada.in_own("s"), &ada.in_room("aula", "s")).await.expect(403);
        assert!(ada.list(&ada.room("aula")).await.iter().all(|(href, _)| !href.ends_with("/s.ics")));
        assert_eq!(server.claims("lab").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R84: of two bookings with one UID the own calendar shows one; that one is not overwritten
#[tokio::test]
async fn a_booking_is_not_moved_over_what_shows_another_one() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        let ada = server.client("ada");
        ada.book("lab", &event("e").hours("20270301", 8, 9)).await.created();
        ada.book("aula", &event("e").hours("20270302", 9, 11)).await.created();
        ada.relocate(&ada.in_room("aula", "e"), &ada.in_own("e")).await.expect(412);
        assert_eq!(server.claims("lab").await, ["03-01 08:00-09:00"]);
        assert_eq!(server.claims("aula").await, ["03-02 09:00-11:00"]);
    })
    .await;
}

//! Several rooms of one event that are had together or not at all (R76).

use super::hold;
use crate::support::{Event, TestServer, event};

fn both(uid: &str) -> Event {
    event(uid).hours("20270308", 9, 10).organizer("ada").attendee("aula").attendee("lab")
}

/// Of two rooms Bob has one.
async fn lab_is_taken(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.room("lab").await;
    server.client("bob").book("lab", &event("b").hours("20270308", 9, 10)).await.created();
}

async fn answers(server: &TestServer, uid: &str) -> (Vec<String>, Vec<String>) {
    let ada = server.client("ada");
    let stored = ada.get(&ada.in_own(uid)).await;
    (stored.partstats("aula"), stored.partstats("lab"))
}

fn answer(of: &str) -> Vec<String> {
    of.split(' ').map(str::to_owned).collect()
}

// R76: `independent` as it comes
// Setting multi_room: default
#[tokio::test]
async fn each_room_decides_alone() {
    hold(async |server| {
        lab_is_taken(server).await;
        server.client("ada").invite(&both("x")).await.created();
        assert_eq!(answers(server, "x").await, (answer("ACCEPTED"), answer("DECLINED")));
    })
    .await;
}

// R76 with `atomic`, and by the event's own wish
// Setting multi_room: other
#[tokio::test]
async fn all_rooms_are_had_or_none() {
    hold(async |server| {
        lab_is_taken(server).await;
        let ada = server.client("ada");
        ada.invite(&both("w").line("X-ROOM-POLICY:ATOMIC")).await.created();
        assert_eq!(answers(server, "w").await, (answer("DECLINED"), answer("DECLINED")));
        server.set("aula", "multi_room", "atomic").await;
        ada.invite(&both("x")).await.created();
        assert_eq!(answers(server, "x").await, (answer("DECLINED"), answer("DECLINED")));
        assert_eq!(server.states("aula", "x").await, ["03-08 09:00 declined multi-room"]);
        assert!(server.claims("aula").await.is_empty());
        let letters = server.letters_of("ada", "declined").await;
        assert!(
            letters.iter().any(|letter| letter.contains(
                "Room Aula was given up because another room was not free on 8 March 2027 from 09:00 to 10:00 \
                 (room Lab)"
            )),
            "{letters:?}"
        );
        // Where both are free both are had.
        let free = event("y").hours("20270308", 10, 11).organizer("ada").attendee("aula").attendee("lab");
        ada.invite(&free).await.created();
        assert_eq!(answers(server, "y").await, (answer("ACCEPTED"), answer("ACCEPTED")));
    })
    .await;
}

// R50, R76: date by date
#[tokio::test]
async fn of_a_series_the_dates_that_one_room_lacks_are_given_up_in_the_other() {
    hold(async |server| {
        lab_is_taken(server).await;
        server.set("aula", "multi_room", "atomic").await;
        let ada = server.client("ada");
        let weekly = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        let asked = |event: Event| event.organizer("ada").attendee("aula").attendee("lab");
        ada.invite(&asked(weekly)).await.created();
        let some = answer("ACCEPTED DECLINED");
        assert_eq!(answers(server, "s").await, (some.clone(), some));
        assert_eq!((server.claims("aula").await.len(), server.claims("lab").await.len()), (3, 4));
        // A room that takes no half series declines it all, and so do the others.
        server.set("aula", "max_conflicts", "0").await;
        let evening = event("e").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=4");
        ada.invite(&asked(evening)).await.created();
        assert_eq!(answers(server, "e").await, (answer("DECLINED"), answer("DECLINED")));
        assert_eq!((server.claims("aula").await.len(), server.claims("lab").await.len()), (3, 4));
    })
    .await;
}

// R54, R76: what is booked directly with another room beside it
#[tokio::test]
async fn a_direct_booking_is_refused_for_the_other_room() {
    hold(async |server| {
        lab_is_taken(server).await;
        let ada = server.client("ada");
        let booked = event("x").hours("20270308", 9, 10).organizer("ada").attendee("lab");
        let refused = ada.book("aula", &booked.line("X-ROOM-POLICY:ATOMIC")).await.refused("multi-room");
        assert!(refused.sentence().contains("(room Lab)"), "{}", refused.sentence());
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R57, R58, R76: a move that one room refuses is refused by both, and the old slots are kept
#[tokio::test]
async fn a_move_that_one_room_refuses_is_refused_by_both() {
    hold(async |server| {
        lab_is_taken(server).await;
        server.set("lab", "multi_room", "atomic").await;
        let ada = server.client("ada");
        let at = |hour| {
            event("x").hours("20270308", hour, hour + 1).organizer("ada").attendee("aula").attendee("lab")
        };
        ada.invite(&at(14)).await.created();
        ada.put(&ada.in_own("x"), at(9).text()).await.no_content();
        assert_eq!(answers(server, "x").await, (answer("DECLINED"), answer("DECLINED")));
        assert_eq!(server.claims("aula").await, ["03-08 14:00-15:00"]);
        ada.put(&ada.in_own("x"), at(14).text()).await.no_content();
        assert_eq!(answers(server, "x").await, (answer("ACCEPTED"), answer("ACCEPTED")));
    })
    .await;
}

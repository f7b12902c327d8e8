//! What is confirmed, in a room that wants approval, and is moved or shortened (R57, R58, R74).

use super::{HOUR, invitation, kinds, meeting, with_house};
use crate::support::{Event, TestServer, event};

/// Ada has the aula from 9 to 10, by invitation or booked there.
pub(super) async fn has_nine(server: &TestServer, is_direct: bool) {
    let ada = server.client("ada");
    if is_direct {
        ada.book("aula", &meeting("e")).await.created();
    } else {
        ada.invite(&invitation("e")).await.created();
    }
    server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
}

fn at(is_direct: bool, from: &str, to: &str) -> Event {
    let moved = event("e").between(&format!("20270308T{from}00"), &format!("20270308T{to}00"));
    if is_direct { moved } else { moved.organizer("ada").attendee("aula") }
}

pub(super) async fn moves(server: &TestServer, is_direct: bool, from: &str, to: &str) {
    let ada = server.client("ada");
    let path = if is_direct { ada.in_room("aula", "e") } else { ada.in_own("e") };
    ada.put(&path, at(is_direct, from, to).text()).await.no_content();
}

// Scenario 25; R57, R74
#[tokio::test]
async fn shortened_it_stays_confirmed_and_moved_it_waits_with_the_old_slot_kept() {
    with_house(async |server| {
        for is_direct in [true, false] {
            let (ada, bob) = (server.client("ada"), server.client("bob"));
            has_nine(server, is_direct).await;
            moves(server, is_direct, "0900", "0945").await;
            assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
            moves(server, is_direct, "1100", "1200").await;
            assert_eq!(server.states("aula", "e").await, ["03-08 09:00 grace", "03-08 11:00 held"]);
            bob.book("aula", &meeting("b")).await.refused("busy");
            bob.book("aula", &event("c").hours("20270308", 11, 12)).await.refused("busy");
            server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
            assert_eq!(server.states("aula", "e").await, ["03-08 11:00 confirmed"]);
            assert_eq!(server.claims("aula").await, ["03-08 11:00-12:00"]);
            let path = if is_direct { ada.in_room("aula", "e") } else { ada.in_own("e") };
            ada.delete(&path).await.no_content();
        }
    })
    .await;
}

// R58, R74: a declined move by invitation; the old slot stays for the grace period
#[tokio::test]
async fn a_declined_move_by_invitation_can_be_taken_back_for_a_while() {
    with_house(async |server| {
        has_nine(server, false).await;
        let ada = server.client("ada");
        // Half an hour later: the two share a part.
        moves(server, false, "0930", "1030").await;
        assert_eq!(server.claims("aula").await, ["03-08 09:00-09:30", "03-08 09:30-10:30"]);
        server.decide("aula", "e", ("eve", false), None, "").await.unwrap();
        assert_eq!(
            server.states("aula", "e").await,
            ["03-08 09:00 grace", "03-08 09:30 declined not-approved"]
        );
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
        server.pass(300).await;
        moves(server, false, "0900", "1000").await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        // Once more, and too long.
        moves(server, false, "0930", "1030").await;
        server.decide("aula", "e", ("eve", false), None, "").await.unwrap();
        server.pass(600).await;
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R58, R74: a declined move of a booking changes nothing in the end
#[tokio::test]
async fn a_declined_move_of_a_booking_goes_back() {
    with_house(async |server| {
        for (from, to) in [("1100", "1200"), ("0930", "1030"), ("0830", "1100")] {
            has_nine(server, true).await;
            let ada = server.client("ada");
            moves(server, true, from, to).await;
            server.decide("aula", "e", ("eve", false), None, "").await.unwrap();
            assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"], "{from}");
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
            for path in [ada.in_room("aula", "e"), ada.in_own("e")] {
                let text = ada.get(&path).await;
                assert!(text.has_line("DTSTART;TZID=Europe/Berlin:20270308T090000"), "{}", text.text());
                assert!(text.has_line("DTEND;TZID=Europe/Berlin:20270308T100000"), "{}", text.text());
            }
            assert_eq!(kinds(server, "ada").await.last().map(String::as_str), Some("not-approved"));
            ada.delete(&ada.in_room("aula", "e")).await.no_content();
        }
    })
    .await;
}

// R71, R74: nobody decides about the move
#[tokio::test]
async fn a_move_that_nobody_decides_about_goes_back() {
    with_house(async |server| {
        has_nine(server, true).await;
        moves(server, true, "1100", "1200").await;
        server.pass(72 * HOUR).await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        let ada = server.client("ada");
        let text = ada.get(&ada.in_room("aula", "e")).await;
        assert!(text.has_line("DTSTART;TZID=Europe/Berlin:20270308T090000"), "{}", text.text());
    })
    .await;
}

// R74: taken back by the owner before anybody decides
#[tokio::test]
async fn a_move_taken_back_needs_no_decision() {
    with_house(async |server| {
        for is_direct in [true, false] {
            has_nine(server, is_direct).await;
            moves(server, is_direct, "0930", "1030").await;
            moves(server, is_direct, "1000", "1100").await;
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00", "03-08 10:00-11:00"]);
            moves(server, is_direct, "0900", "1000").await;
            assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
            let ada = server.client("ada");
            let path = if is_direct { ada.in_room("aula", "e") } else { ada.in_own("e") };
            ada.delete(&path).await.no_content();
        }
    })
    .await;
}

// R57, R70: a request that is shortened waits as before, one that is moved waits anew and keeps nothing
#[tokio::test]
async fn a_request_that_is_moved_is_another_request() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &meeting("e")).await.created();
        moves(server, true, "0900", "0930").await;
        assert_eq!(kinds(server, "eve").await, ["approval-asked"]);
        server.pass(HOUR).await;
        moves(server, true, "1100", "1200").await;
        assert_eq!(server.states("aula", "e").await, ["03-08 11:00 held"]);
        assert_eq!(server.claims("aula").await, ["03-08 11:00-12:00"]);
        assert_eq!(kinds(server, "eve").await, ["approval-asked", "approval-asked"]);
        // A move onto a taken slot is refused as ever.
        server.client("eve").book("aula", &event("x").hours("20270308", 14, 15)).await.created();
        let taken = at(true, "1400", "1500").text();
        ada.put(&ada.in_room("aula", "e"), taken).await.refused("busy");
        assert_eq!(server.states("aula", "e").await, ["03-08 11:00 held"]);
    })
    .await;
}

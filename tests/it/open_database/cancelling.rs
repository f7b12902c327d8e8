//! Rows that cancel: who may, what, and what becomes of it (section 11; R57, R73, R87 to R89).

use super::{NINE, Other, booking, cancellation, handed_in, hold, house};
use crate::support::{TestServer, event};

/// The number of the reservation of this UID in the aula.
async fn reservation(server: &TestServer, uid: &str) -> String {
    Other::on(server).await.row(&format!("SELECT id FROM v_reservation WHERE uid = '{uid}'")).await
}

#[tokio::test]
async fn the_organizer_cancels_what_was_booked_by_whichever_way() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[])).await.is("booked", "");
        ada.book("aula", &event("web").hours("20270302", 9, 10)).await.created();
        let token = ada.token(&ada.room("aula")).await;
        for id in [answer.reservation, reservation(server, "web").await] {
            let cancelled = handed_in(server, &cancellation(&id, "ada", &[])).await.is("cancelled", "");
            assert_eq!(cancelled.reservation, id);
        }
        assert!(server.claims("aula").await.is_empty());
        let (gone, _) = ada.sync(&ada.room("aula"), &token).await;
        assert_eq!(gone.len(), 2, "a subscribed program hears of it");
        assert!(ada.list(&ada.own()).await.is_empty());
        assert!(server.notices("ada").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_manager_cancels_and_the_owner_is_told_but_nobody_else_may() {
    hold(async |server| {
        house(server).await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[("summary", "Choir")])).await;
        let id = answer.reservation.as_str();
        let refused = handed_in(server, &cancellation(id, "bob", &[])).await;
        refused.is("refused", "not-allowed").says("Aula");
        assert_eq!(server.claims("aula").await.len(), 1);
        handed_in(server, &cancellation(id, "eve", &[])).await.is("cancelled", "");
        assert!(server.claims("aula").await.is_empty());
        let notices = server.notices("ada").await;
        assert_eq!(notices[0].1, "Cancelled: Choir", "{notices:?}");
        // It is gone, and so is its number.
        let again = handed_in(server, &cancellation(id, "ada", &[])).await.is("refused", "invalid");
        again.says(&format!("There is no reservation {id}."));
    })
    .await;
}

#[tokio::test]
async fn what_somebody_does_not_see_is_not_there_for_him() {
    hold(async |server| {
        house(server).await;
        let answer = handed_in(server, &booking("aula", "eve", NINE, &[])).await;
        server.set("aula", "viewer", "none").await;
        let refused = handed_in(server, &cancellation(&answer.reservation, "bob", &[])).await;
        refused.is("refused", "invalid").says("There is no reservation");
        let refused = handed_in(server, &booking("aula", "bob", NINE, &[])).await;
        refused.is("refused", "invalid").says("There is no room aula.");
    })
    .await;
}

#[tokio::test]
async fn one_date_of_a_series_is_cancelled_by_its_owner_or_a_manager() {
    hold(async |server| {
        house(server).await;
        let weekly = [("rrule", "FREQ=WEEKLY;COUNT=4")];
        let answer = handed_in(server, &booking("aula", "ada", NINE, &weekly)).await;
        let id = answer.reservation.as_str();
        let mut other = Other::on(server).await;
        let keys =
            format!("SELECT occurrence FROM v_occurrence WHERE reservation_id = {id} ORDER BY start_at");
        let keys = other.rows(&keys).await;
        assert_eq!(keys[1], "2027-03-08T08:00:00Z");
        let foreign = handed_in(server, &cancellation(id, "bob", &[("occurrence", &keys[1])])).await;
        foreign.is("refused", "not-allowed").says("8 March 2027");
        handed_in(server, &cancellation(id, "ada", &[("occurrence", &keys[1])])).await.is("cancelled", "");
        let local = [("occurrence", "2027-03-15 09:00"), ("zone", "Europe/Berlin")];
        handed_in(server, &cancellation(id, "eve", &local)).await.is("cancelled", "");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-22 09:00-10:00"]);
        let states =
            format!("SELECT starts, state FROM v_occurrence WHERE reservation_id = {id} ORDER BY start_at");
        let states = other.rows(&states).await;
        assert_eq!(states[1..3], ["2027-03-08T08:00:00Z|cancelled", "2027-03-15T08:00:00Z|cancelled"]);
        for no_date in ["2027-03-08T08:00:00Z", "2027-03-09T08:00:00Z"] {
            let answer = handed_in(server, &cancellation(id, "ada", &[("occurrence", no_date)])).await;
            answer.is("refused", "invalid").says("no date to come");
        }
        let answer = handed_in(server, &cancellation(id, "ada", &[("occurrence", "Monday")])).await;
        answer.is("refused", "invalid").says("\"Monday\" is no time");
        handed_in(server, &cancellation(id, "ada", &[])).await.is("cancelled", "");
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_single_event_is_named_by_its_start_too() {
    hold(async |server| {
        house(server).await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[])).await;
        let late = [("occurrence", "2027-03-01T09:00:00Z")];
        handed_in(server, &cancellation(&answer.reservation, "ada", &late)).await.is("refused", "invalid");
        let right = [("occurrence", "2027-03-01T08:00:00Z")];
        handed_in(server, &cancellation(&answer.reservation, "ada", &right)).await.is("cancelled", "");
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R87
#[tokio::test]
async fn what_has_begun_ends_now_and_stays_on_record() {
    hold(async |server| {
        house(server).await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[("summary", "Choir")])).await;
        server.at("2027-03-01T08:20:00Z");
        handed_in(server, &cancellation(&answer.reservation, "ada", &[])).await.is("cancelled", "");
        let mut other = Other::on(server).await;
        let left =
            format!("SELECT ends, state FROM v_occurrence WHERE reservation_id = {}", answer.reservation);
        assert_eq!(other.row(&left).await, "2027-03-01T08:20:00Z|released");
        let record =
            format!("SELECT confirmed, summary FROM v_reservation WHERE id = {}", answer.reservation);
        assert_eq!(other.row(&record).await, "0|", "no text says any more that its title is no secret");
    })
    .await;
}

// R88
#[tokio::test]
async fn after_the_deadline_a_room_may_keep_a_booking() {
    hold(async |server| {
        house(server).await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[])).await;
        server.set("aula", "cancel_deadline", "2d").await;
        server.set("aula", "lock_after_deadline", "on").await;
        let late = handed_in(server, &cancellation(&answer.reservation, "ada", &[])).await;
        late.is("refused", "late-cancel").says("2 days");
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invited_room_is_left_and_the_event_stays() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let meeting = event("m").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        ada.invite(&meeting).await.created();
        let id = reservation(server, "m").await;
        handed_in(server, &cancellation(&id, "bob", &[])).await.is("refused", "not-allowed");
        handed_in(server, &cancellation(&id, "eve", &[])).await.is("cancelled", "");
        assert!(server.claims("aula").await.is_empty());
        let text = ada.get(&ada.in_own("m")).await.expect(200);
        assert_eq!(text.partstats("aula"), ["DECLINED"], "{}", text.text());
    })
    .await;
}

// R73
#[tokio::test]
async fn a_manager_who_cancels_what_waits_declines_it() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "mode", "approve").await;
        let answer =
            handed_in(server, &booking("aula", "ada", NINE, &[("summary", "Choir")])).await.is("held", "");
        handed_in(server, &cancellation(&answer.reservation, "eve", &[])).await.is("cancelled", "");
        assert!(server.claims("aula").await.is_empty());
        let notices = server.notices("ada").await;
        assert!(notices.iter().any(|(_, subject)| subject == "Not approved: Choir"), "{notices:?}");
    })
    .await;
}

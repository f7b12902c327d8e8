//! Rooms whose requests queue (R72).

use roomdav::booking::Outcome;

use super::{HOUR, invitation, kinds, meeting, with_house};
use crate::support::{TestServer, event};

async fn queued(server: &TestServer) {
    server.set("aula", "pending", "queue").await;
}

// Scenario 24; R72
#[tokio::test]
async fn requests_queue_and_approving_one_declines_the_rest() {
    with_house(async |server| {
        queued(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&invitation("a")).await.created();
        bob.book("aula", &meeting("b")).await.created();
        bob.book("aula", &event("later").hours("20270308", 10, 11)).await.created();
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["TENTATIVE"]);
        assert!(server.claims("aula").await.is_empty());
        // What claims nothing keeps nobody busy (R104).
        let body = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                    start=\"20270308T000000Z\" end=\"20270309T000000Z\"/></C:free-busy-query>";
        let told = bob.report(&bob.room("aula"), body).await.expect(200).text();
        assert!(!told.contains("\nFREEBUSY"), "{told}");
        server.decide("aula", "b", ("eve", true), None, "").await.unwrap();
        assert_eq!(server.states("aula", "b").await, ["03-08 09:00 confirmed"]);
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 declined busy"]);
        assert_eq!(server.states("aula", "later").await, ["03-08 10:00 held"]);
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "declined"]);
        let row = server.decisions().await.into_iter().find(|row| row.rule == "R72").expect("a row");
        assert_eq!(row.reason.as_deref(), Some("busy"));
    })
    .await;
}

// R72: step 5 when it is asked, and when it is approved
#[tokio::test]
async fn a_queue_never_overlaps_what_is_confirmed() {
    with_house(async |server| {
        queued(server).await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        ada.book("aula", &meeting("a")).await.created();
        // The manager takes the room for herself; what waits is declined by the clock.
        eve.book("aula", &meeting("e")).await.created();
        bob.book("aula", &meeting("b")).await.refused("busy");
        let refused = server.decide("aula", "a", ("eve", true), None, "").await.unwrap();
        assert!(matches!(refused, Outcome::Refused(_)));
        server.pass(60).await;
        ada.get(&ada.in_room("aula", "a")).await.expect(404);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "declined"]);
    })
    .await;
}

// R71, R72: what queues ends in the same time
#[tokio::test]
async fn what_queues_ends_too() {
    with_house(async |server| {
        queued(server).await;
        let ada = server.client("ada");
        ada.invite(&invitation("a")).await.created();
        server.pass(72 * HOUR).await;
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 declined not-approved"]);
    })
    .await;
}

// R33, R72: dates that queue are dates of one series all the same
#[tokio::test]
async fn a_series_in_a_queue_does_not_overlap_itself() {
    with_house(async |server| {
        queued(server).await;
        let ada = server.client("ada");
        let series = event("s").hours("20270308", 9, 11).rule("FREQ=DAILY;COUNT=2");
        ada.book("aula", &series).await.created();
        let moved = series.moved("20270309T090000", "20270308T100000", "20270308T120000", &[]);
        ada.put(&ada.in_room("aula", "s"), moved.text()).await.refused("self-overlap");
    })
    .await;
}

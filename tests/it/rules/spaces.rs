//! Spaces, parts and units: what keeps whom out (R1, R76 to R81).

use super::hold;
use crate::support::event;

// Scenario 1
#[tokio::test]
async fn neighbours_fit_and_a_minute_of_overlap_does_not() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        bob.book("aula", &event("b").hours("20270301", 10, 11)).await.created();
        let late = event("c").between("20270301T095900", "20270301T103000");
        bob.book("aula", &late).await.refused("busy");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 10:00-11:00"]);
    })
    .await;
}

// Scenario 26; R78
#[tokio::test]
async fn a_part_makes_the_whole_busy_and_the_whole_its_parts() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("left").await;
        server.room("right").await;
        server.composite("hall", &["left", "right"]).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("left", &event("part").hours("20270301", 9, 10)).await.created();
        bob.book("hall", &event("whole").hours("20270301", 9, 10)).await.refused("busy");
        bob.book("right", &event("other").hours("20270301", 9, 10)).await.created();
        bob.book("hall", &event("later").hours("20270301", 10, 11)).await.created();
        ada.book("left", &event("l").hours("20270301", 10, 11)).await.refused("busy");
        ada.book("right", &event("r").hours("20270301", 10, 11)).await.refused("busy");
        assert_eq!(server.claims("left").await, ["03-01 09:00-10:00", "03-01 10:00-11:00"]);
        assert_eq!(server.claims("hall").await.len(), 4);
    })
    .await;
}

// R41, R78: a booking is not in its own way, not even between a room and its part
#[tokio::test]
async fn one_event_cannot_have_a_room_and_its_part_at_once() {
    hold(async |server| {
        server.person("ada").await;
        server.room("left").await;
        server.composite("hall", &["left"]).await;
        let ada = server.client("ada");
        let both = event("e").hours("20270301", 9, 10).organizer("ada").attendee("left").attendee("hall");
        ada.invite(&both).await.created();
        let stored = ada.get(&ada.in_own("e")).await;
        let answers = [stored.partstats("left"), stored.partstats("hall")].concat();
        assert_eq!(answers.iter().filter(|answer| *answer == "ACCEPTED").count(), 1, "{answers:?}");
        assert_eq!(server.claims("left").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// Scenario 27; R81
#[tokio::test]
async fn buffers_keep_neighbours_apart_and_are_not_part_of_the_event() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("lab").await;
        server.set("lab", "teardown", "15m").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("lab", &event("a").hours("20270301", 9, 10)).await.created();
        bob.book("lab", &event("b").hours("20270301", 10, 11)).await.refused("busy");
        let after = event("c").between("20270301T101500", "20270301T110000");
        bob.book("lab", &after).await.created();
        // R82: the older claim keeps the buffers it was made with.
        server.set("lab", "setup", "10m").await;
        let early = event("d").between("20270301T111500", "20270301T120000");
        bob.book("lab", &early).await.refused("busy");
        bob.book("lab", &event("e").between("20270301T112500", "20270301T120000")).await.created();
        assert_eq!(
            server.claims("lab").await,
            ["03-01 09:00-10:15", "03-01 10:15-11:15", "03-01 11:15-12:15"]
        );
        let shown = ada.texts(&ada.room("lab")).await;
        assert!(shown[0].contains("DTEND;TZID=Europe/Berlin:20270301T100000"), "{}", shown[0]);
    })
    .await;
}

// Scenario 28; R80
#[tokio::test]
async fn the_peak_of_claims_counts_and_not_their_number() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("desks").await;
        server.set("desks", "units", "2").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("desks", &event("a").hours("20270301", 9, 10)).await.created();
        ada.book("desks", &event("b").hours("20270301", 10, 11)).await.created();
        bob.book("desks", &event("c").hours("20270301", 9, 11)).await.created();
        let third = event("d").between("20270301T090000", "20270301T093000");
        bob.book("desks", &third).await.refused("busy");
        let two = event("two").hours("20270301", 12, 13).line("X-ROOM-UNITS:2");
        bob.book("desks", &two).await.created();
        ada.book("desks", &event("one").hours("20270301", 12, 13)).await.refused("busy");
    })
    .await;
}

// Scenario 29; R76, R80
#[tokio::test]
async fn each_room_of_an_event_is_judged_by_its_own_number() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("single").await;
        server.room("many").await;
        server.set("many", "units", "5").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("single", &event("a1").hours("20270301", 9, 10)).await.created();
        for i in 0..4 {
            ada.book("many", &event(&format!("m{i}")).hours("20270301", 9, 10)).await.created();
        }
        let both =
            event("both").hours("20270301", 9, 10).organizer("bob").attendee("single").attendee("many");
        let reply = bob.invite(&both).await.created();
        assert!(reply.header("etag").is_none() && reply.header("schedule-tag").is_some());
        let stored = bob.get(&bob.in_own("both")).await.expect(200);
        assert_eq!(stored.partstats("single"), ["DECLINED"]);
        assert_eq!(stored.partstats("many"), ["ACCEPTED"]);
        assert_eq!(server.claims("single").await.len(), 1);
        assert_eq!(server.claims("many").await.len(), 5);
        let sixth = event("sixth").hours("20270301", 9, 10);
        bob.book("many", &sixth).await.refused("busy");
    })
    .await;
}

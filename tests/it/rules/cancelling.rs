//! Who may cancel what, and what becomes of it (section 11; R87, R88, R89).

use super::hold;
use crate::support::{Event, TestServer, event};

fn series(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=5")
}

/// Ada owns, Bob reads, Eve manages, Max is the administrator.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.admin("max").await;
    server.room("aula").await;
    server.set("aula", "viewer", "details").await;
    server.grant("aula", "eve", "manage").await;
}

// Section 11: the organizer
#[tokio::test]
async fn the_owner_cancels_all_or_one_date() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &series("s")).await.created();
        let one = series("s").line("EXDATE;TZID=Europe/Berlin:20270302T090000");
        ada.put(&ada.in_room("aula", "s"), one.text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        ada.delete(&ada.in_room("aula", "s")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert!(ada.list(&ada.own()).await.is_empty());
        assert!(server.notices("ada").await.is_empty());
    })
    .await;
}

// Section 11: manager and administrator, whole and one date, with a message to the organizer
#[tokio::test]
async fn managers_and_administrators_cancel_and_the_owner_is_told() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        for (i, login) in ["eve", "max"].into_iter().enumerate() {
            let boss = server.client(login);
            let uid = format!("s{i}");
            ada.book("aula", &series(&uid)).await.created();
            let path = boss.in_room("aula", &uid);
            let one = series(&uid).line("EXDATE;TZID=Europe/Berlin:20270302T090000");
            let etag = boss.get(&path).await.expect(200).etag();
            boss.change(&path, &etag, one.text()).await.no_content();
            assert_eq!(server.claims("aula").await.len(), 4, "{login}");
            boss.delete(&path).await.no_content();
            assert!(server.claims("aula").await.is_empty(), "{login}");
            ada.get(&ada.in_own(&uid)).await.expect(404);
            let notices = server.notices("ada").await;
            assert_eq!(notices.len(), 2 * (i + 1), "{notices:?}");
            assert_eq!(notices[2 * i + 1].1, format!("Cancelled: {uid}"));
        }
    })
    .await;
}

// Scenario 32 by DELETE; section 11: other readers and attendees
#[tokio::test]
async fn a_reader_or_attendee_cancels_nothing() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = series("direct").attendee("bob");
        ada.book("aula", &asked).await.created();
        let invited =
            event("inv").hours("20270301", 14, 15).organizer("ada").attendee("aula").attendee("bob");
        ada.invite(&invited).await.created();
        let mut before = server.decisions().await.len();
        for (path, _) in bob.list(&bob.room("aula")).await {
            let old = bob.get(&path).await;
            let refused = bob.delete(&path).await.refused("not-allowed");
            assert!(refused.sentence().contains("Aula"), "{}", refused.sentence());
            // R4.2: Bob's program fetches it again.
            assert_ne!(bob.get(&path).await.expect(200).etag(), old.etag());
            let rows = server.decisions().await;
            assert_eq!(rows.len(), before + 1);
            before += 1;
            assert_eq!(rows[before - 1].reason.as_deref(), Some("not-allowed"));
        }
        assert_eq!(server.claims("aula").await.len(), 6);
        // Nor by writing over it.
        let cancelled = asked.line("STATUS:CANCELLED");
        bob.put(&bob.in_room("aula", "direct"), cancelled.text()).await.refused("not-allowed");
        assert_eq!(server.claims("aula").await.len(), 6);
        // Bob's own copy of the invitation is his to throw away.
        bob.delete(&bob.in_own("inv")).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 6);
        assert_eq!(server.notices("ada").await, []);
    })
    .await;
}

// R87
#[tokio::test]
async fn a_running_occurrence_is_cut_to_now() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("e").hours("20270301", 9, 12)).await.created();
        server.at("2027-03-01T09:00:00Z");
        ada.delete(&ada.in_room("aula", "e")).await.no_content();
        bob.book("aula", &event("b").hours("20270301", 10, 12)).await.created();
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 released released"]);
        let rows = server.decisions().await;
        assert!(rows.iter().any(|row| row.rule == "R87" && row.new_state.as_deref() == Some("released")));
        // The UID may be used again.
        ada.book("aula", &event("e").hours("20270301", 14, 15)).await.created();
    })
    .await;
}

// R87 for a series: the running date is cut, the coming ones are free
#[tokio::test]
async fn a_running_series_is_cut_and_its_future_freed() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let invited = series("s").organizer("ada").attendee("aula");
        ada.invite(&invited).await.created();
        server.at("2027-03-02T08:30:00Z");
        ada.delete(&ada.in_own("s")).await.no_content();
        bob.book("aula", &event("b").between("20270302T093000", "20270302T100000")).await.created();
        bob.book("aula", &event("c").hours("20270303", 9, 10)).await.created();
        assert_eq!(
            server.claims("aula").await.iter().filter(|claim| *claim > &"03-02 09:01".to_owned()).count(),
            2
        );
    })
    .await;
}

// R88 without and with the lock
// Setting lock_after_deadline: default
// Setting lock_after_deadline: other
#[tokio::test]
async fn a_late_cancellation_is_recorded_or_where_the_room_says_so_refused() {
    hold(async |server| {
        house(server).await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        server.set("aula", "cancel_deadline", "1d").await;
        ada.book("aula", &event("one").hours("20270303", 9, 10)).await.created();
        ada.book("aula", &event("two").hours("20270303", 14, 15)).await.created();
        let early = event("early").hours("20270310", 9, 10);
        ada.book("aula", &early).await.created();
        server.at("2027-03-02T20:00:00Z");
        ada.delete(&ada.in_room("aula", "one")).await.no_content();
        let late = |row: &(String, Option<String>, String)| row.1.as_deref() == Some("late-cancel");
        assert_eq!(server.audit("aula").await.iter().filter(|row| late(row)).count(), 1);
        server.set("aula", "lock_after_deadline", "on").await;
        ada.delete(&ada.in_room("aula", "two")).await.refused("late-cancel");
        assert_eq!(server.claims("aula").await.len(), 2);
        ada.delete(&ada.in_room("aula", "early")).await.no_content();
        eve.delete(&eve.in_room("aula", "two")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R89: by a manager on an invitation
#[tokio::test]
async fn what_a_manager_cancelled_stays_cancelled_until_it_is_moved() {
    hold(async |server| {
        house(server).await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let invited = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        ada.invite(&invited).await.created();
        let shown = eve.list(&eve.room("aula")).await;
        eve.delete(&shown[0].0).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(ada.get(&ada.in_own("e")).await.expect(200).partstats("aula"), ["DECLINED"]);
        assert_eq!(server.notices("ada").await[0].1, "Cancelled: e");
        // A program that knows nothing of it writes its event again.
        ada.put(&ada.in_own("e"), invited.clone().summary("Again").text()).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
        let moved = event("e").hours("20270301", 11, 12).organizer("ada").attendee("aula");
        ada.put(&ada.in_own("e"), moved.text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00"]);
    })
    .await;
}

// R89: one date of an invited series
#[tokio::test]
async fn a_date_that_a_manager_cancelled_is_not_revived_by_a_new_title() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let invited = series("s").organizer("ada").attendee("aula");
        ada.invite(&invited).await.created();
        server.cancel_date("aula", "s", "2027-03-03T08:00:00Z", "eve").await;
        assert_eq!(server.claims("aula").await.len(), 4);
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["ACCEPTED", "DECLINED"]);
        ada.put(&ada.in_own("s"), invited.summary("Again").text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["ACCEPTED", "DECLINED"]);
    })
    .await;
}

// R89: one date of a direct series, written again by a program that has not heard of it
#[tokio::test]
async fn a_stale_text_does_not_revive_a_date_of_a_direct_series() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &series("s")).await.created();
        server.cancel_date("aula", "s", "2027-03-03T08:00:00Z", "eve").await;
        let path = ada.in_room("aula", "s");
        assert_eq!(ada.get(&path).await.lines_of("EXDATE").len(), 1);
        ada.put(&path, series("s").summary("Again").text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        assert_eq!(ada.get(&path).await.lines_of("EXDATE").len(), 1);
    })
    .await;
}

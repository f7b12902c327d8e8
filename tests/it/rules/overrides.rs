//! Single dates of a series: excluded, cancelled, moved, or the only ones with a room
//! (R17, R20, R28, R30, R58).

use super::hold;
use crate::support::{Event, TestServer, event};

fn daily(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=5")
}

async fn aula_with_series(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.client("ada").book("aula", &daily("s")).await.created();
}

// Scenario 13; R17
#[tokio::test]
async fn an_excluded_date_is_free_and_no_other() {
    hold(async |server| {
        aula_with_series(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let without = daily("s").line("EXDATE;TZID=Europe/Berlin:20270303T090000");
        ada.put(&ada.in_room("aula", "s"), without.text()).await.no_content();
        assert_eq!(
            server.claims("aula").await,
            ["03-01 09:00-10:00", "03-02 09:00-10:00", "03-04 09:00-10:00", "03-05 09:00-10:00"]
        );
        bob.book("aula", &event("b").hours("20270303", 9, 10)).await.created();
        bob.book("aula", &event("c").hours("20270304", 9, 10)).await.refused("busy");
    })
    .await;
}

// Scenarios 13 and 20; R28
#[tokio::test]
async fn a_cancelled_override_frees_its_date_and_a_cancelled_event_all() {
    hold(async |server| {
        aula_with_series(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let path = ada.in_room("aula", "s");
        let cancelled =
            daily("s").moved("20270303T090000", "20270303T090000", "20270303T100000", &["STATUS:CANCELLED"]);
        ada.put(&path, cancelled.text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        bob.book("aula", &event("b").hours("20270303", 9, 10)).await.created();
        ada.put(&path, daily("s").line("STATUS:CANCELLED").text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-03 09:00-10:00"]);
        bob.book("aula", &event("c").hours("20270304", 9, 10)).await.created();
        // It stays as an event that asks for nothing, and asks again like anybody.
        ada.get(&path).await.expect(200);
        ada.put(&path, daily("s").text()).await.refused("busy");
    })
    .await;
}

// Scenario 20 on an invitation; R28
#[tokio::test]
async fn a_cancelled_invitation_frees_the_room() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let invited = |event: Event| event.organizer("ada").attendee("aula");
        ada.invite(&invited(daily("s"))).await.created();
        let address = "ATTENDEE;CUTYPE=ROOM:mailto:aula@example.org";
        let one = invited(daily("s")).moved(
            "20270303T090000",
            "20270303T090000",
            "20270303T100000",
            &["STATUS:CANCELLED", address],
        );
        ada.put(&ada.in_own("s"), one.text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        ada.put(&ada.in_own("s"), invited(daily("s")).line("STATUS:CANCELLED").text()).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert!(bob.list(&bob.room("aula")).await.is_empty());
        bob.book("aula", &daily("b")).await.created();
    })
    .await;
}

// Scenario 14; R17
#[tokio::test]
async fn an_exdate_in_utc_excludes_a_local_date() {
    hold(async |server| {
        aula_with_series(server).await;
        let ada = server.client("ada");
        let path = ada.in_room("aula", "s");
        ada.put(&path, daily("s").line("EXDATE:20270303T080000Z").text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 4);
        // The same instant in a zone of its own.
        let elsewhere = daily("s").line("EXDATE;TZID=America/New_York:20270304T030000");
        ada.put(&path, elsewhere.text()).await.no_content();
        assert!(!server.claims("aula").await.contains(&"03-04 09:00-10:00".to_owned()));
    })
    .await;
}

// R20: overrides without a master stand alone
#[tokio::test]
async fn overrides_without_a_master_book_their_own_dates() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let alone = event("s")
            .hours("20270301", 9, 10)
            .line("RECURRENCE-ID;TZID=Europe/Berlin:20270301T080000")
            .moved("20270308T080000", "20270309T140000", "20270309T150000", &[]);
        ada.book("aula", &alone).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-09 14:00-15:00"]);
    })
    .await;
}

// R30
#[tokio::test]
async fn a_room_that_is_invited_to_one_date_only_is_asked_for_that_date() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let room = "ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION:mailto:aula@example.org";
        let one = daily("s").organizer("ada").moved(
            "20270303T090000",
            "20270303T090000",
            "20270303T110000",
            &["ORGANIZER:mailto:ada@example.org", room],
        );
        ada.invite(&one).await.created();
        assert_eq!(server.claims("aula").await, ["03-03 09:00-11:00"]);
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED"]);
        // The room's calendar shows that date alone.
        server.set("aula", "viewer", "details").await;
        let bob = server.client("bob");
        let shown = bob.texts(&bob.room("aula")).await;
        assert_eq!(shown.len(), 1);
        let (_, shown) = shown[0].split_once("END:VTIMEZONE").unwrap();
        assert!(!shown.contains("RRULE") && shown.contains("20270303T110000"), "{shown}");
    })
    .await;
}

// R30 the other way: all dates but one
#[tokio::test]
async fn a_date_without_the_room_leaves_it_to_others() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let elsewhere = daily("s").organizer("ada").attendee("aula").moved(
            "20270303T090000",
            "20270303T090000",
            "20270303T100000",
            &["ORGANIZER:mailto:ada@example.org"],
        );
        ada.invite(&elsewhere).await.created();
        assert_eq!(server.claims("aula").await.len(), 4);
        bob.book("aula", &event("b").hours("20270303", 9, 10)).await.created();
    })
    .await;
}

fn invited() -> Event {
    daily("s").organizer("ada").attendee("aula")
}

/// Date 3 moved to 14:00, where Bob is.
fn onto_bob() -> Event {
    invited().moved(
        "20270303T090000",
        "20270303T140000",
        "20270303T150000",
        &["ORGANIZER:mailto:ada@example.org", "ATTENDEE;CUTYPE=ROOM:mailto:aula@example.org"],
    )
}

async fn moved_onto_bob(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    ada.invite(&invited()).await.created();
    bob.book("aula", &event("b").hours("20270303", 14, 15)).await.created();
    ada.put(&ada.in_own("s"), onto_bob().text()).await.no_content();
}

// Scenario 9; R58
#[tokio::test]
async fn a_date_moved_onto_a_taken_slot_is_declined_alone_and_can_go_back_in_time() {
    hold(async |server| {
        moved_onto_bob(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "DECLINED"]);
        assert_eq!(server.states("aula", "s").await.len(), 6);
        assert!(server.states("aula", "s").await.contains(&"03-03 14:00 declined busy".to_owned()));
        // The old slot is kept, and shown to nobody.
        bob.book("aula", &event("c").hours("20270303", 9, 10)).await.refused("busy");
        server.pass(599).await;
        ada.put(&ada.in_own("s"), invited().text()).await.no_content();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["ACCEPTED"]);
        server.pass(3600).await;
        bob.book("aula", &event("d").hours("20270303", 9, 10)).await.refused("busy");
        assert_eq!(
            server.states("aula", "s").await,
            ["03-01 09:00", "03-02 09:00", "03-03 09:00", "03-04 09:00", "03-05 09:00"]
                .map(|start| format!("{start} confirmed"))
        );
    })
    .await;
}

// R58
#[tokio::test]
async fn the_old_slot_of_a_declined_move_is_free_after_the_grace_period() {
    hold(async |server| {
        moved_onto_bob(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.pass(600).await;
        bob.book("aula", &event("c").hours("20270303", 9, 10)).await.created();
        // Back too late: it is declined there too.
        ada.put(&ada.in_own("s"), invited().text()).await.no_content();
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "DECLINED"]);
        assert_eq!(server.claims("aula").await.len(), 6);
    })
    .await;
}

// R58: on a direct write the move is refused and nothing changes
#[tokio::test]
async fn a_direct_move_onto_a_taken_slot_changes_nothing() {
    hold(async |server| {
        aula_with_series(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270303", 14, 15)).await.created();
        let path = ada.in_room("aula", "s");
        let before = ada.get(&path).await;
        let moved = daily("s").moved("20270303T090000", "20270303T140000", "20270303T150000", &[]);
        ada.change(&path, &before.etag(), moved.text()).await.refused("busy");
        let after = ada.get(&path).await;
        assert_eq!(after.text(), before.text());
        // R4.2: its writer fetches it again, nobody else does.
        assert_ne!(after.etag(), before.etag());
        assert_eq!(server.claims("aula").await.len(), 6);
        assert!(server.states("aula", "s").await.iter().all(|state| state.ends_with("confirmed")));
    })
    .await;
}

/// An invitation whose dates from the third on are two hours later, said by one component.
fn with_range(uid: &str, later: &[&str]) -> String {
    let mut lines = vec!["ORGANIZER:mailto:ada@example.org"];
    lines.extend(later);
    let series = daily(uid).organizer("ada").attendee("aula");
    let series = series.moved("20270303T090000", "20270303T110000", "20270303T120000", &lines);
    series.text().replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;")
}

const AULA: &str = "ATTENDEE;CUTYPE=ROOM:mailto:aula@example.org";

// R61: the answer to one date of a range stands at that date alone.
#[tokio::test]
async fn a_date_of_a_range_is_answered_alone() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&daily("s").organizer("ada").attendee("aula")).await.created();
        bob.book("aula", &event("b").hours("20270303", 11, 12)).await.created();
        ada.put(&ada.in_own("s"), with_range("s", &[AULA])).await.no_content();
        assert_eq!(
            server.claims("aula").await,
            [
                "03-01 09:00-10:00",
                "03-02 09:00-10:00",
                // What it had before, for a while (R58).
                "03-03 09:00-10:00",
                "03-03 11:00-12:00",
                "03-04 11:00-12:00",
                "03-05 11:00-12:00"
            ]
        );
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "ACCEPTED", "DECLINED"], "{}", stored.text());
        let text = stored.text();
        assert!(text.contains("RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270304T090000"), "{text}");
    })
    .await;
}

// R30 with R61
#[tokio::test]
async fn a_range_that_invites_another_room_leaves_the_first_one() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        let ada = server.client("ada");
        let lab = "ATTENDEE;CUTYPE=ROOM:mailto:lab@example.org";
        ada.create(&ada.in_own("s"), with_range("s", &[lab, "COMMENT:In the lab"])).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-02 09:00-10:00"]);
        assert_eq!(
            server.claims("lab").await,
            ["03-03 11:00-12:00", "03-04 11:00-12:00", "03-05 11:00-12:00"]
        );
        for room in ["aula", "lab"] {
            let shown = ada.get(&ada.in_room(room, "s")).await;
            let text = shown.text();
            assert_eq!(text.matches("STATUS:CANCELLED").count(), 1, "{room}: {} {text}", shown.status);
            assert_eq!(text.contains("In the lab"), room == "lab", "{text}");
        }
    })
    .await;
}

// R61: two dates at the head of a range are answered alone, and the range goes on after them.
#[tokio::test]
async fn two_dates_of_a_range_are_answered_alone() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&daily("s").organizer("ada").attendee("aula")).await.created();
        for day in ["20270303", "20270304"] {
            bob.book("aula", &event(&format!("b{day}")).hours(day, 11, 12)).await.created();
        }
        ada.put(&ada.in_own("s"), with_range("s", &[AULA])).await.no_content();
        let stored = ada.get(&ada.in_own("s")).await;
        let text = stored.text();
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "ACCEPTED", "DECLINED", "DECLINED"], "{text}");
        assert!(text.contains("RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270305T090000"), "{text}");
    })
    .await;
}

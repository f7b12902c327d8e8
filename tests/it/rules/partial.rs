//! New series on an invitation of which some dates are not free: how many may fail, what each calendar
//! shows, and what the organizer is told (R50 to R52, R55, R123).

use super::hold;
use crate::support::{Event, TestServer, event};

fn weekly(uid: &str, count: u32) -> Event {
    event(uid).hours("20270301", 9, 10).rule(&format!("FREQ=WEEKLY;COUNT={count}"))
}

fn invited(uid: &str, count: u32) -> Event {
    weekly(uid, count).organizer("ada").attendee("aula")
}

/// The aula, of which Bob has so many of the Mondays from 8 March on.
async fn aula_with_taken(server: &TestServer, taken: u32) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    let bob = server.client("bob");
    let first = event("b").hours("20270308", 9, 10).rule(&format!("FREQ=WEEKLY;COUNT={taken}"));
    bob.book("aula", &first).await.created();
}

// Scenario 4; R50, R51, R52, R122
#[tokio::test]
async fn a_series_with_two_taken_dates_is_taken_without_them() {
    hold(async |server| {
        aula_with_taken(server, 2).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&invited("s", 10)).await.created();
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "DECLINED", "DECLINED"]);
        assert_eq!(
            stored.lines_of("RECURRENCE-ID"),
            [
                "RECURRENCE-ID;TZID=Europe/Berlin:20270308T090000",
                "RECURRENCE-ID;TZID=Europe/Berlin:20270315T090000"
            ]
        );
        assert!(stored.lines_of("ATTENDEE").iter().all(|line| line.contains("SCHEDULE-STATUS=2.0")));
        assert_eq!(server.claims("aula").await.len(), 2 + 8);
        // The room's own calendar does not show what it did not give.
        let copy = ada.get(&ada.in_room("aula", "s")).await;
        assert_eq!(
            copy.lines_of("EXDATE"),
            ["EXDATE;TZID=Europe/Berlin:20270308T090000", "EXDATE;TZID=Europe/Berlin:20270315T090000"]
        );
        assert_eq!(copy.lines_of("RECURRENCE-ID").len(), 0);
        // One summary, with both dates and who has them (R42, R105).
        assert_eq!(server.notices("ada").await.len(), 1);
        let summary = server.letters_of("ada", "declined-dates").await.remove(0);
        for said in ["8 March 2027", "15 March 2027", "by Bob", "(Europe/Berlin; R1)"] {
            assert!(summary.contains(said), "{summary}");
        }
        // Scenario 42: each date has its audit row.
        let audit = server.audit("aula").await;
        let rows = audit.iter().filter(|(kind, reason, rule)| {
            kind == "occurrence" && reason.as_deref() == Some("busy") && rule == "R1"
        });
        assert_eq!(rows.count(), 2);
        assert_eq!(server.states("aula", "s").await[1], "03-08 09:00 declined busy");
        assert_eq!(bob.get(&bob.in_room("aula", "b")).await.partstats("aula").len(), 0);
    })
    .await;
}

// Scenario 4 with limits 0, each of them; R50
#[tokio::test]
async fn where_nothing_may_fail_one_taken_date_declines_all() {
    hold(async |server| {
        aula_with_taken(server, 2).await;
        let ada = server.client("ada");
        for (i, key) in ["max_conflicts", "max_conflict_percent"].iter().enumerate() {
            server.set("aula", key, "0").await;
            let uid = format!("s{i}");
            ada.invite(&invited(&uid, 10)).await.created();
            assert_eq!(ada.get(&ada.in_own(&uid)).await.partstats("aula"), ["DECLINED"]);
            server.set("aula", key, "9").await;
        }
        assert_eq!(server.claims("aula").await.len(), 2);
    })
    .await;
}

// Scenario 5; R50
// Setting max_conflicts: default
// Setting max_conflicts: other
// Setting max_conflict_percent: default
// Setting max_conflict_percent: other
#[tokio::test]
async fn too_many_taken_dates_decline_the_whole() {
    hold(async |server| {
        aula_with_taken(server, 6).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&invited("six", 10)).await.created();
        assert_eq!(ada.get(&ada.in_own("six")).await.partstats("aula"), ["DECLINED"]);
        // The sentence names the dates that failed, and no other.
        let summary = server.letters_of("ada", "declined").await.remove(0);
        assert!(summary.contains("8 March 2027") && !summary.contains(" 1 March 2027"), "{summary}");
        bob.put(
            &bob.in_room("aula", "b"),
            event("b").hours("20270308", 9, 10).rule("FREQ=WEEKLY;COUNT=9").text(),
        )
        .await
        .no_content();
        ada.invite(&invited("nine", 20)).await.created();
        assert_eq!(ada.get(&ada.in_own("nine")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(server.claims("aula").await.len(), 9);
        // A room that says so takes it all the same.
        server.set("aula", "max_conflicts", "9").await;
        ada.invite(&invited("more", 20)).await.created();
        assert_eq!(ada.get(&ada.in_own("more")).await.partstats("aula")[0], "ACCEPTED");
        server.set("aula", "max_conflict_percent", "44").await;
        ada.invite(&invited("share", 20)).await.created();
        assert_eq!(ada.get(&ada.in_own("share")).await.partstats("aula"), ["DECLINED"]);
    })
    .await;
}

// R50: what policy says of a date counts like a booking in the way
#[tokio::test]
async fn a_date_outside_the_opening_hours_is_left_out() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.set("aula", "hours", "Mon-Fri 08:00-18:00").await;
        let ada = server.client("ada");
        let week = event("w").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=7");
        ada.invite(&week.organizer("ada").attendee("aula")).await.created();
        assert_eq!(ada.get(&ada.in_own("w")).await.partstats("aula"), ["ACCEPTED", "DECLINED", "DECLINED"]);
        assert_eq!(server.states("aula", "w").await[5], "03-06 09:00 declined closed-hours");
    })
    .await;
}

// R55: an update is decided date by date, whatever the limits say
#[tokio::test]
async fn the_limits_are_for_new_series_only() {
    hold(async |server| {
        aula_with_taken(server, 6).await;
        let ada = server.client("ada");
        ada.invite(&invited("s", 1)).await.created();
        ada.put(&ada.in_own("s"), invited("s", 7).text()).await.no_content();
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula").iter().filter(|partstat| *partstat == "DECLINED").count(), 6);
        assert_eq!(server.claims("aula").await.len(), 7);
        // R3: what is declined stays so with a new title.
        ada.put(&ada.in_own("s"), invited("s", 7).summary("New").text()).await.no_content();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula").len(), 7);
        assert_eq!(server.notices("ada").await.len(), 1);
    })
    .await;
}

// Scenario 37 on an invitation; R105
#[tokio::test]
async fn a_summary_names_no_holder_whom_the_organizer_may_not_see() {
    hold(async |server| {
        aula_with_taken(server, 2).await;
        server.set("aula", "viewer", "free-busy").await;
        let ada = server.client("ada");
        ada.invite(&invited("s", 10)).await.created();
        let summary = server.letters_of("ada", "declined-dates").await.remove(0);
        assert!(summary.contains("8 March 2027") && !summary.contains("Bob"), "{summary}");
    })
    .await;
}

// R123: off as it comes
// Setting refuse_on_decline: default
#[tokio::test]
async fn an_invitation_that_a_room_declines_is_stored() {
    hold(async |server| {
        aula_with_taken(server, 1).await;
        let ada = server.client("ada");
        let taken = event("x").hours("20270308", 9, 10).organizer("ada").attendee("aula");
        ada.invite(&taken).await.created();
        assert_eq!(ada.get(&ada.in_own("x")).await.partstats("aula"), ["DECLINED"]);
    })
    .await;
}

// R123, R120: where the house wants it, the organizer's PUT is refused
// Setting refuse_on_decline: other
#[tokio::test]
async fn an_invitation_that_a_room_declines_is_refused_where_the_house_wants_it() {
    hold(async |server| {
        aula_with_taken(server, 1).await;
        server.set("aula", "refuse_on_decline", "on").await;
        let ada = server.client("ada");
        let at = |hour| event("x").hours("20270308", hour, hour + 1).organizer("ada").attendee("aula");
        let refused = ada.invite(&at(9)).await.refused("busy");
        assert!(refused.sentence().contains("8 March 2027"), "{}", refused.sentence());
        ada.get(&ada.in_own("x")).await.expect(404);
        assert_eq!(server.notices("ada").await.len(), 1);
        // A change is refused too, and nothing is changed (R120).
        ada.invite(&at(10)).await.created();
        let before = ada.get(&ada.in_own("x")).await;
        ada.change(&ada.in_own("x"), &before.etag(), at(9).text()).await.refused("busy");
        assert_eq!(ada.get(&ada.in_own("x")).await.text(), before.text());
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00", "03-08 10:00-11:00"]);
        // A series that is taken without some of its dates is not declined.
        ada.invite(&invited("s", 10)).await.created();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["ACCEPTED", "DECLINED"]);
    })
    .await;
}

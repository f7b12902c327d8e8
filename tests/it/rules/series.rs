//! Series written directly, and what an edit keeps (R3, R19, R31, R33, R54, R56 to R59).

use super::hold;
use crate::support::{Event, event};

const WEEKLY: &str = "FREQ=WEEKLY;COUNT=10";

fn weekly(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10).rule(WEEKLY)
}

// Scenario 6; R42, R54
// Setting direct_series: default
#[tokio::test]
async fn a_series_with_taken_dates_is_refused_whole_and_names_them() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("x").hours("20270308", 9, 10)).await.created();
        ada.book("aula", &event("y").hours("20270329", 9, 10)).await.created();
        let before = bob.list(&bob.room("aula")).await;
        let refused = bob.book("aula", &weekly("s")).await.refused("busy");
        let sentence = refused.sentence();
        assert!(sentence.contains("8 March 2027") && sentence.contains("29 March 2027"), "{sentence}");
        assert_eq!(bob.list(&bob.room("aula")).await, before);
        bob.get(&bob.in_room("aula", "s")).await.expect(404);
        bob.get(&bob.in_own("s")).await.expect(404);
        assert_eq!(server.claims("aula").await.len(), 2);
        let audit = server.audit("aula").await;
        let refused = audit.iter().filter(|(kind, ..)| kind == "refused");
        assert_eq!(refused.count(), 2, "{audit:?}");
    })
    .await;
}

// Scenario 6 with `skip`; R54, R121
// Setting direct_series: other
#[tokio::test]
async fn a_room_that_skips_stores_the_series_without_the_taken_dates() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "direct_series", "skip").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("x").hours("20270308", 9, 10)).await.created();
        ada.book("aula", &event("y").hours("20270329", 9, 10)).await.created();
        let reply = bob.book("aula", &weekly("s")).await.created();
        assert!(reply.header("etag").is_none());
        let stored = bob.get(&bob.in_room("aula", "s")).await.expect(200);
        assert_eq!(
            stored.lines_of("EXDATE"),
            ["EXDATE;TZID=Europe/Berlin:20270308T090000", "EXDATE;TZID=Europe/Berlin:20270329T090000"]
        );
        assert_eq!(server.claims("aula").await.len(), 10);
        // A series of which nothing would be left is refused all the same.
        let hopeless = event("h").hours("20270308", 9, 10).rule("FREQ=WEEKLY;INTERVAL=3;COUNT=2");
        bob.book("aula", &hopeless).await.refused("busy");
    })
    .await;
}

// Scenario 7; R3, R59
#[tokio::test]
async fn a_new_title_is_no_new_request_whatever_the_rules_say_by_now() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &weekly("s")).await.created();
        let path = ada.in_room("aula", "s");
        let (claims, notices) = (server.claims("aula").await, server.notices("ada").await);
        server.set("aula", "recurrence", "off").await;
        server.set("aula", "max_duration", "10m").await;
        server.set("aula", "hours", "Sun 08:00-09:00").await;
        let etag = ada.get(&path).await.etag();
        ada.change(&path, &etag, weekly("s").summary("New title").text()).await.no_content();
        assert_eq!(server.claims("aula").await, claims);
        assert_eq!(server.notices("ada").await, notices);
        // A shorter event lies inside what it has (R57); a longer one does not.
        let shorter = event("s").between("20270301T090000", "20270301T094500").rule(WEEKLY);
        ada.put(&path, shorter.text()).await.no_content();
        assert_eq!(server.claims("aula").await[9], "05-03 09:00-09:45");
        ada.put(&path, weekly("s").text()).await.refused("no-recurrence");
    })
    .await;
}

// Scenario 8; R31
#[tokio::test]
async fn what_is_over_is_neither_judged_nor_claimed() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.at("2026-11-01T08:00:00Z");
        let series = |until: &str| {
            event("s").hours("20261102", 9, 10).rule(&format!("FREQ=WEEKLY;UNTIL={until}T080000Z"))
        };
        let path = ada.in_room("aula", "s");
        ada.book("aula", &series("20270329").line("EXDATE;TZID=Europe/Berlin:20261207T090000"))
            .await
            .created();
        bob.book("aula", &event("b").hours("20261207", 9, 10)).await.created();
        server.at("2027-02-28T08:00:00Z");
        ada.put(&path, series("20270426").text()).await.no_content();
        let claims = server.claims("aula").await;
        assert_eq!(claims.last().map(String::as_str), Some("04-26 09:00-10:00"));
        assert_eq!(claims.iter().filter(|claim| *claim == "12-07 09:00-10:00").count(), 1);
    })
    .await;
}

// Scenario 10; R41, R57
#[tokio::test]
async fn a_series_that_moves_by_its_own_step_is_not_in_its_own_way() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let hourly = |at: u32| {
            // Every hour of one day, as dates of their own.
            let rest: Vec<_> = (1..5).map(|i| format!("20270301T{:02}0000", at + i)).collect();
            event("s")
                .hours("20270301", at, at + 1)
                .line(&format!("RDATE;TZID=Europe/Berlin:{}", rest.join(",")))
        };
        ada.book("aula", &hourly(9)).await.created();
        ada.put(&ada.in_room("aula", "s"), hourly(10).text()).await.no_content();
        assert_eq!(server.claims("aula").await[0], "03-01 10:00-11:00");
        let daily = |from: &str, to: &str| event("d").between(from, to).rule("FREQ=DAILY;COUNT=5");
        ada.book("aula", &daily("20270310T090000", "20270310T100000")).await.created();
        let path = ada.in_room("aula", "d");
        ada.put(&path, daily("20270310T100000", "20270310T110000").text()).await.no_content();
        ada.put(&path, daily("20270310T103000", "20270310T113000").text()).await.no_content();
        ada.put(&path, daily("20270311T103000", "20270311T113000").text()).await.no_content();
        let claims = server.claims("aula").await;
        assert_eq!(claims.len(), 10);
        assert_eq!(claims[9], "03-15 10:30-11:30");
    })
    .await;
}

// Scenario 11; R33
#[tokio::test]
async fn a_series_that_overlaps_itself_is_refused() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let long = event("s").between("20270301T090000", "20270302T150000").rule("FREQ=DAILY;COUNT=4");
        ada.book("aula", &long).await.refused("self-overlap");
        assert!(server.claims("aula").await.is_empty());
        let invited = long.organizer("ada").attendee("aula");
        ada.invite(&invited).await.created();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["DECLINED"]);
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R33: two dates of one series moved onto each other
#[tokio::test]
async fn two_dates_of_a_series_cannot_be_moved_onto_each_other() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &weekly("s")).await.created();
        let path = ada.in_room("aula", "s");
        let clash = weekly("s").moved("20270308T090000", "20270301T093000", "20270301T103000", &[]);
        ada.put(&path, clash.text()).await.refused("self-overlap");
        assert_eq!(server.claims("aula").await.len(), 10);
    })
    .await;
}

// Scenario 23; R19, L-40, L-41
#[tokio::test]
async fn too_many_instances_are_refused_in_bounded_time() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let short = |uid: &str| event(uid).between("20270301T090000", "20270301T091000");
        let many = [
            "FREQ=HOURLY",
            "FREQ=MINUTELY;COUNT=5",
            "FREQ=SECONDLY;INTERVAL=86400",
            "FREQ=DAILY;COUNT=5000;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12",
        ];
        for rule in many {
            let event = short("m").rule(rule);
            ada.book("aula", &event).await.fails(403, "max-instances");
            let invited = event.organizer("ada").attendee("aula");
            ada.invite(&invited).await.fails(403, "max-instances");
        }
        // Without an end it is only as long as the window (R64).
        ada.book("aula", &short("ok").rule("FREQ=DAILY;COUNT=1000000000")).await.created();
        assert_eq!(server.claims("aula").await.len(), 395);
        assert_eq!(ada.list(&ada.own()).await.len(), 1);
        server.set("aula", "max_instances", "9").await;
        ada.book("aula", &weekly("w")).await.fails(403, "max-instances");
    })
    .await;
}

// R19, B-13
#[tokio::test]
async fn a_rule_with_count_and_until_is_refused() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let both = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=3;UNTIL=20270401T000000Z");
        let ada = server.client("ada");
        ada.book("aula", &both).await.fails(403, "valid-calendar-data");
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R56, R57: a date that moves away frees its slot, a series that is cut frees the rest
#[tokio::test]
async fn a_shorter_series_frees_what_it_gives_up() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &weekly("s")).await.created();
        let path = ada.in_room("aula", "s");
        let cut = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=3");
        let moved = cut.moved("20270308T090000", "20270309T140000", "20270309T150000", &[]);
        ada.put(&path, moved.text()).await.no_content();
        assert_eq!(
            server.claims("aula").await,
            ["03-01 09:00-10:00", "03-09 14:00-15:00", "03-15 09:00-10:00"]
        );
        bob.book("aula", &event("b").hours("20270308", 9, 10)).await.created();
        bob.book("aula", &event("c").hours("20270322", 9, 10)).await.created();
    })
    .await;
}

//! When a room is given, for how long, how far ahead, and what becomes of it later. It is Sunday,
//! 28 February 2027, 9:00 in Berlin.

use super::{as_it_comes, hour};
use crate::support::event;

// Setting window_days: default
// Setting window_days: other
// R63
#[tokio::test]
async fn a_room_is_given_thirteen_months_ahead_or_so_many_days() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &event("last").hours("20280329", 9, 10)).await.created();
        let next = event("next").hours("20280330", 9, 10);
        ada.book("aula", &next).await.refused("too-far");
        server.set("aula", "window_days", "396").await;
        ada.book("aula", &next).await.created();
    })
    .await;
}

// Setting min_duration: default
// Setting min_duration: other
#[tokio::test]
async fn an_event_lasts_five_minutes_or_what_the_room_says_at_least() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        let minutes = |uid: &str, end: &str| event(uid).between("20270301T090000", end);
        ada.book("aula", &minutes("four", "20270301T090400")).await.refused("too-short");
        let five = event("five").between("20270301T100000", "20270301T100500");
        ada.book("aula", &five).await.created();
        server.set("aula", "min_duration", "4m").await;
        ada.book("aula", &minutes("four", "20270301T090400")).await.created();
    })
    .await;
}

// Setting max_duration: default
// Setting max_duration: other
// R12
#[tokio::test]
async fn an_event_lasts_a_month_or_what_the_room_says_at_most() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &event("month").days("20270401", "20270502")).await.created();
        let more = event("more").between("20270601T090000", "20270702T093000");
        ada.book("aula", &more).await.refused("too-long");
        server.set("aula", "max_duration", "30d").await;
        ada.book("aula", &event("july").days("20270701", "20270801")).await.refused("too-long");
    })
    .await;
}

// Setting lead_min: default
// Setting lead_min: other
// R40
#[tokio::test]
async fn a_room_is_given_at_once_or_some_time_ahead() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        let soon = |uid: &str, from: &str| event(uid).between(from, "20270228T120000");
        ada.book("aula", &event("now").between("20270228T090100", "20270228T093000")).await.created();
        server.set("aula", "lead_min", "2h").await;
        ada.book("aula", &soon("soon", "20270228T105900")).await.refused("too-soon");
        ada.book("aula", &soon("later", "20270228T110000")).await.created();
    })
    .await;
}

// Setting hours: default
// Setting hours: other
// R93
#[tokio::test]
async fn a_room_is_always_open_or_at_its_hours() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &event("night").hours("20270307", 3, 4)).await.created();
        server.set("aula", "hours", "Mon-Fri 08:00-18:00").await;
        ada.book("aula", &event("again").hours("20270307", 4, 5)).await.refused("closed-hours");
        ada.book("aula", &hour("day", 9)).await.created();
    })
    .await;
}

// Setting grid: default
// Setting grid: other
// R40
#[tokio::test]
async fn an_event_begins_at_any_minute_or_at_the_steps_of_the_room() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &event("a").between("20270301T090700", "20270301T093000")).await.created();
        server.set("aula", "grid", "15m").await;
        ada.book("aula", &event("b").between("20270301T100700", "20270301T103000")).await.refused("grid");
        ada.book("aula", &event("b").between("20270301T101500", "20270301T103000")).await.created();
    })
    .await;
}

// Setting max_instances: default
// Setting max_instances: other
// R19
#[tokio::test]
async fn a_series_has_a_thousand_dates_or_what_the_room_says_at_most() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        let daily = |uid: &str, count: u32| {
            let half = event(uid).between("20270301T080000", "20270301T083000");
            half.rule(&format!("FREQ=DAILY;COUNT={count};BYHOUR=8,9,10,11"))
        };
        ada.book("aula", &daily("more", 1001)).await.fails(403, "max-instances");
        ada.book("aula", &daily("all", 1000)).await.created();
        assert_eq!(server.claims("aula").await.len(), 1000);
        server.set("aula", "max_instances", "3").await;
        let short = |uid: &str, count: u32| hour(uid, 14).rule(&format!("FREQ=DAILY;COUNT={count}"));
        ada.book("aula", &short("four", 4)).await.fails(403, "max-instances");
        ada.book("aula", &short("three", 3)).await.created();
    })
    .await;
}

// Setting setup: default
// Setting setup: other
// Setting teardown: default
// Setting teardown: other
// R81
#[tokio::test]
async fn neighbours_touch_or_keep_the_distance_that_the_room_needs() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &hour("a", 9)).await.created();
        ada.book("aula", &hour("b", 10)).await.created();
        server.set("aula", "setup", "10m").await;
        ada.book("aula", &hour("c", 11)).await.refused("busy");
        ada.book("aula", &hour("d", 8)).await.created();
        server.set("aula", "setup", "0m").await;
        server.set("aula", "teardown", "10m").await;
        ada.book("aula", &hour("c", 11)).await.created();
        ada.book("aula", &hour("e", 6)).await.created();
        assert_eq!(server.claims("aula").await[..2], ["03-01 06:00-07:10", "03-01 07:50-09:00"]);
        ada.book("aula", &event("f").between("20270301T071000", "20270301T075000")).await.refused("busy");
    })
    .await;
}

// Setting cancel_deadline: default
// Setting cancel_deadline: other
// R88
#[tokio::test]
async fn a_cancellation_is_in_time_to_the_last_or_to_the_deadline_of_the_room() {
    as_it_comes(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &hour("a", 9)).await.created();
        ada.book("aula", &hour("b", 10)).await.created();
        let late = async || {
            let rows = server.audit("aula").await;
            rows.iter().filter(|(_, reason, _)| reason.as_deref() == Some("late-cancel")).count()
        };
        server.at("2027-03-01T07:59:00Z");
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        assert_eq!(late().await, 0);
        server.set("aula", "cancel_deadline", "2h").await;
        ada.delete(&ada.in_room("aula", "b")).await.no_content();
        assert_eq!(late().await, 1);
    })
    .await;
}

// Setting reschedule_grace: default
// Setting reschedule_grace: other
// R58
#[tokio::test]
async fn the_old_time_of_a_refused_move_is_kept_ten_minutes_or_as_long_as_the_room_says() {
    as_it_comes(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &hour("taken", 12)).await.created();
        let asked = |from: u32| hour("a", from).organizer("ada").attendee("aula");
        for (grace, secs) in [(None, 600), (Some("1h"), 3_600), (Some("0m"), 0)] {
            if let Some(grace) = grace {
                server.set("aula", "reschedule_grace", grace).await;
            }
            ada.put(&ada.in_own("a"), asked(9).text()).await;
            ada.put(&ada.in_own("a"), asked(12).text()).await.no_content();
            if secs > 0 {
                server.pass(secs - 1).await;
                bob.book("aula", &hour("b", 9)).await.refused("busy");
                server.pass(1).await;
            }
            bob.book("aula", &hour("b", 9)).await.created();
            bob.delete(&bob.in_room("aula", "b")).await.no_content();
            ada.delete(&ada.in_own("a")).await.no_content();
        }
    })
    .await;
}

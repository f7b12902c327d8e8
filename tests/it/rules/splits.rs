//! "This and future" as two objects, in either order (R62).

use super::hold;
use crate::support::{Event, TestServer, event};

fn series(uid: &str, day: &str, end: &str) -> Event {
    event(uid).summary("Jour fixe").hours(day, 9, 10).rule(&format!("FREQ=WEEKLY;{end}"))
}

/// The whole, from 1 March on.
fn whole(uid: &str) -> Event {
    series(uid, "20270301", "COUNT=6")
}

/// Its first three dates.
fn head(uid: &str) -> Event {
    series(uid, "20270301", "UNTIL=20270315T080000Z")
}

/// The other three.
fn tail(uid: &str) -> Event {
    series(uid, "20270322", "COUNT=3")
}

async fn aula_with_series(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.client("ada").book("aula", &whole("s")).await.created();
}

// Scenario 12, new first; R62 (c)
#[tokio::test]
async fn the_second_half_takes_over_what_the_whole_had() {
    hold(async |server| {
        aula_with_series(server).await;
        let ada = server.client("ada");
        let path = ada.in_room("aula", "s");
        let etag = ada.get(&path).await.etag();
        let claims = server.claims("aula").await;
        server.pass(5).await;
        ada.book("aula", &tail("t")).await.created();
        assert_eq!(server.claims("aula").await, claims);
        assert_eq!(server.states("aula", "t").await.len(), 3);
        // The client goes on with the tag that it has.
        assert_eq!(ada.get(&path).await.etag(), etag);
        ada.change(&path, &etag, head("s").text()).await.no_content();
        assert_eq!(server.claims("aula").await, claims);
        server.pass(3_600).await;
        assert_eq!(server.claims("aula").await, claims);
        assert!(server.notices("ada").await.is_empty());
        assert_eq!(ada.get(&path).await.text(), head("s").text());
        let audit = server.audit("aula").await;
        assert_eq!(audit.iter().filter(|(kind, _, rule)| kind == "occurrence" && rule == "R62").count(), 3);
    })
    .await;
}

// Scenario 12, old first
#[tokio::test]
async fn the_first_half_may_be_cut_before_the_second_is_written() {
    hold(async |server| {
        aula_with_series(server).await;
        let ada = server.client("ada");
        let path = ada.in_room("aula", "s");
        let claims = server.claims("aula").await;
        let etag = ada.get(&path).await.etag();
        ada.change(&path, &etag, head("s").text()).await.no_content();
        ada.book("aula", &tail("t")).await.created();
        assert_eq!(server.claims("aula").await, claims);
        assert!(server.notices("ada").await.is_empty());
    })
    .await;
}

// Scenario 12 on an invitation, new first
#[tokio::test]
async fn an_invited_series_is_split_without_a_decline() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.invite(&whole("s").organizer("ada").attendee("aula")).await.created();
        let claims = server.claims("aula").await;
        ada.invite(&tail("t").organizer("ada").attendee("aula")).await.created();
        assert_eq!(ada.get(&ada.in_own("t")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(server.claims("aula").await, claims);
        let cut = head("s").organizer("ada").attendee("aula");
        ada.put(&ada.in_own("s"), cut.text()).await.no_content();
        server.pass(3_600).await;
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(ada.get(&ada.in_own("s")).await.lines_of("RECURRENCE-ID").len(), 0);
        assert!(server.notices("ada").await.is_empty());
    })
    .await;
}

// Scenario 12: a second person's series at that time; R62
#[tokio::test]
async fn nobody_else_continues_a_series() {
    hold(async |server| {
        aula_with_series(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &tail("t")).await.refused("busy");
        // One's own series of another title is not a continuation either, nor one that meets others.
        ada.book("aula", &tail("o").summary("Other")).await.refused("busy");
        bob.book("aula", &event("b").hours("20270412", 9, 10)).await.created();
        ada.book("aula", &series("t", "20270322", "COUNT=5")).await.refused("busy");
        assert_eq!(server.claims("aula").await.len(), 7);
        // A single event is no series.
        let single = event("x").summary("Jour fixe").hours("20270322", 9, 10);
        ada.book("aula", &single).await.refused("busy");
    })
    .await;
}

// R62 (a) and (b)
#[tokio::test]
async fn a_continuation_is_known_by_its_uid_or_by_what_it_is_related_to() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let related = "RELATED-TO;RELTYPE=X-CALENDARSERVER-RECURRENCE-SET:set-1";
        ada.book("aula", &whole("s").line(related)).await.created();
        ada.book("aula", &tail("t").summary("Other").line(related)).await.created();
        assert_eq!(server.states("aula", "t").await[0], "03-22 09:00 confirmed");
        let by_uid = series("t_R20270329T090000", "20270329", "COUNT=2").summary("Third");
        ada.book("aula", &by_uid).await.created();
        assert_eq!(server.claims("aula").await.len(), 6);
    })
    .await;
}

// R62: moved while it is split
#[tokio::test]
async fn a_second_half_at_another_time_frees_what_it_does_not_take() {
    hold(async |server| {
        aula_with_series(server).await;
        let ada = server.client("ada");
        let later = event("s_R20270322T090000")
            .summary("Jour fixe")
            .between("20270322T093000", "20270322T103000")
            .rule("FREQ=WEEKLY;COUNT=3");
        ada.book("aula", &later).await.created();
        let claims = server.claims("aula").await;
        assert_eq!(claims[2..4], ["03-15 09:00-10:00", "03-22 09:30-10:30"]);
        assert_eq!(claims.len(), 6);
    })
    .await;
}

// R62: the client never writes the other half
// Setting split_notice: default
#[tokio::test]
async fn what_passed_on_is_cancelled_in_the_old_series_after_the_notice() {
    hold(async |server| {
        aula_with_series(server).await;
        let ada = server.client("ada");
        let path = ada.in_room("aula", "s");
        ada.book("aula", &tail("t")).await.created();
        server.pass(540).await;
        assert_eq!(ada.get(&path).await.lines_of("EXDATE").len(), 0);
        server.pass(120).await;
        assert_eq!(
            ada.get(&path).await.lines_of("EXDATE"),
            [
                "EXDATE;TZID=Europe/Berlin:20270322T090000",
                "EXDATE;TZID=Europe/Berlin:20270329T090000",
                "EXDATE;TZID=Europe/Berlin:20270405T090000"
            ]
        );
        assert_eq!(server.claims("aula").await.len(), 6);
        let notices = server.notices("ada").await;
        assert_eq!(notices, [("split-ended".to_owned(), "Dates passed on: Jour fixe".to_owned())]);
        server.pass(3_600).await;
        assert_eq!(server.notices("ada").await.len(), 1);
    })
    .await;
}

// R62 with another `split_notice`
// Setting split_notice: other
#[tokio::test]
async fn a_room_says_how_long_two_halves_may_stand_beside_each_other() {
    hold(async |server| {
        aula_with_series(server).await;
        server.set("aula", "split_notice", "1h").await;
        let ada = server.client("ada");
        ada.book("aula", &tail("t")).await.created();
        server.pass(1_800).await;
        assert!(server.notices("ada").await.is_empty());
        server.pass(1_860).await;
        assert_eq!(server.notices("ada").await.len(), 1);
    })
    .await;
}

// R57, R62, R74: what passes on is approved as far as it was
#[tokio::test]
async fn a_longer_second_half_waits_for_a_manager_and_a_shorter_one_does_not() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("aula").await;
        server.set("aula", "mode", "approve").await;
        server.grant("aula", "eve", "manage").await;
        let ada = server.client("ada");
        ada.book("aula", &whole("s")).await.created();
        server.decide("aula", "s", ("eve", true), None, "").await.unwrap();
        let asked = server.notices("eve").await.len();
        let tail = |day, from, to| {
            let event = event(&format!("s_R{day}T090000")).summary("Jour fixe");
            event.between(&format!("{day}T{from}"), &format!("{day}T{to}")).rule("FREQ=WEEKLY;COUNT=1")
        };
        ada.book("aula", &tail("20270405", "091500", "094500")).await.created();
        let shorter = server.states("aula", "s_R20270405T090000").await;
        assert_eq!(shorter, ["04-05 09:15 confirmed"]);
        assert_eq!(server.notices("eve").await.len(), asked, "nothing waits");
        let waiting =
            async || server.notices("ada").await.iter().filter(|it| it.0 == "approval-waiting").count();
        let before = waiting().await;
        ada.book("aula", &tail("20270329", "090000", "110000")).await.created();
        let longer = server.states("aula", "s_R20270329T090000").await;
        assert_eq!(longer, ["03-29 09:00 grace", "03-29 09:00 held"], "what was had is kept until then");
        assert_eq!(waiting().await, before + 1);
        assert_eq!(server.notices("eve").await.len(), asked + 1);
        server.decide("aula", "s_R20270329T090000", ("eve", true), None, "").await.unwrap();
        assert!(server.claims("aula").await.contains(&"03-29 09:00-11:00".to_owned()));
    })
    .await;
}

// R62, R95: whoever checked in to what passes on is there
#[tokio::test]
async fn a_series_that_is_split_while_it_runs_stays_checked_in() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.set("aula", "checkin", "on").await;
        let ada = server.client("ada");
        ada.book("aula", &whole("s")).await.created();
        server.at("2027-03-22T08:05:00Z");
        let edit = whole("s").line("X-SEEN:1");
        ada.put(&ada.in_room("aula", "s"), edit.text()).await.no_content();
        ada.book("aula", &tail("t")).await.created();
        server.at("2027-03-22T08:15:00Z");
        server.bookings.look_after_check_ins().await.unwrap();
        assert_eq!(server.states("aula", "t").await[0], "03-22 09:00 confirmed");
        assert!(server.claims("aula").await.contains(&"03-22 09:00-10:00".to_owned()));
        // The next date is as any other.
        server.at("2027-03-29T07:15:00Z");
        server.bookings.look_after_check_ins().await.unwrap();
        assert_eq!(server.states("aula", "t").await[1], "03-29 09:00 released no-show");
    })
    .await;
}

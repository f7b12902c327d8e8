//! Who may ask, and what becomes of a request while nobody decides (R40, R70, R71).

use super::{HOUR, invitation, kinds, meeting, with_house};
use crate::support::event;

// Scenario 24; R70, R71: mode=approve, hold_ttl by default
// Setting hold_ttl: default
#[tokio::test]
async fn a_request_waits_keeps_others_out_and_ends_after_three_days() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&invitation("e")).await.created();
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["TENTATIVE"]);
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 held"]);
        bob.book("aula", &meeting("b")).await.refused("busy");
        assert_eq!(kinds(server, "ada").await, ["approval-waiting"]);
        assert_eq!(kinds(server, "eve").await, ["approval-asked"]);
        assert_eq!(kinds(server, "max").await, Vec::<String>::new());
        // Half of the time is over: one reminder.
        server.pass(36 * HOUR).await;
        server.pass(HOUR).await;
        assert_eq!(kinds(server, "eve").await, ["approval-asked", "approval-reminder"]);
        server.pass(35 * HOUR - 1).await;
        assert_eq!(server.claims("aula").await.len(), 1);
        server.pass(1).await;
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 declined not-approved"]);
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
        assert!(bob.list(&bob.room("aula")).await.is_empty());
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "not-approved"]);
        assert_eq!(kinds(server, "eve").await.len(), 2);
        let rows = server.decisions().await;
        let states = |row: &&roomdav::store::Decision| row.kind == "occurrence";
        let rows: Vec<_> = rows.iter().filter(states).collect();
        assert_eq!((rows[0].new_state.as_deref(), rows[0].rule.as_str()), (Some("held"), "R70"));
        let last = rows[rows.len() - 1];
        assert_eq!((last.old_state.as_deref(), last.new_state.as_deref()), (Some("held"), Some("declined")));
        assert_eq!((last.rule.as_str(), last.reason.as_deref()), ("R71", Some("not-approved")));
    })
    .await;
}

// R71 for a direct booking: what nobody approved is gone from every calendar
#[tokio::test]
async fn a_direct_request_that_nobody_approves_is_taken_away() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let sent = meeting("e");
        let etag = ada.book("aula", &sent).await.created().etag();
        // The text stays as it was sent; others are shown it as tentative.
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.text(), sent.text());
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.etag(), etag);
        assert!(bob.get(&bob.in_room("aula", "e")).await.has_line("STATUS:TENTATIVE"));
        bob.book("aula", &meeting("b")).await.refused("busy");
        let (_, token) = bob.sync(&bob.room("aula"), "").await;
        server.pass(72 * HOUR).await;
        ada.get(&ada.in_room("aula", "e")).await.expect(404);
        ada.get(&ada.in_own("e")).await.expect(404);
        assert_eq!(bob.sync(&bob.room("aula"), &token).await.0.len(), 1);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "not-approved"]);
        bob.book("aula", &meeting("b")).await.created();
    })
    .await;
}

// R71: dates of a direct series end one by one, by when they would begin
// Setting decide_before: default
#[tokio::test]
async fn dates_of_a_series_end_when_they_come_too_near() {
    with_house(async |server| {
        let ada = server.client("ada");
        let series = event("s").hours("20270301", 10, 11).rule("FREQ=DAILY;COUNT=3");
        ada.book("aula", &series).await.created();
        // An hour before 10:00 in Berlin on the first day.
        server.at("2027-03-01T07:59:59Z").pass(0).await;
        assert_eq!(server.claims("aula").await.len(), 3);
        server.pass(1).await;
        assert_eq!(server.claims("aula").await, ["03-02 10:00-11:00", "03-03 10:00-11:00"]);
        assert_eq!(ada.get(&ada.in_room("aula", "s")).await.lines_of("EXDATE").len(), 1);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "not-approved"]);
        server.at("2027-03-03T08:00:00Z").pass(0).await;
        assert!(server.claims("aula").await.is_empty());
        ada.get(&ada.in_room("aula", "s")).await.expect(404);
    })
    .await;
}

// R71: hold_ttl and decide_before with other values
// Setting hold_ttl: other
// Setting decide_before: other
#[tokio::test]
async fn the_room_says_how_long_a_request_waits() {
    with_house(async |server| {
        server.set("aula", "hold_ttl", "2h").await;
        server.set("aula", "decide_before", "1d").await;
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        server.pass(2 * HOUR - 1).await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 held"]);
        server.pass(1).await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 declined not-approved"]);
        // Tomorrow is too near: nobody could decide in time.
        let soon = event("soon").hours("20270301", 9, 10);
        let refused = ada.book("aula", &soon).await.refused("too-soon");
        assert!(refused.sentence().contains("1 day ahead"), "{}", refused.sentence());
        server.set("aula", "decide_before", "1h").await;
        ada.book("aula", &soon).await.created();
        assert_eq!(server.states("aula", "soon").await, ["03-01 09:00 held"]);
    })
    .await;
}

// R40: mode=auto by default
#[tokio::test]
async fn without_approval_the_same_request_is_confirmed() {
    with_house(async |server| {
        server.set("aula", "mode", "auto").await;
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(kinds(server, "eve").await, Vec::<String>::new());
    })
    .await;
}

// R40: a manager's own request is confirmed
#[tokio::test]
async fn a_manager_asks_nobody() {
    with_house(async |server| {
        let (eve, max) = (server.client("eve"), server.client("max"));
        eve.book("aula", &meeting("e")).await.created();
        max.book("aula", &event("m").hours("20270309", 9, 10)).await.created();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(server.states("aula", "m").await, ["03-09 09:00 confirmed"]);
    })
    .await;
}

// R40: request, by setting and by grant; the default is nobody
// Setting request: default
// Setting request: other
#[tokio::test]
async fn who_may_only_ask_is_held_and_who_may_not_is_refused() {
    with_house(async |server| {
        server.set("aula", "mode", "auto").await;
        server.set("aula", "book", "none").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &meeting("a")).await.fails(403, "need-privileges");
        server.set("aula", "request", "ada").await;
        ada.book("aula", &meeting("a")).await.created();
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 held"]);
        let next = event("b").hours("20270309", 9, 10).organizer("bob").attendee("aula");
        bob.invite(&next).await.created();
        assert_eq!(server.states("aula", "b").await, ["03-09 09:00 declined not-allowed"]);
        server.grant("aula", "bob", "request").await;
        bob.book("aula", &event("c").hours("20270310", 9, 10)).await.created();
        assert_eq!(server.states("aula", "c").await, ["03-10 09:00 held"]);
        // Whose calendar it is to write in, and what the list says.
        let body = "<propfind xmlns=\"DAV:\"><prop><current-user-privilege-set/><acl/></prop></propfind>";
        let told = ada.propfind(&ada.room("aula"), "0", body).await.multistatus();
        assert!(told[0].holds("current-user-privilege-set", "write-content"));
        let told = bob.propfind("/calendars/rooms/aula/", "0", body).await.multistatus();
        assert!(told[0].holds("acl", "request"));
    })
    .await;
}

// R40: request_out, with the reason for the managers; the default is nobody
// Setting request_out: default
// Setting request_out: other
#[tokio::test]
async fn out_of_policy_is_asked_only_by_those_who_may() {
    with_house(async |server| {
        server.set("aula", "mode", "auto").await;
        server.set("aula", "max_duration", "30m").await;
        let ada = server.client("ada");
        ada.book("aula", &meeting("a")).await.refused("too-long");
        server.set("aula", "request_out", "signed-in").await;
        ada.book("aula", &meeting("a")).await.created();
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 held too-long"]);
        let mut rows = server.decisions().await.into_iter().filter(|row| row.kind == "occurrence");
        let row = rows.find(|row| row.new_state.as_deref() == Some("held")).expect("a row");
        assert_eq!(row.reason.as_deref(), Some("too-long"));
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let asked = snapshot.tx().outbox().list(None, 10).await.unwrap();
        let asked = asked.into_iter().find(|message| message.content.kind == "approval-asked").unwrap();
        assert!(asked.content.body.contains("at most 30 minutes"), "{}", asked.content.body);
        drop(snapshot);
        // Step 5 can never be asked around.
        server.client("bob").book("aula", &meeting("b")).await.refused("busy");
        // In policy it is confirmed.
        let short = event("s").between("20270309T090000", "20270309T093000");
        ada.book("aula", &short).await.created();
        assert_eq!(server.states("aula", "s").await, ["03-09 09:00 confirmed"]);
    })
    .await;
}

// R70: where nobody manages the room, administrators do
#[tokio::test]
async fn administrators_decide_where_nobody_manages() {
    with_house(async |server| {
        server.room("bay").await;
        server.set("bay", "mode", "approve").await;
        let ada = server.client("ada");
        ada.book("bay", &meeting("e")).await.created();
        assert_eq!(kinds(server, "max").await, ["approval-asked"]);
        assert_eq!(kinds(server, "eve").await, Vec::<String>::new());
    })
    .await;
}

// R70, R104: what waits is tentative in free/busy
#[tokio::test]
async fn what_waits_is_busy_tentative() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &meeting("e")).await.created();
        let body = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                    start=\"20270308T000000Z\" end=\"20270309T000000Z\"/></C:free-busy-query>";
        let told = bob.report(&bob.room("aula"), body).await.expect(200).text();
        assert!(told.contains("FBTYPE=BUSY-TENTATIVE"), "{told}");
    })
    .await;
}

// R102: managers see the organizer of a private request, not its title
#[tokio::test]
async fn managers_are_not_told_the_title_of_a_private_request() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &meeting("secret").line("CLASS:PRIVATE")).await.created();
        assert_eq!(server.notices("eve").await[0].1, "To approve: room Aula");
        let eve = server.client("eve");
        let (path, _) = eve.list(&eve.room("aula")).await.remove(0);
        assert!(eve.get(&path).await.has_line("STATUS:TENTATIVE"));
        // What is masked cannot be written; removing it declines.
        eve.delete(&path).await.no_content();
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "not-approved"]);
    })
    .await;
}

//! Who may book, when, how long and from when on: step 4 of the procedure (R40, R63, R83, R93).

use super::hold;
use crate::support::event;

// R93: the whole event, or only its start
// Setting hours_rule: default
// Setting hours_rule: other
#[tokio::test]
async fn events_lie_in_the_opening_hours_or_begin_in_them() {
    hold(async |server| {
        server.person("ada").await;
        server.room("lab").await;
        server.set("lab", "hours", "Mon-Fri 08:00-18:00;Sat 09:00-12:00").await;
        let ada = server.client("ada");
        ada.book("lab", &event("in").hours("20270301", 8, 18)).await.created();
        ada.book("lab", &event("early").hours("20270302", 7, 9)).await.refused("closed-hours");
        ada.book("lab", &event("late").hours("20270302", 17, 19)).await.refused("closed-hours");
        ada.book("lab", &event("sunday").hours("20270307", 9, 10)).await.refused("closed-hours");
        ada.book("lab", &event("sat").hours("20270306", 9, 12)).await.created();
        // An all-day event passes if the room opens at all on each day.
        ada.book("lab", &event("days").days("20270303", "20270305")).await.created();
        ada.book("lab", &event("wknd").days("20270313", "20270315")).await.refused("closed-hours");
        server.set("lab", "hours_rule", "start").await;
        ada.book("lab", &event("late2").hours("20270302", 17, 19)).await.created();
        ada.book("lab", &event("six").hours("20270308", 18, 19)).await.refused("closed-hours");
    })
    .await;
}

// R93 in the room's zone; R83
// Setting buffers_in_hours: default
// Setting buffers_in_hours: other
#[tokio::test]
async fn hours_are_those_of_the_room_and_buffers_may_lie_outside() {
    hold(async |server| {
        server.person("ada").await;
        server.room_in("loft", "America/New_York").await;
        server.set("loft", "hours", "Mon-Fri 08:00-18:00").await;
        server.set("loft", "setup", "30m").await;
        let ada = server.client("ada");
        // 14:00 in Berlin is 8:00 there.
        ada.book("loft", &event("ok").hours("20270301", 14, 15)).await.created();
        ada.book("loft", &event("no").hours("20270301", 9, 10)).await.refused("closed-hours");
        server.set("loft", "buffers_in_hours", "on").await;
        ada.book("loft", &event("b").hours("20270302", 14, 15)).await.refused("closed-hours");
        ada.book("loft", &event("c").between("20270302T143000", "20270302T150000")).await.created();
    })
    .await;
}

// Step 4: grid, notice, window, lengths
#[tokio::test]
async fn a_room_sets_lengths_notice_window_and_grid() {
    hold(async |server| {
        server.person("ada").await;
        server.room("lab").await;
        for (key, value) in [
            ("grid", "30m"),
            ("lead_min", "2h"),
            ("window_days", "30"),
            ("min_duration", "30m"),
            ("max_duration", "4h"),
        ] {
            server.set("lab", key, value).await;
        }
        let ada = server.client("ada");
        let refusals = [
            ("20270301T091500", "20270301T101500", "grid"),
            ("20270301T090000", "20270301T091500", "too-short"),
            ("20270301T090000", "20270301T133000", "too-long"),
            // It is 9:00 in Berlin.
            ("20270228T103000", "20270228T113000", "too-soon"),
            ("20270228T070000", "20270228T080000", "past"),
            ("20270331T090000", "20270331T100000", "too-far"),
            ("20270330T230000", "20270331T003000", "too-far"),
        ];
        for (from, to, reason) in refusals {
            ada.book("lab", &event(reason).between(from, to)).await.refused(reason);
        }
        ada.book("lab", &event("now").between("20270228T110000", "20270228T150000")).await.created();
        ada.book("lab", &event("last").between("20270330T230000", "20270331T000000")).await.created();
        assert_eq!(server.claims("lab").await.len(), 2);
    })
    .await;
}

// R40: a manager's own request is in policy, step 5 can never be asked around (R6)
#[tokio::test]
async fn managers_are_above_the_rules_and_not_above_others() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("lab").await;
        server.grant("lab", "eve", "manage").await;
        server.set("lab", "max_duration", "1h").await;
        server.set("lab", "hours", "Mon-Fri 08:00-18:00").await;
        server.set("lab", "recurrence", "off").await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        ada.book("lab", &event("a").hours("20270301", 9, 10)).await.created();
        eve.book("lab", &event("e").hours("20270301", 9, 12)).await.refused("busy");
        eve.book("lab", &event("f").hours("20270301", 10, 22)).await.created();
        eve.book("lab", &event("g").hours("20270302", 6, 9).rule("FREQ=DAILY;COUNT=2")).await.created();
        ada.book("lab", &event("b").hours("20270303", 11, 12).rule("FREQ=DAILY;COUNT=2"))
            .await
            .refused("no-recurrence");
    })
    .await;
}

// R40: who may book; D-33: whose room is not there
#[tokio::test]
async fn only_its_audience_books_a_room() {
    hold(async |server| {
        server.people(&["ada", "bob", "eve"]).await;
        server.room("lab").await;
        server.set("lab", "book", "ada").await;
        server.grant("lab", "eve", "book").await;
        let hour = |uid: &str, at: u32| event(uid).hours("20270301", at, at + 1);
        server.client("ada").book("lab", &hour("a", 9)).await.created();
        server.client("eve").book("lab", &hour("e", 10)).await.created();
        let bob = server.client("bob");
        bob.book("lab", &hour("b", 11)).await.fails(403, "need-privileges");
        let asked = hour("inv", 11).organizer("bob").attendee("lab");
        bob.invite(&asked).await.created();
        assert_eq!(bob.get(&bob.in_own("inv")).await.partstats("lab"), ["DECLINED"]);
        assert_eq!(server.claims("lab").await.len(), 2);
        server.set("lab", "mode", "off").await;
        server.client("ada").book("lab", &hour("off", 12)).await.refused("closed-room");
        server.set("lab", "viewer", "none").await;
        // As in a room that there is not: the collection is missing (RFC 4918, section 9.7.1).
        bob.book("nowhere", &hour("c", 12)).await.expect(409);
        bob.book("lab", &hour("c", 12)).await.expect(409);
    })
    .await;
}

// R91: a soft block closes a room for new requests
#[tokio::test]
async fn a_block_refuses_new_requests_and_leaves_what_is_there() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("lab").await;
        let ada = server.client("ada");
        ada.book("lab", &event("a").hours("20270301", 9, 10)).await.created();
        server.block("lab", "2027-03-01T08:00", "2027-03-01T18:00").await;
        ada.book("lab", &event("b").hours("20270301", 11, 12)).await.refused("blocked");
        ada.book("lab", &event("c").hours("20270301", 18, 19)).await.created();
        assert_eq!(server.claims("lab").await.len(), 2);
        // R3: what is there may have another title, and not another time.
        let path = ada.in_room("lab", "a");
        ada.put(&path, event("a").hours("20270301", 9, 10).summary("Same").text()).await.no_content();
        ada.put(&path, event("a").hours("20270301", 10, 11).text()).await.refused("blocked");
    })
    .await;
}

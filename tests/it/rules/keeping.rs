//! What is held stays held: whatever changes around it, a text-only edit gives nothing up, and what
//! was ended stays ended (R2, R3, R64, R66, R78, R80, R87, R89, R101, R102).

use super::hold;
use crate::support::{Event, event};

fn weekly(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=20")
}

// R3, R130: a smaller window takes nothing away
#[tokio::test]
async fn dates_beyond_a_window_that_became_smaller_are_kept() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &weekly("s")).await.created();
        server.set("aula", "window_days", "30").await;
        let path = ada.in_room("aula", "s");
        ada.put(&path, weekly("s").summary("Other").text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 20);
        // A new series is still held to the window.
        let other = event("o").hours("20270302", 9, 10).rule("FREQ=WEEKLY;COUNT=20");
        ada.book("aula", &other).await.created();
        assert!(server.claims("aula").await.len() < 30);
    })
    .await;
}

// R3: `horizon=decline` is asked of new series only
#[tokio::test]
async fn a_series_that_goes_on_is_kept_when_the_room_takes_no_new_ones() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let endless = || event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY");
        ada.invite(&endless().organizer("ada").attendee("aula")).await.created();
        let held = server.claims("aula").await;
        server.set("aula", "horizon", "decline").await;
        let (href, etag) = ada.list(&ada.own()).await.remove(0);
        let text = ada.get(&href).await.text().replace("SUMMARY:s", "SUMMARY:Other");
        ada.change(&href, &etag, text).await.expect(204);
        assert_eq!(server.claims("aula").await, held);
        let other = event("o").hours("20270302", 9, 10).rule("FREQ=WEEKLY");
        ada.book("aula", &other).await.refused("too-far");
    })
    .await;
}

// R64: what begins in the window and ends beyond it comes with a later day
#[tokio::test]
async fn a_series_over_midnight_is_taken_and_goes_on_day_by_day() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.set("aula", "window_days", "10").await;
        let ada = server.client("ada");
        let nights = event("n").between("20270301T220000", "20270302T020000").rule("FREQ=DAILY");
        ada.book("aula", &nights).await.created();
        let before = server.claims("aula").await.len();
        for _ in 0..3 {
            server.pass(86_400).await;
            server.bookings.extend().await.unwrap();
        }
        assert_eq!(server.claims("aula").await.len(), before + 3);
        assert_eq!(ada.get(&ada.in_room("aula", "n")).await.lines_of("EXDATE").len(), 0);
    })
    .await;
}

// R78, R80: what an event keeps counts for what it adds
#[tokio::test]
async fn a_part_is_judged_beside_the_whole_that_the_event_has_already() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("left").await;
        server.room("right").await;
        server.set("left", "units", "2").await;
        server.composite("hall", &["left", "right"]).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("left", &event("b").hours("20270301", 9, 10)).await.created();
        let asked = event("a").hours("20270301", 9, 10).organizer("ada").attendee("hall");
        ada.invite(&asked).await.created();
        let (href, etag) = ada.list(&ada.own()).await.remove(0);
        ada.change(&href, &etag, asked.attendee("left").text()).await.expect(204);
        let answers = ada.get(&href).await.lines_of("ATTENDEE").join("");
        assert!(answers.contains("PARTSTAT=ACCEPTED") && answers.contains("PARTSTAT=DECLINED"), "{answers}");
        assert_eq!(server.claims("left").await.len(), 2);
    })
    .await;
}

// R80
#[tokio::test]
async fn nobody_takes_more_units_than_there_are_or_none() {
    hold(async |server| {
        server.person("ada").await;
        server.room("desks").await;
        server.set("desks", "units", "3").await;
        let ada = server.client("ada");
        let wants = |uid: &str, units: &str| {
            event(uid).hours("20270301", 9, 10).line(&format!("X-ROOM-UNITS:{units}"))
        };
        ada.book("desks", &wants("four", "4")).await.refused("busy");
        for units in ["0", "-1", "9223372036854775807"] {
            let reply = ada.book("desks", &wants("odd", units)).await;
            reply.fails(403, "valid-calendar-object-resource");
        }
        ada.book("desks", &wants("three", "3")).await.created();
        ada.book("desks", &wants("one", "1")).await.refused("busy");
    })
    .await;
}

// R18
#[tokio::test]
async fn a_booking_is_not_shrunk_to_nothing() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        let nothing = event("e").hours("20270301", 9, 9).text();
        ada.put(&ada.in_room("aula", "e"), nothing).await.refused("invalid");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R87, R89
#[tokio::test]
async fn a_running_date_that_a_manager_ends_is_over() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("aula").await;
        server.grant("aula", "eve", "manage").await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let asked = event("e").hours("20270301", 9, 12).organizer("ada").attendee("aula");
        ada.invite(&asked).await.created();
        server.at("2027-03-01T09:00:00Z");
        let (href, _) = eve.list(&eve.room("aula")).await.remove(0);
        eve.delete(&href).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert!(eve.list(&eve.room("aula")).await.is_empty());
        // The owner's next edit does not bring it back.
        let (own, etag) = ada.list(&ada.own()).await.remove(0);
        let text = ada.get(&own).await.text().replace("SUMMARY:e", "SUMMARY:Other");
        ada.change(&own, &etag, text).await.expect(204);
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R66, R89, R121
#[tokio::test]
async fn a_series_that_a_manager_cancelled_is_neither_shown_nor_extended() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("aula").await;
        server.set("aula", "window_days", "20").await;
        server.grant("aula", "eve", "manage").await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let endless = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY");
        ada.invite(&endless.organizer("ada").attendee("aula")).await.created();
        server.at("2027-03-02T09:00:00Z");
        let (href, _) = eve.list(&eve.room("aula")).await.remove(0);
        eve.delete(&href).await.no_content();
        assert!(eve.list(&eve.room("aula")).await.is_empty());
        let own = ada.get(&ada.in_own("s")).await;
        assert!(own.lines_of("ATTENDEE")[0].contains("PARTSTAT=DECLINED"), "{}", own.text());
        for _ in 0..15 {
            server.pass(86_400).await;
            server.bookings.extend().await.unwrap();
        }
        let now = server.claims("aula").await;
        assert_eq!(now, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R84, R101: moving is not a way to read or to own somebody's event
#[tokio::test]
async fn a_manager_does_not_move_an_event_into_his_own_hands() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("aula").await;
        server.room("lab").await;
        server.grant("aula", "eve", "manage").await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let hidden = event("h").hours("20270301", 9, 10).line("CLASS:PRIVATE").summary("Secret");
        ada.book("aula", &hidden).await.created();
        let (href, _) = eve.list(&eve.room("aula")).await.remove(0);
        for to in [eve.in_own("x"), eve.in_room("lab", "x")] {
            eve.relocate(&href, &to).await.expect(403);
            eve.get(&to).await.expect(404);
        }
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert!(ada.get(&ada.in_room("aula", "h")).await.has_line("SUMMARY:Secret"));
    })
    .await;
}

// R102: one date that is private hides the whole text
#[tokio::test]
async fn a_private_date_of_a_public_series_is_hidden() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "viewer", "details").await;
        let ada = server.client("ada");
        let secret = ["CLASS:PRIVATE", "DESCRIPTION:Secret"];
        let series = weekly("s").moved("20270308T090000", "20270308T090000", "20270308T100000", &secret);
        ada.book("aula", &series).await.created();
        let bob = server.client("bob");
        let (href, _) = bob.list(&bob.room("aula")).await.remove(0);
        assert!(!bob.get(&href).await.text().contains("Secret"));
    })
    .await;
}

// A member keeps its kind: what had a room is not turned into a task
#[tokio::test]
async fn an_event_is_not_overwritten_by_a_task() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let calendar = "/calendars/users/ada/all/";
        ada.send("MKCALENDAR", calendar, &[], "").await.expect(201);
        let path = format!("{calendar}e.ics");
        let asked = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula").text();
        ada.put(&path, asked.clone()).await.created();
        let task = asked.replace("VEVENT", "VTODO").replace("DTEND", "DUE");
        ada.put(&path, task).await.fails(403, "valid-calendar-object-resource");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R54, R76: a date that the booked room left out is not asked of the others
#[tokio::test]
async fn a_date_that_is_skipped_is_given_up_in_every_room() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("lab").await;
        server.set("aula", "direct_series", "skip").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270302", 9, 10)).await.created();
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=3").organizer("ada");
        ada.invite(&series.attendee("lab")).await.created();
        ada.relocate(&ada.in_own("s"), &ada.in_room("aula", "s")).await.created();
        assert_eq!(server.claims("lab").await, ["03-01 09:00-10:00", "03-03 09:00-10:00"]);
        assert_eq!(server.claims("aula").await.len(), 3);
    })
    .await;
}

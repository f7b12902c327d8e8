//! What other programs read: whole where it is public, nothing that is hidden, and nobody who is gone.

use roomdav::domain::id::Slug;

use super::{NINE, Other, booking, handed_in, hold, house};
use crate::support::event;

#[tokio::test]
async fn rooms_that_were_removed_and_people_who_are_off_are_not_listed() {
    hold(async |server| {
        house(server).await;
        server.room("cellar").await;
        server.bookings.remove_room(Slug::parse("cellar").unwrap(), false).await.unwrap();
        server.bookings.set_disabled(Slug::parse("bob").unwrap(), true).await.unwrap();
        server.person_at("otto", "urn:uuid:6b1f2c1e-0000-4000-8000-000000000001").await;
        let mut other = Other::on(server).await;
        let rooms = other.rows("SELECT room, name, zone, email, seats, units FROM v_room").await;
        assert_eq!(rooms, ["aula|Aula|Europe/Berlin|aula@example.org||1"]);
        let people = other.rows("SELECT login, name, email FROM v_person ORDER BY login").await;
        let expected =
            ["ada|Ada|ada@example.org", "eve|Eve|eve@example.org", "max|Max|max@example.org", "otto|otto|"];
        assert_eq!(people, expected);
    })
    .await;
}

// R86: a guest owns what came by mail, and is no account.
#[tokio::test]
async fn a_guest_is_named_and_has_no_login() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "external", "book").await;
        let meeting = event("m").hours("20270301", 9, 10).line("ORGANIZER;CN=Zoe:mailto:zoe@example.com");
        let text = meeting.attendee("aula").text().replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST");
        let received = roomdav::booking::Received {
            text: text.into(),
            to: None,
            sender: Some(roomdav::domain::attendee::Address::new("zoe@example.com")),
            message_id: None,
        };
        server.bookings.receive(received).await.unwrap();
        let mut other = Other::on(server).await;
        let owner = other.row("SELECT owner, owner_name, confirmed FROM v_reservation").await;
        assert_eq!(owner, "|Zoe|1");
        assert_eq!(other.row("SELECT COUNT(*) FROM v_person").await, "4");
    })
    .await;
}

// R102
#[tokio::test]
async fn a_private_title_is_in_no_view() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("open").hours("20270301", 9, 10).summary("Choir")).await.created();
        for (uid, class, day) in [("p", "PRIVATE", "20270302"), ("c", "CONFIDENTIAL", "20270303")] {
            let secret = event(uid).hours(day, 9, 10).summary("Merger").line(&format!("CLASS:{class}"));
            ada.book("aula", &secret).await.created();
        }
        let invited = event("i").hours("20270304", 9, 10).summary("Merger").line("CLASS:PRIVATE");
        ada.invite(&invited.organizer("ada").attendee("aula")).await.created();
        let mut other = Other::on(server).await;
        let titles = other.rows("SELECT uid, summary, owner_name FROM v_reservation ORDER BY uid").await;
        assert_eq!(titles, ["c||Ada", "i||Ada", "open|Choir|Ada", "p||Ada"]);
        for view in ["v_room", "v_person", "v_reservation", "v_occurrence", "v_free_busy"] {
            let rows = other.rows(&format!("SELECT * FROM {view}")).await;
            assert!(!rows.is_empty(), "{view}");
            assert!(rows.iter().all(|row| !row.contains("Merger")), "{view}: {rows:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn times_are_seconds_and_text_that_say_the_same() {
    hold(async |server| {
        house(server).await;
        let weekly = [("rrule", "FREQ=WEEKLY;COUNT=2"), ("summary", "Class")];
        handed_in(server, &booking("aula", "ada", NINE, &weekly)).await.is("booked", "");
        let ada = server.client("ada");
        ada.book("aula", &event("days").days("20270305", "20270306").line("STATUS:TENTATIVE")).await.created();
        let mut other = Other::on(server).await;
        let dates = "SELECT starts, ends, start_at, end_at - start_at, occurrence, all_day, tentative, state
                     FROM v_occurrence ORDER BY start_at";
        let expected = [
            "2027-03-01T08:00:00Z|2027-03-01T09:00:00Z|1803888000|3600|2027-03-01T08:00:00Z|0|0|confirmed",
            "2027-03-04T23:00:00Z|2027-03-05T23:00:00Z|1804201200|86400||1|1|confirmed",
            "2027-03-08T08:00:00Z|2027-03-08T09:00:00Z|1804492800|3600|2027-03-08T08:00:00Z|0|0|confirmed",
        ];
        assert_eq!(other.rows(dates).await, expected);
        let whole = "SELECT starts, ends, end_at - start_at, recurring, confirmed FROM v_reservation ORDER BY id";
        let expected = [
            "2027-03-01T08:00:00Z|2027-03-08T09:00:00Z|608400|1|2",
            "2027-03-04T23:00:00Z|2027-03-05T23:00:00Z|86400|0|1",
        ];
        assert_eq!(other.rows(whole).await, expected);
        let by_hand = if server.is_postgres() {
            "SELECT rfc3339(created_at) FROM v_reservation WHERE recurring"
        } else {
            "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', created_at, 'unixepoch') FROM v_reservation WHERE recurring"
        };
        assert_eq!(other.row(by_hand).await, "2027-02-28T08:00:00Z");
    })
    .await;
}

// R58, R78, R80, R82, R91
#[tokio::test]
async fn free_busy_has_all_that_keeps_others_out_of_a_room_and_only_times() {
    hold(async |server| {
        house(server).await;
        server.room("stage").await;
        server.composite("hall", &["aula", "stage"]).await;
        server.set("stage", "teardown", "15m").await;
        server.room("desks").await;
        server.set("desks", "units", "3").await;
        let ada = server.client("ada");
        ada.book("stage", &event("s").hours("20270301", 9, 10)).await.created();
        ada.book("desks", &event("d").hours("20270301", 9, 10).line("X-ROOM-UNITS:2")).await.created();
        server.client("bob").book("desks", &event("e").hours("20270301", 9, 10)).await.created();
        server.block("aula", "2027-03-02T09:00:00", "2027-03-02T10:00:00").await;
        let mut other = Other::on(server).await;
        let all = "SELECT room, kind, starts, ends, units, CASE WHEN occurrence_id IS NULL THEN '' ELSE 'a date' END
                   FROM v_free_busy ORDER BY start_at, room, units";
        let expected = [
            "desks|busy|2027-03-01T08:00:00Z|2027-03-01T09:00:00Z|1|a date",
            "desks|busy|2027-03-01T08:00:00Z|2027-03-01T09:00:00Z|2|a date",
            "hall|busy|2027-03-01T08:00:00Z|2027-03-01T09:15:00Z|1|a date",
            "stage|busy|2027-03-01T08:00:00Z|2027-03-01T09:15:00Z|1|a date",
            "aula|busy-unavailable|2027-03-02T08:00:00Z|2027-03-02T09:00:00Z|1|",
            "hall|busy-unavailable|2027-03-02T08:00:00Z|2027-03-02T09:00:00Z|1|",
        ];
        assert_eq!(other.rows(all).await, expected);

        // The hall has two spaces, and one date is one row of it.
        ada.book("hall", &event("h").hours("20270303", 9, 10)).await.created();
        let hall = "SELECT COUNT(*) FROM v_free_busy WHERE room = 'hall' AND starts >= '2027-03-03'";
        assert_eq!(other.row(hall).await, "1");

        // What waits keeps others out too.
        server.set("stage", "mode", "approve").await;
        ada.book("stage", &event("t").hours("20270304", 9, 10)).await.created();
        let held = "SELECT kind FROM v_free_busy WHERE room = 'stage' AND starts >= '2027-03-04'";
        assert_eq!(other.rows(held).await, ["busy-tentative"]);
    })
    .await;
}

// R58
#[tokio::test]
async fn an_old_slot_is_no_date_but_keeps_others_out() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        server.client("bob").book("aula", &event("b").hours("20270301", 11, 12)).await.created();
        let meeting = |from| event("m").hours("20270301", from, from + 1).organizer("ada").attendee("aula");
        ada.invite(&meeting(9)).await.created();
        ada.put(&ada.in_own("m"), meeting(11).text()).await;
        let mut other = Other::on(server).await;
        let dates = "SELECT starts, state, reason FROM v_occurrence WHERE reservation_id IN
                     (SELECT id FROM v_reservation WHERE uid = 'm')";
        assert_eq!(other.rows(dates).await, ["2027-03-01T10:00:00Z|declined|busy"]);
        let kept = "SELECT kind, starts FROM v_free_busy WHERE room = 'aula' ORDER BY start_at";
        let kept = other.rows(kept).await;
        assert_eq!(kept, ["busy-tentative|2027-03-01T08:00:00Z", "busy|2027-03-01T10:00:00Z"]);
    })
    .await;
}

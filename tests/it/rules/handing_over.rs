//! What else happens to what people leave: who can have it, what is asked for it, who is told (R2, R90, R92).

use std::time::Duration;

use roomdav::domain::id::Slug;

use super::blocks::{bodies, close};
use super::hold;
use super::orphans::{disable, house, transfer};
use crate::support::{TestServer, event};

const DAY: (&str, &str) = ("2027-03-01T00:00:00", "2027-03-02T00:00:00");

// R90: whoever manages the room, or everything, can have it like anybody
#[tokio::test]
async fn a_booking_becomes_a_managers_or_an_administrators() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        for (to, hour) in [("eve", 9), ("max", 11)] {
            ada.book("aula", &event(to).hours("20270301", hour, hour + 1)).await.created();
            let before = server.claims("aula").await;
            transfer(server, "aula", "ada", to).await.unwrap();
            assert_eq!(server.claims("aula").await, before);
            let new = server.client(to);
            for path in [new.in_own(to), new.in_room("aula", to)] {
                new.get(&path).await.expect(200);
            }
            ada.get(&ada.in_own(to)).await.expect(404);
        }
        // Nobody has left.
        let rows = server.decisions().await;
        let rows: Vec<_> = rows.iter().filter(|row| row.rule == "R90").collect();
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| row.reason.as_deref() != Some("orphaned")), "{rows:?}");
    })
    .await;
}

// R3, R65, R90: only what is had is handed over; the rest is asked for by the next extension
#[tokio::test]
async fn a_transfer_asks_for_no_date_that_is_not_had() {
    hold(async |server| {
        house(server).await;
        server.person("cleo").await;
        server.set("aula", "window_days", "10").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("s").hours("20270301", 9, 10).rule("FREQ=DAILY")).await.created();
        disable(server, "ada", true).await;
        server.pass(3 * 86_400).await;
        server.bookings.extend().await.unwrap();
        bob.book("aula", &event("b").hours("20270312", 9, 10)).await.created();
        let before = server.claims("aula").await;
        let rows = server.decisions().await.len();
        transfer(server, "aula", "ada", "cleo").await.unwrap();
        assert_eq!(server.claims("aula").await, before);
        // It is whoever hands it over that did it.
        for row in server.decisions().await.into_iter().skip(rows) {
            assert_eq!(row.actor_name, "command line", "{row:?}");
        }
        server.bookings.extend().await.unwrap();
        let after = server.claims("aula").await;
        assert_eq!(after[10..], ["03-11 09:00-10:00", "03-12 09:00-10:00", "03-13 09:00-10:00"]);
        assert_eq!(server.notices("cleo").await.last().unwrap().0, "not-extended");
    })
    .await;
}

// R3, R90: dates that the new owner might not book himself become his all the same
#[tokio::test]
async fn a_transfer_asks_for_no_right_to_book() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        server.set("aula", "book", "none").await;
        transfer(server, "aula", "ada", "bob").await.unwrap();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R90, R95: to be given a booking is not to be there
#[tokio::test]
async fn a_transfer_is_no_check_in() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "checkin", "on").await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        server.at("2027-03-01T07:55:00Z");
        transfer(server, "aula", "ada", "bob").await.unwrap();
        server.at("2027-03-01T08:10:00Z");
        server.bookings.look_after_check_ins().await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 released no-show"]);
    })
    .await;
}

// R90: whoever comes back while what he left is being released keeps the rest
#[tokio::test]
async fn nothing_is_released_whose_owner_is_back() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "orphan_release", "21d").await;
        let ada = server.client("ada");
        for day in 1..=20 {
            let one = event(&format!("e{day}")).hours(&format!("202705{day:02}"), 9, 10);
            ada.book("aula", &one).await.created();
        }
        disable(server, "ada", true).await;
        server.pass(21 * 86_400).await;
        let back = async {
            while server.claims("aula").await.len() == 20 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            disable(server, "ada", false).await;
            server.claims("aula").await.len()
        };
        let (released, left) = tokio::join!(server.bookings.release_orphans(), back);
        assert_eq!(released.unwrap(), 20 - left);
        assert_eq!(server.claims("aula").await.len(), left);
        assert!(left > 0, "all were gone before anybody came back");
    })
    .await;
}

/// Ada books the aula, twice by herself, and leaves.
async fn left_behind(server: &TestServer) {
    house(server).await;
    let ada = server.client("ada");
    ada.book("aula", &event("Choir").hours("20270301", 9, 10)).await.created();
    ada.book("aula", &event("Doctor").hours("20270301", 11, 12).line("CLASS:PRIVATE")).await.created();
    disable(server, "ada", true).await;
}

// R2, R92: where an account is off its owner is told, and whoever manages the room
#[tokio::test]
async fn what_is_taken_from_somebody_who_left_is_told_to_the_managers() {
    hold(async |server| {
        left_behind(server).await;
        let (done, lost) = close(server, "aula", DAY, true).await;
        assert!(done && lost.len() == 2);
        let told = server.letters_of("ada", "displaced").await;
        assert!(told.len() == 1 && told[0].contains("Choir") && told[0].contains("Doctor"), "{told:?}");
        let told = server.letters_of("eve", "displaced").await;
        assert!(told.len() == 1 && told[0].contains("Ada") && told[0].contains("Choir"), "{told:?}");
        // R102.
        assert!(!told[0].contains("Doctor") && told[0].contains("from 11:00"), "{told:?}");
        assert!(server.letters_of("bob", "displaced").await.is_empty());
        assert!(bodies(server, "max").await.is_empty());
    })
    .await;
}

// R2, R90: what the clock releases is told too
#[tokio::test]
async fn what_is_released_by_the_clock_is_told() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "orphan_release", "1d").await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270305", 9, 10)).await.created();
        disable(server, "ada", true).await;
        server.pass(2 * 86_400).await;
        assert_eq!(server.bookings.release_orphans().await.unwrap(), 1);
        for login in ["ada", "eve"] {
            let told = server.letters_of(login, "displaced").await;
            assert!(told.len() == 1 && told[0].contains("from 09:00"), "{login}: {told:?}");
        }
    })
    .await;
}

// R90, R102: the list of what somebody left shows no private title, unless managers see them
#[tokio::test]
async fn the_list_of_what_is_left_shows_no_private_title() {
    hold(async |server| {
        left_behind(server).await;
        let told = server.letters_of("eve", "orphaned").await;
        assert!(told[0].contains("Choir") && !told[0].contains("Doctor"), "{told:?}");
        assert!(told[0].contains("from 11:00"), "{told:?}");
        disable(server, "ada", false).await;
        server.set("aula", "managers_see_private", "on").await;
        server.bookings.set_disabled(Slug::parse("ada").unwrap(), true).await.unwrap();
        assert!(server.letters_of("eve", "orphaned").await[1].contains("Doctor"));
    })
    .await;
}

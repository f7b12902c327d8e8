//! What happens beside a move that waits: the data of the room changes (R131), a part of the time is closed
//! (R92), the date is cancelled. The old slot is neither lost unsaid nor kept for nobody (R2, R28, R74).

use roomdav::booking::Displacing;
use roomdav::domain::id::Slug;
use roomdav::store::{StoreError, Tx, Work};

use super::super::blocks::{bodies, close};
use super::moves::{has_nine, moves};
use super::{kinds, with_house};
use crate::support::{Event, TestServer, event};

/// As if all claims had been derived with an older release of the zone data.
struct OlderZones;

impl Work for OlderZones {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.meta().set("zone_data", "2020a").await
    }
}

/// `room set` of what takes the room from nobody.
async fn set(server: &TestServer, key: &str, value: &str) {
    let pairs = vec![(key.to_owned(), value.to_owned())];
    let done = server.bookings.change_room(Slug::parse("aula").unwrap(), pairs, false).await.unwrap();
    assert!(matches!(&done, Displacing::Done((), lost) if lost.is_empty()), "{done:?}");
}

async fn follow_zones(server: &TestServer) {
    server.write(OlderZones).await;
    let lost = server.bookings.follow_zone_data().await.unwrap();
    assert!(lost.is_empty(), "{lost:?}");
}

// R74, R131, R132: a rebuild leaves the old slot of a move that waits where it is, whatever it is for
#[tokio::test]
async fn a_rebuild_moves_no_old_slot_onto_the_new_time() {
    with_house(async |server| {
        for is_direct in [true, false] {
            has_nine(server, is_direct).await;
            server.pass(60).await;
            moves(server, is_direct, "1400", "1500").await;
            let had = (server.states("aula", "e").await, server.claims("aula").await);
            assert_eq!(had.0, ["03-08 09:00 grace", "03-08 14:00 held"]);
            follow_zones(server).await;
            set(server, "units", "2").await;
            set(server, "units", "1").await;
            assert_eq!((server.states("aula", "e").await, server.claims("aula").await), had);
            let ada = server.client("ada");
            let path = if is_direct { ada.in_room("aula", "e") } else { ada.in_own("e") };
            ada.delete(&path).await.no_content();
        }
    })
    .await;
}

// R58, R131: the old slot of a refused move displaces nobody
#[tokio::test]
async fn what_is_kept_of_a_refused_move_takes_nothing_from_others() {
    with_house(async |server| {
        has_nine(server, false).await;
        server.pass(60).await;
        server.client("eve").book("aula", &event("x").hours("20270308", 14, 15)).await.created();
        moves(server, false, "1400", "1500").await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 grace", "03-08 14:00 declined busy"]);
        follow_zones(server).await;
        assert_eq!(server.states("aula", "x").await, ["03-08 14:00 confirmed"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00", "03-08 14:00-15:00"]);
    })
    .await;
}

// R12, R74, R131: floating, what waits comes to lie upon its own old slot, and takes what it needs of it
#[tokio::test]
async fn what_waits_may_move_onto_its_own_old_slot() {
    with_house(async |server| {
        let ada = server.client("ada");
        let at = |from, to| event("e").zone(None).hours("20270308", from, to);
        ada.book("aula", &at(15, 16)).await.created();
        server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        server.pass(60).await;
        ada.put(&ada.in_room("aula", "e"), at(9, 10).text()).await.no_content();
        set(server, "zone", "America/New_York").await;
        // 15:00 in Berlin is 9:00 in New York.
        let mut states = server.states("aula", "e").await;
        states.sort();
        assert_eq!(states, ["03-08 09:00 grace", "03-08 09:00 held"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
    })
    .await;
}

/// The times of what would be displaced, and is then, if the aula is closed between two times.
async fn closed(server: &TestServer, from: &str, to: &str) -> Vec<String> {
    let times = (&*format!("2027-03-08T{from}:00"), &*format!("2027-03-08T{to}:00"));
    let (done, asked) = close(server, "aula", times, false).await;
    assert!(!done, "nobody was asked");
    let (done, lost) = close(server, "aula", times, true).await;
    assert!(done && lost.len() == asked.len());
    let start = |lost: &roomdav::booking::Displaced| lost.zone.to_local(lost.period.start);
    lost.iter().map(|lost| start(lost).strftime("%H:%M").to_string()).collect()
}

// R2, R74, R92: a block over the old slot alone is shown, confirmed and told
#[tokio::test]
async fn a_block_over_the_old_slot_is_shown_and_told() {
    for is_direct in [true, false] {
        with_house(async |server| {
            has_nine(server, is_direct).await;
            moves(server, is_direct, "1400", "1500").await;
            assert_eq!(closed(server, "09:00", "10:00").await, ["09:00"]);
            assert_eq!(server.states("aula", "e").await, ["03-08 14:00 held"]);
            let told = bodies(server, "ada").await.pop().unwrap();
            assert!(told.contains("Water damage") && told.contains("from 09:00"), "{told}");
            server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
            assert_eq!(server.states("aula", "e").await, ["03-08 14:00 confirmed"]);
        })
        .await;
    }
}

// R2, R74, R92: a block over the new time of a booking leaves it where it was
#[tokio::test]
async fn a_block_over_what_waits_gives_a_booking_its_old_slot_back() {
    with_house(async |server| {
        has_nine(server, true).await;
        moves(server, true, "1400", "1500").await;
        assert_eq!(closed(server, "14:00", "15:00").await, ["14:00"]);
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        let ada = server.client("ada");
        for path in [ada.in_room("aula", "e"), ada.in_own("e")] {
            let text = ada.get(&path).await.expect(200);
            assert!(text.has_line("DTSTART;TZID=Europe/Berlin:20270308T090000"), "{}", text.text());
        }
        let told = bodies(server, "ada").await.pop().unwrap();
        assert!(
            told.contains("from 14:00") && told.contains("Your booking is where it was before."),
            "{told}"
        );
    })
    .await;
}

// R58, R74, R92: by invitation the old slot stays for the grace period, as after a decline
#[tokio::test]
async fn a_block_over_what_waits_leaves_an_invitation_its_old_slot_for_a_while() {
    with_house(async |server| {
        has_nine(server, false).await;
        let ada = server.client("ada");
        moves(server, false, "1400", "1500").await;
        assert_eq!(closed(server, "14:00", "15:00").await, ["14:00"]);
        assert_eq!(
            server.states("aula", "e").await,
            ["03-08 09:00 grace", "03-08 14:00 displaced displaced"]
        );
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
        server.pass(300).await;
        moves(server, false, "0900", "1000").await;
        assert!(server.states("aula", "e").await.contains(&"03-08 09:00 confirmed".to_owned()));
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
    })
    .await;
}

// R74, R92: with the old slot and the new one closed both are told, and nothing comes back
#[tokio::test]
async fn a_block_over_both_takes_both() {
    for (is_direct, from, to) in [(true, "0930", "1030"), (true, "1100", "1200"), (false, "0930", "1030")] {
        with_house(async |server| {
            has_nine(server, is_direct).await;
            moves(server, is_direct, from, to).await;
            let new = format!("{}:{}", &from[..2], &from[2..]);
            assert_eq!(closed(server, "09:45", "11:30").await, ["09:00".to_owned(), new.clone()]);
            assert!(server.claims("aula").await.is_empty());
            let told = bodies(server, "ada").await.pop().unwrap();
            assert!(told.contains("from 09:00") && told.contains(&format!("from {new}")), "{told}");
            assert_eq!(kinds(server, "ada").await.last().map(String::as_str), Some("displaced"));
        })
        .await;
    }
}

// R74, R92: where the two share a part, what is not closed comes back whole
#[tokio::test]
async fn a_block_beside_the_old_slot_gives_all_of_it_back() {
    for (from, to) in [("0930", "1030"), ("0830", "1030")] {
        with_house(async |server| {
            has_nine(server, true).await;
            moves(server, true, from, to).await;
            let lost = closed(server, "10:00", "11:00").await;
            assert_eq!(lost.len(), 1, "{lost:?}");
            assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        })
        .await;
    }
}

/// Three days of the aula.
fn series(is_direct: bool) -> Event {
    let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=3");
    if is_direct { series } else { series.organizer("ada").attendee("aula") }
}

/// Ada has them, and the second waits to be in the afternoon.
async fn has_series(server: &TestServer, is_direct: bool) {
    let ada = server.client("ada");
    let path = if is_direct { ada.in_room("aula", "s") } else { ada.in_own("s") };
    ada.create(&path, series(is_direct).text()).await.created();
    server.decide("aula", "s", ("eve", true), None, "").await.unwrap();
    let invited = ["ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:aula@example.org"];
    let invited: &[&str] = if is_direct { &[] } else { &invited };
    let moved = series(is_direct).moved("20270309T090000", "20270309T140000", "20270309T150000", invited);
    ada.put(&path, moved.text()).await.no_content();
    let states = server.states("aula", "s").await;
    assert_eq!(states[1..3], ["03-09 09:00 grace", "03-09 14:00 held"], "{states:?}");
}

// R28, R57, R74: with the date goes what was kept of it
#[tokio::test]
async fn a_cancelled_date_whose_move_waits_keeps_nothing() {
    for is_direct in [true, false] {
        with_house(async |server| {
            has_series(server, is_direct).await;
            let ada = server.client("ada");
            let path = if is_direct { ada.in_room("aula", "s") } else { ada.in_own("s") };
            let without = series(is_direct).line("EXDATE;TZID=Europe/Berlin:20270309T090000");
            ada.put(&path, without.text()).await.no_content();
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00", "03-10 09:00-10:00"]);
            let free = event("b").hours("20270309", 9, 10);
            server.client("bob").book("aula", &free).await.created();
        })
        .await;
    }
    with_house(async |server| {
        has_nine(server, true).await;
        moves(server, true, "1400", "1500").await;
        let ada = server.client("ada");
        let off = event("e").hours("20270308", 14, 15).line("STATUS:CANCELLED");
        ada.put(&ada.in_room("aula", "e"), off.text()).await.no_content();
        assert_eq!(server.claims("aula").await, Vec::<String>::new());
    })
    .await;
}

// R56, R74: a series that is named otherwise keeps what was kept, and its move still waits
#[tokio::test]
async fn an_old_slot_goes_with_its_date_under_another_name() {
    with_house(async |server| {
        has_nine(server, true).await;
        moves(server, true, "1400", "1500").await;
        let ada = server.client("ada");
        let both = event("e").hours("20270308", 14, 15).rule("FREQ=DAILY;COUNT=2");
        ada.put(&ada.in_room("aula", "e"), both.text()).await.no_content();
        assert_eq!(
            server.states("aula", "e").await,
            ["03-08 09:00 grace", "03-08 14:00 held", "03-09 14:00 held"]
        );
        server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        assert_eq!(server.claims("aula").await, ["03-08 14:00-15:00", "03-09 14:00-15:00"]);
    })
    .await;
}

// R74, R85: a manager who cancels one date leaves what is kept of another
#[tokio::test]
async fn another_date_that_a_manager_cancels_leaves_the_old_slot() {
    with_house(async |server| {
        has_series(server, true).await;
        server.cancel_date("aula", "s", "2027-03-10T08:00:00Z", "eve").await;
        assert_eq!(
            server.claims("aula").await,
            ["03-08 09:00-10:00", "03-09 09:00-10:00", "03-09 14:00-15:00"]
        );
    })
    .await;
}

//! What happens beside a move that waits: the date is cancelled. The old slot is not kept for nobody (R28, R74).

use super::moves::{has_nine, moves};
use super::with_house;
use crate::support::{Event, TestServer, event};

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

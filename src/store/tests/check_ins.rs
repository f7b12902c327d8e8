//! What is known of occurrences, written by several at once (R95).

use sqlx::query;

use super::support::{add_person, add_room, on_both, read, wrote};
use crate::domain::id::ReservationId;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::time::{Instant, Period};
use crate::store::tx::execute_on;
use crate::store::{CheckIn, Store};

const AT: Instant = Instant::from_secs(1_800_000_000);

async fn reserved(store: &Store) -> ReservationId {
    const RESERVATION: &str = "
        INSERT INTO reservations (room_id, uid, owner_id, channel, source_id, summary, created_at, modified_at)
        SELECT r.id, 'u', u.id, 'direct', 0, '', 0, 0 FROM rooms r, users u";
    add_person(store, "ada").await;
    add_room(store, "aula", &[]).await;
    wrote!(store, tx => execute_on!(tx, query(RESERVATION)).map(drop)).unwrap();
    let owner = read!(store, tx => tx.users().list().await)[0].id;
    read!(store, tx => tx.reservations().of_owner(owner, "u").await)[0].id
}

fn row(reservation: ReservationId, start: Instant) -> CheckIn {
    CheckIn {
        reservation,
        occurrence: RecurrenceId::SINGLE,
        period: Period { start, end: start.plus(3600) },
        reminded_at: None,
        checked_in_at: None,
        missed_at: None,
        declined_at: None,
        text: None,
    }
}

// R95: who writes what was known before takes away nothing that was written since
#[tokio::test]
async fn a_check_in_is_not_lost_to_somebody_who_writes_something_else() {
    on_both(async |store| {
        let id = reserved(&store).await;
        let before = row(id, AT);
        let came = CheckIn { checked_in_at: Some(AT), ..before.clone() };
        let declined = CheckIn { declined_at: Some(AT.plus(1)), ..before.clone() };
        wrote!(store, came; tx => tx.check_ins().set(&came).await).unwrap();
        wrote!(store, declined; tx => tx.check_ins().set(&declined).await).unwrap();
        let known = read!(store, tx => tx.check_ins().get(id, RecurrenceId::SINGLE).await);
        let both = CheckIn { checked_in_at: Some(AT), declined_at: Some(AT.plus(1)), ..before };
        assert_eq!(known, Some(both));
        // Of another time it says nothing.
        let moved = CheckIn { reminded_at: Some(AT.plus(2)), ..row(id, AT.plus(60)) };
        wrote!(store, moved; tx => tx.check_ins().set(&moved).await).unwrap();
        assert_eq!(
            read!(store, tx => tx.check_ins().get(id, RecurrenceId::SINGLE).await),
            Some(moved.clone())
        );
        // Taken back, it was not missed.
        let missed = CheckIn { missed_at: Some(AT.plus(3)), text: Some(b"x".to_vec()), ..moved.clone() };
        wrote!(store, missed; tx => tx.check_ins().set(&missed).await).unwrap();
        wrote!(store, tx => tx.check_ins().taken_back(id, RecurrenceId::SINGLE, AT.plus(4)).await).unwrap();
        let back = CheckIn { checked_in_at: Some(AT.plus(4)), ..moved };
        assert_eq!(read!(store, tx => tx.check_ins().get(id, RecurrenceId::SINGLE).await), Some(back));
    })
    .await;
}

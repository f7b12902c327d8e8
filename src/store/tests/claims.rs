//! Sets as parameters, and the second line against double booking. R140.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::query;

use super::support::{add_person, add_room, on_both, read, wrote};
use crate::store::set::{SetSql, set, set_sql};
use crate::store::tx::{Conn, execute_on};
use crate::store::{Store, StoreError, Tx};

/// One reservation with occurrences enough for the claims of these tests.
async fn add_occurrences(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    const RESERVATION: &str = "
        INSERT INTO reservations (room_id, uid, owner_id, channel, source_id, summary, created_at, modified_at)
        SELECT r.id, 'u', u.id, 'direct', 0, '', 0, 0 FROM rooms r, users u";
    const OCCURRENCES: SetSql = set_sql!(
        "
        INSERT INTO occurrences (reservation_id, room_id, recur_at, start_at, end_at, state, claimed_at)
        SELECT r.id, r.room_id, CAST(value ->> 0 AS BIGINT), 0, 3600, 'confirmed', 0
        FROM reservations r, ",
        ""
    );
    execute_on!(tx, query(RESERVATION))?;
    let sql = OCCURRENCES.on(tx);
    execute_on!(tx, query(sql).bind(set((0..20).map(|recur| (recur,))))).map(drop)
}

const CLAIMS: SetSql = set_sql!(
    "
    INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at, exclusive)
    SELECT o.id, s.id, o.reservation_id, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT),
        CAST(value ->> 3 AS BOOLEAN)
    FROM spaces s, occurrences o JOIN ",
    " ON o.recur_at = CAST(value ->> 0 AS BIGINT)"
);

async fn claim(tx: &mut Tx<'_>, rows: &[(i64, i64, i64, bool)]) -> Result<u64, StoreError> {
    let sql = CLAIMS.on(tx);
    execute_on!(tx, query(sql).bind(set(rows)))
}

async fn floor(store: &Store) {
    add_person(store, "ada").await;
    add_room(store, "aula", &[]).await;
    wrote!(store, tx => add_occurrences(tx).await).unwrap();
}

// R141, R143: the second line, for whoever writes.
#[tokio::test]
async fn two_exclusive_claims_on_one_space_cannot_overlap() {
    on_both(async |store| {
        floor(&store).await;
        let hour = 3600;
        wrote!(store, tx => claim(tx, &[(0, 10 * hour, 11 * hour, true)]).await).unwrap();
        for (start, end) in [(10, 11), (9, 12), (9 * hour, 10 * hour + 1), (11 * hour - 1, 12 * hour)] {
            let (start, end) = if end < 100 { (start * hour, end * hour) } else { (start, end) };
            let taken = wrote!(store, tx => claim(tx, &[(1, start, end, true)]).await);
            assert_eq!(taken, Err(StoreError::Overlap), "{start} {end}");
        }
        // Half-open ranges meet without overlapping, and shared claims are counted elsewhere (R80).
        let beside = [(2, 9 * hour, 10 * hour, true), (3, 11 * hour, 12 * hour, true)];
        wrote!(store, tx => claim(tx, &beside).await).unwrap();
        wrote!(store, tx => claim(tx, &[(4, 10 * hour, 11 * hour, false)]).await).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_neither_empty_nor_longer_than_the_index_looks_back() {
    on_both(async |store| {
        floor(&store).await;
        for (start, end) in [(5, 5), (5, 4), (0, 33 * 86400 + 1)] {
            let odd = wrote!(store, tx => claim(tx, &[(0, start, end, true)]).await);
            assert!(matches!(odd, Err(StoreError::Inconsistent(_))), "{start} {end}: {odd:?}");
        }
        wrote!(store, tx => claim(tx, &[(0, 0, 33 * 86400, true)]).await).unwrap();
        let inside = wrote!(store, tx => claim(tx, &[(1, 33 * 86400 - 1, 33 * 86400, true)]).await);
        assert_eq!(inside, Err(StoreError::Overlap));
    })
    .await;
}

// R142: without the locks of the first line, works that meet are repeated, and one of them wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_works_without_locks_one_takes_the_hour() {
    on_both(async |store| {
        floor(&store).await;
        let tries = Arc::new(AtomicUsize::new(0));
        let works: Vec<_> = (0..8_i64)
            .map(|recur| {
                let (store, tries) = (store.clone(), tries.clone());
                tokio::spawn(async move {
                    wrote!(store, tries; tx => {
                        tries.fetch_add(1, Ordering::SeqCst);
                        claim(tx, &[(recur, 0, 3600, true)]).await
                    })
                })
            })
            .collect();
        let mut won = 0;
        for work in works {
            match work.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => {
                    assert!(matches!(error, StoreError::Overlap | StoreError::Retry(_)), "{error:?}");
                }
            }
        }
        assert_eq!(won, 1);
        assert!(tries.load(Ordering::SeqCst) >= 8);
    })
    .await;
}

#[tokio::test]
async fn sets_carry_numbers_text_flags_and_nothing_at_all() {
    on_both(async |store| {
        let rows = wrote!(store, tx => {
            const SQL: SetSql = set_sql!(
                "
                INSERT INTO meta (key, value)
                SELECT value ->> 0, COALESCE(value ->> 1, 'none') FROM ",
                ""
            );
            let sql = SQL.on(tx);
            execute_on!(tx, query(sql).bind(set([("a\"ä\n", Some("1")), ("b", None)])))
        });
        assert_eq!(rows, Ok(2));
        assert_eq!(read!(store, tx => tx.meta().get("a\"ä\n").await).as_deref(), Some("1"));
        assert_eq!(read!(store, tx => tx.meta().get("b").await).as_deref(), Some("none"));
        let mut snapshot = store.snapshot().await.unwrap();
        let tx = snapshot.tx();
        let here = CLAIMS.on(&tx);
        assert_eq!(here.contains("json_each"), matches!(tx.conn, Conn::Sqlite(_)));
    })
    .await;
}

//! What keeps works and readers apart: locks of spaces, and snapshots that leave nothing behind.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use super::support::{add_calendar, add_room, change, few_connections, fresh_postgres, on_both, read, wrote};
use crate::store::Store;

// R142: the first line. The second one sees no claims that may stand beside each other (R80).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn works_that_lock_one_space_come_one_after_the_other() {
    on_both(async |store| {
        let room = add_room(&store, "aula", &[]).await;
        let spaces = read!(store, tx => tx.rooms().get(room).await).unwrap().spaces;
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works: Vec<_> = (0..6)
            .map(|_| {
                let (store, spaces, inside, most) =
                    (store.clone(), spaces.clone(), inside.clone(), most.clone());
                tokio::spawn(async move {
                    wrote!(store, spaces, inside, most; tx => {
                        tx.lock_in_order(&spaces, &[]).await?;
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        inside.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    })
                })
            })
            .collect();
        for work in works {
            work.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_goes_away_while_a_snapshot_begins_leaves_no_transaction_open() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Store::open(&url, &few_connections()).await.unwrap();
    let calendar = add_calendar(&store).await;
    for _ in 0..4 {
        let mut beginning = pin!(store.snapshot());
        let polled = beginning.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending(), "the server has not answered yet");
    }
    // The connections are used again, all of them.
    for number in 1..=8 {
        assert_eq!(wrote!(store, tx => change(tx, calendar).await), Ok(number));
    }
    store.close().await;
}

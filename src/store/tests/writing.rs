//! How works meet: one after the other, together, in each other's way, and when the line breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::query;
use tokio::sync::Notify;

use super::support::{
    AT, add_calendar, add_person, add_room, change, doing, few_connections, fresh_postgres, on_both, person,
    read, sqlite_path, sqlite_url, wrote,
};
use crate::store::{Options, Store, StoreError, Tx};

// R145, P-9: numbers come in order and without holes, whoever writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_of_one_calendar_leave_no_hole_and_no_number_twice() {
    on_both(async |store| {
        let calendar = add_calendar(&store).await;
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    for _ in 0..10 {
                        taken.push(wrote!(store, tx => change(tx, calendar).await).unwrap());
                    }
                    taken
                })
            })
            .collect();
        let mut taken = Vec::new();
        for writer in writers {
            taken.extend(writer.await.unwrap());
        }
        taken.sort_unstable();
        assert_eq!(taken, (1..=80).collect::<Vec<i64>>());
        assert_eq!(read!(store, tx => tx.calendars().get(calendar).await).unwrap().stamp.seq.get(), 80);
    })
    .await;
}

#[tokio::test]
async fn a_refused_work_leaves_nothing_behind() {
    on_both(async |store| {
        let new = person("ada");
        let refused: Result<(), StoreError> = wrote!(store, new; tx => {
            tx.users().add(&new, AT).await?;
            Err(StoreError::Inconsistent("changed my mind".to_owned()))
        });
        assert_eq!(refused, Err(StoreError::Inconsistent("changed my mind".to_owned())));
        assert_eq!(read!(store, tx => tx.users().list().await), []);
    })
    .await;
}

#[tokio::test]
async fn a_work_that_swallows_an_error_of_the_database_is_not_kept() {
    on_both(async |store| {
        add_person(&store, "ada").await;
        let (again, other) = (person("ada"), person("bob"));
        let swallowed = wrote!(store, again, other; tx => {
            tx.users().add(&other, AT).await?;
            let _ = tx.users().add(&again, AT).await;
            Ok(())
        });
        assert!(matches!(swallowed, Err(StoreError::Duplicate(_))), "{swallowed:?}");
        assert_eq!(read!(store, tx => tx.users().list().await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_does_not_see_what_is_committed_after_it() {
    on_both(async |store| {
        add_person(&store, "ada").await;
        let mut snapshot = store.snapshot().await.unwrap();
        assert_eq!(snapshot.tx().users().list().await.unwrap().len(), 1);
        add_person(&store, "bob").await;
        assert_eq!(snapshot.tx().users().list().await.unwrap().len(), 1);
        drop(snapshot);
        assert_eq!(read!(store, tx => tx.users().list().await).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_cannot_write() {
    on_both(async |store| {
        let mut snapshot = store.snapshot().await.unwrap();
        assert!(snapshot.tx().meta().set("a", "b").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_work_goes_on_when_its_caller_has_gone() {
    on_both(async |store| {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let caller = tokio::spawn({
            let (store, begun, go_on) = (store.clone(), begun.clone(), go_on.clone());
            async move {
                wrote!(store, begun, go_on; tx => {
                    begun.notify_one();
                    go_on.notified().await;
                    tx.users().add(&person("ada"), AT).await
                })
            }
        });
        begun.notified().await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        go_on.notify_one();
        add_person(&store, "bob").await;
        while read!(store, tx => tx.users().list().await).len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_work_that_panics_is_undone_and_the_next_one_runs() {
    on_both(async |store| {
        let new = person("ada");
        let broken: Result<(), StoreError> = wrote!(store, new; tx => {
            tx.users().add(&new, AT).await?;
            panic!("a fault in a work, made by a test")
        });
        assert!(matches!(broken, Err(StoreError::Inconsistent(_))), "{broken:?}");
        add_person(&store, "ada").await;
    })
    .await;
}

#[tokio::test]
async fn works_that_wait_are_committed_together_and_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&folder), &Options::default()).await.unwrap();
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let blocker = tokio::spawn({
        let (store, begun, go_on) = (store.clone(), begun.clone(), go_on.clone());
        async move {
            wrote!(store, begun, go_on; _tx => {
                begun.notify_one();
                go_on.notified().await;
                Ok(())
            })
        }
    });
    begun.notified().await;
    let metrics = store.metrics().clone();
    assert_eq!((metrics.works.get([]), metrics.commits.get([])), (0, 0));
    // Polled once each, in order: all wait for the writer now.
    let mut waiting: Vec<_> = ["ada", "bob", "ada", "cleo"]
        .map(|login| {
            let store = store.clone();
            Box::pin(async move {
                let new = person(login);
                wrote!(store, new; tx => tx.users().add(&new, AT).await)
            })
        })
        .into();
    for work in &mut waiting {
        assert!(
            std::future::poll_fn(|context| {
                std::task::Poll::Ready(work.as_mut().poll(context).is_pending())
            })
            .await
        );
    }
    store.look();
    assert!(metrics.text().contains("\nroomdav_works_waiting 4\n"), "{}", metrics.text());
    go_on.notify_one();
    blocker.await.unwrap().unwrap();
    waiting.remove(0).await.unwrap();
    // The first answer comes after the commit of all.
    assert_eq!(read!(store, tx => tx.users().list().await).len(), 3);
    let mut results = Vec::new();
    for work in waiting {
        results.push(work.await);
    }
    assert!(results[0].is_ok() && results[2].is_ok(), "{results:?}");
    assert!(matches!(results[1], Err(StoreError::Duplicate(_))), "{results:?}");
    assert_eq!(
        (metrics.works.get([]), metrics.commits.get([])),
        (4, 2),
        "the first alone, then three together"
    );
    store.close().await;
}

// F-14: the queue is bounded.
#[tokio::test]
async fn beyond_the_bound_a_work_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { max_waiting: 1, ..Options::default() };
    let store = Store::open(&sqlite_url(&folder), &options).await.unwrap();
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let work = || {
        let (begun, go_on) = (begun.clone(), go_on.clone());
        doing(move |_: &mut Tx<'_>| {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            Box::pin(async move {
                begun.notify_one();
                go_on.notified().await;
                Ok(())
            })
        })
    };
    let write = |work| {
        let store = store.clone();
        tokio::spawn(async move { store.write(work).await })
    };
    let running = write(work());
    begun.notified().await;
    let waiting = write(work());
    tokio::task::yield_now().await;
    let refused = store.write(work()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    go_on.notify_one();
    running.await.unwrap().unwrap();
    begun.notified().await;
    go_on.notify_one();
    waiting.await.unwrap().unwrap();
    store.close().await;
}

// F-5: another program holds the file's lock.
#[tokio::test]
async fn a_locked_file_is_waited_for_and_then_answered_as_busy() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { patience: Duration::from_millis(50), ..Options::default() };
    let store = Store::open(&sqlite_url(&folder), &options).await.unwrap();
    let other = sqlx::SqlitePool::connect(&sqlite_url(&folder)).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let busy = wrote!(store, tx => tx.meta().set("a", "b").await);
    assert!(matches!(busy, Err(StoreError::Retry(_))), "{busy:?}");
    held.rollback().await.unwrap();
    wrote!(store, tx => tx.meta().set("a", "b").await).unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_closed_store_refuses_works_and_has_written_its_log_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&folder), &Options::default()).await.unwrap();
    add_person(&store, "ada").await;
    store.close().await;
    let late = wrote!(store, tx => tx.meta().set("a", "b").await);
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    let log = format!("{}-wal", sqlite_path(&folder).display());
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0, "the log is written back");
}

// R142: spaces are taken in one order, so works that want the same ones in another order just wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn works_that_want_the_same_spaces_in_other_orders_do_not_meet_in_a_circle() {
    on_both(async |store| {
        let rooms = [add_room(&store, "left", &[]).await, add_room(&store, "right", &[]).await];
        let mut spaces = Vec::new();
        for room in rooms {
            spaces.extend(read!(store, tx => tx.rooms().get(room).await).unwrap().spaces);
        }
        let tries = Arc::new(AtomicUsize::new(0));
        let works: Vec<_> = (0..8)
            .map(|turn| {
                let (store, tries, mut spaces) = (store.clone(), tries.clone(), spaces.clone());
                spaces.rotate_left(turn % 2);
                tokio::spawn(async move {
                    wrote!(store, tries, spaces; tx => {
                        tries.fetch_add(1, Ordering::SeqCst);
                        tx.lock_in_order(&spaces, &[]).await?;
                        tokio::task::yield_now().await;
                        tx.spaces().set_units(spaces[0], 2, AT).await
                    })
                })
            })
            .collect();
        for work in works {
            work.await.unwrap().unwrap();
        }
        assert_eq!(tries.load(Ordering::SeqCst), 8, "none was repeated");
    })
    .await;
}

// F-12: who waits for a lock longer than two seconds is told so.
#[tokio::test]
async fn a_lock_that_is_held_too_long_is_answered_as_unavailable() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Store::open(&url, &few_connections()).await.unwrap();
    let calendar = add_calendar(&store).await;
    let other = sqlx::PgPool::connect(&url).await.unwrap();
    let mut held = other.begin().await.unwrap();
    query("SELECT id FROM calendars FOR NO KEY UPDATE").execute(&mut *held).await.unwrap();
    let late = wrote!(store, tx => change(tx, calendar).await);
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    held.rollback().await.unwrap();
    wrote!(store, tx => change(tx, calendar).await).unwrap();
    store.close().await;
}

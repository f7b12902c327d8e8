//! F-4: an SQLite file that cannot be trusted any more. What a disk does otherwise is tried from outside,
//! in `chaos/disk`.

use sqlx::{Connection, SqliteConnection, query_as};

use super::support::{AT, few_connections, person, read, sqlite_path, sqlite_url, wrote};
use crate::domain::id::UserId;
use crate::store::{BodyId, PIECE_BYTES, Store, StoreError};

/// A database in which the page with the first people is no page.
async fn damaged(folder: &tempfile::TempDir) -> Store {
    let url = sqlite_url(folder);
    Store::open(&url, &few_connections()).await.unwrap().close().await;
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    let (page, size): (i64, i64) =
        query_as("SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'users'")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    conn.close().await.unwrap();
    let mut bytes = std::fs::read(sqlite_path(folder)).unwrap();
    let (page, size) = (usize::try_from(page).unwrap(), usize::try_from(size).unwrap());
    bytes[(page - 1) * size..page * size].fill(0xa5);
    std::fs::write(sqlite_path(folder), bytes).unwrap();
    Store::open(&url, &few_connections()).await.unwrap()
}

#[tokio::test]
async fn a_damaged_page_is_noticed_by_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = damaged(&folder).await;
    let new = person("ada");
    let failed = wrote!(store, new; tx => tx.users().add(&new, AT).await);
    assert!(matches!(failed, Err(StoreError::Damaged(_))), "{failed:?}");
    assert!(store.damaged().await.contains("malformed"));
    store.close().await;
}

#[tokio::test]
async fn once_a_reader_met_a_damaged_page_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = damaged(&folder).await;
    let (before, after) = (BodyId::random(), BodyId::random());
    wrote!(store, before; tx => tx.bodies().begin(before, AT).await).unwrap();

    let failed = store.snapshot().await.unwrap().tx().users().get(UserId::new(1)).await;
    assert!(matches!(failed, Err(StoreError::Damaged(_))), "{failed:?}");
    assert!(matches!(store.damage(), Some(StoreError::Damaged(_))));
    let refused = wrote!(store, after; tx => tx.bodies().begin(after, AT).await);
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    let log = std::fs::metadata(folder.path().join("data/test.sqlite-wal")).unwrap().len();
    store.close().await;
    assert!(log > 0, "what is closed as usual empties its log");
    let left = std::fs::metadata(folder.path().join("data/test.sqlite-wal")).unwrap().len();
    assert_eq!(left, log, "whoever starts next reads what is there");
}

#[tokio::test]
async fn a_long_log_is_written_back_while_the_store_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&sqlite_url(&folder), &few_connections()).await.unwrap();
    let size = || std::fs::metadata(sqlite_path(&folder)).unwrap().len();
    let (id, before) = (BodyId::random(), size());
    wrote!(store, id; tx => tx.bodies().begin(id, AT).await).unwrap();
    for position in 0..20 {
        wrote!(store, id; tx => tx.bodies().append(id, position, &vec![7; PIECE_BYTES]).await).unwrap();
    }
    // A later work comes only when the log of the earlier ones was looked at.
    wrote!(store, ; tx => tx.bodies().begin(BodyId::random(), AT).await).unwrap();
    assert!(size() > before + 4_000_000, "{before} and {}", size());
    assert_eq!(read!(store, tx => tx.bodies().piece(id, 19).await), Some(vec![7; PIECE_BYTES]));
    store.close().await;
}

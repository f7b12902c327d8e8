//! Attachments that are named while others tidy. R142; RFC 8607, section 3.12.

use std::sync::Arc;

use sqlx::{Connection, PgConnection, query_scalar};
use tokio::sync::Notify;

use super::support::{AT, add_calendar, add_person, few_connections, fresh_postgres, read, wrote};
use crate::domain::event::Class;
use crate::domain::id::UserId;
use crate::domain::time::Period;
use crate::store::{Attachment, Content, NewResource, Received, Store};

fn naming(managed_id: &str) -> Content {
    Content {
        text: b"text".to_vec(),
        etag: "etag".to_owned(),
        component: "VEVENT".to_owned(),
        class: Class::Public,
        schedule_tag: None,
        span: Period { start: AT, end: AT.plus(1) },
        attachments: vec![managed_id.to_owned()],
    }
}

/// An attachment that no text names, and for long.
async fn add_unused(store: &Store, owner: UserId) -> String {
    let body = Received::empty();
    let new = Attachment {
        managed_id: "key".to_owned(),
        owner,
        body: body.id,
        size: 0,
        content_type: "text/plain".to_owned(),
        name: "plan.txt".to_owned(),
        created_at: AT,
    };
    wrote!(store, body, new; tx => {
        body.store(tx, AT).await?;
        tx.attachments().insert(&new).await?;
        tx.attachments().note_unused(AT).await
    })
    .unwrap();
    new.managed_id
}

/// Waits until some work waits for another one's row.
async fn somebody_waits(url: &str) {
    const WAITING: &str = "
        SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut conn = PgConnection::connect(url).await.unwrap();
    while query_scalar::<_, i64>(WAITING).fetch_one(&mut conn).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
}

// SQLite has one writer, so that nobody is ever in the middle of it.
#[tokio::test]
async fn what_is_named_while_others_tidy_stays() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Store::open(&url, &few_connections()).await.unwrap();
    let (owner, calendar) = (add_person(&store, "ada").await, add_calendar(&store).await);
    let managed_id = add_unused(&store, owner).await;
    let (named, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let naming = tokio::spawn({
        let (store, content) = (store.clone(), naming(&managed_id));
        let (named, go_on) = (named.clone(), go_on.clone());
        async move {
            wrote!(store, content, named, go_on; tx => {
                let new = NewResource {
                    calendar,
                    name: "a.ics",
                    uid: "a",
                    mask_key: "m",
                    owner,
                    reader: None,
                    reservation: None,
                    purge_at: None,
                };
                let id = tx.resources().insert(&new, &content, AT).await?;
                named.notify_one();
                go_on.notified().await;
                Ok(id)
            })
        }
    });
    named.notified().await;
    let tidying = tokio::spawn({
        let store = store.clone();
        async move { wrote!(store, tx => tx.attachments().remove_unused(AT.plus(1)).await) }
    });
    somebody_waits(&url).await;
    go_on.notify_one();
    let resource = naming.await.unwrap().unwrap();
    assert_eq!(tidying.await.unwrap().unwrap(), 0);
    assert_eq!(read!(store, tx => tx.attachments().of(&[resource]).await), std::slice::from_ref(&managed_id));
    // What is gone by then is not there to be claimed.
    let gone = [managed_id, "gone".to_owned()];
    assert_eq!(wrote!(store, gone; tx => tx.attachments().claim(&gone).await).unwrap(), 1);
    store.close().await;
}

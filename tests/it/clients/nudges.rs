//! After a refused change or deletion the member has a new version for whoever asked, and for
//! nobody else (R4.2).

use super::rows;
use super::thunderbird::Thunderbird;
use crate::support::{Client, TestServer, event, on_both};

/// What one person's programs compare: the member's ETag, CTag, sync-token.
#[derive(Debug, PartialEq, Eq)]
struct State {
    etag: String,
    ctag: String,
    token: String,
}

async fn state(client: &Client<'_>, name: &str) -> State {
    let room = client.room("aula");
    let body = "<propfind xmlns=\"DAV:\" xmlns:CS=\"http://calendarserver.org/ns/\"><prop><CS:getctag/>\
                <sync-token/></prop></propfind>";
    let calendar = client.propfind(&room, "0", body).await.multistatus().remove(0);
    let members = client.list(&room).await;
    let etag = members.into_iter().find(|(href, _)| href.ends_with(name)).map(|(_, etag)| etag);
    State {
        etag: etag.unwrap_or_else(|| panic!("no {name}")),
        ctag: calendar.text("getctag").expect("getctag"),
        token: calendar.text("sync-token").expect("sync-token"),
    }
}

/// The member as Ada knows it.
async fn foreign_name(server: &TestServer) -> String {
    let ada = server.client("ada");
    let members = ada.list(&ada.room("aula")).await;
    let foreign = members.into_iter().find(|(href, _)| !href.ends_with("/mine.ics"));
    foreign.and_then(|(href, _)| href.rsplit('/').next().map(str::to_owned)).expect("Bob's event")
}

/// Ada has been refused something about `name` by `refuse`: all three are new for her, her old
/// token lists that member and no other, and Bob sees no difference.
async fn nudges_only_ada(server: &TestServer, name: &str, refuse: impl AsyncFn(&Client<'_>, &str)) {
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    let (before, bobs) = (state(&ada, name).await, state(&bob, "bobs.ics").await);
    let href = format!("{}{name}", ada.room("aula"));
    let text = ada.get(&href).await.text();
    refuse(&ada, &href).await;
    let after = state(&ada, name).await;
    assert_ne!(after.etag, before.etag);
    assert_ne!(after.ctag, before.ctag);
    assert_ne!(after.token, before.token);
    let (changed, next) = ada.sync(&ada.room("aula"), &before.token).await;
    let hrefs: Vec<&str> = changed.iter().map(|item| item.href.as_str()).collect();
    assert_eq!(hrefs, [href.as_str()]);
    assert_eq!(changed[0].text("getetag"), Some(after.etag.clone()));
    assert_eq!(next, after.token);
    assert_eq!(ada.get(&href).await.text(), text, "R4.1");
    assert_eq!(ada.get(&href).await.etag(), after.etag, "one version, however it is read");
    assert_eq!(state(&bob, "bobs.ics").await, bobs);
    let (nothing, _) = bob.sync(&bob.room("aula"), &bobs.token).await;
    assert!(nothing.is_empty());
}

async fn world(server: &TestServer) {
    let _: Thunderbird<'_> = rows::world(server).await;
}

#[tokio::test]
async fn a_refused_change_of_ones_own_nudges_whoever_asked() {
    on_both(async |server| {
        world(&server).await;
        let into = event("mine").hours("20270301", 9, 10).text();
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            ada.put(href, &into).await.refused("busy");
        })
        .await;
        // Once more, with the version of the first nudge: another one.
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            let etag = ada.get(href).await.etag();
            ada.change(href, &etag, &into).await.refused("busy");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_write_of_somebody_elses_nudges_whoever_asked() {
    on_both(async |server| {
        world(&server).await;
        let foreign = foreign_name(&server).await;
        nudges_only_ada(&server, &foreign, async |ada, href| {
            let text = ada.get(href).await.text().replace("SUMMARY:", "SUMMARY:Mine now: ");
            ada.put(href, text).await.refused("not-allowed");
        })
        .await;
        nudges_only_ada(&server, &foreign, async |ada, href| {
            ada.delete(href).await.refused("not-allowed");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_late_deletion_nudges_whoever_asked() {
    on_both(async |server| {
        world(&server).await;
        server.set("aula", "cancel_deadline", "7d").await;
        server.set("aula", "lock_after_deadline", "on").await;
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            ada.delete(href).await.refused("late-cancel");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_change_that_no_rule_was_asked_about_nudges_too() {
    // Text that is no event, another UID, a calendar that may not be written: rule 6 of clients.
    on_both(async |server| {
        world(&server).await;
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            ada.put(href, "BEGIN:VCALENDAR\r\n").await.fails(403, "valid-calendar-data");
        })
        .await;
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            let other = event("other").hours("20270301", 14, 15);
            ada.put(href, other.text()).await.fails(409, "no-uid-conflict");
        })
        .await;
        server.set("aula", "book", "none").await;
        nudges_only_ada(&server, "mine.ics", async |ada, href| {
            let later = event("mine").hours("20270301", 14, 15);
            ada.put(href, later.text()).await.fails(403, "need-privileges");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_nudged_where_the_version_was_wrong() {
    // A real 412: the program has an old version, and finds the new one by itself.
    on_both(async |server| {
        world(&server).await;
        let ada = server.client("ada");
        let before = state(&ada, "mine.ics").await;
        let href = format!("{}mine.ics", ada.room("aula"));
        ada.change(&href, "\"old\"", event("mine").hours("20270301", 9, 10).text()).await.expect(412);
        ada.create(&href, event("mine").hours("20270301", 9, 10).text()).await.expect(412);
        assert_eq!(state(&ada, "mine.ics").await, before);
    })
    .await;
}

#[tokio::test]
async fn a_refused_new_event_changes_nothing_for_anybody() {
    // R4.1.
    on_both(async |server| {
        world(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let before = (state(&ada, "mine.ics").await, state(&bob, "bobs.ics").await);
        ada.book("aula", &event("new").hours("20270301", 9, 10)).await.refused("busy");
        assert_eq!((state(&ada, "mine.ics").await, state(&bob, "bobs.ics").await), before);
    })
    .await;
}

#[tokio::test]
async fn the_owner_can_still_change_with_the_version_that_others_were_refused_with() {
    // A nudge of Ada's must not be a 412 for Bob.
    on_both(async |server| {
        world(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let href = format!("{}bobs.ics", bob.room("aula"));
        let etag = bob.get(&href).await.etag();
        let foreign = foreign_name(&server).await;
        ada.delete(&format!("{}{foreign}", ada.room("aula"))).await.refused("not-allowed");
        bob.change(&href, &etag, event("bobs").hours("20270301", 8, 9).text()).await.no_content();
    })
    .await;
}

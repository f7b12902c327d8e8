//! What is refused, by which condition, and that nothing is left of it. RFC 8607, section 3.11.

use roomdav::booking::Bounds;
use roomdav::site::FileBounds;

use super::{PLAN, add, booked, house, lines, post, remove};
use crate::support::{event, on_both};

#[tokio::test]
async fn what_is_asked_for_must_be_clear() {
    // RFC 8607, sections 3.3, 3.3.1 and 3.3.3.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        let before = ada.get(&path).await.text();
        let id = &kept.id;
        for (query, condition) in [
            (String::new(), "valid-action"),
            ("action=".to_owned(), "valid-action"),
            ("action=attachment-copy".to_owned(), "valid-action"),
            ("action=attachment-add&action=attachment-add".to_owned(), "valid-action"),
            (format!("action=attachment-add&managed-id={id}"), "valid-managed-id"),
            ("action=attachment-update".to_owned(), "valid-managed-id"),
            ("action=attachment-update&managed-id=".to_owned(), "valid-managed-id"),
            ("action=attachment-update&managed-id=unknown".to_owned(), "valid-managed-id"),
            ("action=attachment-remove".to_owned(), "valid-managed-id"),
            ("action=attachment-remove&managed-id=unknown".to_owned(), "valid-managed-id"),
            (format!("action=attachment-remove&managed-id={id}&managed-id={id}"), "valid-managed-id"),
        ] {
            post(&ada, &path, &query, &PLAN, "x").await.fails(403, condition);
        }
        assert_eq!(ada.get(&path).await.text(), before);
        post(&ada, &ada.in_room("aula", "none"), "action=attachment-add", &PLAN, "x").await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn too_large_and_too_many_are_refused() {
    on_both(async |server| {
        let path = booked(&server).await;
        let server = server.with_bounds(Bounds { max_attachment_bytes: 1000, ..Bounds::default() });
        let ada = server.client("ada");
        post(&ada, &path, "action=attachment-add", &PLAN, "x".repeat(1001))
            .await
            .fails(403, "max-attachment-size");
        let kept = add(&ada, &path, &"x".repeat(1000)).await;
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        post(&ada, &path, &update, &PLAN, "x".repeat(1001)).await.fails(403, "max-attachment-size");
        for _ in 1..10 {
            add(&ada, &path, "x").await;
        }
        post(&ada, &path, "action=attachment-add", &PLAN, "x")
            .await
            .fails(403, "max-attachments-per-resource");
        assert_eq!(lines(&ada, &path).await.len(), 10);
        // As many may be replaced, and addresses of the client's own count with them (L-35).
        post(&ada, &path, &update, &PLAN, "y").await.expect(204);
        let full = (0..10).fold(event("b").hours("20270302", 9, 10), |event, n| {
            event.line(&format!("ATTACH:https://example.org/{n}"))
        });
        ada.book("aula", &full).await.created();
        let path = ada.in_room("aula", "b");
        post(&ada, &path, "action=attachment-add", &PLAN, "x")
            .await
            .fails(403, "max-attachments-per-resource");
        // However a text names them: two dates each name another one, by its address alone.
        ada.book("aula", &event("d").hours("20270304", 9, 10)).await.created();
        let uris = [
            add(&ada, &ada.in_room("aula", "d"), "x").await,
            add(&ada, &ada.in_room("aula", "d"), "y").await,
        ];
        let uris = uris.map(|kept| format!("ATTACH:{}", kept.uri()));
        let series = event("e").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=2").line(&uris[0]);
        let text = series.moved("20270309T090000", "20270309T090000", "20270309T100000", &[&uris[1]]).text();
        let one = server.with_bounds(Bounds { max_attachments: 1, ..Bounds::default() });
        let reply = one.client("ada").create(&ada.in_room("aula", "e"), &text).await;
        reply.fails(403, "max-attachments-per-resource");
        ada.create(&ada.in_room("aula", "e"), &text).await.created();
        let fewer = server.with_bounds(Bounds { max_attachments: 1, ..Bounds::default() });
        let ada = fewer.client("ada");
        ada.book("aula", &event("c").hours("20270303", 9, 10)).await.created();
        let path = ada.in_room("aula", "c");
        add(&ada, &path, "x").await;
        post(&ada, &path, "action=attachment-add", &PLAN, "x")
            .await
            .fails(403, "max-attachments-per-resource");
    })
    .await;
}

#[tokio::test]
async fn files_and_attachments_of_a_person_share_their_room() {
    // L-66; RFC 8607, sections 3.12 and 3.12.1.
    on_both(async |server| {
        let path = booked(&server).await;
        let server = server.with_bounds(Bounds { max_person_bytes: 100, ..Bounds::default() });
        let ada = server.client("ada");
        let file = [("content-type", "text/plain")];
        ada.send("PUT", "/files/users/ada/f", &file, &"x".repeat(40)).await.expect(201);
        let kept = add(&ada, &path, &"x".repeat(60)).await;
        post(&ada, &path, "action=attachment-add", &PLAN, "x").await.fails(507, "quota-not-exceeded");
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        let reply = post(&ada, &path, &update, &PLAN, "x".repeat(61)).await;
        reply.fails(507, "quota-not-exceeded");
        post(&ada, &path, &update, &PLAN, "x".repeat(50)).await.expect(204);
        add(&ada, &path, &"x".repeat(10)).await;
        let ask = "<propfind xmlns=\"DAV:\"><prop><quota-used-bytes/></prop></propfind>";
        let used = ada.propfind("/files/users/ada/", "0", ask).await.multistatus();
        assert_eq!(used[0].text("quota-used-bytes").as_deref(), Some("100"));
        // Bob has room of his own.
        let bob = server.client("bob");
        bob.book("aula", &event("b").hours("20270302", 9, 10)).await.created();
        add(&bob, &bob.in_room("aula", "b"), &"x".repeat(100)).await;
    })
    .await;
}

#[tokio::test]
async fn a_file_and_an_attachment_that_come_at_once_have_one_room() {
    // L-66, R142.
    on_both(async |server| {
        let path = booked(&server).await;
        let server = server
            .with_bounds(Bounds { max_person_bytes: 100, ..Bounds::default() })
            .with_files(FileBounds { folder_bytes: 100, ..FileBounds::default() });
        let ada = server.client("ada");
        let (file, text) = ([("content-type", "text/plain")], "x".repeat(60));
        let (put, posted) = tokio::join!(
            ada.send("PUT", "/files/users/ada/f", &file, &text),
            post(&ada, &path, "action=attachment-add", &PLAN, text.clone()),
        );
        let mut statuses = [put.status, posted.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 507]);
    })
    .await;
}

#[tokio::test]
async fn what_another_event_still_names_makes_no_room() {
    // L-66.
    on_both(async |server| {
        let path = booked(&server).await;
        let server = server.with_bounds(Bounds { max_person_bytes: 100, ..Bounds::default() });
        let ada = server.client("ada");
        let kept = add(&ada, &path, &"x".repeat(60)).await;
        let other = event("b").hours("20270302", 9, 10).line(&kept.line(60));
        ada.invite(&other).await.created();
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        let reply = post(&ada, &path, &update, &PLAN, "y".repeat(60)).await;
        reply.fails(507, "quota-not-exceeded");
        assert_eq!(lines(&ada, &path).await, [kept.line(60)]);
        post(&ada, &path, &update, &PLAN, "y".repeat(40)).await.expect(204);
        // Once nothing else names it there is room.
        post(&ada, &path, "action=attachment-add", &PLAN, "x").await.fails(507, "quota-not-exceeded");
        ada.delete(&ada.in_own("b")).await.expect(204);
        add(&ada, &path, &"x".repeat(60)).await;
        // And it does not come back beside what took its place.
        ada.invite(&other).await.fails(403, "valid-managed-id-parameter");
    })
    .await;
}

#[tokio::test]
async fn what_no_event_names_counts_among_the_files_while_it_is_kept() {
    // L-66; RFC 4331, section 3.
    on_both(async |server| {
        let path = booked(&server).await;
        let server = server
            .with_bounds(Bounds { max_person_bytes: 100, ..Bounds::default() })
            .with_files(FileBounds { folder_bytes: 100, ..FileBounds::default() });
        let ada = server.client("ada");
        let kept = add(&ada, &path, &"x".repeat(60)).await;
        let text = ada.get(&path).await.text();
        remove(&ada, &path, &kept.id).await.expect(204);
        let file = [("content-type", "text/plain")];
        let reply = ada.send("PUT", "/files/users/ada/f", &file, &"x".repeat(41)).await;
        reply.fails(507, "quota-not-exceeded");
        ada.send("PUT", "/files/users/ada/f", &file, &"x".repeat(40)).await.expect(201);
        // Or both would be there now.
        ada.put(&path, &text).await.expect(204);
        ada.get(&kept.path).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn an_event_of_somebody_else_is_not_added_to() {
    on_both(async |server| {
        let path = booked(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let kept = add(&ada, &path, "x").await;
        let before = ada.get(&path).await.text();
        let there = bob.in_room("aula", "a");
        post(&bob, &there, "action=attachment-add", &PLAN, "x").await.refused("not-allowed");
        remove(&bob, &there, &kept.id).await.refused("not-allowed");
        // Whether the event has it is not what he learns first.
        remove(&bob, &there, "unknown").await.refused("not-allowed");
        assert_eq!(ada.get(&path).await.text(), before);
        assert!(!server.notices("bob").await.is_empty());
        // A manager may change it, and the owner is told.
        let maria = server.client("maria");
        add(&maria, &maria.in_room("aula", "a"), "from maria").await;
        assert_eq!(lines(&ada, &path).await.len(), 2);
        // In a room that is only read nothing is posted.
        server.set("aula", "book", "none").await;
        post(&bob, &there, "action=attachment-add", &PLAN, "x").await.expect(405);
    })
    .await;
}

#[tokio::test]
async fn a_declined_copy_and_a_message_carry_nothing() {
    on_both(async |server| {
        house(&server).await;
        server.client("bob").book("aula", &event("b").hours("20270301", 9, 10)).await.created();
        let ada = server.client("ada").agent("DAVx5/4.4");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        post(&ada, &ada.in_room("aula", "a"), "action=attachment-add", &PLAN, "x").await.expect(403);
        let own = event("i").hours("20270302", 9, 10).organizer("bob").attendee("ada");
        server.client("bob").invite(&own).await.created();
        let inbox = format!("{}inbox/", ada.home());
        let message = ada.list(&inbox).await.remove(0).0;
        post(&ada, &message, "action=attachment-add", &PLAN, "x").await.expect(403);
    })
    .await;
}

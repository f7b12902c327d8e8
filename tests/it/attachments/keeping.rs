//! How long bodies are kept. RFC 8607, section 3.12.

use roomdav::booking::{
    Action, Actor, Attach, Error, Fate, Import, Label, Links, Note, Outcome, OwnerFrom, Target,
};
use roomdav::domain::expected::Expected;
use roomdav::domain::id::Slug;
use roomdav::domain::space::Room;
use roomdav::jobs::tidy_files;
use roomdav::text::Language;

use super::{Kept, PLAN, add, booked, lines, post, remove};
use crate::support::{TestServer, event, on_both};

/// Lets an hour pass, and what is left over go; how many bodies went.
async fn an_hour(server: &TestServer) -> u64 {
    server.clock.set(server.clock.now().plus(3_601));
    tidy_files(server.bookings.store(), server.clock.now()).await.unwrap()
}

async fn hours(server: &TestServer, count: usize) -> u64 {
    let mut removed = 0;
    for _ in 0..count {
        removed += an_hour(server).await;
    }
    removed
}

#[tokio::test]
async fn an_attachment_goes_with_the_last_event_that_names_it() {
    // RFC 8607, section 3.12.5.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        let line = format!("ATTACH;MANAGED-ID={}:{}", kept.id, kept.uri());
        ada.invite(&event("b").hours("20270302", 9, 10).line(&line)).await.created();
        ada.delete(&path).await.expect(204);
        assert_eq!(hours(&server, 4).await, 0);
        ada.get(&kept.path).await.expect(200);
        ada.delete(&ada.in_own("b")).await.expect(204);
        ada.get(&kept.path).await.expect(404);
        // Noted, forgotten, removed: an hour each.
        assert_eq!(hours(&server, 2).await, 0);
        assert_eq!(hours(&server, 1).await, 1);
        let text = event("c").hours("20270302", 9, 10).line(&line);
        ada.invite(&text).await.fails(403, "valid-managed-id-parameter");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_back_soon_has_its_attachments_again() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        let text = ada.get(&path).await.text();
        ada.delete(&path).await.expect(204);
        assert_eq!(an_hour(&server).await, 0);
        ada.create(&path, &text).await.created();
        assert_eq!(hours(&server, 4).await, 0);
        assert_eq!(lines(&ada, &path).await, [kept.line(1)]);
        assert_eq!(ada.get(&kept.path).await.expect(200).text(), "x");
    })
    .await;
}

#[tokio::test]
async fn the_hour_counts_from_the_last_event_that_named_it() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        let text = ada.get(&path).await.text();
        ada.delete(&path).await.expect(204);
        an_hour(&server).await;
        ada.create(&path, &text).await.created();
        ada.delete(&path).await.expect(204);
        an_hour(&server).await;
        ada.create(&path, &text).await.created();
        assert_eq!(ada.get(&kept.path).await.expect(200).text(), "x");
    })
    .await;
}

#[tokio::test]
async fn what_was_replaced_removed_or_refused_goes() {
    on_both(async |server| {
        let path = booked(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let long = "x".repeat(300_000);
        let kept = add(&ada, &path, &long).await;
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        let new = Kept::of(&post(&ada, &path, &update, &PLAN, "y").await.expect(204));
        remove(&ada, &path, &new.id).await.expect(204);
        let refused =
            post(&bob, &bob.in_room("aula", "a"), "action=attachment-add", &PLAN, long.clone()).await;
        refused.refused("not-allowed");
        let stale = [PLAN[0], PLAN[1], ("if-match", "\"other\"")];
        post(&ada, &path, "action=attachment-add", &stale, long.clone()).await.expect(412);
        assert_eq!(hours(&server, 3).await, 2, "what was refused was never stored");
        assert_eq!(hours(&server, 3).await, 0);
        assert!(server.bookings.check().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_room_that_takes_its_own_export_keeps_its_attachments() {
    // RFC 8607, section 3.12.7.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        ada.book("aula", &event("b").hours("20270302", 9, 10)).await.created();
        let (actor, room) = meeting(&server, "ada").await;
        let import = Import { actor, room, owner_from: OwnerFrom::default(), rehearsal: false };
        let file = server.bookings.export(import.room.id).await.unwrap();
        // The one says something else meanwhile, and the other names what is not its own.
        let file = String::from_utf8(file).unwrap().replace("SUMMARY:a", "SUMMARY:again");
        let file = file.replace("SUMMARY:b", &format!("SUMMARY:b\r\n{}", kept.line(1)));
        let done = server.bookings.import(&import, file.as_bytes(), |_, _| ()).await.unwrap().events;
        assert_eq!(done.len(), 2, "{done:?}");
        assert!(done.iter().all(|one| one.fate == Fate::Replaced), "{done:?}");
        let notes: Vec<_> = done.iter().map(|one| one.notes.as_slice()).collect();
        assert_eq!(notes, [&[][..], &[Note::Attachments]], "the key is another event's");
        assert!(ada.get(&path).await.has_line("SUMMARY:again"));
        assert_eq!(lines(&ada, &path).await, [kept.line(1)]);
        let other = lines(&ada, &ada.in_room("aula", "b")).await;
        assert_eq!(other, [kept.line(1).replace(&format!(";MANAGED-ID={}", kept.id), "")]);
        assert_eq!(hours(&server, 4).await, 0);
        assert_eq!(ada.get(&kept.path).await.expect(200).text(), "x");
    })
    .await;
}

/// A person, as somebody who books the aula, and the aula.
async fn meeting(server: &TestServer, login: &str) -> (Actor, Room) {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let person = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
    let room = tx.rooms().by_slug(&Slug::parse("aula").unwrap()).await.unwrap().unwrap();
    (roomdav::booking::actor(&mut tx, &person, Language::English).await.unwrap(), room)
}

#[tokio::test]
async fn a_body_that_nobody_read_is_never_stored() {
    on_both(async |server| {
        let path = booked(&server).await;
        let name = path.rsplit('/').next().unwrap().to_owned();
        let (actor, room) = meeting(&server, "bob").await;
        let label = Label { name: "plan.pdf".to_owned(), content_type: "application/pdf".to_owned() };
        let attach = Attach {
            actor,
            target: Target::Room(room.id),
            name,
            expected: Expected::default(),
            action: Action::Add(label),
            parts: None,
            links: Links::new("http://localhost/attachments/", str::to_owned),
        };
        // The room would refuse it: no body is asked for.
        assert!(!server.bookings.check_attach(&attach, 1).await.unwrap());
        assert!(matches!(server.bookings.attach(&attach, None).await.unwrap().outcome, Outcome::Refused(_)));
        // Meanwhile he came to manage the room.
        server.grant("aula", "bob", "manage").await;
        assert_eq!(server.bookings.attach(&attach, None).await.unwrap_err(), Error::Moved);
        assert!(lines(&server.client("ada"), &path).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_an_invitation_carried_is_not_kept_by_messages() {
    on_both(async |server| {
        super::house(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let event =
            event("e").hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org");
        ada.invite(&event).await.created();
        let kept = add(&ada, &ada.in_own("e"), "x").await;
        bob.get(&kept.path).await.expect(200);
        ada.delete(&ada.in_own("e")).await.expect(204);
        // His copy says that it is cancelled, and keeps nothing either.
        let (copy, _) = bob.list(&bob.own()).await.remove(0);
        assert!(bob.get(&copy).await.expect(200).has_line("STATUS:CANCELLED"));
        assert!(lines(&bob, &copy).await.is_empty());
        bob.get(&kept.path).await.expect(404);
        assert!(!bob.list(&format!("{}inbox/", bob.home())).await.is_empty());
        assert_eq!(hours(&server, 3).await, 1);
    })
    .await;
}

//! Adding, replacing and removing, as the owner of a single event does. RFC 8607, sections 3.4 to
//! 3.6, 4 and 5.1.

use super::{Kept, PLAN, add, booked, house, lines, post, remove};
use crate::support::{event, on_both};

#[tokio::test]
async fn an_attachment_comes_and_the_event_says_so() {
    // RFC 8607, section 4.1.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let (before, token) = (ada.get(&path).await.etag(), ada.token(&ada.room("aula")).await);
        let claims = server.claims("aula").await;
        let reply = post(&ada, &path, "action=attachment-add", &PLAN, "%PDF-1").await.expect(201);
        // The client has not seen what the event says now.
        assert_eq!(reply.header("etag"), None);
        let kept = Kept::of(&reply);
        assert_eq!(lines(&ada, &path).await, [kept.line(6)]);
        assert_ne!(ada.get(&path).await.etag(), before);
        let (changed, _) = ada.sync(&ada.room("aula"), &token).await;
        assert_eq!(changed.iter().map(|item| item.href.as_str()).collect::<Vec<_>>(), [path.as_str()]);
        assert_eq!(server.claims("aula").await, claims, "the room stays booked as it was");
        // The mirror in ada's own calendar says it too.
        assert_eq!(lines(&ada, &ada.in_own("a")).await, [kept.line(6)]);
        let changes = server.decisions().await.into_iter().filter(|row| row.kind == "change").count();
        assert_eq!(changes, 4, "a row for each calendar, of the booking and of this");
        let got = ada.get(&kept.path).await.expect(200);
        assert_eq!((got.text().as_str(), got.header("content-type")), ("%PDF-1", Some("application/pdf")));
        let saved = "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf";
        assert_eq!(got.header("content-disposition"), Some(saved));
        assert!(!got.etag().starts_with("W/"));
    })
    .await;
}

#[tokio::test]
async fn whoever_wishes_is_shown_the_event_as_it_is_now() {
    // RFC 8144, section 3.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let wish = [PLAN[0], PLAN[1], ("prefer", "return=representation")];
        let reply = post(&ada, &path, "action=attachment-add", &wish, "one").await.expect(201);
        let kept = Kept::of(&reply);
        assert_eq!(reply.lines_of("ATTACH"), [kept.line(3)]);
        assert_eq!(reply.header("content-location"), Some(path.as_str()));
        assert_eq!(reply.header("preference-applied"), Some("return=representation"));
        assert_eq!(reply.etag(), ada.get(&path).await.etag());
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        let reply = post(&ada, &path, &update, &wish, "other").await.expect(200);
        assert_eq!(reply.lines_of("ATTACH"), [Kept::of(&reply).line(5)]);
        let remove = format!("action=attachment-remove&managed-id={}", Kept::of(&reply).id);
        let reply = post(&ada, &path, &remove, &wish[2..], "").await.expect(200);
        assert!(reply.lines_of("ATTACH").is_empty() && reply.header("cal-managed-id").is_none());
    })
    .await;
}

#[tokio::test]
async fn another_version_has_another_key_and_address() {
    // RFC 8607, sections 3.5 and 4.3.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let old = add(&ada, &path, "old").await;
        let headers =
            [("content-type", "text/plain; charset=utf-8"), ("content-disposition", "x; filename=b.txt")];
        let update = format!("action=attachment-update&managed-id={}", old.id);
        let reply = post(&ada, &path, &update, &headers, "newer").await.expect(204);
        let new = Kept::of(&reply);
        assert_ne!(new.id, old.id);
        let line =
            format!("ATTACH;MANAGED-ID={};FMTTYPE=text/plain;FILENAME=b.txt;SIZE=5:{}", new.id, new.uri());
        assert_eq!(lines(&ada, &path).await, [line]);
        ada.get(&old.path).await.expect(404);
        let got = ada.get(&new.path).await.expect(200);
        assert_eq!(got.header("content-type"), Some("text/plain; charset=utf-8"));
        post(&ada, &path, &update, &headers, "again").await.fails(403, "valid-managed-id");
    })
    .await;
}

#[tokio::test]
async fn what_is_removed_is_not_there_any_more() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let text = ada.get(&path).await.text();
        let (one, two) = (add(&ada, &path, "1").await, add(&ada, &path, "22").await);
        remove(&ada, &path, &one.id).await.expect(204);
        assert_eq!(lines(&ada, &path).await, [two.line(2)]);
        ada.get(&one.path).await.expect(404);
        ada.get(&two.path).await.expect(200);
        remove(&ada, &path, &two.id).await.expect(204);
        assert_eq!(ada.get(&path).await.text(), text, "every other byte is the client's");
        remove(&ada, &path, &two.id).await.fails(403, "valid-managed-id");
    })
    .await;
}

#[tokio::test]
async fn conditions_are_held_against_the_event() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let etag = ada.get(&path).await.etag();
        let with = |name: &'static str, value: &str| [PLAN[0], PLAN[1], (name, value.to_owned().leak())];
        let add = "action=attachment-add";
        for (name, value) in
            [("if-match", "\"other\""), ("if-none-match", "*"), ("if-schedule-tag-match", "\"other\"")]
        {
            post(&ada, &path, add, &with(name, value), "x").await.expect(412);
        }
        assert_eq!(ada.get(&path).await.etag(), etag);
        post(&ada, &path, add, &with("if-match", &etag), "x").await.expect(201);
        post(&ada, &path, add, &with("if-match", &etag), "x").await.expect(412);
        assert_eq!(lines(&ada, &path).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_once_is_all_kept() {
    // R142.
    on_both(async |server| {
        let path = booked(&server).await;
        let racers: Vec<_> = (1..=4)
            .map(|size| {
                let (server, path) = (server.clone(), path.clone());
                tokio::spawn(
                    async move { add(&server.client("ada"), &path, &"x".repeat(size)).await.line(size) },
                )
            })
            .collect();
        let mut expected = Vec::new();
        for racer in racers {
            expected.push(racer.await.unwrap());
        }
        let mut found = lines(&server.client("ada"), &path).await;
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert!(server.bookings.check().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn names_are_what_people_read_and_lead_nowhere() {
    // RFC 8607, section 4.2; D-07.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        ada.invite(&event("a").hours("20270301", 9, 10)).await.created();
        let path = ada.in_own("a");
        for (disposition, name, segment) in [
            (
                "attachment; filename*=UTF-8''R%C3%A4ume%20%231.pdf",
                "R\u{e4}ume #1.pdf",
                "R%C3%A4ume%20%231.pdf",
            ),
            ("attachment; filename=\"../../../etc/passwd\"", ".._.._.._etc_passwd", ".._.._.._etc_passwd"),
            ("attachment; filename=\"a;b:\\\"c.txt\"", "\"a;b:^'c.txt\"", "a;b:%22c.txt"),
            ("attachment", "attachment", "attachment"),
            ("attachment; filename*=UTF-8''a%0D%0AX-Evil:1", "\"a__X-Evil:1\"", "a__X-Evil:1"),
        ] {
            let headers = [("content-disposition", disposition)];
            let reply = post(&ada, &path, "action=attachment-add", &headers, "x").await;
            let kept = Kept::of(&reply.expect(201));
            assert_eq!(kept.path, format!("/attachments/{}/{segment}", kept.id), "{disposition}");
            let line = format!(
                "ATTACH;MANAGED-ID={};FMTTYPE=application/octet-stream;FILENAME={name};SIZE=1:{}",
                kept.id,
                kept.uri()
            );
            assert_eq!(lines(&ada, &path).await, [line], "{disposition}");
            let got = ada.get(&kept.path).await.expect(200);
            assert_eq!(got.header("content-type"), Some("application/octet-stream"));
            assert!(got.header("x-evil").is_none());
            ada.get(&format!("/attachments/{}/other", kept.id)).await.expect(404);
            remove(&ada, &path, &kept.id).await.expect(204);
        }
    })
    .await;
}

#[tokio::test]
async fn tasks_carry_attachments_too() {
    on_both(async |server| {
        server.people(&["ada"]).await;
        let ada = server.client("ada");
        ada.send("MKCALENDAR", "/calendars/users/ada/mine/", &[], "").await.expect(201);
        let path = "/calendars/users/ada/mine/t.ics";
        let task = event("t").times(&[]).text().replace("VEVENT", "VTODO");
        ada.create(path, task).await.created();
        let kept = add(&ada, path, "todo").await;
        assert_eq!(lines(&ada, path).await, [kept.line(4)]);
        assert_eq!(ada.get(&kept.path).await.expect(200).text(), "todo");
    })
    .await;
}

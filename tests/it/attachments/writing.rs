//! What a PUT says of attachments. RFC 8607, sections 3.7, 3.9 and 3.11.

use super::{add, booked, house, lines};
use crate::support::{BASE_URL, event, on_both};

#[tokio::test]
async fn a_program_that_writes_the_event_back_keeps_or_drops_its_attachments() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let (one, two) = (add(&ada, &path, "1").await, add(&ada, &path, "22").await);
        let got = ada.get(&path).await;
        let kept = ada.change(&path, &got.etag(), got.text().replace("SUMMARY:a", "SUMMARY:b")).await;
        // The bytes are as they were sent.
        assert_eq!(kept.expect(204).etag(), ada.get(&path).await.etag());
        assert_eq!(lines(&ada, &path).await, [one.line(1), two.line(2)]);
        let text = event("a").hours("20270301", 9, 10).line(&two.line(2)).text();
        ada.put(&path, text).await.expect(204);
        assert_eq!(lines(&ada, &path).await, [two.line(2)]);
        ada.get(&one.path).await.expect(404);
        ada.get(&two.path).await.expect(200);
        // Undone at once.
        let text = event("a").hours("20270301", 9, 10).line(&one.line(1)).line(&two.line(2)).text();
        ada.put(&path, text).await.expect(204);
        assert_eq!(ada.get(&one.path).await.expect(200).text(), "1");
    })
    .await;
}

#[tokio::test]
async fn what_the_server_says_of_an_attachment_is_not_the_clients_to_change() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "four").await;
        let id = &kept.id;
        for forged in [
            format!("ATTACH;MANAGED-ID={id};SIZE=1;FMTTYPE=text/html;FILENAME=x.html:https://evil.example/x"),
            format!("ATTACH;MANAGED-ID={id}:{BASE_URL}/attachments/{id}/other.pdf"),
            format!("ATTACH;MANAGED-ID={id}:"),
            // A program that loses what it does not know, but for the address.
            format!("ATTACH;FMTTYPE=application/pdf:{}", kept.uri()),
        ] {
            let text = event("a").hours("20270301", 9, 10).line(&forged).text();
            let reply = ada.put(&path, text).await.expect(204);
            assert_eq!(reply.header("etag"), None, "another text was stored: {forged}");
            let line = lines(&ada, &path).await.remove(0);
            let mut params: Vec<&str> = line.split_once(':').unwrap().0.split(';').collect();
            params.sort_unstable();
            let expected = [
                "ATTACH",
                "FILENAME=plan.pdf",
                "FMTTYPE=application/pdf",
                &format!("MANAGED-ID={id}"),
                "SIZE=4",
            ];
            assert_eq!(params, expected, "{forged}");
            assert!(line.ends_with(&format!(":{}", kept.uri())), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_attachment_goes_into_another_event_of_the_same_person() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        let other = event("b").hours("20270302", 9, 10).line(&format!(
            "ATTACH;MANAGED-ID={}:{}",
            kept.id,
            kept.uri()
        ));
        ada.invite(&other).await.created();
        assert_eq!(lines(&ada, &ada.in_own("b")).await.len(), 1);
        ada.delete(&path).await.expect(204);
        // Bob read it in the aula, and not in ada's own calendar.
        ada.get(&kept.path).await.expect(200);
        server.client("bob").get(&kept.path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn attachments_of_others_and_unknown_ones_are_refused() {
    on_both(async |server| {
        let path = booked(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let kept = add(&ada, &path, "x").await;
        bob.get(&kept.path).await.expect(200);
        let own = |line: &str| event("b").hours("20270302", 9, 10).line(line);
        for id in [kept.id.as_str(), "unknown", "0123456789abcdef0123456789abcdef"] {
            let line = format!("ATTACH;MANAGED-ID={id}:{}", kept.uri());
            bob.invite(&own(&line)).await.fails(403, "valid-managed-id-parameter");
            bob.book("aula", &own(&line)).await.fails(403, "valid-managed-id-parameter");
        }
        assert_eq!(bob.list(&bob.own()).await.len(), 0);
        // An address without a key is an address and gives nothing.
        bob.invite(&own(&format!("ATTACH:{}", kept.uri()))).await.created();
        assert_eq!(lines(&bob, &bob.in_own("b")).await, [format!("ATTACH:{}", kept.uri())]);
        ada.delete(&path).await.expect(204);
        bob.get(&kept.path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn an_event_that_moves_takes_its_attachments_along() {
    on_both(async |server| {
        house(&server).await;
        server.room("lab").await;
        server.set("lab", "viewer", "details").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let kept = add(&ada, &ada.in_room("aula", "a"), "x").await;
        ada.relocate(&ada.in_room("aula", "a"), &ada.in_room("lab", "a")).await.expect(201);
        assert_eq!(lines(&ada, &ada.in_room("lab", "a")).await, [kept.line(1)]);
        ada.get(&kept.path).await.expect(200);
        bob.get(&kept.path).await.expect(200);
        server.set("lab", "viewer", "free-busy").await;
        bob.get(&kept.path).await.expect(404);
    })
    .await;
}

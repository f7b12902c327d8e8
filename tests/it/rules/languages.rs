//! Who has set no language is written to in the configured one, in every sentence (R124).

use roomdav::booking::{NewBlock, Receipt, Received};
use roomdav::domain::attendee::Address;
use roomdav::domain::id::{RoomId, Slug};

use super::hold;
use crate::support::{TestServer, event};

/// German, and nobody says otherwise: Ada and Bob ask, Eve manages, Max is the administrator.
async fn house(server: &TestServer) -> RoomId {
    server.bookings.set_language(Some("de")).await.unwrap();
    server.people(&["ada", "bob", "eve"]).await;
    server.admin("max").await;
    let aula = server.room("aula").await;
    server.room("lab").await;
    server.grant("aula", "eve", "manage").await;
    aula
}

/// Every message that waits, of this kind; none of any kind has a word of English in it.
async fn letters(server: &TestServer, kind: &str) -> Vec<String> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
    for message in all.iter().map(|message| &message.content) {
        let comment = message.calendar.as_ref().map(|(_, text)| text.replace("\r\n ", ""));
        let comment = comment.iter().flat_map(|text| text.lines()).find(|line| line.starts_with("COMMENT"));
        let said = format!("{}\n{}\n{}", message.subject, message.body, comment.unwrap_or_default());
        assert_eq!(message.language, "de", "{said}");
        for word in ["free", "Free", "booked", "Monday", "March", " and ", "cannot", "room ", "The "] {
            assert!(!said.contains(word), "{word:?} in {said}");
        }
    }
    let of_kind = all.into_iter().map(|message| message.content).filter(|message| message.kind == kind);
    of_kind.map(|message| message.body).collect()
}

async fn receive(server: &TestServer, from: &str, uid: &str) -> Receipt {
    let asked =
        event(uid).hours("20270301", 9, 10).line(&format!("ORGANIZER:mailto:{from}")).attendee("aula");
    let text = asked.text().replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n");
    let (text, sender) = (text.into(), Some(Address::new(from)));
    server.bookings.receive(Received { text, to: None, sender, message_id: None }).await.unwrap()
}

// R92, R124: what is displaced, and what else there would be
#[tokio::test]
async fn what_is_displaced_is_told_in_the_configured_language() {
    hold(async |server| {
        let room = house(server).await;
        server.client("ada").book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        let (from, to) = ("2027-03-01T08:00:00".parse().unwrap(), "2027-03-01T12:00:00".parse().unwrap());
        let block = NewBlock { room, from, to, rrule: None, reason: "Anstrich".to_owned() };
        server.bookings.add_hard_block(TestServer::operator(), block, true).await.unwrap();
        assert!(letters(server, "displaced").await[0].contains("Lab"));
    })
    .await;
}

// R90, R124: the list of what somebody leaves
#[tokio::test]
async fn what_is_orphaned_is_listed_in_the_configured_language() {
    hold(async |server| {
        house(server).await;
        server.client("ada").book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        server.bookings.set_disabled(Slug::parse("ada").unwrap(), true).await.unwrap();
        assert!(letters(server, "orphaned").await[0].contains("1. März 2027"));
    })
    .await;
}

// R51, R124: people by mail, with an account and without, and later by the server itself
#[tokio::test]
async fn answers_by_mail_are_in_the_configured_language() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "external", "book").await;
        server.set("aula", "reply_note", "Willkommen").await;
        receive(server, "zoe@elsewhere.org", "zoe").await;
        receive(server, "yan@elsewhere.org", "yan").await;
        receive(server, "ada@example.org", "ada").await;
        assert_eq!(letters(server, "scheduling").await.len(), 3);
        assert_eq!(letters(server, "declined").await.len(), 0);
        let eve = server.client("eve");
        eve.delete(&eve.list(&eve.room("aula")).await[0].0).await.no_content();
        assert_eq!(letters(server, "scheduling").await.len(), 4);
    })
    .await;
}

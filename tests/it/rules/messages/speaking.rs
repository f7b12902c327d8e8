//! Who may speak for an organizer (R86).

use roomdav::booking::Receipt;
use roomdav::booking::admin::UserChange;
use roomdav::domain::id::Slug;
use roomdav::domain::user::Access;

use super::super::hold;
use super::{accepted, answers, cancel, declined, ignored_by, request, send, try_send, written};
use crate::support::{Event, TestServer, event, on_both};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

fn asked() -> Event {
    event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("bob")
}

fn called_off() -> Event {
    asked().line("SEQUENCE:1").line("STATUS:CANCELLED")
}

async fn furnished(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.grant("aula", "eve", "manage").await;
}

// Scenario 32; R86
#[tokio::test]
async fn who_does_not_speak_for_the_organizer_cancels_nothing_by_mail() {
    hold(async |server| {
        furnished(server).await;
        send(server, ADA, &request(&asked(), 1)).await;
        for from in [Some(BOB), Some("mallory@elsewhere.org"), None] {
            let receipt = try_send(server, from, None, &cancel(&called_off(), 2)).await.unwrap();
            assert!(ignored_by(&receipt, "R86"), "{from:?}: {receipt:?}");
            let moved =
                event("e").hours("20270301", 14, 15).organizer("ada").attendee("aula").line("SEQUENCE:1");
            let receipt = try_send(server, from, None, &request(&moved, 2)).await.unwrap();
            assert!(ignored_by(&receipt, "R86"), "{from:?}: {receipt:?}");
        }
        // An address that anybody can write beside the identity is none.
        let beside = event("e")
            .hours("20270301", 14, 15)
            .line("ORGANIZER;EMAIL=bob@example.org:mailto:ada@example.org")
            .attendee("aula")
            .line("SEQUENCE:1");
        assert!(ignored_by(&send(server, BOB, &request(&beside, 2)).await, "R86"));
        // Bob in his own name.
        let own = event("e").hours("20270301", 9, 10).organizer("bob").attendee("aula").line("SEQUENCE:5");
        let receipt = send(server, BOB, &cancel(&own.line("STATUS:CANCELLED"), 3)).await;
        assert!(ignored_by(&receipt, "R86"), "{receipt:?}");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(answers(server).await, ["ACCEPTED"]);
        let rows = server.audit("aula").await;
        assert_eq!(rows.iter().filter(|(kind, _, rule)| kind == "ignored" && rule == "R86").count(), 8);
        let told = server.notices("eve").await;
        assert_eq!(told, [("unverified".to_owned(), "Ignored messages to room Aula".to_owned())]);
    })
    .await;
}

// R86: once may be a mistake
#[tokio::test]
async fn managers_hear_of_a_second_message_within_a_day() {
    hold(async |server| {
        furnished(server).await;
        send(server, BOB, &cancel(&called_off(), 2)).await;
        assert!(server.notices("eve").await.is_empty());
        server.pass(86_400).await;
        send(server, BOB, &cancel(&called_off(), 3)).await;
        assert!(server.notices("eve").await.is_empty(), "a day later");
        send(server, BOB, &cancel(&called_off(), 4)).await;
        assert_eq!(server.notices("eve").await.len(), 1);
    })
    .await;
}

// R86; RFC 5545, section 3.2.18: a delegate who writes, and says so
#[tokio::test]
async fn a_delegate_speaks_for_the_organizer() {
    on_both(async |server| {
        let server = &server;
        furnished(server).await;
        let signed = |uid: &str, from| {
            event(uid)
                .hours("20270301", from, from + 1)
                .line("ORGANIZER;SENT-BY=\"mailto:bob@example.org\":mailto:ada@example.org")
                .attendee("aula")
        };
        assert!(ignored_by(&send(server, BOB, &request(&signed("e", 9), 1)).await, "R86"));
        let may = |access, logins: &[&str]| {
            let logins = logins.iter().map(|login| Slug::parse(login).unwrap()).collect();
            vec![UserChange::Delegates(access, logins)]
        };
        let ada = Slug::parse("ada").unwrap();
        server.bookings.set_user(ada.clone(), may(Access::Read, &["bob"])).await.unwrap();
        assert!(ignored_by(&send(server, BOB, &request(&signed("e", 9), 2)).await, "R86"));
        server.bookings.set_user(ada, may(Access::Write, &["bob"])).await.unwrap();
        // Who does not say so writes as anybody.
        assert!(ignored_by(&send(server, BOB, &request(&asked(), 3)).await, "R86"));
        assert_eq!(send(server, BOB, &request(&signed("e", 9), 4)).await, accepted());
        let (to, _) = written(server).await.remove(0);
        assert_eq!(to, ADA);
        assert_eq!(send(server, ADA, &cancel(&called_off(), 5)).await, Receipt::Cancelled);
    })
    .await;
}

// R32, R86: an event keeps its organizer
#[tokio::test]
async fn another_organizer_of_a_known_event_is_refused() {
    hold(async |server| {
        furnished(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        // Bob has Ada's invitation in his calendar.
        ada.invite(&asked()).await.created();
        let copy = bob.list(&bob.own()).await;
        let before = bob.get(&copy[0].0).await.text().clone();
        let taken_over =
            event("e").hours("20270301", 9, 10).organizer("bob").attendee("aula").line("SEQUENCE:7");
        assert_eq!(send(server, BOB, &request(&taken_over, 9)).await, declined());
        assert_eq!(bob.get(&copy[0].0).await.text(), before);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        let audit = server.audit("aula").await;
        assert!(
            audit.iter().any(|(kind, reason, _)| kind == "refused" && reason.as_deref() == Some("duplicate"))
        );
        // Not told twice either.
        assert!(ignored_by(&send(server, BOB, &request(&taken_over, 9)).await, "R32"));
        assert_eq!(answers(server).await, ["DECLINED"]);
    })
    .await;
}

// R90: an account that is off asks for nothing
#[tokio::test]
async fn who_is_locked_out_is_declined() {
    hold(async |server| {
        furnished(server).await;
        server.bookings.set_disabled(Slug::parse("ada").unwrap(), true).await.unwrap();
        assert_eq!(send(server, ADA, &request(&asked(), 1)).await, declined());
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

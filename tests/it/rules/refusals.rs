//! What a refused write leaves: one row, one message, a nudge for its writer (R42, R120, R4.2, R4.4, P-8).

use super::hold;
use crate::support::{TestServer, event};

async fn taken(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.client("ada").book("aula", &event("a").hours("20270301", 9, 10)).await.created();
}

// Scenario 41; R4.4, R120
#[tokio::test]
async fn a_program_that_tries_every_minute_gets_one_message() {
    hold(async |server| {
        taken(server).await;
        let bob = server.client("bob");
        let wanted = event("b").hours("20270301", 9, 10);
        let first = bob.book("aula", &wanted).await.refused("busy").sentence();
        let rows = server.decisions().await.len();
        for minute in 0..120 {
            server.pass(60).await;
            // DTSTAMP, PRODID and SEQUENCE are no other wish, and a new name neither.
            let stamped = wanted.clone().line(&format!("SEQUENCE:{minute}"));
            let name = format!("{}try-{minute}.ics", bob.room("aula"));
            assert_eq!(bob.create(&name, stamped.text()).await.refused("busy").sentence(), first);
        }
        let notices = server.notices("bob").await;
        assert_eq!(notices, [("refused".to_owned(), "Not booked: b".to_owned())]);
        assert_eq!(server.decisions().await.len(), rows);
        assert!(server.notices("ada").await.is_empty());
        // Another wish with the same UID is another message, but not within ten minutes.
        bob.book("aula", &wanted.clone().summary("New")).await.refused("busy");
        bob.book("aula", &wanted.summary("Newer")).await.refused("busy");
        assert_eq!(server.notices("bob").await.len(), 2);
    })
    .await;
}

// P-8, R4.1, R5
#[tokio::test]
async fn a_refused_booking_leaves_others_as_they_were() {
    hold(async |server| {
        taken(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let (tokens, list) = (ada.token(&ada.room("aula")).await, ada.list(&ada.room("aula")).await);
        let theirs = bob.list(&bob.room("aula")).await;
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.refused("busy");
        assert_eq!(ada.token(&ada.room("aula")).await, tokens);
        assert_eq!(ada.list(&ada.room("aula")).await, list);
        assert_eq!(bob.list(&bob.room("aula")).await, theirs);
        assert!(bob.list(&bob.own()).await.is_empty());
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// R4.2: a refused change is seen as changed by its writer alone
#[tokio::test]
async fn a_refused_change_gives_its_writer_a_new_version() {
    hold(async |server| {
        taken(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270301", 10, 11)).await.created();
        let path = bob.in_room("aula", "b");
        let (etag, token) = (bob.get(&path).await.etag(), bob.token(&bob.room("aula")).await);
        let of_ada = (ada.token(&ada.room("aula")).await, ada.list(&ada.room("aula")).await);
        bob.change(&path, &etag, event("b").hours("20270301", 9, 10).text()).await.refused("busy");
        let again = bob.get(&path).await;
        assert_ne!(again.etag(), etag);
        assert!(again.text().contains("T100000"));
        let (changed, _) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(
            changed.iter().map(|item| item.href.clone()).collect::<Vec<_>>(),
            std::slice::from_ref(&path)
        );
        assert_eq!((ada.token(&ada.room("aula")).await, ada.list(&ada.room("aula")).await), of_ada);
        // The version it had is not the one it has: two programs cannot both win (P-5).
        bob.change(&path, &etag, event("b").hours("20270301", 12, 13).text()).await.expect(412);
        bob.change(&path, &again.etag(), event("b").hours("20270301", 12, 13).text()).await.no_content();
    })
    .await;
}

// R42
#[tokio::test]
async fn a_refusal_names_every_date_with_its_reason() {
    hold(async |server| {
        taken(server).await;
        server.set("aula", "hours", "Mon-Fri 08:00-18:00").await;
        let bob = server.client("bob");
        let series = event("b").hours("20270226", 9, 10).rule("FREQ=DAILY;COUNT=6");
        let sentence = bob.book("aula", &series).await.refused("closed-hours").sentence();
        let told = [
            "28 February 2027",
            "1 March 2027",
            "by Ada",
            "open Mon-Fri 08:00-18:00, not on",
            "already booked",
        ];
        for part in told {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
        assert!(!sentence.contains("2 March") && !sentence.contains("26 February"), "{sentence}");
    })
    .await;
}

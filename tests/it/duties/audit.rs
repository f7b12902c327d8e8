//! What an audit row says beside the decision: who, from where, and which text came in place of which
//! (D-65); and that a request that broke off has one (D-08).

use roomdav::domain::id::{Slug, Uid};
use roomdav::domain::settings::Principal;
use roomdav::store::Decision;

use crate::support::{Event, PEER, event, on_both};

fn nine(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10)
}

/// Kind, new hash, old hash.
fn hashes(rows: &[Decision], uid: &str) -> Vec<(String, Option<String>, Option<String>)> {
    let about =
        rows.iter().filter(|row| row.uid == Uid::new(uid) && row.room.is_some() && row.kind != "dates");
    about.map(|row| (row.kind.clone(), row.message.clone(), row.old_message.clone())).collect()
}

#[tokio::test]
async fn rows_say_from_where_and_which_text_came_in_place_of_which() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let path = "/calendars/rooms/aula/a.ics";
        let first = ada.create(path, nine("a").text()).await.created().etag();
        let second = ada.change(path, &first, nine("a").line("SUMMARY:b").text()).await.no_content().etag();
        bob.create(&bob.in_room("aula", "b"), nine("b").text()).await.expect(403);
        ada.delete(path).await.no_content();
        let rows = server.decisions().await;
        // The tag says in its first letter who reads.
        let bare = |etag: &str| Some(etag.trim_matches('"')[1..].to_owned());
        let change = "change".to_owned();
        let expected = [
            (change.clone(), bare(&first), None),
            (change.clone(), bare(&second), bare(&first)),
            (change, None, bare(&second)),
        ];
        assert_eq!(hashes(&rows, "a"), expected);
        for row in rows.iter().filter(|row| ["a", "b"].contains(&row.uid.as_str())) {
            assert_eq!(row.peer.as_deref(), Some(PEER.to_string().as_str()), "D-65: {row:?}");
        }
        assert!(rows.iter().any(|row| row.kind == "refused" && row.actor_name == "bob"));
        // What the command line does comes from nowhere.
        let (aula, bob) = (Slug::parse("aula").unwrap(), Principal::User("bob".to_owned()));
        server.bookings.grant(aula, bob, "manage").await.unwrap();
        let row = server.decisions().await.pop().unwrap();
        assert_eq!((row.kind.as_str(), row.actor, row.peer), ("grant", None, None));
    })
    .await;
}

#[tokio::test]
async fn a_request_that_broke_off_has_a_row() {
    on_both(async |server| {
        let ada = server.person("ada").await;
        server.bookings.broke("0badcafe-1", Some((ada, "ada")), PEER).await.unwrap();
        let row = server.decisions().await.pop().unwrap();
        assert_eq!(
            (row.kind.as_str(), row.actor_name.as_str(), row.actor),
            ("panic", "ada", Some(ada)),
            "D-08"
        );
        assert_eq!((row.rule.as_str(), row.detail.as_str()), ("D-08", "request 0badcafe-1"));
        assert_eq!(row.peer, Some(PEER.to_string()));
    })
    .await;
}

//! Settings, properties, messages, decisions and what the database says of itself.

use super::support::{AT, add_person, add_room, on_both, read, wrote};
use crate::domain::attendee::Address;
use crate::domain::id::Uid;
use crate::domain::space::Scope;
use crate::store::{Decision, NewMessage, Property, Setting};

#[tokio::test]
async fn a_setting_is_made_replaced_and_taken_back_in_its_own_place() {
    on_both(async |store| {
        let aula = Scope::Room(add_room(&store, "aula", &[]).await);
        for (scope, value) in [(Scope::Organisation, "5m"), (aula, "15m"), (aula, "30m")] {
            wrote!(store, tx => tx.settings().set(scope, "setup", Some(value)).await).unwrap();
        }
        let setup = |value: &str| ("setup".to_owned(), value.to_owned());
        assert_eq!(read!(store, tx => tx.settings().of(aula).await), [setup("30m")]);
        let setting =
            |scope, value: &str| Setting { scope, key: "setup".to_owned(), value: value.to_owned() };
        assert_eq!(
            read!(store, tx => tx.settings().list().await),
            [setting(Scope::Organisation, "5m"), setting(aula, "30m")]
        );
        wrote!(store, tx => tx.settings().set(aula, "setup", None).await).unwrap();
        assert_eq!(read!(store, tx => tx.settings().of(aula).await), []);
    })
    .await;
}

#[tokio::test]
async fn each_reader_has_properties_of_his_own() {
    on_both(async |store| {
        let ada = add_person(&store, "ada").await;
        let bob = add_person(&store, "bob").await;
        let color = |value: &str| Property {
            namespace: "http://apple.com/ns/ical/".to_owned(),
            name: "calendar-color".to_owned(),
            value: value.to_owned(),
        };
        for (reader, value) in [(ada, "#ff0000"), (bob, "#0000ff"), (ada, "#00ff00")] {
            let property = color(value);
            wrote!(store, property; tx => tx.properties().set(reader, "room/1", &property).await).unwrap();
        }
        assert_eq!(read!(store, tx => tx.properties().on_place(ada, "room/1").await), [color("#00ff00")]);
        assert_eq!(
            read!(store, tx => tx.properties().of_reader(bob).await),
            [("room/1".to_owned(), color("#0000ff"))]
        );
        let name = ("http://apple.com/ns/ical/", "calendar-color");
        for _ in 0..2 {
            wrote!(store, tx => tx.properties().remove(ada, "room/1", name).await).unwrap();
        }
        assert_eq!(read!(store, tx => tx.properties().on_place(ada, "room/1").await), []);
        assert_eq!(wrote!(store, tx => tx.properties().remove_place("room/1").await), Ok(1));
    })
    .await;
}

// R144: the key makes a message unique, however often the work runs.
#[tokio::test]
async fn a_message_with_the_same_key_is_written_once() {
    on_both(async |store| {
        let room = add_room(&store, "aula", &[]).await;
        let ada = add_person(&store, "ada").await;
        let bob = add_person(&store, "bob").await;
        let message = |key: &str, user| NewMessage {
            key: key.to_owned(),
            kind: "refused".to_owned(),
            sender: None,
            user: Some(user),
            address: Some(Address::new("ada@example.org")),
            room: Some(room),
            uid: Some(Uid::new("u1")),
            language: "en".to_owned(),
            subject: "Not booked".to_owned(),
            body: "The aula is taken.\n".to_owned(),
            links: Vec::new(),
            calendar: None,
            is_urgent: false,
            created_at: AT,
        };
        for (key, user, new) in [("a", ada, true), ("a", ada, false), ("b", bob, true), ("c", ada, true)] {
            let one = message(key, user);
            assert_eq!(wrote!(store, one; tx => tx.outbox().insert(&one).await), Ok(new));
        }
        let to_ada = read!(store, tx => tx.outbox().list(Some(ada), 10).await);
        assert_eq!(to_ada.len(), 2);
        assert_eq!(to_ada[0].content, message("c", ada));
        assert_eq!((to_ada[0].state.as_str(), to_ada[0].attempts), ("waiting", 0));
        assert_eq!(read!(store, tx => tx.outbox().list(None, 2).await).len(), 2);
    })
    .await;
}

// R150.
#[tokio::test]
async fn a_decision_is_read_back_as_it_was_noted() {
    on_both(async |store| {
        let room = add_room(&store, "aula", &[]).await;
        let actor = add_person(&store, "ada").await;
        let full = Decision {
            at: AT,
            kind: "refused".to_owned(),
            actor: Some(actor),
            actor_name: "ada".to_owned(),
            channel: "direct".to_owned(),
            peer: Some("192.0.2.1".to_owned()),
            message: Some("\"1\"".to_owned()),
            old_message: Some("\"0\"".to_owned()),
            room: Some(room),
            uid: Uid::new("u1"),
            recur_at: Some(AT.plus(60)),
            old_state: Some("confirmed".to_owned()),
            new_state: Some("declined".to_owned()),
            start_at: Some(AT.plus(60)),
            end_at: Some(AT.plus(120)),
            reason: Some("busy".to_owned()),
            conflict: Some(7),
            rule: "R41".to_owned(),
            detail: "two of them".to_owned(),
        };
        let bare = Decision {
            at: AT.plus(1),
            actor: None,
            peer: None,
            message: None,
            old_message: None,
            room: None,
            recur_at: None,
            old_state: None,
            new_state: None,
            start_at: None,
            end_at: None,
            reason: None,
            conflict: None,
            ..full.clone()
        };
        for decision in [&full, &bare] {
            wrote!(store, decision; tx => tx.audit().insert(&decision).await).unwrap();
        }
        assert_eq!(read!(store, tx => tx.audit().list(None, AT, 10).await), [full.clone(), bare.clone()]);
        assert_eq!(
            read!(store, tx => tx.audit().list(Some(room), AT, 10).await),
            std::slice::from_ref(&full)
        );
        assert_eq!(read!(store, tx => tx.audit().list(None, AT.plus(1), 10).await), [bare]);
        assert_eq!(read!(store, tx => tx.audit().list(None, AT, 1).await), [full]);
    })
    .await;
}

#[tokio::test]
async fn the_servers_secret_is_made_with_the_database_and_stays() {
    on_both(async |store| {
        let secret = read!(store, tx => tx.meta().secret().await);
        assert_ne!(secret, [0; 32]);
        wrote!(store, tx => tx.meta().set("note", "one").await).unwrap();
        wrote!(store, tx => tx.meta().set("note", "two").await).unwrap();
        assert_eq!(read!(store, tx => tx.meta().get("note").await).as_deref(), Some("two"));
        assert_eq!(read!(store, tx => tx.meta().get("none").await), None);
        assert_eq!(read!(store, tx => tx.meta().secret().await), secret);
        store.ping().await.unwrap();
    })
    .await;
}

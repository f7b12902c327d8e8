//! What readers of a room's calendar see of each other (R100 to R107).

use super::hold;
use crate::support::{Client, Event, TestServer, event};

const ALARM: &[&str] =
    &["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Wake up", "TRIGGER:-PT10M", "END:VALARM"];

fn secret(uid: &str) -> Event {
    let plain = event(uid).hours("20270301", 9, 10).summary("Merger").line("DESCRIPTION:Nobody knows");
    let plain = plain.line("URL:https://example.org/merger").line("LOCATION:Behind the stage");
    let plain = plain.line("ATTENDEE;CN=Max:mailto:max@example.com").line("CATEGORIES:Money");
    ALARM.iter().fold(plain, |event, line| event.line(line))
}

/// Ada owns, Bob reads, Eve manages.
async fn house(server: &TestServer, viewer: &str) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.set("aula", "viewer", viewer).await;
    server.grant("aula", "eve", "manage").await;
}

async fn only(client: &Client<'_>) -> (String, String) {
    let mut all = client.list(&client.room("aula")).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let (href, _) = all.remove(0);
    let text = client.get(&href).await.expect(200).text();
    (href, text)
}

// D-34
#[tokio::test]
async fn a_hidden_room_is_not_found_by_what_it_would_refuse() {
    hold(async |server| {
        house(server, "none").await;
        server.set("aula", "book", "none").await;
        let ada = server.client("ada");
        // Longer than any room is given; with no number of units.
        let long = |uid: &str| event(uid).line("DTSTART:20270301T090000Z").line("DTEND:20270410T090000Z");
        let odd = |uid: &str| event(uid).hours("20270301", 9, 10).line("X-ROOM-UNITS:0");
        for (number, address) in
            ["mailto:aula@example.org", "mailto:nobody@example.org"].into_iter().enumerate()
        {
            let asks = format!("ATTENDEE:{address}");
            ada.invite(&long(&format!("l{number}")).organizer("ada").line(&asks)).await.created();
            ada.invite(&odd(&format!("o{number}")).organizer("ada").line(&asks)).await.created();
        }
        server.set("aula", "viewer", "free-busy").await;
        ada.invite(&long("known").organizer("ada").line("ATTENDEE:mailto:aula@example.org"))
            .await
            .expect(403);
    })
    .await;
}

// Scenario 35; R100, R101, R103
#[tokio::test]
async fn a_free_busy_viewer_lists_masked_events_and_his_own_whole() {
    hold(async |server| {
        house(server, "free-busy").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &secret("a-secret")).await.created();
        let own = event("mine").hours("20270301", 10, 11).line("DESCRIPTION:My own");
        bob.book("aula", &own).await.created();
        let all = bob.list(&bob.room("aula")).await;
        assert_eq!(all.len(), 2);
        assert_eq!(bob.get(&bob.in_room("aula", "mine")).await.expect(200).text(), own.text());
        let masked = all.iter().find(|(href, _)| !href.ends_with("/mine.ics")).unwrap().0.clone();
        let text = bob.get(&masked).await.expect(200).text();
        let told = ["secret", "Merger", "Nobody", "example.org", "stage", "Max", "Money", "VALARM", "Ada"];
        for word in told {
            assert!(!text.contains(word) && !masked.contains(word), "{word}: {masked} {text}");
        }
        assert!(text.contains("SUMMARY:Busy") && text.contains("DTSTART;TZID=Europe/Berlin:20270301T090000"));
        bob.get(&bob.in_room("aula", "a-secret")).await.expect(404);
        // R101: read-only.
        bob.put(&masked, text.replace("Busy", "Free")).await.refused("not-allowed");
        bob.delete(&masked).await.refused("not-allowed");
        assert_eq!(server.claims("aula").await.len(), 2);
    })
    .await;
}

// Scenario 35: names and UIDs are stable, sync follows a change and a deletion
#[tokio::test]
async fn masked_events_keep_their_names_through_changes_and_sync_says_when_they_go() {
    hold(async |server| {
        house(server, "free-busy").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &secret("s")).await.created();
        let (href, before) = only(&bob).await;
        let token = bob.token(&bob.room("aula")).await;
        let moved = event("s").hours("20270302", 14, 15);
        ada.put(&ada.in_room("aula", "s"), moved.text()).await.no_content();
        let (again, after) = only(&bob).await;
        assert_eq!(href, again);
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
        assert_eq!(uid(&before), uid(&after));
        let (changed, token) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].href.as_str(), changed[0].status), (href.as_str(), None));
        ada.delete(&ada.in_room("aula", "s")).await.no_content();
        let (gone, _) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(gone.len(), 1);
        assert_eq!((gone[0].href.as_str(), gone[0].status), (href.as_str(), Some(404)));
    })
    .await;
}

// R100: what each level shows
#[tokio::test]
async fn each_level_shows_more_than_the_one_before() {
    hold(async |server| {
        house(server, "none").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.grant("aula", "ada", "details").await;
        ada.book("aula", &secret("s")).await.created();
        bob.propfind(&bob.room("aula"), "0", "").await.expect(404);
        server.set("aula", "viewer", "free-busy").await;
        assert!(only(&bob).await.1.contains("SUMMARY:Busy"));
        server.set("aula", "viewer", "busy-with-name").await;
        let named = only(&bob).await.1;
        assert!(named.contains("SUMMARY:Ada") && !named.contains("Merger"), "{named}");
        server.set("aula", "viewer", "details").await;
        let (href, whole) = only(&bob).await;
        assert!(whole.contains("SUMMARY:Merger") && href.ends_with("/s.ics"), "{whole}");
        // R107: never its writer's alarms.
        assert!(!whole.contains("VALARM"), "{whole}");
        // A grant goes before what everyone has.
        server.set("aula", "viewer", "free-busy").await;
        server.grant("aula", "bob", "details").await;
        assert_eq!(only(&bob).await.1, whole);
    })
    .await;
}

// Scenario 36; R102
// Setting managers_see_private: default
// Setting managers_see_private: other
#[tokio::test]
async fn a_private_event_shows_when_to_colleagues_and_who_to_managers() {
    hold(async |server| {
        house(server, "details").await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        for class in ["PRIVATE", "CONFIDENTIAL"] {
            let private = secret("p").line(&format!("CLASS:{class}"));
            ada.put(&ada.in_room("aula", "p"), private.text()).await;
            let seen = only(&bob).await.1;
            assert!(
                seen.contains("SUMMARY:Busy") && !seen.contains("Merger") && !seen.contains("Ada"),
                "{seen}"
            );
            let managed = only(&eve).await.1;
            assert!(managed.contains("SUMMARY:Ada") && !managed.contains("Merger"), "{managed}");
            assert_eq!(ada.get(&ada.in_room("aula", "p")).await.text(), private.text());
        }
        server.set("aula", "managers_see_private", "on").await;
        let managed = only(&eve).await.1;
        assert!(managed.contains("SUMMARY:Merger") && managed.contains("CLASS:CONFIDENTIAL"), "{managed}");
        assert!(only(&bob).await.1.contains("SUMMARY:Busy"));
        // A manager cancels by the name that he sees.
        server.set("aula", "managers_see_private", "off").await;
        eve.delete(&only(&eve).await.0).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// Scenario 37; R105
#[tokio::test]
async fn a_refusal_names_the_holder_only_to_who_may_see_him() {
    hold(async |server| {
        house(server, "free-busy").await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        ada.book("aula", &secret("a")).await.created();
        let wanted = |uid: &str| event(uid).hours("20270301", 9, 10);
        let blind = bob.book("aula", &wanted("b")).await.refused("busy").sentence();
        assert_eq!(
            blind,
            "Room Aula is already booked on 1 March 2027 from 09:00 to 10:00 (Europe/Berlin; R1)."
        );
        let manager = eve.book("aula", &wanted("e")).await.refused("busy").sentence();
        assert!(manager.contains("by Ada") && !manager.contains("Merger"), "{manager}");
        server.set("aula", "viewer", "busy-with-name").await;
        assert!(bob.book("aula", &wanted("c")).await.refused("busy").sentence().contains("by Ada"));
        // R102: nobody's colleague learns whose a private event is.
        server.set("aula", "viewer", "details").await;
        ada.put(&ada.in_room("aula", "a"), secret("a").line("CLASS:PRIVATE").text()).await.no_content();
        let sentence = bob.book("aula", &wanted("d")).await.refused("busy").sentence();
        assert!(!sentence.contains("Ada"), "{sentence}");
    })
    .await;
}

// R107
#[tokio::test]
async fn alarms_belong_to_whoever_set_them() {
    hold(async |server| {
        house(server, "details").await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        let owned = secret("a");
        ada.book("aula", &owned).await.created();
        let (href, seen) = only(&bob).await;
        let token = eve.token(&eve.room("aula")).await;
        let with_alarm = seen.replace(
            "END:VEVENT",
            "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Bob's\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT",
        );
        let before = bob.get(&href).await.etag();
        let reply = bob.change(&href, &before, &with_alarm).await.no_content();
        assert!(reply.header("etag").is_none());
        let own = bob.get(&href).await;
        assert!(own.has_line("DESCRIPTION:Bob's") && !own.text().contains("Wake up"), "{}", own.text());
        assert_ne!(own.etag(), before);
        // Nobody else sees or notices it.
        assert!(!only(&eve).await.1.contains("VALARM"));
        assert_eq!(eve.token(&eve.room("aula")).await, token);
        assert_eq!(ada.get(&ada.in_room("aula", "a")).await.text(), owned.text());
        // A snooze is one's own too, and anything else is refused.
        let snoozed = with_alarm.replace("BEGIN:VALARM", "X-MOZ-LASTACK:20270301T080000Z\r\nBEGIN:VALARM");
        bob.put(&href, &snoozed).await.no_content();
        bob.put(&href, snoozed.replace("Merger", "Party")).await.refused("not-allowed");
        // His alarms stay with him when the event moves.
        ada.put(&ada.in_room("aula", "a"), event("a").hours("20270301", 14, 15).text()).await.no_content();
        let moved = bob.get(&href).await;
        assert!(moved.has_line("DESCRIPTION:Bob's") && moved.text().contains("T140000"), "{}", moved.text());
        // And can be taken off again.
        let bare = bob.get(&href).await.text();
        let start = bare.find("BEGIN:VALARM").unwrap();
        let end = bare.find("END:VALARM\r\n").unwrap() + "END:VALARM\r\n".len();
        bob.put(&href, format!("{}{}", &bare[..start], &bare[end..])).await.no_content();
        assert!(!bob.get(&href).await.text().contains("VALARM"));
    })
    .await;
}

// R101: what is gone is told under the name that the reader knew, and under no other
#[tokio::test]
async fn the_name_of_a_private_event_is_not_told_when_it_goes() {
    hold(async |server| {
        house(server, "details").await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        let private = |uid: &str, day: &str| event(uid).hours(day, 9, 10).line("CLASS:PRIVATE");
        ada.book("aula", &private("secret-plan", "20270301")).await.created();
        for reader in [&bob, &eve] {
            let (href, _) = only(reader).await;
            let token = reader.token(&reader.room("aula")).await;
            ada.delete(&ada.in_room("aula", "secret-plan")).await.no_content();
            let (changed, _) = reader.sync(&reader.room("aula"), &token).await;
            let gone: Vec<_> = changed.iter().map(|item| item.href.as_str()).collect();
            assert_eq!(gone, [href.as_str()]);
            ada.book("aula", &private("secret-plan", "20270301")).await.created();
        }
    })
    .await;
}

// R102: who sees private events anew, or no longer, begins anew
#[tokio::test]
async fn a_token_ends_when_managers_begin_to_see_private_events() {
    hold(async |server| {
        house(server, "details").await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        ada.book("aula", &event("p").hours("20270301", 9, 10).line("CLASS:PRIVATE")).await.created();
        let of = async |client: &Client<'_>| client.token(&client.room("aula")).await;
        let (of_bob, of_eve) = (of(&bob).await, of(&eve).await);
        server.set("aula", "managers_see_private", "true").await;
        assert_ne!(of(&eve).await, of_eve);
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{of_eve}</sync-token><sync-level>1</sync-level>\
             <prop><getetag/></prop></sync-collection>"
        );
        eve.report(&eve.room("aula"), &body).await.fails(403, "valid-sync-token");
        assert_eq!(of(&bob).await, of_bob);
    })
    .await;
}

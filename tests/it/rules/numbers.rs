//! What is counted: seats (R43) and quotas (R44).

use roomdav::domain::id::Slug;

use super::hold;
use crate::support::{Event, TestServer, event};

async fn set_room(server: &TestServer, slug: &str, key: &str, value: &str) {
    let pairs = vec![(key.to_owned(), value.to_owned())];
    server.bookings.set_room(Slug::parse(slug).unwrap(), pairs).await.unwrap();
}

async fn set_house(server: &TestServer, key: &str, value: &str) {
    server.bookings.set_defaults(&[(key.to_owned(), value.to_owned())].into(), false).await.unwrap();
}

/// Three people beside the organizer, of whom one has declined, and the room.
fn crowd(uid: &str) -> Event {
    let person = |name: &str, more: &str| format!("ATTENDEE{more}:mailto:{name}@example.org");
    event(uid)
        .hours("20270301", 9, 10)
        .organizer("ada")
        .line(&person("bob", ""))
        .line(&person("eve", ";CUTYPE=INDIVIDUAL"))
        .line(&person("max", ";PARTSTAT=DECLINED"))
        .line("ATTENDEE;CUTYPE=GROUP:mailto:all@example.org")
        .line("ATTENDEE:mailto:aula@example.org")
}

async fn small_aula(server: &TestServer, seats: &str) {
    server.people(&["ada", "bob", "eve", "max"]).await;
    server.room("aula").await;
    set_room(server, "aula", "seats", seats).await;
}

// R43: `warn` as it comes
// Setting seats_rule: default
#[tokio::test]
async fn more_people_than_seats_are_remarked() {
    hold(async |server| {
        small_aula(server, "1").await;
        let ada = server.client("ada");
        ada.invite(&crowd("c")).await.created();
        assert_eq!(ada.get(&ada.in_own("c")).await.partstats("aula"), ["ACCEPTED"]);
        let remark = server.letters_of("ada", "crowded").await;
        assert_eq!(remark, ["2 people are invited, and room Aula has 1 seat. It is booked all the same."]);
        // R59: a new title is no new request.
        ada.put(&ada.in_own("c"), crowd("c").summary("New").text()).await.no_content();
        assert_eq!(server.letters_of("ada", "crowded").await.len(), 1);
        set_room(server, "aula", "seats", "2").await;
        ada.delete(&ada.in_own("c")).await.no_content();
        ada.invite(&crowd("d")).await.created();
        assert_eq!(server.letters_of("ada", "crowded").await.len(), 1);
    })
    .await;
}

// R43 with `decline` and `ignore`
// Setting seats_rule: other
#[tokio::test]
async fn a_room_may_decline_more_people_than_seats_or_not_count_them() {
    hold(async |server| {
        small_aula(server, "1").await;
        let ada = server.client("ada");
        server.set("aula", "seats_rule", "decline").await;
        ada.invite(&crowd("c")).await.created();
        assert_eq!(ada.get(&ada.in_own("c")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(server.states("aula", "c").await, ["03-01 09:00 declined seats"]);
        let letter = server.letters_of("ada", "declined").await.remove(0);
        assert!(letter.contains("has only 1 seats"), "{letter}");
        let audit = server.audit("aula").await;
        assert!(audit.iter().any(|(_, _, rule)| rule == "R43"), "{audit:?}");
        server.set("aula", "seats_rule", "ignore").await;
        ada.invite(&crowd("d")).await.created();
        assert_eq!(ada.get(&ada.in_own("d")).await.partstats("aula"), ["ACCEPTED"]);
        assert!(server.letters_of("ada", "crowded").await.is_empty());
    })
    .await;
}

// R44: none as it comes, and as many bookings in a week as the room says
#[tokio::test]
async fn a_person_has_so_many_bookings_a_week_in_a_room() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("lab").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let on = |uid: &str, day: &str| event(uid).hours(day, 9, 10);
        for (uid, day) in [("a", "20270301"), ("b", "20270302"), ("c", "20270303")] {
            ada.book("aula", &on(uid, day)).await.created();
        }
        server.set("aula", "quotas", "3 bookings/week").await;
        let refused = ada.book("aula", &on("d", "20270307")).await.refused("quota");
        assert_eq!(
            refused.sentence(),
            "Room Aula cannot be booked: you may have at most 3 bookings a week in this room on 7 March 2027 \
             from 09:00 to 10:00 (Europe/Berlin; R44)."
        );
        ada.book("aula", &on("e", "20270308")).await.created();
        ada.book("lab", &on("f", "20270304")).await.created();
        bob.book("aula", &on("g", "20270304")).await.created();
        // What is there may be moved and shortened (new occurrences only).
        ada.put(&ada.in_room("aula", "c"), on("c", "20270305").text()).await.no_content();
        // What is given up is free for another.
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        ada.book("aula", &on("d", "20270306")).await.created();
        // A manager's own request is in policy (R40).
        server.grant("aula", "ada", "manage").await;
        ada.book("aula", &on("m", "20270307")).await.created();
    })
    .await;
}

// R44: hours, a series by date, and a limit of the whole house
#[tokio::test]
async fn a_quota_of_the_house_counts_every_room() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        let ada = server.client("ada");
        set_house(server, "quotas", "3h/month").await;
        ada.book("lab", &event("l").hours("20270303", 9, 11)).await.created();
        let sentence =
            ada.book("aula", &event("x").hours("20270330", 9, 11)).await.refused("quota").sentence();
        assert!(sentence.contains("at most 3 hours a month in all rooms together"), "{sentence}");
        let weekly = event("s").hours("20270322", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        let refused = ada.book("aula", &weekly).await.refused("quota");
        assert!(refused.sentence().contains("29 March 2027"), "{}", refused.sentence());
        assert!(!refused.sentence().contains("22 March"), "{}", refused.sentence());
        // On an invitation the rest is taken (R50).
        ada.invite(&weekly.organizer("ada").attendee("aula")).await.created();
        assert_eq!(server.states("aula", "s").await[1], "03-29 09:00 declined quota");
        assert_eq!(server.claims("aula").await.len(), 3);
    })
    .await;
}

// R44: both rooms of one event count
#[tokio::test]
async fn two_rooms_of_one_event_are_two_bookings() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        set_house(server, "quotas", "1 bookings/future").await;
        let ada = server.client("ada");
        let both = event("x").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("lab");
        ada.invite(&both).await.created();
        let stored = ada.get(&ada.in_own("x")).await;
        assert_eq!([stored.partstats("aula"), stored.partstats("lab")].concat(), ["ACCEPTED", "DECLINED"]);
    })
    .await;
}

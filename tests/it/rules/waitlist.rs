//! Refused dates whose time becomes free: offered once, in order, or given at once (R53).

use roomdav::booking::{Error, Outcome};

use super::hold;
use crate::support::{Event, TestServer, Wire, event};

fn wanted(login: &str, uid: &str) -> Event {
    event(uid).hours("20270308", 9, 10).organizer(login).attendee("aula")
}

/// The aula, of which Bob has an hour, and Ada and then Eve were declined for it.
async fn two_who_wait(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
    bob.book("aula", &event("b").hours("20270308", 9, 10)).await.created();
    ada.invite(&wanted("ada", "a")).await.created();
    server.pass(5).await;
    eve.invite(&wanted("eve", "e")).await.created();
}

async fn offers(server: &TestServer, login: &str) -> usize {
    server.letters_of(login, "offered").await.len()
}

// R53: `on` as it comes
// Setting waitlist: default
#[tokio::test]
async fn what_becomes_free_is_offered_once_to_whoever_was_refused_first() {
    hold(async |server| {
        two_who_wait(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.pass(60).await;
        assert_eq!((offers(server, "ada").await, offers(server, "eve").await), (0, 0));
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await.pass(60).await;
        assert_eq!((offers(server, "ada").await, offers(server, "eve").await), (1, 0));
        let letter = server.letters_of("ada", "offered").await.remove(0);
        assert!(letter.contains("Room Aula has become free on 8 March 2027 from 09:00 to 10:00"), "{letter}");
        // Nothing is booked until she answers.
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["DECLINED"]);
        let taken = server.take("aula", "a", None, "ada").await.unwrap();
        assert!(matches!(taken, Outcome::Stored { .. }), "{taken:?}");
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        assert_eq!(bob.list(&bob.room("aula")).await.len(), 1);
        // There is nothing to be taken any more, and nothing for Eve.
        assert!(matches!(server.take("aula", "a", None, "ada").await, Err(Error::Missing)));
        server.pass(2 * 86_400).await;
        assert_eq!(offers(server, "eve").await, 0);
        let audit = server.audit("aula").await;
        assert_eq!(audit.iter().filter(|(kind, _, rule)| kind == "offer" && rule == "R53").count(), 2);
    })
    .await;
}

// R53: an offer that nobody takes goes to the next in line
#[tokio::test]
async fn an_offer_ends_after_a_day_and_goes_to_the_next() {
    hold(async |server| {
        two_who_wait(server).await;
        let bob = server.client("bob");
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await.pass(23 * 3_600).await;
        assert_eq!(offers(server, "eve").await, 0);
        server.pass(3_600).await.pass(60).await;
        assert_eq!((offers(server, "ada").await, offers(server, "eve").await), (1, 1));
        // Whoever comes first has it (R7), and then the other is refused.
        server.take("aula", "e", None, "eve").await.unwrap();
        let late = server.take("aula", "a", None, "ada").await.unwrap();
        let Outcome::Refused(refusal) = late else { panic!("given twice") };
        assert!(refusal.sentence.contains("is already booked"), "{}", refusal.sentence);
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// R53: who has nothing to do with a date does not take it; a manager may
#[tokio::test]
async fn an_offer_is_taken_by_its_organizer_or_a_manager() {
    hold(async |server| {
        two_who_wait(server).await;
        server.person("max").await;
        server.grant("aula", "max", "manage").await;
        let bob = server.client("bob");
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        assert!(matches!(server.take("aula", "a", None, "eve").await, Err(Error::Missing)));
        assert!(server.claims("aula").await.is_empty());
        server.take("aula", "a", None, "max").await.unwrap();
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 confirmed"]);
    })
    .await;
}

// R53 with `off` and with `take`
// Setting waitlist: other
#[tokio::test]
async fn a_room_may_offer_nothing_or_give_at_once() {
    hold(async |server| {
        two_who_wait(server).await;
        server.set("aula", "waitlist", "off").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await;
        assert_eq!(server.notices("ada").await.len(), 1);
        server.set("aula", "waitlist", "take").await;
        bob.book("aula", &event("b2").hours("20270308", 9, 10)).await.created();
        bob.delete(&bob.in_room("aula", "b2")).await.no_content();
        server.pass(60).await;
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        assert_eq!(server.letters_of("ada", "taken").await.len(), 1);
        assert!(server.letters_of("eve", "taken").await.is_empty());
    })
    .await;
}

// R53: whatever it is that ends: a block, a date that is cancelled, grace
#[tokio::test]
async fn it_does_not_matter_how_a_time_became_free() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let on = |uid: &str, day: &str| event(uid).hours(day, 9, 10).organizer("ada").attendee("aula");
        server.block("aula", "2027-03-09T00:00", "2027-03-10T00:00").await;
        bob.book("aula", &event("c").hours("20270310", 9, 10)).await.created();
        let moved = |from| event("g").hours("20270311", from, from + 1).organizer("bob").attendee("aula");
        bob.invite(&moved(9)).await.created();
        for (uid, day) in [("x", "20270309"), ("y", "20270310"), ("z", "20270311")] {
            ada.invite(&on(uid, day)).await.created();
            assert_eq!(ada.get(&ada.in_own(uid)).await.partstats("aula"), ["DECLINED"]);
        }
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let block = snapshot.tx().blocks().list(None).await.unwrap()[0].id;
        drop(snapshot);
        server.bookings.remove_block(block).await.unwrap();
        server.pass(60).await;
        assert_eq!(offers(server, "ada").await, 1);
        let text = event("c").hours("20270310", 11, 12).text();
        bob.put(&bob.in_room("aula", "c"), text).await.no_content();
        server.pass(60).await;
        assert_eq!(offers(server, "ada").await, 2);
        // A refused move keeps the old slot for ten minutes.
        ada.book("aula", &event("w").hours("20270311", 14, 15)).await.created();
        bob.put(&bob.in_own("g"), moved(14).text()).await.no_content();
        server.pass(60).await;
        assert_eq!(offers(server, "ada").await, 2);
        server.pass(600).await;
        assert_eq!(offers(server, "ada").await, 3);
    })
    .await;
}

// R52, R53: a date of a series, on an invitation
#[tokio::test]
async fn a_date_of_a_series_comes_back_into_it() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270308", 9, 10)).await.created();
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        ada.invite(&series.organizer("ada").attendee("aula")).await.created();
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await;
        assert_eq!(offers(server, "ada").await, 1);
        server.take("aula", "s", Some("2027-03-08T08:00:00Z"), "ada").await.unwrap();
        let stored = ada.get(&ada.in_own("s")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "ACCEPTED"]);
        assert_eq!(server.claims("aula").await.len(), 4);
        assert_eq!(ada.get(&ada.in_room("aula", "s")).await.lines_of("EXDATE").len(), 0);
    })
    .await;
}

// R53, R54: a series that was written directly without the date
#[tokio::test]
async fn a_date_that_was_left_out_of_a_direct_series_comes_back_into_it() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "direct_series", "skip").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270308", 9, 10)).await.created();
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        ada.book("aula", &series.line("EXDATE;TZID=Europe/Berlin:20270315T090000")).await.created();
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await;
        server.take("aula", "s", Some("2027-03-08T08:00:00Z"), "ada").await.unwrap();
        let stored = ada.get(&ada.in_room("aula", "s")).await;
        assert_eq!(stored.lines_of("EXDATE"), ["EXDATE;TZID=Europe/Berlin:20270315T090000"]);
        assert_eq!(
            server.claims("aula").await,
            ["03-01 09:00-10:00", "03-08 09:00-10:00", "03-22 09:00-10:00"]
        );
        // What its owner excluded himself never waited.
        let own = server.take("aula", "s", Some("2027-03-15T08:00:00Z"), "ada").await;
        assert!(matches!(own, Err(Error::Missing)));
    })
    .await;
}

// R53: what is not asked for any more is offered to nobody
#[tokio::test]
async fn a_date_that_has_moved_away_does_not_wait() {
    hold(async |server| {
        two_who_wait(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let elsewhere = event("a").hours("20270308", 14, 15).organizer("ada").attendee("aula");
        ada.put(&ada.in_own("a"), elsewhere.text()).await.no_content();
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(60).await;
        assert_eq!((offers(server, "ada").await, offers(server, "eve").await), (0, 1));
    })
    .await;
}

// R53: by the link in the mail, as long as the offer stands and the time is free
#[tokio::test]
async fn an_offer_is_taken_by_its_link() {
    hold(async |server| {
        two_who_wait(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(120).await.pass(120).await;
        let links = server.links_of("ada").await;
        let [("take", take)] = links.as_slice() else { panic!("{links:?}") };
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let page = browser.get(take).await.expect(200).text();
        assert!(page.contains("<button>Take the room</button>"), "{page}");
        assert!(server.claims("aula").await.is_empty(), "looking takes nothing");
        for _ in 0..2 {
            let page = browser.send("POST", take, &[], "").await.expect(200).text();
            assert!(page.contains("The room is yours."), "{page}");
            assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["ACCEPTED"]);
            assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
        }
    })
    .await;
}

// R7: who comes first has it, and the link of the other says that it is too late
#[tokio::test]
async fn a_link_takes_nothing_that_others_have_by_now() {
    hold(async |server| {
        two_who_wait(server).await;
        let bob = server.client("bob");
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(120).await.pass(120).await;
        let (_, take) = server.links_of("ada").await.remove(0);
        bob.book("aula", &event("c").hours("20270308", 9, 10)).await.created();
        let wire = Wire::open(server).await;
        let page = wire.stranger().send("POST", &take, &[], "").await.expect(200).text();
        assert!(page.contains("too late"), "{page}");
        assert_eq!(server.states("aula", "a").await, ["03-08 09:00 declined busy"]);
    })
    .await;
}

// R53, R70: in a room that a manager approves, what is taken waits like any other request
#[tokio::test]
async fn what_is_taken_in_a_room_with_approval_waits_for_a_manager() {
    for (waitlist, page_says) in [("on", Some("waits for a manager")), ("take", None)] {
        hold(async |server| {
            two_who_wait(server).await;
            server.person("max").await;
            server.set("aula", "mode", "approve").await;
            server.set("aula", "waitlist", waitlist).await;
            server.grant("aula", "max", "manage").await;
            let bob = server.client("bob");
            bob.delete(&bob.in_room("aula", "b")).await.no_content();
            server.pass(120).await.pass(120).await;
            if let Some(says) = page_says {
                let (_, take) = server.links_of("ada").await.remove(0);
                let wire = Wire::open(server).await;
                let page = wire.stranger().send("POST", &take, &[], "").await.expect(200).text();
                assert!(page.contains(says), "{page}");
            }
            assert!(server.states("aula", "a").await[0].contains("held"), "{waitlist}");
            let kinds =
                |all: Vec<(String, String)>| all.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
            assert_eq!(kinds(server.notices("max").await), ["approval-asked"], "{waitlist}");
            let ada = kinds(server.notices("ada").await);
            assert!(
                ada.contains(&"approval-waiting".to_owned()) && !ada.contains(&"taken".to_owned()),
                "{ada:?}"
            );
        })
        .await;
    }
}

// R70: a taken date of a series is approved by a manager, also where other dates were
#[tokio::test]
async fn a_taken_date_of_a_series_is_not_confirmed_with_the_others() {
    hold(async |server| {
        server.people(&["ada", "bob", "max"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270309", 9, 10)).await.created();
        let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=5");
        ada.invite(&series.organizer("ada").attendee("aula")).await.created();
        server.set("aula", "mode", "approve").await;
        server.grant("aula", "max", "manage").await;
        bob.delete(&bob.in_room("aula", "b")).await.no_content();
        server.pass(120).await.pass(120).await;
        server.take("aula", "s", Some("2027-03-09T08:00:00Z"), "ada").await.unwrap();
        let states = server.states("aula", "s").await;
        assert_eq!(states[..3], ["03-08 09:00 confirmed", "03-09 09:00 held", "03-10 09:00 confirmed"]);
    })
    .await;
}

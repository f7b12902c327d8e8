//! Check-in and release (section 13; R87, R95 to R99): each setting at its default and at another value.

use roomdav::booking::{Presence, Sending};
use roomdav::domain::id::{ReservationId, Slug};
use roomdav::domain::link::Purpose;

use super::hold;
use crate::support::{Event, TestServer, Wire, event};

/// Monday, 9 to 10 in Berlin, which is 8 to 9 UTC.
pub(super) fn meeting(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10)
}

fn series(uid: &str) -> Event {
    meeting(uid).rule("FREQ=DAILY;COUNT=6")
}

pub(super) async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.set("aula", "checkin", "on").await;
    server.grant("aula", "eve", "manage").await;
}

/// The clock is set, and what is due then is done.
pub(super) async fn at(server: &TestServer, rfc3339: &str) {
    server.at(rfc3339);
    server.bookings.look_after_check_ins().await.unwrap();
}

pub(super) async fn reservation(server: &TestServer, uid: &str) -> ReservationId {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let room = tx.rooms().by_slug(&Slug::parse("aula").unwrap()).await.unwrap().unwrap();
    tx.reservations().in_room(room.id, uid).await.unwrap().unwrap().id
}

async fn check_in(server: &TestServer, uid: &str) -> Presence {
    let id = reservation(server, uid).await;
    server.bookings.check_in(TestServer::operator(), id, None).await.unwrap()
}

/// The link of this purpose in the last mail to a person; all waiting mails are sent.
pub(super) async fn link(server: &TestServer, purpose: Purpose) -> String {
    send(server, purpose).await.expect("a mail with the link")
}

pub(super) async fn send(server: &TestServer, purpose: Purpose) -> Option<String> {
    let mut found = None;
    server.clock.set(server.clock.now().plus(60));
    while let Some(mail) = server.bookings.take_mail().await.unwrap() {
        server.bookings.mailed(&mail, Sending::Sent).await.unwrap();
        let of_purpose = mail.links.into_iter().flatten().filter(|(of, _)| *of == purpose);
        found = of_purpose.map(|(_, link)| format!("/web/links/{link}")).next().or(found);
    }
    server.clock.set(server.clock.now().plus(-60));
    found
}

pub(super) async fn follow(server: &TestServer, link: &str) -> String {
    let wire = Wire::open(server).await;
    wire.stranger().send("POST", link, &[], "").await.expect(200).text()
}

pub(super) async fn kinds(server: &TestServer) -> Vec<String> {
    server.notices("ada").await.into_iter().map(|(kind, _)| kind).collect()
}

// Scenario 38; R95: cut at start + 10, message, next date intact
// Setting checkin_before: default
// Setting checkin_after: default
#[tokio::test]
async fn a_date_without_check_in_is_cut_ten_minutes_after_its_start() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &series("s")).await.created();
        at(server, "2027-03-01T07:44:59Z").await;
        assert!(kinds(server).await.is_empty(), "checkin_before: 15 min");
        at(server, "2027-03-01T07:45:00Z").await;
        at(server, "2027-03-01T08:05:00Z").await;
        assert_eq!(kinds(server).await, ["check-in"], "once");
        at(server, "2027-03-01T08:09:59Z").await;
        assert_eq!(server.claims("aula").await[0], "03-01 09:00-10:00", "checkin_after: 10 min");
        at(server, "2027-03-01T08:10:00Z").await;
        assert_eq!(server.claims("aula").await[0], "03-02 09:00-10:00");
        assert_eq!(server.claims("aula").await.len(), 5, "the next dates are intact");
        assert_eq!(server.states("aula", "s").await[0], "03-01 09:00 released no-show");
        at(server, "2027-03-01T08:20:00Z").await;
        assert_eq!(kinds(server).await, ["check-in", "no-show"]);
        // The texts follow, and others get the room.
        let text = ada.get(&ada.in_room("aula", "s")).await.expect(200).text();
        assert!(text.contains("EXDATE"), "{text}");
        assert_eq!(ada.get(&ada.in_own("s")).await.expect(200).text().matches("EXDATE").count(), 1);
        server
            .client("bob")
            .book("aula", &event("b").between("20270301T092000", "20270301T100000"))
            .await
            .created();
        assert!(server.audit("aula").await.contains(&(
            "occurrence".into(),
            Some("no-show".into()),
            "R95".into()
        )));
    })
    .await;
}

// R95, R87: a single event ends now in every calendar
#[tokio::test]
async fn a_single_event_is_shown_as_ended() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &meeting("m")).await.created();
        at(server, "2027-03-01T08:10:00Z").await;
        for path in [ada.in_room("aula", "m"), ada.in_own("m")] {
            let text = ada.get(&path).await.expect(200).text();
            assert!(text.contains("DTEND;TZID=Europe/Berlin:20270301T091000"), "{text}");
        }
        assert!(server.claims("aula").await.is_empty());
        // Whoever writes an old text does not get it back by that.
        let etag = ada.get(&ada.in_room("aula", "m")).await.etag();
        ada.change(&ada.in_room("aula", "m"), &etag, meeting("m").summary("again").text()).await.no_content();
        assert_eq!(server.states("aula", "m").await, ["03-01 09:00 released no-show"]);
    })
    .await;
}

// R95: an invited room declines; the person's own event stays as it was written
#[tokio::test]
async fn an_invited_room_is_released_without_touching_the_event_itself() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.invite(&meeting("i").organizer("ada").attendee("aula")).await.created();
        at(server, "2027-03-01T08:10:00Z").await;
        let own = ada.get(&ada.in_own("i")).await.expect(200);
        assert_eq!(own.partstats("aula"), ["DECLINED"]);
        assert!(own.text().contains("T100000"), "{}", own.text());
        let back = link(server, Purpose::Reclaim).await;
        assert!(follow(server, &back).await.contains("yours again"));
        assert_eq!(ada.get(&ada.in_own("i")).await.expect(200).partstats("aula"), ["ACCEPTED"]);
        assert_eq!(server.claims("aula").await, ["03-01 09:10-10:00"]);
    })
    .await;
}

// R95: other values of checkin_before and checkin_after
// Setting checkin_before: other
// Setting checkin_after: other
#[tokio::test]
async fn the_window_is_as_long_as_the_room_says() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "checkin_before", "30m").await;
        server.set("aula", "checkin_after", "20m").await;
        server.client("ada").book("aula", &meeting("m")).await.created();
        at(server, "2027-03-01T07:29:59Z").await;
        assert_eq!(check_in(server, "m").await, Presence::TooEarly);
        at(server, "2027-03-01T07:30:00Z").await;
        assert_eq!(kinds(server).await, ["check-in"]);
        at(server, "2027-03-01T08:19:59Z").await;
        assert_eq!(server.claims("aula").await.len(), 1);
        at(server, "2027-03-01T08:20:00Z").await;
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(check_in(server, "m").await, Presence::TooLate);
    })
    .await;
}

// R95: off by default
#[tokio::test]
async fn a_room_that_does_not_ask_releases_nothing() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "checkin", "off").await;
        server.client("ada").book("aula", &meeting("m")).await.created();
        at(server, "2027-03-01T07:50:00Z").await;
        at(server, "2027-03-01T08:30:00Z").await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(check_in(server, "m").await, Presence::NotAsked);
        assert!(kinds(server).await.is_empty());
    })
    .await;
}

// R95: by link, by command, by a change of the event, by an attendee
#[tokio::test]
async fn there_are_several_ways_to_check_in() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let by_link = meeting("link");
        ada.book("aula", &by_link).await.created();
        let ways = ["command", "edit", "manager"];
        for (i, uid) in (10..).zip(ways) {
            ada.book("aula", &event(uid).hours("20270301", i, i + 1)).await.created();
        }
        let invited =
            event("attendee").hours("20270301", 13, 14).organizer("ada").attendee("aula").attendee("bob");
        ada.invite(&invited).await.created();

        at(server, "2027-03-01T07:50:00Z").await;
        let link = link(server, Purpose::CheckIn).await;
        assert!(follow(server, &link).await.contains("You are checked in"));
        assert!(follow(server, &link).await.contains("You are checked in"), "once more is the same");

        at(server, "2027-03-01T08:50:00Z").await;
        assert_eq!(check_in(server, "command").await, Presence::Noted);
        assert_eq!(check_in(server, "command").await, Presence::Already);

        // A property that only her program knows.
        at(server, "2027-03-01T10:05:00Z").await;
        let edit = event("edit").hours("20270301", 11, 12).line("X-SEEN:1");
        ada.put(&ada.in_room("aula", "edit"), edit.text()).await.no_content();

        at(server, "2027-03-01T11:05:00Z").await;
        let eve = server.client("eve");
        let path = eve.in_room("aula", "manager");
        let etag = eve.get(&path).await.expect(200).etag();
        eve.change(&path, &etag, event("manager").hours("20270301", 12, 13).summary("Here").text())
            .await
            .no_content();

        at(server, "2027-03-01T12:05:00Z").await;
        let copy = bob.get(&bob.in_own("attendee")).await.expect(200);
        let accepted = copy.text().replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED");
        bob.change(&bob.in_own("attendee"), &copy.etag(), accepted).await.no_content();

        at(server, "2027-03-01T12:30:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 5, "{:?}", server.states("aula", "attendee").await);
    })
    .await;
}

// R95: the same bytes once more, somebody else, and before the window
#[tokio::test]
async fn what_says_nothing_is_no_check_in() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &meeting("m")).await.created();
        let early = meeting("m").summary("early").text();
        ada.put(&ada.in_room("aula", "m"), early.as_str()).await.no_content();
        assert_eq!(check_in(server, "m").await, Presence::TooEarly);
        at(server, "2027-03-01T08:05:00Z").await;
        ada.put(&ada.in_room("aula", "m"), early.as_str()).await.no_content();
        let id = reservation(server, "m").await;
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let bob = tx.users().by_login(&Slug::parse("bob").unwrap()).await.unwrap().unwrap();
        let bob = roomdav::booking::actor(&mut tx, &bob, roomdav::text::Language::English).await.unwrap();
        drop(snapshot);
        server.bookings.check_in(bob, id, None).await.unwrap_err();
        at(server, "2027-03-01T08:10:00Z").await;
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R96; scenario 38: a meeting of five hours is not released
// Setting release_max: default
#[tokio::test]
async fn long_whole_day_and_sudden_bookings_are_never_released() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("long").hours("20270301", 9, 14)).await.created();
        ada.book("aula", &event("day").days("20270302", "20270303")).await.created();
        server.at("2027-03-01T13:40:00Z");
        ada.book("aula", &event("sudden").hours("20270301", 15, 16)).await.created();
        for time in ["2027-03-01T08:10:00Z", "2027-03-01T14:30:00Z", "2027-03-02T08:00:00Z"] {
            at(server, time).await;
        }
        assert_eq!(server.claims("aula").await.len(), 3);
        assert!(kinds(server).await.is_empty());
    })
    .await;
}

// R96: another value of release_max
// Setting release_max: other
#[tokio::test]
async fn how_long_is_long_is_for_the_room_to_say() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "release_max", "30m").await;
        server.client("ada").book("aula", &meeting("m")).await.created();
        at(server, "2027-03-01T08:10:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 1);
        server.set("aula", "release_max", "1h").await;
        at(server, "2027-03-01T08:11:00Z").await;
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R95: taken back if it is still free
#[tokio::test]
async fn a_released_room_is_taken_back_as_long_as_it_is_free() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &series("s")).await.created();
        let before = ada.get(&ada.in_room("aula", "s")).await.expect(200).text();
        at(server, "2027-03-01T08:10:00Z").await;
        let back = link(server, Purpose::Reclaim).await;
        server.at("2027-03-01T08:15:00Z");
        assert!(follow(server, &back).await.contains("yours again"));
        assert_eq!(server.claims("aula").await[0], "03-01 09:15-10:00");
        assert_eq!(ada.get(&ada.in_room("aula", "s")).await.expect(200).text(), before);
        assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
        assert!(follow(server, &back).await.contains("yours again"), "once more is the same");
        at(server, "2027-03-01T08:30:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 6, "whoever takes it back is there");

        at(server, "2027-03-02T08:10:00Z").await;
        let late = link(server, Purpose::Reclaim).await;
        server.at("2027-03-02T08:12:00Z");
        server
            .client("bob")
            .book("aula", &event("b").between("20270302T093000", "20270302T100000"))
            .await
            .created();
        assert!(follow(server, &late).await.contains("too late"), "Bob has it");
        server.at("2027-03-02T09:00:00Z");
        assert!(follow(server, &late).await.contains("too late"));
    })
    .await;
}

// R97: three misses in a row, then a week to confirm the rest
// Setting strikes: default
#[tokio::test]
async fn a_series_that_nobody_comes_to_has_to_be_confirmed() {
    hold(async |server| {
        house(server).await;
        let weekly = meeting("s").rule("FREQ=WEEKLY;COUNT=8");
        server.client("ada").book("aula", &weekly).await.created();
        for day in ["01", "08"] {
            at(server, &format!("2027-03-{day}T08:10:00Z")).await;
            send(server, Purpose::Keep).await;
        }
        assert!(!kinds(server).await.contains(&"strikes".to_owned()), "two are not three");
        at(server, "2027-03-15T08:10:00Z").await;
        assert_eq!(kinds(server).await.iter().filter(|kind| *kind == "strikes").count(), 1);
        let keep = link(server, Purpose::Keep).await;
        assert!(follow(server, &keep).await.contains("stays booked"));
        assert!(follow(server, &keep).await.contains("stays booked"), "once more is the same");
        at(server, "2027-03-22T08:10:01Z").await;
        assert_eq!(server.claims("aula").await.len(), 4, "confirmed, and counted anew");
        at(server, "2027-03-29T07:10:00Z").await;
        at(server, "2027-04-05T07:10:00Z").await;
        assert_eq!(kinds(server).await.iter().filter(|kind| *kind == "strikes").count(), 2);
        at(server, "2027-04-12T07:09:59Z").await;
        assert_eq!(server.claims("aula").await.len(), 2);
        at(server, "2027-04-12T07:10:00Z").await;
        assert!(server.claims("aula").await.is_empty(), "nobody confirmed");
        assert_eq!(kinds(server).await.last().unwrap(), "cancelled", "with notice afterwards");
    })
    .await;
}

// R97: another value of strikes, and somebody who comes in between
// Setting strikes: other
#[tokio::test]
async fn whoever_comes_once_begins_anew_and_a_room_may_count_otherwise() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "strikes", "2").await;
        server.client("ada").book("aula", &series("s")).await.created();
        at(server, "2027-03-01T08:10:00Z").await;
        at(server, "2027-03-02T08:05:00Z").await;
        assert_eq!(check_in(server, "s").await, Presence::Noted);
        at(server, "2027-03-03T08:10:00Z").await;
        assert!(!kinds(server).await.contains(&"strikes".to_owned()));
        at(server, "2027-03-04T08:10:00Z").await;
        assert!(kinds(server).await.contains(&"strikes".to_owned()));
        server.set("aula", "strikes", "0").await;
        server
            .client("ada")
            .book("aula", &event("t").hours("20270305", 12, 13).rule("FREQ=DAILY;COUNT=4"))
            .await
            .created();
        for day in ["05", "06", "07"] {
            at(server, &format!("2027-03-{day}T11:10:00Z")).await;
        }
        assert_eq!(kinds(server).await.iter().filter(|kind| *kind == "strikes").count(), 1, "0 is never");
    })
    .await;
}

/// A meeting of Ada's to which Bob and Eve are invited, both of whom decline: he answers, she removes it.
async fn declined_by_all(server: &TestServer) {
    let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
    let people = ["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org", "ATTENDEE:mailto:eve@example.org"];
    let asked = meeting("i").organizer("ada").attendee("aula").line(people[0]).line(people[1]);
    ada.invite(&asked).await.created();
    let copy = bob.get(&bob.in_own("i")).await.expect(200);
    let declined = copy.text().replace("NEEDS-ACTION:mailto:bob", "DECLINED:mailto:bob");
    assert_ne!(declined, copy.text());
    bob.change(&bob.in_own("i"), &copy.etag(), declined).await.no_content();
    assert!(kinds(server).await.is_empty(), "Eve may still come");
    eve.delete(&eve.in_own("i")).await.no_content();
}

// R98: by default the organizer is offered to give it back
// Setting declined_release: default
#[tokio::test]
async fn where_everybody_declines_the_room_is_offered_back_and_nothing_else() {
    hold(async |server| {
        house(server).await;
        declined_by_all(server).await;
        assert_eq!(kinds(server).await, ["all-declined"]);
        at(server, "2027-03-01T07:30:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 1, "never by itself");
        let link = link(server, Purpose::GiveBack).await;
        assert!(follow(server, &link).await.contains("has been given back"));
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R98: where the room says so it is given back by itself
// Setting declined_release: other
#[tokio::test]
async fn a_room_may_release_what_everybody_declines() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "declined_release", "on").await;
        declined_by_all(server).await;
        at(server, "2027-03-01T07:30:00Z").await;
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(kinds(server).await, ["all-declined", "cancelled"]);
    })
    .await;
}

// R99; scenario 38: after a time without a server only what still runs is released
#[tokio::test]
async fn after_a_time_without_a_server_what_has_ended_stays_as_it_was() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &meeting("over")).await.created();
        ada.book("aula", &event("running").hours("20270301", 10, 11)).await.created();
        at(server, "2027-03-01T09:30:00Z").await;
        assert_eq!(server.states("aula", "over").await, ["03-01 09:00 confirmed"]);
        assert_eq!(server.states("aula", "running").await, ["03-01 10:00 released no-show"]);
        assert_eq!(kinds(server).await, ["no-show"]);
    })
    .await;
}

// Scenario 41; R120
#[tokio::test]
async fn a_refused_change_is_one_mail_however_often_a_program_repeats_it() {
    hold(async |server| {
        house(server).await;
        server.client("bob").book("aula", &meeting("taken")).await.created();
        let ada = server.client("ada");
        for _ in 0..30 {
            ada.put(&ada.in_room("aula", "mine"), meeting("mine").text()).await.refused("busy");
            server.pass(60).await;
        }
        let mut mails = 0;
        while let Some(mail) = server.bookings.take_mail().await.unwrap() {
            server.bookings.mailed(&mail, Sending::Sent).await.unwrap();
            mails += 1;
        }
        assert_eq!(mails, 1);
    })
    .await;
}

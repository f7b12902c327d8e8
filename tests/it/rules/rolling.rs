//! Series that go on beyond the window, and bookings beyond it (R63 to R66).

use super::hold;
use crate::support::{TestServer, event};

async fn narrow(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.set("aula", "window_days", "10").await;
    server.grant("aula", "eve", "manage").await;
}

// Scenario 22; R64, R65
// Setting horizon: default
#[tokio::test]
async fn an_endless_series_is_claimed_to_the_horizon_and_further_every_day() {
    hold(async |server| {
        narrow(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("s").hours("20270301", 9, 10).rule("FREQ=DAILY")).await.created();
        let text = ada.get(&ada.in_room("aula", "s")).await;
        assert_eq!(server.claims("aula").await.last().unwrap(), "03-10 09:00-10:00");
        assert_eq!(server.claims("aula").await.len(), 10);
        let notices = server.notices("ada").await;
        assert_eq!(notices, [("rolling".to_owned(), "Booked until 10 March 2027: s".to_owned())]);
        assert_eq!(server.bookings.extend().await.unwrap(), 0);
        server.at("2027-03-01T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 1);
        assert_eq!(server.claims("aula").await.last().unwrap(), "03-11 09:00-10:00");
        assert_eq!(server.claims("aula").await.len(), 11);
        assert_eq!(server.bookings.extend().await.unwrap(), 0);
        // Nothing that is visible changed (R133), and nobody is told again.
        let after = ada.get(&ada.in_room("aula", "s")).await;
        assert_eq!((after.text(), after.etag()), (text.text(), text.etag()));
        assert_eq!(server.notices("ada").await, notices);
    })
    .await;
}

// R65: what is written because something else of the event changed asks for no later date; the day's
// extension does, also where the series ends in the window by then.
#[tokio::test]
async fn a_date_that_is_cancelled_leaves_no_gap_where_the_window_went_on() {
    hold(async |server| {
        narrow(server).await;
        server.room("lab").await;
        server.set("lab", "window_days", "10").await;
        let ada = server.client("ada");
        let endless = |uid| event(uid).hours("20270301", 9, 10).rule("FREQ=DAILY");
        ada.invite(&endless("both").organizer("ada").attendee("aula").attendee("lab")).await.created();
        ada.book("lab", &event("ends").hours("20270301", 14, 15).rule("FREQ=DAILY;COUNT=12")).await.created();
        server.at("2027-03-03T08:30:00Z");
        server.cancel_date("aula", "both", "2027-03-05T08:00:00Z", "eve").await;
        server.cancel_date("lab", "ends", "2027-03-06T13:00:00Z", "ada").await;
        assert_eq!(server.claims("lab").await.last().unwrap(), "03-10 14:00-15:00");
        server.bookings.extend().await.unwrap();
        let days = |claims: Vec<String>, hour: &str| -> Vec<u32> {
            let of_hour = claims.into_iter().filter(|claim| claim[6..].starts_with(hour));
            of_hour.map(|claim| claim[3..5].parse().unwrap()).collect()
        };
        let but = |left_out: u32, last: u32| (1..=last).filter(|day| *day != left_out).collect::<Vec<_>>();
        assert_eq!(days(server.claims("aula").await, "09"), but(5, 13));
        assert_eq!(days(server.claims("lab").await, "09"), but(0, 13));
        assert_eq!(days(server.claims("lab").await, "14"), but(6, 12));
    })
    .await;
}

// R64: the answer to an invitation says that it is clipped
#[tokio::test]
async fn an_endless_invitation_is_accepted_with_2_11() {
    hold(async |server| {
        narrow(server).await;
        let ada = server.client("ada");
        let endless =
            event("s").hours("20270301", 9, 10).rule("FREQ=DAILY").organizer("ada").attendee("aula");
        ada.invite(&endless).await.created();
        let stored = ada.get(&ada.in_own("s")).await;
        let line = stored.lines_of("ATTENDEE").remove(0);
        assert!(line.contains("PARTSTAT=ACCEPTED") && line.contains("2.11"), "{line}");
        assert_eq!(server.claims("aula").await.len(), 10);
        assert_eq!(server.notices("ada").await[0].1, "Booked until 10 March 2027: s");
    })
    .await;
}

// Scenario 22: a single booking beyond the horizon, by a manager
#[tokio::test]
async fn a_date_that_is_taken_when_its_time_comes_is_left_out_and_told() {
    hold(async |server| {
        narrow(server).await;
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        let beyond = event("later").hours("20270311", 9, 11);
        bob.book("aula", &beyond).await.refused("too-far");
        eve.book("aula", &beyond).await.created();
        ada.book("aula", &event("direct").hours("20270301", 9, 10).rule("FREQ=DAILY")).await.created();
        let invited = event("invited").hours("20270301", 10, 11).rule("FREQ=DAILY");
        ada.invite(&invited.organizer("ada").attendee("aula")).await.created();
        let told = server.notices("ada").await.len();
        server.at("2027-03-01T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 2);
        let direct = ada.get(&ada.in_room("aula", "direct")).await;
        assert_eq!(direct.lines_of("EXDATE"), ["EXDATE;TZID=Europe/Berlin:20270311T090000"]);
        let stored = ada.get(&ada.in_own("invited")).await;
        assert_eq!(stored.partstats("aula"), ["ACCEPTED", "DECLINED"]);
        assert!(stored.has_line("RECURRENCE-ID;TZID=Europe/Berlin:20270311T100000"));
        let notices = server.notices("ada").await;
        assert_eq!(notices.len(), told + 2, "{notices:?}");
        assert!(notices[told..].iter().all(|(_, subject)| subject.starts_with("Date not available")));
        // The next day goes on as if nothing had been, once.
        server.at("2027-03-02T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 2);
        assert_eq!(server.notices("ada").await, notices);
        let claims = server.claims("aula").await;
        let tail: Vec<_> = claims.iter().rev().take(3).rev().collect();
        assert_eq!(tail, ["03-11 09:00-11:00", "03-12 09:00-10:00", "03-12 10:00-11:00"]);
    })
    .await;
}

// R65: in order of creation, each for itself
#[tokio::test]
async fn the_older_of_two_series_gets_the_new_date() {
    hold(async |server| {
        narrow(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        // Every third day and every fourth: they meet on day 12 after their start.
        ada.book("aula", &event("three").hours("20270227", 9, 10).rule("FREQ=DAILY;INTERVAL=3"))
            .await
            .created();
        bob.book("aula", &event("four").hours("20270227", 9, 10).rule("FREQ=DAILY;INTERVAL=4"))
            .await
            .created();
        for day in 1..=5 {
            server.at(&format!("2027-03-{day:02}T00:30:00Z"));
            server.bookings.extend().await.unwrap();
        }
        assert!(server.states("aula", "three").await.contains(&"03-11 09:00 confirmed".to_owned()));
        assert!(server.states("aula", "four").await.contains(&"03-11 09:00 declined busy".to_owned()));
    })
    .await;
}

// R64: truncate and decline
// Setting horizon: other
#[tokio::test]
async fn a_room_may_cut_a_series_at_its_window_or_refuse_it() {
    hold(async |server| {
        narrow(server).await;
        let ada = server.client("ada");
        let endless = |uid: &str, hour: u32| event(uid).hours("20270301", hour, hour + 1).rule("FREQ=DAILY");
        server.set("aula", "horizon", "truncate").await;
        ada.book("aula", &endless("cut", 9)).await.created();
        assert_eq!(server.claims("aula").await.len(), 10);
        server.at("2027-03-01T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 0);
        assert_eq!(server.claims("aula").await.len(), 10);
        server.set("aula", "horizon", "decline").await;
        ada.book("aula", &endless("no", 11)).await.refused("too-far");
        let invited = endless("inv", 11).organizer("ada").attendee("aula");
        ada.invite(&invited).await.created();
        assert_eq!(ada.get(&ada.in_own("inv")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(server.claims("aula").await.len(), 10);
    })
    .await;
}

// R66: an account that is off keeps its dates and gets no more
#[tokio::test]
async fn a_series_of_somebody_who_left_is_not_extended() {
    hold(async |server| {
        narrow(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("s").hours("20270301", 9, 10).rule("FREQ=DAILY")).await.created();
        let login = roomdav::domain::id::Slug::parse("ada").unwrap();
        server.bookings.set_disabled(login, true).await.unwrap();
        server.at("2027-03-01T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 0);
        assert_eq!(server.claims("aula").await.len(), 10);
    })
    .await;
}

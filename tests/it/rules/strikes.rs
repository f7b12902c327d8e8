//! Series that nobody comes to (R97), where their owner is gone (R90).

use roomdav::booking::Transfer;
use roomdav::domain::id::Slug;
use roomdav::domain::link::Purpose;

use super::checkin::{at, follow, house, kinds, link, meeting, reservation, send};
use super::hold;
use crate::support::TestServer;

/// Ada's series was missed three times by the 15th: she is asked until the 22nd.
async fn struck(server: &TestServer) {
    house(server).await;
    let weekly = meeting("s").rule("FREQ=WEEKLY;COUNT=8");
    server.client("ada").book("aula", &weekly).await.created();
    missed(server, &["01", "08", "15"]).await;
    assert_eq!(kinds(server).await.iter().filter(|kind| *kind == "strikes").count(), 1);
}

async fn missed(server: &TestServer, days: &[&str]) {
    for day in days {
        // What waited since the last time goes out.
        send(server, Purpose::Keep).await;
        at(server, &format!("2027-03-{day}T08:10:00Z")).await;
    }
}

async fn disable(server: &TestServer, disabled: bool) {
    server.bookings.set_disabled(Slug::parse("ada").unwrap(), disabled).await.unwrap();
}

async fn transfer(server: &TestServer, to: &str) {
    let (reservation, to) = (reservation(server, "s").await, Slug::parse(to).unwrap());
    let transfer = Transfer { actor: TestServer::operator(), reservation, to };
    server.bookings.transfer(transfer).await.unwrap();
}

// R90, R97: nobody is asked who could not answer, and nothing is given up
#[tokio::test]
async fn a_series_whose_owner_is_gone_stays_whoever_misses_it() {
    hold(async |server| {
        house(server).await;
        let weekly = meeting("s").rule("FREQ=WEEKLY;COUNT=8");
        server.client("ada").book("aula", &weekly).await.created();
        missed(server, &["01", "08"]).await;
        disable(server, true).await;
        missed(server, &["15", "22"]).await;
        assert!(!kinds(server).await.contains(&"strikes".to_owned()));
        at(server, "2027-03-31T07:10:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 4);
        // Back again, she is asked as anybody, and has her week.
        disable(server, false).await;
        at(server, "2027-04-01T07:10:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 4);
        at(server, "2027-04-05T07:10:00Z").await;
        assert_eq!(kinds(server).await.iter().filter(|kind| *kind == "strikes").count(), 1);
    })
    .await;
}

// R90, R97: a deadline ends with the account that could have answered
#[tokio::test]
async fn a_deadline_ends_when_the_owner_is_gone() {
    hold(async |server| {
        struck(server).await;
        disable(server, true).await;
        at(server, "2027-03-23T08:10:00Z").await;
        let claims = server.claims("aula").await;
        assert_eq!(claims.len(), 5, "{claims:?}");
        disable(server, false).await;
        at(server, "2027-03-24T08:10:00Z").await;
        assert_eq!(server.claims("aula").await, claims);
    })
    .await;
}

// R90, R97: whoever takes a series over was never asked
#[tokio::test]
async fn a_deadline_ends_when_the_series_is_handed_over() {
    hold(async |server| {
        struck(server).await;
        let keep = link(server, Purpose::Keep).await;
        transfer(server, "bob").await;
        assert!(!follow(server, &keep).await.contains("stays booked"), "it is not hers");
        at(server, "2027-03-23T08:10:00Z").await;
        assert_eq!(server.claims("aula").await.len(), 5);
        // What was missed before is not counted against him.
        assert!(server.notices("bob").await.iter().all(|(kind, _)| kind != "strikes"));
    })
    .await;
}

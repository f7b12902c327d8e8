//! Series that nobody comes to (R97), where their owner is gone (R90), and where something else happens
//! at the same time.

use roomdav::booking::{Presence, Transfer};
use roomdav::domain::id::{ReservationId, Slug};
use roomdav::domain::link::Purpose;
use roomdav::store::{Content, StoreError, Tx, Work};

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

/// Puts another text in place of the one that decides.
struct Retext(ReservationId, Vec<u8>);

impl Work for Retext {
    type Done = Vec<u8>;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<u8>, StoreError> {
        let reservation = tx.reservations().get(self.0).await?.unwrap();
        let source = tx.resources().get(reservation.source).await?.unwrap();
        let before = tx.resources().text(source.id).await?;
        let content = Content {
            text: self.1.clone(),
            etag: source.etag.clone(),
            component: "VEVENT".to_owned(),
            class: source.class,
            schedule_tag: source.schedule_tag.clone(),
            span: source.span,
            attachments: Vec::new(),
        };
        tx.resources()
            .update(source.id, source.owner, source.reservation, &content, source.modified_at)
            .await?;
        Ok(before)
    }
}

// R97: what could not be given up now is given up later
#[tokio::test]
async fn a_series_that_could_not_be_given_up_is_not_confirmed_by_that() {
    hold(async |server| {
        house(server).await;
        let weekly = meeting("s").rule("FREQ=WEEKLY;COUNT=8").organizer("ada").attendee("aula");
        server.client("ada").invite(&weekly).await.created();
        missed(server, &["01", "08", "15"]).await;
        let id = reservation(server, "s").await;
        let text = server.write(Retext(id, b"unreadable".to_vec())).await;
        at(server, "2027-03-22T08:10:00Z").await;
        assert!(!server.claims("aula").await.is_empty());
        server.write(Retext(id, text)).await;
        at(server, "2027-03-22T08:10:15Z").await;
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(kinds(server).await.last().unwrap(), "cancelled");
    })
    .await;
}

// R97: whoever comes in the last moment keeps the series, or comes too late for it
#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_at_the_deadline_keeps_the_series_or_is_too_late() {
    hold(async |server| {
        house(server).await;
        for round in 0..8 {
            let uid = format!("s{round}");
            let (month, hour) = (3 + round / 4, 8 + 2 * (round % 4));
            server.at(&format!("2027-{month:02}-01T00:00:00Z"));
            server.set("aula", "strikes", "1").await;
            let weekly = crate::support::event(&uid).zone(Some("Etc/UTC"));
            let weekly =
                weekly.hours(&format!("2027{month:02}02"), hour, hour + 1).rule("FREQ=WEEKLY;COUNT=3");
            server.client("ada").book("aula", &weekly).await.created();
            at(server, &format!("2027-{month:02}-02T{hour:02}:10:00Z")).await;
            server.set("aula", "checkin_after", "30m").await;
            server.at(&format!("2027-{month:02}-09T{hour:02}:10:00Z"));
            let id = reservation(server, &uid).await;
            let (one, other) = (server.clone(), server.clone());
            let ending = tokio::spawn(async move { one.bookings.look_after_check_ins().await });
            let coming =
                tokio::spawn(async move { other.bookings.check_in(TestServer::operator(), id, None).await });
            ending.await.unwrap().unwrap();
            let came = coming.await.unwrap();
            let stays = server.states("aula", &uid).await.iter().any(|state| state.ends_with("confirmed"));
            assert_eq!(stays, came == Ok(Presence::Noted), "round {round}: {came:?}");
            server.set("aula", "checkin_after", "10m").await;
            if stays {
                server.client("ada").delete(&server.client("ada").in_room("aula", &uid)).await.no_content();
            }
        }
    })
    .await;
}

//! What becomes of claims when the data of a room changes (R130 to R133).

use roomdav::booking::Displacing;
use roomdav::domain::id::{Slug, Uid};
use roomdav::domain::occurrence::OccurrenceFacts;
use roomdav::domain::recurrence::RecurrenceId;
use roomdav::domain::time::{Instant, Period};
use roomdav::store::{Decision, StoreError, Tx, Work};

use super::hold;
use crate::support::{TestServer, event};

async fn house(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
}

/// `room set`: whether it was done, and whose dates lose their place.
async fn change(server: &TestServer, pairs: &[(&str, &str)], yes: bool) -> (bool, Vec<String>) {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let done = server.bookings.change_room(Slug::parse("aula").unwrap(), pairs, yes).await.unwrap();
    let (done, lost) = match done {
        Displacing::Needs(lost) => (false, lost),
        Displacing::Done((), lost) => (true, lost),
    };
    (done, lost.into_iter().map(|lost| lost.summary).collect())
}

const NEW_YORK: [(&str, &str); 1] = [("zone", "America/New_York")];

// R11, R12, R131: whole days and floating times move with the room's clock, others stay where they are
#[tokio::test]
async fn another_zone_moves_what_is_read_on_the_rooms_clock() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let days = event("days").days("20270302", "20270303").rule("FREQ=WEEKLY;COUNT=2");
        ada.book("aula", &days).await.created();
        ada.book("aula", &event("zoned").hours("20270304", 9, 10)).await.created();
        let floating = event("floating").zone(None).hours("20270305", 9, 10);
        ada.book("aula", &floating).await.created();
        server.block("aula", "2027-03-20T08:00:00", "2027-03-20T18:00:00").await;
        let tag = ada.get(&ada.in_room("aula", "days")).await.etag();
        let told = server.notices("ada").await;
        assert_eq!(change(server, &NEW_YORK, false).await, (true, vec![]));
        assert_eq!(
            server.claims_in_utc("aula").await,
            [
                "2027-03-02T05:00Z +24:00",
                "2027-03-04T08:00Z +01:00",
                "2027-03-05T14:00Z +01:00",
                "2027-03-09T05:00Z +24:00"
            ]
        );
        // R133: nothing visible changed.
        assert_eq!(server.notices("ada").await, told);
        assert_eq!(ada.get(&ada.in_room("aula", "days")).await.etag(), tag);
        // What is written next meets itself where it is now.
        let again = event("days").days("20270302", "20270303").rule("FREQ=WEEKLY;COUNT=3");
        ada.put(&ada.in_room("aula", "days"), again.text()).await.no_content();
        assert_eq!(server.claims_in_utc("aula").await.len(), 5);
        // The block has moved too: 18:00 in New York.
        let bob = server.client("bob");
        let late = event("late").zone(Some("America/New_York")).between("20270320T170000", "20270320T175900");
        bob.book("aula", &late).await.refused("blocked");
    })
    .await;
}

// R131: those that no longer fit are displaced, in the order of their claims, after a dry run
#[tokio::test]
async fn what_has_no_place_in_another_zone_is_shown_and_displaced_by_the_order_of_claims() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("day").days("20270302", "20270303")).await.created();
        server.pass(60).await;
        bob.book("aula", &event("night").between("20270303T020000", "20270303T030000")).await.created();
        let before = server.claims_in_utc("aula").await;
        assert_eq!(change(server, &NEW_YORK, false).await, (false, vec!["night".to_owned()]));
        assert_eq!(server.claims_in_utc("aula").await, before);
        assert_eq!(change(server, &NEW_YORK, true).await, (true, vec!["night".to_owned()]));
        assert_eq!(server.claims_in_utc("aula").await, ["2027-03-02T05:00Z +24:00"]);
        let told = server.notices("bob").await;
        assert_eq!(told.last().unwrap().1, "Room taken back: night");
        assert!(server.notices("ada").await.is_empty());
        let rows = server.decisions().await;
        assert!(rows.iter().any(|row| row.rule == "R131" && row.new_state.as_deref() == Some("displaced")));
    })
    .await;
}

// R132: fewer units; latest claims first, whenever they are
#[tokio::test]
async fn with_fewer_units_the_latest_claims_lose_their_place() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "units", "3").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for (client, uid, from) in [(&ada, "first", 10), (&bob, "second", 9), (&ada, "third", 8)] {
            client.book("aula", &event(uid).hours("20270301", from, 12)).await.created();
            server.pass(60).await;
        }
        assert_eq!(change(server, &[("units", "2")], false).await, (false, vec!["third".to_owned()]));
        assert_eq!(server.claims("aula").await.len(), 3);
        assert_eq!(change(server, &[("units", "2")], true).await, (true, vec!["third".to_owned()]));
        assert_eq!(server.claims("aula").await, ["03-01 09:00-12:00", "03-01 10:00-12:00"]);
        ada.get(&ada.in_room("aula", "third")).await.expect(404);
        bob.book("aula", &event("more").hours("20270301", 11, 12)).await.refused("busy");
        assert_eq!(change(server, &[("units", "1")], true).await, (true, vec!["second".to_owned()]));
        assert_eq!(server.states("aula", "second").await, ["03-01 09:00 displaced displaced"]);
    })
    .await;
}

// R130: policy never undoes what is confirmed
#[tokio::test]
async fn policy_undoes_nothing() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270301", 9, 12)).await.created();
        for pair in [
            ("hours", "Sun 10:00-11:00"),
            ("max_duration", "1h"),
            ("mode", "off"),
            ("book", "none"),
            ("setup", "1h"),
        ] {
            assert_eq!(change(server, &[pair], false).await, (true, vec![]), "{pair:?}");
        }
        assert_eq!(server.claims("aula").await, ["03-01 09:00-12:00"]);
    })
    .await;
}

/// As if everything from `from` on had been derived with zone data that has its clock an hour later.
struct Older {
    room: String,
    uid: String,
    from: Instant,
}

impl Work for Older {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let room = tx.rooms().by_slug(&Slug::parse(&self.room).unwrap()).await?.unwrap();
        let reservation = tx.reservations().in_room(room.id, &self.uid).await?.unwrap();
        let spaces: Vec<_> =
            tx.spaces().of_room(room.id).await?.into_iter().map(|space| (space.id, space.units)).collect();
        let later = |period: Period| Period { start: period.start.plus(3600), end: period.end.plus(3600) };
        let all: Vec<OccurrenceFacts> =
            tx.occurrences().of(reservation.id).await?.into_iter().map(|it| it.facts).collect();
        let all: Vec<OccurrenceFacts> = all
            .into_iter()
            .map(|facts| {
                if facts.period.start < self.from {
                    return facts;
                }
                OccurrenceFacts {
                    id: facts.id.instant().map_or(facts.id, |at| RecurrenceId::at(at.plus(3600))),
                    period: later(facts.period),
                    claim: facts.claim.map(|(occupied, units)| (later(occupied), units)),
                    ..facts
                }
            })
            .collect();
        let because = Decision {
            room: Some(room.id),
            uid: Uid::new(&self.uid),
            rule: "R131".to_owned(),
            ..Decision::at(self.from)
        };
        tx.occurrences().replace(reservation.id, room.id, &spaces, &all, &because).await?;
        tx.meta().set("zone_data", "2020a").await
    }
}

// Scenario 40, T-21: zone data that moves next year's rules
#[tokio::test]
async fn new_zone_data_moves_what_it_moves_and_displaces_what_has_no_place() {
    hold(async |server| {
        house(server).await;
        server.room("lab").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let series = event("series").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        ada.book("aula", &series).await.created();
        ada.book("lab", &event("quiet").hours("20270315", 9, 10)).await.created();
        let right = server.claims("aula").await;
        // From the third week on it stood an hour later, and Bob took what was free.
        let from = right_start();
        server.write(Older { room: "aula".to_owned(), uid: "series".to_owned(), from }).await;
        server.pass(60).await;
        bob.book("aula", &event("between").hours("20270315", 9, 10)).await.created();
        let lab = server.claims("lab").await;
        let (told, tag) = (server.notices("ada").await, ada.get(&ada.in_room("aula", "series")).await.etag());
        let lost = server.bookings.follow_zone_data().await.unwrap();
        assert_eq!(lost.iter().map(|lost| lost.summary.as_str()).collect::<Vec<_>>(), ["between"]);
        assert_eq!(server.claims("aula").await, right);
        assert_eq!(server.claims("lab").await, lab);
        // No mail where nothing was lost, no change that a program would see.
        assert_eq!(server.notices("ada").await, told);
        assert_eq!(ada.get(&ada.in_room("aula", "series")).await.etag(), tag);
        assert_eq!(server.notices("bob").await.last().unwrap().1, "Room taken back: between");
        // Once is enough.
        assert!(server.bookings.follow_zone_data().await.unwrap().is_empty());
        // The series is still itself.
        let text = ada.get(&ada.in_room("aula", "series")).await.text();
        ada.put(&ada.in_room("aula", "series"), text.replace("SUMMARY:series", "SUMMARY:Choir"))
            .await
            .no_content();
        assert_eq!(server.claims("aula").await, right);
    })
    .await;
}

/// Sunday before the third Monday.
fn right_start() -> Instant {
    Instant::from("2027-03-14T00:00:00Z".parse::<jiff::Timestamp>().unwrap())
}

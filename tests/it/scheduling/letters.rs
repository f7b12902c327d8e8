//! Letters to people who have no account here: how many one person may cause (L-68).

use roomdav::booking::Bounds;
use roomdav::domain::time::Instant;

use crate::support::{Client, Event, TestServer, event, on_both};

fn bounds() -> Bounds {
    Bounds { max_letters_hourly: 3, max_letters_daily: 5, ..Bounds::default() }
}

/// An event of Ada's to which so many people outside are invited.
fn plan(uid: &str, outside: usize) -> Event {
    let plain = event(uid).hours("20270305", 9, 10).organizer("ada");
    (0..outside).fold(plain, |event, n| event.line(&format!("ATTENDEE:mailto:p{n}@elsewhere.org")))
}

/// SCHEDULE-STATUS of each attendee.
async fn statuses(ada: &Client<'_>, uid: &str) -> Vec<String> {
    let lines = ada.get(&ada.in_own(uid)).await.lines_of("ATTENDEE");
    let status = |line: &String| line.split("SCHEDULE-STATUS=").nth(1).map(|rest| rest[..3].to_owned());
    lines.iter().map(|line| status(line).unwrap_or_default()).collect()
}

/// What was noted under L-68: about which event, and what.
async fn noted(server: &TestServer) -> Vec<String> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let rows = snapshot.tx().audit().list(None, Instant::from_secs(0), 1000).await.unwrap();
    let of_letters = rows.into_iter().filter(|row| row.rule == "L-68");
    of_letters.map(|row| format!("{} {} {}: {}", row.actor_name, row.kind, row.uid, row.detail)).collect()
}

// RFC 6638, section 11.1; L-68: what is beyond is not written, and the event is stored all the same
#[tokio::test]
async fn one_person_causes_so_many_letters_in_an_hour_and_in_a_day() {
    on_both(async |server| {
        let server = server.with_bounds(bounds());
        server.people(&["ada", "bob"]).await;
        // They know of each other.
        server.room("aula").await;
        let ada = server.client("ada");
        ada.invite(&plan("a", 2)).await.created();
        ada.invite(&plan("b", 2)).await.created();
        assert_eq!(statuses(&ada, "a").await, ["1.0", "1.0"]);
        assert_eq!(statuses(&ada, "b").await, ["1.0", "5.1"], "RFC 6638, section 3.2.9");
        assert_eq!(server.letters().await.len(), 3);
        let not_written =
            |uid, count| format!("ada ignored {uid}: {count} letters to people outside were not written");
        assert_eq!(noted(&server).await, [not_written("b", 1)]);

        // A person of the house is told whatever was written outside.
        ada.invite(&plan("c", 1).line("ATTENDEE:mailto:bob@example.org")).await.created();
        assert_eq!(statuses(&ada, "c").await, ["5.1", "1.2"]);
        // What somebody else does is another's count.
        let bob = server.client("bob");
        let of_bob = event("d").hours("20270306", 9, 10).organizer("bob");
        bob.invite(&of_bob.line("ATTENDEE:mailto:p0@elsewhere.org")).await.created();
        assert_eq!(server.letters().await.len(), 4);

        // An hour later three more would do, but the day has room for two.
        server.pass(3600).await;
        ada.invite(&plan("e", 3)).await.created();
        assert_eq!(statuses(&ada, "e").await, ["1.0", "1.0", "5.1"]);
        server.pass(23 * 3600).await;
        ada.invite(&plan("f", 3)).await.created();
        assert_eq!(statuses(&ada, "f").await, ["1.0"; 3]);
        assert_eq!(noted(&server).await, [not_written("b", 1), not_written("c", 1), not_written("e", 1)]);
    })
    .await;
}

// L-68, B-60: an event that is written again and again
#[tokio::test]
async fn an_invitation_takes_the_place_of_one_that_waits() {
    on_both(async |server| {
        let server = server.with_bounds(bounds());
        server.person("ada").await;
        let ada = server.client("ada");
        ada.invite(&plan("a", 2).summary("Draft")).await.created();
        for n in 0..10 {
            ada.put(&ada.in_own("a"), plan("a", 2).summary(&format!("Draft {n}")).text()).await.no_content();
        }
        let letters = server.letters().await;
        assert_eq!(letters.len(), 2, "{letters:?}");
        assert!(letters.iter().all(|letter| letter.ends_with("Draft 9")), "{letters:?}");
        assert!(noted(&server).await.is_empty());
        // What may have been sent by now is not taken back.
        server.pass(60).await;
        ada.put(&ada.in_own("a"), plan("a", 2).summary("Final").text()).await.no_content();
        assert_eq!(statuses(&ada, "a").await, ["1.0", "5.1"]);
        assert_eq!(server.letters().await.len(), 3);
    })
    .await;
}

// L-68: cancellations and answers count as well
#[tokio::test]
async fn every_kind_of_letter_counts() {
    on_both(async |server| {
        let server = server.with_bounds(bounds());
        server.person("ada").await;
        let ada = server.client("ada");
        ada.invite(&plan("a", 2)).await.created();
        ada.delete(&ada.in_own("a")).await.no_content();
        assert_eq!(server.letters().await.len(), 3);
        assert_eq!(noted(&server).await.len(), 1);
        let invited = event("b")
            .hours("20270306", 9, 10)
            .line("ORGANIZER:mailto:zoe@elsewhere.org")
            .line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org");
        ada.create(&ada.in_own("b"), invited.text()).await.created();
        let organizer = ada.get(&ada.in_own("b")).await.lines_of("ORGANIZER");
        assert!(organizer[0].contains("SCHEDULE-STATUS=5.1"), "{organizer:?}");
        assert_eq!(server.letters().await.len(), 3);
        assert_eq!(noted(&server).await.len(), 2);
    })
    .await;
}

// L-68; RFC 5546, section 3.2.5: a series is cancelled by one letter, and its one date asked for by another
#[tokio::test]
async fn nothing_is_told_by_half() {
    on_both(async |server| {
        let server = server.with_bounds(bounds());
        server.person("ada").await;
        let ada = server.client("ada");
        let alone = |uid| plan(uid, 0).rule("FREQ=DAILY;COUNT=3");
        let zoe = "ATTENDEE:mailto:zoe@elsewhere.org";
        let one_date = |uid| {
            let people = ["ORGANIZER:mailto:ada@example.org", zoe];
            alone(uid).moved("20270306T090000", "20270306T090000", "20270306T100000", &people)
        };
        ada.invite(&alone("a").line(zoe)).await.created();
        ada.put(&ada.in_own("a"), one_date("a").text()).await.no_content();
        assert_eq!(statuses(&ada, "a").await, ["1.0"]);
        assert_eq!(server.letters().await.len(), 3);
        server.pass(3600).await;
        ada.invite(&alone("b").line(zoe)).await.created();
        // The day has room for one more: not for the two to Zoe, but for that to somebody else.
        let other = "ATTENDEE:mailto:zz@elsewhere.org";
        ada.put(&ada.in_own("b"), one_date("b").line(other).text()).await.no_content();
        assert_eq!(statuses(&ada, "b").await, ["1.0", "5.1"]);
        assert_eq!(server.letters().await.len(), 5);
        assert_eq!(noted(&server).await, ["ada ignored b: 2 letters to people outside were not written"]);
    })
    .await;
}

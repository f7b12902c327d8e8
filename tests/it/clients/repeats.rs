//! What comes again is answered again, and costs next to nothing (R4.4, R120).

use super::davx5::DavX5;
use super::program::Program as _;
use super::rows;
use super::thunderbird::Thunderbird;
use crate::support::{Event, TestServer, event, on_both};

async fn traces(server: &TestServer) -> (usize, usize) {
    (server.audit("aula").await.len(), server.notices("ada").await.len())
}

fn taken(uid: &str) -> Event {
    event(uid).hours("20270301", 9, 10)
}

#[tokio::test]
async fn a_repeat_is_known_by_content_whatever_its_name_stamp_and_sequence() {
    on_both(async |server| {
        let _: Thunderbird<'_> = rows::world(&server).await;
        let ada = server.client("ada");
        let first = ada.book("aula", &taken("new")).await.refused("busy");
        let before = traces(&server).await;
        assert_eq!(before.1, 1);
        let text = taken("new").text();
        let variants = [
            text.clone(),
            text.replace("DTSTAMP:20270101T000000Z", "DTSTAMP:20270228T080000Z"),
            text.replace("PRODID:-//test//test//EN", "PRODID:-//other//EN"),
            text.replace("SUMMARY:", "SEQUENCE:7\r\nSUMMARY:"),
        ];
        for (n, text) in variants.iter().enumerate() {
            let again = ada.create(&format!("{}n{n}.ics", ada.room("aula")), text).await.refused("busy");
            assert_eq!(again.text(), first.text());
            server.pass(3_600).await;
        }
        assert_eq!(traces(&server).await, before);
    })
    .await;
}

#[tokio::test]
async fn another_content_is_another_refusal_but_one_notice_in_ten_minutes() {
    // R120.
    on_both(async |server| {
        let _: Thunderbird<'_> = rows::world(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &taken("new")).await.refused("busy");
        let before = traces(&server).await;
        ada.book("aula", &taken("new").line("DESCRIPTION:please")).await.refused("busy");
        assert_eq!(traces(&server).await, (before.0 + 1, 1));
        server.pass(601).await;
        ada.book("aula", &taken("new").line("DESCRIPTION:pretty please")).await.refused("busy");
        assert_eq!(traces(&server).await, (before.0 + 2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_change_or_deletion_that_is_repeated_leaves_one_row_and_one_notice() {
    // Thunderbird's "overwrite", as often as the person likes.
    on_both(async |server| {
        let program: Thunderbird<'_> = rows::world(&server).await;
        let foreign = rows::foreign_uid(&program);
        let ada = server.client("ada");
        let room = ada.room("aula");
        let (href, _) =
            ada.list(&room).await.into_iter().find(|(href, _)| !href.ends_with("/mine.ics")).unwrap();
        let mine = format!("{room}mine.ics");
        ada.put(&mine, taken("mine").text()).await.refused("busy");
        ada.delete(&href).await.refused("not-allowed");
        let changed = ada.get(&href).await.text().replace("SUMMARY:", "SUMMARY:Mine now: ");
        ada.put(&href, &changed).await.refused("not-allowed");
        let before = traces(&server).await;
        for _ in 0..3 {
            ada.put(&mine, taken("mine").text()).await.refused("busy");
            ada.delete(&href).await.refused("not-allowed");
            ada.put(&href, &changed).await.refused("not-allowed");
        }
        assert_eq!(traces(&server).await, before, "{foreign}");
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_goes_through_once_the_room_is_free() {
    on_both(async |server| {
        let _: Thunderbird<'_> = rows::world(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &taken("new")).await.refused("busy");
        bob.delete(&format!("{}bobs.ics", bob.room("aula"))).await.no_content();
        ada.book("aula", &taken("new")).await.created();
        // And what is refused again afterwards is a new refusal only if its content is new.
        bob.book("aula", &taken("bobs")).await.refused("busy");
    })
    .await;
}

#[tokio::test]
async fn a_doubtful_uid_leaves_one_declined_copy_however_it_is_named() {
    // DAVx5 makes up a new name at each attempt.
    on_both(async |server| {
        let mut program: DavX5<'_, false> = rows::world(&server).await;
        let agent = <DavX5<'_, false>>::AGENT;
        let ada = server.client("ada").agent(agent);
        let room = ada.room("aula");
        for name in ["r1", "r2", "r3"] {
            ada.create(&format!("{room}{name}.ics"), taken("a/b").text()).await.created();
        }
        program.sync().await;
        assert_eq!(program.shows(), rows::held(&server).await);
        assert_eq!(program.shows().len(), 3);
        assert_eq!(server.notices("ada").await.len(), 1);
        // The room becomes free: the booking takes the place of the copy.
        let bob = server.client("bob");
        bob.delete(&format!("{}bobs.ics", bob.room("aula"))).await.no_content();
        ada.create(&format!("{room}r4.ics"), taken("a/b").text()).await.created();
        program.sync().await;
        assert_eq!(program.shows(), rows::held(&server).await);
        assert_eq!(program.shows().len(), 2);
    })
    .await;
}

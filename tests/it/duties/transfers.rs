//! MOVE between calendars, and COPY, which there is none.

use crate::programs::campus;
use crate::support::{BASE_URL, event, on_both};

#[tokio::test]
async fn a_move_between_rooms_is_judged_as_a_put() {
    // R8.1.
    on_both(async |server| {
        campus(&server).await;
        server.room("hall").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("hall", &event("b").hours("20270301", 9, 10)).await.created();
        for (free, destination) in [
            (11, "/calendars/users/ada/room-hall/x.ics".to_owned()),
            (12, format!("{BASE_URL}/calendars/users/ada/room-hall/y.ics")),
        ] {
            let name = destination.rsplit('/').next().unwrap();
            let from = format!("{}{name}", ada.room("aula"));
            ada.create(&from, event(name).hours("20270301", free, free + 1).text()).await.created();
            let moved =
                ada.send("MOVE", &from, &[("destination", &destination), ("overwrite", "F")], "").await;
            assert_eq!(moved.created().text(), "", "no body");
            ada.get(&from).await.expect(404);
            ada.get(&format!("{}{name}", ada.room("hall"))).await.expect(200);
        }
        assert_eq!(server.claims("aula").await.len(), 0);
        assert_eq!(server.claims("hall").await.len(), 3);
        let from = format!("{}taken.ics", ada.room("aula"));
        ada.create(&from, event("taken").hours("20270301", 9, 10).text()).await.created();
        let to = format!("{}taken.ics", ada.room("hall"));
        ada.send("MOVE", &from, &[("destination", &to)], "").await.refused("busy");
        ada.get(&from).await.expect(200);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

#[tokio::test]
async fn a_move_overwrites_only_where_it_may() {
    // RFC 4918, section 9.9.3; R8.1.
    on_both(async |server| {
        campus(&server).await;
        server.room("hall").await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.book("hall", &event("b").hours("20270301", 12, 13)).await.created();
        let (from, to) = (format!("{}a.ics", ada.room("aula")), format!("{}b.ics", ada.room("hall")));
        ada.send("MOVE", &from, &[("destination", &to), ("overwrite", "F")], "").await.expect(412);
        ada.get(&from).await.expect(200);
        assert!(ada.get(&to).await.text().contains("UID:b"));
    })
    .await;
}

#[tokio::test]
async fn a_booking_is_not_copied() {
    // R8.1.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let from = format!("{}a.ics", ada.room("aula"));
        for to in [format!("{}copy.ics", ada.room("aula")), format!("{}copy.ics", ada.own())] {
            ada.send("COPY", &from, &[("destination", &to)], "").await.expect(403);
            ada.get(&to).await.expect(404);
        }
        ada.send("COPY", &ada.room("aula"), &[("destination", "/calendars/users/ada/c/")], "")
            .await
            .expect(403);
    })
    .await;
}

#[tokio::test]
async fn an_event_without_an_end_is_refused_by_the_rules() {
    // R8.10, R18.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let endless = event("e").times(&["DTSTART;TZID=Europe/Berlin:20270301T090000"]);
        ada.book("aula", &endless).await.refused("invalid");
        assert!(server.claims("aula").await.is_empty());
        // In one's own calendar it is as good as any.
        ada.invite(&endless).await.created();
    })
    .await;
}

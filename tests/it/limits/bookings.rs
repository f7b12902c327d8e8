//! How much one person books: L-65.

use roomdav::booking::Bounds;

use crate::support::{Event, event, on_both};

fn hour(uid: &str, hour: u32) -> Event {
    event(uid).hours("20270301", hour, hour + 1)
}

#[tokio::test]
async fn bookings_of_an_hour_have_a_bound_and_changes_do_not_count() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let server = server.with_bounds(Bounds { max_hourly: 3, ..Bounds::default() });
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let hours = [("a", 9), ("b", 10), ("c", 11)];
        for (uid, at) in hours {
            ada.book("aula", &hour(uid, at)).await.created();
        }
        let refused = ada.book("aula", &hour("d", 12)).await.expect(429);
        assert!(refused.header("retry-after").is_some(), "when to come again");
        ada.put(&ada.in_room("aula", "a"), hour("a", 13).text()).await.no_content();
        bob.book("aula", &hour("d", 12)).await.created();
        // An hour later there is room again, and what was given up is booked anew.
        server.pass(3601).await;
        for (uid, _) in hours {
            ada.delete(&ada.in_room("aula", uid)).await.no_content();
        }
        for (uid, at) in hours {
            ada.book("aula", &hour(uid, at)).await.created();
        }
        ada.book("aula", &hour("e", 14)).await.expect(429);
        server.pass(3601).await;
        ada.book("aula", &hour("e", 14)).await.created();
    })
    .await;
}

#[tokio::test]
async fn bookings_to_come_have_a_bound_and_what_was_given_up_leaves_room() {
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let server = server.with_bounds(Bounds { max_future: 2, ..Bounds::default() });
        let ada = server.client("ada");
        for (uid, at) in [("a", 9), ("b", 10)] {
            ada.book("aula", &hour(uid, at)).await.created();
            ada.delete(&ada.in_room("aula", uid)).await.no_content();
        }
        ada.book("aula", &hour("c", 11)).await.created();
        ada.book("aula", &hour("d", 12)).await.created();
        // Those were given up: to have them again is to have more.
        for (uid, at) in [("a", 9), ("b", 10), ("e", 13)] {
            ada.book("aula", &hour(uid, at)).await.expect(403);
        }
        ada.put(&ada.in_room("aula", "d"), hour("d", 14).text()).await.no_content();
        ada.delete(&ada.in_room("aula", "c")).await.no_content();
        ada.book("aula", &hour("a", 9)).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 14:00-15:00"]);
    })
    .await;
}

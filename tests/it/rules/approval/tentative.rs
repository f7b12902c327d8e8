//! Events that their owners mark as tentative (R75).

use super::{HOUR, kinds, meeting, with_house};

// R75: tentative_events=keep by default
// Setting tentative_events: default
#[tokio::test]
async fn a_tentative_event_stays() {
    with_house(async |server| {
        server.set("aula", "mode", "auto").await;
        let ada = server.client("ada");
        ada.book("aula", &meeting("e").line("STATUS:TENTATIVE")).await.created();
        server.pass(100 * HOUR).await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
    })
    .await;
}

// R75: tentative_events=hold
// Setting tentative_events: other
#[tokio::test]
async fn a_tentative_event_ends_where_the_room_says_so_unless_it_is_confirmed() {
    with_house(async |server| {
        server.set("aula", "mode", "auto").await;
        server.set("aula", "tentative_events", "hold").await;
        let ada = server.client("ada");
        let tentative = meeting("e").line("STATUS:TENTATIVE");
        ada.book("aula", &tentative).await.created();
        server.pass(71 * HOUR).await;
        // A new title changes nothing about it.
        ada.put(&ada.in_room("aula", "e"), tentative.clone().summary("New").text()).await.no_content();
        server.pass(HOUR).await;
        ada.get(&ada.in_room("aula", "e")).await.expect(404);
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(kinds(server, "ada").await, ["not-approved"]);
        let row = server.decisions().await.into_iter().find(|row| row.rule == "R75").expect("a row");
        assert_eq!(
            (row.old_state.as_deref(), row.new_state.as_deref()),
            (Some("confirmed"), Some("declined"))
        );
        // Confirmed in time it stays.
        let day = crate::support::event("f").hours("20270309", 9, 10);
        ada.book("aula", &day.clone().line("STATUS:TENTATIVE")).await.created();
        server.pass(HOUR).await;
        ada.put(&ada.in_room("aula", "f"), day.text()).await.no_content();
        server.pass(80 * HOUR).await;
        assert_eq!(server.states("aula", "f").await, ["03-09 09:00 confirmed"]);
    })
    .await;
}

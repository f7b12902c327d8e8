//! The main job: a room is booked by putting an event into it, and the second is refused.

use crate::support::{event, on_both};

#[tokio::test]
async fn the_first_has_the_room_and_the_second_is_told_why_not() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let before = ada.token(&ada.room("aula")).await;
        let refused =
            bob.book("aula", &event("b").between("20270301T095900", "20270301T103000")).await.refused("busy");
        assert_eq!(
            refused.sentence(),
            "Room Aula is already booked on 1 March 2027 from 09:59 to 10:30 by Ada (Europe/Berlin; R1)."
        );
        assert_eq!(refused.phrase.as_deref(), Some("Room is already booked"));
        assert_eq!(ada.token(&ada.room("aula")).await, before);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        bob.book("aula", &event("c").hours("20270301", 10, 11)).await.created();
    })
    .await;
}

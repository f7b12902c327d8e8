//! Messages to pools, which delegate to one of their rooms (R79; RFC 5546, section 3.2.2.3).

use roomdav::booking::Receipt;
use roomdav::domain::attendee::PartStat;

use super::super::hold;
use super::{
    accepted, answers, cancel, declined, ignored_by, lines, message, request, said, send, send_to, written,
};
use crate::support::{Event, TestServer, event};

const ADA: &str = "ada@example.org";
const ZOE: &str = "zoe@elsewhere.org";

async fn furnished(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    for slug in ["aula", "barn", "lab"] {
        server.room(slug).await;
    }
    server.room_group("wing", &["aula", "barn"]).await;
    server.set_group("wing", "pool", "on").await;
    server.set_group("wing", "email", "wing@example.org").await;
}

fn asked(sequence: u32, from: u32) -> Event {
    let event = event("e").hours("20270301", from, from + 1).organizer("ada").attendee("wing");
    event.line(&format!("SEQUENCE:{sequence}"))
}

// R79, R124: the pool says that it delegated, the room answers
#[tokio::test]
async fn a_request_to_a_pool_is_answered_by_one_of_its_rooms() {
    hold(async |server| {
        furnished(server).await;
        let bob = event("b").hours("20270301", 9, 10);
        server.client("bob").book("aula", &bob).await.created();
        let receipt = send_to(server, "wing", ADA, &request(&asked(0, 9), 1)).await;
        assert_eq!(receipt, said(&[("barn", PartStat::Accepted)]));
        assert_eq!(server.claims("barn").await, ["03-01 09:00-10:00"]);
        let (to, reply) = written(server).await.remove(0);
        assert_eq!(to, ADA);
        let attendees = lines(&reply, "ATTENDEE");
        assert_eq!(attendees.len(), 2, "{reply}");
        let (room, pool) = (attendees[0], attendees[1]);
        assert!(room.contains("DELEGATED-FROM=\"mailto:wing@example.org\""), "{reply}");
        assert!(room.contains("PARTSTAT=ACCEPTED") && room.ends_with(":mailto:barn@example.org"), "{reply}");
        assert!(pool.contains("DELEGATED-TO=\"mailto:barn@example.org\""), "{reply}");
        assert!(pool.contains("PARTSTAT=DELEGATED") && pool.ends_with(":mailto:wing@example.org"), "{reply}");
        // Once more is nothing new, wherever it arrives.
        let again = send(server, ADA, &request(&asked(0, 9), 1)).await;
        assert!(ignored_by(&again, "R32"), "{again:?}");
        assert_eq!(written(server).await.len(), 1);
        // Where none is free, one of them says so.
        server.client("bob").book("aula", &event("c").hours("20270301", 14, 15)).await.created();
        server.client("bob").book("barn", &event("d").hours("20270301", 14, 15)).await.created();
        let late = event("late").hours("20270301", 14, 15).organizer("ada").attendee("wing");
        assert_eq!(send(server, ADA, &request(&late, 1)).await, declined());
    })
    .await;
}

// R3, R57, R79: the room that a pool gave moves with the event, though the program never heard of it
#[tokio::test]
async fn what_names_the_pool_keeps_the_room_that_it_gave() {
    hold(async |server| {
        furnished(server).await;
        let both = |sequence, from| asked(sequence, from).attendee("lab");
        let receipt = send(server, ADA, &request(&both(0, 9), 1)).await;
        assert_eq!(receipt, said(&[("aula", PartStat::Accepted), ("lab", PartStat::Accepted)]));
        send_to(server, "lab", ADA, &request(&both(1, 11), 2)).await;
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00"]);
        assert_eq!(server.claims("lab").await, ["03-01 11:00-12:00"]);
        let more = event("e").hours("20270308", 9, 10).organizer("ada").line("SEQUENCE:2");
        send(server, ADA, &message("ADD", &more.attendee("wing"), 3)).await;
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00", "03-08 09:00-10:00"]);
        assert!(server.claims("barn").await.is_empty());
        // Without the pool the room is not asked for any more.
        let without =
            event("e").hours("20270301", 11, 12).organizer("ada").attendee("lab").line("SEQUENCE:3");
        assert_eq!(send_to(server, "wing", ADA, &request(&without, 4)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("lab").await, ["03-01 11:00-12:00"]);
    })
    .await;
}

// R85: a pool that is called off gives its room back, and older messages take no other
#[tokio::test]
async fn a_pool_that_is_called_off_frees_its_room() {
    hold(async |server| {
        furnished(server).await;
        send(server, ADA, &request(&asked(0, 9), 1)).await;
        let off = asked(1, 9).line("STATUS:CANCELLED");
        assert_eq!(send_to(server, "wing", ADA, &cancel(&off, 2)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        let ada = server.client("ada");
        assert!(ada.list(&ada.own()).await.is_empty());
        let old = send_to(server, "wing", ADA, &request(&asked(0, 9), 1)).await;
        assert!(ignored_by(&old, "R32"), "{old:?}");
        assert!(server.claims("aula").await.is_empty() && server.claims("barn").await.is_empty());
        assert_eq!(send(server, ADA, &request(&asked(2, 9), 3)).await, accepted());
    })
    .await;
}

// R40, R79: who has no account asks pools as rooms
#[tokio::test]
async fn a_guest_asks_a_pool_as_its_rooms_allow() {
    hold(async |server| {
        furnished(server).await;
        let asked = |uid: &str| {
            let event = event(uid).hours("20270301", 9, 10).line("ORGANIZER:mailto:zoe@elsewhere.org");
            request(&event.attendee("wing"), 1)
        };
        assert_eq!(send(server, ZOE, &asked("no")).await, declined());
        server.set("barn", "external", "book").await;
        let receipt = send(server, ZOE, &asked("yes")).await;
        assert_eq!(receipt, said(&[("barn", PartStat::Accepted)]));
        assert_eq!(answers(server).await, ["DECLINED DELEGATED", "ACCEPTED DELEGATED"]);
        assert!(ignored_by(&send(server, ZOE, &asked("yes")).await, "R32"));
        assert_eq!(server.claims("barn").await.len(), 1);
    })
    .await;
}

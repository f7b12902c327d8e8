//! Rooms that a manager approves, by mail on both sides: the organizer asks by a message, the manager
//! answers for the room by one (R70, R73).

use roomdav::booking::Receipt;
use roomdav::domain::attendee::PartStat;

use super::super::hold;
use super::{accepted, answers, ignored_by, message, request, said, send, send_to, try_send};
use crate::support::{Event, TestServer, event};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";
const ZOE: &str = "zoe@elsewhere.org";

fn asked(organizer: &str) -> Event {
    let organizer = format!("ORGANIZER:mailto:{organizer}");
    event("e").hours("20270301", 9, 10).line(&organizer).line("SEQUENCE:2").attendee("aula")
}

/// What the room says about it, as its manager writes it.
fn reply(partstat: &str, sequence: u32, minute: u32) -> String {
    let text = message("REPLY", &asked(ADA), minute).replace("SEQUENCE:2", &format!("SEQUENCE:{sequence}"));
    text.replace("PARTSTAT=NEEDS-ACTION", &format!("PARTSTAT={partstat}"))
}

async fn furnished(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.set("aula", "mode", "approve").await;
    server.grant("aula", "eve", "manage").await;
}

fn waits() -> Receipt {
    said(&[("aula", PartStat::Tentative)])
}

// R73, R86: the manager's REPLY decides, and nobody else's
#[tokio::test]
async fn a_manager_decides_by_mail() {
    hold(async |server| {
        furnished(server).await;
        assert_eq!(send(server, ADA, &request(&asked(ADA), 1)).await, waits());
        let told: Vec<String> = server.notices("eve").await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told, ["approval-asked"], "R70: managers hear of what came by mail too");
        assert_eq!(
            server.notices("ada").await.len(),
            1,
            "the organizer reads the room's answer, and nothing else"
        );
        let yes = reply("ACCEPTED", 2, 30);
        assert!(ignored_by(&try_send(server, None, None, &yes).await.unwrap(), "R86"), "not verified");
        for other in ["bob@example.org", ADA] {
            assert!(ignored_by(&send_to(server, "aula", other, &yes).await, "R73"), "{other}");
        }
        assert!(ignored_by(&send_to(server, "aula", ZOE, &yes).await, "R86"), "nobody of the house");
        assert!(ignored_by(&send_to(server, "aula", EVE, &reply("ACCEPTED", 1, 30)).await, "R73"), "older");
        assert!(
            ignored_by(&send_to(server, "aula", EVE, &reply("TENTATIVE", 2, 30)).await, "R73"),
            "says nothing"
        );
        assert_eq!(server.states("aula", "e").await.len(), 1);
        assert!(server.states("aula", "e").await[0].contains("held"));
        assert_eq!(send_to(server, "aula", EVE, &yes).await, Receipt::Decided);
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 confirmed"]);
        // The organizer is answered once more, by mail.
        assert_eq!(answers(server).await, ["TENTATIVE", "ACCEPTED"]);
        // The same once more changes nothing.
        assert!(ignored_by(&send_to(server, "aula", EVE, &yes).await, "R32"));
        assert_eq!(answers(server).await, ["TENTATIVE", "ACCEPTED"]);
        // What was given is taken back.
        assert_eq!(send_to(server, "aula", EVE, &reply("DECLINED", 2, 31)).await, Receipt::Decided);
        assert_eq!(answers(server).await, ["TENTATIVE", "ACCEPTED", "DECLINED"]);
        assert!(server.claims("aula").await.is_empty());
        // R32: what comes late does not take back what came after it.
        assert!(ignored_by(&send_to(server, "aula", EVE, &yes).await, "R32"));
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R40, R70; E3 of `external`: whoever has no account waits for a manager
#[tokio::test]
async fn a_request_from_outside_waits_for_a_manager() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "mode", "auto").await;
        server.set("aula", "external", "request").await;
        assert_eq!(send(server, ZOE, &request(&asked(ZOE), 1)).await, waits());
        assert!(server.states("aula", "e").await[0].contains("held"));
        let inside = event("i").hours("20270301", 11, 12).organizer("ada").attendee("aula");
        assert_eq!(send(server, ADA, &request(&inside, 1)).await, accepted());
        server.decide("aula", "e", ("eve", true), None, "Welcome.").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-01 09:00 confirmed"]);
        assert_eq!(answers(server).await, ["TENTATIVE", "ACCEPTED", "ACCEPTED"]);
    })
    .await;
}

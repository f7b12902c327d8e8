//! Organizers without an account: `external` and `keep`.

use roomdav::booking::Receipt;
use roomdav::domain::attendee::{Address, PartStat};

use super::super::hold;
use super::{
    accepted, answers, cancel, declined, ignored_by, lines, message, request, said, send, try_send, written,
};
use crate::support::{Event, TestServer, event};

const ZOE: &str = "zoe@elsewhere.org";

fn asked(uid: &str, from: u32) -> Event {
    event(uid)
        .hours("20270301", from, from + 1)
        .summary("Visit")
        .line("ORGANIZER;CN=Zoe Z.:mailto:zoe@elsewhere.org")
        .line("DESCRIPTION:Everything about it")
        .line("ATTACH:https://elsewhere.org/plan.pdf")
        .line("ATTENDEE;PARTSTAT=ACCEPTED;CN=Yan:mailto:yan@elsewhere.org")
        .line("ATTENDEE:mailto:xi@elsewhere.org")
        .attendee("aula")
}

async fn furnished(server: &TestServer) {
    server.people(&["ada", "eve"]).await;
    server.room("aula").await;
    server.grant("aula", "eve", "manage").await;
}

// R40; E3 of `external`: refused unless the room says otherwise
// Setting external: default
#[tokio::test]
async fn who_has_no_account_is_declined_by_default() {
    hold(async |server| {
        furnished(server).await;
        let text = request(&asked("e", 9), 1);
        assert_eq!(send(server, ZOE, &text).await, declined());
        assert!(server.claims("aula").await.is_empty());
        let (to, reply) = written(server).await.remove(0);
        assert_eq!(to, ZOE);
        assert!(lines(&reply, "COMMENT").concat().contains("cannot be booked from outside"), "{reply}");
        let audit = server.audit("aula").await;
        assert!(
            audit.iter().any(|(kind, reason, _)| kind == "refused" && reason.as_deref() == Some("external"))
        );
        // Nobody is answered twice, and nobody who is not verified.
        assert!(ignored_by(&send(server, ZOE, &text).await, "R32"));
        let unverified = try_send(server, None, None, &request(&asked("f", 9), 1)).await.unwrap();
        assert!(ignored_by(&unverified, "R86"));
        assert_eq!(answers(server).await, ["DECLINED"]);
    })
    .await;
}

// R40; E3 of `external`: judged like anybody
// Setting external: other
#[tokio::test]
async fn a_room_that_takes_requests_from_outside_judges_them() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "external", "book").await;
        assert_eq!(send(server, ZOE, &request(&asked("e", 9), 1)).await, accepted());
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(send(server, ZOE, &request(&asked("f", 9), 1)).await, declined());
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
        let to: Vec<String> = written(server).await.into_iter().map(|(to, _)| to).collect();
        assert_eq!(to, [ZOE, ZOE]);
        // Moved, and called off.
        assert_eq!(send(server, ZOE, &request(&asked("e", 11).line("SEQUENCE:1"), 2)).await, accepted());
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00"]);
        let off = asked("e", 11).line("SEQUENCE:2").line("STATUS:CANCELLED");
        assert_eq!(send(server, ZOE, &cancel(&off, 3)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        assert!(ignored_by(&send(server, ZOE, &request(&asked("e", 9), 1)).await, "R32"));
        server.set("aula", "external", "refuse").await;
        assert_eq!(send(server, ZOE, &request(&asked("g", 9), 1)).await, declined());
    })
    .await;
}

// R40: each room of a message by its own setting
#[tokio::test]
async fn each_room_says_whether_it_takes_strangers() {
    hold(async |server| {
        furnished(server).await;
        server.room("lab").await;
        server.set("aula", "external", "book").await;
        let receipt = send(server, ZOE, &request(&asked("e", 9).attendee("lab"), 1)).await;
        assert_eq!(receipt, said(&[("aula", PartStat::Accepted), ("lab", PartStat::Declined)]));
        assert!(server.claims("lab").await.is_empty());
        let audit = server.audit("lab").await;
        assert!(audit.iter().any(|(_, reason, _)| reason.as_deref() == Some("external")), "{audit:?}");
    })
    .await;
}

// A guest owns what was booked, is shown to managers, and is nobody otherwise
#[tokio::test]
async fn a_guest_is_found_by_nobody() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "external", "book").await;
        send(server, ZOE, &request(&asked("e", 9), 1)).await;
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let guest = tx.users().guest_at(&Address::new(ZOE)).await.unwrap().unwrap();
        assert!(tx.users().by_login(&guest.login).await.unwrap().is_none());
        assert!(tx.users().by_address(&Address::new(ZOE)).await.unwrap().is_none());
        assert!(tx.credentials().of_login(&guest.login).await.unwrap().is_none());
        assert_eq!(tx.users().list().await.unwrap().len(), 2);
        drop(snapshot);
        let eve = server.client("eve");
        let shown = eve.get(&eve.list(&eve.room("aula")).await[0].0).await;
        assert!(shown.text().contains("Zoe Z.") && shown.text().contains(ZOE), "{}", shown.text());
        // R2: what a manager cancels, the guest hears.
        eve.delete(&eve.list(&eve.room("aula")).await[0].0).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
    })
    .await;
}

// An account for the same address later: what the guest has goes on, what is new is the person's
#[tokio::test]
async fn who_gets_an_account_goes_on_with_what_was_booked() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "external", "book").await;
        send(server, ZOE, &request(&asked("e", 9), 1)).await;
        server.person_at("zoe", ZOE).await;
        assert_eq!(send(server, ZOE, &request(&asked("e", 11).line("SEQUENCE:1"), 2)).await, accepted());
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00"]);
        assert_eq!(send(server, ZOE, &request(&asked("f", 14), 1)).await, accepted());
        let zoe = server.client("zoe");
        assert_eq!(zoe.list(&zoe.own()).await.len(), 1);
    })
    .await;
}

// R106; E3 of `keep`
// Setting keep: default
// Setting keep: other
#[tokio::test]
async fn of_an_event_from_outside_so_much_is_stored_as_the_room_keeps() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "external", "book").await;
        let eve = server.client("eve");
        let stored = async |uid: &str| {
            let name = format!("/{uid}.ics");
            let (href, _) = eve
                .list(&eve.room("aula"))
                .await
                .into_iter()
                .find(|(href, _)| href.ends_with(&name))
                .unwrap();
            eve.get(&href).await.text().replace("\r\n ", "")
        };
        send(server, ZOE, &request(&asked("a", 9), 1)).await;
        let text = stored("a").await;
        assert!(text.contains("SUMMARY:Visit") && text.contains("ORGANIZER;CN=Zoe Z."), "{text}");
        assert_eq!(lines(&text, "ATTENDEE").len(), 3, "{text}");
        assert!(!text.contains("yan@") && !text.contains("Yan") && !text.contains("xi@"), "{text}");
        assert!(!text.contains("DESCRIPTION") && !text.contains("ATTACH"), "{text}");

        server.set("aula", "keep", "none").await;
        send(server, ZOE, &request(&asked("b", 11), 1)).await;
        let text = stored("b").await;
        assert!(!text.contains("Visit") && !text.contains("ORGANIZER"), "{text}");
        assert_eq!(lines(&text, "ATTENDEE").len(), 1, "{text}");

        server.set("aula", "keep", "title,description,attachments").await;
        send(server, ZOE, &request(&asked("c", 14), 1)).await;
        let text = stored("c").await;
        assert!(text.contains("DESCRIPTION:Everything") && text.contains("ATTACH:https"), "{text}");
        assert!(text.contains("SUMMARY:Visit") && !text.contains("ORGANIZER"), "{text}");
        // The organizer is answered whatever is kept.
        let all = written(server).await;
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|(to, text)| to == ZOE && lines(text, "ORGANIZER").len() == 1), "{all:?}");
        assert_eq!(send(server, ZOE, &request(&asked("c", 16).line("SEQUENCE:1"), 2)).await, accepted());
    })
    .await;
}

// RFC 7986, section 6.2: an organizer whose address is no mail address
#[tokio::test]
async fn an_organizer_is_known_by_the_address_beside_the_identity() {
    hold(async |server| {
        furnished(server).await;
        let asked = event("e")
            .hours("20270301", 9, 10)
            .line("ORGANIZER;EMAIL=ada@example.org:/aMTk5OTk5/principal/")
            .attendee("aula");
        assert_eq!(send(server, "ada@example.org", &request(&asked, 1)).await, accepted());
        let (to, text) = written(server).await.remove(0);
        assert_eq!(to, "ada@example.org");
        assert!(lines(&text, "ORGANIZER")[0].ends_with(":/aMTk5OTk5/principal/"), "{text}");
    })
    .await;
}

// R57, R85, R106: what names one room of several leaves the others theirs
#[tokio::test]
async fn a_message_about_one_room_of_a_guest_leaves_the_others_as_they_are() {
    hold(async |server| {
        furnished(server).await;
        server.room("lab").await;
        for room in ["aula", "lab"] {
            server.set(room, "external", "book").await;
        }
        let series = asked("e", 9).rule("FREQ=DAILY;COUNT=3");
        send(server, ZOE, &request(&series.clone().attendee("lab"), 1)).await;
        let all = ["03-01 09:00-10:00", "03-02 09:00-10:00", "03-03 09:00-10:00"];
        assert_eq!(server.claims("lab").await, all);
        // One date of one of them.
        let date = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nMETHOD:CANCEL\r\n\
             BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20270201T000200Z\r\nSEQUENCE:1\r\n\
             RECURRENCE-ID:20270302T080000Z\r\nORGANIZER:mailto:zoe@elsewhere.org\r\n\
             ATTENDEE:mailto:aula@example.org\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(send(server, ZOE, date).await, Receipt::Cancelled);
        assert_eq!(server.claims("aula").await, [all[0], all[2]]);
        assert_eq!(server.claims("lab").await, all);
        // One date more of the same.
        let more = event("e")
            .hours("20270310", 9, 10)
            .line("ORGANIZER:mailto:zoe@elsewhere.org")
            .line("SEQUENCE:2")
            .attendee("aula");
        assert_eq!(send(server, ZOE, &message("ADD", &more, 3)).await, accepted());
        assert_eq!(server.claims("aula").await, [all[0], all[2], "03-10 09:00-10:00"]);
        assert_eq!(server.claims("lab").await, all);
        // All that it has.
        let off = series.line("SEQUENCE:3").line("STATUS:CANCELLED");
        assert_eq!(send(server, ZOE, &cancel(&off, 4)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("lab").await, all);
    })
    .await;
}

// R105: who sees no room learns from no letter who has it
#[tokio::test]
async fn a_guest_does_not_learn_who_has_the_room() {
    hold(async |server| {
        furnished(server).await;
        server.set("aula", "external", "book").await;
        server.set("aula", "window_days", "10").await;
        let endless = event("s")
            .hours("20270301", 9, 10)
            .rule("FREQ=DAILY")
            .line("ORGANIZER:mailto:zoe@elsewhere.org")
            .attendee("aula");
        assert_eq!(send(server, ZOE, &request(&endless, 1)).await, accepted());
        let beyond = event("later").hours("20270311", 9, 11);
        server.client("eve").book("aula", &beyond).await.created();
        server.at("2027-03-01T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 1);
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let mut all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
        all.retain(|it| it.content.address.as_ref() == Some(&Address::new(ZOE)));
        assert!(all.iter().any(|it| it.content.kind == "not-extended"), "{all:?}");
        let told = |text: &str| text.contains("Eve") || text.contains("eve@");
        for message in all.iter().map(|it| &it.content) {
            let text = message.calendar.as_ref().map_or("", |(_, text)| text);
            assert!(!told(&message.subject) && !told(&message.body) && !told(text), "{message:?}");
        }
        // What it has goes on as before.
        server.at("2027-03-02T00:30:00Z");
        assert_eq!(server.bookings.extend().await.unwrap(), 1);
        assert_eq!(server.claims("aula").await.last().unwrap(), "03-12 09:00-10:00");
    })
    .await;
}

//! Decisions in the room's calendar: PARTSTAT, STATUS, DELETE (R73).

use super::{invitation, kinds, meeting, with_house};
use crate::support::event;

// R73: by the room's PARTSTAT in the copy of an invitation, in either calendar of the room
#[tokio::test]
async fn a_manager_answers_for_an_invited_room() {
    with_house(async |server| {
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        for (folder, said, state) in [
            (eve.room("aula"), "ACCEPTED", "03-08 09:00 confirmed"),
            ("/calendars/rooms/aula/".to_owned(), "DECLINED", "03-08 09:00 declined not-approved"),
        ] {
            ada.invite(&invitation("e")).await.created();
            let (path, etag) = eve.list(&folder).await.remove(0);
            let shown = eve.get(&path).await;
            assert!(shown.has_line("STATUS:TENTATIVE"), "{}", shown.text());
            assert_eq!(shown.partstats("aula"), ["TENTATIVE"]);
            let answered = shown.text().replace("PARTSTAT=TENTATIVE", &format!("PARTSTAT={said}"));
            // Another version is not what was answered.
            eve.change(&path, "\"other\"", &answered).await.expect(412);
            eve.change(&path, &etag, &answered).await.no_content();
            assert_eq!(server.states("aula", "e").await, [state]);
            assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), [said]);
            ada.delete(&ada.in_own("e")).await.no_content();
        }
    })
    .await;
}

// R73: one date, in a part of its own
#[tokio::test]
async fn a_manager_answers_for_one_date() {
    with_house(async |server| {
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=3");
        ada.invite(&series.organizer("ada").attendee("aula")).await.created();
        let (path, etag) = eve.list(&eve.room("aula")).await.remove(0);
        let text = eve.get(&path).await.text();
        let own = "BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20270228T080000Z\r\n\
                   RECURRENCE-ID;TZID=Europe/Berlin:20270309T090000\r\n\
                   DTSTART;TZID=Europe/Berlin:20270309T090000\r\nDTEND;TZID=Europe/Berlin:20270309T100000\r\n\
                   SUMMARY:s\r\nORGANIZER:mailto:ada@example.org\r\n\
                   ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:aula@example.org\r\n\
                   END:VEVENT\r\nEND:VCALENDAR";
        eve.change(&path, &etag, text.replace("END:VCALENDAR", own)).await.no_content();
        let states = ["03-08 09:00 held", "03-09 09:00 confirmed", "03-10 09:00 held"];
        assert_eq!(server.states("aula", "s").await, states);
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["TENTATIVE", "ACCEPTED"]);
    })
    .await;
}

// R73: a direct booking has no room among its attendees: STATUS decides
#[tokio::test]
async fn a_manager_confirms_a_booking() {
    with_house(async |server| {
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let sent = meeting("e");
        ada.book("aula", &sent).await.created();
        let path = eve.in_room("aula", "e");
        let shown = eve.get(&path).await;
        let confirmed = shown.text().replace("STATUS:TENTATIVE", "STATUS:CONFIRMED");
        eve.change(&path, &shown.etag(), confirmed).await.no_content();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.text(), sent.text());
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "approved"]);
        // And not: as cancelled, or removed.
        for (uid, day) in [("f", "20270309"), ("g", "20270310")] {
            ada.book("aula", &event(uid).hours(day, 9, 10)).await.created();
            let path = eve.in_room("aula", uid);
            let shown = eve.get(&path).await;
            if uid == "f" {
                let cancelled = shown.text().replace("STATUS:TENTATIVE", "STATUS:CANCELLED");
                eve.change(&path, &shown.etag(), cancelled).await.no_content();
            } else {
                eve.delete(&path).await.no_content();
            }
            ada.get(&ada.in_room("aula", uid)).await.expect(404);
            assert_eq!(kinds(server, "ada").await.last().map(String::as_str), Some("not-approved"));
        }
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00"]);
    })
    .await;
}

// R73: the room among the attendees of a direct booking
#[tokio::test]
async fn a_booking_that_names_its_room_is_answered_there() {
    with_house(async |server| {
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        ada.book("aula", &invitation("e")).await.created();
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.partstats("aula"), ["TENTATIVE"]);
        let path = eve.in_room("aula", "e");
        let shown = eve.get(&path).await;
        let accepted = shown.text().replace("PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED");
        eve.change(&path, &shown.etag(), accepted).await.no_content();
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
    })
    .await;
}

// R73: any other change is what it always was; nobody else decides so
#[tokio::test]
async fn other_changes_and_other_people_decide_nothing() {
    with_house(async |server| {
        let (ada, bob, eve) = (server.client("ada"), server.client("bob"), server.client("eve"));
        ada.book("aula", &meeting("e")).await.created();
        let shown = bob.get(&bob.in_room("aula", "e")).await;
        let confirmed = shown.text().replace("STATUS:TENTATIVE", "STATUS:CONFIRMED");
        bob.change(&bob.in_room("aula", "e"), &shown.etag(), confirmed).await.refused("not-allowed");
        // The owner's own STATUS gives no room.
        ada.put(&ada.in_room("aula", "e"), meeting("e").line("STATUS:CONFIRMED").text()).await.no_content();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 held"]);
        // A manager's new title leaves the request as it is, and what was shown out of the text.
        let shown = eve.get(&eve.in_room("aula", "e")).await;
        let renamed = shown.text().replace("SUMMARY:e", "SUMMARY:Renamed");
        eve.change(&eve.in_room("aula", "e"), &shown.etag(), renamed).await.no_content();
        let own = ada.get(&ada.in_room("aula", "e")).await;
        assert!(own.has_line("SUMMARY:Renamed") && own.has_line("STATUS:CONFIRMED"), "{}", own.text());
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 held"]);
        // Of an invitation nothing but the answer is a manager's.
        ada.invite(&event("i").hours("20270309", 9, 10).organizer("ada").attendee("aula")).await.created();
        let all = eve.list(&eve.room("aula")).await;
        let (path, etag) = all.into_iter().find(|(path, _)| path.ends_with("/i.ics")).unwrap();
        let text = eve.get(&path).await.text().replace("PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED");
        let moved = text.replace("T100000", "T110000");
        eve.change(&path, &etag, moved).await.refused("not-allowed");
        assert_eq!(server.states("aula", "i").await, ["03-09 09:00 held"]);
    })
    .await;
}

//! Rooms invited as attendees: recognised, judged, answered in the stored object
//! (R25, R26, R32, R121, R122, P-9).

use super::hold;
use crate::support::event;

// Scenario 21; R25, R26
#[tokio::test]
async fn a_room_is_known_by_its_address_alone() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let forms = [
            "ATTENDEE:mailto:aula@example.org",
            "ATTENDEE;CUTYPE=INDIVIDUAL:mailto:aula@example.org",
            "ATTENDEE;ROLE=NON-PARTICIPANT:MAILTO:Aula@Example.org",
            "ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED:mailto:aula@example.org",
            "ATTENDEE;SCHEDULE-AGENT=CLIENT;PARTSTAT=ACCEPTED:mailto:aula@example.org",
            "ATTENDEE;EMAIL=aula@example.org:urn:x-resource:17",
            "ATTENDEE;SCHEDULE-AGENT=NONE;RSVP=TRUE:/principals/rooms/aula/",
        ];
        for (i, form) in forms.iter().enumerate() {
            let hour = 8 + u32::try_from(i).unwrap();
            let first = event(&format!("a{i}")).hours("20270301", hour, hour + 1).organizer("ada").line(form);
            ada.invite(&first).await.created();
            let second =
                event(&format!("b{i}")).hours("20270301", hour, hour + 1).organizer("bob").line(form);
            bob.invite(&second).await.created();
            for (client, uid, partstat) in
                [(&ada, format!("a{i}"), "ACCEPTED"), (&bob, format!("b{i}"), "DECLINED")]
            {
                let stored = client.get(&client.in_own(&uid)).await;
                let line = stored.lines_of("ATTENDEE").remove(0);
                assert!(line.contains(&format!("PARTSTAT={partstat}")), "{form}: {line}");
                assert!(line.contains("CUTYPE=ROOM") && !line.contains("RSVP"), "{form}: {line}");
                assert!(
                    line.contains("SCHEDULE-STATUS=2.0") || line.contains("SCHEDULE-STATUS=\"2.0\""),
                    "{line}"
                );
            }
        }
        assert_eq!(server.claims("aula").await.len(), forms.len());
    })
    .await;
}

// R121: LOCATION, no ETag, a Schedule-Tag
#[tokio::test]
async fn the_answer_stands_in_the_object_when_the_response_is_sent() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let asked = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        let reply = ada.invite(&asked).await.created();
        assert!(reply.header("etag").is_none());
        let tag = reply.header("schedule-tag").expect("a Schedule-Tag").to_owned();
        let stored = ada.get(&ada.in_own("e")).await;
        assert!(stored.has_line("LOCATION:Aula"), "{}", stored.text());
        assert_eq!(stored.header("schedule-tag"), Some(tag.as_str()));
        // A place that was written by a person stays.
        let other =
            event("o").hours("20270302", 9, 10).organizer("ada").attendee("aula").line("LOCATION:Garden");
        ada.invite(&other).await.created();
        assert!(ada.get(&ada.in_own("o")).await.has_line("LOCATION:Garden"));
    })
    .await;
}

// R50 with a limit at 0; R122
#[tokio::test]
async fn an_invited_series_with_a_taken_date_is_declined_whole_and_stored() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "max_conflicts", "0").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270302", 9, 10)).await.created();
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=5");
        ada.invite(&series.organizer("ada").attendee("aula")).await.created();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(server.claims("aula").await, ["03-02 09:00-10:00"]);
        assert_eq!(bob.list(&bob.room("aula")).await.len(), 1);
        let notices = server.notices("ada").await;
        assert_eq!(notices, [("declined".to_owned(), "Room declined: s".to_owned())]);
    })
    .await;
}

// R32
#[tokio::test]
async fn a_uid_in_a_room_belongs_to_one_organizer() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = |login: &str, hour: u32| {
            event("same").hours("20270301", hour, hour + 1).organizer(login).attendee("aula")
        };
        ada.invite(&asked("ada", 9)).await.created();
        bob.invite(&asked("bob", 14)).await.created();
        assert_eq!(bob.get(&bob.in_own("same")).await.partstats("aula"), ["DECLINED"]);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        let audit = server.audit("aula").await;
        assert!(
            audit.iter().any(|(_, reason, rule)| reason.as_deref() == Some("duplicate") && rule == "R32")
        );
        // What is over does not free it for the other, what is gone does.
        ada.delete(&ada.in_own("same")).await.no_content();
        bob.put(&bob.in_own("same"), asked("bob", 15).text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 15:00-16:00"]);
    })
    .await;
}

// R32 in a room's own calendar: RFC 4791, section 5.3.2.1
#[tokio::test]
async fn a_uid_that_the_room_has_already_is_refused_there() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("same").hours("20270301", 9, 10)).await.created();
        let again = event("same").hours("20270301", 14, 15).text();
        let own = format!("{}other.ics", ada.room("aula"));
        let conflict = ada.create(&own, &again).await;
        assert_eq!(conflict.status, 409);
        assert!(conflict.text().contains("no-uid-conflict") && conflict.text().contains("same.ics"));
        let theirs = bob.create(&format!("{}mine.ics", bob.room("aula")), &again).await;
        assert_eq!(theirs.status, 409);
        assert!(!theirs.text().contains("same.ics"), "{}", theirs.text());
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// P-9, R3.9
#[tokio::test]
async fn the_same_put_twice_is_one_booking() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let direct = event("e").hours("20270301", 9, 10);
        let path = ada.in_room("aula", "e");
        let etag = ada.book("aula", &direct).await.created().etag();
        let (token, rows) = (ada.token(&ada.room("aula")).await, server.decisions().await.len());
        assert_eq!(ada.put(&path, direct.text()).await.no_content().etag(), etag);
        assert_eq!(ada.change(&path, &etag, direct.text()).await.no_content().etag(), etag);
        ada.book("aula", &direct).await.expect(412);
        assert_eq!(ada.token(&ada.room("aula")).await, token);
        assert_eq!(server.decisions().await.len(), rows);
        assert_eq!(server.claims("aula").await.len(), 1);
        // DAVx5 shows a refused repeat as a second event.
        let davx5 = server.client("ada").agent("DAVx5/4.5-ose");
        let again = davx5.book("aula", &direct.clone().line("SEQUENCE:0")).await;
        assert_eq!((again.status, again.header("etag")), (201, None));
        davx5.book("aula", &direct.summary("Other")).await.expect(412);
        assert_eq!(ada.token(&ada.room("aula")).await, token);
    })
    .await;
}

// P-9 on an invitation: what was stored is not what was sent
#[tokio::test]
async fn the_same_invitation_twice_is_one_request() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let asked = event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        ada.invite(&asked).await.created();
        let token = ada.token(&ada.own()).await;
        let before = ada.get(&ada.in_own("e")).await;
        ada.put(&ada.in_own("e"), asked.text()).await.no_content();
        ada.invite(&asked).await.expect(412);
        let after = ada.get(&ada.in_own("e")).await;
        assert_eq!((after.text(), after.etag()), (before.text(), before.etag()));
        assert_eq!(after.header("schedule-tag"), before.header("schedule-tag"));
        assert_eq!(ada.token(&ada.own()).await, token);
        assert_eq!(server.claims("aula").await.len(), 1);
        assert!(server.notices("ada").await.is_empty());
    })
    .await;
}

// R28: no longer an attendee, no longer booked
#[tokio::test]
async fn a_room_that_is_uninvited_is_free() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = event("e").hours("20270301", 9, 10).organizer("ada");
        ada.invite(&asked.clone().attendee("aula")).await.created();
        ada.put(&ada.in_own("e"), asked.text()).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        assert!(bob.list(&bob.room("aula")).await.is_empty());
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.created();
    })
    .await;
}

// an attendee's own copy asks for no room
#[tokio::test]
async fn an_attendees_own_copy_asks_for_no_room() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let bob = server.client("bob");
        let copy = event("e").hours("20270301", 9, 10).organizer("ada").attendee("bob").attendee("aula");
        bob.invite(&copy).await.created();
        assert!(server.claims("aula").await.is_empty());
        // In the room's calendar it would be a booking in Ada's name (D-36).
        bob.book("aula", &copy).await.expect(403);
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R52, R121: what is remembered is not written into a text that does not ask for it
#[tokio::test]
async fn dates_that_were_declined_and_are_not_asked_for_any_more_stand_nowhere() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("lab").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.book("aula", &event("b").hours("20270302", 10, 12)).await.created();
        let series = |from| event("s").hours("20270302", from, from + 1).rule("FREQ=DAILY;COUNT=3");
        let asked = |from| series(from).organizer("ada").attendee("aula").attendee("lab");
        ada.invite(&asked(10)).await.created();
        assert!(ada.get(&ada.in_own("s")).await.has_line("DTSTART;TZID=Europe/Berlin:20270302T100000"));
        let (href, etag) = ada.list(&ada.own()).await.remove(0);
        ada.change(&href, &etag, asked(14).text()).await.expect(204);
        for calendar in [ada.own(), ada.room("aula"), ada.room("lab")] {
            let (href, _) =
                ada.list(&calendar).await.into_iter().find(|(href, _)| href.ends_with("s.ics")).unwrap();
            let text = ada.get(&href).await;
            assert_eq!(
                text.lines_of("RECURRENCE-ID").len() + text.lines_of("EXDATE").len(),
                0,
                "{}",
                text.text()
            );
        }
        let held = ["03-02 14:00-15:00", "03-03 14:00-15:00", "03-04 14:00-15:00"];
        assert_eq!(server.claims("aula").await[1..], held);
    })
    .await;
}

// R30: what a room shows is not the whole, and is not written back as the whole
#[tokio::test]
async fn a_copy_that_shows_less_than_the_invitation_is_changed_where_the_whole_is() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        let ada = server.client("ada");
        // The lab is asked for one date only, the aula for all.
        let guest = "ATTENDEE;CUTYPE=ROOM:mailto:lab@example.org";
        let aula = "ATTENDEE;CUTYPE=ROOM:mailto:aula@example.org";
        let series = event("s")
            .hours("20270301", 9, 10)
            .rule("FREQ=DAILY;COUNT=3")
            .moved("20270302T090000", "20270302T090000", "20270302T100000", &[guest, aula])
            .organizer("ada")
            .attendee("aula");
        ada.invite(&series).await.created();
        let whole = ada.get(&ada.in_own("s")).await;
        let copy = ada.get(&ada.in_room("lab", "s")).await;
        let renamed = copy.text().replace("SUMMARY:s", "SUMMARY:Renamed");
        assert_ne!(renamed, copy.text());
        let refused = ada.change(&ada.in_room("lab", "s"), &copy.etag(), renamed).await;
        refused.refused("not-allowed");
        assert_eq!(ada.get(&ada.in_own("s")).await.text(), whole.text());
        // The program fetches what it has again.
        assert_ne!(ada.get(&ada.in_room("lab", "s")).await.etag(), copy.etag());
        // Where the copy is the whole, it does not matter where it is changed.
        let copy = ada.get(&ada.in_room("aula", "s")).await;
        let renamed = copy.text().replace("SUMMARY:s", "SUMMARY:Renamed");
        ada.change(&ada.in_room("aula", "s"), &copy.etag(), renamed).await.expect(204);
        assert!(ada.get(&ada.in_own("s")).await.has_line("SUMMARY:Renamed"));
    })
    .await;
}

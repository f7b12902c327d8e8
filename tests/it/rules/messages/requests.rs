//! REQUEST: judged as any invitation, answered once, in order.

use roomdav::domain::attendee::PartStat;

use super::super::hold;
use super::{accepted, answers, declined, ignored_by, lines, request, said, send, send_to, written};
use crate::support::{Event, event};

const ADA: &str = "ada@example.org";

fn asked(uid: &str, from: u32) -> Event {
    event(uid).hours("20270301", from, from + 1).organizer("ada").attendee("aula")
}

// R25, R26, R124: the text becomes the organizer's event, the room's answer a REPLY; people are told by
// whoever sent the message
#[tokio::test]
async fn a_request_is_judged_as_an_invitation_and_answered() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let asked = event("e@example.org")
            .hours("20270301", 9, 10)
            .line("ORGANIZER;CN=Ada:mailto:Ada@Example.org")
            .line("SEQUENCE:3")
            .line("ATTENDEE;CN=\"Aula, unten\";ROLE=NON-PARTICIPANT;SCHEDULE-AGENT=CLIENT;RSVP=TRUE:MAILTO:Aula@Example.org")
            .line("ATTENDEE;RSVP=TRUE:mailto:bob@example.org");
        assert_eq!(send(server, "ADA@example.org", &request(&asked, 5)).await, accepted());
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        let ada = server.client("ada");
        let stored = ada.get(&format!("{}e_example.org.ics", ada.own())).await;
        assert!(stored.has_line("UID:e@example.org") && stored.lines_of("METHOD").is_empty());
        assert!(stored.lines_of("ATTENDEE")[0].contains("PARTSTAT=ACCEPTED"), "{}", stored.text());
        // The sender's own program mails to people.
        assert!(server.client("bob").list("/calendars/users/bob/inbox/").await.is_empty());
        assert!(server.notices("bob").await.is_empty());

        let written = written(server).await;
        let [(to, text)] = written.as_slice() else { panic!("{written:?}") };
        assert_eq!(to, ADA);
        let attendee = lines(text, "ATTENDEE");
        assert_eq!(attendee.len(), 1, "{text}");
        let line = attendee[0];
        assert!(line.ends_with(":MAILTO:Aula@Example.org") && line.contains("CN=\"Aula, unten\""), "{line}");
        assert!(line.contains("ROLE=NON-PARTICIPANT") && line.contains("PARTSTAT=ACCEPTED"), "{line}");
        assert!(!line.contains("SCHEDULE") && !line.contains("RSVP"), "{line}");
        assert_eq!(lines(text, "METHOD"), ["METHOD:REPLY"]);
        assert_eq!(lines(text, "UID"), ["UID:e@example.org"]);
        assert_eq!(lines(text, "SEQUENCE"), ["SEQUENCE:3"]);
        assert_eq!(lines(text, "ORGANIZER"), ["ORGANIZER;CN=Ada:mailto:Ada@Example.org"]);
        assert_eq!(lines(text, "REQUEST-STATUS"), ["REQUEST-STATUS:2.0;Success"]);
        assert_eq!(lines(text, "DTSTAMP"), ["DTSTAMP:20270228T080000Z"], "when it was answered");
        assert!(text.contains("DTSTART;TZID=Europe/Berlin:20270301T090000"), "{text}");
        assert!(text.contains("DTEND;TZID=Europe/Berlin:20270301T100000") && text.contains("BEGIN:VTIMEZONE"));
        assert!(lines(text, "COMMENT").is_empty());
    })
    .await;
}

// R122, R124, R105: a decline arrives well; why is said in the organizer's language, in the room's zone
#[tokio::test]
async fn a_decline_says_why_in_the_organizers_language() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room_in("aula", "America/New_York").await;
        server.speaks("ada", "de").await;
        let bob = server.client("bob");
        bob.book("aula", &event("b").summary("Secret").hours("20270301", 9, 10)).await.created();
        assert_eq!(send(server, ADA, &request(&asked("e", 9), 1)).await, declined());
        let (_, text) = written(server).await.remove(0);
        assert_eq!(lines(&text, "REQUEST-STATUS"), ["REQUEST-STATUS:2.0;Success"]);
        let comment = lines(&text, "COMMENT").concat();
        assert!(comment.contains("ist schon belegt") && comment.contains("03:00"), "{comment}");
        assert!(comment.contains("America/New_York") && !comment.contains("Secret"), "{comment}");
        assert!(!comment.contains("Bob"), "{comment}");
        // One answer: nobody is told the same once more.
        assert!(server.notices("ada").await.iter().all(|(kind, _)| kind == "scheduling"));
        assert_eq!(server.states("aula", "e").await, ["03-01 03:00 declined busy"]);
    })
    .await;
}

// E3 of `reply_note`
// Setting reply_note: default
// Setting reply_note: other
#[tokio::test]
async fn a_rooms_remark_stands_in_its_answers() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        send(server, ADA, &request(&asked("silent", 11), 1)).await;
        server.set("aula", "reply_note", "Keys at the desk").await;
        send(server, ADA, &request(&asked("e", 9), 1)).await;
        let all = written(server).await;
        assert_eq!(all.len(), 2);
        assert!(lines(&all[0].1, "COMMENT").is_empty(), "{}", all[0].1);
        assert_eq!(lines(&all[1].1, "COMMENT"), ["COMMENT:Keys at the desk"]);
    })
    .await;
}

// R64: a series that goes on says so
#[tokio::test]
async fn a_series_that_goes_on_is_answered_as_clipped() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        send(server, ADA, &request(&asked("e", 9).rule("FREQ=WEEKLY"), 1)).await;
        let (_, text) = written(server).await.remove(0);
        assert!(lines(&text, "REQUEST-STATUS")[0].starts_with("REQUEST-STATUS:2.11;"), "{text}");
        assert!(lines(&text, "COMMENT")[0].contains("2028"), "{text}");
    })
    .await;
}

// R5, R7: what came first has the room, whenever it was made, and what came second is told so
#[tokio::test]
async fn the_message_that_comes_first_has_the_room() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let theirs = event("b").hours("20270301", 9, 10).organizer("bob").attendee("aula");
        assert_eq!(send(server, "bob@example.org", &request(&theirs, 30)).await, accepted());
        assert_eq!(send(server, ADA, &request(&asked("e", 9), 1)).await, declined());
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
        let ada = server.client("ada");
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
    })
    .await;
}

// R32; RFC 5546, section 2.1.5
#[tokio::test]
async fn what_is_not_newer_does_nothing_and_is_not_answered_again() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let at = |from: u32, sequence: &str| asked("e", from).line(&format!("SEQUENCE:{sequence}"));
        assert_eq!(send(server, ADA, &request(&at(9, "1"), 10)).await, accepted());
        for (text, why) in [
            (request(&at(9, "1"), 10), "the same"),
            (request(&at(11, "1"), 10), "made at the same time"),
            (request(&at(11, "1"), 9), "made before"),
            (request(&at(11, "0"), 30), "an older sequence"),
        ] {
            assert!(ignored_by(&send(server, ADA, &text).await, "R32"), "{why}");
        }
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert_eq!(answers(server).await, ["ACCEPTED"]);
        // Without a SEQUENCE the stamps decide.
        assert_eq!(send(server, ADA, &request(&asked("e", 12), 20)).await, accepted());
        assert!(ignored_by(&send(server, ADA, &request(&asked("e", 13), 19)).await, "R32"));
        assert_eq!(server.claims("aula").await, ["03-01 12:00-13:00"]);
        assert_eq!(answers(server).await, ["ACCEPTED", "ACCEPTED"]);
    })
    .await;
}

// Scenario 33; R32
#[tokio::test]
async fn one_event_by_mail_and_by_calendar_is_one_reservation() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        // First by the calendar, then the same by mail: answered there, not here.
        ada.invite(&asked("a", 9)).await.created();
        let same = asked("a", 9).text().replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n");
        assert!(ignored_by(&send(server, ADA, &same).await, "R32"));
        assert_eq!(ada.get(&ada.in_own("a")).await.partstats("aula"), ["ACCEPTED"]);
        assert!(written(server).await.is_empty());
        // First by mail, then by the calendar.
        assert_eq!(send(server, ADA, &request(&asked("b", 14), 1)).await, accepted());
        let (href, etag) =
            ada.list(&ada.own()).await.into_iter().find(|(href, _)| href.ends_with("/b.ics")).unwrap();
        ada.change(&href, &etag, asked("b", 14).text()).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 14:00-15:00"]);
        assert_eq!(answers(server).await, ["ACCEPTED"]);
        // Somebody else's event with this identity.
        let theirs = event("a").hours("20270302", 9, 10).organizer("bob").attendee("aula");
        assert_eq!(send(server, "bob@example.org", &request(&theirs, 1)).await, declined());
        assert_eq!(server.claims("aula").await.len(), 2);
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
        let audit = server.audit("aula").await;
        assert!(
            audit.iter().any(|(_, reason, rule)| reason.as_deref() == Some("duplicate") && rule == "R32")
        );
    })
    .await;
}

// R32: what was booked in the room's own calendar is the same event too
#[tokio::test]
async fn an_event_that_was_booked_directly_is_changed_by_mail() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &asked("e", 9)).await.created();
        server.client("bob").book("aula", &event("b").hours("20270301", 14, 15)).await.created();
        assert_eq!(send(server, ADA, &request(&asked("e", 11), 1)).await, accepted());
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00", "03-01 14:00-15:00"]);
        assert_eq!(send(server, ADA, &request(&asked("e", 14), 2)).await, declined());
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00", "03-01 14:00-15:00"]);
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
    })
    .await;
}

// R58: one date that moves onto a taken slot is answered by itself
#[tokio::test]
async fn a_date_that_is_moved_is_answered_alone() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.client("bob").book("aula", &event("b").hours("20270302", 14, 15)).await.created();
        let series = asked("e", 9).rule("FREQ=DAILY;COUNT=3");
        assert_eq!(send(server, ADA, &request(&series, 1)).await, accepted());
        let date = event("e")
            .line("RECURRENCE-ID;TZID=Europe/Berlin:20270302T090000")
            .hours("20270302", 14, 15)
            .organizer("ada")
            .attendee("aula");
        send(server, ADA, &request(&date, 2)).await;
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
        let (_, text) = written(server).await.remove(1);
        assert_eq!(lines(&text, "RECURRENCE-ID"), ["RECURRENCE-ID;TZID=Europe/Berlin:20270302T090000"]);
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
        // A newer message about another date leaves this one alone.
        let other = event("e")
            .line("RECURRENCE-ID;TZID=Europe/Berlin:20270303T090000")
            .hours("20270303", 16, 17)
            .organizer("ada")
            .attendee("aula");
        send(server, ADA, &request(&other, 3)).await;
        assert!(server.claims("aula").await.contains(&"03-03 16:00-17:00".to_owned()));
        assert_eq!(answers(server).await.len(), 3);
    })
    .await;
}

// R124: who wants no answer is told of a decline only
#[tokio::test]
async fn without_rsvp_only_a_decline_is_told() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let quiet = |uid, from| {
            event(uid)
                .hours("20270301", from, from + 1)
                .organizer("ada")
                .line("ATTENDEE;RSVP=FALSE:mailto:aula@example.org")
        };
        assert_eq!(send(server, ADA, &request(&quiet("a", 9), 1)).await, accepted());
        assert!(written(server).await.is_empty());
        assert_eq!(send(server, ADA, &request(&quiet("b", 9), 1)).await, declined());
        assert_eq!(answers(server).await, ["DECLINED"]);
    })
    .await;
}

// R76, R124: each room answers for itself, once, at whichever of them the message arrives first
#[tokio::test]
async fn each_room_of_a_message_answers_once() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("lab").await;
        server.client("bob").book("lab", &event("b").hours("20270301", 9, 10)).await.created();
        let text = request(&asked("e", 9).attendee("lab"), 1);
        let both = said(&[("aula", PartStat::Accepted), ("lab", PartStat::Declined)]);
        assert_eq!(send_to(server, "lab", ADA, &text).await, both);
        assert!(ignored_by(&send_to(server, "aula", ADA, &text).await, "R32"));
        let written = written(server).await;
        assert_eq!(written.len(), 2);
        for (reply, room) in written.iter().zip(["aula", "lab"]) {
            let attendees = lines(&reply.1, "ATTENDEE");
            assert!(attendees.len() == 1 && attendees[0].contains(room), "{}", reply.1);
        }
    })
    .await;
}

// R25: only a message that names the room asks for it
#[tokio::test]
async fn a_message_that_names_no_room_books_nothing() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let without = event("e").hours("20270301", 9, 10).organizer("ada");
        let stranger = without.clone().line("ATTENDEE:mailto:nowhere@example.org");
        assert!(ignored_by(&send(server, ADA, &request(&stranger, 1)).await, "R25"));
        assert!(ignored_by(&send_to(server, "nowhere", ADA, &request(&asked("e", 9), 1)).await, "R25"));
        let bcc = send_to(server, "aula", ADA, &request(&stranger, 1)).await;
        assert!(ignored_by(&bcc, "R85"), "{bcc:?}");
        assert!(server.claims("aula").await.is_empty() && written(server).await.is_empty());
    })
    .await;
}

// R19, R18: what a room cannot give at all is declined, not dropped
#[tokio::test]
async fn what_cannot_be_booked_is_declined() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        for (n, asked) in [
            event("a").hours("20270301", 9, 10).rule("FREQ=HOURLY"),
            event("b").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=3;UNTIL=20270401T000000Z"),
            event("c").times(&["DTSTART:20270301T090000Z"]),
        ]
        .iter()
        .enumerate()
        {
            let text = request(&asked.clone().organizer("ada").attendee("aula"), 1);
            let receipt = super::try_send(server, Some(ADA), None, &text).await;
            // A rule that cannot be read is no message.
            if let Ok(receipt) = receipt {
                assert_eq!(receipt, declined(), "{n}");
                let again = send(server, ADA, &text).await;
                assert!(ignored_by(&again, "R32"), "{n}: {again:?}");
            }
        }
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R4, R124: what the server changes later by itself is told by another answer
#[tokio::test]
async fn an_answer_that_changes_later_is_sent_again() {
    hold(async |server| {
        server.people(&["ada", "eve"]).await;
        server.room("aula").await;
        server.grant("aula", "eve", "manage").await;
        send(server, ADA, &request(&asked("e", 9).rule("FREQ=DAILY;COUNT=3"), 1)).await;
        server.cancel_date("aula", "e", "2027-03-02T08:00:00Z", "eve").await;
        assert_eq!(answers(server).await, ["ACCEPTED", "DECLINED"]);
        let (to, text) = written(server).await.remove(1);
        assert_eq!((to.as_str(), lines(&text, "RECURRENCE-ID").len()), (ADA, 1), "{text}");
        assert!(lines(&text, "COMMENT").concat().contains("cancelled"), "{text}");
        // R89: the decision stands though the organizer writes again.
        let again = asked("e", 9).rule("FREQ=DAILY;COUNT=3").summary("Renamed");
        send(server, ADA, &request(&again, 2)).await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-03 09:00-10:00"]);
    })
    .await;
}

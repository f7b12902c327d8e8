//! What an attendee may do with a copy, and what others see of it.
//! RFC 6638, sections 3.2.2, 3.2.3.4, 3.2.4.4 and 3.2.10.

use super::world::{UID, answering, build, copy, messages, told_of};
use crate::support::{Event, TestServer, event, on_both};

fn plan() -> Event {
    event(UID).hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org")
}

async fn invited(server: &TestServer, event: &Event) {
    build(server).await;
    server.client("ada").invite(event).await.created();
}

// RFC 6638, sections 3.2.2.1 and 3.2.4.4
#[tokio::test]
async fn what_only_the_organizer_says_an_attendee_cannot_change() {
    on_both(async |server| {
        let series = plan().rule("FREQ=DAILY;COUNT=3").line("LOCATION:Garden").attendee("aula");
        invited(&server, &series).await;
        let bob = server.client("bob");
        let before = told_of(&server).await;
        let old = copy(&bob).await.unwrap();
        let text = old.text().replace("\r\n ", "");
        let organizer = "ORGANIZER:mailto:ada@example.org";
        let changes: [(&str, &str, &str); 10] = [
            ("title", "SUMMARY:e", "SUMMARY:Mine"),
            ("place", "LOCATION:Garden", "LOCATION:Cellar"),
            ("start", "T090000", "T080000"),
            ("end", "T100000", "T110000"),
            ("rule", "COUNT=3", "COUNT=4"),
            ("description", "SUMMARY:e", "SUMMARY:e\r\nDESCRIPTION:Hm"),
            ("status", "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED"),
            ("organizer", organizer, "ORGANIZER:mailto:bob@example.org"),
            ("no organizer", organizer, "X-WAS:nothing"),
            ("guests", organizer, "ORGANIZER:mailto:ada@example.org\r\nATTENDEE:mailto:carol@example.org"),
        ];
        for (what, from, to) in changes {
            assert!(text.contains(from), "{what}");
            let etag = bob.get(&bob.in_own(UID)).await.etag();
            let reply = bob.change(&bob.in_own(UID), &etag, text.replace(from, to)).await;
            reply.named(what.to_owned()).fails(403, "allowed-attendee-scheduling-object-change");
        }
        assert_eq!(told_of(&server).await, before);
        assert_eq!(copy(&bob).await.unwrap().bytes(), old.bytes());
        assert!(messages(&server.client("ada")).await.is_empty());
    })
    .await;
}

// RFC 6638, sections 3.2.2.1 and 3.2.10
#[tokio::test]
async fn an_attendees_client_may_write_the_same_in_other_words() {
    on_both(async |server| {
        invited(&server, &plan().line("ATTENDEE:mailto:carol@example.org")).await;
        let (bob, carol) = (server.client("bob"), server.client("carol"));
        let stale = copy(&bob).await.unwrap();
        let accepted = answering(&copy(&carol).await.unwrap().text(), "carol", "ACCEPTED");
        carol.put(&carol.in_own(UID), accepted).await.no_content();
        // Another order, another zone, an attendee's answer that is older: what Bob answers counts.
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nORGANIZER:MAILTO:Ada@example.org\
                    \r\nDTEND:20270301T090000Z\r\nDTSTART:20270301T080000Z\r\nSUMMARY:e\r\nUID:e\r\nDTSTAMP:20270202T000000Z\
                    \r\nATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:carol@example.org\r\nCATEGORIES:Mine\r\nCLASS:PRIVATE\
                    \r\nATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org\r\nX-APPLE-TRAVEL:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let tag = stale.header("schedule-tag").unwrap().to_owned();
        let headers = [("if-schedule-tag-match", tag.as_str()), ("content-type", "text/calendar")];
        let reply = bob.send("PUT", &bob.in_own(UID), &headers, text).await.no_content();
        assert!(reply.header("etag").is_none() && reply.header("schedule-tag").is_some());
        assert_eq!(
            told_of(&server).await,
            [
                "ada: 03-01 09:00 e: bob yes 2.0, carol yes 2.0",
                "bob: 03-01 09:00 e: carol yes, bob yes",
                "carol: 03-01 09:00 e: bob yes, carol yes",
            ]
        );
        let own = copy(&bob).await.unwrap();
        assert!(own.has_line("CATEGORIES:Mine") && own.has_line("X-APPLE-TRAVEL:1"));
        assert!(own.lines_of("ORGANIZER")[0].contains("SCHEDULE-STATUS=1.2"));
    })
    .await;
}

// RFC 6638, sections 3.2.10, 3.2.10.1, 3.2.10.2, 8.2, 8.3 and 9.3
#[tokio::test]
async fn a_schedule_tag_changes_with_what_matters() {
    on_both(async |server| {
        invited(&server, &plan().line("ATTENDEE:mailto:carol@example.org")).await;
        let (ada, bob, carol) = (server.client("ada"), server.client("bob"), server.client("carol"));
        let tags = async || {
            let mut tags = Vec::new();
            for client in [&ada, &bob, &carol] {
                tags.push(client.get(&client.in_own(UID)).await.header("schedule-tag").unwrap().to_owned());
            }
            tags
        };
        let first = tags().await;
        let (etag, adas) = (bob.get(&bob.in_own(UID)).await.etag(), ada.get(&ada.in_own(UID)).await.etag());
        let text = answering(&copy(&bob).await.unwrap().text(), "bob", "ACCEPTED");
        bob.change(&bob.in_own(UID), &etag, text).await.no_content();
        let second = tags().await;
        // Neither the organizer's nor another attendee's client has anything to look at.
        assert_eq!((&first[0], &first[2]), (&second[0], &second[2]));
        assert_ne!(ada.get(&ada.in_own(UID)).await.etag(), adas, "but there is something new to read");
        let text = plan().line("ATTENDEE:mailto:carol@example.org").summary("Plan").text();
        let stale = [("if-schedule-tag-match", first[1].as_str())];
        let matching = [("if-schedule-tag-match", second[0].as_str()), ("content-type", "text/calendar")];
        ada.send("PUT", &ada.in_own(UID), &matching, &text).await.no_content();
        let third = tags().await;
        assert!(third.iter().zip(&second).all(|(new, old)| new != old));
        bob.send("DELETE", &bob.in_own(UID), &stale, "").await.expect(412);
        assert!(copy(&ada).await.unwrap().partstats("bob")[0] == "ACCEPTED");
    })
    .await;
}

// RFC 6638, section 3.2.3.4; RFC 4918, section 9.9
#[tokio::test]
async fn what_is_moved_is_neither_declined_nor_cancelled() {
    on_both(async |server| {
        invited(&server, &plan().attendee("aula")).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for client in [&ada, &bob] {
            client.send("MKCALENDAR", &format!("{}work/", client.home()), &[], "").await.created();
        }
        let before = messages(&bob).await;
        let work = |client: &crate::support::Client<'_>| format!("{}work/{UID}.ics", client.home());
        bob.relocate(&bob.in_own(UID), &work(&bob)).await.created();
        ada.relocate(&ada.in_own(UID), &work(&ada)).await.created();
        assert_eq!(messages(&bob).await, before);
        assert!(messages(&ada).await.is_empty());
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        // Where they are now they still belong together.
        let text = answering(&bob.get(&work(&bob)).await.text(), "bob", "ACCEPTED");
        bob.put(&work(&bob), text).await.no_content();
        assert_eq!(ada.get(&work(&ada)).await.partstats("bob"), ["ACCEPTED"]);
        ada.delete(&work(&ada)).await.no_content();
        assert!(bob.get(&work(&bob)).await.has_line("STATUS:CANCELLED"));
        assert_eq!(server.claims("aula").await, Vec::<String>::new());
    })
    .await;
}

// RFC 6638, section 3.2.4.1
#[tokio::test]
async fn an_invitation_is_in_one_calendar_of_a_person() {
    on_both(async |server| {
        invited(&server, &plan()).await;
        let bob = server.client("bob");
        bob.send("MKCALENDAR", &format!("{}work/", bob.home()), &[], "").await.created();
        let text = copy(&bob).await.unwrap().text();
        let again = bob.create(&format!("{}work/again.ics", bob.home()), &text).await;
        again.fails(403, "unique-scheduling-object-resource");
    })
    .await;
}

// RFC 6638, section 3.2.2.2; R3.4: Thunderbird answers before it has seen the server's copy
#[tokio::test]
async fn an_attendee_may_bring_the_copy_back() {
    on_both(async |server| {
        invited(&server, &plan()).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.delete(&bob.in_own(UID)).await.no_content();
        assert_eq!(copy(&ada).await.unwrap().partstats("bob"), ["DECLINED"]);
        let other_time = plan().hours("20270301", 11, 12).text();
        let refused = bob.create(&bob.in_own(UID), answering(&other_time, "bob", "ACCEPTED")).await;
        refused.fails(403, "allowed-attendee-scheduling-object-change");
        bob.create(&bob.in_own(UID), answering(&plan().text(), "bob", "ACCEPTED")).await.created();
        assert_eq!(copy(&ada).await.unwrap().partstats("bob"), ["ACCEPTED"]);
        assert_eq!(messages(&ada).await.len(), 2);
    })
    .await;
}

// RFC 6638, sections 3.1 and 11; D-36: whoever was not invited learns nothing, and changes nothing
#[tokio::test]
async fn an_invitation_that_nobody_sent_is_a_text_like_any_other() {
    on_both(async |server| {
        invited(&server, &plan()).await;
        let (ada, carol) = (server.client("ada"), server.client("carol"));
        let before = copy(&ada).await.unwrap();
        let claim = |uid: &str| {
            event(uid)
                .hours("20270305", 9, 10)
                .organizer("ada")
                .line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:carol@example.org")
        };
        // The one UID is Ada's, the other is nobody's: Carol sees no difference.
        let mut replies = Vec::new();
        for uid in [UID, "unknown"] {
            let reply = carol.create(&carol.in_own(uid), claim(uid).text()).await.created();
            replies.push((reply.status, reply.header("etag").is_some(), reply.text()));
            let lines = carol.get(&carol.in_own(uid)).await.lines_of("ORGANIZER");
            replies.push((0, lines[0].contains("SCHEDULE-STATUS"), lines[0].clone()));
            carol.delete(&carol.in_own(uid)).await.no_content();
        }
        assert_eq!(replies[..2], replies[2..]);
        assert_eq!(copy(&ada).await.unwrap().bytes(), before.bytes());
        assert!(messages(&ada).await.is_empty());
    })
    .await;
}

// RFC 6638, section 3.2.9: an organizer without an account here is written to
#[tokio::test]
async fn an_organizer_elsewhere_gets_a_letter() {
    on_both(async |server| {
        build(&server).await;
        let bob = server.client("bob");
        let invitation = event(UID)
            .hours("20270301", 9, 10)
            .line("ORGANIZER:mailto:zoe@elsewhere.org")
            .line("ATTENDEE:mailto:bob@example.org");
        bob.invite(&invitation).await.created();
        assert!(server.letters().await.is_empty());
        bob.put(&bob.in_own(UID), answering(&invitation.text(), "bob", "ACCEPTED")).await.no_content();
        assert_eq!(server.letters().await, ["mail to zoe@elsewhere.org: Reply: e"]);
        assert!(copy(&bob).await.unwrap().lines_of("ORGANIZER")[0].contains("SCHEDULE-STATUS=1.0"));
        // An update that came by mail is the client's to write.
        let moved = answering(&invitation.hours("20270301", 11, 12).text(), "bob", "ACCEPTED");
        bob.put(&bob.in_own(UID), moved).await.no_content();
        bob.delete(&bob.in_own(UID)).await.no_content();
        assert_eq!(server.letters().await.len(), 2);
    })
    .await;
}

// D-36: a person who becomes a guest of somebody outside keeps the room that he booked with it.
#[tokio::test]
async fn an_invitation_from_outside_keeps_the_room_it_asked_for() {
    on_both(async |server| {
        server.people(&["bob"]).await;
        server.room("aula").await;
        let bob = server.client("bob");
        let outside = event("e")
            .hours("20270301", 9, 10)
            .line("ORGANIZER:mailto:zoe@elsewhere.example")
            .attendee("aula");
        bob.put(&bob.in_own("e"), outside.text()).await.created();
        assert_eq!(server.claims("aula").await.len(), 1);
        let guest = event("e")
            .hours("20270301", 9, 10)
            .line("ORGANIZER:mailto:zoe@elsewhere.example")
            .attendee("aula")
            .line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org");
        bob.put(&bob.in_own("e"), guest.text()).await.no_content();
        assert_eq!(server.claims("aula").await.len(), 1);
        server.pass(60).await;
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// RFC 6638, section 3.2.10: a tag that still matches promises that an answer is taken.
#[tokio::test]
async fn an_answer_of_somebody_else_to_one_date_stops_nobodys_own() {
    on_both(async |server| {
        let series = plan().rule("FREQ=DAILY;COUNT=4");
        invited(&server, &series.line("ATTENDEE:mailto:carol@example.org")).await;
        let (ada, bob, carol) = (server.client("ada"), server.client("bob"), server.client("carol"));
        let known = copy(&bob).await.unwrap();
        let tag = known.header("schedule-tag").unwrap().to_owned();
        let all = copy(&carol).await.unwrap().text();
        let series = all.split("BEGIN:VEVENT").nth(1).unwrap().split("END:VEVENT").next().unwrap();
        let one = answering(series, "carol", "DECLINED")
            .replace("DTSTART;TZID=Europe/Berlin:20270301", "DTSTART;TZID=Europe/Berlin:20270302")
            .replace("DTEND;TZID=Europe/Berlin:20270301", "DTEND;TZID=Europe/Berlin:20270302")
            .replace("RRULE:FREQ=DAILY;COUNT=4", "RECURRENCE-ID;TZID=Europe/Berlin:20270302T090000");
        let with_one = all.replace("END:VCALENDAR", &format!("BEGIN:VEVENT{one}END:VEVENT\r\nEND:VCALENDAR"));
        carol.put(&carol.in_own(UID), with_one).await.no_content();
        assert!(copy(&bob).await.unwrap().text().contains("RECURRENCE-ID"), "he is shown her answer");
        let headers = [("if-schedule-tag-match", tag.as_str()), ("content-type", "text/calendar")];
        let accepted = answering(&known.text(), "bob", "ACCEPTED");
        bob.send("PUT", &bob.in_own(UID), &headers, &accepted).await.no_content();
        let told = copy(&ada).await.unwrap();
        assert_eq!(told.partstats("bob")[0], "ACCEPTED");
        assert_eq!(told.partstats("carol"), ["DECLINED"], "to one date; the whole is open");
    })
    .await;
}

// RFC 6638, section 3.2.2.1
#[tokio::test]
async fn what_an_attendee_made_of_his_copy_stays_when_the_organizer_writes() {
    on_both(async |server| {
        let series = plan().rule("FREQ=DAILY;COUNT=4");
        invited(&server, &series).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let own = "EXDATE;TZID=Europe/Berlin:20270302T090000\r\nCATEGORIES:Mine\r\nX-MINE:1\r\nEND:VEVENT";
        let text = answering(&copy(&bob).await.unwrap().text(), "bob", "ACCEPTED");
        bob.put(&bob.in_own(UID), text.replacen("END:VEVENT", own, 1)).await.no_content();
        let written = copy(&ada).await.unwrap().text();
        for (old, new) in
            [("END:VEVENT", "X-MOZ-LASTACK:20270101T000000Z\r\nEND:VEVENT"), ("SUMMARY:e", "SUMMARY:f")]
        {
            ada.put(&ada.in_own(UID), written.replacen(old, new, 1)).await.no_content();
            let kept = copy(&bob).await.unwrap();
            for line in ["EXDATE;TZID=Europe/Berlin:20270302T090000", "CATEGORIES:Mine", "X-MINE:1"] {
                assert!(kept.has_line(line), "{line} in {}", kept.text());
            }
            assert!(!kept.text().contains("RECURRENCE-ID"), "{}", kept.text());
        }
        // What is moved is asked for again, left out or not.
        let moved = written.replace("T090000", "T110000").replace("T100000", "T120000");
        ada.put(&ada.in_own(UID), moved).await.no_content();
        assert!(!copy(&bob).await.unwrap().text().contains("EXDATE;TZID=Europe/Berlin:20270302T090000"));
    })
    .await;
}

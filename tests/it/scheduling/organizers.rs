//! What an organizer's object may be, and what it reaches: preconditions, direct bookings, managers,
//! hidden people. RFC 6638, sections 3.2.1 and 3.2.4; R59; D-34.

use super::world::{UID, all_messages, answering, build, copy, inbox, messages, told_of};
use crate::support::{Event, TestServer, event, on_both};

fn plan() -> Event {
    event(UID).hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org")
}

// RFC 5545, section 3.8.4.3; RFC 6638, sections 3.2.4.2, 3.2.4.3 and 11.2
#[tokio::test]
async fn an_event_has_one_organizer_and_keeps_it() {
    on_both(async |server| {
        build(&server).await;
        let ada = server.client("ada");
        let two = plan().rule("FREQ=DAILY;COUNT=3").moved(
            "20270302T090000",
            "20270302T090000",
            "20270302T100000",
            &["ORGANIZER:mailto:carol@example.org", "ATTENDEE:mailto:bob@example.org"],
        );
        ada.create(&ada.in_own(UID), two.text()).await.fails(403, "same-organizer-in-all-components");
        ada.invite(&plan()).await.created();
        for other in ["mailto:carol@example.org", "mailto:zoe@elsewhere.org"] {
            let text =
                plan().text().replace("ORGANIZER:mailto:ada@example.org", &format!("ORGANIZER:{other}"));
            ada.put(&ada.in_own(UID), text).await.fails(403, "allowed-organizer-scheduling-object-change");
        }
        assert_eq!(told_of(&server).await, ["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"]);
    })
    .await;
}

// Decision: what is booked directly in a room invites as well; R84 where it is moved
#[tokio::test]
async fn people_are_invited_to_what_is_booked_in_a_rooms_calendar() {
    on_both(async |server| {
        build(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &plan()).await.created();
        assert_eq!(
            told_of(&server).await,
            ["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?", "aula: 03-01 09:00-10:00"]
        );
        let text = answering(&copy(&bob).await.unwrap().text(), "bob", "ACCEPTED");
        bob.put(&bob.in_own(UID), text).await.no_content();
        // The room's calendar, and the organizer's own, which shows the booking.
        for path in [ada.in_room("aula", UID), ada.in_own(UID)] {
            assert_eq!(ada.get(&path).await.partstats("bob"), ["ACCEPTED"], "{path}");
        }
        ada.relocate(&ada.in_room("aula", UID), &ada.in_room("lab", UID)).await.created();
        assert_eq!(messages(&bob).await.len(), 1, "nothing that Bob knows has changed");
        assert_eq!(ada.get(&ada.in_room("lab", UID)).await.partstats("bob"), ["ACCEPTED"]);
        ada.delete(&ada.in_own(UID)).await.no_content();
        assert!(copy(&bob).await.unwrap().has_line("STATUS:CANCELLED"));
        assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

// R85, R89, section 11: the room is lost, the meeting stays
#[tokio::test]
async fn guests_see_that_a_manager_took_the_room_away() {
    on_both(async |server| {
        build(&server).await;
        server.grant("aula", "carol", "manage").await;
        let (ada, bob, carol) = (server.client("ada"), server.client("bob"), server.client("carol"));
        ada.invite(&plan().attendee("aula")).await.created();
        let tag = copy(&bob).await.unwrap().header("schedule-tag").map(str::to_owned);
        let path = carol.list(&carol.room("aula")).await[0].0.clone();
        carol.delete(&path).await.no_content();
        assert_eq!(
            told_of(&server).await,
            ["ada: 03-01 09:00 e: bob ? 1.2, aula no 2.0", "bob: 03-01 09:00 e: bob ?, aula no"]
        );
        assert_eq!(copy(&bob).await.unwrap().header("schedule-tag").map(str::to_owned), tag);
        assert_eq!(messages(&bob).await.len(), 1);
    })
    .await;
}

// A refused direct write tells nobody
#[tokio::test]
async fn nobody_is_invited_to_what_is_refused() {
    on_both(async |server| {
        build(&server).await;
        let (ada, carol) = (server.client("ada"), server.client("carol"));
        carol.book("aula", &event("c").hours("20270301", 9, 10)).await.created();
        ada.book("aula", &plan()).await.refused("busy");
        assert!(all_messages(&server).await.is_empty());
        // A room that is invited declines, and the meeting is held elsewhere.
        ada.invite(&plan().attendee("aula")).await.created();
        assert_eq!(
            told_of(&server).await,
            [
                "ada: 03-01 09:00 e: bob ? 1.2, aula no 2.0",
                "bob: 03-01 09:00 e: bob ?, aula no",
                "aula: 03-01 09:00-10:00"
            ]
        );
    })
    .await;
}

// RFC 6638, section 11.4; D-34: whom one may not know is like somebody elsewhere
#[tokio::test]
async fn an_invitation_does_not_tell_who_has_an_account() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.set("aula", "viewer", "none").await;
        server.grant("aula", "ada", "details").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let text = event(UID)
            .hours("20270301", 9, 10)
            .organizer("ada")
            .line("ATTENDEE:mailto:bob@example.org")
            .line("ATTENDEE:mailto:nobody@example.org");
        ada.invite(&text).await.created();
        let lines = copy(&ada).await.unwrap().lines_of("ATTENDEE");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains("SCHEDULE-STATUS=1.0")), "{lines:?}");
        assert_eq!(server.letters().await.len(), 2);
        assert!(copy(&bob).await.is_none() && messages(&bob).await.is_empty());
    })
    .await;
}

// RFC 6638, section 3.2.9: another event with the UID stands in the way, and stays
#[tokio::test]
async fn an_invitation_replaces_nothing_of_the_guests_own() {
    on_both(async |server| {
        build(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        bob.invite(&event(UID).hours("20270305", 9, 10)).await.created();
        let own = copy(&bob).await.unwrap();
        ada.invite(&plan()).await.created();
        assert!(copy(&ada).await.unwrap().lines_of("ATTENDEE")[0].contains("SCHEDULE-STATUS=5.1"));
        assert_eq!(copy(&bob).await.unwrap().bytes(), own.bytes());
        assert!(messages(&bob).await.is_empty());
        bob.delete(&bob.in_own(UID)).await.no_content();
        assert!(messages(&ada).await.is_empty());
    })
    .await;
}

// D-60: no address but a plain one is written to
#[tokio::test]
async fn a_mail_address_carries_nothing_else() {
    on_both(async |server| {
        build(&server).await;
        let ada = server.client("ada");
        let odd = ["mailto:a@b?bcc=c@d", "mailto:a@b@c", "mailto:@b", "mailto:a@b%0d%0aBcc:c@d"];
        let text = odd.iter().fold(event(UID).hours("20270301", 9, 10).organizer("ada"), |event, address| {
            event.line(&format!("ATTENDEE:{address}"))
        });
        ada.invite(&text).await.created();
        assert!(server.letters().await.is_empty());
        let lines = copy(&ada).await.unwrap().lines_of("ATTENDEE");
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains("SCHEDULE-STATUS=3.7")), "{lines:?}");
    })
    .await;
}

// R107: an organizer's alarms are nobody else's, and a guest's stay
#[tokio::test]
async fn alarms_belong_to_who_set_them() {
    on_both(async |server| {
        build(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let alarm = |minutes: u32| {
            format!("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:!\r\nTRIGGER:-PT{minutes}M\r\nEND:VALARM\r\nEND:VEVENT")
        };
        let with = |text: &str, minutes: u32| text.replacen("END:VEVENT", &alarm(minutes), 1);
        ada.create(&ada.in_own(UID), with(&plan().text(), 5)).await.created();
        assert!(!copy(&bob).await.unwrap().text().contains("VALARM"));
        let own = with(&copy(&bob).await.unwrap().text(), 30).replace("SUMMARY", "TRANSP:TRANSPARENT\r\nSUMMARY");
        bob.put(&bob.in_own(UID), own).await.no_content();
        ada.put(&ada.in_own(UID), with(&plan().summary("Plan").text(), 5)).await.no_content();
        let own = copy(&bob).await.unwrap();
        assert!(own.has_line("SUMMARY:Plan") && own.has_line("TRIGGER:-PT30M") && own.has_line("TRANSP:TRANSPARENT"));
        assert!(!own.has_line("TRIGGER:-PT5M"));
        assert!(!bob.get(&bob.list(&inbox(&bob)).await[0].0).await.text().contains("VALARM"));
    })
    .await;
}

// History is imported without inviting anybody
#[tokio::test]
async fn what_is_imported_invites_nobody() {
    on_both(async |server| {
        build(&server).await;
        let put = async |text: String| {
            let limits = roomdav::ical::Limits::default();
            let object = roomdav::ical::CalendarObject::parse(text.into(), &limits).unwrap();
            let mut snapshot = server.bookings.store().snapshot().await.unwrap();
            let mut tx = snapshot.tx();
            let slug = roomdav::domain::id::Slug::parse("aula").unwrap();
            let room = tx.rooms().by_slug(&slug).await.unwrap().unwrap().id;
            let ada = tx
                .users()
                .by_login(&roomdav::domain::id::Slug::parse("ada").unwrap())
                .await
                .unwrap()
                .unwrap();
            let actor =
                roomdav::booking::actor(&mut tx, &ada, roomdav::text::Language::English).await.unwrap();
            drop(snapshot);
            let target = roomdav::booking::Target::Room(room);
            let mut put = roomdav::booking::Put::new(actor, target, "e.ics", object);
            put.history = true;
            server.bookings.put(put).await.unwrap()
        };
        put(plan().text()).await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        assert!(all_messages(&server).await.is_empty() && copy(&server.client("bob")).await.is_none());
    })
    .await;
}

// A program that drags an event into a room's calendar writes it there and then removes it here.
#[tokio::test]
async fn an_event_that_was_moved_by_hand_is_not_cancelled() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let with_bob = event("e").hours("20270301", 9, 10).organizer("ada").attendee("bob");
        ada.put(&ada.in_own("e"), with_bob.text()).await.created();
        ada.put(&ada.in_room("aula", "e"), with_bob.text()).await.created();
        ada.delete(&ada.in_own("e")).await.no_content();
        let copies = bob.texts(&bob.own()).await;
        assert_eq!(copies.len(), 1);
        assert!(!copies[0].contains("STATUS:CANCELLED"), "{}", copies[0]);
    })
    .await;
}

// The highest INTEGER that a program may send.
#[tokio::test]
async fn the_highest_sequence_is_no_fault_of_ours() {
    on_both(async |server| {
        server.people(&["ada", "bob"]).await;
        let ada = server.client("ada");
        let at = |hour| {
            event("e")
                .hours("20270301", hour, hour + 1)
                .organizer("ada")
                .attendee("bob")
                .line("SEQUENCE:9223372036854775807")
                .text()
        };
        ada.put(&ada.in_own("e"), at(9)).await.created();
        ada.put(&ada.in_own("e"), at(11)).await.no_content();
    })
    .await;
}

/// Ada writes these one after the other and has Bob told of each; whether its SEQUENCE is higher than
/// what was told before. None is lower.
async fn tell(server: &TestServer, steps: impl IntoIterator<Item = (&str, &str, bool, Event)>) {
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    let (mut known, mut last) = (Vec::new(), -1);
    for (what, method, is_higher, text) in steps {
        ada.put(&ada.in_own(UID), text.text()).await;
        let all = bob.list(&inbox(&bob)).await;
        let (new, _) = all.iter().find(|message| !known.contains(*message)).expect(what);
        let message = bob.get(new).await;
        assert!(message.has_line(&format!("METHOD:{method}")), "{what}");
        let lines = message.lines_of("SEQUENCE:");
        let told = lines.iter().map(|line| line["SEQUENCE:".len()..].parse::<i64>().unwrap());
        let sequence = told.max().unwrap_or(0);
        assert!(sequence >= last + i64::from(is_higher), "{what}: {sequence} after {last}");
        last = sequence;
        known = all;
    }
}

// RFC 6638, section 3.2.5; RFC 5546, section 2.1.4: a program that knows of no SEQUENCE
#[tokio::test]
async fn what_is_told_later_has_no_lower_sequence() {
    on_both(async |server| {
        build(&server).await;
        let alone = || {
            let series = event(UID).hours("20270301", 9, 10).organizer("ada").rule("FREQ=DAILY;COUNT=4");
            series.line("ATTENDEE:mailto:carol@example.org")
        };
        let with_bob = || alone().line("ATTENDEE:mailto:bob@example.org");
        let plan = || with_bob().hours("20270301", 11, 12).summary("Plan");
        let without = plan().line("EXDATE;TZID=Europe/Berlin:20270302T110000");
        let steps = [
            ("invited", "REQUEST", false, with_bob()),
            ("left out", "CANCEL", true, alone()),
            ("invited again", "REQUEST", false, with_bob()),
            ("moved", "REQUEST", true, with_bob().hours("20270301", 11, 12)),
            ("renamed", "REQUEST", false, plan()),
            ("without a date", "CANCEL", true, without),
            ("with it again", "REQUEST", true, plan()),
            ("cancelled", "CANCEL", true, plan().line("STATUS:CANCELLED")),
            ("and not so", "REQUEST", true, plan()),
        ];
        tell(&server, steps).await;
    })
    .await;
}

// RFC 5546, section 2.1.4: in between it was no event of an organizer's
#[tokio::test]
async fn a_sequence_outlives_the_last_attendee() {
    on_both(async |server| {
        build(&server).await;
        let alone = event(UID).hours("20270301", 9, 10).organizer("ada");
        let steps = [
            ("invited", "REQUEST", false, plan()),
            ("left out", "CANCEL", true, alone),
            ("invited again", "REQUEST", false, plan()),
        ];
        tell(&server, steps).await;
    })
    .await;
}

// RFC 5546, section 2.1.4: a date that is where the series puts it again was moved
#[tokio::test]
async fn a_sequence_outlives_the_part_that_had_it() {
    on_both(async |server| {
        build(&server).await;
        let series = || plan().rule("FREQ=DAILY;COUNT=4");
        let second = |hours: (&str, &str), more| {
            let people = ["ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org", more];
            series().moved("20270302T090000", hours.0, hours.1, &people)
        };
        let (nine, eleven) = (("20270302T090000", "20270302T100000"), ("20270302T110000", "20270302T120000"));
        let steps = [
            ("invited", "REQUEST", false, series()),
            ("one date moved", "REQUEST", true, second(eleven, "CLASS:PUBLIC")),
            ("moved back", "REQUEST", true, series()),
            ("a part by a program that counts", "REQUEST", true, second(nine, "SEQUENCE:7")),
            ("without it", "REQUEST", false, series().summary("Plan")),
        ];
        tell(&server, steps).await;
    })
    .await;
}

//! CANCEL, and what comes after it.

use roomdav::booking::Receipt;

use super::super::hold;
use super::{accepted, answers, cancel, ignored_by, request, send, send_to, written};
use crate::support::{Event, event};

const ADA: &str = "ada@example.org";

fn asked(sequence: u32) -> Event {
    event("e")
        .hours("20270301", 9, 10)
        .organizer("ada")
        .attendee("aula")
        .line(&format!("SEQUENCE:{sequence}"))
}

fn called_off(sequence: u32) -> Event {
    asked(sequence).line("STATUS:CANCELLED")
}

/// A CANCEL for single dates, without their times.
fn dates(all: &[&str], sequence: u32, minute: u32) -> String {
    let mut text =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nMETHOD:CANCEL\r\n".to_owned();
    for date in all {
        text += &format!(
            "BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20270201T00{minute:02}00Z\r\nSEQUENCE:{sequence}\r\n\
             RECURRENCE-ID:{date}\r\nORGANIZER:mailto:ada@example.org\r\n\
             ATTENDEE:mailto:aula@example.org\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
        );
    }
    text + "END:VCALENDAR\r\n"
}

// R85, R124: nobody answers, and what messages brought is gone
#[tokio::test]
async fn a_cancellation_frees_the_room_and_is_not_answered() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        send(server, ADA, &request(&asked(0), 1)).await;
        assert_eq!(ada.list(&ada.own()).await.len(), 1);
        assert_eq!(send(server, ADA, &cancel(&called_off(1), 2)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        assert!(ada.list(&ada.own()).await.is_empty() && ada.list(&ada.room("aula")).await.is_empty());
        assert_eq!(written(server).await.len(), 1);
        // Older ones come to nothing, a newer one is a new request.
        assert!(ignored_by(&send(server, ADA, &request(&asked(0), 1)).await, "R32"));
        assert!(ignored_by(&send(server, ADA, &request(&asked(1), 2)).await, "R32"));
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(send(server, ADA, &request(&asked(2), 3)).await, accepted());
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// R85: in whichever order they come, the newest says how it ends
#[tokio::test]
async fn messages_in_any_order_end_alike() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let texts = |uid: &str| {
            let event = |sequence: u32, from| {
                event(uid)
                    .hours("20270301", from, from + 1)
                    .organizer("ada")
                    .attendee("aula")
                    .line(&format!("SEQUENCE:{sequence}"))
            };
            [
                request(&event(0, 9), 1),
                request(&event(1, 11), 2),
                cancel(&event(2, 11).line("STATUS:CANCELLED"), 3),
            ]
        };
        for (n, order) in
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate()
        {
            let texts = texts(&format!("e{n}"));
            for at in order {
                send(server, ADA, &texts[at]).await;
            }
            assert!(server.claims("aula").await.is_empty(), "{order:?}");
        }
    })
    .await;
}

// Scenario 13; R85; RFC 5546, section 3.2.5
#[tokio::test]
async fn a_date_that_is_cancelled_by_mail_is_free_and_no_other() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let series = asked(0).rule("FREQ=DAILY;COUNT=5");
        send(server, ADA, &request(&series, 1)).await;
        assert_eq!(send(server, ADA, &dates(&["20270303T080000Z"], 1, 2)).await, Receipt::Cancelled);
        let days = async || -> Vec<String> {
            server.claims("aula").await.iter().map(|claim| claim[..5].to_owned()).collect()
        };
        assert_eq!(days().await, ["03-01", "03-02", "03-04", "03-05"]);
        server.client("bob").book("aula", &event("b").hours("20270303", 9, 10)).await.created();
        // The request for the whole, and for that date, were sent before.
        assert!(ignored_by(&send(server, ADA, &request(&series, 1)).await, "R32"));
        // Several at once.
        let both = dates(&["20270301T080000Z", "20270305T080000Z"], 1, 3);
        assert_eq!(send_to(server, "aula", ADA, &both).await, Receipt::Cancelled);
        assert_eq!(days().await, ["03-02", "03-03", "03-04"]);
        assert!(ignored_by(&send(server, ADA, &both).await, "R32"));
        assert_eq!(answers(server).await, ["ACCEPTED"]);
    })
    .await;
}

// Scenario 20; R28, R85
#[tokio::test]
async fn a_cancelled_date_and_event_are_free_and_older_requests_do_nothing() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let series = asked(0).rule("FREQ=DAILY;COUNT=3");
        send(server, ADA, &request(&series, 1)).await;
        let lines =
            ["STATUS:CANCELLED", "ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:aula@example.org"];
        let without = asked(1).rule("FREQ=DAILY;COUNT=3").moved(
            "20270302T090000",
            "20270302T090000",
            "20270302T100000",
            &lines,
        );
        send(server, ADA, &request(&without, 2)).await;
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-03 09:00-10:00"]);
        assert!(ignored_by(&send(server, ADA, &request(&series, 1)).await, "R32"));
        assert_eq!(server.claims("aula").await.len(), 2);
        // The whole, by a request that says so.
        send(server, ADA, &request(&called_off(2).rule("FREQ=DAILY;COUNT=3"), 3)).await;
        assert!(server.claims("aula").await.is_empty());
        assert!(ignored_by(&send(server, ADA, &request(&without, 2)).await, "R32"));
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(answers(server).await, ["ACCEPTED", "ACCEPTED"]);
    })
    .await;
}

// R85: a tombstone stands 90 days, also of what was deleted in a calendar
#[tokio::test]
async fn what_was_deleted_in_a_calendar_stays_so_for_older_messages() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.invite(&asked(0)).await.created();
        ada.delete(&ada.in_own("e")).await.no_content();
        assert!(ignored_by(&send(server, ADA, &request(&asked(0), 1)).await, "R32"));
        assert!(server.claims("aula").await.is_empty());
        server.pass(89 * 86_400).await;
        assert!(ignored_by(&send(server, ADA, &request(&asked(0), 1)).await, "R32"));
        server.pass(2 * 86_400).await;
        let later = event("e").hours("20270901", 9, 10).organizer("ada").attendee("aula");
        assert_eq!(send(server, ADA, &request(&later, 1)).await, accepted());
    })
    .await;
}

// R57, R84: the event of a calendar stays there, without the room
#[tokio::test]
async fn a_room_that_is_not_invited_any_more_is_free() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        server.room("lab").await;
        let ada = server.client("ada");
        // By a cancellation of one of two rooms.
        send(server, ADA, &request(&asked(0).attendee("lab"), 1)).await;
        assert_eq!(send_to(server, "aula", ADA, &cancel(&called_off(1), 2)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("lab").await, ["03-01 09:00-10:00"]);
        // By a request that does not name it.
        let without = event("e").hours("20270301", 9, 10).organizer("ada").line("SEQUENCE:2");
        let without = without.line("ATTENDEE:mailto:zoe@elsewhere.org");
        assert_eq!(send_to(server, "lab", ADA, &request(&without, 3)).await, Receipt::Cancelled);
        assert!(server.claims("lab").await.is_empty() && ada.list(&ada.own()).await.is_empty());
        // What the organizer's own program wrote is the program's.
        let own = event("own").hours("20270302", 9, 10).organizer("ada").attendee("aula");
        ada.invite(&own).await.created();
        let off = own.line("SEQUENCE:1").line("STATUS:CANCELLED");
        assert_eq!(send_to(server, "aula", ADA, &cancel(&off, 9)).await, Receipt::Cancelled);
        assert!(server.claims("aula").await.is_empty());
        let kept = ada.get(&ada.in_own("own")).await;
        assert!(kept.lines_of("ATTENDEE").is_empty() && kept.has_line("SUMMARY:own"), "{}", kept.text());
    })
    .await;
}

// R85: what nobody knows is cancelled without a word
#[tokio::test]
async fn a_cancellation_of_something_unknown_does_nothing() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        assert!(ignored_by(&send(server, ADA, &cancel(&called_off(1), 2)).await, "R85"));
        assert!(ignored_by(&send(server, ADA, &dates(&["20270303T080000Z"], 1, 2)).await, "R85"));
        assert!(written(server).await.is_empty());
    })
    .await;
}

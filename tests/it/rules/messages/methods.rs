//! The other methods (R125), and what is no message.

use roomdav::booking::Receipt;

use super::super::hold;
use super::{accepted, answers, ignored_by, lines, message, request, send, try_send, written};
use crate::support::{Event, event};

const ADA: &str = "ada@example.org";

fn asked() -> Event {
    event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("bob")
}

// R125; RFC 5546, section 3.2.8
#[tokio::test]
async fn a_counter_proposal_is_turned_down() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        send(server, ADA, &request(&asked(), 1)).await;
        let other = event("e").hours("20270301", 14, 15).organizer("ada").attendee("aula").attendee("bob");
        let text = message("COUNTER", &other, 2);
        assert_eq!(send(server, "bob@example.org", &text).await, Receipt::Replied("DECLINECOUNTER"));
        let (to, reply) = written(server).await.remove(1);
        assert_eq!(
            (to.as_str(), lines(&reply, "METHOD")),
            ("bob@example.org", vec!["METHOD:DECLINECOUNTER"])
        );
        assert_eq!(lines(&reply, "UID"), ["UID:e"]);
        assert!(ignored_by(&send(server, "bob@example.org", &text).await, "R32"), "once");
        assert!(ignored_by(&send(server, "mallory@elsewhere.org", &text).await, "R86"));
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

// R125; RFC 5546, section 3.2.6
#[tokio::test]
async fn the_organizer_is_told_the_current_state_on_demand() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let demand = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REFRESH\r\nBEGIN:VEVENT\r\nUID:e\r\n\
                      DTSTAMP:20270228T070000Z\r\nORGANIZER:mailto:ada@example.org\r\n\
                      ATTENDEE:mailto:aula@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert!(ignored_by(&send(server, ADA, demand).await, "R125"));
        send(server, ADA, &request(&asked(), 1)).await;
        server.pass(60).await;
        assert_eq!(send(server, ADA, demand).await, Receipt::Replied("REPLY"));
        assert_eq!(answers(server).await, ["ACCEPTED", "ACCEPTED"]);
        assert!(ignored_by(&send(server, "bob@example.org", demand).await, "R86"));
    })
    .await;
}

// R125, R20; RFC 5546, section 3.2.4
#[tokio::test]
async fn a_date_is_added_to_what_is_known() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let more = event("e").hours("20270310", 16, 17).organizer("ada").attendee("aula").line("SEQUENCE:1");
        // Without the rest it cannot be understood.
        assert_eq!(send(server, ADA, &message("ADD", &more, 2)).await, Receipt::Replied("REFRESH"));
        let (to, text) = written(server).await.remove(0);
        assert_eq!((to.as_str(), lines(&text, "METHOD")), (ADA, vec!["METHOD:REFRESH"]));
        assert!(lines(&text, "DTSTART").is_empty() && lines(&text, "ATTENDEE").len() == 1, "{text}");
        let series = asked().rule("FREQ=DAILY;COUNT=2").line("SEQUENCE:0");
        send(server, ADA, &request(&series, 1)).await;
        assert_eq!(send(server, ADA, &message("ADD", &more, 2)).await, accepted());
        let claims = ["03-01 09:00-10:00", "03-02 09:00-10:00", "03-10 16:00-17:00"];
        assert_eq!(server.claims("aula").await, claims);
        assert!(ignored_by(&send(server, ADA, &message("ADD", &more, 2)).await, "R32"));
        assert_eq!(answers(server).await, ["ACCEPTED", "ACCEPTED"]);
    })
    .await;
}

// R125: nothing else is a room's business
#[tokio::test]
async fn other_methods_are_noted_and_ignored() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        for method in ["PUBLISH", "DECLINECOUNTER", "X-ODD"] {
            assert!(ignored_by(&send(server, ADA, &message(method, &asked(), 1)).await, "R125"), "{method}");
        }
        assert!(server.claims("aula").await.is_empty() && written(server).await.is_empty());
        let rows = server.audit("aula").await;
        assert_eq!(rows.iter().filter(|(kind, _, rule)| kind == "ignored" && rule == "R125").count(), 3);
    })
    .await;
}

// B-20: what is no message books nothing, and nothing is half done
#[tokio::test]
async fn what_is_no_message_is_refused() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let good = request(&asked(), 1);
        let bad = [
            asked().text(),
            good.replace("METHOD:REQUEST", "METHOD:"),
            good.replace("METHOD:REQUEST", "METHOD:REQUEST\r\nMETHOD:CANCEL"),
            good.replace("UID:e\r\n", ""),
            good.replace("DTSTART;TZID=Europe/Berlin:20270301T090000\r\n", ""),
            good.replace("DTSTART;TZID=Europe/Berlin:20270301T090000", "DTSTART:tomorrow"),
            good.replace("END:VCALENDAR", "END:VEVENT"),
            "\u{0}\u{1}".to_owned(),
            String::new(),
            good.replace("SUMMARY:e", &format!("SUMMARY:{}", "x".repeat(2 << 20))),
        ];
        for (n, text) in bad.iter().enumerate() {
            assert!(try_send(server, Some(ADA), None, text).await.is_err(), "{n}");
        }
        // No organizer, or several: nobody whom it could be from.
        let without = good.replace("ORGANIZER:mailto:ada@example.org\r\n", "");
        assert!(ignored_by(&send(server, ADA, &without).await, "R86"));
        let task = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VTODO\r\nUID:t\r\n\
                    DTSTAMP:20270228T070000Z\r\nORGANIZER:mailto:ada@example.org\r\n\
                    ATTENDEE:mailto:aula@example.org\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
        assert!(ignored_by(&send(server, ADA, task).await, "R25"));
        assert!(server.claims("aula").await.is_empty() && written(server).await.is_empty());
    })
    .await;
}

//! Decisions by command, whole and by date, with a remark (R73), and what every calendar shows then.

use roomdav::booking::{Error, Outcome};
use roomdav::ical::{CalendarObject, Limits};

use super::{HOUR, invitation, kinds, meeting, with_house};
use crate::support::event;

// R73: whole, with a remark that is passed on
#[tokio::test]
async fn an_approved_invitation_is_accepted() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        assert!(!ada.get(&ada.in_own("e")).await.has_line("LOCATION:Aula"));
        server.decide("aula", "e", ("eve", true), None, "Keys are at the desk.").await.unwrap();
        let own = ada.get(&ada.in_own("e")).await;
        assert_eq!(own.partstats("aula"), ["ACCEPTED"]);
        assert!(own.has_line("LOCATION:Aula"), "{}", own.text());
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(server.notices("ada").await[1].1, "Approved: e");
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let told = snapshot.tx().outbox().list(None, 10).await.unwrap();
        assert!(told.iter().any(|message| message.content.body.contains("Keys are at the desk.")));
        drop(snapshot);
        let row = server
            .decisions()
            .await
            .into_iter()
            .rfind(|row| row.kind == "occurrence" && row.rule == "R73")
            .expect("a row");
        assert_eq!((row.actor_name.as_str(), row.detail.as_str()), ("eve", "Keys are at the desk."));
        assert_eq!((row.old_state.as_deref(), row.new_state.as_deref()), (Some("held"), Some("confirmed")));
        // It does not end by itself any more, and nobody is reminded.
        server.pass(80 * HOUR).await;
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(kinds(server, "eve").await, ["approval-asked"]);
    })
    .await;
}

// R73: a direct booking; others see a change, its owner's bytes stay
#[tokio::test]
async fn an_approved_booking_is_as_it_was_sent() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let etag = ada.book("aula", &meeting("e")).await.created().etag();
        let shown = bob.get(&bob.in_room("aula", "e")).await;
        assert!(shown.has_line("STATUS:TENTATIVE"));
        let (_, token) = bob.sync(&bob.room("aula"), "").await;
        server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.etag(), etag);
        let again = bob.get(&bob.in_room("aula", "e")).await;
        assert!(!again.has_line("STATUS:TENTATIVE"));
        assert_ne!(again.etag(), shown.etag());
        assert_eq!(bob.sync(&bob.room("aula"), &token).await.0.len(), 1);
        bob.book("aula", &meeting("b")).await.refused("busy");
    })
    .await;
}

// R73: by date; R70: overrides where the answers differ
#[tokio::test]
async fn single_dates_are_approved_and_declined() {
    with_house(async |server| {
        let ada = server.client("ada");
        let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=4");
        ada.invite(&series.clone().organizer("ada").attendee("aula")).await.created();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula"), ["TENTATIVE"]);
        server.decide("aula", "s", ("eve", true), Some("2027-03-09T08:00:00Z"), "").await.unwrap();
        server.decide("aula", "s", ("eve", false), Some("2027-03-10T08:00:00Z"), "").await.unwrap();
        let own = ada.get(&ada.in_own("s")).await;
        assert_eq!(own.partstats("aula"), ["TENTATIVE", "DECLINED", "ACCEPTED"]);
        assert_eq!(
            server.states("aula", "s").await[1..3],
            ["03-09 09:00 confirmed", "03-10 09:00 declined not-approved"]
        );
        // The rest as a whole; what was declined is approved by it too only if nothing else waits.
        server.decide("aula", "s", ("eve", true), None, "").await.unwrap();
        assert_eq!(ada.get(&ada.in_own("s")).await.partstats("aula")[0], "ACCEPTED");
        assert_eq!(kinds(server, "ada").await.len(), 4);
    })
    .await;
}

// R73 for a direct series
#[tokio::test]
async fn a_declined_date_of_a_booked_series_leaves_its_text() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=3");
        ada.book("aula", &series).await.created();
        server.decide("aula", "s", ("eve", true), Some("2027-03-08T08:00:00Z"), "").await.unwrap();
        // The other two are shown as tentative, each alone.
        let shown = bob.get(&bob.in_room("aula", "s")).await;
        assert_eq!(shown.lines_of("RECURRENCE-ID").len(), 2, "{}", shown.text());
        assert_eq!(shown.lines_of("STATUS").len(), 2);
        server.decide("aula", "s", ("eve", false), Some("2027-03-09T08:00:00Z"), "").await.unwrap();
        assert_eq!(ada.get(&ada.in_room("aula", "s")).await.lines_of("EXDATE").len(), 1);
        assert_eq!(server.claims("aula").await, ["03-08 09:00-10:00", "03-10 09:00-10:00"]);
        // A program that reads details and adds an alarm of its own writes back what it was shown.
        let shown = bob.get(&bob.in_room("aula", "s")).await;
        let alarm =
            "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
        let text = shown.text().replacen("END:VEVENT", alarm, 1);
        bob.change(&bob.in_room("aula", "s"), &shown.etag(), text).await.no_content();
        assert!(bob.get(&bob.in_room("aula", "s")).await.has_line("BEGIN:VALARM"));
    })
    .await;
}

// R73: the first decision counts, later ones change it; R89: it sticks
#[tokio::test]
async fn a_later_decision_changes_an_earlier_one() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(&invitation("e")).await.created();
        server.decide("aula", "e", ("eve", false), None, "").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 declined not-approved"]);
        // A program that has not heard of it writes it again.
        ada.put(&ada.in_own("e"), invitation("e").summary("Again").text()).await.no_content();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 declined not-approved"]);
        server.decide("aula", "e", ("max", true), None, "").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["ACCEPTED"]);
        // The same once more changes nothing.
        let rows = server.decisions().await.len();
        server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        assert_eq!(server.decisions().await.len(), rows);
        server.decide("aula", "e", ("eve", false), None, "").await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 cancelled cancelled"]);
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["DECLINED"]);
        // Taken meanwhile: step 5 holds for managers too.
        server.set("aula", "mode", "auto").await;
        bob.book("aula", &meeting("b")).await.created();
        let refused = server.decide("aula", "e", ("eve", true), None, "").await.unwrap();
        assert!(matches!(refused, Outcome::Refused(refusal) if refusal.reason.code() == "busy"));
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 cancelled cancelled"]);
        let kinds = kinds(server, "ada").await;
        assert_eq!(kinds, ["approval-waiting", "not-approved", "approved", "not-approved"]);
    })
    .await;
}

// R73: only a manager
#[tokio::test]
async fn nobody_else_decides() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        for login in ["ada", "bob"] {
            let done = server.decide("aula", "e", (login, true), None, "").await;
            assert!(matches!(done, Err(Error::Missing)), "{done:?}");
        }
        let other = server.decide("aula", "e", ("eve", true), Some("2027-04-01T08:00:00Z"), "").await;
        assert!(matches!(other, Err(Error::Missing)), "{other:?}");
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 held"]);
    })
    .await;
}

// R73: an answer for the room that came as a message (RFC 5546, sections 2.1.5 and 3.2.3)
#[tokio::test]
async fn a_reply_for_the_room_decides() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e").line("SEQUENCE:2")).await.created();
        let reply = |sequence: u32| {
            let text = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:e\r\n\
                 DTSTAMP:20270228T090000Z\r\nDTSTART:20270308T080000Z\r\nDTEND:20270308T090000Z\r\n\
                 SEQUENCE:{sequence}\r\nORGANIZER:mailto:ada@example.org\r\nCOMMENT:Welcome\r\n\
                 ATTENDEE;PARTSTAT=ACCEPTED:mailto:aula@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            CalendarObject::parse_message(text.into(), &Limits::default()).unwrap()
        };
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let slug = roomdav::domain::id::Slug::parse("aula").unwrap();
        let room = tx.rooms().by_slug(&slug).await.unwrap().unwrap().id;
        let login = roomdav::domain::id::Slug::parse("eve").unwrap();
        let user = tx.users().by_login(&login).await.unwrap().unwrap();
        let language = roomdav::text::Language::English;
        let eve = roomdav::booking::actor(&mut tx, &user, language).await.unwrap();
        drop(snapshot);
        let late = server.bookings.decide_by_reply(eve.clone(), room, &reply(1)).await;
        assert!(matches!(late, Err(Error::Stale)), "{late:?}");
        server.bookings.decide_by_reply(eve, room, &reply(2)).await.unwrap();
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
    })
    .await;
}

// R65, R70: a series that goes on is one request
#[tokio::test]
async fn an_approved_series_goes_on_and_an_undecided_one_ends_whole() {
    with_house(async |server| {
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.invite(
            &event("a").hours("20270308", 9, 10).rule("FREQ=WEEKLY").organizer("ada").attendee("aula"),
        )
        .await
        .created();
        bob.book("aula", &event("b").hours("20270308", 11, 12).rule("FREQ=WEEKLY")).await.created();
        // Nothing is confirmed yet, so nobody is told up to when.
        assert_eq!(kinds(server, "ada").await, ["approval-waiting"]);
        server.decide("aula", "a", ("eve", true), None, "").await.unwrap();
        let before = server.claims("aula").await.len();
        server.clock.set(server.clock.now().plus(24 * HOUR * 2));
        server.bookings.extend().await.unwrap();
        server.pass(24 * HOUR).await;
        assert!(bob.list(&bob.own()).await.is_empty(), "nobody decided about it");
        server.clock.set(server.clock.now().plus(24 * HOUR * 7));
        server.bookings.extend().await.unwrap();
        assert!(server.states("aula", "a").await.iter().all(|state| state.ends_with("confirmed")));
        assert_eq!(server.claims("aula").await.len(), before / 2 + 1);
        assert_eq!(kinds(server, "eve").await, ["approval-asked", "approval-asked"]);
    })
    .await;
}

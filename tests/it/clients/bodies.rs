//! How a refusal looks: the bytes of the body, the phrase, the language, and who decides which way
//! of refusing it is.

use roomdav::booking::admin::UserChange;
use roomdav::domain::id::Slug;
use roomdav::domain::user::Refusals;

use crate::support::{Client, Reply, TestServer, event, on_both};

async fn refused(client: &Client<'_>) -> Reply {
    client.book("aula", &event("new").hours("20270512", 10, 11)).await
}

async fn taken(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.set("aula", "viewer", "free-busy").await;
    server.client("bob").book("aula", &event("bobs").hours("20270512", 10, 11)).await.created();
}

/// The body of a refusal: one element, no white space, in one line after the declaration.
fn body(element: &str, sentence: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\" xmlns:R=\"urn:roomdav\">\
         <R:{element}>{sentence}</R:{element}></D:error>"
    )
}

#[tokio::test]
async fn a_refusal_is_one_element_with_one_sentence() {
    // RFC 4918, sections 8.7 and 14.5; 4.2, R4.6.
    on_both(async |server| {
        taken(&server).await;
        let reply = refused(&server.client("ada")).await.refused("busy");
        let sentence = "Room Aula is already booked on 12 May 2027 from 10:00 to 11:00 (Europe/Berlin; R1).";
        assert_eq!(reply.text(), body("busy", sentence));
        assert_eq!(reply.header("content-type"), Some("application/xml; charset=utf-8"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.phrase.as_deref(), Some("Room is already booked"));
        assert_eq!(reply.header("etag"), None);
    })
    .await;
}

#[tokio::test]
async fn a_412_for_a_refused_change_has_the_same_body() {
    on_both(async |server| {
        taken(&server).await;
        let ada = server.client("ada").agent("macOS/15.0 (24A335) dataaccessd/1.0");
        ada.book("aula", &event("mine").hours("20270512", 12, 13)).await.created();
        let into = event("mine").hours("20270512", 10, 11).text();
        let reply = ada.put(&format!("{}mine.ics", ada.room("aula")), into).await.expect(412);
        let sentence = "Room Aula is already booked on 12 May 2027 from 10:00 to 11:00 (Europe/Berlin; R1).";
        assert_eq!(reply.text(), body("busy", sentence));
        assert_eq!(reply.phrase.as_deref(), Some("Room is already booked"));
    })
    .await;
}

#[tokio::test]
async fn names_are_told_to_those_who_may_see_them_and_escaped() {
    // R105; a name is anybody's text.
    on_both(async |server| {
        taken(&server).await;
        let name = UserChange::Name("B<o>b & Co".to_owned());
        server.bookings.set_user(Slug::parse("bob").unwrap(), vec![name]).await.unwrap();
        let hidden = refused(&server.client("ada")).await.refused("busy");
        assert!(!hidden.text().contains("Co"), "{}", hidden.text());
        server.set("aula", "viewer", "busy-with-name").await;
        let shown = refused(&server.client("ada")).await.refused("busy");
        let sentence = "Room Aula is already booked on 12 May 2027 from 10:00 to 11:00 by B&lt;o&gt;b &amp; Co \
                        (Europe/Berlin; R1).";
        assert_eq!(shown.text(), body("busy", sentence));
    })
    .await;
}

#[tokio::test]
async fn every_failing_date_is_named_and_the_first_reason_names_the_element() {
    // R42.
    on_both(async |server| {
        taken(&server).await;
        let ada = server.client("ada");
        server.client("bob").book("aula", &event("more").hours("20270519", 10, 11)).await.created();
        let weekly = event("new").hours("20270512", 10, 11).rule("FREQ=WEEKLY;COUNT=3");
        let reply = ada.book("aula", &weekly).await.refused("busy");
        assert_eq!(
            reply.sentence(),
            "Room Aula is already booked on 12 May 2027 from 10:00 to 11:00 and on 19 May 2027 from 10:00 \
             to 11:00 (Europe/Berlin; R1)."
        );
    })
    .await;
}

#[tokio::test]
async fn the_sentence_is_in_the_language_of_the_person_else_of_the_program() {
    // Decision 12. The phrase stays ASCII and English.
    on_both(async |server| {
        taken(&server).await;
        let german = "Raum Aula ist schon belegt am 12. Mai 2027 von 10:00 bis 11:00 (Europe/Berlin; R1).";
        let english = "Room Aula is already booked on 12 May 2027 from 10:00 to 11:00 (Europe/Berlin; R1).";
        let ada = server.client("ada");
        let by_header = refused(&ada.clone().language("fr, de-AT;q=0.9, en;q=0.5")).await.refused("busy");
        let by_default = refused(&ada.clone().language("fr")).await.refused("busy");
        let set = UserChange::Language(Some("de".to_owned()));
        server.bookings.set_user(Slug::parse("ada").unwrap(), vec![set]).await.unwrap();
        let by_person = refused(&ada.language("en")).await.refused("busy");
        assert_eq!(
            [by_header.sentence(), by_default.sentence(), by_person.sentence()].as_slice(),
            [german, english, german]
        );
        assert_eq!(by_person.phrase.as_deref(), Some("Room is already booked"));
    })
    .await;
}

#[tokio::test]
async fn every_phrase_is_short_ascii() {
    // 4.2: at most 80 characters, because a status line has no more room everywhere.
    for code in [
        "busy",
        "blocked",
        "closed-hours",
        "closed-room",
        "not-allowed",
        "too-soon",
        "too-far",
        "too-short",
        "too-long",
        "past",
        "grid",
        "no-recurrence",
        "self-overlap",
        "duplicate",
        "invalid",
        "late-cancel",
    ] {
        let reason = roomdav::domain::reason::Reason::from_code(code).expect(code);
        let phrase = roomdav::text::reason_phrase(reason);
        assert!(phrase.is_ascii() && phrase.len() <= 80 && !phrase.contains(['\r', '\n']), "{phrase}");
    }
}

#[tokio::test]
async fn a_condition_of_an_rfc_stands_alone_in_the_body() {
    // Never the empty DAV:error, which Thunderbird reads as "rate limited"; never need-privileges
    // but where the calendar says that it is read-only.
    on_both(async |server| {
        taken(&server).await;
        let ada = server.client("ada");
        let todo =
            event("t").hours("20270512", 12, 13).text().replace("VEVENT", "VTODO").replace("DTEND", "DUE");
        let reply = ada.create(&format!("{}t.ics", ada.room("aula")), todo).await.expect(403);
        assert_eq!(
            reply.text(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><C:supported-calendar-component \
             xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:error>"
        );
        assert!(reply.phrase.is_some(), "the phrase says what the element does not");
    })
    .await;
}

#[tokio::test]
async fn an_account_may_pin_the_way_and_an_app_password_goes_before_it() {
    // Decision 2.
    on_both(async |server| {
        taken(&server).await;
        let pin = async |mode: Refusals| {
            let change = vec![UserChange::Refusals(mode)];
            server.bookings.set_user(Slug::parse("ada").unwrap(), change).await.unwrap();
        };
        let new = |n: u32| event(&format!("n{n}")).hours("20270512", 10, 11);
        let (davx5, thunderbird) = ("DAVx5/4.5-ose", "Thunderbird/153.7");
        let ada = |agent: &str| server.client("ada").agent(agent);
        pin(Refusals::Strict).await;
        ada(davx5).book("aula", &new(1)).await.refused("busy");
        ada(davx5).pinned(Refusals::Friendly).book("aula", &new(2)).await.created();
        pin(Refusals::Friendly).await;
        ada(thunderbird).book("aula", &new(3)).await.created();
        ada(thunderbird).pinned(Refusals::Strict).book("aula", &new(4)).await.refused("busy");
        pin(Refusals::Auto).await;
        ada(davx5).book("aula", &new(5)).await.created();
        ada(thunderbird).book("aula", &new(6)).await.refused("busy");
        assert_eq!(server.claims("aula").await, ["05-12 10:00-11:00"]);
    })
    .await;
}

#[tokio::test]
async fn a_refused_move_is_forbidden_whatever_the_program() {
    // 4.2: MOVE into a taken room.
    on_both(async |server| {
        taken(&server).await;
        server.room("blue").await;
        for agent in ["", "DAVx5/4.5-ose", "iOS/18.1 (22B83) dataaccessd/1.0", "KDE DAV groupware client"] {
            let ada = server.client("ada").agent(agent);
            let uid = format!("m{}", agent.len());
            ada.book("blue", &event(&uid).hours("20270512", 10, 11)).await.created();
            let (from, to) =
                (format!("{}{uid}.ics", ada.room("blue")), format!("{}{uid}.ics", ada.room("aula")));
            ada.send("MOVE", &from, &[("destination", &to)], "").await.refused("busy");
            ada.delete(&from).await.no_content();
        }
    })
    .await;
}

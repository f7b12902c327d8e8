//! Attachments of what is organized: those who are invited have them too. RFC 8607, section 3.12;
//! RFC 6638, section 3.2.

use super::{Kept, PLAN, add, house, lines, post, remove};
use crate::support::{Client, TestServer, event, on_both};

/// Ada invites bob, and somebody outside.
async fn invited(server: &TestServer) -> String {
    house(server).await;
    let ada = server.client("ada");
    let event = event("e").hours("20270301", 9, 10).organizer("ada");
    let event = event.line("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org");
    let event = event.line("ATTENDEE:mailto:guest@elsewhere.example").attendee("aula");
    ada.invite(&event).await.created();
    ada.in_own("e")
}

/// The calendar objects that go to those outside.
async fn bodies(server: &TestServer) -> Vec<String> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
    let letters = all.into_iter().filter(|message| message.content.kind == "scheduling");
    let bodies: Vec<String> = letters.filter_map(|message| Some(message.content.calendar?.1)).collect();
    assert!(!bodies.is_empty());
    bodies
}

async fn copy(client: &Client<'_>) -> String {
    client.list(&client.own()).await.remove(0).0
}

#[tokio::test]
async fn who_is_invited_gets_the_attachment_and_is_told() {
    // RFC 8607, section 3.12.6.
    on_both(async |server| {
        let path = invited(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let inbox = format!("{}inbox/", bob.home());
        let (tag, messages) = (ada.get(&path).await, bob.list(&inbox).await.len());
        let claims = server.claims("aula").await;
        let tag = tag.header("schedule-tag").unwrap().to_owned();
        let kept = add(&ada, &path, "agenda").await;
        assert_eq!(lines(&bob, &copy(&bob).await).await, [kept.line(6)]);
        assert_eq!(bob.get(&kept.path).await.expect(200).text(), "agenda");
        assert_eq!(bob.list(&inbox).await.len(), messages + 1);
        assert_ne!(ada.get(&path).await.header("schedule-tag"), Some(tag.as_str()));
        assert_eq!(server.claims("aula").await, claims);
        assert_eq!(server.states("aula", "e").await.len(), 1);
        // Nobody outside could get it.
        for body in bodies(&server).await {
            assert!(body.contains("BEGIN:VCALENDAR") && !body.contains("ATTACH"), "{body}");
        }
        remove(&ada, &path, &kept.id).await.expect(204);
        assert!(lines(&bob, &copy(&bob).await).await.is_empty());
        bob.get(&kept.path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn an_attendee_answers_and_adds_nothing() {
    on_both(async |server| {
        let path = invited(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let kept = add(&ada, &path, "agenda").await;
        let own = copy(&bob).await;
        let condition = "allowed-attendee-scheduling-object-change";
        post(&bob, &own, "action=attachment-add", &PLAN, "x").await.fails(403, condition);
        remove(&bob, &own, &kept.id).await.fails(403, condition);
        let update = format!("action=attachment-update&managed-id={}", kept.id);
        post(&bob, &own, &update, &PLAN, "x").await.fails(403, condition);
        // Written back with an answer, the copy keeps what it has.
        let got = bob.get(&own).await;
        let bobs = "PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob";
        let accepted = got.text().replace("\r\n ", "").replace(bobs, "PARTSTAT=ACCEPTED:mailto:bob");
        let accepted = accepted.replace("PARTSTAT=NEEDS-ACTION:mailto:bob", "PARTSTAT=ACCEPTED:mailto:bob");
        bob.put(&own, &accepted).await.expect(204);
        assert_eq!(ada.get(&path).await.partstats("bob"), ["ACCEPTED"]);
        assert_eq!(lines(&bob, &own).await, [kept.line(6)]);
        // Something of his own has no place in it.
        bob.invite(&event("mine").hours("20270302", 9, 10)).await.created();
        let mine: Kept = add(&bob, &bob.in_own("mine"), "x").await;
        let forged = accepted.replace("SUMMARY:e", &format!("SUMMARY:e\r\n{}", mine.line(1)));
        bob.put(&own, forged).await.fails(403, "valid-managed-id-parameter");
        server.set("aula", "viewer", "free-busy").await;
        // Who gave his copy up writes it anew from the message.
        bob.delete(&own).await.expect(204);
        bob.get(&kept.path).await.expect(404);
        bob.put(&own, &accepted).await.expect(201);
        bob.get(&kept.path).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_invited_shows_it_to_those_who_read_it() {
    on_both(async |server| {
        let path = invited(&server).await;
        let (ada, maria) = (server.client("ada"), server.client("maria"));
        let kept = add(&ada, &path, "agenda").await;
        maria.get(&kept.path).await.expect(200);
        let (href, _) = maria.list(&maria.room("aula")).await.remove(0);
        assert_eq!(lines(&maria, &href).await, [kept.line(6)]);
        // What is shown there is changed where it is organized.
        post(&maria, &href, "action=attachment-add", &PLAN, "x").await.refused("not-allowed");
        server.set("aula", "viewer", "free-busy").await;
        server.people(&["eve"]).await;
        server.client("eve").get(&kept.path).await.expect(404);
        server.client("bob").get(&kept.path).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_date_with_an_attachment_asks_nobody_again() {
    // RFC 6638, section 3.2.8.
    on_both(async |server| {
        house(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let series = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4").organizer("ada");
        let series = series.line("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org").attendee("aula");
        ada.invite(&series).await.created();
        let own = copy(&bob).await;
        let text = bob.get(&own).await.text();
        bob.put(&own, text.replace("PARTSTAT=NEEDS-ACTION:mailto:bob", "PARTSTAT=ACCEPTED:mailto:bob"))
            .await
            .expect(204);
        let path = ada.in_own("s");
        let (claims, sequence) = (server.claims("aula").await, ada.get(&path).await.lines_of("SEQUENCE"));
        let add = "action=attachment-add&rid=20270315T080000Z";
        let kept = Kept::of(&post(&ada, &path, add, &PLAN, "x").await.expect(201));
        for (client, path) in [(&ada, &path), (&bob, &own)] {
            let got = client.get(path).await;
            assert_eq!(got.partstats("bob"), ["ACCEPTED", "ACCEPTED"], "{}", got.text());
            assert_eq!(got.partstats("aula"), ["ACCEPTED", "ACCEPTED"]);
            assert_eq!(got.lines_of("ATTACH"), [kept.line(1)]);
        }
        assert_eq!(ada.get(&path).await.lines_of("SEQUENCE"), sequence);
        assert_eq!(server.claims("aula").await, claims);
        bob.get(&kept.path).await.expect(200);
    })
    .await;
}

/// Ada's weekly series `s`, to whose third date alone bob is invited; with an attachment of that
/// date, and one of the second.
async fn invited_once(server: &TestServer) -> (String, Kept, Kept) {
    house(server).await;
    let ada = server.client("ada");
    let (organizer, guest) = ("ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org");
    let maria = "ATTENDEE:mailto:maria@example.org";
    let series = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4").line(organizer).line(maria);
    let series =
        series.moved("20270315T090000", "20270315T090000", "20270315T100000", &[organizer, maria, guest]);
    ada.invite(&series).await.created();
    let path = ada.in_own("s");
    let mut kept = Vec::new();
    for rid in ["20270315T080000Z", "20270308T080000Z"] {
        let add = format!("action=attachment-add&rid={rid}");
        kept.push(Kept::of(&post(&ada, &path, &add, &PLAN, "x").await.expect(201)));
    }
    let [his, other] = <[Kept; 2]>::try_from(kept).ok().unwrap();
    (path, his, other)
}

#[tokio::test]
async fn an_attendee_names_nothing_of_dates_he_is_not_invited_to() {
    on_both(async |server| {
        let (_, his, other) = invited_once(&server).await;
        let bob = server.client("bob");
        let own = copy(&bob).await;
        assert_eq!(lines(&bob, &own).await, [his.line(1)]);
        let text = bob.get(&own).await.text();
        let forged = text.replace("SUMMARY:s", &format!("SUMMARY:s\r\n{}", other.line(1)));
        bob.put(&own, &forged).await.fails(403, "valid-managed-id-parameter");
        bob.get(&other.path).await.expect(404);
        // Nor where he gave his copy up.
        bob.delete(&own).await.expect(204);
        bob.put(&own, &forged).await.fails(403, "valid-managed-id-parameter");
        bob.put(&own, &text).await.expect(201);
        bob.get(&his.path).await.expect(200);
        bob.get(&other.path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_nobody_brings_up_to_date_gives_nothing_any_more() {
    // D-34: what is told between people who do not know each other.
    on_both(async |server| {
        house(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let event = event("e").hours("20270301", 9, 10).organizer("ada");
        let event = event.line("ATTENDEE:mailto:bob@example.org").line("ATTENDEE:mailto:maria@example.org");
        ada.invite(&event).await.created();
        let path = ada.in_own("e");
        let kept = add(&ada, &path, "agenda").await;
        bob.get(&kept.path).await.expect(200);
        server.set("aula", "viewer", "none").await;
        bob.get(&kept.path).await.expect(200);
        let got = ada.get(&path).await.text().replace("\r\n ", "");
        let bobs = got.lines().find(|line| line.starts_with("ATTENDEE") && line.contains("bob")).unwrap();
        ada.put(&path, got.replace(&format!("{bobs}\r\n"), "")).await.expect(204);
        ada.get(&kept.path).await.expect(200);
        assert_eq!(lines(&bob, &copy(&bob).await).await, [kept.line(6)], "his copy knows nothing of it");
        bob.get(&kept.path).await.expect(404);
        // Invited again, he has it again.
        ada.put(&path, &got).await.expect(204);
        bob.get(&kept.path).await.expect(200);
        ada.delete(&path).await.expect(204);
        bob.get(&kept.path).await.expect(404);
        // Nor does he have it of an event that he makes of his copy.
        let own = copy(&bob).await;
        let text = bob.get(&own).await.text().replace("\r\n ", "");
        let is_people = |line: &&str| line.starts_with("ATTENDEE") || line.starts_with("ORGANIZER");
        let text: Vec<&str> = text.lines().filter(|line| !is_people(line)).collect();
        bob.put(&own, text.join("\r\n") + "\r\n").await.expect(204);
        assert_eq!(lines(&bob, &own).await, [kept.line(6)]);
        bob.get(&kept.path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn a_delegate_keeps_attachments_for_whom_he_acts() {
    on_both(async |server| {
        house(&server).await;
        server.people(&["wendy", "rita"]).await;
        server.set("aula", "viewer", "free-busy").await;
        let (ada, wendy, rita) = (server.client("ada"), server.client("wendy"), server.client("rita"));
        for (group, login) in [("write", "wendy"), ("read", "rita")] {
            let body = format!(
                "<propertyupdate xmlns=\"DAV:\"><set><prop><group-member-set><href>/principals/users/{login}/</href>\
                 </group-member-set></prop></set></propertyupdate>"
            );
            let group = format!("/principals/users/ada/calendar-proxy-{group}/");
            ada.send("PROPPATCH", &group, &[], &body).await.expect(207);
        }
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let path = ada.in_room("aula", "a");
        let kept = add(&wendy, &path, "from wendy").await;
        assert_eq!(lines(&ada, &path).await, [kept.line(10)]);
        post(&rita, &path, "action=attachment-add", &PLAN, "x").await.expect(405);
        for reader in [&ada, &wendy, &rita] {
            assert_eq!(reader.get(&kept.path).await.expect(200).text(), "from wendy");
        }
        server.client("bob").get(&kept.path).await.expect(404);
        // It is ada's: wendy puts it into no event of her own.
        let own = event("w").hours("20270302", 9, 10).line(&kept.line(10));
        wendy.invite(&own).await.fails(403, "valid-managed-id-parameter");
        wendy.put(&ada.in_own("w"), own.text()).await.expect(201);
    })
    .await;
}

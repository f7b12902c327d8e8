//! Accept and decline: the copy of a booking that was not given. It is no booking: it holds
//! nothing, nobody else sees it, and it goes by itself.

use crate::support::{Client, Event, TestServer, event, on_both};

const AGENT: &str = "DAVx5/4.5.8-ose (dav4jvm; ktor) Android/15";

/// Bob has the room from nine to ten; Ada's phone wanted the same hour.
async fn world(server: &TestServer) -> Client<'_> {
    server.people(&["ada", "bob", "eve"]).await;
    server.room("aula").await;
    server.client("bob").book("aula", &event("bobs").hours("20270301", 9, 10)).await.created();
    let ada = server.client("ada").agent(AGENT);
    ada.book("aula", &wanted()).await.created();
    ada
}

fn wanted() -> Event {
    event("new")
        .hours("20270301", 9, 10)
        .summary("Lunch")
        .line("DESCRIPTION:bring cake")
        .organizer("ada")
        .attendee("aula")
        .line("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT10M\r\nEND:VALARM")
}

fn copy_of(client: &Client<'_>) -> String {
    format!("{}new.ics", client.room("aula"))
}

/// Lines of a text, unfolded.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_copy_says_what_happened() {
    // 4.3, R4.6.
    on_both(async |server| {
        let ada = world(&server).await;
        let reply = ada.get(&copy_of(&ada)).await.expect(200);
        let lines = lines(&reply.text());
        let sentence =
            "Room Aula is already booked on 1 March 2027 from 09:00 to 10:00 by Bob (Europe/Berlin\\; R1).";
        for line in [
            "SUMMARY:DECLINED - room busy: Lunch".to_owned(),
            format!("DESCRIPTION:{sentence}\\n\\nbring cake"),
            format!("COMMENT:{sentence}"),
            "STATUS:TENTATIVE".to_owned(),
            "TRANSP:TRANSPARENT".to_owned(),
        ] {
            assert!(lines.contains(&line), "{line} in {lines:#?}");
        }
        let room = lines.iter().find(|line| line.ends_with("mailto:aula@example.org")).expect("the room");
        assert!(room.contains("PARTSTAT=DECLINED"), "{room}");
        assert!(!reply.text().contains("VALARM"));
        assert!(!reply.text().contains("CANCELLED"));
        assert_eq!(reply.etag().chars().filter(|c| *c == '"').count(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_copy_speaks_the_persons_language() {
    on_both(async |server| {
        let ada = world(&server).await.language("de");
        ada.create(&format!("{}other.ics", ada.room("aula")), event("other").hours("20270301", 9, 10).text())
            .await
            .created();
        let text = ada.get(&format!("{}other.ics", ada.room("aula"))).await.text();
        assert!(lines(&text).contains(&"SUMMARY:ABGELEHNT - Raum belegt: other".to_owned()), "{text}");
    })
    .await;
}

#[tokio::test]
async fn only_its_writer_sees_it_in_all_programs() {
    on_both(async |server| {
        let ada = world(&server).await;
        let desktop = server.client("ada");
        assert_eq!(desktop.list(&desktop.room("aula")).await.len(), 2);
        for login in ["bob", "eve"] {
            let other = server.client(login);
            assert_eq!(other.list(&other.room("aula")).await.len(), 1);
            other.get(&copy_of(&other)).await.expect(404);
            other.delete(&copy_of(&other)).await.expect(404);
        }
        // No manager either, and it is in no mirror: it is no reservation.
        server.grant("aula", "eve", "manage").await;
        let eve = server.client("eve");
        assert_eq!(eve.list(&eve.room("aula")).await.len(), 1);
        assert!(ada.list(&ada.own()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn its_coming_and_going_is_no_change_for_others() {
    on_both(async |server| {
        let ada = world(&server).await;
        let bob = server.client("bob");
        let before = bob.token(&bob.room("aula")).await;
        ada.create(&format!("{}two.ics", ada.room("aula")), event("two").hours("20270301", 9, 10).text())
            .await
            .created();
        let since = ada.token(&ada.room("aula")).await;
        ada.delete(&copy_of(&ada)).await.no_content();
        let (changed, _) = ada.sync(&ada.room("aula"), &since).await;
        let changed: Vec<_> = changed.into_iter().map(|item| (item.href, item.status)).collect();
        assert_eq!(changed, [(copy_of(&ada), Some(404))]);
        assert_eq!(bob.token(&bob.room("aula")).await, before);
    })
    .await;
}

#[tokio::test]
async fn it_holds_no_time_and_shows_in_no_free_busy() {
    // R5.6.
    on_both(async |server| {
        let ada = world(&server).await;
        let bob = server.client("bob");
        bob.delete(&format!("{}bobs.ics", bob.room("aula"))).await.no_content();
        let query = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
                     <C:time-range start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
        for client in [&ada, &bob] {
            let busy = client.report(&client.room("aula"), query).await.expect(200).text();
            assert!(!busy.contains("\nFREEBUSY"), "{busy}");
        }
        assert!(server.claims("aula").await.is_empty());
        bob.book("aula", &event("again").hours("20270301", 9, 10)).await.created();
    })
    .await;
}

#[tokio::test]
async fn its_writer_can_delete_it() {
    on_both(async |server| {
        let ada = world(&server).await;
        let etag = ada.get(&copy_of(&ada)).await.etag();
        ada.send("DELETE", &copy_of(&ada), &[("if-match", &etag)], "").await.no_content();
        ada.get(&copy_of(&ada)).await.expect(404);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

#[tokio::test]
async fn it_goes_by_itself_after_two_days() {
    on_both(async |server| {
        let ada = world(&server).await;
        server.pass(47 * 3_600).await;
        ada.get(&copy_of(&ada)).await.expect(200);
        let since = ada.token(&ada.room("aula")).await;
        server.pass(2 * 3_600).await;
        ada.get(&copy_of(&ada)).await.expect(404);
        let (changed, _) = ada.sync(&ada.room("aula"), &since).await;
        let changed: Vec<_> = changed.into_iter().map(|item| (item.href, item.status)).collect();
        assert_eq!(changed, [(copy_of(&ada), Some(404))]);
    })
    .await;
}

#[tokio::test]
async fn moving_it_into_a_free_hour_books_it() {
    on_both(async |server| {
        let ada = world(&server).await;
        let stored = ada.get(&copy_of(&ada)).await;
        let moved = stored.text().replace("T090000", "T140000").replace("T100000", "T150000");
        let reply = ada.change(&copy_of(&ada), &stored.etag(), &moved).await;
        assert!((200..300).contains(&reply.status), "{}", reply.status);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 14:00-15:00"]);
        // What the decline had written is taken back: the booking has its own title.
        let lines = lines(&ada.get(&copy_of(&ada)).await.text());
        assert!(lines.contains(&"SUMMARY:Lunch".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"DESCRIPTION:bring cake".to_owned()), "{lines:#?}");
        for gone in ["COMMENT", "TRANSP", "STATUS"] {
            assert!(!lines.iter().any(|line| line.starts_with(gone)), "{gone} in {lines:#?}");
        }
        assert_eq!(reply.header("etag"), None, "another text than was sent");
        // Now everybody sees it.
        let bob = server.client("bob");
        assert_eq!(bob.list(&bob.room("aula")).await.len(), 2);
        server.pass(3 * 86_400).await;
        ada.get(&copy_of(&ada)).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn moving_it_into_another_taken_hour_declines_it_once_more() {
    on_both(async |server| {
        let ada = world(&server).await;
        server.client("bob").book("aula", &event("more").hours("20270301", 14, 15)).await.created();
        let stored = ada.get(&copy_of(&ada)).await;
        let moved = stored.text().replace("T090000", "T140000").replace("T100000", "T150000");
        ada.change(&copy_of(&ada), &stored.etag(), &moved).await.no_content();
        let lines = lines(&ada.get(&copy_of(&ada)).await.text());
        assert!(lines.contains(&"SUMMARY:DECLINED - room busy: Lunch".to_owned()), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("14:00 to 15:00")), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("09:00 to 10:00")), "{lines:#?}");
        assert_eq!(ada.list(&ada.room("aula")).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_not_taken_by_a_copy() {
    // Two people, two events of one name: each sees what is theirs.
    on_both(async |server| {
        let ada = world(&server).await;
        let bob = server.client("bob");
        bob.create(&copy_of(&bob), event("new").hours("20270301", 16, 17).text()).await.created();
        let text = bob.get(&copy_of(&bob)).await.text();
        assert!(text.contains("T160000"));
        assert!(ada.get(&copy_of(&ada)).await.text().contains("DECLINED"));
        assert_eq!(ada.list(&ada.room("aula")).await.len(), 3);
        ada.delete(&copy_of(&ada)).await.no_content();
        assert_eq!(bob.get(&copy_of(&bob)).await.text(), text);
    })
    .await;
}

#[tokio::test]
async fn a_declined_series_is_one_copy() {
    on_both(async |server| {
        let ada = world(&server).await;
        let weekly = event("weekly").hours("20270222", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
        server.client("bob").book("aula", &event("third").hours("20270308", 9, 10)).await.created();
        ada.book("aula", &weekly).await.created();
        let text = ada.get(&format!("{}weekly.ics", ada.room("aula"))).await.text();
        let lines = lines(&text);
        assert!(lines.contains(&"SUMMARY:DECLINED - room busy: weekly".to_owned()));
        assert!(lines.iter().any(|line| line.starts_with("COMMENT:")
            && line.contains("1 March 2027")
            && line.contains("8 March 2027")));
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-08 09:00-10:00"]);
    })
    .await;
}

//! Writes that are taken: what comes back, and what the programs rely on (R3.1 to R3.9).

use crate::support::{Client, TestServer, event, on_both};

async fn world(server: &TestServer) -> Client<'_> {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server.client("ada")
}

fn mine(client: &Client<'_>) -> String {
    format!("{}mine.ics", client.room("aula"))
}

#[tokio::test]
async fn new_is_201_and_changed_is_204() {
    // R3.1: never 200, which python-caldav takes for a failure.
    on_both(async |server| {
        let ada = world(&server).await;
        let created = ada.put(&mine(&ada), event("mine").hours("20270301", 9, 10).text()).await.created();
        let changed = ada.put(&mine(&ada), event("mine").hours("20270301", 10, 11).text()).await.no_content();
        assert_eq!((created.text(), changed.text()), (String::new(), String::new()));
    })
    .await;
}

#[tokio::test]
async fn an_etag_comes_back_only_for_what_is_stored_as_sent() {
    // RFC 4791, section 5.3.4; R3.2.
    on_both(async |server| {
        let ada = world(&server).await;
        let text = event("mine").hours("20270301", 9, 10).text();
        let reply = ada.put(&mine(&ada), &text).await.created();
        let stored = ada.get(&mine(&ada)).await.expect(200);
        assert_eq!(stored.text(), text);
        assert_eq!(reply.etag(), stored.etag());
        assert!(stored.etag().starts_with('"') && stored.etag().ends_with('"'), "strong, and quoted");
        // The room answers in its ATTENDEE line: another text, so no ETag.
        let invite = event("mine").hours("20270301", 9, 10).organizer("ada").attendee("aula").text();
        let reply = ada.put(&mine(&ada), &invite).await.no_content();
        let stored = ada.get(&mine(&ada)).await.expect(200);
        assert_ne!(stored.text(), invite);
        assert_eq!(reply.header("etag"), None);
    })
    .await;
}

#[tokio::test]
async fn the_schedule_tag_survives_what_the_server_alone_has_changed() {
    // R3.3: DAVx5 sends nothing else as a condition.
    on_both(async |server| {
        let ada = world(&server).await;
        server.room("blue").await;
        let invite =
            event("plan").hours("20270301", 9, 10).organizer("ada").attendee("aula").attendee("blue");
        let href = format!("{}plan.ics", ada.own());
        let tag =
            ada.invite(&invite).await.created().header("schedule-tag").map(str::to_owned).expect("a tag");
        let stored = ada.get(&href).await;
        assert_eq!(stored.header("schedule-tag"), Some(tag.as_str()));
        // A manager of one room cancels there: the room's answer changes, the tag does not.
        server.grant("blue", "bob", "manage").await;
        let bob = server.client("bob");
        let (copy, _) = bob.list(&bob.room("blue")).await.remove(0);
        bob.delete(&copy).await.no_content();
        let after = ada.get(&href).await;
        assert_ne!(after.etag(), stored.etag());
        assert!(after.text().contains("PARTSTAT=DECLINED"), "{}", after.text());
        assert_eq!(after.header("schedule-tag"), Some(tag.as_str()));
        let change = |tag: &str| [("if-schedule-tag-match".to_owned(), tag.to_owned())];
        for (tag, status) in [("\"other\"", 412), (tag.as_str(), 204)] {
            let [(name, value)] = change(tag);
            let later = event("plan").hours("20270301", 10, 11).organizer("ada").attendee("aula").text();
            ada.send("PUT", &href, &[(&name, &value)], &later).await.expect(status);
        }
        let etag_of_tag = ada.get(&href).await.header("schedule-tag").map(str::to_owned);
        assert_ne!(etag_of_tag, Some(tag), "the person has changed it");
    })
    .await;
}

#[tokio::test]
async fn one_uid_has_one_name_and_one_name_one_event() {
    // R3.4.
    on_both(async |server| {
        let ada = world(&server).await;
        let text = event("mine").hours("20270301", 9, 10).text();
        ada.create(&mine(&ada), &text).await.created();
        ada.create(&mine(&ada), &text).await.expect(412);
        let other = format!("{}other.ics", ada.room("aula"));
        let reply = ada.create(&other, &text).await;
        assert_eq!(reply.status, 409);
        assert!(reply.text().contains("no-uid-conflict"), "{}", reply.text());
        assert!(reply.text().contains(&format!(":href>{}</", mine(&ada))), "{}", reply.text());
    })
    .await;
}

#[tokio::test]
async fn an_event_that_the_server_delivers_has_the_name_that_thunderbird_would_give_it() {
    // R3.4: so that it meets its own.
    on_both(async |server| {
        let ada = world(&server).await;
        let uid = "a/b:c d@example.org";
        let invite = event(uid).hours("20270301", 9, 10).organizer("ada").attendee("aula");
        ada.create(&format!("{}x.ics", ada.own()), invite.text()).await.created();
        let (href, _) = ada.list(&ada.room("aula")).await.remove(0);
        assert_eq!(href, format!("{}a_b_c_d_example.org.ics", ada.room("aula")));
    })
    .await;
}

#[tokio::test]
async fn any_well_formed_name_is_kept_as_it_is() {
    // R3.5, R2.4: spaces, percent signs, at signs, long ones, and ones without .ics.
    on_both(async |server| {
        let ada = world(&server).await;
        let long = format!("{}.ics", "n".repeat(240));
        let names = ["a%20b.ics", "100%25.ics", "x@y.ics", "r%C3%A4ume.ics", "plain", long.as_str()];
        for (n, name) in (0u32..).zip(names) {
            let from = 8 + n;
            let text = event(&format!("u{n}")).hours("20270301", from, from + 1).text();
            let href = format!("{}{name}", ada.room("aula"));
            ada.create(&href, &text).await.created();
            assert_eq!(ada.get(&href).await.expect(200).text(), text);
        }
        let hrefs: Vec<String> =
            ada.list(&ada.room("aula")).await.into_iter().map(|(href, _)| href).collect();
        assert_eq!(hrefs.len(), names.len());
        // Another spelling of the same path is the same member.
        ada.get(&format!("{}x%40y.ics", ada.room("aula"))).await.expect(200);
        ada.get(&format!("{}%61%20b.ics", ada.room("aula"))).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn head_on_a_member_is_get_without_the_body() {
    // R3.6.
    on_both(async |server| {
        let ada = world(&server).await;
        ada.put(&mine(&ada), event("mine").hours("20270301", 9, 10).text()).await.created();
        let (head, get) = (ada.send("HEAD", &mine(&ada), &[], "").await, ada.get(&mine(&ada)).await);
        assert_eq!((head.status, head.etag()), (200, get.etag()));
        assert_eq!(head.text(), "");
    })
    .await;
}

#[tokio::test]
async fn without_a_condition_the_rules_decide_and_nothing_else() {
    // R3.8: Evolution, Thunderbird after "overwrite", python-caldav.
    on_both(async |server| {
        let ada = world(&server).await;
        let bob = server.client("bob");
        ada.put(&mine(&ada), event("mine").hours("20270301", 9, 10).text()).await.created();
        bob.book("aula", &event("bobs").hours("20270301", 11, 12)).await.created();
        ada.put(&mine(&ada), event("mine").hours("20270301", 10, 11).text()).await.no_content();
        ada.put(&mine(&ada), event("mine").hours("20270301", 11, 12).text()).await.refused("busy");
        let (foreign, _) = bob
            .list(&bob.room("aula"))
            .await
            .into_iter()
            .find(|(href, _)| !href.ends_with("/bobs.ics"))
            .unwrap();
        bob.delete(&foreign).await.refused("not-allowed");
        ada.delete(&mine(&ada)).await.no_content();
        assert_eq!(server.claims("aula").await, ["03-01 11:00-12:00"]);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_forgiven_to_davx5_alone_and_only_for_the_same_event() {
    // R3.9.
    on_both(async |server| {
        let ada = world(&server).await;
        let davx5 = server.client("ada").agent("DAVx5/4.5.8-ose (dav4jvm; ktor) Android/15");
        let text = event("mine").hours("20270301", 9, 10).text();
        davx5.create(&mine(&ada), &text).await.created();
        let again = davx5.create(&mine(&ada), &text).await.created();
        assert_eq!(again.header("etag"), None);
        let stamped = text.replace("DTSTAMP:20270101T000000Z", "DTSTAMP:20270228T080000Z");
        davx5.create(&mine(&ada), stamped.replace("//test//EN", "//other//EN")).await.created();
        assert_eq!(davx5.get(&mine(&ada)).await.text(), text, "nothing was written");
        // Another event of that name, another person, another program: 412.
        davx5.create(&mine(&ada), event("mine").hours("20270301", 10, 11).text()).await.expect(412);
        ada.create(&mine(&ada), &text).await.expect(412);
        let bob = server.client("bob").agent("DAVx5/4.5.8-ose (dav4jvm; ktor) Android/15");
        let reply = bob.create(&mine(&bob), &text).await;
        assert!(reply.status >= 400, "{}", reply.status);
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_again_are_taken_and_change_nothing() {
    on_both(async |server| {
        let ada = world(&server).await;
        let text = event("mine").hours("20270301", 9, 10).text();
        let etag = ada.put(&mine(&ada), &text).await.created().etag();
        let token = ada.token(&ada.room("aula")).await;
        assert_eq!(ada.put(&mine(&ada), &text).await.no_content().etag(), etag);
        assert_eq!(ada.token(&ada.room("aula")).await, token);
    })
    .await;
}

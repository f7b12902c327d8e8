//! Decisions by the links in mails to managers (R73): looking at one changes nothing, its button decides.

use roomdav::booking::Sending;
use roomdav::domain::id::Slug;
use roomdav::domain::settings::Principal;

use super::{HOUR, invitation, kinds, meeting, with_house};
use crate::support::{Program, Reply, TestServer, Wire, event};

async fn post(browser: &Program<'_>, path: &str) -> Reply {
    browser.send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], "").await
}

/// The links to approve and to decline that Eve was sent.
async fn sent(server: &TestServer) -> (String, String) {
    server.pass(120).await;
    let links = server.links_of("eve").await;
    let [("approve", approve), ("decline", decline)] = links.as_slice() else { panic!("{links:?}") };
    (approve.clone(), decline.clone())
}

// R73: by link
#[tokio::test]
async fn a_manager_approves_by_a_link() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        let (approve, decline) = sent(server).await;
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let page = browser.get(&approve).await.expect(200).text();
        assert!(
            page.contains("Shall the room be given?") && page.contains("<button>Approve</button>"),
            "{page}"
        );
        assert!(page.contains("e: room Aula, on 8 March 2027 from 09:00 to 10:00"), "{page}");
        assert_eq!(server.states("aula", "e").await[0].split(' ').nth(2), Some("held"));
        let page = post(&browser, &approve).await.expect(200).text();
        assert!(page.contains("The room has been given."), "{page}");
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 confirmed"]);
        assert_eq!(ada.get(&ada.in_own("e")).await.partstats("aula"), ["ACCEPTED"]);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "approved"]);
        let row = server.decisions().await.into_iter().rfind(|row| row.rule == "R73").expect("a row");
        assert_eq!(row.actor_name, "eve");
        // Once more changes nothing, and the other link is too late.
        assert!(post(&browser, &approve).await.expect(200).text().contains("has been given"));
        assert!(post(&browser, &decline).await.expect(200).text().contains("It is too late for this."));
        assert_eq!(kinds(server, "ada").await.len(), 2);
    })
    .await;
}

// R73: the dates that wait, and not those that were decided one by one
#[tokio::test]
async fn a_link_decides_about_the_dates_that_still_wait() {
    with_house(async |server| {
        let ada = server.client("ada");
        let series = event("s").hours("20270308", 9, 10).rule("FREQ=DAILY;COUNT=3");
        ada.invite(&series.organizer("ada").attendee("aula")).await.created();
        let (approve, _) = sent(server).await;
        server.decide("aula", "s", ("eve", false), Some("2027-03-08T08:00:00Z"), "").await.unwrap();
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        assert!(post(&browser, &approve).await.expect(200).text().contains("has been given"));
        assert_eq!(
            server.states("aula", "s").await,
            ["03-08 09:00 declined not-approved", "03-09 09:00 confirmed", "03-10 09:00 confirmed"]
        );
    })
    .await;
}

// R73, R74: a booking of which nothing is left is gone, and so is what the links were about
#[tokio::test]
async fn a_manager_declines_by_a_link() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &meeting("e")).await.created();
        let (approve, decline) = sent(server).await;
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let page = post(&browser, &decline).await.expect(200).text();
        assert!(page.contains("The room has not been given."), "{page}");
        assert_eq!(ada.get(&ada.in_room("aula", "e")).await.status, 404);
        assert_eq!(kinds(server, "ada").await, ["approval-waiting", "not-approved"]);
        post(&browser, &approve).await.expect(404);
    })
    .await;
}

// R73: whoever does not manage the room any more decides nothing; R71: nor does anybody when it is over
#[tokio::test]
async fn a_link_decides_nothing_once_its_reader_may_not_or_time_is_over() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        let (approve, _) = sent(server).await;
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let aula = Slug::parse("aula").unwrap();
        server.bookings.grant(aula, Principal::User("eve".to_owned()), "none").await.unwrap();
        assert!(post(&browser, &approve).await.expect(200).text().contains("too late"));
        server.grant("aula", "eve", "manage").await;
        assert!(browser.get(&approve).await.expect(200).text().contains("Shall the room be given?"));
        server.pass(73 * HOUR).await;
        assert!(post(&browser, &approve).await.expect(200).text().contains("too late"));
        assert_eq!(server.states("aula", "e").await, ["03-08 09:00 declined not-approved"]);
    })
    .await;
}

// R102: the page shows a manager no title that the calendar hides
#[tokio::test]
async fn the_page_shows_no_private_title() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.book("aula", &meeting("secret").line("CLASS:PRIVATE")).await.created();
        let (approve, _) = sent(server).await;
        let wire = Wire::open(server).await;
        let page = wire.stranger().get(&approve).await.expect(200).text();
        assert!(!page.contains("secret") && page.contains("<p>room Aula, on 8 March"), "{page}");
    })
    .await;
}

// R73: what was seen is what is decided about
#[tokio::test]
async fn a_button_decides_about_what_its_page_showed() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        let (approve, _) = sent(server).await;
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let page = browser.get(&approve).await.expect(200).text();
        let form = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(form.starts_with(&format!("{approve}?version=")), "{form}");
        let moved = event("e").hours("20270308", 14, 15).organizer("ada").attendee("aula");
        ada.put(&ada.in_own("e"), moved.text()).await.no_content();
        let page = post(&browser, &form).await.expect(200).text();
        assert!(page.contains("14:00") && page.contains("Shall the room be given?"), "shown anew: {page}");
        assert!(server.states("aula", "e").await.iter().all(|state| state.contains("held")));
        let form = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(post(&browser, &form).await.expect(200).text().contains("has been given"));
        assert_eq!(server.states("aula", "e").await, ["03-08 14:00 confirmed"]);
    })
    .await;
}

// R101, D-33: whoever lost the right, or comes too late, is not shown what the event is by now
#[tokio::test]
async fn an_old_link_shows_nothing_of_the_event() {
    with_house(async |server| {
        let ada = server.client("ada");
        ada.invite(&invitation("e")).await.created();
        let (approve, _) = sent(server).await;
        let wire = Wire::open(server).await;
        let browser = wire.stranger();
        let aula = Slug::parse("aula").unwrap();
        server.bookings.grant(aula, Principal::User("eve".to_owned()), "none").await.unwrap();
        let page = browser.get(&approve).await.expect(200).text();
        assert!(page.contains("too late") && !page.contains("Aula") && !page.contains("March"), "{page}");
        server.grant("aula", "eve", "manage").await;
        server.pass(73 * HOUR).await;
        let page = browser.get(&approve).await.expect(200).text();
        assert!(page.contains("too late") && !page.contains("Aula") && !page.contains("March"), "{page}");
    })
    .await;
}

// R73: an event in two rooms of one manager: each pair of links stands below what it is about
#[tokio::test]
async fn links_of_one_mail_stand_with_their_messages() {
    with_house(async |server| {
        server.room("lab").await;
        server.set("lab", "mode", "approve").await;
        server.grant("lab", "eve", "manage").await;
        let ada = server.client("ada");
        ada.invite(&invitation("e").attendee("lab")).await.created();
        server.pass(120).await;
        while let Some(mail) = server.bookings.take_mail().await.unwrap() {
            server.bookings.mailed(&mail, Sending::Sent).await.unwrap();
            if mail.to.mail() != Some("eve@example.org") {
                continue;
            }
            let links: Vec<Vec<&str>> = mail
                .links
                .iter()
                .map(|links| links.iter().map(|(purpose, _)| purpose.as_str()).collect())
                .collect();
            assert_eq!(links, [["approve", "decline"], ["approve", "decline"]]);
            assert_eq!(mail.notices.len(), 2);
            return;
        }
        panic!("no mail to Eve");
    })
    .await;
}

//! Links in messages, as the person who got one follows it, and as somebody who made one up.

use roomdav::booking::Sending;
use roomdav::domain::id::{Slug, Uid};
use roomdav::domain::link::{Link, Purpose};
use roomdav::domain::recurrence::RecurrenceId;
use roomdav::domain::time::Instant;
use roomdav::store::{NewMessage, ReservationFilter, StoreError, Tx, Work};

use crate::support::{Program, Reply, TestServer, Wire, event, on_both};

/// A message with a link.
struct Letter {
    login: String,
    uid: String,
    now: Instant,
    expires_at: Instant,
}

impl Work for Letter {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let user = tx.users().by_login(&Slug::parse(&self.login).unwrap()).await?.unwrap();
        let all = tx.reservations().list(ReservationFilter::default()).await?;
        let link = Link {
            purpose: Purpose::GiveBack,
            reservation: all.iter().find(|it| it.uid == self.uid).unwrap().id,
            occurrence: RecurrenceId::SINGLE,
            person: user.id,
            expires_at: self.expires_at,
        };
        let message = NewMessage {
            key: link.to_text(),
            kind: "changed".to_owned(),
            sender: None,
            user: Some(user.id),
            address: user.addresses.first().cloned(),
            room: None,
            uid: Some(Uid::new("a link")),
            language: "en".to_owned(),
            subject: "A link".to_owned(),
            body: "A link.".to_owned(),
            links: vec![link],
            calendar: None,
            created_at: self.now,
            is_urgent: true,
        };
        tx.outbox().insert(&message).await.map(drop)
    }
}

/// A link by which `login` gives a reservation back, as it stands in a mail; it holds for two days.
async fn link(server: &TestServer, login: &str, uid: &str) -> String {
    let now = server.clock.now();
    let (login, uid) = (login.to_owned(), uid.to_owned());
    server.write(Letter { login, uid, now, expires_at: now.plus(2 * 86_400) }).await;
    loop {
        let mail = server.bookings.take_mail().await.unwrap().expect("a mail with the link");
        server.bookings.mailed(&mail, Sending::Sent).await.unwrap();
        if let Some((_, link)) = mail.links.iter().flatten().next() {
            return format!("/web/links/{link}");
        }
    }
}

/// Ada has the room tomorrow; a browser that never signs in.
async fn booked(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    server
        .client("ada")
        .book("aula", &event("a").hours("20270301", 10, 11).summary("Rehearsal <1>"))
        .await
        .created();
}

async fn is_booked(server: &TestServer) -> bool {
    let ada = server.client("ada");
    ada.get(&ada.in_room("aula", "a")).await.status == 200
}

async fn post(browser: &Program<'_>, path: &str) -> Reply {
    browser.send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], "").await
}

#[tokio::test]
async fn a_link_is_looked_at_without_a_change_and_followed_by_its_button() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        let wire = Wire::open(&server).await;
        let browser = wire.stranger();
        for method in ["GET", "HEAD", "OPTIONS", "GET"] {
            browser.send(method, &path, &[], "").await;
        }
        let page = browser.get(&path).await.expect(200);
        let text = page.text();
        for part in [
            "Rehearsal &lt;1&gt;",
            "room Aula",
            "1 March 2027 from 10:00 to 11:00",
            "method=\"post\"",
            "<button>",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("<script") && !text.contains("Rehearsal <1>"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "the address is the right");
        assert!(is_booked(&server).await, "whoever looks changes nothing");

        let done = post(&browser, &path).await.expect(200);
        assert!(done.text().contains("has been given back"), "{}", done.text());
        assert!(!is_booked(&server).await, "R89");
        // The same once more, by whichever button.
        for again in [post(&browser, &path).await, browser.get(&path).await] {
            assert!(
                matches!(again.status, 200 | 404) && !again.text().contains("<button>"),
                "{}",
                again.text()
            );
        }
        server.client("bob").book("aula", &event("b").hours("20270301", 10, 11)).await.created();
        post(&browser, &path).await;
        let bob = server.client("bob");
        bob.get(&bob.in_room("aula", "b")).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_page_speaks_the_language_of_its_person_else_that_of_the_browser() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        let wire = Wire::open(&server).await;
        let browser = wire.stranger();
        let german = browser.send("GET", &path, &[("Accept-Language", "de-AT")], "").await.expect(200);
        assert!(german.text().contains("Raum zurückgeben") && german.text().contains("1. März 2027"));
        assert_eq!(german.header("content-language"), Some("de"));
        let unknown = browser.send("GET", "/web/links/x", &[("Accept-Language", "de")], "").await.expect(404);
        assert!(unknown.text().contains("Dieser Link gilt nicht"));
    })
    .await;
}

#[tokio::test]
async fn nothing_happens_by_a_link_that_is_forged_expired_or_of_somebody_who_lost_the_right() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        let of_bob = link(&server, "bob", "a").await;
        let wire = Wire::open(&server).await;
        let browser = wire.stranger();
        let (said, seal) = path.rsplit_once('.').unwrap();
        let fields: Vec<&str> = said.rsplit('.').collect();
        let later = format!("{}{}", fields[0], "9");
        let forged = [
            format!("{}.{seal}", said.replace(fields[0], &later)),
            format!("{}.{}", of_bob.rsplit_once('.').unwrap().0, seal),
            format!("{said}.{}", "0".repeat(32)),
            said.to_owned(),
            format!("{path}0"),
            "/web/links/".to_owned() + &"a".repeat(200),
        ];
        for path in &forged {
            for method in ["GET", "POST"] {
                browser.send(method, path, &[], "").await.expect(404);
            }
        }
        // Bob is not entitled to Ada's booking, whatever he was sent.
        let text = post(&browser, &of_bob).await.expect(200).text();
        assert!(text.contains("too late"), "{text}");
        for (method, header) in
            [("POST", ("Origin", "https://evil.example")), ("POST", ("Sec-Fetch-Site", "cross-site"))]
        {
            browser.send(method, &path, &[header], "").await.expect(403);
        }
        for method in ["PUT", "DELETE", "PROPFIND", "MKCOL"] {
            let refused = browser.send(method, &path, &[], "").await.expect(405);
            assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS, POST"));
        }
        for path in ["/web/links/", "/web/links", "/web/links/a/b", "/web/"] {
            browser.get(path).await.expect(401);
        }
        server.client("ada").book("aula", &event("c").hours("20270309", 10, 11)).await.created();
        let old = link(&server, "ada", "c").await;
        server.at("2027-03-03T08:00:00Z");
        let text = post(&browser, &old).await.expect(200).text();
        assert!(text.contains("too late"), "{text}");
        let ada = server.client("ada");
        for uid in ["a", "c"] {
            ada.get(&ada.in_room("aula", uid)).await.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_in_use_is_given_back_from_now_on() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        server.at("2027-03-01T09:20:00Z");
        let wire = Wire::open(&server).await;
        post(&wire.stranger(), &path).await.expect(200);
        server
            .client("bob")
            .book("aula", &event("b").between("20270301T103000", "20270301T110000"))
            .await
            .created();
    })
    .await;
}

// R2: a link about a single event is not one about the series that it became
#[tokio::test]
async fn a_link_about_one_event_gives_no_series_back() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        let ada = server.client("ada");
        let series = event("a").hours("20270301", 10, 11).rule("FREQ=WEEKLY;COUNT=3");
        ada.put(&ada.in_room("aula", "a"), series.text()).await.no_content();
        let wire = Wire::open(&server).await;
        for method in ["GET", "POST"] {
            wire.stranger().send(method, &path, &[], "").await.expect(404);
        }
        assert_eq!(server.claims("aula").await.len(), 3);
    })
    .await;
}

// R2: nor is it one about a reservation that comes later
#[tokio::test]
async fn a_link_about_what_is_gone_means_nothing_that_comes_later() {
    on_both(async |server| {
        booked(&server).await;
        let path = link(&server, "ada", "a").await;
        let ada = server.client("ada");
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        ada.book("aula", &event("other").hours("20270301", 10, 11)).await.created();
        let wire = Wire::open(&server).await;
        for method in ["GET", "POST"] {
            wire.stranger().send(method, &path, &[], "").await.expect(404);
        }
        ada.get(&ada.in_room("aula", "other")).await.expect(200);
    })
    .await;
}

//! Inboxes as collections, and what a person sets about them.
//! RFC 6638, sections 2.2, 4.3, 6, 9.1 and 9.2.

use super::world::{UID, answering, build, copy, inbox, messages};
use crate::support::{Client, Reply, TestServer, event, on_both};

async fn invited(server: &TestServer) {
    build(server).await;
    let ada = server.client("ada");
    let text = event(UID).hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org");
    ada.invite(&text).await.created();
}

async fn props(client: &Client<'_>, path: &str, names: &str) -> crate::support::Item {
    let body = format!(
        "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:CS=\"http://calendarserver.org/ns/\"><prop>{names}</prop></propfind>"
    );
    client.propfind(path, "0", &body).await.multistatus().remove(0)
}

async fn set(client: &Client<'_>, path: &str, props: &str) -> Reply {
    let body = format!(
        "<propertyupdate xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>{props}</prop></set>\
         </propertyupdate>"
    );
    client.send("PROPPATCH", path, &[], &body).await
}

async fn make(client: &Client<'_>, name: &str) {
    client.send("MKCALENDAR", &format!("{}{name}/", client.home()), &[], "").await.created();
}

// RFC 6638, sections 2.2 and 2.3; RFC 6578
#[tokio::test]
async fn an_inbox_is_listed_read_synchronized_and_emptied() {
    on_both(async |server| {
        build(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let path = inbox(&bob);
        let empty = bob.token(&path).await;
        let ctag = props(&bob, &path, "<CS:getctag/>").await.text("getctag").unwrap();
        let text = event(UID).hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org");
        ada.invite(&text).await.created();
        let listed = bob.list(&path).await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        let (href, etag) = &listed[0];
        assert_ne!(props(&bob, &path, "<CS:getctag/>").await.text("getctag").unwrap(), ctag);
        let (changed, token) = bob.sync(&path, &empty).await;
        assert_eq!((changed[0].href.as_str(), changed[0].text("getetag").as_ref()), (href.as_str(), Some(etag)));
        let message = bob.get(href).await.expect(200);
        assert!(message.has_line("METHOD:REQUEST") && message.has_line(&format!("UID:{UID}")));
        assert!(message.header("content-type").unwrap().starts_with("text/calendar"));
        let query = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:calendar-data/>\
                     </prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range \
                     start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:comp-filter></C:comp-filter></C:filter>\
                     </C:calendar-query>";
        let found = bob.report(&path, query).await.multistatus();
        assert!(found[0].text("calendar-data").unwrap().contains("METHOD:REQUEST"));
        // Nobody else reads it, and nobody writes into it.
        ada.get(href).await.expect(404);
        assert!(ada.list(&path).await.is_empty());
        bob.put(href, text.text()).await.expect(403);
        bob.put(&format!("{path}new.ics"), text.text()).await.expect(403);
        bob.relocate(href, &bob.in_own("taken")).await.expect(403);
        bob.relocate(&bob.in_own(UID), &format!("{path}x.ics")).await.expect(403);
        bob.delete(href).await.no_content();
        bob.get(href).await.expect(404);
        let (gone, _) = bob.sync(&path, &token).await;
        assert_eq!((gone[0].href.as_str(), gone[0].status), (href.as_str(), Some(404)));
        // What was read is thrown away; the invitation stays, and the organizer hears nothing of it.
        assert!(copy(&bob).await.is_some() && messages(&ada).await.is_empty());
    })
    .await;
}

// RFC 6638, sections 2.1, 6, 6.1, 6.1.1 to 6.1.4, 6.2 and 6.2.1 to 6.2.4
#[tokio::test]
async fn everybody_may_deliver_and_only_the_owner_sends() {
    on_both(async |server| {
        invited(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let privileges = async |client: &Client<'_>, path: &str| {
            props(client, path, "<current-user-privilege-set/>").await
        };
        let own = privileges(&bob, &inbox(&bob)).await;
        for name in [
            "read",
            "schedule-deliver",
            "schedule-deliver-invite",
            "schedule-deliver-reply",
            "schedule-query-freebusy",
        ] {
            assert!(own.holds("current-user-privilege-set", name), "{name}");
        }
        let others = privileges(&ada, &inbox(&bob)).await;
        assert!(others.holds("current-user-privilege-set", "schedule-deliver"));
        assert!(!others.holds("current-user-privilege-set", "read"));
        let outbox = format!("{}outbox/", bob.home());
        assert!(privileges(&bob, &outbox).await.holds("current-user-privilege-set", "schedule-send"));
        assert!(!privileges(&ada, &outbox).await.holds("current-user-privilege-set", "schedule-send"));
    })
    .await;
}

// RFC 6638, sections 4.3, 4.3.1, 4.3.1.1, 4.3.1.2 and 9.2
#[tokio::test]
async fn invitations_go_to_the_calendar_that_was_chosen_for_them() {
    on_both(async |server| {
        build(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let chosen = async || {
            let inbox = props(&bob, &inbox(&bob), "<C:schedule-default-calendar-URL/>").await;
            inbox.hrefs("schedule-default-calendar-URL")
        };
        assert_eq!(chosen().await, [bob.own()]);
        make(&bob, "work").await;
        let work = format!("{}work/", bob.home());
        let choose = |href: &str| {
            format!("<C:schedule-default-calendar-URL><href>{href}</href></C:schedule-default-calendar-URL>")
        };
        for wrong in ["/calendars/users/bob/nothing/", &ada.own(), &bob.room("aula"), &inbox(&bob)] {
            set(&bob, &inbox(&bob), &choose(wrong)).await.fails(403, "valid-schedule-default-calendar-URL");
        }
        assert!(set(&bob, &inbox(&bob), &choose(&work)).await.expect(207).text().contains("200 OK"));
        assert_eq!(chosen().await, std::slice::from_ref(&work));
        let text =
            event(UID).hours("20270301", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org");
        ada.invite(&text).await.created();
        assert_eq!(bob.list(&work).await.len(), 1);
        assert!(bob.list(&bob.own()).await.is_empty());
        bob.delete(&work).await.fails(403, "default-calendar-needed");
        // An invitation that is there already stays where it is.
        assert!(set(&bob, &inbox(&bob), &choose(&bob.own())).await.text().contains("200 OK"));
        ada.put(&ada.in_own(UID), text.summary("Plan").text()).await.no_content();
        assert!(bob.texts(&work).await[0].contains("SUMMARY:Plan"));
        assert!(bob.list(&bob.own()).await.is_empty());
        bob.delete(&work).await.no_content();
        assert!(messages(&ada).await.iter().any(|it| it.contains("bob no")), "who removes it declines");
    })
    .await;
}

// R1.13; RFC 6638, section 9.1
#[tokio::test]
async fn which_calendars_count_as_busy_is_said_in_one_place() {
    on_both(async |server| {
        build(&server).await;
        let bob = server.client("bob");
        make(&bob, "fun").await;
        let fun = format!("{}fun/", bob.home());
        bob.put(&format!("{fun}f.ics"), event("f").hours("20270301", 14, 15).text()).await.created();
        let busy = async || {
            let ask = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range \
                       start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
            server
                .client("ada")
                .report("/principals/users/bob/", ask)
                .await
                .expect(200)
                .lines_of("FREEBUSY")
                .len()
        };
        let counted = async || {
            props(&bob, &inbox(&bob), "<C:calendar-free-busy-set/>").await.hrefs("calendar-free-busy-set")
        };
        assert_eq!((counted().await, busy().await), (vec![bob.own(), fun.clone()], 1));
        let only = format!("<C:calendar-free-busy-set><href>{}</href></C:calendar-free-busy-set>", bob.own());
        set(&bob, &inbox(&bob), &only).await.expect(207);
        assert_eq!((counted().await, busy().await), (vec![bob.own()], 0));
        let transparent = props(&bob, &fun, "<C:schedule-calendar-transp/>").await;
        assert!(transparent.holds("schedule-calendar-transp", "transparent"));
        set(&bob, &fun, "<C:schedule-calendar-transp><C:opaque/></C:schedule-calendar-transp>")
            .await
            .expect(207);
        assert_eq!((counted().await, busy().await), (vec![bob.own(), fun], 1));
    })
    .await;
}

// L-66, L-69
#[tokio::test]
async fn an_inbox_keeps_no_more_than_it_may() {
    on_both(async |server| {
        invited(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let text = copy(&bob).await.unwrap();
        bob.change(&bob.in_own(UID), &text.etag(), answering(&text.text(), "bob", "ACCEPTED"))
            .await
            .no_content();
        assert_eq!(messages(&ada).await.len(), 1);
        server.pass(89 * 86_400).await;
        assert_eq!(messages(&ada).await.len(), 1);
        let token = ada.token(&inbox(&ada)).await;
        server.pass(2 * 86_400).await;
        assert!(messages(&ada).await.is_empty());
        assert_eq!(ada.sync(&inbox(&ada), &token).await.0[0].status, Some(404));
        assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
    let server = TestServer::bounded(5).await;
    invited(&server).await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    for (n, answer) in ["ACCEPTED", "DECLINED", "TENTATIVE"].iter().cycle().take(9).enumerate() {
        let text = copy(&bob).await.unwrap();
        bob.change(&bob.in_own(UID), &text.etag(), answering(&text.text(), "bob", answer)).await.no_content();
        assert_eq!(messages(&ada).await.len(), (n + 1).min(5));
    }
    assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
}

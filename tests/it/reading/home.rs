//! sync-collection on a home: calendars that come, go and change, and their members for who asks.
//! RFC 6578, sections 3.3 to 3.7; R2.11.

use super::filled;
use crate::support::{BASE_URL, Client, Item, event, on_both};

fn body(token: &str, level: &str, limit: Option<u32>) -> String {
    let limit = limit.map(|limit| format!("<limit><nresults>{limit}</nresults></limit>"));
    format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>{level}</sync-level>{}\
         <prop><getetag/><resourcetype/></prop></sync-collection>",
        limit.unwrap_or_default()
    )
}

struct Answer {
    items: Vec<Item>,
    token: String,
    is_cut: bool,
}

async fn ask(client: &Client<'_>, token: &str, level: &str, limit: Option<u32>) -> Answer {
    let reply = client.report(&client.home(), &body(token, level, limit)).await.expect(207);
    let token = reply.element_text("sync-token").expect("a token");
    let is_cut = reply.text().contains("<D:number-of-matches-within-limits");
    let items = reply.multistatus();
    let items = items.into_iter().filter(|item| item.href != client.home()).collect();
    Answer { items, token, is_cut }
}

/// Names below the home, those that are gone with a minus.
fn names(client: &Client<'_>, answer: &Answer) -> Vec<String> {
    let name = |item: &Item| {
        let name = item.href.strip_prefix(&client.home()).expect("below the home").to_owned();
        if item.status == Some(404) { format!("-{name}") } else { name }
    };
    let mut names: Vec<String> = answer.items.iter().map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_calendar_whose_content_changed_is_a_changed_member_of_the_home() {
    // R2.11: Apple's programs look at nothing else.
    on_both(async |server| {
        filled(&server).await;
        server.room("lab").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let ask_home =
            "<propfind xmlns=\"DAV:\"><prop><sync-token/><supported-report-set/></prop></propfind>";
        let home = ada.propfind(&ada.home(), "0", ask_home).await.multistatus().remove(0);
        assert!(home.holds("supported-report-set", "sync-collection"));
        let first = ask(&ada, "", "1", None).await;
        assert_eq!(names(&ada, &first), ["inbox/", "reservations/", "room-aula/", "room-lab/"]);
        let calendars = first.items.iter().filter(|item| item.holds("resourcetype", "calendar"));
        assert_eq!(calendars.count(), 3);
        assert_eq!(home.text("sync-token").unwrap(), first.token, "the property is the same point");
        assert!(first.token.starts_with(BASE_URL));
        assert!(ask(&ada, &first.token, "1", None).await.items.is_empty());
        // Somebody else's booking.
        bob.book("lab", &event("b2").hours("20270303", 9, 10)).await.created();
        let second = ask(&ada, &first.token, "1", None).await;
        assert_eq!(names(&ada, &second), ["room-lab/"]);
        // One's own is in two calendars.
        ada.book("aula", &event("a2").hours("20270303", 9, 10)).await.created();
        let third = ask(&ada, &second.token, "1", None).await;
        assert_eq!(names(&ada, &third), ["reservations/", "room-aula/"]);
        assert!(ask(&ada, &third.token, "1", None).await.items.is_empty());
        // Older tokens stay good, and know all that came after.
        assert_eq!(names(&ada, &ask(&ada, &first.token, "1", None).await).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn calendars_come_and_go_and_change_their_looks() {
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let token = ask(&ada, "", "1", None).await.token;
        ada.send("MKCALENDAR", &format!("{}club/", ada.home()), &[], "").await.expect(201);
        let made = ask(&ada, &token, "1", None).await;
        assert_eq!(names(&ada, &made), ["club/"]);
        let colour = "<propertyupdate xmlns=\"DAV:\"><set><prop><c:calendar-color xmlns:c=\"http://apple.com/ns/ical/\">\
            #112233</c:calendar-color></prop></set></propertyupdate>";
        ada.send("PROPPATCH", &ada.room("aula"), &[], colour).await.expect(207);
        let coloured = ask(&ada, &made.token, "1", None).await;
        assert_eq!(names(&ada, &coloured), ["room-aula/"]);
        ada.delete(&format!("{}club/", ada.home())).await.no_content();
        let removed = ask(&ada, &coloured.token, "1", None).await;
        assert_eq!(names(&ada, &removed), ["-club/"]);
        assert!(ask(&ada, &removed.token, "1", None).await.items.is_empty());
        // Made again it is there, and was never gone.
        ada.send("MKCALENDAR", &format!("{}club/", ada.home()), &[], "").await.expect(201);
        assert_eq!(names(&ada, &ask(&ada, &coloured.token, "1", None).await), ["club/"]);
        // A room that is hidden is gone, and one that is shown comes.
        let token = ask(&ada, "", "1", None).await.token;
        server.set("aula", "viewer", "none").await;
        server.set("aula", "book", "none").await;
        server.room("lab").await;
        let moved = ask(&ada, &token, "1", None).await;
        assert_eq!(names(&ada, &moved), ["-room-aula/", "room-lab/"]);
    })
    .await;
}

#[tokio::test]
async fn who_asks_without_end_hears_of_the_members_too() {
    // RFC 6578, section 3.3.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let first = ask(&ada, "", "infinite", None).await;
        let told = names(&ada, &first);
        for name in [
            "inbox/",
            "reservations/",
            "reservations/a.ics",
            "room-aula/",
            "room-aula/a.ics",
            "room-aula/weekly.ics",
        ] {
            assert!(told.contains(&name.to_owned()), "{name} in {told:?}");
        }
        // The inbox, two calendars, two events of Ada's in each, and Bob's.
        assert_eq!(told.len(), 8);
        assert!(ask(&ada, &first.token, "infinite", None).await.items.is_empty());
        ada.book("aula", &event("new").hours("20270304", 9, 10)).await.created();
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        let second = ask(&ada, &first.token, "infinite", None).await;
        let changed =
            ["-reservations/a.ics", "-room-aula/a.ics", "reservations/new.ics", "room-aula/new.ics"];
        assert_eq!(names(&ada, &second), changed);
        assert!(ask(&ada, &second.token, "infinite", None).await.items.is_empty());
        // A calendar has nothing below its members: both levels are one.
        let sync = body("", "infinite", None);
        let calendar = ada.report(&ada.room("aula"), &sync).await.expect(207).multistatus();
        assert_eq!(calendar.len(), 3);
        // Another view of a calendar is another history.
        server.set("aula", "viewer", "details").await;
        let deep = body(&ask(&bob, "", "infinite", None).await.token, "infinite", None);
        bob.report(&bob.home(), &deep).await.expect(207);
        server.set("aula", "viewer", "free-busy").await;
        bob.report(&bob.home(), &deep).await.fails(403, "valid-sync-token");
    })
    .await;
}

#[tokio::test]
async fn a_limited_answer_is_cut_and_goes_on_until_all_is_told() {
    // RFC 6578, section 3.6.
    on_both(async |server| {
        filled(&server).await;
        server.room("lab").await;
        let ada = server.client("ada");
        for (level, total) in [("1", 4), ("infinite", 9)] {
            for limit in [1, 2, 3] {
                let (mut token, mut told, mut rounds) = (String::new(), Vec::new(), 0);
                loop {
                    let answer = ask(&ada, &token, level, Some(limit)).await;
                    assert!(answer.items.len() <= limit as usize, "{level} {limit}");
                    told.extend(names(&ada, &answer));
                    token = answer.token;
                    rounds += 1;
                    assert!(rounds < 40, "{level} {limit}: {told:?}");
                    if !answer.is_cut {
                        break;
                    }
                }
                let all: std::collections::BTreeSet<&String> = told.iter().collect();
                assert_eq!((all.len(), told.len()), (total, total), "{level} {limit}: {told:?}");
                assert!(ask(&ada, &token, level, None).await.items.is_empty());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_homes_token_belongs_to_one_reader_and_to_the_home() {
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let home = ask(&ada, "", "1", None).await.token;
        let room = ada.token(&ada.room("aula")).await;
        for level in ["1", "infinite"] {
            for (client, path, token) in
                [(&bob, bob.home(), &home), (&ada, ada.home(), &room), (&ada, ada.room("aula"), &home)]
            {
                let reply = client.report(&path, &body(token, level, None)).await;
                reply.fails(403, "valid-sync-token");
            }
        }
        bob.report(&ada.home(), &body("", "1", None)).await.expect(404);
        let outbox = format!("{}outbox/", ada.home());
        ada.report(&outbox, &body("", "1", None)).await.fails(403, "supported-report");
        ada.report("/calendars/", &body("", "1", None)).await.fails(403, "supported-report");
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_of_a_room_by_writing_a_token_himself() {
    // D-33.
    on_both(async |server| {
        filled(&server).await;
        server.room("vault").await;
        server.set("vault", "viewer", "none").await;
        server.set("vault", "book", "none").await;
        let bob = server.client("bob");
        let token = ask(&bob, "", "1", None).await.token;
        let (head, marks) = token.rsplit_once('/').unwrap();
        let (_, room) = marks.rsplit(';').find_map(|mark| mark.split_once(',')).unwrap();
        for calendar in 0..32 {
            for forged in [format!("{token};{calendar:x},{room}"), format!("{head}/{calendar:x},{room}")] {
                for level in ["1", "infinite"] {
                    let reply = bob.report(&bob.home(), &body(&forged, level, None)).await;
                    reply.fails(403, "valid-sync-token");
                }
            }
        }
        assert!(ask(&bob, &token, "1", None).await.items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_follows_members_begins_anew_where_a_calendar_was_made_again() {
    // What was in the former one is in no answer.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let club = format!("{}club/", ada.home());
        ada.send("MKCALENDAR", &club, &[], "").await.expect(201);
        ada.create(&format!("{club}x.ics"), event("x").hours("20270301", 20, 21).text()).await.created();
        let token = ask(&ada, "", "infinite", None).await.token;
        ada.delete(&club).await.no_content();
        ada.send("MKCALENDAR", &club, &[], "").await.expect(201);
        ada.report(&ada.home(), &body(&token, "infinite", None)).await.fails(403, "valid-sync-token");
        assert_eq!(names(&ada, &ask(&ada, &token, "1", None).await), ["club/"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_arrives_is_news_of_the_home() {
    // RFC 6578, section 3.3; RFC 6638, section 2.2.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let property = "<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
        let now = async || {
            bob.propfind(&bob.home(), "0", property).await.multistatus()[0].text("sync-token").unwrap()
        };
        let (flat, deep) =
            (ask(&bob, "", "1", None).await.token, ask(&bob, "", "infinite", None).await.token);
        assert_eq!(now().await, flat);
        let meeting =
            event("m").hours("20270305", 9, 10).organizer("ada").line("ATTENDEE:mailto:bob@example.org");
        ada.invite(&meeting).await.created();
        let message = bob.list(&format!("{}inbox/", bob.home())).await.remove(0).0;
        let message = message.strip_prefix(&bob.home()).unwrap().to_owned();
        assert_ne!(now().await, flat);
        let told = ask(&bob, &flat, "1", None).await;
        assert_eq!(names(&bob, &told), ["inbox/", "reservations/"]);
        let told = ask(&bob, &deep, "infinite", None).await;
        assert_eq!(names(&bob, &told), [message.clone(), "reservations/m.ics".to_owned()]);
        assert!(told.items.iter().all(|item| item.get("getetag").is_some()));
        bob.delete(&format!("{}{message}", bob.home())).await.no_content();
        let gone = ask(&bob, &told.token, "infinite", None).await;
        assert_eq!(names(&bob, &gone), [format!("-{message}")]);
        assert!(ask(&bob, &gone.token, "infinite", None).await.items.is_empty());
    })
    .await;
}

//! Delegates: whom a person names may read, or write, in that person's home, in that person's name.
//! Apple's calendar-proxy extension; RFC 3744, section 4.3; RFC 5545, section 3.2.18; D-36; R1.12.

use crate::support::{Client, Reply, TestServer, event, on_both};
use roomdav::booking::admin::UserChange;
use roomdav::domain::id::Slug;
use roomdav::domain::user::Access;

const WRITERS: &str = "/principals/users/ada/calendar-proxy-write/";
const READERS: &str = "/principals/users/ada/calendar-proxy-read/";
const ASKED: &str = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:S=\"http://calendarserver.org/ns/\"><prop><C:calendar-home-set/><S:calendar-proxy-read-for/>\
    <S:calendar-proxy-write-for/><group-member-set/><group-membership/><current-user-principal/>\
    <current-user-privilege-set/></prop></propfind>";

/// Ada has the delegates Wendy, who writes, and Rita, who reads; Bob is nobody's.
async fn house(server: &TestServer) {
    server.people(&["ada", "wendy", "rita", "bob"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    assert!(name(&ada, WRITERS, &["/principals/users/wendy/"]).await.text().contains("200 OK"));
    assert!(name(&ada, READERS, &["/principals/users/rita/"]).await.text().contains("200 OK"));
}

async fn name(client: &Client<'_>, group: &str, members: &[&str]) -> Reply {
    let hrefs: String = members.iter().map(|member| format!("<href>{member}</href>")).collect();
    let body = format!(
        "<propertyupdate xmlns=\"DAV:\"><set><prop><group-member-set>{hrefs}</group-member-set></prop></set>\
         </propertyupdate>"
    );
    client.send("PROPPATCH", group, &[], &body).await.expect(207)
}

const ASSISTANT: &str = "ORGANIZER;SENT-BY=\"mailto:bot@example.net\":";

async fn found(client: &Client<'_>, path: &str, property: &str) -> Vec<String> {
    client.propfind(path, "0", ASKED).await.multistatus()[0].hrefs(property)
}

fn invitation(uid: &str) -> String {
    let asked = event(uid).hours("20270301", 9, 10).organizer("ada");
    asked.attendee("aula").line("ATTENDEE:mailto:bob@example.org").text()
}

#[tokio::test]
async fn a_person_names_delegates_and_all_of_them_see_it() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        let principal = "/principals/users/ada/";
        assert_eq!(found(&ada, WRITERS, "group-member-set").await, ["/principals/users/wendy/"]);
        assert_eq!(found(&ada, READERS, "group-member-set").await, ["/principals/users/rita/"]);
        let own = "/principals/users/wendy/";
        assert_eq!(found(&wendy, own, "calendar-proxy-write-for").await, [principal]);
        assert!(found(&wendy, own, "calendar-proxy-read-for").await.is_empty());
        assert_eq!(found(&wendy, own, "group-membership").await, [WRITERS]);
        assert_eq!(found(&wendy, WRITERS, "group-member-set").await, [own]);
        assert_eq!(found(&wendy, principal, "calendar-home-set").await, ["/calendars/users/ada/"]);
        // Whoever is none is told nothing.
        assert!(found(&bob, WRITERS, "group-member-set").await.is_empty());
        assert!(found(&bob, principal, "calendar-home-set").await.is_empty());
        assert!(found(&bob, own, "calendar-proxy-write-for").await.is_empty());
        // Who is named no more is none any more.
        name(&ada, WRITERS, &["/principals/users/bob/"]).await;
        assert!(found(&wendy, own, "calendar-proxy-write-for").await.is_empty());
        wendy.propfind("/calendars/users/ada/", "0", ASKED).await.expect(404);
        bob.propfind("/calendars/users/ada/", "0", ASKED).await.expect(207);
        let rows = server.decisions().await;
        let row = rows.iter().rfind(|row| row.kind == "delegate").expect("it is in the audit");
        assert_eq!((row.old_state.as_deref(), row.new_state.as_deref()), (Some("wendy"), Some("bob")));
        assert_eq!((row.actor_name.as_str(), row.detail.as_str()), ("ada", "write for ada"));
    })
    .await;
}

#[tokio::test]
async fn nobody_names_delegates_of_others_or_what_is_no_person() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        for (who, group) in [(&bob, WRITERS), (&wendy, READERS)] {
            let reply = name(who, group, &["/principals/users/bob/"]).await;
            assert!(reply.text().contains("403 Forbidden"), "{}", reply.text());
        }
        for member in [
            "/principals/rooms/aula/",
            "/principals/users/nobody/",
            "/principals/users/ada/calendar-proxy-read/",
            "/calendars/users/bob/",
        ] {
            let reply = name(&ada, WRITERS, &["/principals/users/bob/", member]).await;
            assert!(reply.text().contains("recognized-principal"), "{member}: {}", reply.text());
        }
        let reply = name(&ada, WRITERS, &["/principals/users/ada/"]).await;
        assert!(reply.text().contains("403 Forbidden"), "{}", reply.text());
        for other in ["/principals/users/ada/", "/principals/rooms/aula/calendar-proxy-write/"] {
            let reply = name(&ada, other, &["/principals/users/bob/"]).await;
            let text = reply.text();
            assert!(text.contains("cannot-modify-protected-property"), "{other}: {text}");
        }
        assert_eq!(found(&ada, WRITERS, "group-member-set").await, ["/principals/users/wendy/"]);
    })
    .await;
}

#[tokio::test]
async fn naming_delegates_is_part_of_all_or_nothing() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let dead = |from: usize, to: usize| -> String {
            (from..to).map(|n| format!("<x{n} xmlns=\"urn:x\"/>")).collect()
        };
        let set = |inner: &str| {
            format!("<propertyupdate xmlns=\"DAV:\"><set><prop>{inner}</prop></set></propertyupdate>")
        };
        // L-28: as many as may be kept.
        ada.send("PROPPATCH", WRITERS, &[], &set(&dead(0, 50))).await.expect(207);
        let more = format!(
            "<group-member-set><href>/principals/users/bob/</href></group-member-set>{}",
            dead(50, 51)
        );
        let reply = ada.send("PROPPATCH", WRITERS, &[], &set(&more)).await.expect(207);
        assert!(reply.text().contains("507") && !reply.text().contains("200 OK"), "{}", reply.text());
        assert_eq!(found(&ada, WRITERS, "group-member-set").await, ["/principals/users/wendy/"]);
    })
    .await;
}

#[tokio::test]
async fn a_delegate_books_changes_and_cancels_in_the_persons_name() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        // A room in the person's home.
        let path = ada.in_room("aula", "direct");
        wendy.create(&path, event("direct").hours("20270302", 9, 10).text()).await.created();
        assert_eq!(server.claims("aula").await, ["03-02 09:00-10:00"]);
        let etag = ada.get(&path).await.etag();
        wendy.change(&path, &etag, event("direct").hours("20270302", 10, 11).text()).await.no_content();
        // It is the person's.
        assert!(ada.get(&path).await.has_line("SUMMARY:direct"));
        assert_eq!(server.states("aula", "direct").await.len(), 1);
        let rows = server.decisions().await;
        assert!(rows.iter().any(|row| row.actor_name == "wendy for ada"), "{rows:?}");
        wendy.delete(&path).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        // An invitation says who sent it.
        let path = ada.in_own("plan");
        wendy.create(&path, invitation("plan")).await.created();
        for text in [ada.get(&path).await, bob.get(&bob.in_own("plan")).await] {
            assert!(
                text.lines_of("ORGANIZER")[0].contains("SENT-BY=\"mailto:wendy@example.org\""),
                "{}",
                text.text()
            );
        }
        assert!(ada.get(&path).await.partstats("aula")[0].contains("ACCEPTED"));
        wendy.delete(&path).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_delegate_answers_for_the_person() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        let plan = event("plan").hours("20270301", 9, 10).organizer("bob");
        bob.invite(&plan.line("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.org")).await.created();
        let copy = wendy.get(&ada.in_own("plan")).await.expect(200);
        let text = copy.text().replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED");
        wendy.change(&ada.in_own("plan"), &copy.etag(), text).await.no_content();
        assert_eq!(bob.get(&bob.in_own("plan")).await.partstats("ada"), ["ACCEPTED"]);
        let answered = ada.get(&ada.in_own("plan")).await;
        assert!(answered.lines_of("ATTENDEE")[0].contains("SENT-BY=\"mailto:wendy@example.org\""));
        // The person herself may write over it.
        let text = answered.text().replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED");
        let own = text.replace("\r\n ", "").replace("SENT-BY=\"mailto:wendy@example.org\"", "X-A=b");
        ada.change(&ada.in_own("plan"), &answered.etag(), own).await.no_content();
        assert_eq!(bob.get(&bob.in_own("plan")).await.partstats("ada"), ["DECLINED"]);
    })
    .await;
}

#[tokio::test]
async fn a_delegate_who_reads_changes_nothing() {
    on_both(async |server| {
        house(&server).await;
        let (ada, rita) = (server.client("ada"), server.client("rita"));
        ada.create(&ada.in_own("plan"), invitation("plan")).await.created();
        let (own, room, home) = (ada.in_own("plan"), ada.in_room("aula", "new"), ada.home());
        let before = rita.get(&own).await.expect(200).text();
        rita.propfind(&home, "1", ASKED).await.expect(207);
        let text = event("new").hours("20270303", 9, 10).text();
        rita.create(&ada.in_own("new"), &text).await.fails(403, "need-privileges");
        rita.create(&room, &text).await.fails(403, "need-privileges");
        rita.put(&own, before.replace("T090000", "T080000")).await.fails(403, "need-privileges");
        rita.delete(&own).await.fails(403, "need-privileges");
        rita.relocate(&own, &ada.in_own("other")).await.fails(403, "need-privileges");
        rita.send("MKCALENDAR", &format!("{home}more/"), &[], "").await.fails(403, "need-privileges");
        rita.send("DELETE", &ada.own(), &[], "").await.fails(403, "need-privileges");
        let color = "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>x</displayname></prop></set>\
                     </propertyupdate>";
        // What decides is the person's, what is only shown everybody's own.
        rita.send("PROPPATCH", &format!("{home}inbox/"), &[], color).await.fails(403, "need-privileges");
        let name = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
        for place in [&home, &ada.own(), &ada.room("aula")] {
            let named = async |who: &Client<'_>| {
                who.propfind(place, "0", name).await.multistatus()[0].text("displayname")
            };
            let before = named(&ada).await;
            rita.send("PROPPATCH", place, &[], color).await.expect(207);
            assert_eq!(named(&rita).await.as_deref(), Some("x"), "{place}");
            assert_eq!(named(&ada).await, before, "{place}");
        }
        assert_eq!(ada.get(&own).await.text(), before);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
    })
    .await;
}

#[tokio::test]
async fn a_delegate_has_neither_the_rights_of_an_administrator_nor_another_home() {
    on_both(async |server| {
        server.people(&["wendy", "bob"]).await;
        server.admin("ada").await;
        server.room("aula").await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        name(&ada, WRITERS, &["/principals/users/wendy/"]).await;
        bob.book("aula", &event("his").hours("20270302", 9, 10)).await.created();
        let as_ada = wendy.list(&ada.room("aula")).await;
        assert_eq!(as_ada.len(), 1);
        assert!(!as_ada[0].0.ends_with("his.ics"), "{as_ada:?}");
        wendy.delete(&as_ada[0].0).await.expect(403);
        assert_eq!(server.claims("aula").await, ["03-02 09:00-10:00"]);
        wendy.propfind("/calendars/users/bob/", "0", ASKED).await.expect(404);
        // She stays who she is.
        let asked = found(&wendy, &ada.home(), "current-user-principal").await;
        assert_eq!(asked, ["/principals/users/wendy/"]);
        // A delegate names nobody.
        assert!(name(&wendy, WRITERS, &["/principals/users/bob/"]).await.text().contains("403 Forbidden"));
        // For somebody who was locked out nobody acts.
        server.bookings.set_disabled(Slug::parse("ada").unwrap(), true).await.unwrap();
        wendy.propfind(&ada.home(), "0", ASKED).await.expect(404);
        wendy.create(&ada.in_own("x"), event("x").hours("20270303", 9, 10).text()).await.expect(409);
    })
    .await;
}

#[tokio::test]
async fn a_managers_delegate_signs_for_nobody_else() {
    on_both(async |server| {
        house(&server).await;
        server.people(&["carol"]).await;
        server.grant("aula", "ada", "manage").await;
        let (ada, wendy, bob, carol) =
            (server.client("ada"), server.client("wendy"), server.client("bob"), server.client("carol"));
        let text = event("plan").hours("20270301", 9, 10).organizer("carol");
        carol
            .create(&carol.in_room("aula", "plan"), text.line("ATTENDEE:mailto:bob@example.org").text())
            .await
            .created();
        bob.get(&bob.in_own("plan")).await.expect(200);
        wendy.delete(&ada.in_room("aula", "plan")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
        let told = bob.get(&bob.in_own("plan")).await;
        assert!(told.has_line("STATUS:CANCELLED"), "{}", told.text());
        assert!(!told.text().contains("SENT-BY"), "she spoke for the room, not for carol: {}", told.text());
    })
    .await;
}

#[tokio::test]
async fn lists_name_the_groups_of_delegates() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let acl = "<propfind xmlns=\"DAV:\"><prop><acl/></prop></propfind>";
        let home = ada.home();
        for place in
            [&home, &ada.own(), &ada.room("aula"), &format!("{home}inbox/"), &format!("{home}outbox/")]
        {
            let lists = ["ada", "wendy", "rita"].map(|who| server.client(who));
            let mut shown = Vec::new();
            for who in &lists {
                shown.push(
                    who.propfind(place, "0", acl).await.multistatus()[0].get("acl").unwrap().to_owned(),
                );
            }
            // It is one list, whoever reads it.
            assert_eq!(shown[0], shown[1], "{place}");
            assert_eq!(shown[0], shown[2], "{place}");
            for (who, principal) in [("wendy", WRITERS), ("rita", READERS)] {
                let entry = shown[0].split("<ace>").find(|ace| ace.contains(principal)).expect(principal);
                let entry = entry.split_once("<grant>").expect("delegates are granted something").1;
                let mine = server.client(who).propfind(place, "0", ASKED).await.multistatus();
                let has = |privilege: &str| mine[0].holds("current-user-privilege-set", privilege);
                // What the entry grants is what the delegate has, and no more.
                for privilege in
                    ["read", "write", "bind", "unbind", "write-properties", "schedule-send", "all"]
                {
                    let is_granted = entry.contains(&format!("<{privilege}>"))
                        || entry.contains(&format!("<{privilege}/>"))
                        || entry.contains("all") && has("all")
                        || entry.contains("<write")
                            && ["bind", "unbind", "write-properties"].contains(&privilege);
                    assert!(is_granted || !has(privilege), "{place}, {who}: {privilege} in {entry}");
                }
                assert_eq!(
                    entry.contains("write") || entry.contains("all"),
                    has("write") || has("write-properties"),
                    "{place}, {who}: {entry}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_administrator_names_delegates_from_the_command_line() {
    on_both(async |server| {
        server.people(&["ada", "wendy", "rita"]).await;
        let slug = |text: &str| Slug::parse(text).unwrap();
        let set = async |access, logins: &[&str]| {
            let logins = logins.iter().map(|login| slug(login)).collect();
            server.bookings.set_user(slug("ada"), vec![UserChange::Delegates(access, logins)]).await
        };
        set(Access::Write, &["wendy", "rita"]).await.unwrap();
        let ada = server.client("ada");
        let members = found(&ada, WRITERS, "group-member-set").await;
        assert_eq!(members, ["/principals/users/wendy/", "/principals/users/rita/"]);
        assert!(set(Access::Write, &["nobody"]).await.is_err());
        assert!(set(Access::Write, &["ada"]).await.is_err());
        assert_eq!(found(&ada, WRITERS, "group-member-set").await, members);
        set(Access::Write, &[]).await.unwrap();
        assert!(found(&ada, WRITERS, "group-member-set").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn it_is_said_who_wrote_last_and_of_ones_own_alone() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, bob) = (server.client("ada"), server.client("wendy"), server.client("bob"));
        let sent = |text: &Reply| text.lines_of("ORGANIZER")[0].contains("SENT-BY");
        // What the person writes over it is the person's again.
        let path = ada.in_own("plan");
        wendy.create(&path, invitation("plan")).await.created();
        let copy = ada.get(&path).await;
        assert!(sent(&copy));
        ada.change(&path, &copy.etag(), copy.text().replace("SUMMARY:plan", "SUMMARY:Plan"))
            .await
            .no_content();
        assert!(!sent(&ada.get(&path).await) && !sent(&bob.get(&bob.in_own("plan")).await));
        // The message that takes an invitation back names the delegate who did it.
        wendy.delete(&path).await.no_content();
        let inbox = bob.texts("/calendars/users/bob/inbox/").await;
        let cancel = inbox.iter().find(|text| text.contains("METHOD:CANCEL")).expect("he is told");
        assert!(cancel.replace("\r\n ", "").contains("SENT-BY=\"mailto:wendy@example.org\""), "{cancel}");
        // An answer by removing the copy, likewise.
        bob.invite(
            &event("his").hours("20270304", 9, 10).organizer("bob").line("ATTENDEE:mailto:ada@example.org"),
        )
        .await
        .created();
        wendy.delete(&ada.in_own("his")).await.no_content();
        let inbox = bob.texts("/calendars/users/bob/inbox/").await;
        let reply = inbox.iter().find(|text| text.contains("METHOD:REPLY")).expect("he is told");
        assert!(reply.replace("\r\n ", "").contains("SENT-BY=\"mailto:wendy@example.org\""), "{reply}");
        // What she takes back herself says nothing of the delegate who wrote it.
        wendy.create(&ada.in_own("late"), invitation("late").replace("0301", "0306")).await.created();
        ada.delete(&ada.in_own("late")).await.no_content();
        let inbox = bob.texts("/calendars/users/bob/inbox/").await;
        let cancel = inbox.iter().find(|text| text.contains("METHOD:CANCEL") && text.contains("UID:late"));
        assert!(!cancel.expect("he is told").replace("\r\n ", "").contains("SENT-BY"), "{cancel:?}");
        // Her program's own assistant stays, however often it writes.
        let assisted = invitation("aid").replace("0301", "0307").replace("ORGANIZER:", ASSISTANT);
        ada.create(&ada.in_own("aid"), &assisted).await.created();
        let etag = ada.get(&ada.in_own("aid")).await.etag();
        ada.change(&ada.in_own("aid"), &etag, assisted.replace("SUMMARY:aid", "SUMMARY:Aid"))
            .await
            .no_content();
        assert!(ada.get(&ada.in_own("aid")).await.lines_of("ORGANIZER")[0].contains("bot@example.net"));
        // Of somebody else's event nothing is signed, and an alarm of one's own is no change of it.
        server.set("aula", "viewer", "details").await;
        let meeting = event("meeting").hours("20270305", 9, 10).organizer("bob");
        bob.book("aula", &meeting).await.created();
        let theirs = ada.in_room("aula", "meeting");
        let copy = wendy.get(&theirs).await;
        let alarm =
            "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:!\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
        wendy.change(&theirs, &copy.etag(), copy.text().replace("END:VEVENT", alarm)).await.no_content();
        assert!(!sent(&bob.get(&bob.in_room("aula", "meeting")).await));
    })
    .await;
}

#[tokio::test]
async fn what_a_delegate_who_reads_is_refused_is_no_news_to_the_person() {
    on_both(async |server| {
        house(&server).await;
        let (ada, rita) = (server.client("ada"), server.client("rita"));
        ada.create(&ada.in_own("plan"), invitation("plan")).await.created();
        let before = (ada.get(&ada.in_own("plan")).await.etag(), ada.token(&ada.own()).await);
        rita.put(&ada.in_own("plan"), invitation("plan").replace("T090000", "T080000")).await.expect(403);
        rita.delete(&ada.in_own("plan")).await.expect(403);
        assert_eq!((ada.get(&ada.in_own("plan")).await.etag(), ada.token(&ada.own()).await), before);
    })
    .await;
}

#[tokio::test]
async fn what_decides_when_a_person_is_busy_is_the_persons_whoever_sets_it() {
    on_both(async |server| {
        house(&server).await;
        let (ada, wendy, rita) = (server.client("ada"), server.client("wendy"), server.client("rita"));
        let set = "<propertyupdate xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>\
                   <C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></prop></set></propertyupdate>";
        let ask = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
                   <C:schedule-calendar-transp/></prop></propfind>";
        let is_free = async |who: &Client<'_>| {
            who.propfind(&ada.own(), "0", ask).await.multistatus()[0].holds("schedule-calendar-transp", "transparent")
        };
        rita.send("PROPPATCH", &ada.own(), &[], set).await.expect(207);
        assert!(!is_free(&ada).await);
        wendy.send("PROPPATCH", &ada.own(), &[], set).await.expect(207);
        assert!(is_free(&ada).await && is_free(&wendy).await);
    })
    .await;
}

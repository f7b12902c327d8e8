//! What a program would like to have: RFC 8144, sections 2.3, 3 and 4; and members whose names the server
//! chooses: RFC 5995.

use crate::programs::campus;
use crate::support::{event, on_both};

const REPRESENTATION: (&str, &str) = ("prefer", "return=representation");

#[tokio::test]
async fn a_put_is_answered_with_what_is_stored_if_that_is_preferred() {
    // RFC 8144, sections 3.1 and 3.2.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let path = ada.in_own("talk");
        let asked = event("talk").hours("20270301", 9, 10).organizer("ada").attendee("aula");
        let new = ada.send("PUT", &path, &[REPRESENTATION], &asked.text()).await.expect(201);
        assert_eq!(new.header("preference-applied"), Some("return=representation"));
        assert_eq!(new.header("content-location"), Some(path.as_str()));
        // The room has answered in it, so no tag would have been given without the text.
        assert!(new.lines_of("ATTENDEE")[0].contains("PARTSTAT=ACCEPTED"));
        let stored = ada.get(&path).await;
        assert_eq!((new.text(), new.etag()), (stored.text(), stored.etag()));
        let other = asked.summary("Other").text();
        let changed = ada.send("PUT", &path, &[REPRESENTATION], &other).await.expect(200);
        assert!(changed.has_line("SUMMARY:Other"));
        // What stood against a condition is shown; a refusal by the rules stays a refusal.
        let stale = [REPRESENTATION, ("if-match", "\"stale\"")];
        let failed = ada.send("PUT", &path, &stale, &other).await.expect(412);
        assert_eq!((failed.text(), failed.etag()), (changed.text(), changed.etag()));
        let taken = event("late").hours("20270301", 9, 10).text();
        let bob = server.client("bob");
        bob.send("PUT", &bob.in_room("aula", "late"), &[REPRESENTATION], &taken).await.refused("busy");
    })
    .await;
}

#[tokio::test]
async fn a_listing_leaves_its_root_out_if_that_is_preferred() {
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let home = ada.home();
        let all = ada.propfind(&home, "1", "").await.multistatus();
        let reply = ada.send("PROPFIND", &home, &[("depth", "1"), ("prefer", "depth-noroot")], "").await;
        assert_eq!(reply.header("preference-applied"), Some("depth-noroot"));
        let members: Vec<_> = reply.multistatus().into_iter().map(|item| item.href).collect();
        let expected: Vec<_> = all.into_iter().map(|item| item.href).filter(|href| *href != home).collect();
        assert_eq!(members, expected);
        let root = ada.send("PROPFIND", &home, &[("depth", "0"), ("prefer", "depth-noroot")], "").await;
        assert_eq!(root.multistatus().len(), 1, "without members it means nothing");
    })
    .await;
}

#[tokio::test]
async fn a_post_to_a_calendar_makes_a_member_under_a_name_of_the_servers() {
    // RFC 5995, sections 3, 3.2 and 3.2.1; RFC 4918, section 9.5.
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let ask = "<propfind xmlns=\"DAV:\"><prop><add-member/></prop></propfind>";
        let told = ada.propfind(&ada.room("aula"), "0", ask).await;
        assert!(told.text().contains(&ada.room("aula")), "{}", told.text());
        let calendar = [("content-type", "text/calendar; charset=utf-8")];
        let talk = event("talk/1@host").hours("20270301", 9, 10).text();
        let made = ada.send("POST", &ada.room("aula"), &calendar, &talk).await.expect(201);
        let location = made.header("location").expect("RFC 5995, section 3.1").to_owned();
        let stored = ada.get(&location).await.expect(200);
        assert_eq!(made.header("etag"), Some(stored.etag().as_str()));
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        ada.send("POST", &ada.room("aula"), &calendar, &talk).await.fails(409, "no-uid-conflict");
        let taken = event("late").hours("20270301", 9, 10).text();
        bob.send("POST", &bob.room("aula"), &calendar, &taken).await.refused("busy");
        // Where nothing may be written, nothing is announced.
        ada.send("POST", &ada.room("lab"), &calendar, &taken).await.expect(405);
    })
    .await;
}

#[tokio::test]
async fn a_collection_that_is_made_is_answered_shortly_and_one_that_is_not_with_its_reasons() {
    // RFC 8144, section 2.3; RFC 4791, sections 5.3.1 and 9.3; RFC 5689, sections 3.5 and 5.2.
    on_both(async |server| {
        campus(&server).await;
        let ada = server.client("ada");
        let named = "<D:set><D:prop><D:displayname>Club</D:displayname></D:prop></D:set>";
        let made = |rest: &str| {
            let calendar = "<D:set><D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype></D:prop></D:set>";
            let names = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"";
            [
                ("MKCALENDAR", format!("<C:mkcalendar {names}>{named}{rest}</C:mkcalendar>")),
                ("MKCOL", format!("<D:mkcol {names}>{calendar}{named}{rest}</D:mkcol>")),
            ]
        };
        let minimal = [("prefer", "return=minimal")];
        for (headers, says) in [(&minimal[..], Some("return=minimal")), (&[][..], None)] {
            for (method, body) in made("") {
                let path = format!("{}{}-{}/", ada.home(), method.to_lowercase(), headers.len());
                let reply = ada.send(method, &path, headers, &body).await.expect(201);
                assert_eq!((reply.header("preference-applied"), reply.text().as_str()), (says, ""), "{method}");
                let name = ada.propfind(&path, "0", "").await.multistatus()[0].text("displayname");
                assert_eq!(name.as_deref(), Some("Club"));
            }
            let protected = "<D:set><D:prop><D:getetag>1</D:getetag></D:prop></D:set>";
            for (method, body) in made(protected) {
                let path = format!("{}bad/", ada.home());
                let reply = ada.send(method, &path, headers, &body).await.expect(403);
                let text = reply.text();
                assert_eq!(reply.header("preference-applied"), None, "{method}");
                assert!(text.contains(&format!("{}-response", method.to_lowercase())), "{text}");
                assert!(text.contains("cannot-modify-protected-property") && text.contains(" 424 "), "{text}");
                ada.propfind(&path, "0", "").await.expect(404);
            }
        }
    })
    .await;
}

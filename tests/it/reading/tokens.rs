//! sync-collection, CTags, and what makes them change.

use super::filled;
use crate::support::{BASE_URL, Client, event, on_both};

async fn state(client: &Client<'_>, path: &str) -> (String, String) {
    let body = "<propfind xmlns=\"DAV:\" xmlns:CS=\"http://calendarserver.org/ns/\"><prop><sync-token/>\
        <CS:getctag/></prop></propfind>";
    let item = client.propfind(path, "0", body).await.multistatus().remove(0);
    (item.text("sync-token").unwrap(), item.text("getctag").unwrap())
}

fn body(token: &str, more: &str) -> String {
    format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}\
         <prop><getetag/></prop></sync-collection>"
    )
}

#[tokio::test]
async fn tokens_are_uris_and_belong_to_one_reader() {
    // RFC 6578, section 4; R2.5.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let (token, ctag) = state(&ada, &ada.room("aula")).await;
        assert!(token.starts_with(BASE_URL) && token.parse::<f64>().is_err());
        assert!(ctag.parse::<f64>().is_err());
        ada.sync(&ada.room("aula"), &token).await;
        bob.report(&bob.room("aula"), &body(&token, "")).await.fails(403, "valid-sync-token");
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_known_is_answered_so_that_programs_begin_anew() {
    // R2.6.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        for token in ["http://x/sync/1", "1", "garbage", &format!("{BASE_URL}/sync/1/1-details/9999-0-0")] {
            let reply = ada.report(&room, &body(token, "")).await.fails(403, "valid-sync-token");
            assert!(reply.header("content-type").unwrap().starts_with("application/xml"));
            assert!(reply.text().contains("<D:error") && !reply.text().contains("<D:error/>"));
        }
        let (members, token) = ada.sync(&room, "").await;
        assert_eq!(members.len(), 3);
        assert_eq!(ada.sync(&room, &token).await.0.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn sync_answers_know_members_that_are_there_and_members_that_are_gone() {
    // RFC 6578, sections 3, 3.5.1 and 3.5.2; R2.3.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let (_, token) = ada.sync(&room, "").await;
        ada.delete(&format!("{room}a.ics")).await.no_content();
        ada.book("aula", &event("new").hours("20270301", 15, 16)).await.created();
        let (members, _) = ada.sync(&room, &token).await;
        let mut seen: Vec<(String, Option<u16>, bool)> =
            members.iter().map(|it| (it.href.clone(), it.status, it.get("getetag").is_some())).collect();
        seen.sort();
        assert_eq!(
            seen,
            [(format!("{room}a.ics"), Some(404), false), (format!("{room}new.ics"), None, true)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_limited_sync_is_cut_and_goes_on_from_its_token() {
    // R2.7.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let limit = "<limit><nresults>1</nresults></limit>";
        let (mut token, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let reply = ada.report(&room, &body(&token, limit)).await.expect(207);
            let items = reply.multistatus();
            token = reply.element_text("sync-token").unwrap();
            seen.extend(items.iter().filter(|item| item.href != room).map(|item| item.href.clone()));
            pages += 1;
            let Some(cut) = items.iter().find(|item| item.href == room) else { break };
            assert_eq!(cut.status, Some(507));
            assert!(reply.text().contains("number-of-matches-within-limits"));
            assert!(pages < 10);
        }
        seen.sort();
        assert_eq!(seen, super::hrefs(&ada, &room).await);
        assert!(ada.sync(&room, &token).await.0.is_empty());
        // Without a limit it is whole.
        assert_eq!(ada.sync(&room, "").await.0.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn changes_of_which_an_answer_left_some_out_are_told_by_its_token() {
    // R2.7; RFC 6578, section 3.6.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let mut token = ada.token(&room).await;
        for day in 11..14 {
            let event = event(&format!("day-{day}")).hours(&format!("202703{day}"), 20, 21);
            ada.book("aula", &event).await.created();
        }
        for day in 11..14 {
            let limit = "<limit><nresults>1</nresults></limit>";
            let reply = ada.report(&room, &body(&token, limit)).await.expect(207);
            token = reply.element_text("sync-token").unwrap();
            let told: Vec<String> = reply.multistatus().into_iter().map(|item| item.href).collect();
            let mut wanted = vec![ada.in_room("aula", &format!("day-{day}"))];
            wanted.extend((day < 13).then(|| room.clone()));
            assert_eq!(told, wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_a_cut_listing_is_read_is_told_before_it_ends() {
    // RFC 6578, section 3.6: an answer that is not cut is the present state.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let page = async |token: &str| {
            let limit = "<limit><nresults>2</nresults></limit>";
            let reply = ada.report(&room, &body(token, limit)).await.expect(207);
            let items = reply.multistatus();
            let members: Vec<_> = items.iter().filter(|item| item.href != room).cloned().collect();
            (members, reply.element_text("sync-token").unwrap(), items.len())
        };
        let (first, token, _) = page("").await;
        let gone = first.iter().map(|item| item.href.clone()).find(|href| href.ends_with("/a.ics")).unwrap();
        ada.delete(&gone).await.expect(204);
        let (rest, token, all) = page(&token).await;
        assert_eq!((rest.len(), all), (1, 2), "it is cut once more");
        let (last, _, all) = page(&token).await;
        assert_eq!((last[0].href.as_str(), last[0].status, all), (gone.as_str(), Some(404), 1));
    })
    .await;
}

#[tokio::test]
async fn every_visible_change_changes_token_and_ctag() {
    // R2.9.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let (room, hers) = (ada.room("aula"), format!("{}b.ics", bob.room("aula")));
        let mut last = state(&ada, &room).await;
        let mut differs = async |what: &str| {
            let now = state(&ada, &room).await;
            assert!(now.0 != last.0 && now.1 != last.1, "{what}");
            last = now;
        };
        ada.book("aula", &event("x").hours("20270303", 9, 10)).await.created();
        differs("her own new event").await;
        let etag = bob.get(&hers).await.etag();
        bob.change(&hers, &etag, event("b").hours("20270301", 11, 13).text()).await.no_content();
        differs("another's event moved").await;
        let etag = bob.get(&hers).await.etag();
        let renamed = event("b").hours("20270301", 11, 13).summary("Other").text();
        bob.change(&hers, &etag, renamed).await.no_content();
        differs("a detail that is hidden from her").await;
        bob.delete(&hers).await.no_content();
        differs("another's event deleted").await;
        server.grant("aula", "ada", "details").await;
        differs("she sees more now").await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_change_changes_token_and_ctag_of_the_asker_alone() {
    // R2.9, R4.2.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let before = (state(&ada, &ada.room("aula")).await, state(&bob, &bob.room("aula")).await);
        let mine = format!("{}a.ics", ada.room("aula"));
        let etag = ada.get(&mine).await.etag();
        ada.change(&mine, &etag, event("a").hours("20270301", 11, 12).text()).await.refused("busy");
        let after = (state(&ada, &ada.room("aula")).await, state(&bob, &bob.room("aula")).await);
        assert!(before.0.0 != after.0.0 && before.0.1 != after.0.1);
        assert_eq!(before.1, after.1);
        let (members, _) = ada.sync(&ada.room("aula"), &before.0.0).await;
        assert_eq!(members.iter().map(|it| it.href.clone()).collect::<Vec<_>>(), [mine]);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_a_condition_of_a_write() {
    // RFC 6578, section 5.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let (calendar, path) = (ada.own(), ada.in_own("a"));
        let token = ada.token(&calendar).await;
        let unchanged = format!("<{calendar}> (<{token}>)");
        let text = event("a").hours("20270301", 9, 10).text();
        let put = async |path: &str, text: &str| {
            ada.send("PUT", path, &[("If", &unchanged), ("Content-Type", "text/calendar")], text).await
        };
        put(&path, &text).await.created();
        let other = ada.in_own("b");
        put(&other, &text.replace("UID:a", "UID:b")).await.expect(412);
        ada.get(&other).await.expect(404);
        let negated = format!("<{calendar}> (Not <{token}>)");
        ada.send("DELETE", &path, &[("If", &negated)], "").await.expect(204);
    })
    .await;
}

// P-6, P-12: the number alone is there again, with other changes.
#[tokio::test]
async fn a_token_of_changes_that_a_restored_backup_does_not_have_is_refused() {
    on_both(async |server| {
        filled(&server).await;
        let kept = server.client("ada").token("/calendars/users/ada/room-aula/").await;
        let backup = server.freeze().await;
        let booked = async |days: &[u32]| {
            let server = backup.thaw().await;
            let ada = server.client("ada");
            for day in days {
                let event = event(&format!("day-{day}")).hours(&format!("202703{day:02}"), 20, 21);
                ada.book("aula", &event).await.created();
            }
            server
        };
        let lost = booked(&[11, 12]).await;
        let (calendar, home) = ("/calendars/users/ada/room-aula/", "/calendars/users/ada/");
        let deep = |token: &str| body(token, "").replace("level>1<", "level>infinite<");
        let all = lost.client("ada").report(home, &deep("")).await.expect(207);
        let told = [lost.client("ada").token(calendar).await, all.element_text("sync-token").unwrap()];
        let restored = booked(&[21, 22, 23]).await;
        let ada = restored.client("ada");
        ada.report(calendar, &body(&told[0], "")).await.fails(403, "valid-sync-token");
        ada.report(home, &deep(&told[1])).await.fails(403, "valid-sync-token");
        let (changed, _) = ada.sync(calendar, &kept).await;
        assert_eq!(changed.len(), 3, "what the backup has is known by the older token");
    })
    .await;
}

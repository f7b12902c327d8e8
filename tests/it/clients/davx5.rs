//! DAVx5 in both of its ways to list: sync-collection, and calendar-query from 90 days ago on.
//!
//! Edits only mark events; a run sends deletions, then what is dirty, and lists only if something
//! changed. An event without a name on the server is never removed: the phantom.

use super::program::{
    Column, Line, NO_ANSWER, Program, calendar_query, content, multiget, phrase, sorted, sync_collection,
    uid_of,
};
use crate::support::{Client, Reply, event, on_both};

/// An event of Android's calendar.
#[derive(Clone, Debug, Default)]
struct Local {
    /// The href; `None` until the server has it.
    name: Option<String>,
    etag: Option<String>,
    schedule_tag: Option<String>,
    uid: String,
    text: String,
    is_dirty: bool,
    is_deleted: bool,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// Notification; this calendar stays where it is.
    Hard,
    /// Tried again later, without a word.
    Soft,
}

/// `SYNC`: by sync-collection, else by calendar-query.
pub(super) struct DavX5<'s, const SYNC: bool> {
    line: Line<'s>,
    calendar: String,
    events: Vec<Local>,
    /// The sync-token, or the CTag.
    state: Option<String>,
    is_read_only: bool,
    told: Vec<String>,
    /// Names for UIDs that it does not trust are new each time.
    names: u32,
    pub(super) retry_after: Option<String>,
}

impl<'s, const SYNC: bool> Program<'s> for DavX5<'s, SYNC> {
    const AGENT: &'static str = "DAVx5/4.5.8-ose (dav4jvm; ktor) Android/15";
    const COLUMN: Column = Column::Friendly;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            events: Vec::new(),
            state: None,
            is_read_only: false,
            told: Vec::new(),
            names: 0,
            retry_after: None,
        }
    }

    async fn sync(&mut self) {
        // A failed run leaves everything for the next one.
        let _ = self.run().await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        self.events.push(Local {
            uid: uid.to_owned(),
            text: text.to_owned(),
            is_dirty: true,
            ..Local::default()
        });
        self.sync().await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        let local = self.find(uid);
        text.clone_into(&mut local.text);
        local.is_dirty = true;
        self.sync().await;
    }

    async fn delete(&mut self, uid: &str) {
        self.find(uid).is_deleted = true;
        self.sync().await;
    }

    fn shows(&self) -> Vec<String> {
        sorted(self.events.iter().filter(|local| !local.is_deleted).map(|local| &local.text))
    }

    fn told(&self) -> &[String] {
        &self.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.line
    }

    async fn give_up(&mut self, uid: &str) {
        if let Some(local) = self.events.iter_mut().find(|local| local.uid == uid && local.is_dirty) {
            local.is_deleted = true;
        }
        self.sync().await;
    }
}

impl<const SYNC: bool> DavX5<'_, SYNC> {
    fn find(&mut self, uid: &str) -> &mut Local {
        let shown = self.events.iter_mut().filter(|local| !local.is_deleted);
        shown.into_iter().find(|local| local.uid == uid).expect("an event that is shown")
    }

    async fn run(&mut self) -> Result<(), Stop> {
        let remote_state = self.look().await?;
        if self.is_read_only {
            self.undo_everything();
        }
        let was_deleted = self.send_deletions().await;
        let was_uploaded = self.send_dirty().await?;
        if was_deleted || was_uploaded || self.state.is_none() || self.state != Some(remote_state) {
            if SYNC { self.follow().await? } else { self.list().await? }
        }
        Ok(())
    }

    /// Privileges (when the list of calendars is refreshed), then the state of this one.
    async fn look(&mut self) -> Result<String, Stop> {
        let headers = [("depth", "0"), ("content-type", "application/xml; charset=utf-8")];
        let body = super::program::propfind(
            "<D:current-user-privilege-set/><C:max-resource-size/><D:supported-report-set/>\
             <CS:getctag/><D:sync-token/>",
        );
        let reply = self.line.send("PROPFIND", &self.calendar, &headers, &body).await;
        if reply.status != 207 {
            return Err(self.fail(&reply));
        }
        let calendar = reply.multistatus().remove(0);
        let privileges = calendar.get("current-user-privilege-set").unwrap_or("<all/>");
        self.is_read_only =
            !["<write/>", "<write-content/>", "<all/>"].iter().any(|p| privileges.contains(p));
        Ok(calendar.text(if SYNC { "sync-token" } else { "getctag" }).expect("R1.8: both"))
    }

    /// What was edited in a read-only calendar is undone, and all of it is downloaded again.
    fn undo_everything(&mut self) {
        if self.events.iter().any(|local| local.is_dirty || local.is_deleted) {
            self.events.retain(|local| local.name.is_some());
            for local in &mut self.events {
                (local.is_dirty, local.is_deleted, local.etag) = (false, false, None);
            }
            self.state = None;
        }
    }

    /// Each is sent once; whatever comes back, the local copy goes. Only what was accepted counts
    /// as a change that makes it list.
    async fn send_deletions(&mut self) -> bool {
        let mut was_deleted = false;
        let gone: Vec<Local> = self.events.iter().filter(|local| local.is_deleted).cloned().collect();
        self.events.retain(|local| !local.is_deleted);
        for local in gone {
            let Some(name) = &local.name else { continue };
            let condition = condition(&local);
            let headers: Vec<_> = condition.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = self.line.send("DELETE", name, &headers, "").await;
            was_deleted |= (200..300).contains(&reply.status);
        }
        was_deleted
    }

    async fn send_dirty(&mut self) -> Result<bool, Stop> {
        let mut was_uploaded = false;
        for at in 0..self.events.len() {
            if self.events[at].is_dirty {
                self.upload(at).await?;
                was_uploaded = true;
            }
        }
        Ok(was_uploaded)
    }

    async fn upload(&mut self, at: usize) -> Result<(), Stop> {
        let local = self.events[at].clone();
        let href = local.name.clone().unwrap_or_else(|| self.new_name(&local.uid));
        let reply = self.put(&href, &local).await;
        match reply.status {
            200..300 => {
                let header = |name: &str| reply.header(name).map(str::to_owned);
                let local = &mut self.events[at];
                (local.name, local.is_dirty) = (Some(href), false);
                (local.etag, local.schedule_tag) = (header("etag"), header("schedule-tag"));
                Ok(())
            }
            // Logged at info level only; it stays dirty, and counts as an upload.
            409 | 412 => Ok(()),
            403 if reply.text().contains(":need-privileges") => Ok(()),
            404 | 410 if local.name.is_some() => {
                self.events[at] = Local { name: None, etag: None, schedule_tag: None, ..local };
                Box::pin(self.upload(at)).await
            }
            _ => Err(self.fail(&reply)),
        }
    }

    async fn put(&mut self, href: &str, local: &Local) -> Reply {
        let condition = condition(local);
        let mut headers = vec![("content-type", "text/calendar; charset=utf-8")];
        headers.extend(condition.iter().map(|(name, value)| (*name, value.as_str())));
        if local.name.is_none() {
            headers.push(("if-none-match", "*"));
        }
        self.line.send("PUT", href, &headers, &local.text).await
    }

    /// UID and `.ics`, or something random where the UID has other characters.
    fn new_name(&mut self, uid: &str) -> String {
        let trusted = |c: char| c.is_ascii_alphanumeric() || ";:@&=+$,-_.!~*'()".contains(c);
        if uid.chars().all(trusted) {
            return format!("{}{uid}.ics", self.calendar);
        }
        self.names += 1;
        format!("{}11111111-2222-3333-4444-{:012}.ics", self.calendar, self.names)
    }

    fn fail(&mut self, reply: &Reply) -> Stop {
        if reply.status == 503 || reply.status == NO_ANSWER {
            self.retry_after = reply.header("retry-after").map(str::to_owned);
            return Stop::Soft;
        }
        self.told.push(format!("HTTP server error: HTTP {} {}", reply.status, phrase(reply)));
        Stop::Hard
    }

    /// sync-collection, Depth 0.
    async fn follow(&mut self) -> Result<(), Stop> {
        let token = self.state.clone().unwrap_or_default();
        let body = sync_collection(&token, "<D:getetag/><D:resourcetype/>");
        let headers = [("depth", "0"), ("content-type", "application/xml; charset=utf-8")];
        let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
        if reply.status != 207 {
            if reply.text().contains("valid-sync-token") && self.state.take().is_some() {
                return Box::pin(self.follow()).await;
            }
            return Err(self.fail(&reply));
        }
        let items = reply.multistatus();
        if token.is_empty() {
            self.remove_all_but(&items.iter().map(|item| item.href.as_str()).collect::<Vec<_>>());
        }
        let mut changed = Vec::new();
        for item in items {
            if item.status == Some(404) {
                self.events.retain(|local| local.name.as_ref() != Some(&item.href));
            } else {
                let etag = item.text("getetag").expect("R2.3: getetag");
                changed.push((item.href, etag));
            }
        }
        self.download(changed).await?;
        self.state = Some(reply.element_text("sync-token").expect("a missing token is an error"));
        Ok(())
    }

    /// calendar-query with a start alone; what is not in the answer is not on the server.
    async fn list(&mut self) -> Result<(), Stop> {
        let body = calendar_query(Some("20261130T000000Z"), "<D:getetag/>");
        let headers = [("depth", "1"), ("content-type", "application/xml; charset=utf-8")];
        let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
        if reply.status != 207 {
            return Err(self.fail(&reply));
        }
        let items = reply.multistatus();
        self.remove_all_but(&items.iter().map(|item| item.href.as_str()).collect::<Vec<_>>());
        let listed = items.into_iter().map(|item| {
            let etag = item.text("getetag").expect("R2.3: getetag");
            (item.href, etag)
        });
        self.download(listed.collect()).await?;
        self.state = Some(self.look().await?);
        Ok(())
    }

    /// What has a name and is not dirty, but was not listed.
    fn remove_all_but(&mut self, listed: &[&str]) {
        let is_listed = |local: &Local| local.name.as_deref().is_none_or(|name| listed.contains(&name));
        self.events.retain(|local| local.is_dirty || is_listed(local));
    }

    /// The server always wins, where its ETag is another one.
    async fn download(&mut self, listed: Vec<(String, String)>) -> Result<(), Stop> {
        let is_known = |href: &str, etag: &str| {
            let local = self.events.iter().find(|local| local.name.as_deref() == Some(href));
            local.is_some_and(|local| local.etag.as_deref() == Some(etag))
        };
        let wanted: Vec<String> =
            listed.into_iter().filter(|(href, etag)| !is_known(href, etag)).map(|(href, _)| href).collect();
        for hrefs in wanted.chunks(10) {
            let props = "<D:getcontenttype/><D:getetag/><C:schedule-tag/><C:calendar-data/>";
            let headers = [("content-type", "application/xml; charset=utf-8")];
            let reply = self.line.send("REPORT", &self.calendar, &headers, &multiget(hrefs, props)).await;
            if reply.status != 207 {
                return Err(self.fail(&reply));
            }
            for item in reply.multistatus().into_iter().filter(|item| item.status != Some(404)) {
                let (etag, text) = content(&item);
                self.events.retain(|local| local.name.as_ref() != Some(&item.href));
                self.events.push(Local {
                    etag: Some(etag),
                    schedule_tag: item.text("schedule-tag"),
                    uid: uid_of(&text),
                    name: Some(item.href),
                    text,
                    ..Local::default()
                });
            }
        }
        Ok(())
    }
}

/// The Schedule-Tag where one is known, otherwise the ETag.
fn condition(local: &Local) -> Option<(&'static str, String)> {
    let by_tag = local.schedule_tag.clone().map(|tag| ("if-schedule-tag-match", tag));
    by_tag.or_else(|| Some(("if-match", local.etag.clone()?)))
}

async fn ada(server: &crate::support::TestServer) -> DavX5<'_, true> {
    super::rows::world(server).await
}

#[tokio::test]
async fn the_title_on_the_phone_says_that_the_room_was_busy() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        assert!(program.shows().iter().any(|text| text.contains("SUMMARY:DECLINED - room busy: new")));
        assert!(program.told().is_empty());
        // The same run uploaded and downloaded it; the next has nothing to do.
        program.line.log.clear();
        program.sync().await;
        assert_eq!(program.line.log, ["PROPFIND 207"]);
    })
    .await;
}

#[tokio::test]
async fn a_refused_change_is_restored_in_the_same_run() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        let before = program.shows();
        program.change("mine", &event("mine").hours("20270301", 9, 10).text()).await;
        assert_eq!(program.line.last("PUT"), 412);
        assert_eq!(program.shows(), before);
    })
    .await;
}

#[tokio::test]
async fn a_refused_deletion_comes_back_with_the_next_run() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        let before = program.shows();
        let foreign = super::rows::foreign_uid(&program);
        program.delete(&foreign).await;
        program.sync().await;
        assert_eq!(program.line.of("DELETE"), ["DELETE if-match 403"]);
        assert_eq!(program.shows(), before);
    })
    .await;
}

#[tokio::test]
async fn a_new_event_whose_answer_was_lost_is_there_once() {
    // R3.9: 412 would show it twice, and send it for ever.
    on_both(async |server| {
        let mut program = ada(&server).await;
        program.events.push(Local {
            uid: "new".to_owned(),
            text: event("new").hours("20270301", 14, 15).text(),
            is_dirty: true,
            ..Local::default()
        });
        program.look().await.expect("there");
        program.line.losing = 1;
        assert_eq!(program.send_dirty().await, Err(Stop::Soft));
        program.sync().await;
        assert_eq!(program.line.of("PUT"), ["PUT if-none-match 0", "PUT if-none-match 201"]);
        assert_eq!(program.shows(), super::rows::held(&server).await);
        program.line.log.clear();
        program.sync().await;
        assert_eq!(program.line.log, ["PROPFIND 207"]);
    })
    .await;
}

#[tokio::test]
async fn a_declined_event_whose_answer_was_lost_is_there_once() {
    // R3.9, R4.4: the repeat is the same request, and is answered the same.
    on_both(async |server| {
        let mut program = ada(&server).await;
        for uid in ["new", "new/with/slashes"] {
            program.line.log.clear();
            program.events.push(Local {
                uid: uid.to_owned(),
                text: event(uid).hours("20270301", 9, 10).text(),
                is_dirty: true,
                ..Local::default()
            });
            program.look().await.expect("there");
            program.line.losing = 1;
            assert_eq!(program.send_dirty().await, Err(Stop::Soft));
            program.sync().await;
            program.sync().await;
            assert_eq!(program.line.of("PUT"), ["PUT if-none-match 0", "PUT if-none-match 201"]);
            assert_eq!(program.shows(), super::rows::held(&server).await, "{uid}");
            let declined = program.shows().iter().filter(|text| uid_of(text) == uid).count();
            assert_eq!(declined, 1);
        }
        assert_eq!(server.notices("ada").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_outage_is_waited_out_as_long_as_the_server_says() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        server.database_down().await;
        program.create("new", &event("new").hours("20270301", 14, 15).text()).await;
        assert!(program.retry_after.is_some());
        assert!(program.told().is_empty(), "{:?}", program.told());
        server.database_up();
        program.sync().await;
        assert_eq!(program.shows(), super::rows::held(&server).await);
    })
    .await;
}

//! What iOS and macOS have in common: CTag and sync-token on the home, sync-collection with short
//! answers, multiget of fifty, writes at once. There is no source; what is known are recordings and
//! reports of people.

use std::collections::BTreeMap;

use super::program::{Line, NO_ANSWER, content, multiget, propfind, sorted, sync_collection, uid_of};
use crate::support::{Client, Reply};

/// An event as the program has it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) etag: Option<String>,
    pub(super) text: String,
    /// Still to be sent: a 5xx came back.
    pub(super) is_pending: bool,
    pub(super) is_deleted: bool,
}

/// The part of both programs.
pub(super) struct Apple<'s> {
    pub(super) line: Line<'s>,
    pub(super) calendar: String,
    pub(super) entries: BTreeMap<String, Entry>,
    home: String,
    state: Option<(String, String)>,
    pub(super) is_locked: bool,
}

const XML: (&str, &str) = ("content-type", "text/xml");

impl<'s> Apple<'s> {
    pub(super) fn new(client: Client<'s>, agent: &str, calendar: &str) -> Self {
        let home = client.home();
        Self {
            line: Line::new(client, agent),
            calendar: calendar.to_owned(),
            entries: BTreeMap::new(),
            home,
            state: None,
            is_locked: false,
        }
    }

    pub(super) fn href_of(&self, uid: &str) -> String {
        let shown = self.entries.iter().find(|(_, entry)| !entry.is_deleted && uid_of(&entry.text) == uid);
        shown.map(|(href, _)| href.clone()).expect("an event that is shown")
    }

    pub(super) fn shows(&self) -> Vec<String> {
        sorted(self.entries.values().filter(|entry| !entry.is_deleted).map(|entry| &entry.text))
    }

    /// PUT of what is in the entry: new without ETag, else changed.
    pub(super) async fn put(&mut self, href: &str) -> Reply {
        let entry = self.entries[href].clone();
        let mut headers = vec![("content-type", "text/calendar")];
        headers.push(match &entry.etag {
            None => ("if-none-match", "*"),
            Some(etag) => ("if-match", etag.as_str()),
        });
        let reply = self.line.send("PUT", href, &headers, &entry.text).await;
        let is_pending = reply.status >= 500 || reply.status == NO_ANSWER;
        if let Some(entry) = self.entries.get_mut(href) {
            entry.is_pending = is_pending;
        }
        match reply.status {
            200..300 => match reply.header("etag") {
                Some(etag) => self.entries.get_mut(href).expect("it was sent").etag = Some(etag.to_owned()),
                None => self.get(href).await,
            },
            // "The event just reverts back."
            412 => self.get(href).await,
            _ => {}
        }
        reply
    }

    /// The server's version, with an ETag: without one the next edit would be a new event.
    pub(super) async fn get(&mut self, href: &str) {
        let reply = self.line.send("GET", href, &[], "").await;
        if reply.status == 404 {
            self.entries.remove(href);
            return;
        }
        let reply = reply.expect(200);
        let entry =
            Entry { etag: Some(reply.etag()), text: reply.text(), is_pending: false, is_deleted: false };
        self.entries.insert(href.to_owned(), entry);
    }

    /// DELETE; the entry stays hidden while no answer is final.
    pub(super) async fn remove(&mut self, href: &str) -> Reply {
        let etag = self.entries[href].etag.clone();
        let headers: Vec<_> = etag.as_deref().map(|etag| ("if-match", etag)).into_iter().collect();
        let reply = self.line.send("DELETE", href, &headers, "").await;
        let is_pending = reply.status >= 500 || reply.status == NO_ANSWER;
        if is_pending {
            let entry = self.entries.get_mut(href).expect("it was shown");
            (entry.is_deleted, entry.is_pending) = (true, true);
        } else {
            self.entries.remove(href);
        }
        reply
    }

    /// Entries that wait for an answer.
    pub(super) fn pending(&self) -> Vec<(String, bool)> {
        let waiting = self.entries.iter().filter(|(_, entry)| entry.is_pending);
        waiting.map(|(href, entry)| (href.clone(), entry.is_deleted)).collect()
    }

    /// The home says which calendar changed; `false` if it says nothing now.
    pub(super) async fn pull(&mut self) -> bool {
        let body = propfind(
            "<D:resourcetype/><D:displayname/><D:owner/><D:current-user-privilege-set/><CS:getctag/>\
             <D:sync-token/><C:schedule-calendar-transp/><CS:push-transports/><CS:pushkey/>",
        );
        let short = [("brief", "t"), ("prefer", "return=minimal"), XML];
        let headers: Vec<_> = [("depth", "1")].into_iter().chain(short).collect();
        let home = self.home.clone();
        let reply = self.line.send("PROPFIND", &home, &headers, &body).await;
        if reply.status != 207 {
            return false;
        }
        let items = reply.multistatus();
        let calendar = items.iter().find(|item| item.href == self.calendar).expect("R1.6: it is in the home");
        let privileges = calendar.get("current-user-privilege-set").unwrap_or_default();
        self.is_locked = !privileges.contains("<write-content/>");
        let ctag = calendar.text("getctag").expect("R1.8: getctag");
        let token = calendar.text("sync-token").expect("R1.8: sync-token");
        if self.state != Some((ctag.clone(), token)) {
            let since = self.state.as_ref().map(|(_, token)| token.clone()).unwrap_or_default();
            let token = self.follow(&since).await;
            self.state = Some((ctag, token));
        }
        true
    }

    async fn follow(&mut self, since: &str) -> String {
        let short = [("brief", "t"), ("prefer", "return=minimal"), XML];
        let headers: Vec<_> = [("depth", "1")].into_iter().chain(short).collect();
        let body = sync_collection(since, "<D:getcontenttype/><D:getetag/>");
        let calendar = self.calendar.clone();
        let reply = self.line.send("REPORT", &calendar, &headers, &body).await;
        if reply.status == 403 && !since.is_empty() {
            assert!(reply.text().contains("valid-sync-token"), "R2.6: {}", reply.text());
            self.entries.clear();
            return Box::pin(self.follow("")).await;
        }
        let mut wanted = Vec::new();
        for item in reply.multistatus() {
            if item.status == Some(404) {
                self.entries.remove(&item.href);
                continue;
            }
            let known = self.entries.get(&item.href).and_then(|entry| entry.etag.clone());
            if known.is_none() || known != item.text("getetag") {
                wanted.push(item.href);
            }
        }
        for hrefs in wanted.chunks(50) {
            let body = multiget(hrefs, "<D:getetag/><C:schedule-tag/><C:calendar-data/><CS:created-by/>");
            let reply = self.line.send("REPORT", &calendar, &[XML], &body).await;
            for item in reply.multistatus() {
                let (etag, text) = content(&item);
                let entry = Entry { etag: Some(etag), text, is_pending: false, is_deleted: false };
                self.entries.insert(item.href, entry);
            }
        }
        reply.element_text("sync-token").expect("a token")
    }
}

//! The common part of programs that keep two stores equal: what is here, what is there, and what
//! was equal last time. A refused new event stays here and is tried again in each run; where both
//! sides changed, the server wins, as the person has set it.

use super::program::{Line, NO_ANSWER, content, multiget, sorted, uid_of};
use crate::support::Reply;

/// One event of the local store.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) uid: String,
    pub(super) text: String,
    /// Where it is on the server.
    href: Option<String>,
    /// The server's version when both were equal; `None`: not known, or never.
    etag: Option<String>,
    is_changed: bool,
    is_deleted: bool,
}

/// Two stores.
pub(super) struct Pair<'s> {
    pub(super) line: Line<'s>,
    pub(super) calendar: String,
    pub(super) entries: Vec<Entry>,
    pub(super) told: Vec<String>,
    /// How the program reads members: the headers of its multiget.
    pub(super) multiget: &'static [(&'static str, &'static str)],
    /// What stands in its report about a failed request.
    pub(super) report: fn(&Reply) -> String,
    /// After a write without ETag the member is read at once.
    pub(super) reads_back: bool,
}

/// What is to be done with one event in a run.
enum Step {
    Nothing,
    Upload,
    Remove,
    Fetch,
    Forget,
}

impl Pair<'_> {
    pub(super) fn find(&mut self, uid: &str) -> &mut Entry {
        let shown = self.entries.iter_mut().find(|entry| entry.uid == uid && !entry.is_deleted);
        shown.expect("an event that is shown")
    }

    pub(super) fn create(&mut self, uid: &str, text: &str) {
        let new = Entry { uid: uid.to_owned(), text: text.to_owned(), is_changed: true, ..Entry::default() };
        self.entries.push(new);
    }

    pub(super) fn change(&mut self, uid: &str, text: &str) {
        let entry = self.find(uid);
        text.clone_into(&mut entry.text);
        entry.is_changed = true;
    }

    pub(super) fn delete(&mut self, uid: &str) {
        self.find(uid).is_deleted = true;
    }

    /// The person takes an event away that never reached the server.
    pub(super) fn give_up(&mut self, uid: &str) {
        self.entries.retain(|entry| entry.uid != uid || entry.href.is_some());
    }

    pub(super) fn shows(&self) -> Vec<String> {
        sorted(self.entries.iter().filter(|entry| !entry.is_deleted).map(|entry| &entry.text))
    }

    /// One run, with what the server lists now.
    pub(super) async fn run(&mut self, listed: &[(String, String)]) {
        let mut wanted = Vec::new();
        for at in (0..self.entries.len()).rev() {
            match step(&self.entries[at], listed) {
                Step::Nothing => {}
                Step::Upload => self.upload(at).await,
                Step::Remove => self.remove(at).await,
                Step::Fetch => wanted.extend(self.entries[at].href.clone()),
                Step::Forget => drop(self.entries.remove(at)),
            }
        }
        let is_here = |href: &String| self.entries.iter().any(|entry| entry.href.as_ref() == Some(href));
        let unknown = listed.iter().map(|(href, _)| href).filter(|href| !is_here(href));
        wanted.extend(unknown.cloned().collect::<Vec<_>>());
        self.fetch(&wanted).await;
    }

    async fn upload(&mut self, at: usize) {
        let entry = self.entries[at].clone();
        let href = entry.href.clone().unwrap_or_else(|| format!("{}{}.ics", self.calendar, entry.uid));
        let mut headers = vec![("content-type", "text/calendar; charset=utf-8")];
        headers.push(match &entry.etag {
            None => ("if-none-match", "*"),
            Some(etag) => ("if-match", etag.as_str()),
        });
        let reply = self.line.send("PUT", &href, &headers, &entry.text).await;
        if !(200..300).contains(&reply.status) {
            self.failed(&reply);
            return;
        }
        let entry = &mut self.entries[at];
        entry.is_changed = false;
        entry.etag = reply.header("etag").map(str::to_owned);
        entry.href = Some(href.clone());
        if entry.etag.is_none() && self.reads_back {
            let stored = self.line.send("GET", &href, &[], "").await.expect(200);
            let entry = &mut self.entries[at];
            (entry.text, entry.etag) = (stored.text(), Some(stored.etag()));
        }
    }

    async fn remove(&mut self, at: usize) {
        let entry = self.entries[at].clone();
        let Some(href) = entry.href else { return drop(self.entries.remove(at)) };
        let etag = entry.etag.unwrap_or_default();
        let reply = self.line.send("DELETE", &href, &[("if-match", &etag)], "").await;
        match reply.status {
            200..300 | 404 => drop(self.entries.remove(at)),
            _ => self.failed(&reply),
        }
    }

    /// 404 and 412 only mean that the next run looks again.
    fn failed(&mut self, reply: &Reply) {
        if reply.status != 404 && reply.status != 412 {
            self.told.push((self.report)(reply));
        }
    }

    async fn fetch(&mut self, hrefs: &[String]) {
        for hrefs in hrefs.chunks(100) {
            let body = multiget(hrefs, "<D:getetag/><C:calendar-data/>");
            let calendar = self.calendar.clone();
            let reply = self.line.send("REPORT", &calendar, self.multiget, &body).await;
            if reply.status >= 400 || reply.status == NO_ANSWER {
                return self.failed(&reply);
            }
            for item in reply.multistatus() {
                self.entries.retain(|entry| entry.href.as_ref() != Some(&item.href));
                if item.status != Some(404) {
                    let (etag, text) = content(&item);
                    let (uid, href, etag) = (uid_of(&text), Some(item.href), Some(etag));
                    self.entries.push(Entry { uid, text, href, etag, ..Entry::default() });
                }
            }
        }
    }
}

/// One event, by three facts: what is here, what is there, and what was equal.
fn step(entry: &Entry, listed: &[(String, String)]) -> Step {
    let Some(href) = &entry.href else {
        return if entry.is_deleted { Step::Forget } else { Step::Upload };
    };
    let there = listed.iter().find(|(listed, _)| listed == href).map(|(_, etag)| etag);
    match (there, there == entry.etag.as_ref()) {
        (None, _) => Step::Forget,
        // The server wins over what was changed or deleted here.
        (Some(_), false) => Step::Fetch,
        (Some(_), true) if entry.is_deleted => Step::Remove,
        (Some(_), true) if entry.is_changed => Step::Upload,
        (Some(_), true) => Step::Nothing,
    }
}

//! Evolution: writes go to the server at once and nothing is kept of a refused one; a red bar shows
//! the server's text, put together as evolution-data-server 3.46.4 does.

use std::collections::BTreeMap;

use super::program::{
    Line, NO_ANSWER, Program, content, multiget, phrase, propfind, sorted, sync_collection, uid_of,
};
use crate::support::{Client, Reply, event, on_both};

struct Cached {
    etag: String,
    text: String,
}

pub(super) struct Evolution<'s> {
    line: Line<'s>,
    calendar: String,
    cache: BTreeMap<String, Cached>,
    ctag: String,
    token: String,
    is_connected: bool,
    is_read_only: bool,
    told: Vec<String>,
}

impl<'s> Program<'s> for Evolution<'s> {
    const AGENT: &'static str = "Evolution/3.46.4";

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            cache: BTreeMap::new(),
            ctag: String::new(),
            token: String::new(),
            is_connected: false,
            is_read_only: false,
            told: Vec::new(),
        }
    }

    async fn sync(&mut self) {
        self.connect().await;
        if self.is_connected {
            self.refresh().await;
        }
    }

    async fn create(&mut self, uid: &str, text: &str) {
        self.connect().await;
        if self.is_read_only {
            return;
        }
        let href = format!("{}{uid}.ics", self.calendar);
        let mut headers = WRITE.to_vec();
        headers.push(("if-none-match", "*"));
        let reply = self.line.send("PUT", &href, &headers, text).await;
        self.stored(&href, text, &reply, "Cannot create calendar object").await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        self.connect().await;
        if self.is_read_only {
            return;
        }
        let href = self.href_of(uid);
        // Without any condition (R3.8).
        let reply = self.line.send("PUT", &href, &WRITE, text).await;
        self.stored(&href, text, &reply, "Cannot modify calendar object").await;
    }

    async fn delete(&mut self, uid: &str) {
        self.connect().await;
        if self.is_read_only {
            return;
        }
        let href = self.href_of(uid);
        let reply = self.line.send("DELETE", &href, &[("schedule-reply", "F")], "").await;
        if (200..300).contains(&reply.status) {
            self.cache.remove(&href);
        } else {
            self.fail("Cannot remove calendar object", "Failed to delete resource", &reply);
        }
    }

    fn shows(&self) -> Vec<String> {
        sorted(self.cache.values().map(|item| &item.text))
    }

    fn told(&self) -> &[String] {
        &self.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.line
    }
}

const WRITE: [(&str, &str); 2] =
    [("content-type", "text/calendar; charset=\"utf-8\""), ("prefer", "return=minimal")];

impl Evolution<'_> {
    fn href_of(&self, uid: &str) -> String {
        let found = self.cache.iter().find(|(_, item)| uid_of(&item.text) == uid);
        found.map(|(href, _)| href.clone()).expect("an event that is shown")
    }

    /// OPTIONS on the calendar itself, then what may be done there; again after every 403.
    async fn connect(&mut self) {
        if self.is_connected {
            return;
        }
        let options = self.line.send("OPTIONS", &self.calendar, &[], "").await;
        if options.status != 200 {
            return;
        }
        let dav = options.header("dav").unwrap_or_default();
        assert!(dav.contains("calendar-access"), "it does not reference a CalDAV calendar: {dav}");
        let headers = [("depth", "0"), ("content-type", "application/xml; charset=\"utf-8\"")];
        let body = propfind("<D:current-user-privilege-set/>");
        let reply = self.line.send("PROPFIND", &self.calendar, &headers, &body).await;
        if reply.status != 207 {
            return;
        }
        let calendar = reply.multistatus().remove(0);
        let privileges = calendar.get("current-user-privilege-set").unwrap_or_default();
        // `bind` alone would be read-only.
        self.is_read_only =
            !["<write/>", "<write-content/>", "<all/>"].iter().any(|p| privileges.contains(p));
        self.is_connected = true;
    }

    async fn stored(&mut self, href: &str, text: &str, reply: &Reply, doing: &str) {
        if !(200..300).contains(&reply.status) {
            return self.fail(doing, "Failed to put data", reply);
        }
        // Its own copy where a strong ETag came, else what a GET brings.
        let (etag, text) = match reply.header("etag") {
            Some(etag) => (etag.to_owned(), text.to_owned()),
            None => {
                let stored = self.line.send("GET", href, &[], "").await.expect(200);
                (stored.etag(), stored.text())
            }
        };
        self.cache.insert(href.to_owned(), Cached { etag, text });
    }

    fn fail(&mut self, doing: &str, what: &str, reply: &Reply) {
        self.is_connected &= reply.status != 403;
        let body = reply.text();
        let text = if reply.status == NO_ANSWER {
            format!("{doing}: {what}: Connection terminated unexpectedly")
        } else if reply.status == 412 && doing != "Cannot create calendar object" {
            "Object is out of sync".to_owned()
        } else if body.contains(":need-privileges") {
            format!("{doing}: Permission denied")
        } else {
            let code = format!("HTTP error code {} ({})", reply.status, phrase(reply));
            let detail = detail(&body).map(|detail| format!(": {detail}")).unwrap_or_default();
            format!("{doing}: {what}: {code}{detail}")
        };
        self.told.push(text);
    }

    async fn refresh(&mut self) {
        let headers = [("depth", "0"), ("content-type", "application/xml; charset=\"utf-8\"")];
        let body = propfind("<CS:getctag/><D:supported-report-set/>");
        let reply = self.line.send("PROPFIND", &self.calendar, &headers, &body).await;
        if reply.status != 207 {
            return;
        }
        let ctag = reply.multistatus().remove(0).text("getctag").expect("R1.8: getctag");
        if ctag == self.ctag {
            return;
        }
        let body = sync_collection(&self.token, "<D:getetag/>");
        let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
        if reply.status == 403 || reply.status == 412 {
            assert!(reply.text().contains("valid-sync-token"), "R2.6: {}", reply.text());
            self.token.clear();
            self.cache.clear();
            return Box::pin(self.refresh()).await;
        }
        let mut wanted = Vec::new();
        for item in reply.multistatus() {
            if item.status == Some(404) {
                self.cache.remove(&item.href);
            } else if self.cache.get(&item.href).map(|item| &item.etag) != item.text("getetag").as_ref() {
                wanted.push(item.href);
            }
        }
        self.fetch(&wanted).await;
        // A token that is no URI would be ignored (R2.5).
        self.token = reply.element_text("sync-token").expect("a token");
        assert!(self.token.contains(':'), "R2.5: {}", self.token);
        self.ctag = ctag;
    }

    async fn fetch(&mut self, hrefs: &[String]) {
        for hrefs in hrefs.chunks(100) {
            let body = multiget(hrefs, "<D:getetag/><C:calendar-data/>");
            let headers = [("content-type", "application/xml; charset=\"utf-8\"")];
            let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
            for item in reply.multistatus() {
                let (etag, text) = content(&item);
                self.cache.insert(item.href, Cached { etag, text });
            }
        }
    }
}

/// All text inside `D:error`, then the names of its direct children in brackets.
fn detail(body: &str) -> Option<String> {
    let (_, inner) = body.split_once("<D:error ")?.1.split_once('>')?;
    let inner = inner.strip_suffix("</D:error>")?;
    let (mut text, mut names, mut depth) = (String::new(), String::new(), 0);
    for piece in inner.split('<').filter(|piece| !piece.is_empty()) {
        let (tag, rest) = piece.split_once('>')?;
        if let Some(_closing) = tag.strip_prefix('/') {
            depth -= 1;
        } else {
            if depth == 0 {
                let name = tag.trim_end_matches('/').split(' ').next()?;
                names.push_str(&format!("[{}]", name.split_once(':').map_or(name, |(_, local)| local)));
            }
            depth += i32::from(!tag.ends_with('/'));
        }
        text.push_str(rest);
    }
    Some(format!("{text}{names}"))
}

#[tokio::test]
async fn the_red_bar_shows_the_sentence() {
    on_both(async |server| {
        let mut program: Evolution<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        program.change("mine", &event("mine").hours("20270301", 9, 10).text()).await;
        let sentence = "HTTP error code 403 (Room is already booked): Room Aula is already booked on \
                        1 March 2027 from 09:00 to 10:00 by Bob (Europe/Berlin; R1).[busy]";
        assert_eq!(
            program.told(),
            [
                format!("Cannot create calendar object: Failed to put data: {sentence}"),
                format!("Cannot modify calendar object: Failed to put data: {sentence}"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_refused_deletion_shows_the_sentence() {
    on_both(async |server| {
        let mut program: Evolution<'_> = super::rows::world(&server).await;
        let foreign = super::rows::foreign_uid(&program);
        program.delete(&foreign).await;
        assert_eq!(
            program.told(),
            ["Cannot remove calendar object: Failed to delete resource: HTTP error code 403 (Not allowed): \
              Room Aula cannot be booked, changed or cancelled by you on 1 March 2027 from 09:00 to 10:00 \
              (Europe/Berlin; R40).[not-allowed]"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_read_only_calendar_says_so_without_a_sentence() {
    on_both(async |server| {
        let program: Evolution<'_> = super::rows::world(&server).await;
        server.set("aula", "book", "none").await;
        // It learns of it only when it connects again: the answer must do.
        let mut late = program;
        late.create("new", &event("new").hours("20270301", 14, 15).text()).await;
        assert_eq!(late.told(), ["Cannot create calendar object: Permission denied"]);
        late.create("new", &event("new").hours("20270301", 14, 15).text()).await;
        assert_eq!(late.line.of("PUT").len(), 1, "it connected again and saw that it may not write");
    })
    .await;
}

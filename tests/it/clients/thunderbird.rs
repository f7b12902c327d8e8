//! Thunderbird with a cached calendar, as it comes: its reactions were measured with 153.7.
//!
//! Refused new and changed events are dropped without a word; 5xx is "offline", which is why a
//! refusal must never be one; 409 and 412 on a change raise a prompt.

use std::collections::BTreeMap;

use super::program::{Line, NO_ANSWER, Program, content, multiget, sorted, sync_collection, uid_of};
use crate::support::{Client, Reply, event, on_both};

/// An item of the cache.
struct Cached {
    etag: Option<String>,
    text: String,
    offline: Option<Offline>,
}

/// What is to be played back when the server is there again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offline {
    Created,
    Modified,
    Deleted,
}

/// What the person answers to "this item was changed on the server".
#[derive(Clone, Copy)]
enum Answer {
    Overwrite,
    Discard,
}

pub(super) struct Thunderbird<'s> {
    line: Line<'s>,
    calendar: String,
    cache: BTreeMap<String, Cached>,
    token: String,
    is_read_only: Option<bool>,
    told: Vec<String>,
    /// Answers to the next prompts; after them the person discards.
    answers: Vec<Answer>,
    /// A save that waits for an item that is not there.
    hangs: bool,
}

impl<'s> Program<'s> for Thunderbird<'s> {
    const AGENT: &'static str = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7";

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            cache: BTreeMap::new(),
            token: String::new(),
            is_read_only: None,
            told: Vec::new(),
            answers: Vec::new(),
            hangs: false,
        }
    }

    async fn sync(&mut self) {
        self.play_back().await;
        // Set once, and never set back.
        if self.is_read_only != Some(true) {
            let Some(is_writable) = self.is_writable().await else { return };
            self.is_read_only = Some(!is_writable);
        }
        self.refresh().await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        if self.refuses_to_edit() {
            return;
        }
        // Every character that it does not trust becomes an underscore.
        let trusted = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name: String = uid.chars().map(|c| if trusted(c) { c } else { '_' }).collect();
        let href = format!("{}{name}.ics", self.calendar);
        self.put_new(&href, text).await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        if !self.refuses_to_edit() {
            let href = self.href_of(uid);
            self.put_changed(&href, text).await;
        }
    }

    async fn delete(&mut self, uid: &str) {
        if !self.refuses_to_edit() {
            let href = self.href_of(uid);
            self.remove(&href).await;
        }
    }

    fn shows(&self) -> Vec<String> {
        sorted(self.shown().map(|(_, item)| &item.text))
    }

    fn told(&self) -> &[String] {
        &self.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.line
    }
}

impl Thunderbird<'_> {
    fn shown(&self) -> impl Iterator<Item = (&String, &Cached)> {
        self.cache.iter().filter(|(_, item)| item.offline != Some(Offline::Deleted))
    }

    fn href_of(&self, uid: &str) -> String {
        let found = self.shown().find(|(_, item)| uid_of(&item.text) == uid);
        found.map(|(href, _)| href.clone()).expect("an event that is shown")
    }

    fn refuses_to_edit(&mut self) -> bool {
        self.is_read_only == Some(true)
    }

    /// `None` if the server cannot say now.
    async fn is_writable(&mut self) -> Option<bool> {
        let headers = [("depth", "0"), ("content-type", "text/xml; charset=utf-8")];
        let body = super::program::propfind(
            "<D:resourcetype/><D:owner/><D:current-user-principal/><D:current-user-privilege-set/>\
             <D:supported-report-set/><C:supported-calendar-component-set/><CS:getctag/>",
        );
        let reply = self.line.send("PROPFIND", &self.calendar, &headers, &body).await;
        if is_offline(&reply) {
            return None;
        }
        let calendar = reply.multistatus().remove(0);
        assert!(calendar.get("supported-report-set").is_some_and(|set| set.contains("sync-collection")));
        let privileges = calendar.get("current-user-privilege-set")?.to_owned();
        Some(["<write/>", "<write-content/>", "<bind/>", "<all/>"].iter().any(|p| privileges.contains(p)))
    }

    async fn put_new(&mut self, href: &str, text: &str) {
        let headers = [("if-none-match", "*"), ("content-type", "text/calendar; charset=utf-8")];
        let reply = self.line.send("PUT", href, &headers, text).await;
        match reply.status {
            200 | 201 | 204 => self.fetch_saved(href).await,
            _ if is_offline(&reply) => self.keep_for_later(href, Some(text), Offline::Created),
            // 409 and 412 are no different for a new item; only the error console says anything.
            _ => drop(self.cache.remove(href)),
        }
    }

    async fn put_changed(&mut self, href: &str, text: &str) {
        let mut etag = self.cache.get(href).and_then(|item| item.etag.clone());
        loop {
            let mut headers = vec![("content-type", "text/calendar; charset=utf-8")];
            headers.extend(etag.as_deref().map(|etag| ("if-match", etag)));
            let reply = self.line.send("PUT", href, &headers, text).await;
            match reply.status {
                200 | 201 | 204 => return self.fetch_saved(href).await,
                409 | 412 => match self.prompt() {
                    Answer::Overwrite => etag = None,
                    Answer::Discard => return self.fetch(&[href.to_owned()]).await,
                },
                _ if is_offline(&reply) => return self.keep_for_later(href, Some(text), Offline::Modified),
                // Silent: the view keeps what the server has. What was kept for later is dropped.
                _ => return self.forget_offline(href),
            }
        }
    }

    async fn remove(&mut self, href: &str) {
        let mut etag = self.cache.get(href).and_then(|item| item.etag.clone());
        loop {
            let headers: Vec<_> = etag.as_deref().map(|etag| ("if-match", etag)).into_iter().collect();
            let reply = self.line.send("DELETE", href, &headers, "").await;
            match reply.status {
                200 | 204 | 404 => return drop(self.cache.remove(href)),
                409 | 412 => {
                    self.line.send("HEAD", href, &[], "").await;
                    match self.prompt() {
                        Answer::Overwrite => etag = None,
                        // It counts as deleted: the reason for R4.7.
                        Answer::Discard => return drop(self.cache.remove(href)),
                    }
                }
                _ if is_offline(&reply) => {
                    self.told.push(MODIFICATION_FAILED.to_owned());
                    return self.keep_for_later(href, None, Offline::Deleted);
                }
                _ => {
                    self.told.push(MODIFICATION_FAILED.to_owned());
                    return self.forget_offline(href);
                }
            }
        }
    }

    fn prompt(&mut self) -> Answer {
        self.told.push("This item has recently been changed on the server.".to_owned());
        if self.answers.is_empty() { Answer::Discard } else { self.answers.remove(0) }
    }

    /// After every save it reads the item again, and does not end before it has it.
    async fn fetch_saved(&mut self, href: &str) {
        self.fetch(&[href.to_owned()]).await;
        self.hangs |= !self.cache.contains_key(href);
    }

    fn keep_for_later(&mut self, href: &str, text: Option<&str>, offline: Offline) {
        let item = self.cache.entry(href.to_owned()).or_insert_with(|| Cached {
            etag: None,
            text: String::new(),
            offline: None,
        });
        if let Some(text) = text {
            text.clone_into(&mut item.text);
        }
        item.offline = Some(offline);
    }

    fn forget_offline(&mut self, href: &str) {
        if let Some(item) = self.cache.get_mut(href)
            && item.offline.take().is_some()
        {
            // The old text is the server's; the next refresh brings it.
            item.etag = None;
            self.token.clear();
        }
    }

    /// What was kept for later is sent at every refresh, until it is answered.
    async fn play_back(&mut self) {
        let waiting: Vec<(String, String, Offline)> = self
            .cache
            .iter()
            .filter_map(|(href, item)| Some((href.clone(), item.text.clone(), item.offline?)))
            .collect();
        for (href, text, offline) in waiting {
            match offline {
                Offline::Created => self.put_new(&href, &text).await,
                Offline::Modified => self.put_changed(&href, &text).await,
                Offline::Deleted => self.remove(&href).await,
            }
        }
    }

    async fn refresh(&mut self) {
        let body = sync_collection(&self.token, "<D:getcontenttype/><D:getetag/>");
        let headers = [("depth", "1"), ("content-type", "text/xml; charset=utf-8")];
        let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
        if is_offline(&reply) {
            return;
        }
        if reply.status >= 400 {
            // Any 4xx: a full refresh. 429 and an empty DAV:error would be "rate limited".
            assert!(!self.token.is_empty(), "a refresh from the beginning is refused");
            self.token.clear();
            return Box::pin(self.refresh()).await;
        }
        let is_first = self.token.is_empty();
        let items = reply.multistatus();
        let mut present = Vec::new();
        let mut wanted = Vec::new();
        for item in &items {
            match item.status {
                Some(404) => drop(self.cache.remove(&item.href)),
                // R2.3: any other status is a failure of the whole run.
                Some(status) => assert_eq!(status, 200, "{}", item.href),
                None => {
                    let is_event =
                        item.text("getcontenttype").is_some_and(|t| t.starts_with("text/calendar"));
                    assert!(is_event, "R2.4: {}", item.href);
                    present.push(item.href.clone());
                    let known = self.cache.get(&item.href).and_then(|item| item.etag.clone());
                    if known.is_none() || known != item.text("getetag") {
                        wanted.push(item.href.clone());
                    }
                }
            }
        }
        if is_first {
            self.cache.retain(|href, item| item.offline.is_some() || present.contains(href));
        }
        self.fetch(&wanted).await;
        self.token = reply.element_text("sync-token").expect("a token");
    }

    async fn fetch(&mut self, hrefs: &[String]) {
        for hrefs in hrefs.chunks(100) {
            let body = multiget(hrefs, "<D:getetag/><C:calendar-data/>");
            let headers = [("depth", "1"), ("content-type", "text/xml; charset=utf-8")];
            let reply = self.line.send("REPORT", &self.calendar, &headers, &body).await;
            if is_offline(&reply) {
                return;
            }
            for item in reply.multistatus() {
                if item.status == Some(404) {
                    self.cache.remove(&item.href);
                    continue;
                }
                let (etag, text) = content(&item);
                self.cache.insert(item.href, Cached { etag: Some(etag), text, offline: None });
            }
        }
    }
}

const MODIFICATION_FAILED: &str = "An error occurred when writing to the calendar! MODIFICATION_FAILED";

fn is_offline(reply: &Reply) -> bool {
    reply.status >= 500 || reply.status == NO_ANSWER
}

/// Ada with Thunderbird, Bob with a booking from nine to ten, and one of Ada's from eleven on.
async fn ada(server: &crate::support::TestServer) -> Thunderbird<'_> {
    super::rows::world(server).await
}

#[tokio::test]
async fn a_refused_new_event_is_dropped_without_a_word() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        let taken = event("new").hours("20270301", 9, 10);
        program.create("new", &taken.text()).await;
        program.sync().await;
        program.sync().await;
        assert_eq!(program.line.of("PUT"), ["PUT if-none-match 403"]);
        assert!(program.told().is_empty());
    })
    .await;
}

#[tokio::test]
async fn overwriting_again_and_again_is_refused_again_and_again() {
    // R3.8, R4.4, R4.7: somebody else has changed the event, the person insists without a condition.
    on_both(async |server| {
        let mut program = ada(&server).await;
        let other = server.client("ada");
        let href = format!("{}mine.ics", other.room("aula"));
        other.put(&href, event("mine").hours("20270301", 12, 13).text()).await.no_content();
        program.answers = vec![Answer::Overwrite];
        program.change("mine", &event("mine").hours("20270301", 9, 10).text()).await;
        assert_eq!(program.line.of("PUT"), ["PUT if-match 412", "PUT 403"]);
        program.sync().await;
        assert_eq!(program.shows(), super::rows::held(&server).await);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 12:00-13:00"]);
    })
    .await;
}

#[tokio::test]
async fn discarding_brings_the_servers_version() {
    on_both(async |server| {
        let mut program = ada(&server).await;
        let other = server.client("ada");
        let href = format!("{}mine.ics", other.room("aula"));
        other.put(&href, event("mine").hours("20270301", 12, 13).text()).await.no_content();
        program.change("mine", &event("mine").hours("20270301", 14, 15).text()).await;
        assert_eq!(program.shows(), super::rows::held(&server).await);
        assert_eq!(program.told().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_event_whose_answer_was_lost_is_adopted() {
    // R3.9: repeated with If-None-Match, 412, and the server's copy is taken.
    on_both(async |server| {
        let mut program = ada(&server).await;
        program.line.losing = 1;
        program.create("new", &event("new").hours("20270301", 14, 15).text()).await;
        program.sync().await;
        assert_eq!(program.line.of("PUT"), ["PUT if-none-match 0", "PUT if-none-match 412"]);
        assert_eq!(program.shows(), super::rows::held(&server).await);
        assert_eq!(program.shows().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn no_save_waits_for_an_event_that_is_not_there() {
    // 4.3: "accept and remove" would leave a save without end; a declined copy does not.
    on_both(async |server| {
        let mut program = super::rows::world_as::<Thunderbird<'_>>(
            &server,
            server.client("ada").pinned(roomdav::domain::user::Refusals::Friendly),
        )
        .await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        assert!(!program.hangs);
        assert!(program.shows().iter().any(|text| text.contains("SUMMARY:DECLINED - room busy: new")));
    })
    .await;
}

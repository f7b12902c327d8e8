//! What all models have: a person who uses them, a line to the server that remembers what went
//! over it, and the few request bodies that several programs share.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::{Client, Item, Reply};

/// A calendar program with one room's calendar in it.
pub(super) trait Program<'s> {
    /// Its User-Agent.
    const AGENT: &'static str;
    /// Which column of the table is meant for it.
    const COLUMN: Column = Column::Default;
    /// A refused new event stays in it, whatever the server answers.
    const KEEPS_REFUSED_NEW: bool = false;

    /// Set up by `client`'s person, with the calendar at `calendar`; nothing is fetched yet.
    fn new(client: Client<'s>, calendar: &str) -> Self;

    /// Its regular run: pending changes go up, the server's come down.
    async fn sync(&mut self);

    /// The person makes an event.
    async fn create(&mut self, uid: &str, text: &str);

    /// The person edits an event that is shown.
    async fn change(&mut self, uid: &str, text: &str);

    /// The person deletes an event that is shown.
    async fn delete(&mut self, uid: &str);

    /// The texts of the events it shows, sorted.
    fn shows(&self) -> Vec<String>;

    /// What it told the person, oldest first.
    fn told(&self) -> &[String];

    /// Its line.
    fn line(&mut self) -> &mut Line<'s>;

    /// What a person does about a refused event that the program cannot get rid of by itself:
    /// deletes it. For some programs there is nothing to do.
    async fn give_up(&mut self, _uid: &str) {}
}

/// A column of the refusal table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Default,
    Friendly,
    Mac,
    Kde,
}

/// The status of a request that got no answer: the network broke.
pub(super) const NO_ANSWER: u16 = 0;

/// The way to the server.
pub(super) struct Line<'s> {
    client: Client<'s>,
    /// `PUT 403`, `REPORT 207`: each request with what came back.
    pub(super) log: Vec<String>,
    /// How many of the next answers get lost after the server has acted.
    pub(super) losing: u32,
    answers: BTreeMap<String, Reply>,
}

impl<'s> Line<'s> {
    pub(super) fn new(client: Client<'s>, agent: &str) -> Self {
        Self { client: client.agent(agent), log: Vec::new(), losing: 0, answers: BTreeMap::new() }
    }

    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut reply = self.client.send(method, path, headers, body).await;
        if self.losing > 0 {
            self.losing -= 1;
            reply.status = NO_ANSWER;
        }
        let condition: String = headers.iter().filter(|(name, _)| name.starts_with("if-")).fold(
            String::new(),
            |mut text, (name, _)| {
                let _ = write!(text, " {name}");
                text
            },
        );
        self.log.push(format!("{method}{condition} {}", reply.status));
        self.answers.insert(method.to_owned(), reply.clone());
        reply
    }

    /// The entries of the log for one method.
    pub(super) fn of(&self, method: &str) -> Vec<String> {
        self.log.iter().filter(|entry| entry.split(' ').next() == Some(method)).cloned().collect()
    }

    /// The last answer to this method.
    pub(super) fn answer(&self, method: &str) -> &Reply {
        self.answers.get(method).unwrap_or_else(|| panic!("no {method} in {:?}", self.log))
    }

    /// Its status.
    pub(super) fn last(&self, method: &str) -> u16 {
        self.answer(method).status
    }
}

/// A `propfind` body; prefixes as in every body here.
pub(super) fn propfind(props: &str) -> String {
    format!("<D:propfind {NAMESPACES}><D:prop>{props}</D:prop></D:propfind>")
}

/// A `sync-collection` body.
pub(super) fn sync_collection(token: &str, props: &str) -> String {
    format!(
        "<D:sync-collection {NAMESPACES}><D:sync-token>{token}</D:sync-token>\
         <D:sync-level>1</D:sync-level><D:prop>{props}</D:prop></D:sync-collection>"
    )
}

/// A `calendar-query` for all events, or those from `start` on.
pub(super) fn calendar_query(start: Option<&str>, props: &str) -> String {
    let range = start.map(|start| format!("<C:time-range start=\"{start}\"/>")).unwrap_or_default();
    format!(
        "<C:calendar-query {NAMESPACES}><D:prop>{props}</D:prop><C:filter>\
         <C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">{range}</C:comp-filter>\
         </C:comp-filter></C:filter></C:calendar-query>"
    )
}

/// A `calendar-multiget` body.
pub(super) fn multiget(hrefs: &[String], props: &str) -> String {
    let hrefs: String = hrefs.iter().fold(String::new(), |mut text, href| {
        let _ = write!(text, "<D:href>{href}</D:href>");
        text
    });
    format!("<C:calendar-multiget {NAMESPACES}><D:prop>{props}</D:prop>{hrefs}</C:calendar-multiget>")
}

const NAMESPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
                          xmlns:CS=\"http://calendarserver.org/ns/\"";

/// The UID in an object's text.
pub(super) fn uid_of(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix("UID:"));
    line.unwrap_or_default().to_owned()
}

/// Texts in an order that does not depend on who shows them.
pub(super) fn sorted<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.cloned().collect();
    texts.sort();
    texts
}

/// The phrase of a status line: ours, else the standard one.
pub(super) fn phrase(reply: &Reply) -> String {
    let standard = || http::StatusCode::from_u16(reply.status).ok()?.canonical_reason();
    reply.phrase.clone().unwrap_or_else(|| standard().unwrap_or_default().to_owned())
}

/// A member's ETag and text in a multiget answer. Every one has both (R2.3).
pub(super) fn content(item: &Item) -> (String, String) {
    let etag = item.text("getetag").expect("R2.3: getetag");
    // XML reads every line end as LF (XML 1.0, section 2.11); programs write CRLF again.
    let text = item.text("calendar-data").expect("R2.3: calendar-data");
    (etag, text.replace("\r\n", "\n").replace('\n', "\r\n"))
}

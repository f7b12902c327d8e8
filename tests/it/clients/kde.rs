//! KDE: Akonadi's DAV resource. After each write it reads the member and keeps only the ETag of
//! that answer, with its own payload; an item without a name on the server is never removed; some
//! statuses take the whole account offline.

use std::collections::{BTreeMap, VecDeque};

use super::program::{
    Column, Line, NO_ANSWER, Program, calendar_query, content, multiget, phrase, propfind, sorted, uid_of,
};
use crate::support::{Client, Reply, event, on_both};

/// An item of Akonadi; without a remote id the server does not have it.
struct Item {
    remote: Option<String>,
    uid: String,
    payload: String,
}

/// A change that waits in the resource's queue.
#[derive(Clone)]
enum Task {
    Add(String),
    Modify(String),
    Remove(String),
}

pub(super) struct Kde<'s> {
    line: Line<'s>,
    calendar: String,
    home: String,
    items: Vec<Item>,
    /// The ETag cache is kept apart from the items.
    etags: BTreeMap<String, String>,
    queue: VecDeque<Task>,
    ctag: String,
    is_read_only: bool,
    told: Vec<String>,
}

impl<'s> Program<'s> for Kde<'s> {
    const AGENT: &'static str = "Mozilla/5.0 (X11; Linux x86_64) KDE DAV groupware client";
    const COLUMN: Column = Column::Kde;
    const KEEPS_REFUSED_NEW: bool = true;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        let home = client.home();
        Self {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            home,
            items: Vec::new(),
            etags: BTreeMap::new(),
            queue: VecDeque::new(),
            ctag: String::new(),
            is_read_only: false,
            told: Vec::new(),
        }
    }

    async fn sync(&mut self) {
        if self.work_off().await {
            self.retrieve().await;
        }
    }

    async fn create(&mut self, uid: &str, text: &str) {
        if !self.is_read_only {
            self.items.push(Item { remote: None, uid: uid.to_owned(), payload: text.to_owned() });
            self.queue.push_back(Task::Add(uid.to_owned()));
            self.work_off().await;
        }
    }

    async fn change(&mut self, uid: &str, text: &str) {
        if !self.is_read_only {
            text.clone_into(&mut self.find(uid).payload);
            self.queue.push_back(Task::Modify(uid.to_owned()));
            self.work_off().await;
        }
    }

    async fn delete(&mut self, uid: &str) {
        if !self.is_read_only {
            let remote = self.find(uid).remote.clone();
            self.items.retain(|item| item.uid != uid);
            self.queue.extend(remote.map(Task::Remove));
            self.work_off().await;
        }
    }

    fn shows(&self) -> Vec<String> {
        sorted(self.items.iter().map(|item| &item.payload))
    }

    fn told(&self) -> &[String] {
        &self.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.line
    }

    async fn give_up(&mut self, uid: &str) {
        self.items.retain(|item| item.uid != uid || item.remote.is_some());
    }
}

/// What became of a task.
enum Done {
    Yes,
    /// The account went offline; everything waits behind this one.
    Deferred,
}

impl Kde<'_> {
    fn find(&mut self, uid: &str) -> &mut Item {
        self.items.iter_mut().find(|item| item.uid == uid).expect("an item that is shown")
    }

    async fn work_off(&mut self) -> bool {
        while let Some(task) = self.queue.front().cloned() {
            let done = match task {
                Task::Add(uid) => self.add(&uid).await,
                Task::Modify(uid) => self.modify(&uid).await,
                Task::Remove(remote) => self.remove(&remote).await,
            };
            if matches!(done, Done::Deferred) {
                return false;
            }
            self.queue.pop_front();
        }
        true
    }

    async fn add(&mut self, uid: &str) -> Done {
        let payload = self.find(uid).payload.clone();
        let href = format!("{}{uid}.ics", self.calendar);
        let headers = [("content-type", "text/calendar"), ("if-none-match", "*")];
        let reply = self.line.send("PUT", &href, &headers, &payload).await;
        if can_retry_later(&reply) {
            return Done::Deferred;
        }
        if (200..300).contains(&reply.status) {
            self.find(uid).remote = Some(href.clone());
            self.refresh_etag(&href).await;
        } else {
            let reason = phrase(&reply);
            self.told.push(format!(
                "Unable to add item: the item has not been created on the server. {reason} ({})",
                reply.status
            ));
        }
        Done::Yes
    }

    async fn modify(&mut self, uid: &str) -> Done {
        let item = self.find(uid);
        let (Some(href), payload) = (item.remote.clone(), item.payload.clone()) else { return Done::Yes };
        let etag = self.etags.get(&href).cloned().unwrap_or_default();
        let headers = [("content-type", "text/calendar"), ("if-match", etag.as_str())];
        let reply = self.line.send("PUT", &href, &headers, &payload).await;
        if can_retry_later(&reply) {
            return Done::Deferred;
        }
        match reply.status {
            200..300 => self.refresh_etag(&href).await,
            // A dialog with both versions; the person takes the server's.
            412 => {
                self.told.push("Conflict: the item was changed on the server as well".to_owned());
                let stored = self.line.send("GET", &href, &[], "").await.expect(200);
                self.find(uid).payload = stored.text();
                self.etags.insert(href, stored.etag());
            }
            _ => self.told.push(format!("Unable to change item: {} ({})", phrase(&reply), reply.status)),
        }
        Done::Yes
    }

    async fn remove(&mut self, href: &str) -> Done {
        let etag = self.etags.get(href).cloned().unwrap_or_default();
        let reply = self.line.send("DELETE", href, &[("if-match", &etag)], "").await;
        if can_retry_later(&reply) {
            return Done::Deferred;
        }
        match reply.status {
            200..300 | 404 => drop(self.etags.remove(href)),
            // A new listing: the item is gone here and there under another ETag.
            412 => self.ctag.clear(),
            _ => self.told.push(format!("Unable to remove item: {} ({})", phrase(&reply), reply.status)),
        }
        Done::Yes
    }

    /// GET, of which only the ETag is kept.
    async fn refresh_etag(&mut self, href: &str) {
        let stored = self.line.send("GET", href, &[], "").await.expect(200);
        self.etags.insert(href.to_owned(), stored.etag());
    }

    async fn retrieve(&mut self) {
        let body = propfind(
            "<D:displayname/><D:resourcetype/><C:supported-calendar-component-set/>\
             <D:current-user-privilege-set/><CS:getctag/>",
        );
        let xml = ("content-type", "text/xml");
        let home = self.home.clone();
        let reply = self.line.send("PROPFIND", &home, &[("depth", "1"), xml], &body).await;
        if reply.status != 207 {
            return;
        }
        let items = reply.multistatus();
        let calendar = items.iter().find(|item| item.href == self.calendar).expect("R1.6: it is in the home");
        let privileges = calendar.get("current-user-privilege-set").unwrap_or("<all/>");
        self.is_read_only = !["<write/>", "<bind/>", "<all/>"].iter().any(|p| privileges.contains(p));
        let ctag = calendar.text("getctag").expect("R1.8: getctag");
        if ctag == self.ctag {
            return;
        }
        let body = calendar_query(None, "<D:getetag/><D:resourcetype/>");
        let path = self.calendar.clone();
        let reply = self.line.send("REPORT", &path, &[("depth", "1"), xml], &body).await.expect(207);
        let listed: Vec<(String, String)> = reply
            .multistatus()
            .into_iter()
            .map(|item| (item.href.clone(), item.text("getetag").expect("R2.3: getetag")))
            .collect();
        // What has a remote id and is not listed goes; what has none stays for ever.
        let is_listed = |href: &String| listed.iter().any(|(listed, _)| listed == href);
        self.items.retain(|item| item.remote.as_ref().is_none_or(&is_listed));
        self.etags.retain(|href, _| is_listed(href));
        let wanted: Vec<String> = listed
            .into_iter()
            .filter(|(href, etag)| self.etags.get(href) != Some(etag))
            .map(|(href, _)| href)
            .collect();
        for hrefs in wanted.chunks(100) {
            let body = multiget(hrefs, "<D:getetag/><C:calendar-data/>");
            let reply = self.line.send("REPORT", &path, &[("depth", "1"), xml], &body).await;
            for item in reply.multistatus() {
                let (etag, payload) = content(&item);
                self.etags.insert(item.href.clone(), etag);
                self.items.retain(|old| old.remote.as_ref() != Some(&item.href));
                self.items.push(Item { remote: Some(item.href), uid: uid_of(&payload), payload });
            }
        }
        self.ctag = ctag;
    }
}

/// The statuses that take the account offline.
fn can_retry_later(reply: &Reply) -> bool {
    matches!(reply.status, NO_ANSWER | 401 | 402 | 407 | 408 | 423 | 429 | 501..=504 | 507 | 511)
}

#[tokio::test]
async fn the_notification_names_the_cause() {
    on_both(async |server| {
        let mut program: Kde<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        assert_eq!(
            program.told(),
            ["Unable to add item: the item has not been created on the server. \
              Room is already booked (403)"]
        );
        // Never offline over a refusal.
        assert!(program.queue.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_server_altered_is_seen_after_the_second_change() {
    // R3.7: an invitation whose room answers, stored otherwise than it was sent.
    on_both(async |server| {
        let _: Kde<'_> = super::rows::world(&server).await;
        let ada = server.client("ada");
        let own = ada.own();
        let mut program = Kde::new(ada.clone(), &own);
        program.sync().await;
        let invite = event("invite").hours("20270301", 14, 15).organizer("ada").attendee("aula");
        program.create("invite", &invite.text()).await;
        program.sync().await;
        let stored = ada.texts(&own).await;
        assert!(stored.iter().any(|text| text.contains("PARTSTAT=ACCEPTED")));
        assert_ne!(program.shows(), stored, "it still shows what it sent");
        let before = ada.token(&own).await;
        server.pass(60).await;
        let (changed, _) = ada.sync(&own, &before).await;
        assert_eq!(
            changed.iter().map(|item| item.href.as_str()).collect::<Vec<_>>(),
            [format!("{own}invite.ics")]
        );
        program.sync().await;
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts
        };
        assert_eq!(sorted(program.shows()), sorted(stored));
        // Once: after that it is quiet.
        let after = ada.token(&own).await;
        server.pass(120).await;
        assert_eq!(ada.token(&own).await, after);
    })
    .await;
}

#[tokio::test]
async fn a_declined_copy_is_seen_after_the_second_change() {
    // R3.7 with `friendly` pinned: 4.3.
    on_both(async |server| {
        let friendly = server.client("ada").pinned(roomdav::domain::user::Refusals::Friendly);
        let mut program: Kde<'_> = super::rows::world_as(&server, friendly).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        program.sync().await;
        assert!(program.shows().iter().any(|text| text.contains("SUMMARY:new")));
        server.pass(60).await;
        program.sync().await;
        assert!(program.shows().iter().any(|text| text.contains("SUMMARY:DECLINED - room busy: new")));
        assert_eq!(program.shows(), super::rows::held(&server).await);
    })
    .await;
}

#[tokio::test]
async fn a_program_that_reads_its_event_again_needs_no_second_change() {
    on_both(async |server| {
        let _: Kde<'_> = super::rows::world(&server).await;
        let ada = server.client("ada").agent("Evolution/3.46.4");
        let invite = event("invite").hours("20270301", 14, 15).organizer("ada").attendee("aula");
        ada.invite(&invite).await.created();
        let before = ada.token(&ada.own()).await;
        server.pass(120).await;
        assert_eq!(ada.token(&ada.own()).await, before);
    })
    .await;
}

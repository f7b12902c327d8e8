//! macOS: a refused write raises a dialog with the status number and a way back to the server's
//! version, which the person takes.

use super::apple::{Apple, Entry};
use super::program::{Column, Line, Program};
use crate::support::{Client, Reply, event, on_both};

pub(super) struct MacOs<'s> {
    apple: Apple<'s>,
    told: Vec<String>,
}

impl<'s> Program<'s> for MacOs<'s> {
    const AGENT: &'static str = "macOS/15.0 (24A335) dataaccessd/1.0";
    const COLUMN: Column = Column::Mac;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self { apple: Apple::new(client, Self::AGENT, calendar), told: Vec::new() }
    }

    async fn sync(&mut self) {
        for (href, is_deletion) in self.apple.pending() {
            if is_deletion { self.remove(&href).await } else { self.put(&href).await }
        }
        self.apple.pull().await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        if self.apple.is_locked {
            return;
        }
        let href = format!("{}{uid}.ics", self.apple.calendar);
        let entry = Entry { etag: None, text: text.to_owned(), is_pending: false, is_deleted: false };
        self.apple.entries.insert(href.clone(), entry);
        self.put(&href).await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        if self.apple.is_locked {
            return;
        }
        let href = self.apple.href_of(uid);
        text.clone_into(&mut self.apple.entries.get_mut(&href).expect("it is shown").text);
        self.put(&href).await;
    }

    async fn delete(&mut self, uid: &str) {
        if self.apple.is_locked {
            return;
        }
        let href = self.apple.href_of(uid);
        self.remove(&href).await;
    }

    fn shows(&self) -> Vec<String> {
        self.apple.shows()
    }

    fn told(&self) -> &[String] {
        &self.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.apple.line
    }
}

impl MacOs<'_> {
    async fn put(&mut self, href: &str) {
        let is_new = self.apple.entries[href].etag.is_none();
        let reply = self.apple.put(href).await;
        self.dialog(&reply);
        if reply.status == 403 && is_new {
            // "Delete event".
            self.apple.entries.remove(href);
        } else if reply.status == 403 {
            // "Revert to server".
            self.apple.get(href).await;
        }
    }

    async fn remove(&mut self, href: &str) {
        let reply = self.apple.remove(href).await;
        self.dialog(&reply);
        if reply.status == 403 || reply.status == 412 {
            self.apple.get(href).await;
        }
    }

    fn dialog(&mut self, reply: &Reply) {
        match reply.status {
            403 => self.told.push(
                "Access to the event is not permitted. The server responded: \"403\" to operation \
                 CalDAVWriteEntityQueueableOperation."
                    .to_owned(),
            ),
            500.. => {
                self.told.push(format!("The request failed. The server responded with {}", reply.status));
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_refused_new_event_raises_a_dialog_and_a_refused_change_none() {
    on_both(async |server| {
        let mut program: MacOs<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        assert_eq!(program.told().len(), 1);
        assert!(program.told()[0].contains("\"403\""));
        program.change("mine", &event("mine").hours("20270301", 9, 10).text()).await;
        assert_eq!(program.told().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn older_ones_are_known_by_their_agent() {
    on_both(async |server| {
        let program: MacOs<'_> = super::rows::world(&server).await;
        let old = server.client("ada").agent("Mac+OS+X/10.12.6 (16G29) CalendarAgent/386.4");
        let href = program.apple.href_of("mine");
        old.put(&href, event("mine").hours("20270301", 9, 10).text()).await.expect(412);
    })
    .await;
}

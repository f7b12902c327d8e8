//! vdirsyncer between a folder of files and the server, with `conflict_resolution = "b wins"` for
//! the server's side. It looks at no privileges: what may not be done must be refused.

use super::pair::Pair;
use super::program::{Line, Program, phrase, propfind};
use crate::support::{Client, Reply, event, on_both};

pub(super) struct Vdirsyncer<'s>(Pair<'s>);

impl<'s> Program<'s> for Vdirsyncer<'s> {
    const AGENT: &'static str = "vdirsyncer/0.19.3";
    const KEEPS_REFUSED_NEW: bool = true;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self(Pair {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            entries: Vec::new(),
            told: Vec::new(),
            multiget: &[("content-type", "application/xml; charset=UTF-8")],
            report,
            reads_back: false,
        })
    }

    async fn sync(&mut self) {
        let headers = [("depth", "1"), ("content-type", "application/xml; charset=UTF-8")];
        let body = propfind("<D:resourcetype/><D:getcontenttype/><D:getetag/>");
        let calendar = self.0.calendar.clone();
        let reply = self.0.line.send("PROPFIND", &calendar, &headers, &body).await;
        if reply.status != 207 {
            return self.0.told.push(report(&reply));
        }
        let listed: Vec<(String, String)> = reply
            .multistatus()
            .into_iter()
            // R2.4: members are known by their type.
            .filter(|item| item.text("getcontenttype").is_some_and(|t| t.starts_with("text/calendar")))
            .map(|item| (item.href.clone(), item.text("getetag").expect("getetag")))
            .collect();
        self.0.run(&listed).await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        self.0.create(uid, text);
        self.sync().await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        self.0.change(uid, text);
        self.sync().await;
    }

    async fn delete(&mut self, uid: &str) {
        self.0.delete(uid);
        self.sync().await;
    }

    fn shows(&self) -> Vec<String> {
        self.0.shows()
    }

    fn told(&self) -> &[String] {
        &self.0.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.0.line
    }

    async fn give_up(&mut self, uid: &str) {
        self.0.give_up(uid);
    }
}

fn report(reply: &Reply) -> String {
    format!("error: Unknown error occurred: {} {}", reply.status, phrase(reply))
}

#[tokio::test]
async fn an_error_line_names_the_cause_in_every_run() {
    on_both(async |server| {
        let mut program: Vdirsyncer<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        program.sync().await;
        assert_eq!(program.told(), vec!["error: Unknown error occurred: 403 Room is already booked"; 2]);
        // The person edits the file, and it goes through.
        program.change("new", &event("new").hours("20270301", 14, 15).text()).await;
        assert_eq!(program.shows(), super::rows::held(&server).await);
    })
    .await;
}

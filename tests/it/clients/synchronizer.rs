//! CalDAV Synchronizer for Outlook. Its report shows reason phrase and body; a refused appointment
//! stays in Outlook and is tried in each run. Set to "server wins".

use super::pair::Pair;
use super::program::{Line, Program, calendar_query, phrase, propfind};
use crate::support::{Client, Reply, event, on_both};

pub(super) struct Synchronizer<'s> {
    pair: Pair<'s>,
    may: Option<May>,
}

/// Single privileges: `write-content` to change, `bind` to make, `unbind` to delete.
struct May {
    create: bool,
    change: bool,
    delete: bool,
}

impl<'s> Program<'s> for Synchronizer<'s> {
    const AGENT: &'static str = "CalDavSynchronizer/4.5";
    const KEEPS_REFUSED_NEW: bool = true;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        let pair = Pair {
            line: Line::new(client, Self::AGENT),
            calendar: calendar.to_owned(),
            entries: Vec::new(),
            told: Vec::new(),
            multiget: &[("depth", "1"), ("content-type", "application/xml; charset=\"utf-8\"")],
            report,
            reads_back: true,
        };
        Self { pair, may: None }
    }

    async fn sync(&mut self) {
        if !self.look().await {
            return;
        }
        let headers = [("depth", "1"), ("content-type", "application/xml; charset=\"utf-8\"")];
        let body = calendar_query(Some("20261231T000000Z"), "<D:getetag/>");
        let calendar = self.pair.calendar.clone();
        let reply = self.pair.line.send("REPORT", &calendar, &headers, &body).await;
        if reply.status != 207 {
            return self.pair.told.push(report(&reply));
        }
        let listed: Vec<(String, String)> = reply
            .multistatus()
            .into_iter()
            .map(|item| (item.href.clone(), item.text("getetag").expect("R2.3: getetag")))
            .collect();
        self.pair.run(&listed).await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        if self.may.as_ref().is_none_or(|may| may.create) {
            self.pair.create(uid, text);
            self.sync().await;
        }
    }

    async fn change(&mut self, uid: &str, text: &str) {
        if self.may.as_ref().is_none_or(|may| may.change) {
            self.pair.change(uid, text);
            self.sync().await;
        }
    }

    async fn delete(&mut self, uid: &str) {
        if self.may.as_ref().is_none_or(|may| may.delete) {
            self.pair.delete(uid);
            self.sync().await;
        }
    }

    fn shows(&self) -> Vec<String> {
        self.pair.shows()
    }

    fn told(&self) -> &[String] {
        &self.pair.told
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.pair.line
    }

    async fn give_up(&mut self, uid: &str) {
        self.pair.give_up(uid);
    }
}

impl Synchronizer<'_> {
    async fn look(&mut self) -> bool {
        let headers = [("depth", "0"), ("content-type", "application/xml; charset=\"utf-8\"")];
        let body = propfind("<D:current-user-privilege-set/><D:resourcetype/>");
        let calendar = self.pair.calendar.clone();
        let reply = self.pair.line.send("PROPFIND", &calendar, &headers, &body).await;
        if reply.status != 207 {
            self.pair.told.push(report(&reply));
            return false;
        }
        let calendar = reply.multistatus().remove(0);
        let privileges = calendar.get("current-user-privilege-set").unwrap_or_default().to_owned();
        let has = |name: &str| privileges.contains("<write/>") || privileges.contains(name);
        let may = May { create: has("<bind/>"), change: has("<write-content/>"), delete: has("<unbind/>") };
        self.may = Some(may);
        true
    }
}

fn report(reply: &Reply) -> String {
    format!(
        "Response status code does not indicate success: '{}' ('{}'). Message: {}",
        reply.status,
        phrase(reply),
        reply.text()
    )
}

#[tokio::test]
async fn the_report_shows_phrase_and_sentence() {
    on_both(async |server| {
        let mut program: Synchronizer<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        let [told] = program.told() else { panic!("{:?}", program.told()) };
        assert!(told.starts_with(
            "Response status code does not indicate success: '403' ('Room is already booked'). Message: <?xml"
        ));
        assert!(told.contains("Room Aula is already booked on 1 March 2027 from 09:00 to 10:00 by Bob"));
    })
    .await;
}

#[tokio::test]
async fn deleting_and_making_anew_on_403_cannot_lose_the_booking_of_a_refused_change() {
    // 4.1: with its option "delete and create on update error 403" a refused change becomes DELETE
    // and PUT. The nudge makes the DELETE, with the ETag it read before, a 412.
    on_both(async |server| {
        let mut program: Synchronizer<'_> = super::rows::world(&server).await;
        let ada = server.client("ada");
        let href = format!("{}mine.ics", ada.room("aula"));
        let etag = ada.get(&href).await.etag();
        let into = event("mine").hours("20270301", 9, 10).text();
        let put = [("if-match", etag.as_str()), ("content-type", "text/calendar")];
        program.line().send("PUT", &href, &put, &into).await.expect(403);
        program.line().send("DELETE", &href, &[("if-match", &etag)], "").await.expect(412);
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-01 11:00-12:00"]);
    })
    .await;
}

//! A program that keeps a copy of a calendar by following sync tokens, and one that looks at everything.

use std::collections::{BTreeMap, HashMap};

use crate::support::{Client, Item};

/// The copy that tokens give.
#[derive(Clone, Debug, Default)]
pub(super) struct Mirror {
    token: String,
    members: BTreeMap<String, String>,
}

impl Mirror {
    /// One page; `true` if there is more.
    pub(super) async fn poll(&mut self, client: &Client<'_>, calendar: &str, limit: Option<u32>) -> bool {
        let limit = limit.map(|n| format!("<limit><nresults>{n}</nresults></limit>")).unwrap_or_default();
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{}</sync-token><sync-level>1</sync-level>{limit}\
             <prop><getetag/></prop></sync-collection>",
            self.token
        );
        // RFC 6578, section 3.2: a token that was given is valid.
        let reply = client.report(calendar, &body).await.expect(207);
        let mut is_cut = false;
        for Item { href, status, properties } in reply.multistatus() {
            match status {
                Some(507) => {
                    assert_eq!(href, calendar);
                    is_cut = true;
                }
                Some(404) => drop(self.members.remove(&href)),
                _ => {
                    let etag = properties.into_iter().find(|(name, ..)| name == "getetag").unwrap().2;
                    self.members.insert(href, etag);
                }
            }
        }
        self.token = reply.element_text("sync-token").expect("a sync-token");
        is_cut
    }

    /// P-6: at rest the copy is the calendar.
    pub(super) async fn is_the_calendar(&mut self, client: &Client<'_>, calendar: &str) {
        let mut pages = 0;
        while self.poll(client, calendar, Some(2)).await {
            pages += 1;
            assert!(pages < 200, "it never ends");
        }
        let listed: BTreeMap<_, _> = client.list(calendar).await.into_iter().collect();
        assert_eq!(self.members, listed, "{calendar}");
    }
}

/// What one reader saw of one calendar at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    ctag: String,
    token: String,
    members: BTreeMap<String, (String, String)>,
}

/// Every version of every member that a reader was ever given.
#[derive(Debug, Default)]
pub(super) struct Versions(HashMap<(String, String), String>);

impl Versions {
    /// All of a calendar. The same tag never stands for two texts.
    pub(super) async fn look(&mut self, client: &Client<'_>, calendar: &str) -> Look {
        let body = "<propfind xmlns=\"DAV:\" xmlns:S=\"http://calendarserver.org/ns/\"><prop><S:getctag/>\
                    <sync-token/><getetag/></prop></propfind>";
        let mut listed = client.propfind(calendar, "1", body).await.multistatus();
        let state = listed.remove(0);
        assert_eq!(state.href, calendar);
        let query = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
                     <C:calendar-data/></prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter>\
                     </C:calendar-query>";
        let items = client.report(calendar, query).await.multistatus();
        let members = items.into_iter().map(|item| {
            let both = (item.text("getetag").unwrap(), item.text("calendar-data").unwrap());
            (item.href, both)
        });
        let members: BTreeMap<_, _> = members.collect();
        for (href, (etag, text)) in &members {
            let known = self.0.entry((href.clone(), etag.clone())).or_insert_with(|| text.clone());
            assert_eq!(known, text, "{href}: one tag, two texts");
        }
        let listed = listed.into_iter().map(|item| (item.text("getetag").unwrap(), item.href));
        let listed: BTreeMap<_, _> = listed.map(|(etag, href)| (href, etag)).collect();
        let tags = members.iter().map(|(href, (etag, _))| (href.clone(), etag.clone()));
        assert_eq!(tags.collect::<BTreeMap<_, _>>(), listed, "{calendar}");
        Look { ctag: state.text("getctag").unwrap(), token: state.text("sync-token").unwrap(), members }
    }
}

impl Look {
    /// R2.5: who sees the same tag of the calendar has seen everything.
    pub(super) fn agrees_with(&self, before: &Self) {
        if self.ctag == before.ctag || self.token == before.token {
            assert_eq!(self, before);
        }
    }
}

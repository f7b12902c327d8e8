//! Listing and fetching: what R2.1 to R2.11 ask of every server. The requests of the single programs are
//! in `programs`.

mod expanding;
mod filters;
mod home;
mod reports;
mod tokens;

use crate::support::{Client, Item, Reply, TestServer, event};

/// Ada and Bob, the aula, and in it two events of Ada's (one a weekly series) and one of Bob's.
pub(crate) async fn filled(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
    ada.book("aula", &event("weekly").hours("20270302", 9, 10).rule("FREQ=WEEKLY;COUNT=4")).await.created();
    bob.book("aula", &event("b").hours("20270301", 11, 12)).await.created();
}

/// A calendar-query on VEVENTs with what stands inside the inner filter.
fn query(props: &str, inner: &str) -> String {
    format!(
        "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>{props}</D:prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">{inner}</C:comp-filter>\
         </C:comp-filter></C:filter></C:calendar-query>"
    )
}

fn multiget(hrefs: &[String]) -> String {
    let hrefs: String = hrefs.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
    format!(
        "<C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><D:getetag/>\
         <C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
    )
}

async fn hrefs(client: &Client<'_>, path: &str) -> Vec<String> {
    client.list(path).await.into_iter().map(|(href, _)| href).collect()
}

/// The hrefs of a multistatus in order of their names.
fn sorted(reply: &Reply) -> Vec<String> {
    let mut hrefs: Vec<String> = reply.multistatus().into_iter().map(|item| item.href).collect();
    hrefs.sort();
    hrefs
}

fn at<'i>(items: &'i [Item], href: &str) -> &'i Item {
    items.iter().find(|item| item.href == href).unwrap_or_else(|| panic!("no {href}"))
}

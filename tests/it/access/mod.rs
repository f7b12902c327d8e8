//! Access control: what everybody may do is announced, listed, granted and enforced alike.

mod hrefs;
mod listing;
mod matching;
mod method;
mod table;

use crate::programs::campus;
use crate::support::{Client, Item, TestServer};

/// The campus with Mia, who manages the aula, Carol, who may only look at it, and a group that was
/// granted the lab.
async fn school(server: &TestServer) {
    campus(server).await;
    server.people(&["mia", "carol", "dan"]).await;
    server.grant("aula", "mia", "manage").await;
    server.grant("aula", "carol", "details").await;
    let slug = |name: &str| roomdav::domain::id::Slug::parse(name).unwrap();
    server.bookings.add_group(slug("staff")).await.unwrap();
    for member in ["ada", "dan"] {
        server.bookings.set_member(slug("staff"), slug(member), true).await.unwrap();
    }
    let staff = roomdav::domain::settings::Principal::Group("staff".to_owned());
    server.bookings.grant(slug("lab"), staff, "book").await.unwrap();
}

/// One property of one resource.
async fn ask(client: &Client<'_>, path: &str, property: &str) -> Item {
    let body = format!("<propfind xmlns=\"DAV:\"><prop><{property}/></prop></propfind>");
    client.propfind(path, "0", &body).await.expect(207).multistatus().remove(0)
}

/// The entries of a list: principal, privileges, and what is marked at it.
async fn aces(client: &Client<'_>, path: &str) -> Vec<String> {
    let item = ask(client, path, "acl").await;
    let text = item.get("acl").unwrap_or_else(|| panic!("{path}: no acl")).to_owned();
    text.split("<ace>").skip(1).map(ace).collect()
}

/// `mia: all`, `authenticated: read-free-busy write (protected)`.
fn ace(text: &str) -> String {
    let between = |from: &str, to: &str| {
        text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(inner, _)| inner.to_owned())
    };
    let whom = between("<principal>", "</principal>").unwrap();
    let whom = match whom.strip_prefix("<href>").and_then(|rest| rest.strip_suffix("/</href>")) {
        Some(href) => href.rsplit('/').next().unwrap().to_owned(),
        None => whom.trim_matches(['<', '>', '/']).to_owned(),
    };
    let grant = between("<grant>", "</grant>").unwrap();
    let names = grant.split("<privilege><").skip(1).map(|rest| rest.split(['/', '>', ' ']).next().unwrap());
    let mut line = format!("{whom}: {}", names.collect::<Vec<_>>().join(" "));
    if text.contains("<protected/>") {
        line.push_str(" (protected)");
    }
    if let Some(from) = between("<inherited><href>", "</href>") {
        line.push_str(&format!(" (from {from})"));
    }
    line
}

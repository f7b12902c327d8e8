//! Folders below `/files/`: what a file manager does with them, and what it must not.
//! RFC 4918; RFC 4331; RFC 5689.

mod bodies;
mod conditions;
mod locks;
pub(crate) mod process;
mod properties;
mod quota;
mod readers;
mod trees;

use crate::support::{Client, Reply, TestServer};

/// Ada and bob; the aula, whose manager maria is.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "maria"]).await;
    server.room("aula").await;
    server.grant("aula", "maria", "manage").await;
}

const ADA: &str = "/files/users/ada/";
const AULA: &str = "/files/rooms/aula/";

/// A path in ada's folder.
fn ada(path: &str) -> String {
    format!("{ADA}{path}")
}

async fn put(client: &Client<'_>, path: &str, text: &str) -> Reply {
    client.send("PUT", path, &[("content-type", "text/plain")], text).await
}

async fn mkcol(client: &Client<'_>, path: &str) -> Reply {
    client.send("MKCOL", path, &[], "").await
}

async fn transfer(client: &Client<'_>, verb: &str, from: &str, to: &str, more: &[(&str, &str)]) -> Reply {
    let mut headers = vec![("destination", to)];
    headers.extend_from_slice(more);
    client.send(verb, from, &headers, "").await
}

/// The hrefs of a collection and its members.
async fn listed(client: &Client<'_>, path: &str) -> Vec<String> {
    let found = client.propfind(path, "1", "<propfind xmlns=\"DAV:\"><prop/></propfind>").await;
    found.multistatus().into_iter().map(|item| item.href).collect()
}

/// The token of a new lock, which makes an empty file (201) where nothing is.
async fn lock(client: &Client<'_>, path: &str, scope: &str, depth: &str) -> String {
    let reply = ask_lock(client, path, scope, depth, &[]).await;
    assert!([200, 201].contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
    let token = reply.header("lock-token").expect("a token");
    token.trim_matches(['<', '>']).to_owned()
}

async fn ask_lock(client: &Client<'_>, path: &str, scope: &str, depth: &str, more: &[(&str, &str)]) -> Reply {
    let body = format!(
        "<lockinfo xmlns=\"DAV:\"><lockscope><{scope}/></lockscope><locktype><write/></locktype>\
         <owner><href>mailto:{}@example.org</href></owner></lockinfo>",
        client.login
    );
    let mut headers = vec![("depth", depth)];
    headers.extend_from_slice(more);
    client.send("LOCK", path, &headers, &body).await
}

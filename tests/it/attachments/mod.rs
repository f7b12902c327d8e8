//! Attachments that the server keeps for events: who adds and gets them, and what events say of
//! them. RFC 8607.

mod changes;
mod keeping;
mod people;
mod process;
mod readers;
mod refusals;
mod series;
mod wire;
mod writing;

use bytes::Bytes;

use crate::support::{BASE_URL, Client, Reply, TestServer, event};

/// Ada and bob, who read everything in the aula, and its manager maria.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "maria"]).await;
    server.room("aula").await;
    server.set("aula", "viewer", "details").await;
    server.grant("aula", "maria", "manage").await;
}

/// Ada's booking `a` of the aula, on Monday at nine.
async fn booked(server: &TestServer) -> String {
    house(server).await;
    let ada = server.client("ada");
    ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
    ada.in_room("aula", "a")
}

async fn post(
    client: &Client<'_>,
    path: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    client.send_bytes("POST", &format!("{path}?{query}"), headers, body.into()).await
}

const PLAN: [(&str, &str); 2] =
    [("content-type", "application/pdf"), ("content-disposition", "attachment; filename=plan.pdf")];

/// A new attachment `plan.pdf`.
async fn add(client: &Client<'_>, path: &str, body: &str) -> Kept {
    let reply = post(client, path, "action=attachment-add", &PLAN, body.to_owned()).await;
    Kept::of(&reply.expect(201))
}

async fn remove(client: &Client<'_>, path: &str, id: &str) -> Reply {
    post(client, path, &format!("action=attachment-remove&managed-id={id}"), &[], "").await
}

/// What an answer says of a new attachment.
struct Kept {
    id: String,
    /// Without scheme and authority.
    path: String,
}

impl Kept {
    #[track_caller]
    fn of(reply: &Reply) -> Self {
        let location = reply.header("location").expect("a Location");
        let path = location.strip_prefix(BASE_URL).expect("an address of this server").to_owned();
        Self { id: reply.header("cal-managed-id").expect("a Cal-Managed-ID").to_owned(), path }
    }

    fn uri(&self) -> String {
        format!("{BASE_URL}{}", self.path)
    }

    /// The whole line of `plan.pdf`.
    fn line(&self, size: usize) -> String {
        format!(
            "ATTACH;MANAGED-ID={};FMTTYPE=application/pdf;FILENAME=plan.pdf;SIZE={size}:{}",
            self.id,
            self.uri()
        )
    }
}

/// The ATTACH lines of an event.
async fn lines(client: &Client<'_>, path: &str) -> Vec<String> {
    client.get(path).await.expect(200).lines_of("ATTACH")
}

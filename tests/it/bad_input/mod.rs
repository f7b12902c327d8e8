//! Broken and hostile requests over a socket (B-01 to B-60): each is answered as required, and afterwards
//! the server lives, the connection is in step, and another reader finds the room as it was.

mod conditions;
mod objects;
mod owners;
mod paths;
mod reports;
mod series;
mod sign_in;
mod texts;
mod wire;
mod xml;

use std::cell::RefCell;

use crate::programs::campus;
use crate::support::{Program, Reply, TestServer, Wire, event, on_both};

/// Where Ada writes.
const ROOM: &str = "/calendars/users/ada/room-aula/";

/// The aula with a booking of Ada's (9 to 10) and one of Bob's (11 to 12) on 1 March 2027; Ada is the
/// one who sends what is bad, Bob looks whether anything changed.
struct House<'w> {
    server: &'w TestServer,
    wire: &'w Wire<'w>,
    ada: Program<'w>,
    bob: Program<'w>,
    /// What Bob saw last: hrefs, tags, token.
    seen: RefCell<String>,
}

/// Runs rows against a house on each database.
async fn in_a_house(test: impl AsyncFn(&House<'_>)) {
    on_both(async |server| furnished(server, &test).await).await;
}

/// The same on SQLite alone: for rows of the wire, of which the database sees nothing, a thousand times.
async fn in_a_small_house(test: impl AsyncFn(&House<'_>)) {
    furnished(TestServer::sqlite().await, &test).await;
}

async fn furnished(server: TestServer, test: &impl AsyncFn(&House<'_>)) {
    campus(&server).await;
    server.client("ada").book("aula", &event("hers").hours("20270301", 9, 10)).await.created();
    server.client("bob").book("aula", &event("his").hours("20270301", 11, 12)).await.created();
    let wire = Wire::open(&server).await;
    let (ada, bob) = (wire.program("ada").await, wire.program("bob").await);
    let house = House { server: &server, wire: &wire, ada, bob, seen: RefCell::default() };
    house.look().await;
    test(&house).await;
}

/// A request of Ada's.
#[derive(Clone)]
struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn ask(method: &'static str, path: &str) -> Ask {
    Ask { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
}

/// PUT of a new member `x.ics`.
fn put(text: impl AsRef<[u8]>) -> Ask {
    ask("PUT", &format!("{ROOM}x.ics")).with("Content-Type", "text/calendar; charset=utf-8").body(text)
}

fn propfind(path: &str, depth: &str, body: impl AsRef<[u8]>) -> Ask {
    ask("PROPFIND", path).with("Depth", depth).with("Content-Type", "application/xml").body(body)
}

fn report(body: impl AsRef<[u8]>) -> Ask {
    ask("REPORT", ROOM).with("Depth", "1").with("Content-Type", "application/xml").body(body)
}

impl Ask {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }
}

/// What is required of an answer.
#[derive(Clone, Copy)]
enum Want<'a> {
    /// This status.
    Status(u16),
    /// 403 with this precondition, or with our own element of that name.
    Refused(&'a str),
    /// 201, and the text comes back byte for byte.
    Stored,
}

impl House<'_> {
    /// One row of the table: the input, the answer, and the follow-up of every row.
    async fn row(&self, id: &str, input: &str, asked: &Ask, want: Want<'_>) -> Reply {
        let headers: Vec<(&str, &str)> =
            asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let bytes = self.ada.request(asked.method, &asked.path, &headers, &asked.body);
        let mut connection = self.wire.connect().await;
        connection.write(&bytes).await;
        let reply = connection.reply(asked.method).await;
        let text = reply.text();
        match want {
            Want::Status(status) => assert_eq!(reply.status, status, "{id}, {input}: {text}"),
            Want::Refused(condition) => {
                assert_eq!(reply.status, 403, "{id}, {input}: {text}");
                assert!(text.contains("<D:error"), "{id}, {input}: {text}");
                let is_named = ["/", " ", ">"].iter().any(|end| text.contains(&format!(":{condition}{end}")));
                assert!(is_named, "{id}, {input}: no {condition} in {text}");
            }
            Want::Stored => assert_eq!(reply.status, 201, "{id}, {input}: {text}"),
        }
        if reply.header("connection") != Some("close") {
            connection.write(&self.ada.request("OPTIONS", "/", &[], b"")).await;
            assert_eq!(connection.reply("OPTIONS").await.status, 200, "{id}, {input}: out of step");
        }
        match want {
            Want::Stored => self.take_back(id, input, asked).await,
            Want::Status(_) | Want::Refused(_) => self.is_unchanged(&format!("{id}, {input}")).await,
        }
        reply
    }

    /// What was stored comes back as it was sent, and is removed for the next row.
    async fn take_back(&self, id: &str, input: &str, asked: &Ask) {
        let stored = self.ada.get(&asked.path).await.expect(200);
        assert_eq!(stored.bytes(), asked.body, "{id}, {input}");
        self.ada.send("DELETE", &asked.path, &[], "").await.expect(204);
        self.look().await;
    }

    /// What Bob sees: hrefs, tags, CTag and token.
    async fn sight(&self) -> String {
        let body = "<propfind xmlns=\"DAV:\" xmlns:CS=\"http://calendarserver.org/ns/\"><prop><getetag/>\
            <sync-token/><CS:getctag/></prop></propfind>";
        self.bob.propfind("/calendars/users/bob/room-aula/", "1", body).await.expect(207).text()
    }

    /// From here on the room has to stay as it is.
    async fn look(&self) {
        let sight = self.sight().await;
        self.seen.replace(sight);
    }

    async fn is_unchanged(&self, what: &str) {
        assert_eq!(self.sight().await, *self.seen.borrow(), "{what}");
    }
}

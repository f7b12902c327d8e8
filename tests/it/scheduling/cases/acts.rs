//! What happens to the event in a row of the table, over HTTP.

use std::pin::Pin;

use super::super::world::{UID, answering, place};
use crate::support::{Client, Event, Reply, TestServer, event};

/// What somebody does to the event, as a calendar program would.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Ada writes this event, new or over what she has.
    Ada(fn(Event) -> Event),
    /// Ada changes lines of what she is served.
    AdaEdits(fn(&str) -> String),
    AdaDeletes,
    /// And says that no reply is to be sent, which is nothing to an organizer.
    AdaDeletesSilently,
    /// Bob answers in his copy.
    Bob(&'static str),
    /// Bob writes this event, whether or not he has it.
    BobPuts(fn(Event) -> Event),
    /// Bob changes lines of his copy.
    BobEdits(fn(&str) -> String),
    /// Bob answers what he saw before this happened; his program names the schedule tag of that.
    BobLate(&'static Act, &'static str),
    BobDeletes,
    BobDeletesSilently,
    /// Bob removes it and says that a reply is to be sent.
    BobDeletesAloud,
    /// Carol answers in hers.
    Carol(&'static str),
    /// Carol changes lines of hers.
    CarolEdits(fn(&str) -> String),
    /// Carol books this room from half past nine to half past ten.
    Taken(&'static str),
    /// And gives it up again.
    Free(&'static str),
    /// Carol, who manages this room, takes it away from the event.
    Loses(&'static str),
    /// A setting of a room.
    Set(&'static str, &'static str, &'static str),
    /// Ada writes this event into a room's calendar.
    AdaBooks(&'static str, fn(Event) -> Event),
    /// Somebody moves the event to another calendar in his home.
    Moves(&'static str, &'static str),
    /// Somebody removes the calendar `work` with all that is in it.
    Drops(&'static str),
    /// Somebody copies it there.
    Copies(&'static str, &'static str),
    /// What is refused with this status and condition (an element of `DAV:error`).
    Fails(&'static Act, u16, &'static str),
}

/// What somebody changes of what he is served.
fn edit<'a>(client: &'a Client<'_>, change: impl Fn(&str) -> String + 'a) -> Asked<'a> {
    Box::pin(async move {
        let path = place(client).await.expect("there is something to edit");
        let old = client.get(&path).await;
        client.change(&path, &old.etag(), change(&old.text().replace("\r\n ", ""))).await
    })
}

fn put<'a>(client: &'a Client<'_>, build: fn(Event) -> Event) -> Asked<'a> {
    Box::pin(async move {
        let path = place(client).await.unwrap_or_else(|| client.in_own(UID));
        client.put(&path, build(event(UID)).text()).await
    })
}

fn delete<'a>(client: &'a Client<'_>, headers: &'a [(&'a str, &'a str)]) -> Asked<'a> {
    Box::pin(async move {
        let path = place(client).await.expect("there is something to remove");
        client.send("DELETE", &path, headers, "").await
    })
}

/// A request on the heap: one stack has not room for all that somebody may do.
type Asked<'a> = Pin<Box<dyn Future<Output = Reply> + 'a>>;

async fn transfer(client: &Client<'_>, method: &str, calendar: &str) -> Reply {
    let from = place(client).await.expect("there is something to move");
    if !calendar.starts_with("room-") {
        // Whoever has it already is told so.
        client.send("MKCALENDAR", &format!("{}{calendar}/", client.home()), &[], "").await;
    }
    let to = format!("http://127.0.0.1:8008{}{calendar}/{UID}.ics", client.home());
    client.send(method, &from, &[("destination", &to), ("overwrite", "F")], "").await
}

/// Somebody reads, something happens, and he answers what he read.
async fn answer_late(server: &TestServer, client: &Client<'_>, meanwhile: Act, partstat: &str) -> Reply {
    let path = place(client).await.expect("there is something to answer");
    let old = client.get(&path).await;
    Box::pin(act(server, meanwhile)).await;
    let tag = old.header("schedule-tag").expect("what is answered has a tag").to_owned();
    let headers = [("if-schedule-tag-match", tag.as_str()), ("content-type", "text/calendar")];
    client.send("PUT", &path, &headers, &answering(&old.text(), &client.login, partstat)).await
}

async fn attempt(server: &TestServer, act: Act) -> Reply {
    let (ada, bob, carol) = (server.client("ada"), server.client("bob"), server.client("carol"));
    match act {
        Act::Ada(build) => Box::pin(put(&ada, build)).await,
        Act::AdaEdits(change) => Box::pin(edit(&ada, change)).await,
        Act::AdaDeletes => Box::pin(delete(&ada, &[])).await,
        Act::AdaDeletesSilently => delete(&ada, &[("schedule-reply", "F")]).await,
        Act::AdaBooks(room, build) => ada.put(&ada.in_room(room, UID), build(event(UID)).text()).await,
        Act::Bob(partstat) => Box::pin(edit(&bob, |text| answering(text, "bob", partstat))).await,
        Act::BobPuts(build) => Box::pin(put(&bob, build)).await,
        Act::BobEdits(change) => Box::pin(edit(&bob, change)).await,
        Act::BobLate(meanwhile, partstat) => Box::pin(answer_late(server, &bob, *meanwhile, partstat)).await,
        Act::BobDeletes => Box::pin(delete(&bob, &[])).await,
        Act::BobDeletesSilently => delete(&bob, &[("schedule-reply", "F")]).await,
        Act::BobDeletesAloud => delete(&bob, &[("schedule-reply", "T")]).await,
        Act::Carol(partstat) => Box::pin(edit(&carol, |text| answering(text, "carol", partstat))).await,
        Act::CarolEdits(change) => Box::pin(edit(&carol, change)).await,
        Act::Taken(room) => {
            let other = event(room).between("20270301T093000", "20270301T103000");
            carol.book(room, &other).await
        }
        Act::Free(room) => carol.delete(&carol.in_room(room, room)).await,
        Act::Loses(room) => {
            server.grant(room, "carol", "manage").await;
            let (booking, _) = carol.list(&carol.room(room)).await.remove(0);
            carol.delete(&booking).await
        }
        Act::Moves(login, calendar) => Box::pin(transfer(&server.client(login), "MOVE", calendar)).await,
        Act::Drops(login) => {
            let client = server.client(login);
            client.delete(&format!("{}work/", client.home())).await
        }
        Act::Copies(login, calendar) => Box::pin(transfer(&server.client(login), "COPY", calendar)).await,
        Act::Set(..) | Act::Fails(..) => unreachable!("what is no request, or holds one"),
    }
}

pub(super) async fn act(server: &TestServer, act: Act) {
    match act {
        Act::Set(room, key, value) => server.set(room, key, value).await,
        Act::Fails(what, status, condition) => {
            let reply = Box::pin(attempt(server, *what)).await.named(format!("{what:?}")).expect(status);
            assert!(reply.text().contains(condition), "{condition}: {}", reply.text());
        }
        act => {
            let status = if makes(server, act).await { 201 } else { 204 };
            Box::pin(attempt(server, act)).await.named(format!("{act:?}")).expect(status);
        }
    }
}

/// Whether something is where nothing was.
async fn makes(server: &TestServer, act: Act) -> bool {
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    match act {
        Act::Ada(_) => place(&ada).await.is_none(),
        Act::BobPuts(_) => place(&bob).await.is_none(),
        Act::AdaBooks(room, _) => ada.get(&ada.in_room(room, UID)).await.status == 404,
        Act::Taken(_) | Act::Moves(..) | Act::Copies(..) => true,
        _ => false,
    }
}

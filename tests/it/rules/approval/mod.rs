//! Approval and holds over HTTP (R40, R70 to R75): who may ask, what waits, who decides and how, and
//! what happens when nobody does.

mod beside;
mod by_calendar;
mod deciding;
mod links;
mod moves;
mod queue;
mod tentative;
mod waiting;

use super::hold;
use crate::support::{TestServer, event};

/// Ada and Bob ask, Eve manages the aula, Max is the administrator.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.admin("max").await;
    server.room("aula").await;
    server.set("aula", "viewer", "details").await;
    server.set("aula", "mode", "approve").await;
    server.grant("aula", "eve", "manage").await;
}

/// Runs a test of the house on both databases; afterwards the whole database keeps what it promises.
async fn with_house(test: impl AsyncFn(&TestServer)) {
    hold(async |server| {
        house(server).await;
        test(server).await;
        assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

/// The kinds of the messages to a person, in order.
async fn kinds(server: &TestServer, login: &str) -> Vec<String> {
    server.notices(login).await.into_iter().map(|(kind, _)| kind).collect()
}

/// Hours in seconds.
const HOUR: i64 = 3600;

/// On a Monday a week after the start of the clock.
fn meeting(uid: &str) -> crate::support::Event {
    event(uid).hours("20270308", 9, 10)
}

/// The same, inviting the aula.
fn invitation(uid: &str) -> crate::support::Event {
    meeting(uid).organizer("ada").attendee("aula")
}

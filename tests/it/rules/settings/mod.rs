//! Settings one by one (section 19): a room as it comes, and the same room with another value. Those that
//! need more of a story have their tests where that is told; `docs/settings-tests.md` names them all.

mod asking;
mod times;

use super::hold;
use crate::support::{Event, TestServer, event};

/// Runs a test on both databases with Ada, Bob, Eve who manages, and the aula as it comes.
async fn as_it_comes(test: impl AsyncFn(&TestServer)) {
    hold(async |server| {
        server.people(&["ada", "bob", "eve"]).await;
        server.room("aula").await;
        server.grant("aula", "eve", "manage").await;
        test(server).await;
    })
    .await;
}

/// On a Monday.
fn hour(uid: &str, from: u32) -> Event {
    event(uid).hours("20270301", from, from + 1)
}

//! Two servers on one PostgreSQL: none answers from what it remembers, and each says so when it cannot
//! reach the database. P-7, F-10, L-64.

mod away;
mod data;
mod sign_in;

use crate::support::TestServer;

/// Two servers on one database, with ada, bob and the room aula; `None` where there is no PostgreSQL.
async fn two() -> Option<(TestServer, TestServer)> {
    let one = TestServer::postgres().await?;
    one.people(&["ada", "bob"]).await;
    one.room("aula").await;
    let other = one.beside().await;
    Some((one, other))
}

//! Each limit of requests and objects (L-20 to L-48) at its number: one below and the number itself pass,
//! one more is refused as it should be.

mod objects;
mod series;
mod xml;

use crate::support::Reply;

/// Asks with `limit - 1`, `limit` and `limit + 1`; the last answer is returned.
async fn at_the_edge(name: &str, limit: usize, ask: impl AsyncFn(usize) -> Reply) -> Reply {
    for count in [limit - 1, limit] {
        let reply = ask(count).await;
        assert!((200..300).contains(&reply.status), "{name}, {count}: {} {}", reply.status, reply.text());
        assert!(!reply.text().contains(" 507 "), "{name}, {count}: {}", reply.text());
    }
    ask(limit + 1).await
}

//! Limits of requests, objects, bookings and the disk (L-20 to L-48, L-65, L-67) at their numbers: what is
//! at the number passes, one more is refused as it should be.

mod bookings;
mod disk;
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

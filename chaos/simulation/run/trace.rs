//! What is written down of requests and answers: all of them, but for what is random in itself, which is
//! the names that stand for hidden members, and the nonces of tokens.

use crate::history::asked::{Asked, Sent};
use crate::history::log::{Answer, Found};
use crate::history::world::digest;

/// A request.
pub(super) fn asked(asked: &Asked) -> String {
    let Sent { method, path, headers, body } = Sent::by(0, asked);
    let name = path.rsplit('/').next().unwrap_or_default();
    let path = if name.starts_with("n-") { path.replace(name, "hidden") } else { path };
    let digest = digest(body.as_bytes());
    let headers: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    match asked {
        Asked::Sync { limit, .. } => format!("{method} {path} {limit}"),
        _ => format!("{method} {path} {headers:?} {digest}"),
    }
}

/// An answer.
pub(super) fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Known { found: Found::Members { members, .. }, .. } => {
            let mut tags: Vec<&str> = members.values().map(String::as_str).collect();
            tags.sort_unstable();
            format!("{tags:?}")
        }
        Answer::Known { found: Found::Changes { changed, is_cut, .. }, .. } => {
            let tags: Vec<Option<&str>> = changed.iter().map(|(_, tag)| tag.as_deref()).collect();
            format!("{tags:?} {is_cut}")
        }
        answer => format!("{answer:?}"),
    }
}

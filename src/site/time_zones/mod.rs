//! The service for time zone data: what the zones mean that texts only name.
//!
//! RFC 7808, sections 4.1, 4.1.6 and 4.1.8; RFC 7809, section 3.1.2.
//!
//! Only read, and made of the bundled data alone: no table, no calendar, no reader is known here.
//! Nothing is truncated and no leap seconds are told, so neither is announced. Whoever asks has
//! signed in, as for everything.

mod action;
mod answer;
mod catalog;
mod pattern;
#[cfg(test)]
mod tests;

use http::request::Parts;
use http::{Method, Response};

use crate::dav::Body;
use crate::dav::href::{query_parameters, unescaped};

use self::answer::Problem;
use super::place::TIME_ZONES;

/// Whether a path is the service's.
pub(super) fn is_here(path: &str) -> bool {
    path.strip_prefix(TIME_ZONES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers one request; its body says nothing.
pub(super) async fn answer(head: &Parts) -> Response<Body> {
    match head.method {
        Method::GET | Method::HEAD => {
            let mut response = act(head).await.unwrap_or_else(Problem::response);
            if head.method == Method::HEAD {
                answer::keep_only_head(&mut response);
            }
            response
        }
        Method::OPTIONS => answer::options(),
        _ => answer::not_allowed(),
    }
}

/// The action that the path names (RFC 7808, section 5).
async fn act(head: &Parts) -> Result<Response<Body>, Problem> {
    let path = head.uri.path().strip_prefix(TIME_ZONES).unwrap_or_default();
    let path = path.strip_suffix('/').unwrap_or(path);
    let query = Query(head.uri.query().map(query_parameters).unwrap_or_default());
    let headers = &head.headers;
    if let Some(rest) = path.strip_prefix("/zones/") {
        // The identifier is one segment with its slashes escaped; some leave them as they are.
        return match rest.strip_suffix("/observances") {
            Some(tzid) => action::expand(&unescaped(tzid), &query, headers),
            None => action::get(&unescaped(rest), &query, headers),
        };
    }
    match path {
        "/capabilities" => action::capabilities(&query, headers),
        "/zones" if query.has("pattern") => action::find(&query, headers).await,
        "/zones" => action::list(&query, headers).await,
        _ => Err(Problem::INVALID_ACTION),
    }
}

/// The parameters of a request, names and values.
struct Query(Vec<(String, String)>);

impl Query {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Whether there are only parameters of these names.
    fn only(&self, names: &[&str]) -> Result<(), Problem> {
        let is_known = |(name, _): &(String, String)| names.contains(&name.as_str());
        if self.0.iter().all(is_known) { Ok(()) } else { Err(Problem::INVALID_ACTION) }
    }

    /// The value of a parameter that stands there once or not at all; otherwise `problem`.
    fn once(&self, name: &str, problem: Problem) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(problem) } else { Ok(first) }
    }
}

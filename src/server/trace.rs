//! The log: a span for each request, and one line when its answer is out.
//!
//! D-64: never credentials or bodies, never the query or the secret of a feed, and texts of
//! clients cut short.

use std::net::IpAddr;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Instant;

use http::Method;
use http::request::Parts;
use tracing::Span;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};
use crate::metrics::{self, Metrics};

/// Starts the log on standard error, for the rest of the process.
///
/// # Errors
/// One sentence, if the level cannot be read or a log was started before.
pub fn start(log: &Log) -> Result<(), String> {
    let filter = Targets::from_str(&log.level).map_err(|cause| format!("log.level: {cause}"))?;
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true).with_span_list(false)).try_init(),
        LogFormat::Text => registry.with(layer).try_init(),
    };
    started.map_err(|cause| cause.to_string())
}

/// Most bytes of a text of a client in the log.
const MAX_TEXT_BYTES: usize = 256;

/// A text of a client as the log may show it.
fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_TEXT_BYTES);
    text[..end].chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Below these, whoever knows a path may do what is there.
const SECRETS: [&str; 2] = ["/feeds/", "/web/links/"];

/// The path as the log may show it: without what is a secret by itself.
fn shown_path(path: &str) -> String {
    let secret = SECRETS.iter().find(|before| path.starts_with(**before));
    secret.map_or_else(|| shown(path), |before| format!("{before}…"))
}

/// What the access line says; written, and counted, when dropped, which is when the answer is out.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) span: Span,
    method: Method,
    path: String,
    address: IpAddr,
    started: Instant,
    pub(super) user: Option<String>,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) whole: bool,
    metrics: Arc<Metrics>,
    _in_flight: metrics::Held,
}

/// The methods that are told apart where requests are counted.
const METHODS: [&str; 16] = [
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "POST",
    "DELETE",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCOL",
    "MKCALENDAR",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "ACL",
];

impl Record {
    pub(super) fn new(id: String, head: &Parts, address: IpAddr, metrics: &Arc<Metrics>) -> Self {
        let span = tracing::info_span!("request", id);
        let (method, path) = (head.method.clone(), shown_path(head.uri.path()));
        let started = Instant::now();
        Self {
            id,
            span,
            method,
            path,
            address,
            started,
            user: None,
            status: 0,
            bytes: 0,
            whole: false,
            metrics: Arc::clone(metrics),
            _in_flight: metrics.requests_in_flight.hold(),
        }
    }

    fn count(&self) {
        let method = METHODS.into_iter().find(|name| *name == self.method.as_str()).unwrap_or("other");
        let status = match self.status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "none",
        };
        self.metrics.requests.count([method, status]);
        self.metrics.request_times.observe([method], self.started.elapsed());
    }

    /// Whether the answer has no body to send, whatever it holds.
    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.count();
        let _inside = self.span.enter();
        tracing::info!(
            target: "roomdav::access",
            method = %shown(self.method.as_str()),
            path = %self.path,
            user = self.user.as_deref().unwrap_or("-"),
            status = self.status,
            bytes = self.bytes,
            whole = self.whole,
            ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            address = %self.address,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wrote_is_cut_and_cleaned() {
        assert_eq!(shown("a\r\nb\u{1b}[0m"), "a\u{fffd}\u{fffd}b\u{fffd}[0m", "D-64");
        assert_eq!(shown(&"ä".repeat(500)).len(), 256, "D-64");
        assert_eq!(shown_path("/feeds/s3cr3t.ics"), "/feeds/…", "D-64");
        assert_eq!(shown_path("/web/links/give-back.17.all.3.1803806000.ab"), "/web/links/…", "D-64");
        assert_eq!(shown_path("/calendars/"), "/calendars/");
    }
}

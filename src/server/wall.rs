//! The way of one request through the wall: checks, sender, body, answer.

use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::answer::{Refusal, make_safe, text};
use super::auth::{Accounts, Denied, SignIn};
use super::body::{self, BadBody};
use super::connection::State;
use super::framing::{self, Rules};
use super::peer::{self, PerAddress};
use super::trace::Record;
use super::tracked::{Held, Tracked};
use super::{Access, Handler, Identity, Peer, Phrase, RequestId, ResponseBody, health, well_known};
use crate::config;
use crate::limits::Limits;

/// The challenge of every 401; one constant realm, since programs keep passwords by it (R7.1).
const CHALLENGE: &str = "Basic realm=\"roomdav\", charset=\"UTF-8\"";

/// An unread body up to this size is read and dropped, so that the connection can go on.
const DISCARD_BYTES: usize = 64 * 1024;

/// One connection, as its requests see it.
pub(super) struct Link {
    pub(super) peer: IpAddr,
    pub(super) tls: bool,
    pub(super) state: Arc<State>,
}

/// Everything a request is held against, and the [`Handler`] behind.
pub struct Wall<H, A> {
    handler: H,
    sign_in: SignIn<A>,
    rules: Rules,
    proxies: Vec<IpAddr>,
    allow_plain_http: bool,
    limits: Arc<Limits>,
    requests: Arc<Semaphore>,
    clients: Arc<PerAddress>,
    stopping: AtomicBool,
    run: u32,
    count: AtomicU64,
}

impl<H: Handler, A: Accounts> Wall<H, A> {
    /// A wall before `handler`. `base_url` is our own address, by which requests of other
    /// sites are told (D-44): [`config::Server::base_url`].
    ///
    /// # Panics
    /// If the operating system gives no random bytes.
    pub fn new(
        handler: H,
        accounts: A,
        server: &config::Server,
        limits: &Limits,
        base_url: &str,
    ) -> Arc<Self> {
        let limits = Arc::new(limits.clone());
        Arc::new(Self {
            handler,
            sign_in: SignIn::new(accounts, &limits),
            rules: Rules { hosts: server.hosts.clone(), origin: origin(base_url) },
            proxies: server.behind_proxy.clone(),
            allow_plain_http: server.allow_plain_http,
            requests: Arc::new(Semaphore::new(limits.requests_at_once)),
            clients: PerAddress::new(limits.connections_per_address),
            limits,
            stopping: AtomicBool::new(false),
            run: getrandom::u32().expect("without random bytes no server can start"),
            count: AtomicU64::new(0),
        })
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.contains(&address)
    }

    /// From now on the process is not ready.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers one request. Never fails: what goes wrong is an answer too.
    pub(super) async fn answer(&self, request: Request<Incoming>, link: &Link) -> Response<Tracked> {
        link.state.begin();
        let (mut head, body) = request.into_parts();
        let (address, proxied_tls) = peer::unwrap(link.peer, &mut head.headers, &self.proxies);
        let id = format!("{:08x}-{:x}", self.run, self.count.fetch_add(1, Ordering::Relaxed));
        let mut record = Record::new(id, &head, address);
        let secure = link.tls || proxied_tls;
        // Who waits for 100 Continue sends nothing after a refusal, or everything.
        let waits = head.headers.contains_key(header::EXPECT);
        let peer = Peer { address, secure };
        let mut visit = Visit { peer, link, waits, held: Held::default(), body: Some(body) };
        let span = record.span.clone();
        let chunked = framing::is_chunked(&head);
        let bounds = (self.time(&head.method), self.limits.answer_bytes);
        let (response, close) = self.respond(head, &mut visit, &mut record).instrument(span).await;
        if close {
            link.state.linger();
        }
        let response = finish(response, close || chunked);
        record.status = response.status().as_u16();
        response.map(|body| Tracked::new(body, record, Arc::clone(&link.state), bounds, visit.held))
    }

    /// The answer, and whether the rest of the connection is no use.
    async fn respond(
        &self,
        head: Parts,
        visit: &mut Visit<'_>,
        record: &mut Record,
    ) -> (Response<ResponseBody>, bool) {
        let (response, close) = match self.pass(head, visit, record).await {
            Ok(response) => (response, false),
            Err(refusal) => {
                // Who was refused holds nothing while the rest of the request is read.
                visit.held = Held::default();
                let close = refusal.close;
                (refusal.into_response(), close)
            }
        };
        let unread = match visit.body.take() {
            Some(body) => !close && !self.discard(visit.waits, body).await,
            None => false,
        };
        (response, close || unread)
    }

    /// The steps of a request, up to the first that refuses it.
    async fn pass(
        &self,
        mut head: Parts,
        visit: &mut Visit<'_>,
        record: &mut Record,
    ) -> Result<Response<ResponseBody>, Refusal> {
        framing::check(&mut head, &self.rules, &self.limits)?;
        if well_known::is_here(head.uri.path()) {
            return Ok(well_known::answer());
        }
        let stopping = self.stopping.load(Ordering::Relaxed);
        if let Some(answer) = health::answer(&head.method, head.uri.path(), &self.handler, stopping).await {
            return Ok(answer);
        }
        framing::check_site(&head.method, &head.headers, &self.rules)?;
        framing::check_content(&head)?;
        self.admit(visit)?;
        let identity = self.identify(&head, visit).await?;
        record.user = identity.as_ref().map(|identity| identity.login.clone());
        let bytes = self.read(visit).await?;
        Ok(self.handle(request(head, bytes, visit, record), identity, record).await)
    }

    /// L-10; and L-09 for the clients of a proxy, whose connections are all the proxy's.
    fn admit(&self, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        let permit = Arc::clone(&self.requests).try_acquire_owned().map_err(|_| Refusal::busy(1))?;
        visit.held.request = Some(permit);
        if self.is_proxy(visit.link.peer) {
            visit.held.client = Some(self.clients.enter(visit.peer.address).ok_or_else(|| Refusal::busy(1))?);
        }
        Ok(())
    }

    async fn identify(&self, head: &Parts, visit: &Visit<'_>) -> Result<Option<Identity>, Refusal> {
        if self.handler.access(head) == Access::Public {
            return Ok(None);
        }
        if !self.is_protected(visit.link) {
            let text = "Passwords are taken over https only. Please use the https address of this server.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, text));
        }
        let found = self.sign_in.identify(&head.headers, visit.peer.address, &self.limits).await;
        found.map(Some).map_err(refuse)
    }

    /// Whether a password may cross this connection (D-20).
    fn is_protected(&self, link: &Link) -> bool {
        link.tls || link.peer.is_loopback() || self.is_proxy(link.peer) || self.allow_plain_http
    }

    async fn read(&self, visit: &mut Visit<'_>) -> Result<Bytes, Refusal> {
        let Some(body) = visit.body.take() else { return Ok(Bytes::new()) };
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        body::read(body, self.limits.body_bytes, &self.limits).await.map_err(|bad| match bad {
            BadBody::Large => Refusal::closing(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
            BadBody::Slow => Refusal::closing(StatusCode::REQUEST_TIMEOUT, "The body came too slowly."),
            BadBody::Broken => Refusal::closing(StatusCode::BAD_REQUEST, "The body broke off."),
        })
    }

    /// Lets the handler answer, in its time (L-07), and survives its panics (D-08).
    async fn handle(
        &self,
        request: Request<Bytes>,
        identity: Option<Identity>,
        record: &Record,
    ) -> Response<ResponseBody> {
        let time = self.time(request.method());
        let mut work = pin!(async { self.handler.handle(request, identity).await });
        let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(progress) => progress.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        });
        match timeout(time, caught).await {
            Ok(Some(response)) => response,
            Ok(None) => {
                tracing::error!("a request ended in a panic");
                // D-74: a number to find it by, nothing else.
                text(StatusCode::INTERNAL_SERVER_ERROR, &record.id)
            }
            Err(_) => {
                tracing::warn!("a request took too long");
                Refusal::busy(5).into_response()
            }
        }
    }

    fn time(&self, method: &Method) -> Duration {
        if method.as_str() == "REPORT" { self.limits.report_time } else { self.limits.request_time }
    }

    /// Reads and drops a small body nobody asked for; whether the connection can go on.
    async fn discard(&self, waits: bool, body: Incoming) -> bool {
        if body.is_end_stream() {
            return true;
        }
        let small = body.size_hint().upper().is_some_and(|bytes| bytes <= DISCARD_BYTES as u64);
        small && !waits && body::read(body, DISCARD_BYTES, &self.limits).await.is_ok()
    }
}

/// What is known of a request beside its head.
struct Visit<'a> {
    peer: Peer,
    link: &'a Link,
    waits: bool,
    held: Held,
    body: Option<Incoming>,
}

fn request(mut head: Parts, bytes: Bytes, visit: &Visit<'_>, record: &Record) -> Request<Bytes> {
    head.extensions.insert(visit.peer);
    head.extensions.insert(RequestId(record.id.clone()));
    Request::from_parts(head, bytes)
}

fn refuse(denied: Denied) -> Refusal {
    match denied {
        Denied::Unauthorized => Refusal::new(StatusCode::UNAUTHORIZED, "Please sign in.")
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE)),
        Denied::Ambiguous => Refusal::new(StatusCode::BAD_REQUEST, "A request has one Authorization field."),
        Denied::Throttled(secs) => Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Too many failed sign-ins.")
            .with(header::RETRY_AFTER, HeaderValue::from(secs)),
        Denied::Busy => Refusal::busy(2),
        Denied::Unavailable => Refusal::busy(5),
    }
}

/// What every answer gets on its way out.
fn finish(mut response: Response<ResponseBody>, close: bool) -> Response<ResponseBody> {
    make_safe(response.headers_mut());
    if close {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(Phrase(phrase)) = response.extensions_mut().remove::<Phrase>() {
        let printable = phrase.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if printable
            && (1..=80).contains(&phrase.len())
            && let Ok(phrase) = ReasonPhrase::try_from(phrase.into_bytes())
        {
            response.extensions_mut().insert(phrase);
        }
    }
    response
}

/// An origin as browsers write it: lower case, no default port (RFC 6454, section 6.2).
fn origin(base_url: &str) -> String {
    let url = base_url.trim_end_matches('/').to_ascii_lowercase();
    let port = if url.starts_with("https:") { ":443" } else { ":80" };
    url.strip_suffix(port).map_or_else(|| url.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tests::{House, OnlyAda};

    fn link(peer: [u8; 4], tls: bool) -> Link {
        Link { peer: peer.into(), tls, state: Arc::default() }
    }

    #[test]
    fn passwords_cross_the_network_only_where_they_are_safe_or_allowed() {
        let mut server =
            config::Server { behind_proxy: vec![[10, 0, 0, 1].into()], ..config::Server::default() };
        let wall = |server: &config::Server| {
            Wall::new(House::echo(), OnlyAda, server, &Limits::default(), "http://x")
        };
        let strict = wall(&server);
        assert!(!strict.is_protected(&link([192, 0, 2, 1], false)), "D-20");
        for safe in [link([192, 0, 2, 1], true), link([127, 0, 0, 1], false), link([10, 0, 0, 1], false)] {
            assert!(strict.is_protected(&safe), "D-20: {}", safe.peer);
        }
        server.allow_plain_http = true;
        assert!(wall(&server).is_protected(&link([192, 0, 2, 1], false)), "D-20");
    }

    #[test]
    fn our_origin_is_written_as_browsers_write_it() {
        for (url, expected) in [
            ("https://Cal.example.org/", "https://cal.example.org"),
            ("https://cal.example.org:443", "https://cal.example.org"),
            ("http://cal.example.org:80", "http://cal.example.org"),
            ("http://127.0.0.1:8008", "http://127.0.0.1:8008"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}

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
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use http_body_util::BodyExt as _;
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
use super::scrape::{self, Asking};
use super::trace::Record;
use super::tracked::{Held, Tracked};
use super::upload::{Fate, Progress, Upload};
use super::{
    Access, Handler, Identity, Intake, Peer, Phrase, RequestBody, RequestId, ResponseBody, health, well_known,
};
use crate::config::{self, Network};
use crate::limits::Limits;
use crate::metrics::Metrics;

/// The challenge of every 401; one constant realm, since programs keep passwords by it (R7.1).
const CHALLENGE: &str = "Basic realm=\"roomdav\", charset=\"UTF-8\"";

/// An unread body up to this size is read and dropped, so that the connection can go on.
const DISCARD_BYTES: usize = 64 * 1024;

/// A body of which at most so much has come takes no seat among the requests in hand: whoever sends drop
/// by drop keeps nobody out. With as many connections as there are by default (L-09) they hold 16 MiB. On
/// HTTP/2, where one connection may carry many, each takes a seat at once.
const WAITING_BYTES: usize = 16 * 1024;

/// How long the answer to a request that broke off waits until that is noted.
const NOTE_TIME: Duration = Duration::from_secs(2);

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
    metrics: Arc<Metrics>,
    metrics_from: Vec<Network>,
    stopping: AtomicBool,
    run: u32,
    count: AtomicU64,
}

impl<H: Handler, A: Accounts> Wall<H, A> {
    /// A wall before `handler`. `base_url` is our own address, by which requests of other
    /// sites are told (D-44): [`config::Server::base_url`]. What happens is counted in `metrics`.
    ///
    /// # Panics
    /// If the operating system gives no random bytes.
    pub fn new(
        handler: H,
        accounts: A,
        server: &config::Server,
        limits: &Limits,
        base_url: &str,
        metrics: &Arc<Metrics>,
    ) -> Arc<Self> {
        let limits = Arc::new(limits.clone());
        Arc::new(Self {
            handler,
            sign_in: SignIn::new(accounts, &limits, metrics),
            rules: Rules { hosts: server.hosts.clone(), origin: origin(base_url) },
            proxies: server.behind_proxy.clone(),
            allow_plain_http: server.allow_plain_http,
            requests: Arc::new(Semaphore::new(limits.requests_at_once)),
            clients: PerAddress::new(limits.connections_per_address),
            limits,
            metrics: Arc::clone(metrics),
            metrics_from: server.metrics_from.clone(),
            stopping: AtomicBool::new(false),
            run: getrandom::u32().expect("without random bytes no server can start"),
            count: AtomicU64::new(0),
        })
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
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
        let seat = link.state.begin();
        let version = request.version();
        let (mut head, body) = request.into_parts();
        let is_relayed = scrape::is_relayed(&head.headers) && !self.is_proxy(link.peer);
        let (address, proxied_tls) = peer::unwrap(link.peer, &mut head.headers, &self.proxies);
        let id = format!("{:08x}-{:x}", self.run, self.count.fetch_add(1, Ordering::Relaxed));
        let mut record = Record::new(id, &head, address, &self.metrics);
        let secure = link.tls || proxied_tls;
        // Who waits for 100 Continue sends nothing after a refusal, or everything.
        let waits = head.headers.contains_key(header::EXPECT);
        let peer = Peer { address, secure };
        let mut visit =
            Visit { peer, is_relayed, link, waits, held: Held::default(), body: Some(body), upload: None };
        let span = record.span.clone();
        let chunked = framing::is_chunked(&head);
        let time = self.time(&head.method);
        let (response, close) = self.respond(head, &mut visit, &mut record).instrument(span).await;
        if close {
            link.state.linger();
        }
        // HTTP/2 has frames for that (RFC 9113, section 8.2.2).
        let response = finish(response, (close || chunked) && version < Version::HTTP_2);
        visit.held.seat = seat;
        record.status = response.status().as_u16();
        // A file that could be put can be got: its length is known, unlike that of what is made.
        let most_bytes = match response.body().size_hint().exact() {
            Some(_) => self.limits.answer_bytes.max(self.limits.file_body_bytes),
            None => self.limits.answer_bytes,
        };
        let bounds = (time, most_bytes);
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
        if visit.body.is_some() {
            // Nor does one whose body nobody wanted.
            visit.held.request = None;
        }
        let unread = match visit.body.take() {
            Some(body) => !close && !self.discard(visit.waits, body).await,
            None => visit.upload.as_ref().is_some_and(|fate| fate.get() != Progress::Whole),
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
        if visit.link.state.had_fragment() {
            let text = "The target of a request has no fragment.";
            return Err(Refusal::closing(StatusCode::BAD_REQUEST, text));
        }
        framing::check(&mut head, &self.rules, &self.limits)?;
        if let Some(answer) = well_known::answer(&head.uri) {
            return Ok(answer);
        }
        let stopping = self.stopping.load(Ordering::Relaxed);
        if let Some(answer) = health::answer(&head.method, head.uri.path(), &self.handler, stopping).await {
            return Ok(answer);
        }
        let asking = Asking { address: visit.peer.address, is_relayed: visit.is_relayed };
        let (method, path) = (&head.method, head.uri.path());
        if let Some(answer) = scrape::answer(method, path, &self.handler, asking, &self.metrics_from).await {
            return Ok(answer);
        }
        framing::check_site(&head.method, &head.headers, &self.rules)?;
        framing::check_content(&head)?;
        self.admit(visit)?;
        let identity = self.identify(&head, visit).await?;
        record.user = identity.as_ref().map(|identity| identity.login.clone());
        let body = self.intake(&head, visit).await?;
        self.seat(&mut visit.held).map_err(|_| Refusal::busy(1))?;
        let response = self.handle(request(head, body, visit, record), identity, record).await;
        match visit.upload.as_ref().map(Fate::get) {
            // What the handler made of a body that never was one is no answer to it.
            Some(Progress::Bad(bad)) => Err(bad_body(bad)),
            _ => Ok(response),
        }
    }

    /// The body, whole or as it will come.
    async fn intake(&self, head: &Parts, visit: &mut Visit<'_>) -> Result<RequestBody, Refusal> {
        let is_large = |body: &Incoming| {
            let upper = body.size_hint().upper();
            upper.is_none_or(|bytes| bytes > DISCARD_BYTES.min(self.limits.body_bytes) as u64)
        };
        let intake = self.handler.intake(head);
        if intake == Intake::Unread {
            return Ok(RequestBody::Whole(Bytes::new()));
        }
        if intake == Intake::Stream && visit.body.as_ref().is_some_and(is_large) {
            self.seat(&mut visit.held).map_err(|_| Refusal::busy(1))?;
        }
        if intake == Intake::Stream
            && let Some(body) = visit.body.take_if(|body| is_large(body))
        {
            let (upload, fate) = Upload::begin(body, &self.limits).map_err(bad_body)?;
            visit.upload = Some(fate);
            return Ok(RequestBody::Stream(upload.boxed_unsync()));
        }
        self.read(visit).await.map(RequestBody::Whole)
    }

    /// L-09 for the clients of a proxy, whose connections are all the proxy's, and for those who send
    /// many requests over one connection.
    fn admit(&self, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        if visit.link.state.is_multiplexed() {
            self.seat(&mut visit.held).map_err(|_| Refusal::busy(1))?;
        }
        if self.is_proxy(visit.link.peer) || visit.link.state.is_multiplexed() {
            visit.held.client = Some(self.clients.enter(visit.peer.address).ok_or_else(|| Refusal::busy(1))?);
        }
        Ok(())
    }

    /// L-10: a seat among the requests in hand, if it has none yet.
    fn seat(&self, held: &mut Held) -> Result<(), BadBody> {
        if held.request.is_none() {
            let permit = Arc::clone(&self.requests).try_acquire_owned();
            held.request = Some(permit.map_err(|_| BadBody::Busy)?);
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
        let held = &mut visit.held;
        let room = |bytes| if bytes > WAITING_BYTES { self.seat(held) } else { Ok(()) };
        body::read(body, self.limits.body_bytes, &self.limits, room).await.map_err(bad_body)
    }

    /// Lets the handler answer, in its time (L-07), and survives its panics (D-08).
    async fn handle(
        &self,
        request: Request<RequestBody>,
        identity: Option<Identity>,
        record: &Record,
    ) -> Response<ResponseBody> {
        let coming = match request.body() {
            RequestBody::Whole(_) => Duration::ZERO,
            RequestBody::Stream(_) => self.limits.file_body_time,
        };
        let time = self.time(request.method()) + coming;
        let peer = request.extensions().get().copied();
        let asking = identity.clone();
        let mut work = pin!(async { self.handler.handle(request, identity).await });
        let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(progress) => progress.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        });
        match timeout(time, caught).await {
            Ok(Some(response)) => response,
            Ok(None) => {
                tracing::error!("a request ended in a panic");
                self.metrics.panics.count([]);
                if let Some(peer) = peer {
                    // A database that panics again, or does not answer, keeps nobody from the answer.
                    let noting = self.handler.broke(&record.id, asking.as_ref(), peer);
                    let _ = timeout(NOTE_TIME, noting).await;
                }
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
        small && !waits && body::skip(body, DISCARD_BYTES, &self.limits).await
    }
}

/// What is known of a request beside its head.
struct Visit<'a> {
    peer: Peer,
    is_relayed: bool,
    link: &'a Link,
    waits: bool,
    held: Held,
    body: Option<Incoming>,
    /// What becomes of a body that the handler reads itself.
    upload: Option<Fate>,
}

fn request(mut head: Parts, body: RequestBody, visit: &Visit<'_>, record: &Record) -> Request<RequestBody> {
    head.extensions.insert(visit.peer);
    head.extensions.insert(RequestId(record.id.clone()));
    Request::from_parts(head, body)
}

fn bad_body(bad: BadBody) -> Refusal {
    match bad {
        BadBody::Busy => Refusal::busy(1).and_close(),
        BadBody::Large => Refusal::closing(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
        BadBody::Slow => Refusal::closing(StatusCode::REQUEST_TIMEOUT, "The body came too slowly."),
        BadBody::Broken => Refusal::closing(StatusCode::BAD_REQUEST, "The body broke off."),
    }
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
            Wall::new(House::echo(), OnlyAda, server, &Limits::default(), "http://x", &Arc::default())
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

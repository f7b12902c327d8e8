//! The wall from outside: real sockets on loopback, requests as bytes.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::Poll;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    Access, Account, Accounts, AppPassword, Handler, Identity, Intake, Listener, Peer, Phrase, RequestBody,
    RequestId, ResponseBody, Unavailable, Wall, full,
};
use crate::config;
use crate::credentials::hash_password;
use crate::domain::id::UserId;
use crate::limits::Limits;
use crate::metrics::Metrics;

mod answers;
mod bodies;
mod connections;
mod framing;
mod http2;
mod log;
mod metrics;
mod sign_in;
mod tls;

/// Bytes of an answer that no socket takes at once.
const LARGE: usize = 24 * 1024 * 1024;

/// Answers with what it saw: method, target, user, and the size of the body.
#[derive(Default)]
pub(super) struct Echo {
    /// Requests that came through the wall.
    seen: Mutex<Vec<String>>,
}

impl Echo {
    fn response(&self, request: &Request<usize>, identity: Option<&Identity>) -> Response<ResponseBody> {
        let user = identity.map_or("nobody", |identity| identity.login.as_str());
        let line = format!("{} {} {user} {}", request.method(), request.uri(), request.body());
        self.seen.lock().unwrap().push(line.clone());
        Response::new(full(line))
    }
}

impl Handler for Arc<Echo> {
    fn access(&self, head: &http::request::Parts) -> Access {
        if head.uri.path().starts_with("/public/") { Access::Public } else { Access::SignedIn }
    }

    fn intake(&self, head: &http::request::Parts) -> Intake {
        if head.uri.path().starts_with("/public/files/") { Intake::Stream } else { Intake::Whole }
    }

    async fn broke(&self, id: &str, identity: Option<&Identity>, peer: Peer) {
        let user = identity.map_or("nobody", |identity| identity.login.as_str());
        self.seen.lock().unwrap().push(format!("broke {id} {user} {}", peer.address));
    }

    async fn handle(
        &self,
        request: Request<RequestBody>,
        identity: Option<Identity>,
    ) -> Response<ResponseBody> {
        let (head, body) = request.into_parts();
        let size = match body {
            RequestBody::Whole(bytes) => bytes.len(),
            // Answered without a look at the body.
            RequestBody::Stream(_) if head.uri.path().ends_with("/unread") => 0,
            RequestBody::Stream(stream) => match stream.collect().await {
                Ok(all) => all.to_bytes().len(),
                Err(_) => return Response::new(full("of no interest")),
            },
        };
        let request = Request::from_parts(head, size);
        let mut response = self.response(&request, identity.as_ref());
        match request.uri().path() {
            "/public/panic" => panic!("on purpose"),
            "/public/sleep" => std::future::pending::<()>().await,
            "/public/nap" => tokio::time::sleep(Duration::from_millis(200)).await,
            "/public/phrase" => {
                response.extensions_mut().insert(Phrase("Aula is taken".to_owned()));
                *response.status_mut() = StatusCode::FORBIDDEN;
            }
            "/public/bad-phrase" => {
                response.extensions_mut().insert(Phrase("a\r\nSet-Cookie: b".to_owned()));
            }
            "/public/policy" => {
                response
                    .headers_mut()
                    .insert("content-security-policy", "default-src 'self'".parse().unwrap());
            }
            "/public/large" => *response.body_mut() = full(vec![b'x'; 64 * 1024 * 1024]),
            "/public/chunks" => {
                let chunk = || Ok(http_body::Frame::data(Bytes::from(vec![b'x'; 64 * 1024])));
                *response.body_mut() = Pieces((0..64).map(|_| chunk()).collect()).boxed_unsync();
            }
            "/public/broken" => *response.body_mut() = broken(),
            "/public/stuck" => *response.body_mut() = Pieces(Vec::new()).boxed_unsync(),
            "/public/whence" => {
                let peer = request.extensions().get::<Peer>().expect("every request has one");
                let id = request.extensions().get::<RequestId>().expect("every request has one");
                let forwarded = request.headers().contains_key("x-forwarded-for");
                *response.body_mut() =
                    full(format!("{} {} {forwarded} {}", peer.address, peer.secure, !id.0.is_empty()));
            }
            _ => {}
        }
        response
    }

    async fn ready(&self) -> bool {
        true
    }

    async fn metrics(&self) -> String {
        "some 1\n".to_owned()
    }
}

/// A body of these pieces, last first; then it stands still.
struct Pieces(Vec<Result<http_body::Frame<Bytes>, super::BodyError>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = super::BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, super::BodyError>>> {
        self.0.pop().map_or(Poll::Pending, |piece| Poll::Ready(Some(piece)))
    }
}

fn broken() -> ResponseBody {
    let begin = http_body::Frame::data(Bytes::from(vec![b'x'; 5000]));
    Pieces(vec![Err("on purpose".into()), Ok(begin)]).boxed_unsync()
}

static ADAS_HASH: LazyLock<String> = LazyLock::new(|| hash_password("secret").unwrap());

/// One account: ada, also ada@example.org, with the password "secret".
#[derive(Clone)]
pub(super) struct OnlyAda;

impl Accounts for OnlyAda {
    async fn account(&self, name: &str) -> Result<Option<Account>, Unavailable> {
        if name == "outage" {
            return Err(Unavailable);
        }
        Ok(matches!(name, "ada" | "ada@example.org").then(|| Account {
            user: UserId::new(1),
            login: "ada".to_owned(),
            password_hash: Some(ADAS_HASH.clone()),
            credential_version: 1,
            disabled: false,
        }))
    }

    async fn app_password(&self, _: &str) -> Result<Option<AppPassword>, Unavailable> {
        Ok(None)
    }
}

/// The Authorization line of a user.
fn basic(user: &str, password: &str) -> String {
    let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Authorization: Basic {token}\r\n")
}

/// A server of its own for one test.
pub(super) struct House {
    address: SocketAddr,
    echo: Arc<Echo>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl House {
    /// What stands behind the wall of every house.
    pub(super) fn echo() -> Arc<Echo> {
        Arc::default()
    }

    async fn open() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        Self::configured(config::Server::default(), limits).await
    }

    async fn configured(server: config::Server, limits: Limits) -> Self {
        let server = config::Server { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..server };
        let listener = Listener::bind(&server).await.unwrap();
        let (echo, stop, address) = (Self::echo(), CancellationToken::new(), listener.address());
        let base_url = "http://cal.example.org";
        let metrics = Arc::new(Metrics::default());
        let wall = Wall::new(Arc::clone(&echo), OnlyAda, &server, &limits, base_url, &metrics);
        let task = tokio::spawn(listener.serve(wall, stop.clone()));
        Self { address, echo, metrics, stop, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes on a new connection and answers all that comes until it is closed.
    #[track_caller]
    fn send(&self, bytes: impl Into<Vec<u8>>) -> impl Future<Output = String> {
        let (address, bytes) = (self.address, bytes.into());
        async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // A server that closes early may end the sending; what it said is still there.
            let _ = stream.write_all(&bytes).await;
            rest(&mut stream).await
        }
    }

    /// One request without body on a connection of its own.
    async fn ask(&self, line: &str, fields: &str) -> String {
        self.send(format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n")).await
    }

    /// Waits until so many requests came through the wall.
    async fn has_seen(&self, count: usize) {
        while self.seen().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Asks until the answer has this status; the server notices some things a moment later.
    async fn comes_to(&self, line: &str, code: u16) {
        for _ in 0..500 {
            let answer = self.ask(line, "").await;
            if !answer.is_empty() && status(&answer) == code {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{line} never came to {code}");
    }

    fn seen(&self) -> Vec<String> {
        self.echo.seen.lock().unwrap().clone()
    }
}

/// Everything until the other side closes, which it has to do soon.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    // A reset ends an answer as well as a close.
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What has come until the text ends with `end`.
async fn until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.ends_with(end) {
        let count =
            timeout(Duration::from_secs(8), stream.read(&mut bytes)).await.expect("an answer").unwrap();
        assert!(count > 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    text
}

fn status(answer: &str) -> u16 {
    answer
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| panic!("no status line in {answer:?}"))
}

fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

/// An answer without the fields that differ by time.
fn steady(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n")
}

//! The server over a real socket on loopback: the wall, the accounts and the site as `serve` joins
//! them, and connections that send exact bytes.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use roomdav::config;
use roomdav::credentials::new_app_password;
use roomdav::domain::id::Slug;
use roomdav::domain::user::Refusals;
use roomdav::limits::Limits;
use roomdav::server::Listener;
use roomdav::store::{NewAppPassword, StoreError, Tx, Work};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Reply, TestServer};

/// No answer takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that listens. It ends when this is dropped.
pub(crate) struct Wire<'s> {
    server: &'s TestServer,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Drop for Wire<'_> {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl<'s> Wire<'s> {
    /// Opens this server to the network, on a port that was free.
    pub(crate) async fn open(server: &'s TestServer) -> Self {
        Self::limited(server, &Limits::default()).await
    }

    /// The same with other limits of the wall and of what stands directly behind it.
    pub(crate) async fn limited(server: &'s TestServer, limits: &Limits) -> Self {
        let config = config::Server { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Default::default() };
        let listener = Listener::bind(&config).await.unwrap();
        let address = listener.address();
        let base_url = config.base_url(address);
        let wall = roomdav::app::wall(&server.bookings, &config, limits, &base_url);
        let stop = CancellationToken::new();
        tokio::spawn(listener.serve(wall, stop.clone()));
        Self { server, address, stop }
    }

    /// `127.0.0.1:port`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A new connection.
    pub(crate) async fn connect(&self) -> Connection {
        Connection { stream: TcpStream::connect(self.address).await.unwrap(), buffer: Vec::new() }
    }

    /// A program of `login`, signed in with an app password made for it.
    pub(crate) async fn program(&self, login: &str) -> Program<'_> {
        let made = new_app_password().unwrap();
        self.server
            .write(AddPassword {
                login: login.to_owned(),
                public_id: made.public_id,
                secret_hash: made.secret_hash,
                mode: None,
            })
            .await;
        let authorization = Some(basic(login, &made.password));
        Program { wire: self, login: login.to_owned(), authorization, agent: String::new() }
    }

    /// A program without credentials.
    pub(crate) fn stranger(&self) -> Program<'_> {
        Program { wire: self, login: String::new(), authorization: None, agent: String::new() }
    }
}

/// The value of an Authorization field.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

struct AddPassword {
    login: String,
    public_id: String,
    secret_hash: String,
    mode: Option<Refusals>,
}

impl Work for AddPassword {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let user = tx.users().by_login(&Slug::parse(&self.login).unwrap()).await?.unwrap().id;
        let new = NewAppPassword {
            user,
            public_id: self.public_id.clone(),
            secret_hash: self.secret_hash.clone(),
            label: "test".to_owned(),
            mode: self.mode,
        };
        tx.credentials().add_app_password(&new, roomdav::domain::time::Instant::from_secs(0)).await.map(drop)
    }
}

/// A program that knows the server's address, and sends each request on a connection of its own.
#[derive(Clone)]
pub(crate) struct Program<'w> {
    wire: &'w Wire<'w>,
    pub(crate) login: String,
    pub(crate) authorization: Option<String>,
    agent: String,
}

impl Program<'_> {
    /// With this User-Agent.
    pub(crate) fn agent(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }

    /// With this Authorization in place of its own.
    pub(crate) fn signed(mut self, authorization: String) -> Self {
        self.authorization = Some(authorization);
        self
    }

    /// The password it signs in with.
    pub(crate) fn password(&self) -> String {
        let token = self.authorization.as_deref().and_then(|it| it.strip_prefix("Basic ")).unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(token).unwrap();
        String::from_utf8(bytes).unwrap().split_once(':').unwrap().1.to_owned()
    }

    /// Host and port of the server.
    pub(crate) fn host(&self) -> String {
        self.wire.host()
    }

    /// One request as most programs write it; redirects are not followed.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut connection = self.wire.connect().await;
        connection.write(&self.request(method, path, headers, body.as_bytes())).await;
        connection.reply(method).await.named(format!("{method} {path} as {}", self.login))
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.wire.host());
        let mut field = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if let Some(authorization) = &self.authorization {
            field("Authorization", authorization);
        }
        if !self.agent.is_empty() {
            field("User-Agent", &self.agent);
        }
        for (name, value) in headers {
            field(name, value);
        }
        if !body.is_empty() || method == "PUT" {
            field("Content-Length", &body.len().to_string());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    pub(crate) async fn propfind(&self, path: &str, depth: &str, body: &str) -> Reply {
        self.send("PROPFIND", path, &[("Depth", depth), ("Content-Type", "application/xml")], body).await
    }

    pub(crate) async fn options(&self, path: &str) -> Reply {
        self.send("OPTIONS", path, &[], "").await
    }

    pub(crate) async fn report(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.send("REPORT", path, headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }
}

/// One connection, kept open until the server closes it or this is dropped.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Sends these bytes. A server that closes early may end the sending: what it said is still there.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server reads or closes");
    }

    /// The next answer, to a request with this method. Interim answers are skipped.
    #[track_caller]
    pub(crate) fn reply(&mut self, method: &str) -> impl Future<Output = Reply> + use<'_> {
        let is_head = method == "HEAD";
        async move {
            loop {
                let reply = self.one(is_head).await;
                if reply.status >= 200 {
                    return reply;
                }
            }
        }
    }

    /// Sends no more; the server sees the end of what was sent.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Waits until the answer has begun.
    pub(crate) async fn wait(&mut self) {
        timeout(PATIENCE, self.stream.readable()).await.expect("an answer in time").unwrap();
    }

    /// The status of the next answer, which is an interim one.
    pub(crate) async fn interim(&mut self) -> u16 {
        let reply = self.one(false).await;
        assert!(reply.status < 200, "not yet");
        reply.status
    }

    async fn one(&mut self, is_head: bool) -> Reply {
        let head = self.until(b"\r\n\r\n").await;
        let head = String::from_utf8(head).expect("a head of ASCII");
        let (line, fields) = head.trim_end().split_once("\r\n").unwrap_or((head.trim_end(), ""));
        let status: u16 = line.get(9..12).and_then(|code| code.parse().ok()).expect("a status line");
        let phrase = line.get(13..).map(str::to_owned);
        let mut headers = HeaderMap::new();
        for field in fields.split("\r\n").filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once(':').expect("a header field");
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value.trim()).unwrap(),
            );
        }
        let is_empty = is_head || status < 200 || status == 204 || status == 304;
        let body = if is_empty { Vec::new() } else { self.body(&headers).await };
        Reply::read(status, phrase, headers, body)
    }

    async fn body(&mut self, headers: &HeaderMap) -> Vec<u8> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if text("transfer-encoding") == Some("chunked") {
            let mut body = Vec::new();
            loop {
                let size = self.until(b"\r\n").await;
                let size = usize::from_str_radix(String::from_utf8_lossy(&size).trim(), 16).unwrap();
                let chunk = self.exactly(size + 2).await;
                if size == 0 {
                    return body;
                }
                body.extend_from_slice(&chunk[..size]);
            }
        }
        match text("content-length") {
            Some(length) => self.exactly(length.parse().unwrap()).await,
            None => self.rest().await,
        }
    }

    async fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|window| window == end) {
                return self.buffer.drain(..at + end.len()).collect();
            }
            assert!(self.more().await, "closed after {:?}", String::from_utf8_lossy(&self.buffer));
        }
    }

    async fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            assert!(self.more().await, "the answer broke off");
        }
        self.buffer.drain(..length).collect()
    }

    /// Everything until the server closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Reads on; false at the end. A reset ends an answer as well as a close.
    async fn more(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("an answer in time");
        let count = read.unwrap_or(0);
        self.buffer.extend_from_slice(&bytes[..count]);
        count > 0
    }
}

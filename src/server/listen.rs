//! Listens, accepts, and runs connections; stops in order.
//!
//! L-02, L-09, L-11, L-12. HTTP/1.1, and HTTP/2 where it is switched on and the TLS handshake agreed
//! on it (D-03): no protocol is guessed, so nothing waits without a time while guessing.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{Guarded, State};
use super::peer::PerAddress;
use super::streams::Streams;
use super::tls::{self, TlsError};
use super::tracked::{PIECE_BYTES, Tracked};
use super::wall::{Link, Wall};
use super::{Accounts, Handler};
use crate::config;

/// How long requests in hand may go on after a stop.
const STOP_TIME: Duration = Duration::from_secs(10);

/// How long to wait when the system gives no more connections (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, or is none of this machine.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address as configured.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A socket that listens; connections wait in it until [`Listener::serve`].
pub struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    address: SocketAddr,
}

impl Listener {
    /// Reads the certificate, if one is configured, and takes the address.
    ///
    /// # Errors
    /// [`ListenError`], before anything is served.
    pub async fn bind(server: &config::Server) -> Result<Self, ListenError> {
        let tls = server.tls.as_ref().map(|files| tls::acceptor(files, server.http2)).transpose()?;
        let refused = |source| ListenError::Bind { address: server.listen, source };
        let socket = TcpListener::bind(server.listen).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, tls, address })
    }

    /// The address taken, with the port the system chose.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is cancelled, then lets requests in hand finish for ten seconds.
    pub async fn serve<H: Handler, A: Accounts>(self, wall: Arc<Wall<H, A>>, stop: CancellationToken) {
        let kill = CancellationToken::new();
        let tasks = TaskTracker::new();
        let hub = Hub { wall, tls: self.tls, stop, kill };
        accept(&self.socket, &hub, &tasks).await;
        drop(self.socket);
        hub.wall.stop();
        tasks.close();
        if timeout(STOP_TIME, tasks.wait()).await.is_err() {
            tracing::warn!(connections = tasks.len(), "requests did not end in time");
            hub.kill.cancel();
            tasks.wait().await;
        }
    }
}

/// What all connections share.
struct Hub<H, A> {
    wall: Arc<Wall<H, A>>,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
    kill: CancellationToken,
}

impl<H, A> Clone for Hub<H, A> {
    fn clone(&self) -> Self {
        let (wall, tls) = (Arc::clone(&self.wall), self.tls.clone());
        Self { wall, tls, stop: self.stop.clone(), kill: self.kill.clone() }
    }
}

/// Accepts until told to stop. At the most connections (L-09) it pauses; those of an address
/// that has its share are closed at once.
async fn accept<H: Handler, A: Accounts>(socket: &TcpListener, hub: &Hub<H, A>, tasks: &TaskTracker) {
    let limits = hub.wall.limits();
    let total = Arc::new(Semaphore::new(limits.connections));
    let places = PerAddress::new(limits.connections_per_address);
    let next = async || {
        let seat = Arc::clone(&total).acquire_owned().await.expect("the semaphore is never closed");
        (seat, socket.accept().await)
    };
    loop {
        let (seat, accepted) = tokio::select! {
            biased;
            () = hub.stop.cancelled() => return,
            accepted = next() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // All clients of a proxy share its address; they are counted by request.
        let place = places.enter(peer);
        if place.is_none() && !hub.wall.is_proxy(peer) {
            continue;
        }
        let counted = hub.wall.metrics().connections.hold();
        let hub = hub.clone();
        tasks.spawn(async move {
            connect(stream, peer, hub).await;
            drop((seat, place, counted));
        });
    }
}

async fn connect<H: Handler, A: Accounts>(stream: TcpStream, peer: IpAddr, hub: Hub<H, A>) {
    // Answers are written whole; waiting for more would only cost time.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    // Boxed, so that each connection takes the memory of what it is, and not of the largest of these.
    let Some(acceptor) = &hub.tls else { return Box::pin(serial(stream, peer, &hub)).await };
    match timeout(hub.wall.limits().tls_handshake_time, acceptor.accept(stream)).await {
        Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => {
            Box::pin(multiplexed(stream, peer, &hub)).await;
        }
        Ok(Ok(stream)) => Box::pin(serial(stream, peer, &hub)).await,
        Ok(Err(cause)) => tracing::debug!(%peer, %cause, "no TLS handshake"),
        Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
    }
}

/// What answers the requests of one connection.
fn service<H: Handler, A: Accounts>(
    hub: &Hub<H, A>,
    link: Link,
) -> impl HttpService<Incoming, ResBody = Tracked, Error = Infallible, Future: Send + 'static> + use<H, A> {
    let (wall, link) = (Arc::clone(&hub.wall), Arc::new(link));
    service_fn(move |request| {
        let (wall, link) = (Arc::clone(&wall), Arc::clone(&link));
        // hyper keeps room for it from the first byte on; a box is there only while a request is.
        Box::pin(async move { Ok::<_, Infallible>(wall.answer(request, &link).await) })
    })
}

/// Runs the requests of one HTTP/1.1 connection, one after the other.
async fn serial<S, H, A>(stream: S, peer: IpAddr, hub: &Hub<H, A>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
    A: Accounts,
{
    let limits = hub.wall.limits();
    let state = Arc::new(State::default());
    let stream = TokioIo::new(Guarded::new(stream, Arc::clone(&state), Arc::clone(limits)));
    let service = service(hub, Link { peer, tls: hub.tls.is_some(), state });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // The stream holds L-03 and L-06 apart; this is the backstop (D-01).
        .header_read_timeout(limits.idle_time + limits.header_time)
        .max_headers(limits.header_count)
        .max_header_size(limits.header_block_bytes)
        .max_buf_size(limits.header_block_bytes.max(64 * 1024))
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    let mut asked = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => return note(peer, ended),
            () = hub.stop.cancelled(), if !asked => {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
            () = hub.kill.cancelled() => return,
        }
    }
}

/// Runs the requests of one HTTP/2 connection, side by side (L-12).
async fn multiplexed<S, H, A>(stream: S, peer: IpAddr, hub: &Hub<H, A>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
    A: Accounts,
{
    let limits = hub.wall.limits();
    let streams = Streams::new();
    let state = Arc::new(State::multiplexed(Arc::clone(&streams)));
    let stream = TokioIo::new(Guarded::new(stream, Arc::clone(&state), Arc::clone(limits)));
    let service = service(hub, Link { peer, tls: true, state });
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(count(limits.http2_streams))
        .max_header_list_size(count(limits.header_block_bytes))
        .max_pending_accept_reset_streams(limits.http2_pending_resets)
        .max_local_error_reset_streams(limits.http2_error_resets)
        .keep_alive_interval(limits.http2_ping_interval)
        .keep_alive_timeout(limits.http2_ping_time)
        .max_send_buf_size(PIECE_BYTES)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    let mut asked = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => return note(peer, ended),
            () = hub.stop.cancelled(), if !asked => {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
            () = streams.had_their_time(limits) => return,
            () = hub.kill.cancelled() => return,
        }
    }
}

fn note(peer: IpAddr, ended: hyper::Result<()>) {
    if let Err(cause) = ended {
        tracing::debug!(%peer, %cause, "a connection broke off");
    }
}

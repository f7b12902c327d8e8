//! Connections of attackers: many, from several addresses of this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Fewer than the server lets one address have (L-09).
const PER_ADDRESS: usize = 60;

/// The `number`th connection: from 127.0.1.1 on, so many from each address. A small window, so that
/// whoever reads nothing is soon noticed.
pub(crate) async fn connect(port: u16, number: usize) -> std::io::Result<TcpStream> {
    let host = u8::try_from(number / PER_ADDRESS % 250 + 1).unwrap_or(1);
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(8 * 1024)?;
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, host)), 0))?;
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await
}

/// How an attacker's connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The server closed it, after this long.
    Closed(Duration),
    /// It was still open at the end.
    Open,
    /// It could not be opened, or not in time.
    Refused,
}

/// Reads until the server closes, for at most `patience`.
pub(crate) async fn until_closed(stream: &mut TcpStream, patience: Duration) -> End {
    let began = Instant::now();
    let read = async {
        let mut scrap = [0; 4096];
        while stream.read(&mut scrap).await.is_ok_and(|count| count > 0) {}
    };
    match timeout(patience, read).await {
        Ok(()) => End::Closed(began.elapsed()),
        Err(_) => End::Open,
    }
}

/// Sends `head`, and then one byte after the other at this pace, until the server closes.
pub(crate) async fn drip(stream: &mut TcpStream, head: &[u8], pause: Duration, patience: Duration) -> End {
    let began = Instant::now();
    if stream.write_all(head).await.is_err() {
        return End::Closed(began.elapsed());
    }
    let mut scrap = [0; 1024];
    while began.elapsed() < patience {
        tokio::select! {
            read = stream.read(&mut scrap) => {
                if !read.is_ok_and(|count| count > 0) {
                    return End::Closed(began.elapsed());
                }
            }
            () = tokio::time::sleep(pause) => {
                if stream.write_all(b"x").await.is_err() {
                    return End::Closed(began.elapsed());
                }
            }
        }
    }
    End::Open
}

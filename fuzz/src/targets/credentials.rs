//! Sign-in over a socket: whatever stands in the Authorization field, nobody gets in, and the server
//! answers the next one.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use roomdav::config;
use roomdav::limits::Limits;
use roomdav::server::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::house::{House, lasting, wait};
use crate::input::Input;

struct Door {
    address: SocketAddr,
    _house: House,
}

static DOOR: LazyLock<Door> = LazyLock::new(|| {
    let house = lasting();
    wait(async {
        let config = config::Server { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Default::default() };
        let listener = Listener::bind(&config).await.expect("a free port");
        let address = listener.address();
        // No throttle: it would answer for the reader.
        let many = 100_000_000;
        let limits = Limits {
            failures_per_pair: many,
            failures_per_address: many,
            failures_per_account: many,
            hash_memory_kib: 19_456,
            ..Limits::default()
        };
        let wall = roomdav::app::wall(&house.bookings, &config, &limits, &config.base_url(address));
        tokio::spawn(listener.serve(wall, CancellationToken::new()));
        Door { address, _house: house }
    })
});

pub(crate) fn feed(data: &[u8]) {
    let mut input = Input(data);
    let form = input.byte() % 3;
    let value = match form {
        0 => format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(input.0)).into_bytes(),
        1 => [b"Basic ", input.0].concat(),
        _ => input.0.to_vec(),
    };
    // A field ends with its line; what framing makes of more lines has tests of its own.
    if value.iter().any(|byte| [b'\r', b'\n'].contains(byte)) {
        return;
    }
    let address = DOOR.address;
    wait(async move {
        let mut stream = TcpStream::connect(address).await.expect("the server accepts");
        let mut request =
            b"PROPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nDepth: 0\r\nAuthorization: ".to_vec();
        request.extend(&value);
        request.extend(b"\r\n\r\n");
        let _ = stream.write_all(&request).await;
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        let _ = read.expect("an answer in time");
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.get(9..12).unwrap_or_default();
        assert!(["400", "401", "431"].contains(&status), "{answer} to {value:?}");
    });
}

//! TLS, with a certificate made for the test.

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::*;
use crate::config::TlsFiles;
use crate::server::{ListenError, TlsError};

pub(super) struct Safe {
    pub(super) house: House,
    client: ClientConfig,
    _files: tempfile::TempDir,
}

fn files(folder: &tempfile::TempDir, certificate: &str, key: &str) -> config::Server {
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let files = TlsFiles { certificate: write("cert.pem", certificate), key: write("key.pem", key) };
    config::Server { tls: Some(files), ..config::Server::default() }
}

async fn safe(limits: Limits) -> Safe {
    safe_with(limits, false).await
}

/// A house with a certificate, and whether it offers HTTP/2.
pub(super) async fn safe_with(limits: Limits, http2: bool) -> Safe {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = files(&folder, &made.cert.pem(), &made.signing_key.serialize_pem());
    let house = House::configured(config::Server { http2, ..server }, limits).await;
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    Safe { house, client, _files: folder }
}

impl Safe {
    async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_with(&[]).await
    }

    /// Connects as a program that speaks these protocols.
    pub(super) async fn connect_with(&self, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
        self.try_connect_with(protocols).await.unwrap()
    }

    pub(super) async fn try_connect_with(
        &self,
        protocols: &[&[u8]],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut client = self.client.clone();
        client.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let connector = TlsConnector::from(Arc::new(client));
        connector.connect("localhost".try_into().unwrap(), self.house.connect().await).await
    }
}

#[tokio::test]
async fn requests_are_served_over_tls_and_know_it() {
    let safe = safe(Limits::default()).await;
    let mut stream = safe.connect().await;
    stream.write_all(b"GET /public/whence HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(status(&until(&mut stream, "127.0.0.1 true false true").await), 200, "D-20");
    stream.write_all(b"GET /public/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.len() > LARGE);
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_not_waited_for() {
    let safe = safe(Limits { tls_handshake_time: Duration::from_millis(100), ..Limits::default() }).await;
    let mut stream = safe.house.connect().await;
    stream.write_all(b"\x16\x03\x01").await.unwrap();
    assert_eq!(rest(&mut stream).await, "", "L-11");
    let answer = safe.house.send("GET /public/a HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(!answer.contains("HTTP/"), "plain HTTP is not served beside TLS");
}

#[tokio::test]
async fn files_that_are_no_certificate_are_told_before_serving() {
    let folder = tempfile::tempdir().unwrap();
    let bind = async |server: config::Server| Listener::bind(&server).await.err().unwrap();
    let empty = bind(files(&folder, "", "")).await;
    assert!(matches!(empty, ListenError::Tls(TlsError::Empty(_))), "{empty:?}");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let no_key = bind(files(&folder, &made.cert.pem(), "nothing")).await;
    assert!(matches!(no_key, ListenError::Tls(TlsError::File { .. })), "{no_key:?}");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pair = bind(files(&folder, &made.cert.pem(), &other.signing_key.serialize_pem())).await;
    assert!(matches!(pair, ListenError::Tls(TlsError::Pair(_))), "{pair:?}");
}

//! Posting to push services: one connection per message, TLS, no redirects, little patience.
//!
//! The URL was given by a client, so the connection goes only to an address that was looked at
//! (D-50). RFC 8030, section 5; RFC 9110, section 10.2.3.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::booking::Delivery;
use crate::config;

use super::PushError;
use super::guard::is_public;

/// For everything about one message.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Client {
    tls: TlsConnector,
    allow_loopback: bool,
}

/// Why a message was not taken.
enum Failed {
    /// The address must not be sent to.
    Forbidden,
    /// Anything that may be better later.
    Trouble,
}

impl Client {
    pub(super) fn new(config: &config::Push) -> Result<Self, PushError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &config.certificates {
            let unreadable = |cause: String| PushError::Certificates(format!("{}: {cause}", path.display()));
            let found = CertificateDer::pem_file_iter(path).map_err(|cause| unreadable(cause.to_string()))?;
            for certificate in found {
                let certificate = certificate.map_err(|cause| unreadable(cause.to_string()))?;
                roots.add(certificate).map_err(|cause| unreadable(cause.to_string()))?;
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|cause| PushError::Certificates(cause.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(tls)), allow_loopback: config.allow_loopback })
    }

    /// Sends a request to the absolute `https` URI in it.
    pub(super) async fn post(&self, request: Request<Bytes>) -> Delivery {
        match tokio::time::timeout(PATIENCE, self.exchange(request)).await {
            Ok(Ok(response)) => delivery(&response),
            Ok(Err(Failed::Forbidden)) => Delivery::Gone,
            Ok(Err(Failed::Trouble)) | Err(_) => Delivery::Later(None),
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Incoming>, Failed> {
        let (mut head, body) = request.into_parts();
        let (host, stream) = self.connect(&head.uri).await?;
        let name = ServerName::try_from(host).map_err(|_| Failed::Forbidden)?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| Failed::Trouble)?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|_| Failed::Trouble)?;
        let path = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        head.uri = path.parse().map_err(|_| Failed::Forbidden)?;
        // It ends when the answer is dropped, whose body nobody reads.
        tokio::spawn(connection);
        let answered = sender.send_request(Request::from_parts(head, Full::new(body))).await;
        answered.map_err(|_| Failed::Trouble)
    }

    /// A connection to one of the addresses of a name, all of which were looked at.
    async fn connect(&self, uri: &Uri) -> Result<(String, TcpStream), Failed> {
        if uri.scheme_str() != Some("https") {
            return Err(Failed::Forbidden);
        }
        let host = uri.host().ok_or(Failed::Forbidden)?.trim_matches(['[', ']']).to_owned();
        let found = tokio::net::lookup_host((host.as_str(), uri.port_u16().unwrap_or(443))).await;
        let addresses: Vec<SocketAddr> = found.map_err(|_| Failed::Trouble)?.collect();
        if addresses.iter().any(|address| !self.may_reach(*address)) {
            return Err(Failed::Forbidden);
        }
        for address in addresses {
            if let Ok(stream) = TcpStream::connect(address).await {
                return Ok((host, stream));
            }
        }
        Err(Failed::Trouble)
    }

    fn may_reach(&self, address: SocketAddr) -> bool {
        is_public(address.ip()) || self.allow_loopback && address.ip().to_canonical().is_loopback()
    }
}

/// What an answer means. Redirects are not followed, they are trouble like any other.
fn delivery(response: &Response<Incoming>) -> Delivery {
    match response.status() {
        status if status.is_success() => Delivery::Done,
        StatusCode::NOT_FOUND | StatusCode::GONE => Delivery::Gone,
        _ => {
            let wait =
                response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Delivery::Later(wait)
        }
    }
}

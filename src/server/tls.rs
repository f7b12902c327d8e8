//! TLS with rustls and ring: certificate files to an acceptor. TLS 1.2 and 1.3 (D-20).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsFiles;

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        source: pem::Error,
    },
    /// The certificate file has no certificate.
    #[error("there is no certificate in {0}")]
    Empty(PathBuf),
    /// Key and certificate do not fit, or are of a kind not supported.
    #[error("cannot use the certificate and key")]
    Pair(#[from] rustls::Error),
}

/// How a peer that speaks HTTP/2 names it (RFC 9113, section 3.2).
pub(super) const H2: &[u8] = b"h2";

/// Reads certificate and key. HTTP/2 is offered beside HTTP/1.1 where it is switched on (D-03).
pub(super) fn acceptor(files: &TlsFiles, http2: bool) -> Result<TlsAcceptor, TlsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(&files.certificate))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(files.certificate.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if http2 {
        config.alpn_protocols.insert(0, H2.to_vec());
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

//! A push service on this machine: takes messages over TLS, holds every sender to RFC 8030 and
//! RFC 8292, and answers what the test wants.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A message as it came.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) path: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

#[derive(Default)]
struct State {
    taken: Vec<Taken>,
    /// What is answered, as the rest of a status line and fields.
    answer: String,
    /// Messages that wait for their answer, and the most that ever did.
    waiting: usize,
    most_waiting: usize,
}

pub(super) struct Service {
    origin: String,
    state: Arc<Mutex<State>>,
    /// Each answer needs a permit.
    gate: Arc<Semaphore>,
    /// How many messages ever came.
    arrived: watch::Receiver<usize>,
    folder: tempfile::TempDir,
}

impl Service {
    pub(super) async fn open() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("push.pem"), made.cert.pem()).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        // Whatever "localhost" is on this machine.
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(Mutex::new(State { answer: "201 Created".to_owned(), ..State::default() }));
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let (arrivals, arrived) = watch::channel(0);
        let (shared, here, answers) = (state.clone(), origin.clone(), gate.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counted = (shared.clone(), answers.clone(), arrivals.clone());
                tokio::spawn(take(acceptor.clone(), stream, counted, here.clone()));
            }
        });
        Self { origin, state, gate, arrived, folder }
    }

    /// The file with the certificate that it shows.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("push.pem")
    }

    /// Where messages to a device go.
    pub(super) fn resource(&self, name: &str) -> String {
        format!("{}/{name}", self.origin)
    }

    /// What it answers from now on.
    pub(super) fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.state.lock().unwrap().answer);
    }

    /// Takes messages from now on, and answers none.
    pub(super) fn hold(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers so many messages that it held or will get.
    pub(super) fn release(&self, count: usize) {
        self.gate.add_permits(count);
    }

    /// Waits until so many ever came.
    pub(super) async fn until_arrived(&self, count: usize) {
        self.arrived.clone().wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    /// How many waited at once for their answers at most.
    pub(super) fn most_waiting(&self) -> usize {
        self.state.lock().unwrap().most_waiting
    }

    /// What came since this was asked last.
    pub(super) fn taken(&self) -> Vec<Taken> {
        std::mem::take(&mut self.state.lock().unwrap().taken)
    }
}

async fn take(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    (state, gate, arrivals): (Arc<Mutex<State>>, Arc<Semaphore>, watch::Sender<usize>),
    origin: String,
) {
    // Whoever does not trust the certificate goes away.
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut bytes = Vec::new();
    let (head, mut body) = loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "a whole request");
        bytes.extend_from_slice(&piece[..count]);
        if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            let body = bytes.split_off(at + 4);
            break (String::from_utf8(bytes).unwrap(), body);
        }
    };
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap();
    let path =
        line.strip_prefix("POST /").and_then(|it| it.strip_suffix(" HTTP/1.1")).expect(line).to_owned();
    let fields = lines.map(|line| line.split_once(": ").unwrap());
    let headers: HashMap<String, String> =
        fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length: usize = headers["content-length"].parse().unwrap();
    while body.len() < length {
        let mut piece = vec![0; length - body.len()];
        let count = stream.read(&mut piece).await.unwrap();
        body.extend_from_slice(&piece[..count]);
    }
    check(&headers, &origin);
    let answer = {
        let mut state = state.lock().unwrap();
        state.taken.push(Taken { path, headers, body });
        state.waiting += 1;
        state.most_waiting = state.most_waiting.max(state.waiting);
        state.answer.clone()
    };
    arrivals.send_modify(|count| *count += 1);
    gate.acquire().await.unwrap().forget();
    // Before the answer goes out, which makes room for the next one.
    state.lock().unwrap().waiting -= 1;
    let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    let _ = stream.shutdown().await;
}

/// What every message has to have.
fn check(headers: &HashMap<String, String>, origin: &str) {
    // RFC 8030, sections 5.2 and 5.4.
    assert!(headers["ttl"].parse::<u32>().unwrap() > 0);
    let topic = &headers["topic"];
    assert!(topic.len() <= 32 && topic.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{topic}");
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert!(headers["content-type"].starts_with("application/xml"));
    // RFC 8292, sections 2 and 3.
    let parameters = headers["authorization"].strip_prefix("vapid ").unwrap();
    let of = |name: &str| parameters.split(", ").find_map(|it| it.strip_prefix(name)).unwrap().to_owned();
    let (token, key) = (of("t="), of("k="));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let key = VerifyingKey::from_sec1_bytes(&bytes(&key)).unwrap();
    let signature = Signature::from_slice(&bytes(signature)).unwrap();
    key.verify(signed.as_bytes(), &signature).expect("signed with the key it names");
    let (head, claims) = signed.split_once('.').unwrap();
    let json = |text: &str| serde_json::from_slice::<serde_json::Value>(&bytes(text)).unwrap();
    assert_eq!((&json(head)["alg"], &json(head)["typ"]), (&"ES256".into(), &"JWT".into()));
    assert_eq!(json(claims)["aud"], origin);
    assert!(json(claims)["sub"].as_str().unwrap().contains(':'));
    assert!(json(claims)["exp"].as_i64().unwrap() > 1_700_000_000);
}

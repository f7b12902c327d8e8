//! HTTP/2 where it is switched on (D-03, L-12): agreed on in the handshake, held to the same rules.

use h2::client::SendRequest;

use super::tls::{Safe, safe_with};
use super::*;

const PROMPT: Duration = Duration::from_secs(8);

async fn with_http2(limits: Limits) -> Safe {
    safe_with(limits, true).await
}

struct Client {
    requests: SendRequest<Bytes>,
    /// Ends when the connection does.
    connection: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    async fn connect(safe: &Safe) -> Self {
        let stream = safe.connect_with(&[b"h2"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        Self { requests, connection: tokio::spawn(connection) }
    }

    /// Sends a request and answers the stream to be read.
    async fn begin(&mut self, path: &str, fields: &[(&str, &str)]) -> h2::client::ResponseFuture {
        let mut request = Request::builder().uri(format!("https://localhost{path}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let mut ready = self.requests.clone().ready().await.unwrap();
        ready.send_request(request.body(()).unwrap(), true).unwrap().0
    }

    async fn get(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let response = self.begin(path, fields).await;
        let response = timeout(PROMPT, response).await.expect("an answer").unwrap();
        let status = response.status().as_u16();
        assert!(response.headers().get("connection").is_none(), "RFC 9113, section 8.2.2");
        (status, text(response.into_body()).await)
    }

    async fn has_ended(self) {
        // Answers and errors both end it; what counts is that it ends.
        let _ = timeout(PROMPT, self.connection).await.expect("the connection is closed").unwrap();
    }
}

async fn text(mut body: h2::RecvStream) -> String {
    let mut bytes = Vec::new();
    while let Some(piece) = timeout(PROMPT, body.data()).await.expect("a piece") {
        let piece = piece.unwrap();
        body.flow_control().release_capacity(piece.len()).unwrap();
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn it_is_served_where_it_is_switched_on_and_the_peer_speaks_it() {
    let safe = with_http2(Limits::default()).await;
    let mut client = Client::connect(&safe).await;
    let (status, said) = client.get("/public/whence", &[]).await;
    assert_eq!((status, said.as_str()), (200, "127.0.0.1 true false true"));
    let (status, said) = client.get("/public/large", &[]).await;
    assert_eq!((status, said.len()), (200, 64 * 1024 * 1024));
    assert_eq!(client.get("/private/a", &[]).await.0, 401, "D-21: identity is each request's own");
    let ada = basic("ada", "secret");
    let ada = ada.trim().strip_prefix("Authorization: ").unwrap();
    assert_eq!(client.get("/private/a", &[("authorization", ada)]).await.0, 200);
    assert_eq!(client.get("/private/a", &[]).await.0, 401, "D-21");
    // A program that does not speak it is served as ever.
    let stream = safe.connect_with(&[b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn it_is_not_offered_unless_it_is_switched_on() {
    let safe = safe_with(Limits::default(), false).await;
    let refused = safe.try_connect_with(&[b"h2"]).await;
    assert!(refused.is_err(), "nothing in common: {refused:?}");
}

#[tokio::test]
async fn the_rules_of_a_request_hold() {
    let safe = with_http2(Limits { uri_bytes: 100, ..Limits::default() }).await;
    let mut client = Client::connect(&safe).await;
    let long = format!("/public/{}", "x".repeat(100));
    assert_eq!(client.get(&long, &[]).await.0, 414, "L-01");
    assert_eq!(client.get("/public/a", &[("host", "other.example.org")]).await.0, 400, "one host");
    assert_eq!(client.get("/public/a", &[("content-encoding", "gzip")]).await.0, 415, "L-13");
    assert_eq!(client.get("/public/panic", &[]).await.0, 500, "D-08");
    assert_eq!(client.get("/public/a", &[]).await.0, 200, "the connection goes on");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_the_others_go_on() {
    let safe = with_http2(Limits { body_bytes: 1024, ..Limits::default() }).await;
    let mut client = Client::connect(&safe).await;
    let request = Request::builder().method("PUT").uri("https://localhost/public/a").body(()).unwrap();
    let (response, mut body) = client.requests.send_request(request, false).unwrap();
    body.send_data(Bytes::from(vec![b'x'; 2000]), true).unwrap();
    assert_eq!(timeout(PROMPT, response).await.unwrap().unwrap().status(), 413, "L-04");
    assert_eq!(client.get("/public/a", &[]).await.0, 200);
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_wait() {
    let safe = with_http2(Limits { http2_streams: 2, ..Limits::default() }).await;
    let mut client = Client::connect(&safe).await;
    assert_eq!(client.get("/public/a", &[]).await.0, 200);
    assert_eq!(client.requests.current_max_send_streams(), 2, "L-12");
    let slow = [client.begin("/public/nap", &[]).await, client.begin("/public/nap", &[]).await];
    assert_eq!(client.get("/public/a", &[]).await.0, 200, "it waits for a place");
    for response in slow {
        assert_eq!(timeout(PROMPT, response).await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn an_idle_connection_has_ended_and_one_in_use_is_not() {
    let limits = Limits { idle_time: Duration::from_millis(100), ..Limits::default() };
    let safe = with_http2(limits).await;
    let mut client = Client::connect(&safe).await;
    assert_eq!(client.get("/public/nap", &[]).await.0, 200, "L-06: at work it is not idle");
    client.has_ended().await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_ends_the_connection() {
    let limits = Limits { write_stall_time: Duration::from_millis(200), ..Limits::default() };
    let safe = with_http2(limits).await;
    let mut client = Client::connect(&safe).await;
    let response = client.begin("/public/large", &[]).await;
    let response = timeout(PROMPT, response).await.unwrap().unwrap();
    // No capacity is given back, and nothing else keeps the connection from being idle.
    let _unread = response.into_body();
    client.has_ended().await;
}

/// One frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

#[tokio::test]
async fn a_peer_that_resets_what_it_asks_for_is_sent_away() {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    let safe = with_http2(Limits::default()).await;
    let mut stream = safe.connect_with(&[b"h2"]).await;
    // GET https://x/public/sleep (RFC 7541, section 6.2.2).
    let mut asked = vec![0x82, 0x87, 0x01, 1, b'x', 0x04, 13];
    asked.extend(b"/public/sleep");
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    for number in (1..400).step_by(2) {
        bytes.extend(frame(HEADERS, 0x5, number, &asked));
        bytes.extend(frame(RST_STREAM, 0, number, &8_u32.to_be_bytes()));
    }
    stream.write_all(&bytes).await.unwrap();
    let said = rest(&mut stream).await;
    assert!(!said.is_empty(), "L-12: the connection ends with a GOAWAY");
    assert_eq!(Client::connect(&safe).await.get("/public/a", &[]).await.0, 200, "others are served");
}

//! What the log says of a request.

use std::io;

use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// A log in memory.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_one_line_without_secrets() {
    let paper = Paper::default();
    let sheet = paper.clone();
    let layer = tracing_subscriber::fmt::layer().json().with_writer(move || sheet.clone());
    let _written = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let house = House::open().await;
    // Other tests run without a log; what they met first would stay silent for us too.
    house.ask("GET /public/first", "").await;
    tracing::callsite::rebuild_interest_cache();
    paper.0.lock().unwrap().clear();
    let fields = format!(
        "{}Cookie: session=cookiesecret\r\nContent-Length: 10\r\n\r\nbodysecret",
        basic("ada", "secret")
    );
    house.ask("PUT /a%0A?token=querysecret", &fields).await;
    house.ask("GET /feeds/feedsecret.ics", "").await;
    let written = || String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    while written().matches("roomdav::access").count() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let text = written();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("D-64: each line is JSON"))
        .filter(|line: &serde_json::Value| line["target"] == "roomdav::access")
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    let seen = |line: &serde_json::Value, key: &str| line["fields"][key].to_string();
    let put = ["method", "path", "user", "status", "whole"].map(|key| seen(&lines[0], key));
    assert_eq!(put, ["\"PUT\"", "\"/a%0A\"", "\"ada\"", "200", "true"]);
    assert_eq!(seen(&lines[1], "status"), "401");
    assert!(lines.iter().all(|line| line["span"]["id"].is_string()), "{text}");
    let token = basic("ada", "secret").split(' ').nth(2).unwrap().trim().to_owned();
    for secret in ["cookiesecret", "bodysecret", "querysecret", "feedsecret", token.as_str()] {
        assert!(!text.contains(secret), "D-64: {secret} in {text}");
    }
}

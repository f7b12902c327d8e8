//! `/metrics`: who is shown it, and what the wall counts.

use super::*;
use crate::config::Network;

async fn shown_to(networks: &[&str], proxies: &[&str]) -> House {
    let server = config::Server {
        metrics_from: networks.iter().map(|text| Network::parse(text).unwrap()).collect(),
        behind_proxy: proxies.iter().map(|text| text.parse().unwrap()).collect(),
        ..config::Server::default()
    };
    House::configured(server, Limits::default()).await
}

#[tokio::test]
async fn metrics_are_told_to_this_machine_without_sign_in() {
    let house = House::open().await;
    let answer = house.ask("GET /metrics", "").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nsome 1\n"), "{answer}");
    assert_eq!(status(&house.ask("HEAD /metrics", "").await), 200);
    let answer = house.ask("POST /metrics", "").await;
    assert!(status(&answer) == 405 && answer.contains("allow: GET, HEAD\r\n"), "{answer}");
}

#[tokio::test]
async fn metrics_are_told_to_nobody_else() {
    let elsewhere = shown_to(&["192.0.2.0/24"], &[]).await;
    let answer = elsewhere.ask("GET /metrics", "").await;
    assert!(status(&answer) == 403 && !answer.contains("some 1"), "{answer}");
    let nobody = shown_to(&[], &[]).await;
    assert_eq!(status(&nobody.ask("GET /metrics", "").await), 403);
    // A health check is nobody's secret.
    assert_eq!(status(&nobody.ask("GET /health/ready", "").await), 200);
}

#[tokio::test]
async fn through_a_proxy_the_address_of_the_client_counts() {
    let house = shown_to(&["127.0.0.1", "192.0.2.0/24"], &["127.0.0.1"]).await;
    let through = async |client: &str| {
        status(&house.ask("GET /metrics", &format!("X-Forwarded-For: {client}\r\n")).await)
    };
    assert_eq!(through("192.0.2.7").await, 200);
    assert_eq!(through("198.51.100.7").await, 403);
    assert_eq!(through("127.0.0.1, 198.51.100.7").await, 403, "what a client claims of itself");
    assert_eq!(status(&house.ask("GET /metrics", "").await), 200, "asked on this machine");
}

#[tokio::test]
async fn whom_an_unknown_proxy_speaks_for_is_a_stranger() {
    let house = House::open().await;
    for field in
        ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 x"]
    {
        let answer = house.ask("GET /metrics", &format!("{field}\r\n")).await;
        assert_eq!(status(&answer), 403, "{field}");
    }
}

#[tokio::test]
async fn requests_and_sign_ins_are_counted() {
    let house = House::open().await;
    house.ask("GET /public/a", "").await;
    house.ask("PUT /a", &basic("ada", "secret")).await;
    house.ask("PUT /a", &basic("ada", "wrong")).await;
    house.ask("PUT /a", &basic("outage", "secret")).await;
    house.ask("PUT /a", "").await;
    house.ask("BREW /public/a", "").await;
    house.ask("GET /public/panic", "").await;
    let metrics = &house.metrics;
    // The last of them is counted when its answer is gone.
    while metrics.requests_in_flight.get() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let requests = |method, status| metrics.requests.get([method, status]);
    assert_eq!(
        [("GET", "2xx"), ("PUT", "2xx"), ("PUT", "4xx"), ("PUT", "5xx"), ("GET", "5xx")]
            .map(|(method, status)| requests(method, status)),
        [1, 1, 2, 1, 1],
        "{}",
        metrics.text()
    );
    let other: u64 = ["2xx", "4xx", "5xx"].into_iter().map(|status| requests("other", status)).sum();
    assert_eq!(other, 1, "a client makes up no label: {}", metrics.text());
    assert_eq!(metrics.panics.get([]), 1);
    let refused = |why| metrics.sign_ins_refused.get([why]);
    assert_eq!((refused("wrong"), refused("unavailable")), (1, 1), "who sends no password is not counted");
    assert!(metrics.text().contains("_duration_seconds_count{method=\"PUT\"} 4\n"), "{}", metrics.text());
    while metrics.connections.get() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn tries_that_come_too_often_are_counted_apart() {
    let house = House::with(|limits| limits.failures_per_pair = 1).await;
    for password in ["a", "b", "c"] {
        house.ask("GET /a", &basic("ada", password)).await;
    }
    let refused = |why| house.metrics.sign_ins_refused.get([why]);
    assert_eq!(refused("wrong") + refused("throttled"), 3);
    assert!(refused("throttled") > 0, "{}", house.metrics.text());
}

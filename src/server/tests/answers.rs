//! What every answer carries, and answers the wall gives itself.

use super::*;

#[tokio::test]
async fn a_panic_is_a_500_with_a_number_and_the_process_lives() {
    let house = House::open().await;
    let answer = house.ask("GET /public/panic", "").await;
    assert_eq!(status(&answer), 500, "D-08");
    let body = answer.split("\r\n\r\n").nth(1).unwrap().trim();
    assert!(!body.is_empty() && body.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "D-74: {body}");
    assert_eq!(house.seen().pop(), Some(format!("broke {body} nobody 127.0.0.1")), "D-08: it is noted");
    assert_eq!(status(&house.ask("GET /public/a", "").await), 200, "D-08");
}

#[tokio::test]
async fn a_body_that_fails_is_not_taken_for_whole() {
    let house = House::open().await;
    let answer = house.ask("GET /public/broken", "").await;
    assert!(answer.contains("xxx"), "L-54: what came before the failure is sent");
    assert!(!answer.ends_with("0\r\n\r\n"), "the end is missing");
}

#[tokio::test]
async fn an_answer_that_grows_too_large_breaks_off() {
    let house = House::with(|limits| limits.answer_bytes = 1024 * 1024).await;
    let answer = house.ask("GET /public/chunks", "").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.len() > 512 * 1024 && answer.len() < 1100 * 1024, "L-54: {}", answer.len());
    assert!(!answer.ends_with("0\r\n\r\n"), "L-54: the end is missing");
    assert_eq!(status(&house.ask("GET /public/a", "").await), 200);
}

#[tokio::test]
async fn answers_are_safe_to_show_in_a_browser() {
    let house = House::open().await;
    let fields = [
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'",
        "cross-origin-resource-policy: same-origin",
        "referrer-policy: no-referrer",
        "cache-control: private, no-cache",
        "vary: Authorization, Cookie",
    ];
    for path in ["/public/a", "/a", "/health/live"] {
        let answer = house.ask(&format!("GET {path}"), "").await;
        for field in fields {
            assert!(answer.contains(&format!("{field}\r\n")), "D-40: {field} in {answer}");
        }
    }
    let own = house.ask("GET /public/policy", "").await;
    assert!(own.contains("content-security-policy: default-src 'self'\r\n"), "{own}");
    assert_eq!(own.matches("content-security-policy").count(), 1, "{own}");
}

#[tokio::test]
async fn an_answer_can_say_in_its_status_line_what_is_the_matter() {
    let house = House::open().await;
    let answer = house.ask("PUT /public/phrase", "").await;
    assert!(answer.starts_with("HTTP/1.1 403 Aula is taken\r\n"), "{answer}");
    let answer = house.ask("PUT /public/bad-phrase", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("Set-Cookie"), "D-07: {answer}");
}

#[tokio::test]
async fn the_well_known_address_redirects_every_method_without_sign_in() {
    let house = House::open().await;
    for method in ["GET", "HEAD", "PROPFIND", "OPTIONS", "REPORT", "PUT", "POST"] {
        for path in ["/.well-known/caldav", "/.well-known/caldav/"] {
            let answer = house.ask(&format!("{method} {path}"), "").await;
            assert_eq!(status(&answer), 301, "R1.1: {method}");
            assert!(answer.contains("location: /\r\n"), "R1.1: {answer}");
        }
        // RFC 7808, section 4.2.1.3.
        for (path, to) in [
            ("/.well-known/timezone", "/tzdist"),
            ("/.well-known/timezone/", "/tzdist"),
            ("/.well-known/timezone/zones/Europe%2FBerlin", "/tzdist/zones/Europe%2FBerlin"),
            ("/.well-known/timezone/zones?pattern=*berlin", "/tzdist/zones?pattern=*berlin"),
        ] {
            let answer = house.ask(&format!("{method} {path}"), "").await;
            assert_eq!(status(&answer), 301, "{method}");
            assert!(answer.contains(&format!("location: {to}\r\n")), "{answer}");
        }
    }
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let house = House::open().await;
    assert!(house.ask("GET /health/live", "").await.ends_with("\r\n\r\nok\n"));
    assert_eq!(status(&house.ask("HEAD /health/ready", "").await), 200);
    let answer = house.ask("POST /health/live", "").await;
    assert!(status(&answer) == 405 && answer.contains("allow: GET, HEAD\r\n"), "{answer}");
}

#[tokio::test]
async fn proxy_headers_count_from_a_proxy_only() {
    let stranger = House::open().await;
    let fields = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n";
    let answer = stranger.ask("GET /public/whence", fields).await;
    assert!(answer.ends_with("127.0.0.1 false false true"), "B-56, D-05: {answer}");
    let server = config::Server { behind_proxy: vec![[127, 0, 0, 1].into()], ..config::Server::default() };
    let limits = Limits { connections_per_address: 1, ..Limits::default() };
    let proxied = House::configured(server, limits).await;
    let answer = proxied.ask("GET /public/whence", fields).await;
    assert!(answer.ends_with("1.2.3.4 true false true"), "D-05: {answer}");
    let mut busy = proxied.connect().await;
    busy.write_all(format!("GET /public/sleep HTTP/1.1\r\nHost: x\r\n{fields}\r\n").as_bytes())
        .await
        .unwrap();
    proxied.has_seen(2).await;
    assert_eq!(status(&proxied.ask("GET /public/a", fields).await), 503, "L-09: one client of a proxy");
    let other = proxied.ask("GET /public/a", "X-Forwarded-For: 5.6.7.8\r\n").await;
    assert_eq!(status(&other), 200, "L-09: the other clients of a proxy");
}

//! Signing in over a socket. What is remembered and how failures are slowed is tested beside
//! the code.

use super::*;

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in() {
    let house = House::open().await;
    let answer = house.ask("PROPFIND /", "").await;
    assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "R1.2: {answer}");
    let challenge = "www-authenticate: Basic realm=\"roomdav\", charset=\"UTF-8\"\r\n";
    assert!(answer.contains(challenge), "R1.2, R7.1: {answer}");
}

#[tokio::test]
async fn login_and_mail_address_are_one_person() {
    let house = House::open().await;
    for name in ["ada", "ADA", "ada@example.org", "Ada%40Example.org"] {
        let answer = house.ask("GET /a", &basic(name, "secret")).await;
        assert!(answer.ends_with("GET /a ada 0"), "R7.3: {name}: {answer}");
    }
}

#[tokio::test]
async fn a_request_without_credentials_is_nobodys_whatever_came_before() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    for _ in 0..2 {
        let request = format!("GET /a HTTP/1.1\r\nHost: x\r\n{}\r\n", basic("ada", "secret"));
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&until(&mut stream, "GET /a ada 0").await), 200);
        stream.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_eq!(status(&until(&mut stream, "Please sign in.\n").await), 401, "D-21, B-54");
    }
}

#[tokio::test]
async fn every_failed_sign_in_gets_the_same_answer() {
    let house = House::with(|limits| limits.failures_per_address = 1000).await;
    let wrong = steady(&house.ask("GET /a", &basic("ada", "wrong")).await);
    assert_eq!(status(&wrong), 401);
    let long = "x".repeat(1025);
    let pairs = [
        ("bob", "secret"),
        ("", "secret"),
        ("ada", ""),
        (".*", "secret"),
        ("%", "secret"),
        ("admin'--", "x"),
        ("a/b", "x"),
        ("..", "x"),
        ("ada\0", "secret"),
        ("ada", "secret\0"),
        ("ada", long.as_str()),
    ];
    for (user, password) in pairs {
        let answer = steady(&house.ask("GET /a", &basic(user, password)).await);
        assert_eq!(answer, wrong, "B-55, D-22: {user:?}");
    }
    let fields = [
        "",
        "Authorization: Basic\r\n",
        "Authorization: Basic ????\r\n",
        "Authorization: Basic YWRh\r\n",
        "Authorization: Bearer abc\r\n",
        "Authorization: Digest username=\"ada\"\r\n",
        "Authorization: \r\n",
        "Authorization: YWRhOnNlY3JldA==\r\n",
    ];
    for field in fields {
        assert_eq!(steady(&house.ask("GET /a", field).await), wrong, "B-55: {field}");
    }
    let both = format!("{0}{0}", basic("ada", "secret"));
    assert_eq!(status(&house.ask("GET /a", &both).await), 400, "B-55: two fields");
    assert_eq!(house.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn many_failures_are_slowed_and_a_good_sign_in_passes_all_the_same() {
    let house = House::with(|limits| limits.failures_per_pair = 2).await;
    assert_eq!(status(&house.ask("GET /a", &basic("ada", "secret")).await), 200);
    for number in 0..2 {
        assert_eq!(
            status(&house.ask("GET /a", &basic("ada", &format!("wrong {number}"))).await),
            401,
            "L-63"
        );
    }
    let answer = house.ask("GET /a", &basic("ada", "wrong again")).await;
    assert_eq!(status(&answer), 429, "L-63");
    assert!(answer.contains("retry-after: 1\r\n"), "L-63: {answer}");
    assert_eq!(status(&house.ask("GET /a", &basic("ada", "secret")).await), 200, "L-63: a remembered one");
}

#[tokio::test]
async fn when_accounts_cannot_be_read_nobody_is_called_wrong() {
    let house = House::open().await;
    let answer = house.ask("GET /a", &basic("outage", "secret")).await;
    assert_eq!(status(&answer), 503, "never 401 or 403 for an outage: {answer}");
}

#[tokio::test]
async fn public_places_do_not_look_at_credentials() {
    let house = House::open().await;
    assert!(house.ask("GET /public/a", &basic("ada", "wrong")).await.ends_with("nobody 0"));
}

//! What makes a request acceptable at all.
//! RFC 4918, section 12.2.

use super::*;

/// Sends a request followed by a second one, and wants one refusal and then nothing.
async fn is_cut_off(house: &House, what: &str, first: &str, code: u16) {
    let second = "GET /public/second HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = house.send(format!("{first}{second}")).await;
    assert_eq!(status(&answer), code, "{what}: {answer}");
    assert_eq!(answers(&answer), 1, "{what}: {answer}");
    assert_eq!(house.seen(), Vec::<String>::new(), "{what}");
}

#[tokio::test]
async fn a_request_whose_end_is_in_doubt_is_refused_and_nothing_after_it_is_read() {
    let house = House::open().await;
    let put = |fields: &str, body: &str| format!("PUT /public/a HTTP/1.1\r\nHost: x\r\n{fields}\r\n{body}");
    let chunks = "3\r\nabc\r\n0\r\n\r\n";
    let cases = [
        ("two lengths", put("Content-Length: 3\r\nContent-Length: 4\r\n", "abc")),
        ("a list of lengths", put("Content-Length: 3, 4\r\n", "abc")),
        ("a negative length", put("Content-Length: -3\r\n", "abc")),
        ("a signed length", put("Content-Length: +3\r\n", "abc")),
        ("a hexadecimal length", put("Content-Length: 0x3\r\n", "abc")),
        ("an unknown coding", put("Transfer-Encoding: xchunked\r\n", chunks)),
        (
            "chunked and identity",
            put("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks),
        ),
        ("identity, chunked", put("Transfer-Encoding: identity, chunked\r\n", chunks)),
        ("chunked twice", put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks)),
        ("no host", "PUT /public/a HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("two hosts", put("Host: y\r\nContent-Length: 0\r\n", "")),
        (
            "a host that is none",
            "PUT /public/a HTTP/1.1\r\nHost: a b\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
        ("a user in the host", "PUT /public/a HTTP/1.1\r\nHost: u@x\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("space before the colon", put("Content-Length : 3\r\n", "abc")),
        ("a folded field", put("X-A: b\r\n c\r\nContent-Length: 0\r\n", "")),
        (
            "a chunk size beyond 64 bits",
            put("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
        ),
        ("a chunk size that is none", put("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n")),
        (
            "chunks in HTTP/1.0",
            "PUT /public/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        ),
    ];
    for (what, request) in cases {
        is_cut_off(&house, &format!("B-50: {what}"), &request, 400).await;
    }
}

#[tokio::test]
async fn length_and_chunks_together_are_answered_once() {
    let house = House::open().await;
    let request = "PUT /public/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n0\r\n\r\nGET /public/second HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = house.send(request).await;
    assert_eq!(answers(&answer), 1, "B-50: {answer}");
    assert!(house.seen().iter().all(|line| !line.contains("second")), "B-50");
}

#[tokio::test]
async fn after_a_chunked_request_the_connection_is_closed() {
    let house = House::open().await;
    let request = "PUT /public/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n\
                   3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: dropped\r\n\r\n";
    let answer = house.send(request).await;
    assert!(answer.contains("connection: close\r\n"), "D-02: {answer}");
    assert!(answer.ends_with("PUT /public/a nobody 5"), "{answer}");
}

#[tokio::test]
async fn the_target_is_in_origin_form_behind_the_wall() {
    let house = House::open().await;
    assert!(house.ask("GET http://x/public/a?b", "").await.ends_with("GET /public/a?b nobody 0"));
    assert_eq!(status(&house.ask("GET http://y/public/a", "").await), 400, "B-47: two hosts");
    assert_eq!(status(&house.ask("GET *", "").await), 400, "B-47");
    assert_eq!(status(&house.ask("GET /public/%zz", "").await), 400, "B-47");
    assert_eq!(status(&house.ask("GET /public/%4", "").await), 400, "B-47");
    assert_eq!(status(&house.ask("TRACE /public/a", "").await), 501, "D-04");
    assert_eq!(status(&house.ask("CONNECT x:80", "").await), 501, "D-04");
    assert_eq!(status(&house.send("GET /public/a HTTP/1.0\r\n\r\n").await.replace("1.0", "1.1")), 200);
}

#[tokio::test]
async fn targets_have_a_greatest_length() {
    let house = House::with(|limits| limits.path_segment_bytes = 16 * 1024).await;
    for (bytes, code) in [(8191, 200), (8192, 200), (8193, 414), (9 * 1024, 414)] {
        let target = format!("/public/{}", "a".repeat(bytes - "/public/".len()));
        assert_eq!(status(&house.ask(&format!("GET {target}"), "").await), code, "L-01: {bytes}");
    }
}

#[tokio::test]
async fn paths_have_a_greatest_depth_and_width() {
    let house = House::open().await;
    let deep = |count: usize| format!("/public{}", "/a".repeat(count - 1));
    for (count, code) in [(15, 200), (16, 200), (17, 404)] {
        assert_eq!(status(&house.ask(&format!("GET {}", deep(count)), "").await), code, "L-14: {count}");
    }
    let wide = |count: usize| format!("/public/{}", "%41".repeat(count));
    for (count, code) in [(254, 200), (255, 200), (256, 404)] {
        assert_eq!(status(&house.ask(&format!("GET {}", wide(count)), "").await), code, "L-14: {count}");
    }
    assert_eq!(status(&house.ask(&format!("DELETE {}", deep(17)), "").await), 403, "L-14: writes");
}

#[tokio::test]
async fn header_blocks_have_a_greatest_size_and_count() {
    let house = House::open().await;
    let frame = "GET /public/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: \r\n\r\n".len();
    for (bytes, code) in [(32 * 1024 - 1, 200), (32 * 1024, 200), (32 * 1024 + 1, 431)] {
        let field = format!("X: {}\r\n", "a".repeat(bytes - frame));
        assert_eq!(status(&house.ask("GET /public/a", &field).await), code, "L-02: {bytes}");
    }
    for (count, code) in [(99, 200), (100, 200), (101, 431)] {
        let fields = "X: a\r\n".repeat(count - 2);
        assert_eq!(status(&house.ask("GET /public/a", &fields).await), code, "L-02: {count}");
    }
    let token = format!("Authorization: Basic {}\r\n", "a".repeat(1024 * 1024));
    assert_eq!(status(&house.ask("GET /", &token).await), 431, "B-55");
}

#[tokio::test]
async fn only_known_hosts_are_served_where_a_list_is_configured() {
    let hosts = vec!["cal.example.org".to_owned()];
    let house =
        House::configured(config::Server { hosts, ..config::Server::default() }, Limits::default()).await;
    let to = |host: &str| format!("GET /public/a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&house.send(to("Cal.Example.org")).await), 200, "D-06");
    assert_eq!(status(&house.send(to("cal.example.org:8443")).await), 200, "D-06");
    assert_eq!(status(&house.send(to("evil.example")).await), 421, "D-06");
    assert_eq!(
        status(&house.send("GET /public/a HTTP/1.0\r\n\r\n").await.replace("1.0", "1.1")),
        421,
        "D-06"
    );
}

#[tokio::test]
async fn a_coded_or_partial_body_is_refused() {
    let house = House::open().await;
    let answer = house.ask("PUT /public/a", "Content-Encoding: gzip\r\nContent-Length: 0\r\n").await;
    assert_eq!(status(&answer), 415, "L-13, B-51");
    assert!(answer.contains("accept-encoding: identity\r\n"), "RFC 9110, section 15.5.16: {answer}");
    assert_eq!(status(&house.ask("PUT /public/a", "Content-Encoding: identity\r\n").await), 200);
    assert_eq!(status(&house.ask("PUT /public/a", "Content-Range: bytes 0-1/9\r\n").await), 400, "B-31");
}

#[tokio::test]
async fn a_browser_changes_nothing_on_behalf_of_another_site() {
    let house = House::open().await;
    let foreign = [
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
    ];
    let own = [
        "",
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Origin: http://cal.example.org\r\n",
    ];
    for method in ["PUT", "POST", "DELETE", "PROPPATCH", "MKCALENDAR", "MOVE"] {
        for fields in foreign {
            let code = status(&house.ask(&format!("{method} /public/a"), fields).await);
            assert_eq!(code, 403, "D-44, B-57: {method} {fields}");
        }
        for fields in own {
            assert_eq!(
                status(&house.ask(&format!("{method} /public/a"), fields).await),
                200,
                "D-44: {method} {fields}"
            );
        }
    }
    for method in ["GET", "OPTIONS", "PROPFIND", "REPORT"] {
        assert_eq!(
            status(&house.ask(&format!("{method} /public/a"), foreign[0]).await),
            200,
            "D-44: {method}"
        );
    }
}

#[tokio::test]
async fn a_fragment_in_the_target_is_not_dropped_but_refused() {
    // RFC 9112, section 3.2: a DELETE of it would be one of what is before it.
    let house = House::open().await;
    for target in ["/public/a/#b", "/public/a#", "/public/a?b#c"] {
        assert_eq!(status(&house.ask(&format!("DELETE {target}"), "").await), 400, "{target}");
    }
    let mut stream = house.connect().await;
    for piece in ["\r\nDELETE /public/", "a/#", "b HTTP/1.1\r\n", "Host: x\r\n\r\n"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status(&rest(&mut stream).await), 400);
    assert_eq!(house.seen(), Vec::<String>::new());
    let fine = house.ask("GET /public/a", "X-Color: #fff\r\n").await;
    assert_eq!(status(&fine), 200, "elsewhere it is what it is");
}

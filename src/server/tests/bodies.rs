//! Bodies of requests: whole, in time, and within their size.

use super::*;

const PUT: &str = "PUT /public/a HTTP/1.1\r\nHost: x\r\n";

fn put(length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("{PUT}Connection: close\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn bodies_have_a_greatest_size() {
    let house = House::with(|limits| limits.body_bytes = 2048).await;
    for (bytes, code) in [(2047, 200), (2048, 200), (2049, 413)] {
        let answer = house.send(put(bytes, &vec![b'a'; bytes])).await;
        assert_eq!(status(&answer), code, "L-04: {bytes}");
    }
    let chunks = format!("{PUT}Transfer-Encoding: chunked\r\n\r\n801\r\n{}\r\n0\r\n\r\n", "a".repeat(2049));
    assert_eq!(status(&house.send(chunks).await), 413, "L-04: without a length");
    assert_eq!(house.seen().len(), 2);
}

#[tokio::test]
async fn an_answer_to_a_large_body_is_read_and_not_lost_in_a_reset() {
    let house = House::open().await;
    let answer = house.send(put(5 * 1024 * 1024, &vec![b'a'; 900 * 1024])).await;
    assert_eq!(status(&answer), 413, "L-04");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn who_asks_before_sending_is_refused_before_sending() {
    let house = House::open().await;
    let expect = "Expect: 100-continue\r\n";
    let large = house.ask("PUT /public/a", &format!("{expect}Content-Length: 5000000\r\n")).await;
    assert_eq!(status(&large), 413, "B-52");
    let stranger = house.ask("PUT /a", &format!("{expect}Content-Length: 3\r\n")).await;
    assert_eq!(status(&stranger), 401, "B-52");
    assert_eq!(house.seen(), Vec::<String>::new());
    let mut stream = house.connect().await;
    stream.write_all(format!("{PUT}{expect}Content-Length: 3\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").await.unwrap();
    assert_eq!(status(&until(&mut stream, "nobody 3").await), 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let house = House::with(|limits| limits.body_start_time = Duration::from_millis(100)).await;
    let answer = house.send(put(3, b"")).await;
    assert_eq!(status(&answer), 408, "L-05, B-53");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn who_sends_slowly_keeps_nobody_out_until_it_is_much() {
    let house = House::with(|limits| limits.requests_at_once = 1).await;
    let mut slow = house.connect().await;
    slow.write_all(&put(40_000, &[b'a'; 1000])).await.unwrap();
    let mut second = house.connect().await;
    second.write_all(&put(40_000, &[b'b'; 1000])).await.unwrap();
    house.comes_to("GET /public/a", 200).await;
    // L-10: beyond 16 KiB there is one seat.
    slow.write_all(&vec![b'a'; 20_000]).await.unwrap();
    house.comes_to("GET /public/a", 503).await;
    second.write_all(&vec![b'b'; 20_000]).await.unwrap();
    let refused = rest(&mut second).await;
    assert_eq!(status(&refused), 503, "L-10: {refused}");
    assert!(refused.contains("connection: close\r\n"), "what would still come is not read: {refused}");
    slow.write_all(&vec![b'a'; 19_000]).await.unwrap();
    assert_eq!(status(&rest(&mut slow).await), 200, "who had the seat goes on");
    house.comes_to("GET /public/a", 200).await;
}

/// Sends ten bytes a time, with a pause between.
async fn trickle(house: &House, pause: Duration) -> String {
    let (mut reader, mut writer) = house.connect().await.into_split();
    let sending = tokio::spawn(async move {
        writer.write_all(&put(1_000_000, b"")).await.unwrap();
        while writer.write_all(b"aaaaaaaaaa").await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    });
    let answer = rest(&mut reader).await;
    sending.abort();
    answer
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let slow = House::with(|limits| {
        limits.body_rate = 10_000;
        limits.body_rate_time = Duration::from_millis(100);
    });
    assert_eq!(status(&trickle(&slow.await, Duration::from_millis(10)).await), 408, "L-05: rate");
    let long = House::with(|limits| {
        limits.body_rate = 1;
        limits.body_rate_time = Duration::from_millis(50);
        limits.body_time = Duration::from_millis(200);
    });
    assert_eq!(status(&trickle(&long.await, Duration::from_millis(10)).await), 408, "L-05: whole time");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let house = House::open().await;
    for request in
        [put(10, b"abc"), format!("{PUT}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").into_bytes()]
    {
        let mut stream = house.connect().await;
        stream.write_all(&request).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        // A client that has gone may get its answer or not.
        assert!(answer.is_empty() || status(&answer) == 400, "D-02, B-50: {answer}");
    }
    assert_eq!(house.seen(), Vec::<String>::new(), "D-02");
}

#[tokio::test]
async fn a_small_body_nobody_wanted_leaves_the_connection_usable() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    stream.write_all(b"PROPFIND /a HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    stream.write_all(b"<a/>\r\n").await.unwrap();
    assert_eq!(status(&until(&mut stream, "Please sign in.\n").await), 401);
    stream.write_all(b"GET /public/a HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(status(&until(&mut stream, "nobody 0").await), 200);
}

/// A request to put a file of so many bytes, of which these are sent.
fn put_file(name: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("PUT /public/files/{name} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_file_may_be_larger_than_other_bodies_and_has_a_greatest_size_too() {
    let house = House::with(|limits| {
        limits.body_bytes = 2048;
        limits.file_body_bytes = 300_000;
    });
    let house = house.await;
    for (bytes, code) in [(2049, 200), (299_999, 200), (300_000, 200), (300_001, 413)] {
        let mut stream = house.connect().await;
        stream.write_all(&put_file("a", bytes, &vec![b'a'; bytes])).await.unwrap();
        let end = if code == 200 { format!("nobody {bytes}") } else { "too large.\n".to_owned() };
        assert_eq!(status(&until(&mut stream, &end).await), code, "L-04: {bytes}");
    }
    let body = "a".repeat(300_001);
    let chunks = format!(
        "PUT /public/files/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(status(&house.send(chunks).await), 413, "L-04: without a length");
    let elsewhere = house.send(put(2049, &vec![b'a'; 2049])).await;
    assert_eq!(status(&elsewhere), 413, "L-04: other bodies");
}

#[tokio::test]
async fn a_file_that_breaks_off_or_trickles_is_no_file_whatever_the_handler_says() {
    let house = House::with(|limits| limits.body_start_time = Duration::from_millis(100)).await;
    let mut stream = house.connect().await;
    stream.write_all(&put_file("a", 200_000, b"")).await.unwrap();
    assert_eq!(status(&rest(&mut stream).await), 408, "L-05");
    let mut stream = house.connect().await;
    stream.write_all(&put_file("a", 200_000, b"abc")).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.is_empty() || status(&answer) == 400, "D-02: {answer}");
    assert_eq!(house.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_before_the_file_was_read_ends_the_connection() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    stream.write_all(&put_file("unread", 200_000, b"abc")).await.unwrap();
    let answer = rest(&mut stream).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    // One that was read leaves it open.
    let mut stream = house.connect().await;
    for _ in 0..2 {
        stream.write_all(&put_file("a", 200_000, &vec![b'a'; 200_000])).await.unwrap();
        assert_eq!(status(&until(&mut stream, "nobody 200000").await), 200);
    }
}

#[tokio::test]
async fn who_asks_before_sending_a_file_is_told_to_go_on_when_it_is_wanted() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    let head =
        "PUT /public/files/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 200000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&vec![b'a'; 200_000]).await.unwrap();
    assert_eq!(status(&until(&mut stream, "nobody 200000").await), 200);
    let unread =
        house.ask("PUT /public/files/unread", "Expect: 100-continue\r\nContent-Length: 200000\r\n").await;
    assert_eq!(status(&unread), 200, "B-52");
}

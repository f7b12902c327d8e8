//! Connections: how many, how long, and how they end.

use super::*;

const GET: &[u8] = b"GET /public/a HTTP/1.1\r\nHost: x\r\n\r\n";

fn short() -> Duration {
    Duration::from_millis(100)
}

#[tokio::test]
async fn a_header_block_that_does_not_end_is_not_waited_for() {
    let house = House::with(|limits| limits.header_time = short()).await;
    let mut stream = house.connect().await;
    stream.write_all(b"GET /public/a HTTP/1.1\r\nHo").await.unwrap();
    assert_eq!(rest(&mut stream).await, "", "L-03, B-53");
    let mut stream = house.connect().await;
    stream.write_all(GET).await.unwrap();
    until(&mut stream, "nobody 0").await;
    stream.write_all(b"GET").await.unwrap();
    assert_eq!(rest(&mut stream).await, "", "L-03: also of a later request");
}

#[tokio::test]
async fn a_header_block_may_not_be_sent_byte_by_byte_for_ever() {
    let house = House::with(|limits| limits.header_time = short()).await;
    let (mut reader, mut writer) = house.connect().await.into_split();
    let sending = tokio::spawn(async move {
        while writer.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert_eq!(rest(&mut reader).await, "", "L-03");
    sending.abort();
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_used_one_is_not() {
    let house = House::with(|limits| limits.idle_time = Duration::from_millis(600)).await;
    let mut silent = house.connect().await;
    assert_eq!(rest(&mut silent).await, "", "L-06: never used");
    let mut stream = house.connect().await;
    for _ in 0..4 {
        stream.write_all(GET).await.unwrap();
        assert_eq!(status(&until(&mut stream, "nobody 0").await), 200, "L-06");
        tokio::time::sleep(2 * short()).await;
    }
    assert_eq!(rest(&mut stream).await, "", "L-06: not used any more");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let house = House::open().await;
    let many: String = (0..200).fold(String::new(), |all, number| {
        all + &format!("GET /public/{number} HTTP/1.1\r\nHost: x\r\n\r\n")
    });
    let mut stream = house.connect().await;
    stream.write_all(many.as_bytes()).await.unwrap();
    assert_eq!(answers(&until(&mut stream, "GET /public/199 nobody 0").await), 200, "B-53");
    let order: Vec<String> = (0..200).map(|number| format!("GET /public/{number} nobody 0")).collect();
    assert_eq!(house.seen(), order, "B-53");
}

#[tokio::test]
async fn an_address_has_its_share_of_connections() {
    let house = House::with(|limits| limits.connections_per_address = 2).await;
    let (mut first, _second) = (house.connect().await, house.connect().await);
    first.write_all(GET).await.unwrap();
    until(&mut first, "nobody 0").await;
    assert_eq!(house.send(GET).await, "", "L-09: the third is closed");
    drop(first);
    house.comes_to("GET /public/a", 200).await;
}

#[tokio::test]
async fn at_the_most_connections_new_ones_wait() {
    let house = House::with(|limits| limits.connections = 1).await;
    let mut first = house.connect().await;
    first.write_all(GET).await.unwrap();
    until(&mut first, "nobody 0").await;
    let mut second = house.connect().await;
    second.write_all(GET).await.unwrap();
    let mut byte = [0; 1];
    assert!(timeout(short(), second.read(&mut byte)).await.is_err(), "L-09: accepting pauses");
    drop(first);
    assert_eq!(status(&until(&mut second, "nobody 0").await), 200, "L-09: and goes on");
}

#[tokio::test]
async fn beyond_the_requests_in_hand_it_says_come_again() {
    let house = House::with(|limits| limits.requests_at_once = 1).await;
    let mut stream = house.connect().await;
    stream.write_all(b"GET /public/sleep HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    house.has_seen(1).await;
    let answer = house.ask("GET /public/a", "").await;
    assert_eq!(status(&answer), 503, "L-10");
    assert!(answer.contains("retry-after: 1\r\n"), "L-10: {answer}");
    assert_eq!(status(&house.ask("GET /health/ready", "").await), 200, "health is outside the count");
    // L-10: who went away holds nothing.
    drop(stream);
    house.comes_to("GET /public/a", 200).await;
}

#[tokio::test]
async fn handling_takes_no_longer_than_its_time() {
    let house = House::with(|limits| limits.request_time = short()).await;
    let answer = house.ask("GET /public/sleep", "").await;
    assert_eq!(status(&answer), 503, "L-07");
    assert!(answer.contains("retry-after: "), "L-07: {answer}");
    assert_eq!(status(&house.ask("REPORT /public/nap", "").await), 200, "L-07: a REPORT has longer");
    let stuck = house.ask("GET /public/stuck", "").await;
    assert!(!stuck.ends_with("0\r\n\r\n"), "L-07: a body that stands still is cut off");
}

#[tokio::test]
async fn an_answer_nobody_takes_is_given_up() {
    let house = House::with(|limits| limits.write_stall_time = short()).await;
    let mut stream = house.connect().await;
    stream.write_all(b"GET /public/large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(rest(&mut stream).await.len() < LARGE, "L-08");
}

#[tokio::test]
async fn stopping_lets_requests_finish_and_takes_no_new_ones() {
    let house = House::open().await;
    let mut idle = house.connect().await;
    let mut busy = house.connect().await;
    busy.write_all(b"GET /public/nap HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    house.has_seen(1).await;
    house.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    let answer = rest(&mut busy).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    timeout(Duration::from_secs(5), house.task).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(house.address).await.is_err());
}

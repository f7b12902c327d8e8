//! Large bodies: in pieces, whole or not at all, and parts of them. RFC 9110, section 14; B-65.

use bytes::Bytes;
use roomdav::jobs::tidy_files;
use roomdav::store::PIECE_BYTES;

use super::{ada, house, put, transfer};
use crate::support::{Client, Reply, TestServer, Wire, on_both};

/// Bytes that are different at every place.
fn noise(len: usize) -> Bytes {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..len).map(next).collect()
}

async fn range(client: &Client<'_>, range: &str, more: &[(&str, &str)]) -> Reply {
    let mut headers = vec![("range", range)];
    headers.extend_from_slice(more);
    client.send("GET", &ada("f"), &headers, "").await
}

/// Lets an hour pass, and what is left over go; how many bodies went.
async fn an_hour(server: &TestServer) -> u64 {
    server.clock.set(server.clock.now().plus(3_601));
    tidy_files(server.bookings.store(), server.clock.now()).await.unwrap()
}

#[tokio::test]
async fn a_body_of_any_size_comes_back() {
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        for len in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 3 * PIECE_BYTES + 7]
        {
            let body = noise(len);
            let reply = client.send_bytes("PUT", &ada("f"), &[], body.clone()).await;
            assert_eq!(reply.status, if len == 0 { 201 } else { 204 });
            let got = client.get(&ada("f")).await.expect(200);
            assert!(got.bytes() == body, "{len}");
            assert_eq!(got.header("content-length"), Some(len.to_string().as_str()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_body_is_the_part_that_was_asked_for() {
    // RFC 9110, sections 14.2 to 14.4 and 15.5.17.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let len = 2 * PIECE_BYTES + 100;
        let body = noise(len);
        let etag = client.send_bytes("PUT", &ada("f"), &[], body.clone()).await.expect(201).etag();
        let end = len - 1;
        for (first, last) in
            [(0, 0), (0, end), (10, PIECE_BYTES), (PIECE_BYTES, PIECE_BYTES), (PIECE_BYTES - 1, end)]
        {
            let part = range(&client, &format!("bytes={first}-{last}"), &[]).await.expect(206);
            assert!(part.bytes() == &body[first..=last], "{first}-{last}");
            assert_eq!(part.header("content-range"), Some(format!("bytes {first}-{last}/{len}").as_str()));
            assert_eq!(part.etag(), etag);
        }
        assert!(range(&client, "bytes=-100", &[]).await.expect(206).bytes() == &body[len - 100..]);
        let beyond = range(&client, &format!("bytes={len}-"), &[]).await.expect(416);
        assert_eq!(beyond.header("content-range"), Some(format!("bytes */{len}").as_str()));
        range(&client, "bytes=0-9", &[("if-range", "\"other\"")]).await.expect(200);
        range(&client, "bytes=0-9", &[("if-range", &etag)]).await.expect(206);
        range(&client, "bytes=0-9,20-29", &[]).await.expect(200);
        range(&client, "bytes=0-9", &[("if-none-match", &etag)]).await.expect(304);
        let head = client.send("HEAD", &ada("f"), &[("range", "bytes=0-9")], "").await.expect(200);
        assert_eq!(head.header("content-length"), Some(len.to_string().as_str()));
        assert_eq!(head.header("accept-ranges"), Some("bytes"));
    })
    .await;
}

#[tokio::test]
async fn a_date_of_change_is_a_condition_too() {
    // RFC 4918, section 15.7; RFC 9110, sections 13.1.3 and 13.1.4.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let etag = put(&client, &ada("f"), "x").await.expect(201).etag();
        let changed = client.get(&ada("f")).await.header("last-modified").unwrap().to_owned();
        assert_eq!(changed, "Sun, 28 Feb 2027 08:00:00 GMT");
        let get = async |headers: &[(&str, &str)]| client.send("GET", &ada("f"), headers, "").await.status;
        assert_eq!(get(&[("if-modified-since", &changed)]).await, 304);
        assert_eq!(get(&[("if-modified-since", "Sun, 28 Feb 2027 07:59:59 GMT")]).await, 200);
        assert_eq!(get(&[("if-modified-since", &changed), ("if-none-match", "\"other\"")]).await, 200);
        assert_eq!(get(&[("if-unmodified-since", "Sun, 28 Feb 2027 07:59:59 GMT")]).await, 412);
        assert_eq!(get(&[("if-unmodified-since", &changed), ("if-match", &etag)]).await, 200);
        assert_eq!(get(&[("if-modified-since", "yesterday")]).await, 200);
    })
    .await;
}

#[tokio::test]
async fn a_file_comes_over_the_wire_in_chunks_or_with_a_length() {
    // L-04: more than other bodies may have.
    on_both(async |server| {
        house(&server).await;
        let wire = Wire::open(&server).await;
        let program = wire.program("ada").await;
        let body = noise(5 << 20);
        let mut connection = wire.connect().await;
        connection.write(&program.request("PUT", &ada("long"), &[], &body)).await;
        connection.reply("PUT").await.expect(201);
        connection.write(&program.request("GET", &ada("long"), &[], b"")).await;
        let got = connection.reply("GET").await.expect(200);
        assert!(got.bytes() == body);
        // B-64, D-40.
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        assert_eq!(got.header("content-security-policy"), Some(policy));
        let mut request = program.request("PUT", &ada("chunks"), &[("Transfer-Encoding", "chunked")], b"");
        request.truncate(request.len() - "Content-Length: 0\r\n\r\n".len());
        request.extend_from_slice(b"\r\n");
        for piece in body.chunks(100_000) {
            request.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            request.extend_from_slice(piece);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        let mut connection = wire.connect().await;
        connection.write(&request).await;
        connection.reply("PUT").await.expect(201);
        assert!(server.client("ada").get(&ada("chunks")).await.expect(200).bytes() == body);
        // Elsewhere 4 MiB are the end.
        let mut connection = wire.connect().await;
        connection
            .write(&program.request("PUT", "/calendars/users/ada/reservations/x.ics", &[], &body))
            .await;
        connection.reply("PUT").await.expect(413);
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_anyway_is_refused_before_it_is_sent() {
    // B-52.
    on_both(async |server| {
        house(&server).await;
        let wire = Wire::open(&server).await;
        let program = wire.program("ada").await;
        put(&server.client("ada"), &ada("f"), "old").await.expect(201);
        for (path, header, status) in [
            (ada("f"), ("If-None-Match", "*"), 412),
            (ada("none/f"), ("X-A", "b"), 409),
            ("/files/users/bob/f".to_owned(), ("X-A", "b"), 409),
            ("/files/rooms/aula/f".to_owned(), ("X-A", "b"), 403),
        ] {
            let headers = [header, ("Expect", "100-continue"), ("Content-Length", "1000000")];
            let mut request = program.request("PUT", &path, &headers, b"");
            request.truncate(request.len() - "Content-Length: 0\r\n\r\n".len());
            request.extend_from_slice(b"\r\n");
            let mut connection = wire.connect().await;
            connection.write(&request).await;
            connection.reply("PUT").await.expect(status);
        }
        let large = [("Expect", "100-continue"), ("Content-Length", "67108865")];
        let mut request = program.request("PUT", &ada("f"), &large, b"");
        request.truncate(request.len() - "Content-Length: 0\r\n\r\n".len());
        request.extend_from_slice(b"\r\n");
        let mut connection = wire.connect().await;
        connection.write(&request).await;
        connection.reply("PUT").await.expect(413);
        assert_eq!(server.client("ada").get(&ada("f")).await.expect(200).text(), "old");
    })
    .await;
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_old_one_and_nothing_for_long() {
    // B-65, D-02.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        put(&client, &ada("f"), "old").await.expect(201);
        let wire = Wire::open(&server).await;
        let program = wire.program("ada").await;
        let request = program.request("PUT", &ada("f"), &[], &noise(3 * PIECE_BYTES));
        let mut connection = wire.connect().await;
        connection.write(&request[..request.len() - 10]).await;
        connection.finish().await;
        let rest = String::from_utf8_lossy(&connection.rest().await).into_owned();
        // A client that has gone may get its answer or not.
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 400"), "{rest}");
        assert_eq!(client.get(&ada("f")).await.expect(200).text(), "old");
        // What came of it is gone with it, and nothing is left to be tidied.
        assert_eq!(an_hour(&server).await, 0);
        assert_eq!(an_hour(&server).await, 0);
        assert_eq!(client.get(&ada("f")).await.expect(200).text(), "old");
    })
    .await;
}

#[tokio::test]
async fn who_reads_a_body_reads_it_to_the_end_though_another_takes_its_place() {
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        // More than the sockets between hold.
        let (old, new) = (noise(16 << 20), noise(3 * PIECE_BYTES));
        client.send_bytes("PUT", &ada("f"), &[], old.clone()).await.expect(201);
        let wire = Wire::open(&server).await;
        let program = wire.program("ada").await;
        let mut connection = wire.connect().await;
        connection.write(&program.request("GET", &ada("f"), &[], b"")).await;
        connection.wait().await;
        client.send_bytes("PUT", &ada("f"), &[], new.clone()).await.expect(204);
        assert!(connection.reply("GET").await.expect(200).bytes() == old);
        assert!(client.get(&ada("f")).await.expect(200).bytes() == new);
    })
    .await;
}

#[tokio::test]
async fn a_body_stays_as_long_as_one_file_has_it() {
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        client.send_bytes("PUT", &ada("f"), &[], noise(20 * PIECE_BYTES)).await.expect(201);
        transfer(&client, "COPY", &ada("f"), &ada("g"), &[]).await.expect(201);
        client.delete(&ada("f")).await.expect(204);
        assert_eq!(an_hour(&server).await + an_hour(&server).await, 0);
        assert_eq!(client.get(&ada("g")).await.expect(200).bytes().len(), 20 * PIECE_BYTES);
        client.delete(&ada("g")).await.expect(204);
        assert_eq!(an_hour(&server).await, 0, "somebody may be reading it");
        assert_eq!(an_hour(&server).await, 1, "the copy was the same body");
    })
    .await;
}

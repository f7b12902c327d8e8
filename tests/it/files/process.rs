//! The memory of a real server while a large file goes in and out. C8, P-10.

use std::io::{Read as _, Write as _};

use crate::command::{House, Running, on_both};

const MIB: usize = 1 << 20;
/// What C8 allows, in KiB.
pub(crate) const MOST_KIB: u64 = 16 * 1024;

/// The `index`th MiB of the file.
fn block(index: usize) -> Vec<u8> {
    (0..MIB).map(|at| u8::try_from((at * 31 + at / 251 + index * 7) % 256).unwrap()).collect()
}

/// PUT or POST of so many MiB; the answer.
pub(crate) fn send(server: &Running, method: &str, path: &str, blocks: usize) -> String {
    let (mut stream, fields) = server.connect("ada", "secret");
    let length = blocks * MIB;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    for index in 0..blocks {
        stream.write_all(&block(index)).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    answer
}

/// GET of the same, held against what was put as it comes.
pub(crate) fn get(server: &Running, path: &str, blocks: usize) {
    let (mut stream, fields) = server.connect("ada", "secret");
    write!(stream, "GET {path} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.contains(&format!("content-length: {}\r\n", blocks * MIB))
    );
    let mut came = vec![0; MIB];
    for index in 0..blocks {
        stream.read_exact(&mut came).unwrap();
        assert!(came == block(index), "MiB {index}");
    }
    assert_eq!(stream.read(&mut came).unwrap(), 0);
}

#[tokio::test]
async fn sixty_four_mib_go_in_and_out_through_less_than_sixteen() {
    on_both(async |house: House| {
        house.furnish();
        let server = house.start("serve");
        // Everything is there that any request needs.
        send(&server, "PUT", "/files/users/ada/small", 1);
        get(&server, "/files/users/ada/small", 1);
        server.forget_peak();
        let before = server.peak_kib();
        send(&server, "PUT", "/files/users/ada/large", 64);
        let put_kib = server.peak_kib().saturating_sub(before);
        get(&server, "/files/users/ada/large", 64);
        let got_kib = server.peak_kib().saturating_sub(before);
        assert!(put_kib < MOST_KIB && got_kib < MOST_KIB, "PUT: {put_kib} KiB, then GET: {got_kib} KiB");
        assert_eq!(server.stop(), Some(0));
    })
    .await;
}

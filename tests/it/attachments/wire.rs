//! Attachments over the wire: large ones in pieces, and refused before they are sent.

use bytes::Bytes;

use super::{PLAN, booked};
use crate::support::{Wire, on_both};

const ADD: &str = "?action=attachment-add";

#[tokio::test]
async fn an_attachment_comes_in_pieces_and_is_never_shown() {
    // L-04; B-64, D-40.
    on_both(async |server| {
        let path = booked(&server).await;
        let wire = Wire::open(&server).await;
        let program = wire.program("ada").await;
        let body: Bytes = (0..6_000_000_u32).map(|at| u8::try_from(at * 31 / 251 % 256).unwrap()).collect();
        let mut connection = wire.connect().await;
        connection.write(&program.request("POST", &format!("{path}{ADD}"), &PLAN, &body)).await;
        let reply = connection.reply("POST").await.expect(201);
        let location = reply.header("location").unwrap().to_owned();
        let (_, at) = location.split_once("/attachments/").unwrap();
        connection.write(&program.request("GET", &format!("/attachments/{at}"), &[], b"")).await;
        let got = connection.reply("GET").await.expect(200);
        assert!(got.bytes() == body);
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        assert_eq!(got.header("content-security-policy"), Some(policy));
        assert!(got.header("content-disposition").unwrap().starts_with("attachment;"));
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_anyway_is_refused_before_it_is_sent() {
    // B-52; RFC 8607, sections 3.11 and 3.12.4.
    on_both(async |server| {
        let path = booked(&server).await;
        let wire = Wire::open(&server).await;
        let bobs = server.client("bob").in_room("aula", "a");
        let rows = [
            ("ada", format!("{path}{ADD}"), "67108865", 403, "max-attachment-size"),
            ("ada", format!("{path}{ADD}&rid=N"), "1000000", 403, "valid-rid"),
            (
                "ada",
                format!("{path}?action=attachment-update&managed-id=x"),
                "1000000",
                403,
                "valid-managed-id",
            ),
            ("bob", format!("{bobs}{ADD}"), "1000000", 403, "not-allowed"),
            ("bob", format!("{bobs}{ADD}"), "67108865", 403, "not-allowed"),
            ("ada", format!("{path}?action=attachment-remove&managed-id=x"), "67108865", 413, ""),
        ];
        for (login, target, length, status, condition) in rows {
            let program = wire.program(login).await;
            let headers = [PLAN[0], ("Expect", "100-continue"), ("Content-Length", length)];
            let request = program.request("POST", &target, &headers, b"");
            let mut connection = wire.connect().await;
            connection.write(&request).await;
            let reply = connection.reply("POST").await.named(target.clone()).expect(status);
            assert!(reply.text().contains(condition), "{target}: {}", reply.text());
        }
    })
    .await;
}

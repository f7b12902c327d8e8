//! How much a folder holds. RFC 4331; L-66, B-65.

use roomdav::site::FileBounds;

use super::{ADA, ada, ask_lock, house, mkcol, put, transfer};
use crate::support::{Client, on_both};

const ASKED: &str =
    "<propfind xmlns=\"DAV:\"><prop><quota-used-bytes/><quota-available-bytes/></prop></propfind>";

async fn quota(client: &Client<'_>, path: &str) -> (String, String) {
    let item = client.propfind(path, "0", ASKED).await.multistatus().remove(0);
    (item.text("quota-used-bytes").unwrap(), item.text("quota-available-bytes").unwrap())
}

#[tokio::test]
async fn a_folder_says_what_it_holds_and_takes_no_more_than_it_may() {
    // RFC 4918, section 11.5.
    on_both(async |server| {
        house(&server).await;
        let bounds = FileBounds { folder_bytes: 100, ..FileBounds::default() };
        let server = server.with_files(bounds);
        let client = server.client("ada");
        let text = |bytes: usize| "x".repeat(bytes);
        put(&client, &ada("f"), &text(60)).await.expect(201);
        assert_eq!(quota(&client, ADA).await, ("60".to_owned(), "40".to_owned()));
        put(&client, &ada("g"), &text(41)).await.fails(507, "quota-not-exceeded");
        client.get(&ada("g")).await.expect(404);
        put(&client, &ada("f"), &text(101)).await.fails(507, "quota-not-exceeded");
        assert_eq!(client.get(&ada("f")).await.expect(200).text().len(), 60, "the old content stays");
        put(&client, &ada("f"), &text(100)).await.expect(204);
        put(&client, &ada("f"), &text(50)).await.expect(204);
        // A copy counts, a move does not.
        mkcol(&client, &ada("a/")).await.expect(201);
        transfer(&client, "MOVE", &ada("f"), &ada("a/f"), &[]).await.expect(201);
        transfer(&client, "COPY", &ada("a/"), &ada("b/"), &[]).await.expect(201);
        let over = transfer(&client, "COPY", &ada("a/f"), &ada("c"), &[]).await;
        over.fails(507, "quota-not-exceeded");
        transfer(&client, "COPY", &ada("a/"), &ada("c/"), &[]).await.fails(507, "quota-not-exceeded");
        client.propfind(&ada("c"), "0", "").await.expect(404);
        transfer(&client, "COPY", &ada("a/"), &ada("b/"), &[]).await.expect(204);
        client.delete(&ada("b/")).await.expect(204);
        assert_eq!(quota(&client, &ada("a/")).await, ("50".to_owned(), "50".to_owned()));
        // Somebody else's folder is another one.
        put(&server.client("bob"), "/files/users/bob/f", &text(100)).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn a_folder_has_so_many_members() {
    // B-65.
    on_both(async |server| {
        house(&server).await;
        let server = server.with_files(FileBounds { folder_members: 4, ..FileBounds::default() });
        let client = server.client("ada");
        mkcol(&client, &ada("a/")).await.expect(201);
        put(&client, &ada("a/f"), "x").await.expect(201);
        put(&client, &ada("g"), "x").await.expect(201);
        put(&client, &ada("h"), "x").await.fails(507, "quota-not-exceeded");
        mkcol(&client, &ada("b/")).await.fails(507, "quota-not-exceeded");
        ask_lock(&client, &ada("n"), "exclusive", "0", &[]).await.fails(507, "quota-not-exceeded");
        transfer(&client, "COPY", &ada("g"), &ada("h"), &[]).await.fails(507, "quota-not-exceeded");
        put(&client, &ada("g"), "y").await.expect(204);
        transfer(&client, "MOVE", &ada("g"), &ada("h"), &[]).await.expect(201);
    })
    .await;
}

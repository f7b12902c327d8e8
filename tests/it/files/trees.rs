//! Making, copying, moving and removing. RFC 4918, sections 9.3, 9.6 to 9.9; B-65.

use super::{ADA, ada, house, listed, lock, mkcol, put, transfer};
use crate::support::{TestServer, on_both};

/// `a/f`, `a/b/g` and an empty `c` in ada's folder.
async fn furnished(server: &TestServer) {
    house(server).await;
    let client = server.client("ada");
    for folder in ["a/", "a/b/", "c/"] {
        mkcol(&client, &ada(folder)).await.expect(201);
    }
    put(&client, &ada("a/f"), "one").await.expect(201);
    put(&client, &ada("a/b/g"), "two").await.expect(201);
}

#[tokio::test]
async fn a_file_is_put_got_replaced_and_deleted() {
    // RFC 4918, section 8.8.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let made = put(&client, &ada("plan.txt"), "one").await.expect(201);
        let got = client.get(&ada("plan.txt")).await.expect(200);
        assert_eq!((got.text(), got.etag()), ("one".to_owned(), made.etag()));
        assert_eq!(got.header("content-type"), Some("text/plain"));
        let changed = put(&client, &ada("plan.txt"), "two").await.expect(204);
        assert_ne!(changed.etag(), made.etag());
        let head = client.send("HEAD", &ada("plan.txt"), &[], "").await.expect(200);
        assert_eq!((head.header("content-length"), head.text().as_str()), (Some("3"), ""));
        put(&client, &ada("empty"), "").await.expect(201);
        assert_eq!(client.get(&ada("empty")).await.expect(200).text(), "");
        client.delete(&ada("plan.txt")).await.expect(204);
        client.get(&ada("plan.txt")).await.expect(404);
        put(&client, &ada("none/plan.txt"), "x").await.expect(409);
        put(&client, &ada("empty/plan.txt"), "x").await.expect(409);
        put(&client, ADA, "x").await.expect(405);
        client.delete(ADA).await.expect(403);
    })
    .await;
}

#[tokio::test]
async fn names_are_any_text_and_stay_what_they_are() {
    // B-47, B-48.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        for name in ["r%C3%A4ume%20&%20mehr.txt", "%E4%BA%8C", "100%25", "A", "a", "~!$'()*+,;=@", "%22q%22"]
        {
            put(&client, &ada(name), name).await.expect(201);
            assert_eq!(client.get(&ada(name)).await.expect(200).text(), name);
        }
        assert_eq!(listed(&client, ADA).await.len(), 8);
        assert_eq!(client.get(&ada("%72%c3%a4ume%20%26%20mehr.txt")).await.expect(200).text().len(), 25);
        for name in ["a%2fb", "..", "%2e%2e", "a%00", "a%5cb", "u%CC%88", "%ff"] {
            put(&client, &ada(name), "x").await.expect(400);
        }
        mkcol(&client, &ada("p0")).await.expect(201);
        mkcol(&client, &ada("p")).await.expect(201);
        put(&client, &ada("p/x"), "x").await.expect(201);
        client.delete(&ada("p")).await.expect(204);
        // What only begins alike is something else.
        client.propfind(&ada("p0"), "0", "").await.expect(207);
    })
    .await;
}

#[tokio::test]
async fn a_collection_is_copied_with_everything_or_alone() {
    // RFC 4918, section 9.8.4.
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        transfer(&client, "COPY", &ada("a/"), &ada("d/"), &[]).await.expect(201);
        assert_eq!(client.get(&ada("d/b/g")).await.expect(200).text(), "two");
        put(&client, &ada("d/b/g"), "other").await.expect(204);
        assert_eq!(client.get(&ada("a/b/g")).await.expect(200).text(), "two", "copies live on their own");
        transfer(&client, "COPY", &ada("a/"), &ada("e/"), &[("depth", "0")]).await.expect(201);
        assert_eq!(listed(&client, &ada("e/")).await, [ada("e/")]);
        // Over what is there: all of it is replaced.
        transfer(&client, "COPY", &ada("a/b/"), &ada("d/"), &[]).await.expect(204);
        assert_eq!(listed(&client, &ada("d/")).await, [ada("d/"), ada("d/g")]);
        transfer(&client, "COPY", &ada("a/f"), &ada("d/"), &[("overwrite", "F")]).await.expect(412);
        transfer(&client, "COPY", &ada("a/f"), &ada("d"), &[]).await.expect(204);
        assert_eq!(client.get(&ada("d")).await.expect(200).text(), "one");
    })
    .await;
}

#[tokio::test]
async fn a_collection_is_moved_with_everything() {
    // RFC 4918, section 9.9.2.
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        let to = format!("http://127.0.0.1:8008{}", ada("c/neu%C3%B6/"));
        transfer(&client, "MOVE", &ada("a/"), &to, &[]).await.expect(201);
        client.get(&ada("a/f")).await.expect(404);
        assert_eq!(client.get(&ada("c/neu%C3%B6/b/g")).await.expect(200).text(), "two");
        assert_eq!(listed(&client, &ada("c/neu%C3%B6/")).await.len(), 3);
        transfer(&client, "MOVE", &ada("c/neu%C3%B6/b/g"), &ada("c/neu%C3%B6/f"), &[("overwrite", "F")])
            .await
            .expect(412);
        transfer(&client, "MOVE", &ada("c/neu%C3%B6/b/g"), &ada("c/neu%C3%B6/f"), &[]).await.expect(204);
        assert_eq!(client.get(&ada("c/neu%C3%B6/f")).await.expect(200).text(), "two");
        client.delete(&ada("c/")).await.expect(204);
        assert_eq!(listed(&client, ADA).await, [ADA]);
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_into_itself_or_nowhere() {
    // B-49, B-65; RFC 4918, section 9.8.5.
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        let by_mail = "/files/users/ada@example.org/a/b/";
        for verb in ["COPY", "MOVE"] {
            for (to, status) in [
                (ada("a/b/"), 403),
                (ada("a/"), 403),
                (ADA.to_owned(), 403),
                (by_mail.to_owned(), 403),
                (ada("none/a/"), 409),
                ("/files/users/bob/a/".to_owned(), 409),
                ("/calendars/users/ada/reservations/a".to_owned(), 409),
                ("http://other.example/files/".to_owned(), 502),
            ] {
                let reply = transfer(&client, verb, &ada("a/"), &to, &[]).await;
                assert_eq!(reply.status, status, "{verb} to {to}");
            }
        }
        transfer(&client, "COPY", &ada("a/"), &ada("a/b/x/"), &[("depth", "0")]).await.expect(201);
        transfer(&client, "COPY", &ada("a/"), &ada("x/"), &[("depth", "1")]).await.expect(400);
        transfer(&client, "MOVE", &ada("a/"), &ada("x/"), &[("depth", "0")]).await.expect(400);
        transfer(&client, "MOVE", ADA, &ada("x/"), &[]).await.expect(403);
        client.send("DELETE", &ada("a/"), &[("depth", "0")], "").await.expect(400);
        assert_eq!(client.get(&ada("a/b/g")).await.expect(200).text(), "two");
    })
    .await;
}

#[tokio::test]
async fn a_collection_is_made_once_and_where_there_is_one_around_it() {
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        mkcol(&client, &ada("a/")).await.expect(405);
        mkcol(&client, &ada("a/f")).await.expect(405);
        mkcol(&client, &ada("none/x/")).await.expect(409);
        mkcol(&client, &ada("a/f/x/")).await.expect(409);
        mkcol(&client, "/files/x/").await.expect(403);
        mkcol(&client, "/files/users/bob/").await.expect(403);
        let body = |kind: &str| {
            format!(
                "<mkcol xmlns=\"DAV:\" xmlns:x=\"urn:x\"><set><prop><resourcetype><collection/>{kind}\
                 </resourcetype><displayname>Plans</displayname><x:y>z</x:y></prop></set></mkcol>"
            )
        };
        // RFC 5689, section 3.
        client.send("MKCOL", &ada("x/"), &[], &body("<x:odd/>")).await.fails(403, "valid-resourcetype");
        client.send("MKCOL", &ada("x/"), &[], &body("")).await.expect(201);
        let asked = "<propfind xmlns=\"DAV:\" xmlns:x=\"urn:x\"><prop><displayname/><x:y/></prop></propfind>";
        let found = client.propfind(&ada("x"), "0", asked).await.multistatus();
        assert_eq!(found[0].href, ada("x/"));
        assert_eq!(found[0].text("displayname").as_deref(), Some("Plans"));
        assert_eq!(found[0].text("y").as_deref(), Some("z"));
    })
    .await;
}

#[tokio::test]
async fn what_a_lock_keeps_stays_when_the_tree_around_it_goes() {
    // RFC 4918, sections 9.6.1, 11.1 and 13.
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        put(&client, &ada("a/b/h"), "three").await.expect(201);
        let token = lock(&client, &ada("a/b/g"), "exclusive", "0").await;
        let failed = client.delete(&ada("a/")).await.multistatus();
        assert_eq!(failed.len(), 1, "ancestors are not told");
        assert_eq!((failed[0].href.as_str(), failed[0].status), (ada("a/b/g").as_str(), Some(423)));
        assert_eq!(listed(&client, &ada("a/")).await, [ada("a/"), ada("a/b/")]);
        assert_eq!(listed(&client, &ada("a/b/")).await, [ada("a/b/"), ada("a/b/g")]);
        let submitted = format!("<{}> (<{token}>)", ada("a/b/g"));
        client.send("DELETE", &ada("a/"), &[("if", &submitted)], "").await.expect(204);
        client.propfind(&ada("a/"), "0", "").await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn a_tree_goes_whole_or_not_at_all_where_a_lock_is_in_the_way() {
    // RFC 4918, section 9.9.4.
    on_both(async |server| {
        furnished(&server).await;
        let client = server.client("ada");
        lock(&client, &ada("a/b/g"), "exclusive", "0").await;
        let reply = transfer(&client, "MOVE", &ada("a/"), &ada("z/"), &[]).await;
        assert!(reply.fails(423, "lock-token-submitted").text().contains(&ada("a/b/g")));
        client.propfind(&ada("z/"), "0", "").await.expect(404);
        transfer(&client, "COPY", &ada("c/"), &ada("a/"), &[]).await.fails(423, "lock-token-submitted");
        assert_eq!(client.get(&ada("a/b/g")).await.expect(200).text(), "two");
        // To copy something locked takes no token, and the copy is not locked.
        transfer(&client, "COPY", &ada("a/"), &ada("z/"), &[]).await.expect(201);
        put(&client, &ada("z/b/g"), "free").await.expect(204);
    })
    .await;
}

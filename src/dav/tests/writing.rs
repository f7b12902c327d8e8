//! PUT, DELETE, MKCOL, COPY and MOVE.

use super::Server;

#[tokio::test]
async fn put_creates_with_201_and_replaces_with_204() {
    // R3.1, R3.2.
    let server = Server::new();
    let new = server.send("PUT", "/a/f", &[("if-none-match", "*")], "one").await;
    assert_eq!(new.status, 201);
    let etag = new.header("etag").expect("stored as sent").to_owned();
    let changed = server.send("PUT", "/a/f", &[("if-match", &etag)], "two").await;
    assert_eq!((changed.status, changed.text()), (204, ""));
    assert_eq!(server.send("GET", "/a/f", &[], "").await.text(), "two");
    assert_eq!(server.status("PUT", "/a/f", &[], "three").await, 204);
}

#[tokio::test]
async fn a_body_that_would_mean_nothing_is_refused() {
    // RFC 4918, section 8.4.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    let to = [("destination", "/a/g")];
    for method in ["OPTIONS", "GET", "HEAD", "DELETE", "COPY", "MOVE", "UNLOCK"] {
        assert_eq!(server.status(method, "/a/f", &to, "<keep/>").await, 415, "{method}");
    }
    assert_eq!(server.send("GET", "/a/f", &[], "").await.text(), "text");
    assert_eq!(server.status("GET", "/a/g", &[], "").await, 404);
}

#[tokio::test]
async fn a_condition_that_does_not_hold_changes_nothing() {
    // RFC 4918, section 12.1; B-30, R3.4.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    for (header, status) in [
        (("if-match", "\"stale\""), 412),
        (("if-none-match", "*"), 412),
        (("if-match", "W/\"e1\""), 400),
        (("if-match", "garbage"), 400),
        (("if-schedule-tag-match", "\"s\""), 412),
    ] {
        assert_eq!(server.status("PUT", "/a/f", &[header], "new").await, status, "{header:?}");
        assert_eq!(server.status("DELETE", "/a/f", &[header], "").await, status, "{header:?}");
    }
    assert_eq!(server.status("PUT", "/a/new", &[("if-match", "*")], "new").await, 412);
    assert_eq!(server.send("GET", "/a/f", &[], "").await.text(), "text");
}

#[tokio::test]
async fn put_needs_a_parent_that_takes_members() {
    // B-31, B-32; RFC 4918, sections 5.1, 9.7.1 and 9.7.2.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    assert_eq!(server.status("PUT", "/none/f", &[], "x").await, 409);
    assert_eq!(server.status("PUT", "/a/f/g", &[], "x").await, 409);
    assert_eq!(server.status("PUT", "/a/", &[], "x").await, 405);
    assert_eq!(server.status("PUT", "/a", &[], "x").await, 405);
    assert_eq!(server.status("PUT", "/none/", &[], "x").await, 409);
    assert_eq!(server.status("PUT", "/a/g", &[("content-range", "bytes 0-1/2")], "x").await, 400);
    assert_eq!(server.propfind("/a/", "1", "<prop/>").await.hrefs(), ["/a/", "/a/f"]);
}

#[tokio::test]
async fn a_read_only_collection_names_the_missing_privilege() {
    // RFC 4918, section 8.5; RFC 3744, sections 3.9 and 7.1.1.
    let server = Server::new();
    for (method, path) in
        [("PUT", "/closed/new"), ("PUT", "/closed/old"), ("DELETE", "/closed/old"), ("MKCOL", "/closed/sub/")]
    {
        let reply = server.send(method, path, &[], "").await;
        assert_eq!(
            (reply.status, reply.condition().as_deref()),
            (403, Some("need-privileges")),
            "{method} {path}"
        );
    }
    let reply = server.send("MOVE", "/closed/old", &[("destination", "/a/old")], "").await;
    assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("need-privileges")));
    server.tree().file("/a/f", "text");
    let reply = server.send("MOVE", "/a/f", &[("destination", "/closed/f")], "").await;
    assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("need-privileges")));
}

#[tokio::test]
async fn delete_takes_a_collection_with_everything_in_it() {
    // RFC 4918, sections 5 and 9.6.1.
    let server = Server::new();
    server.tree().collection("/a/b/");
    server.tree().file("/a/b/f", "text");
    assert_eq!(server.status("DELETE", "/a/b/", &[("depth", "0")], "").await, 400);
    assert_eq!(server.status("DELETE", "/a/b/", &[("depth", "infinity")], "").await, 204);
    assert_eq!(server.status("GET", "/a/b/f", &[], "").await, 404);
    assert_eq!(server.status("DELETE", "/a/b/", &[], "").await, 404);
}

#[tokio::test]
async fn mkcol_makes_one_collection_where_nothing_was() {
    // RFC 4918, sections 8.4, 9.3 and 9.3.1.
    let server = Server::new();
    assert_eq!(server.status("MKCOL", "/a/b", &[], "").await, 201);
    assert_eq!(server.propfind("/a/b", "0", "<prop/>").await.hrefs(), ["/a/b/"]);
    assert_eq!(server.status("MKCOL", "/a/b/", &[], "").await, 405);
    assert_eq!(server.status("MKCOL", "/none/b/", &[], "").await, 409);
    assert_eq!(server.status("MKCOL", "/a/c/", &[], "<other/>").await, 415);
    assert_eq!(server.status("MKCOL", "/a/c/", &[("content-type", "text/plain")], "x").await, 415);
}

#[tokio::test]
async fn an_extended_mkcol_sets_properties_or_makes_nothing() {
    // RFC 5689, sections 3, 3.2, 3.3 and 5.1.
    let server = Server::new();
    let body = |types: &str, title: &str| {
        format!(
            "<mkcol xmlns=\"DAV:\"><set><prop><resourcetype>{types}</resourcetype>\
             <displayname>{title}</displayname></prop></set></mkcol>"
        )
    };
    let refused = server.send("MKCOL", "/a/b/", &[], &body("<collection/>", "forbidden")).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains("<D:mkcol-response ") && refused.text().contains("HTTP/1.1 409 Conflict")
    );
    let refused = server.send("MKCOL", "/a/b/", &[], &body("<collection/><principal/>", "B")).await;
    assert_eq!((refused.status, refused.condition().as_deref()), (403, Some("valid-resourcetype")));
    assert_eq!(server.status("PROPFIND", "/a/b/", &[("depth", "0")], "").await, 404);
    assert_eq!(server.status("MKCOL", "/a/b/", &[], &body("<collection/>", "B")).await, 201);
    let title = server.propfind("/a/b/", "0", "<prop><displayname/></prop>").await;
    assert!(title.text().contains("<D:displayname>B</D:displayname>"));
}

#[tokio::test]
async fn move_takes_and_copy_leaves() {
    // RFC 4918, sections 9.8.1 and 10.6.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    assert_eq!(server.status("COPY", "/a/f", &[("destination", "/a/g")], "").await, 201);
    assert_eq!(server.status("MOVE", "/a/f", &[("destination", "http://dav.example/a/h")], "").await, 201);
    assert_eq!(server.propfind("/a/", "1", "<prop/>").await.hrefs(), ["/a/", "/a/g", "/a/h"]);
    let keep = [("destination", "/a/h"), ("overwrite", "F")];
    assert_eq!(server.status("MOVE", "/a/g", &keep, "").await, 412);
    assert_eq!(server.status("MOVE", "/a/g", &[("destination", "/a/h")], "").await, 204);
    assert_eq!(
        server.status("MOVE", "/a/h", &[("destination", "/a/x"), ("if-match", "\"stale\"")], "").await,
        412
    );
}

#[tokio::test]
async fn a_copy_of_a_collection_is_deep_unless_it_says_otherwise() {
    // RFC 4918, sections 9.8.3 and 10.2.
    let server = Server::new();
    server.tree().collection("/a/b/");
    server.tree().file("/a/b/f", "text");
    assert_eq!(server.status("COPY", "/a/b/", &[("destination", "/a/deep/")], "").await, 201);
    assert_eq!(server.status("COPY", "/a/b/", &[("destination", "/a/flat/"), ("depth", "0")], "").await, 201);
    assert_eq!(server.status("GET", "/a/deep/f", &[], "").await, 200);
    assert_eq!(server.status("GET", "/a/flat/f", &[], "").await, 404);
    assert_eq!(server.status("COPY", "/a/b/", &[("destination", "/a/x/"), ("depth", "1")], "").await, 400);
    assert_eq!(server.status("MOVE", "/a/b/", &[("destination", "/a/x/"), ("depth", "0")], "").await, 400);
}

#[tokio::test]
async fn a_bad_destination_changes_nothing() {
    // RFC 4918, section 10.3; B-49.
    let server = Server::new();
    server.tree().collection("/a/b/");
    server.tree().file("/a/b/f", "text");
    for (destination, status) in [
        ("http://other.example/a/g", 502),
        ("g", 400),
        ("http://me@dav.example/a/g", 400),
        ("/a/g#x", 400),
        ("/a/b/f", 403),
        ("/a/b/", 403),
        ("/a/", 403),
        ("/none/g", 409),
        ("/a/%2e%2e/g", 400),
    ] {
        let headers = [("destination", destination)];
        assert_eq!(server.status("MOVE", "/a/b/f", &headers, "").await, status, "{destination}");
    }
    assert_eq!(server.status("MOVE", "/a/b/", &[("destination", "/a/b/c/")], "").await, 403);
    assert_eq!(server.status("MOVE", "/a/b/f", &[], "").await, 400);
    assert_eq!(
        server.status("MOVE", "/a/b/f", &[("destination", "/a/g"), ("overwrite", "x")], "").await,
        400
    );
    assert_eq!(server.status("GET", "/a/b/f", &[], "").await, 200);
}

#[tokio::test]
async fn an_if_header_is_judged_for_every_method() {
    // RFC 4918, section 10.4; B-30.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    let etag = server.send("GET", "/a/f", &[], "").await.header("etag").expect("an etag").to_owned();
    let token = "(<urn:uuid:5e2cbdf6-0b1f-4b9a-8b0e-0c3c8c7a1f0a>)";
    for method in ["GET", "HEAD", "PROPFIND", "PUT", "DELETE", "PROPPATCH", "COPY", "MOVE"] {
        let headers = [("if", token), ("depth", "0"), ("destination", "/a/g")];
        assert_eq!(server.status(method, "/a/f", &headers, "").await, 412, "{method}");
        let headers = [("if", "(x"), ("depth", "0"), ("destination", "/a/g")];
        assert_eq!(server.status(method, "/a/f", &headers, "").await, 400, "{method}");
    }
    let fits = format!("({token_not} [{etag}])", token_not = "Not <DAV:no-lock>");
    assert_eq!(server.status("PUT", "/a/f", &[("if", &fits)], "new").await, 204);
    assert_eq!(server.status("PUT", "/a/f", &[("if", &fits)], "newer").await, 412, "it has another tag now");
    let other = format!("</a/f> (Not [{etag}])");
    assert_eq!(server.status("PUT", "/a/g", &[("if", &other)], "new").await, 201);
    let elsewhere = "<http://other.example/a/f> (Not [\"x\"])";
    assert_eq!(server.status("DELETE", "/a/g", &[("if", elsewhere)], "").await, 204);
    assert_eq!(server.send("GET", "/a/f", &[], "").await.text(), "new");
}

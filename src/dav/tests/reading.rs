//! OPTIONS, GET, HEAD and PROPFIND.

use super::{Server, reason};

#[tokio::test]
async fn options_answers_200_with_the_methods() {
    // R1.3, R1.5.
    let server = Server::new();
    let reply = server.send("OPTIONS", "/a/", &[], "").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("allow").expect("Allow").contains("PUT"));
    let reply = server.send("OPTIONS", "/closed/", &[], "").await;
    let allow = reply.header("allow").expect("Allow");
    assert!(!["PUT", "POST", "DELETE"].iter().any(|method| allow.contains(method)), "{allow}");
    assert_eq!(server.status("OPTIONS", "*", &[], "").await, 200);
}

#[tokio::test]
async fn get_answers_with_its_tag_and_304_when_the_client_has_it() {
    let server = Server::new();
    server.tree().file("/a/f", "text");
    let reply = server.send("GET", "/a/f", &[], "").await;
    assert_eq!((reply.status, reply.text()), (200, "text"));
    let etag = reply.header("etag").expect("an etag").to_owned();
    let weak = format!("W/{etag}");
    for tag in [etag.as_str(), weak.as_str(), "*"] {
        let reply = server.send("GET", "/a/f", &[("if-none-match", tag)], "").await;
        assert_eq!((reply.status, reply.text()), (304, ""), "{tag}");
        assert_eq!(reply.header("etag"), Some(etag.as_str()));
    }
    assert_eq!(server.status("GET", "/a/f", &[("if-none-match", "\"x\"")], "").await, 200);
    assert_eq!(server.status("GET", "/a/f", &[("if-match", "\"x\"")], "").await, 412);
}

#[tokio::test]
async fn head_is_get_without_body() {
    // R3.6.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    let reply = server.send("HEAD", "/a/f", &[], "").await;
    assert_eq!((reply.status, reply.text(), reply.header("content-length")), (200, "", Some("4")));
    assert!(reply.header("etag").is_some());
}

#[tokio::test]
async fn a_collection_has_nothing_to_get() {
    // RFC 4918, section 9.4; B-62.
    let server = Server::new();
    let reply = server.send("GET", "/a/", &[("accept", "text/html")], "").await;
    assert_eq!((reply.status, reply.text()), (405, ""));
    assert!(reply.header("allow").is_some());
}

#[tokio::test]
async fn what_may_not_be_read_looks_like_what_is_not_there() {
    // RFC 4918, section 8.1; D-33.
    let server = Server::new();
    for method in ["GET", "HEAD", "PROPFIND", "DELETE", "OPTIONS", "MOVE"] {
        let headers = [("destination", "/a/x")];
        let hidden = server.send(method, "/secret/plan", &headers, "").await;
        let missing = server.send(method, "/a/none", &headers, "").await;
        assert_eq!((hidden.status, hidden.text()), (missing.status, missing.text()), "{method}");
        assert_eq!(hidden.status, 404, "{method}");
    }
    assert_eq!(
        server.propfind("/", "1", "<allprop/>").await.hrefs(),
        ["/", "/a/", "/closed/", "/principals/"]
    );
    assert_eq!(
        server.status("PUT", "/secret/x", &[], "x").await,
        server.status("PUT", "/none/x", &[], "x").await
    );
}

#[tokio::test]
async fn hrefs_are_canonical_whatever_was_asked() {
    // RFC 4918, sections 5.2 and 8.3; R1.7, R3.5.
    let server = Server::new();
    server.tree().file("/a/%c3%a4@1.ics", "x");
    assert_eq!(server.propfind("/a", "1", "<allprop/>").await.hrefs(), ["/a/", "/a/%C3%A4@1.ics"]);
    assert_eq!(server.propfind("/a/%C3%a4%401.ics", "0", "<allprop/>").await.hrefs(), ["/a/%C3%A4@1.ics"]);
}

#[tokio::test]
async fn propfind_wants_a_finite_depth() {
    // RFC 4918, section 9.1.1; B-35, L-50.
    let server = Server::new();
    for headers in [&[("depth", "infinity")][..], &[]] {
        let reply = server.send("PROPFIND", "/", headers, "").await;
        assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("propfind-finite-depth")));
    }
    for depth in ["2", "x"] {
        assert_eq!(server.propfind("/", depth, "<allprop/>").await.status, 400);
    }
    assert_eq!(server.propfind("/a/", "0", "<allprop/>").await.hrefs(), ["/a/"]);
}

#[tokio::test]
async fn unknown_properties_are_404_and_short_answers_leave_them_out() {
    // RFC 8144, section 2.1; RFC 4918, sections 9.1.2, 14.18, 14.22 and 14.28; R1.10.
    let server = Server::new();
    let reply = server.propfind("/a/", "0", "<prop><resourcetype/><x:y/></prop>").await;
    assert!(reply.text().contains(
        "<D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK"
    ));
    assert!(reply.text().contains("<x:y xmlns:x=\"urn:x\"/></D:prop><D:status>HTTP/1.1 404 Not Found"));
    let body = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
    for header in [("prefer", "return=minimal"), ("brief", "t")] {
        let reply = server.send("PROPFIND", "/a/", &[("depth", "0"), header], body).await;
        assert!(!reply.text().contains("404"));
        assert!(
            reply
                .text()
                .contains("<D:propstat><D:prop></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>")
        );
    }
}

#[tokio::test]
async fn allprop_include_and_propname_each_answer_their_part() {
    // RFC 4918, sections 9.1, 14.2, 14.8 and 14.21.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    let all = server.propfind("/a/f", "0", "<allprop/>").await;
    assert!(all.text().contains("<D:getetag>") && !all.text().contains("current-user-principal"));
    let more = server
        .propfind("/a/f", "0", "<allprop/><include><current-user-principal/><getetag/></include>")
        .await;
    assert!(more.text().contains("<D:current-user-principal><D:href>/principals/bob/</D:href>"));
    assert_eq!(more.text().matches("<D:getetag>").count(), 1);
    let names = server.propfind("/a/f", "0", "<propname/>").await;
    assert!(names.text().contains("<D:getetag/>") && names.text().contains("<D:current-user-principal/>"));
    assert!(!names.text().contains("displayname"), "a property without value has no name here");
    let empty = server.send("PROPFIND", "/a/f", &[("depth", "0")], "").await;
    assert_eq!(empty.text(), all.text());
}

#[tokio::test]
async fn a_body_that_is_not_propfind_is_a_bad_request() {
    // RFC 4918, sections 8.2, 14.20 and 16; B-36, B-37.
    let server = Server::new();
    let depth = [("depth", "0")];
    for bad in
        ["<a", "<p:propfind/>", "<propfind xmlns=\"urn:x\"/>", "<propfind xmlns=\"DAV:\"/>", "x", "<a/>"]
    {
        assert_eq!(server.status("PROPFIND", "/a/", &depth, bad).await, 400, "{bad}");
    }
    let both = "<propfind xmlns=\"DAV:\"><prop/><allprop/></propfind>";
    assert_eq!(server.status("PROPFIND", "/a/", &depth, both).await, 400);
    let outside =
        "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><propfind xmlns=\"DAV:\"><prop/></propfind>";
    let reply = server.send("PROPFIND", "/a/", &depth, outside).await;
    assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("no-external-entities")));
}

#[tokio::test]
async fn the_number_of_properties_is_limited() {
    // L-28.
    let server = Server::new();
    let many = |count: usize| {
        let names = (0..count).map(|index| format!("<x:p{index}/>")).collect::<Vec<_>>().concat();
        format!("<prop>{names}</prop>")
    };
    assert_eq!(server.propfind("/a/", "0", &many(200)).await.status, 207);
    assert_eq!(server.propfind("/a/", "0", &many(201)).await.status, 400);
}

#[tokio::test]
async fn strange_targets_name_nothing() {
    // B-47, L-14.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    for path in ["/a/../a/f", "/a/%2e%2e/a/f", "/a%2ff", "/a%5cf", "/a/f%00", "/a//f", "//a/f", "/%c0%ae/a/f"]
    {
        let reply = server.send("GET", path, &[], "").await;
        assert_eq!(reply.status, 400, "{path}");
        assert!(reason(&reply).is_some());
    }
    for path in
        ["/a/f;jsessionid=1".to_owned(), "/x".repeat(17), format!("/{}", "x".repeat(256)), "/A/f".to_owned()]
    {
        assert_eq!(server.status("GET", &path, &[], "").await, 404, "{path}");
    }
    assert_eq!(server.status("PUT", &format!("/a/{}", "x".repeat(256)), &[], "x").await, 403);
    assert_eq!(server.status("GET", "http://dav.example/a/f", &[], "").await, 200);
    assert_eq!(server.status("GET", "http://evil.example/a/f", &[("host", "dav.example")], "").await, 404);
}

#[tokio::test]
async fn unknown_methods_are_not_implemented() {
    // RFC 4918, section 9; D-04, B-31.
    let server = Server::new();
    server.tree().file("/a/f", "text");
    assert_eq!(server.status("BREW", "/a/f", &[], "").await, 501);
    for method in ["PATCH", "TRACE", "LOCK", "UNLOCK", "POST"] {
        assert_eq!(server.status(method, "/a/f", &[], "").await, 405, "{method}");
    }
}

//! PROPPATCH and dead properties.

use super::{Reply, Server};

async fn patch(server: &Server, inner: &str) -> Reply {
    let body = format!("<propertyupdate xmlns=\"DAV:\" xmlns:x=\"urn:x\">{inner}</propertyupdate>");
    server.send("PROPPATCH", "/a/", &[], &body).await
}

#[tokio::test]
async fn a_dead_property_comes_back_as_it_was_set() {
    // RFC 4918, sections 4.2 and 4.3.
    let server = Server::new();
    let set = patch(&server, "<set><prop><x:y xml:lang=\"de\" a=\"1\">t<x:z/><b/></x:y></prop></set>").await;
    assert!(set.text().contains("200 OK") && set.status == 207);
    let found = server.propfind("/a/", "0", "<prop><x:y/></prop>").await;
    let root = found.xml();
    let prop = root
        .children()
        .next()
        .and_then(|it| it.child("DAV:", "propstat"))
        .and_then(|it| it.child("DAV:", "prop"));
    let value = prop.and_then(|it| it.child("urn:x", "y")).expect("kept");
    assert_eq!((value.text().as_ref(), value.attribute("a")), ("t", Some("1")));
    assert!(value.child("urn:x", "z").is_some() && value.child("DAV:", "b").is_some());
    assert!(value.attributes().iter().any(|(name, lang)| name.local() == "lang" && lang == "de"));
    patch(&server, "<remove><prop><x:y/></prop></remove>").await;
    assert!(server.propfind("/a/", "0", "<prop><x:y/></prop>").await.text().contains("404"));
}

#[tokio::test]
async fn instructions_are_followed_in_order() {
    // RFC 4918, sections 9.2, 14.19, 14.23 and 14.26.
    let server = Server::new();
    patch(&server, "<set><prop><x:y>1</x:y></prop></set><remove><prop><x:y/></prop></remove><set><prop><x:y>2</x:y></prop></set>").await;
    assert!(server.propfind("/a/", "0", "<prop><x:y/></prop>").await.text().contains(">2<"));
}

#[tokio::test]
async fn one_protected_property_stops_all() {
    // B-45; RFC 4918, sections 9.2.1 and 11.4.
    let server = Server::new();
    let reply = patch(
        &server,
        "<set><prop><x:y>1</x:y><getetag>\"x\"</getetag><displayname>N</displayname></prop></set>",
    )
    .await;
    assert_eq!(reply.status, 207);
    assert!(reply.text().contains("<D:getetag/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:cannot-modify-protected-property/></D:error>"));
    assert!(reply.text().contains("<D:displayname/></D:prop><D:status>HTTP/1.1 424 Failed Dependency"));
    let after = server.propfind("/a/", "0", "<prop><x:y/><displayname/></prop>").await;
    assert!(!after.text().contains(">1<") && !after.text().contains(">N<"));
}

#[tokio::test]
async fn unknown_properties_of_dav_are_not_kept() {
    // RFC 4918, section 4.1.
    let server = Server::new();
    let reply = patch(&server, "<set><prop><sync-token>x</sync-token></prop></set>").await;
    assert!(reply.text().contains("cannot-modify-protected-property"));
}

#[tokio::test]
async fn a_short_answer_to_a_good_update_is_empty() {
    // RFC 8144, section 2.2.
    let server = Server::new();
    let body = "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>N</displayname></prop></set></propertyupdate>";
    let reply = server.send("PROPPATCH", "/a/", &[("prefer", "return=minimal")], body).await;
    assert_eq!((reply.status, reply.text()), (200, ""));
    assert!(server.propfind("/a/", "0", "<prop><displayname/></prop>").await.text().contains(">N<"));
}

#[tokio::test]
async fn updates_are_limited() {
    // L-28.
    let server = Server::new();
    let many = |count: usize| -> String {
        let props = (0..count).map(|index| format!("<x:p{index}/>")).collect::<Vec<_>>().concat();
        format!("<set><prop>{props}</prop></set>")
    };
    assert_eq!(patch(&server, &many(50)).await.status, 207);
    assert_eq!(patch(&server, &many(51)).await.status, 400);
    let large = patch(&server, &format!("<set><prop><x:y>{}</x:y></prop></set>", "t".repeat(9_000))).await;
    assert!(large.text().contains("507 Insufficient Storage"));
    assert_eq!(server.status("PROPPATCH", "/a/", &[], "").await, 400);
}

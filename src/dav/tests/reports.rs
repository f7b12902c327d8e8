//! sync-collection, expand-property and the searches for principals.

use super::{Reply, Server};

async fn report(server: &Server, path: &str, body: &str) -> Reply {
    server.send("REPORT", path, &[], body).await
}

async fn sync(server: &Server, token: &str, more: &str) -> Reply {
    let body = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}\
         <prop><getetag/></prop></sync-collection>"
    );
    report(server, "/a/", &body).await
}

fn token(reply: &Reply) -> String {
    reply.xml().child("DAV:", "sync-token").expect("a token").text().into_owned()
}

#[tokio::test]
async fn a_mirror_follows_tokens() {
    // RFC 6578, sections 3.4, 6.1 and 6.4.
    let server = Server::new();
    server.tree().file("/a/f", "1");
    server.tree().file("/a/g", "1");
    let first = sync(&server, "", "").await;
    assert_eq!(first.hrefs(), ["/a/f", "/a/g"]);
    server.status("DELETE", "/a/f", &[], "").await;
    server.status("PUT", "/a/h", &[], "1").await;
    let next = sync(&server, &token(&first), "").await;
    assert_eq!(next.hrefs(), ["/a/f", "/a/h"]);
    // R2.2: a removed member has a status of its own, no propstat.
    assert!(
        next.text().contains("<D:href>/a/f</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>")
    );
    assert!(sync(&server, &token(&next), "").await.hrefs().is_empty());
}

#[tokio::test]
async fn every_depth_means_the_same() {
    // RFC 6578, section 6.3; R2.1.
    let server = Server::new();
    server.tree().file("/a/f", "1");
    let body =
        "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>";
    for depth in ["0", "1", "infinity"] {
        assert_eq!(server.send("REPORT", "/a/", &[("depth", depth)], body).await.hrefs(), ["/a/f"]);
    }
}

#[tokio::test]
async fn a_cut_answer_says_so_and_goes_on() {
    // R2.7, L-55.
    let server = Server::new();
    for name in ["/a/f", "/a/g", "/a/h"] {
        server.tree().file(name, "1");
    }
    let limit = "<limit><nresults>2</nresults></limit>";
    let first = sync(&server, "", limit).await;
    assert_eq!(first.hrefs(), ["/a/f", "/a/g", "/a/"]);
    assert!(first.text().contains(
        "<D:href>/a/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>\
         <D:error><D:number-of-matches-within-limits/></D:error></D:response>"
    ));
    assert_eq!(sync(&server, &token(&first), limit).await.hrefs(), ["/a/h"]);
}

#[tokio::test]
async fn a_foreign_token_is_refused_by_name() {
    // RFC 6578, section 6.2; R2.6, B-43.
    let server = Server::new();
    for bad in ["urn:sync:999999", "x", "urn:other:1"] {
        let reply = sync(&server, bad, "").await;
        assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("valid-sync-token")), "{bad}");
        assert_eq!(reply.header("content-type"), Some("application/xml; charset=utf-8"));
    }
}

#[tokio::test]
async fn a_report_that_is_not_known_is_refused_by_name() {
    // RFC 3744, section 9.1.
    let server = Server::new();
    let reply = report(&server, "/a/", "<version-tree xmlns=\"DAV:\"/>").await;
    assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("supported-report")));
    // B-36.
    assert_eq!(report(&server, "/a/", "").await.status, 400);
}

fn people(server: &Server) {
    for (path, title, links) in [
        ("/principals/ada/", "Ada Lovelace", &["/principals/bob/", "/principals/none/"][..]),
        ("/principals/bob/", "Bob Kahn", &["/principals/ada/"]),
        ("/principals/aula/", "Aula", &[]),
    ] {
        server.tree().collection(path);
        server.tree().title(path, title, links);
    }
}

#[tokio::test]
async fn properties_of_linked_resources_are_answered_in_place() {
    // RFC 3253, section 3.8.
    let server = Server::new();
    people(&server);
    let body = "<expand-property xmlns=\"DAV:\"><property name=\"group-member-set\">\
        <property name=\"displayname\"/></property><property name=\"displayname\"/></expand-property>";
    let reply = report(&server, "/principals/ada/", body).await;
    assert!(reply.text().contains(
        "<D:group-member-set><D:response><D:href>/principals/bob/</D:href><D:propstat><D:prop>\
         <D:displayname>Bob Kahn</D:displayname></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\
         <D:response><D:href>/principals/none/</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\
         </D:group-member-set>"
    ), "{}", reply.text());
    assert_eq!(reply.hrefs(), ["/principals/ada/"]);
}

#[tokio::test]
async fn a_loop_of_links_ends() {
    // B-46, L-57.
    let server = Server::new();
    people(&server);
    let nested = |depth: usize| {
        let open = "<property name=\"group-member-set\">".repeat(depth);
        format!("<expand-property xmlns=\"DAV:\">{open}{}</expand-property>", "</property>".repeat(depth))
    };
    assert_eq!(report(&server, "/principals/ada/", &nested(3)).await.status, 207);
    assert_eq!(report(&server, "/principals/ada/", &nested(4)).await.status, 403);
}

async fn search(server: &Server, attributes: &str, matched: &str, name: &str) -> Reply {
    let body = format!(
        "<principal-property-search xmlns=\"DAV:\" {attributes}><prop><displayname/></prop><property-search>\
         {matched}<prop><{name}/></prop></property-search><apply-to-principal-collection-set/></principal-property-search>"
    );
    report(server, "/principals/", &body).await
}

#[tokio::test]
async fn principals_are_found_by_any_kind_of_match_without_case() {
    // RFC 3744, section 9.4.1; R5.1.
    let server = Server::new();
    people(&server);
    for (matched, hits) in [
        ("<match>LOVE</match>", &["/principals/ada/"][..]),
        ("<match match-type=\"starts-with\">a</match>", &[]),
        ("<match match-type=\"starts-with\">au</match>", &["/principals/aula/"]),
        ("<match match-type=\"ends-with\">kahn</match>", &["/principals/bob/"]),
        ("<match match-type=\"equals\">aula</match>", &["/principals/aula/"]),
        ("<match match-type=\"equals\">ada</match>", &[]),
        ("<match>%</match>", &[]),
        ("<match/>", &[]),
    ] {
        assert_eq!(search(&server, "", matched, "displayname").await.hrefs(), hits, "{matched}");
    }
    assert!(search(&server, "", "<match>ada</match>", "owner").await.hrefs().is_empty());
}

#[tokio::test]
async fn one_term_or_all_of_them_must_fit() {
    let server = Server::new();
    people(&server);
    let term = |text: &str| {
        format!("<property-search><prop><displayname/></prop><match>{text}</match></property-search>")
    };
    for (test, hits) in [("anyof", 2), ("allof", 0)] {
        let body = format!(
            "<principal-property-search xmlns=\"DAV:\" test=\"{test}\">{}{}<prop/></principal-property-search>",
            term("ada"),
            term("bob")
        );
        assert_eq!(report(&server, "/principals/", &body).await.hrefs().len(), hits, "{test}");
    }
}

#[tokio::test]
async fn too_many_hits_are_refused_by_name() {
    // L-56, B-58.
    let server = Server::new();
    for index in 0..51 {
        let path = format!("/principals/p{index}/");
        server.tree().collection(&path);
        server.tree().title(&path, "Person", &[]);
    }
    let reply = search(&server, "", "<match>person</match>", "displayname").await;
    assert_eq!((reply.status, reply.condition().as_deref()), (403, Some("number-of-matches-within-limits")));
}

#[tokio::test]
async fn the_searchable_properties_are_listed() {
    // R5.2.
    let server = Server::new();
    let reply = report(&server, "/principals/", "<principal-search-property-set xmlns=\"DAV:\"/>").await;
    assert_eq!(reply.status, 200);
    for name in ["displayname", "calendar-user-address-set", "email-address-set", "calendar-user-type"] {
        assert!(reply.text().contains(&format!(":{name}/></D:prop>")), "{name}");
    }
}

#[tokio::test]
async fn a_property_is_followed_once() {
    let server = Server::new();
    let twice = "<expand-property xmlns=\"DAV:\"><property name=\"owner\"/><property name=\"owner\"/></expand-property>";
    assert_eq!(report(&server, "/a/", twice).await.status, 400);
}

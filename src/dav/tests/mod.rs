//! The rules of WebDAV, over the tree in memory.

mod properties;
mod reading;
mod reports;
mod writing;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use super::memory::MemoryTree;
use super::xml::{Element, read};
use super::{Body, Href, Limits, ReasonPhrase, Service, Viewer};

struct Server {
    service: Service<MemoryTree>,
    viewer: Viewer,
}

struct Reply {
    status: u16,
    response: Response<()>,
    body: Bytes,
}

async fn all(body: Body) -> Bytes {
    body.collect().await.expect("nothing here can break off").to_bytes()
}

impl Server {
    fn new() -> Self {
        let service = Service::new(Arc::new(MemoryTree::new()), "dav.example", Limits::default());
        let viewer = Viewer::new(2, "bob", Href::parse("/principals/bob/").expect("path"));
        Self { service, viewer }
    }

    fn tree(&self) -> &MemoryTree {
        self.service.tree()
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request");
        let (head, body) = self.service.handle(&self.viewer, request).await.into_parts();
        Reply {
            status: head.status.as_u16(),
            response: Response::from_parts(head, ()),
            body: all(body).await,
        }
    }

    async fn status(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        self.send(method, path, headers, body).await.status
    }

    async fn propfind(&self, path: &str, depth: &str, inner: &str) -> Reply {
        let body = format!("<propfind xmlns=\"DAV:\" xmlns:x=\"urn:x\">{inner}</propfind>");
        self.send("PROPFIND", path, &[("depth", depth)], &body).await
    }
}

impl Reply {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|value| value.to_str().expect("ASCII"))
    }

    #[track_caller]
    fn xml(&self) -> Element {
        read(&self.body, &Limits { xml_bytes: 100 << 20, ..Limits::default() })
            .expect("well-formed")
            .expect("a body")
    }

    /// The hrefs of the responses of a multistatus.
    #[track_caller]
    fn hrefs(&self) -> Vec<String> {
        assert_eq!(self.status, 207, "{}", self.text());
        let hrefs = self.xml();
        hrefs.children().filter_map(|it| it.child("DAV:", "href").map(|it| it.text().into_owned())).collect()
    }

    fn condition(&self) -> Option<String> {
        let root = (!self.body.is_empty()).then(|| self.xml())?;
        assert!(root.name().is_dav("error"));
        root.children().next().map(|child| child.name().local().to_owned())
    }
}

/// Reason phrases travel as an extension.
fn reason(reply: &Reply) -> Option<&str> {
    reply.response.extensions().get::<ReasonPhrase>().map(ReasonPhrase::as_str)
}

#[tokio::test]
async fn every_response_names_the_compliance_classes() {
    // RFC 4918, section 8.
    let server = Server::new();
    for path in ["/", "/a/", "/nowhere"] {
        let reply = server.send("OPTIONS", path, &[], "").await;
        assert_eq!(reply.header("dav"), Some("1, 3, access-control, extended-mkcol"), "{path}");
    }
}

#[test]
fn a_request_can_be_answered_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let server = Server::new();
    is_send(&server.service.handle(&server.viewer, Request::new(Bytes::new())));
    is_send(&Body::empty());
}

#[tokio::test]
async fn a_body_of_many_pieces_is_the_same_document() {
    // RFC 4918, section 14.16.
    let server = Server::new();
    for index in 0..3_000 {
        server.tree().file(&format!("/a/{index:04}"), "x");
    }
    let request = Request::builder().method("PROPFIND").uri("/a/").header("depth", "1");
    let response =
        server.service.handle(&server.viewer, request.body(Bytes::new()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::MULTI_STATUS);
    let body: Body = response.into_body();
    assert_eq!(body.known_len(), None, "a long answer is streamed");
    let root =
        read(&all(body).await, &Limits { xml_bytes: 100 << 20, ..Limits::default() }).expect("well-formed");
    assert_eq!(root.expect("a root").children().count(), 3_001);
}

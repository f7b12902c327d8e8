//! CalDAV over a small house in memory: one person, one room, and what is sent to them.

mod house;
mod properties;
mod reports;
mod scheduling;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;

use crate::dav::xml::{Element, read};
use crate::dav::{Href, Limits, Service, Viewer};

use house::House;

pub(super) const CALENDAR: &str = "/calendars/users/ada/aula/";

struct Server(Service<House>);

struct Reply {
    status: u16,
    text: String,
}

impl Server {
    fn new(objects: &[(&str, &str)]) -> Self {
        Self(Service::new(Arc::new(House::new(objects)), "cal.example", Limits::default()))
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let viewer = Viewer::new(1, "ada", Href::parse("/principals/users/ada/").expect("path"));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request");
        let (head, body) = self.0.handle(&viewer, request).await.into_parts();
        let body = body.collect().await.expect("nothing here can break off").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("UTF-8");
        Reply { status: head.status.as_u16(), text }
    }

    async fn report(&self, path: &str, headers: &[(&str, &str)], root: &str, inner: &str) -> Reply {
        let body = format!(
            "<C:{root} xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\">{inner}</C:{root}>"
        );
        self.send("REPORT", path, headers, &body).await
    }

    async fn props(&self, path: &str, names: &str) -> Reply {
        let body = format!(
            "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:CS=\"http://calendarserver.org/ns/\" \
             xmlns:A=\"http://apple.com/ns/ical/\" xmlns:NC=\"http://nextcloud.com/ns\"><D:prop>{names}</D:prop></D:propfind>"
        );
        self.send("PROPFIND", path, &[("depth", "0")], &body).await
    }
}

impl Reply {
    #[track_caller]
    fn xml(&self) -> Element {
        let limits = Limits { xml_bytes: 100 << 20, xml_text: 10 << 20, ..Limits::default() };
        read(self.text.as_bytes(), &limits).expect("well-formed").expect("a body")
    }

    /// The hrefs of a multistatus.
    #[track_caller]
    fn hrefs(&self) -> Vec<String> {
        assert_eq!(self.status, 207, "{}", self.text);
        let root = self.xml();
        root.children().filter_map(|it| it.child("DAV:", "href").map(|it| it.text().into_owned())).collect()
    }

    /// Status and condition of a refusal.
    #[track_caller]
    fn refused(&self) -> (u16, String) {
        let root = self.xml();
        assert!(root.name().is_dav("error"), "{}", self.text);
        (self.status, root.children().next().expect("a condition").name().local().to_owned())
    }

    #[track_caller]
    fn has(&self, text: &str) {
        assert!(self.text.contains(text), "{text}\nis not in\n{}", self.text);
    }
}

/// A VCALENDAR with one event.
fn event(uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20270101T000000Z\r\nSUMMARY:{uid} & co\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

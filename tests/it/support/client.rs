//! A calendar program of one person: requests as it would send them.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{Method, Request};
use roomdav::domain::id::Slug;
use roomdav::domain::user::Refusals;
use roomdav::site::Visit;

use super::{Reply, TestServer};

/// From where every test asks.
pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

/// One person's program. Cheap to make.
#[derive(Clone)]
pub(crate) struct Client<'s> {
    server: &'s TestServer,
    pub(crate) login: String,
    agent: String,
    mode: Option<Refusals>,
    language: String,
}

impl<'s> Client<'s> {
    pub(super) fn new(server: &'s TestServer, login: &str) -> Self {
        Self { server, login: login.to_owned(), agent: String::new(), mode: None, language: String::new() }
    }

    /// Another program of the same person.
    pub(crate) fn agent(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }

    /// Signed in by an app password that pins the way of refusing.
    pub(crate) fn pinned(mut self, mode: Refusals) -> Self {
        self.mode = Some(mode);
        self
    }

    /// With this Accept-Language.
    pub(crate) fn language(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// The person's home.
    pub(crate) fn home(&self) -> String {
        format!("/calendars/users/{}/", self.login)
    }

    /// A room's calendar in the person's home.
    pub(crate) fn room(&self, slug: &str) -> String {
        format!("{}room-{slug}/", self.home())
    }

    /// The person's own calendar.
    pub(crate) fn own(&self) -> String {
        format!("{}reservations/", self.home())
    }

    /// Any request.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        // On the heap: tests that play many requests have stacks of their own size.
        Box::pin(self.send_bytes(method, path, headers, Bytes::copy_from_slice(body.as_bytes()))).await
    }

    /// Any request with any bytes.
    pub(crate) async fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Reply {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(path)
            .header("host", "127.0.0.1:8008");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let user = self.user().await;
        let service = self.server.service();
        let request = request.body(body).unwrap();
        let at = request.uri().path();
        let visit = Visit {
            mode: self.mode,
            user_agent: &self.agent,
            accept_language: &self.language,
            path: at,
            peer: Some(PEER),
        };
        let viewer = service.site().viewer(user, visit).await;
        let response = match viewer {
            Ok(viewer) => {
                let viewer = service.site().with_wishes(viewer, request.headers());
                Box::pin(service.handle(&viewer, request)).await
            }
            Err(error) => service.refuse(&error),
        };
        Reply::of(response, format!("{method} {path} as {}", self.login)).await
    }

    async fn user(&self) -> roomdav::domain::id::UserId {
        let mut snapshot = self.server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        tx.users().by_login(&Slug::parse(&self.login).unwrap()).await.unwrap().unwrap().id
    }

    /// PUT of something new: `If-None-Match: *`.
    pub(crate) async fn create(&self, path: &str, text: impl AsRef<str>) -> Reply {
        let headers = [("if-none-match", "*"), ("content-type", "text/calendar; charset=utf-8")];
        self.send("PUT", path, &headers, text.as_ref()).await
    }

    /// PUT without a condition.
    pub(crate) async fn put(&self, path: &str, text: impl AsRef<str>) -> Reply {
        self.send("PUT", path, &[("content-type", "text/calendar; charset=utf-8")], text.as_ref()).await
    }

    /// PUT with `If-Match`.
    pub(crate) async fn change(&self, path: &str, etag: &str, text: impl AsRef<str>) -> Reply {
        let headers = [("if-match", etag), ("content-type", "text/calendar; charset=utf-8")];
        self.send("PUT", path, &headers, text.as_ref()).await
    }

    /// An event of the person's own in a room's calendar.
    pub(crate) fn in_room(&self, slug: &str, uid: &str) -> String {
        format!("{}{uid}.ics", self.room(slug))
    }

    /// An event in the person's own calendar.
    pub(crate) fn in_own(&self, uid: &str) -> String {
        format!("{}{uid}.ics", self.own())
    }

    /// MOVE to another path.
    pub(crate) async fn relocate(&self, from: &str, to: &str) -> Reply {
        let to = format!("http://127.0.0.1:8008{to}");
        self.send("MOVE", from, &[("destination", &to), ("overwrite", "F")], "").await
    }

    /// A new event in a room's calendar, `{uid}.ics`.
    pub(crate) async fn book(&self, slug: &str, event: &super::Event) -> Reply {
        self.create(&format!("{}{}.ics", self.room(slug), event.uid()), event.text()).await
    }

    /// A new event in the person's own calendar, `{uid}.ics`.
    pub(crate) async fn invite(&self, event: &super::Event) -> Reply {
        self.create(&format!("{}{}.ics", self.own(), event.uid()), event.text()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], "").await
    }

    pub(crate) async fn propfind(&self, path: &str, depth: &str, body: &str) -> Reply {
        self.send("PROPFIND", path, &[("depth", depth)], body).await
    }

    pub(crate) async fn report(&self, path: &str, body: &str) -> Reply {
        self.send("REPORT", path, &[("depth", "1")], body).await
    }

    /// The sync-token of a calendar.
    pub(crate) async fn token(&self, path: &str) -> String {
        let body = "<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
        let reply = self.propfind(path, "0", body).await.multistatus();
        reply[0].text("sync-token").expect("a sync-token")
    }

    /// sync-collection: the changed members, and the next token.
    pub(crate) async fn sync(&self, path: &str, token: &str) -> (Vec<super::Item>, String) {
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
             <prop><getetag/></prop></sync-collection>"
        );
        let reply = self.report(path, &body).await.expect(207);
        let next = reply.element_text("sync-token").expect("a sync-token");
        (reply.multistatus(), next)
    }

    /// Every member of a calendar with its tag, by href.
    pub(crate) async fn list(&self, path: &str) -> Vec<(String, String)> {
        let body = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
        let items = self.propfind(path, "1", body).await.expect(207).multistatus();
        let mut members: Vec<_> =
            items.into_iter().filter_map(|item| Some((item.href.clone(), item.text("getetag")?))).collect();
        members.sort();
        members
    }

    /// The texts of all members of a calendar, by href.
    pub(crate) async fn texts(&self, path: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (href, _) in self.list(path).await {
            texts.push(self.get(&href).await.expect(200).text());
        }
        texts
    }
}

//! A calendar tree in memory: nodes by href, texts by member.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;

use crate::caldav::limits::QueryLimits;
use crate::caldav::node::{
    Calendar, CalendarKind, CalendarLimits, Folder, FolderKind, Inbox, Info, Node, Object, Principal,
    PrincipalKind, RoomFacts, Siblings,
};
use crate::caldav::tree::{CalendarTree, Loaded, zone_of};
use crate::caldav::{mkcalendar, outbox, report};
use crate::dav::patch::plan;
use crate::dav::xml::Element;
use crate::dav::{
    Body, Changes, Conditions, DavError, ETag, Entity, Failures, Href, Limits, MemberName, NewCollection,
    Node as _, Patched, Posted, PrincipalSearch, PrivilegeSet, PropertyUpdate, ReportRequest, Representation,
    Stored, SyncToken, Transfer, Tree, Upload, Viewer,
};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::free_busy::{Busy, Transparency, busy};
use crate::ical::{CalendarObject, ComponentKind};

use super::CALENDAR;

pub(super) struct House {
    nodes: BTreeMap<String, Node>,
    texts: BTreeMap<String, Bytes>,
    limits: QueryLimits,
}

fn href(path: &str) -> Href {
    Href::parse(path).expect("path")
}

fn info(path: &str, title: &str, privileges: PrivilegeSet) -> Info {
    Info {
        href: href(path),
        title: Some(title.to_owned()),
        owner: Some(href("/principals/users/ada/")),
        privileges,
        principal_collections: Arc::new([href("/principals/users/"), href("/principals/rooms/")]),
        dead: Vec::new(),
        acl: None,
    }
}

fn calendar() -> Calendar {
    Calendar {
        info: info(CALENDAR, "Aula", PrivilegeSet::WRITE),
        kind: CalendarKind::RoomOfPerson { room: href("/calendars/rooms/aula/") },
        color: Some("#336699".to_owned()),
        order: Some(2),
        description: None,
        zone: Zone::iana("Europe/Berlin").expect("bundled"),
        timezone: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into(),
        timezone_id: "Europe/Berlin".into(),
        is_transparent: true,
        components: vec![ComponentKind::Event],
        ctag: "7-abc".to_owned(),
        sync_token: SyncToken::new("http://cal.example/sync/1/2/7-abc"),
        limits: CalendarLimits::default(),
        push: None,
        attachments_at: "https://calendar.example".into(),
    }
}

fn principal(path: &str, title: &str, kind: PrincipalKind, mail: &str) -> Principal {
    Principal {
        info: info(path, title, PrivilegeSet::READ),
        kind,
        uuid: Some("11111111-2222-3333-4444-555555555555".to_owned()),
        mail: vec![Address::new(mail), Address::new(&format!("second.{mail}"))],
        home: (kind == PrincipalKind::User).then(|| href("/calendars/users/ada/")),
        inbox: Some(href("/calendars/users/ada/inbox/")),
        outbox: Some(href("/calendars/users/ada/outbox/")),
        members: Vec::new(),
        memberships: Vec::new(),
        proxy_read_for: Vec::new(),
        proxy_write_for: vec![href("/principals/rooms/aula/")],
        schedule_mode: (kind == PrincipalKind::Room).then_some("automatic"),
        room: (kind == PrincipalKind::Room).then(|| RoomFacts {
            kind: Some("lecture-hall".to_owned()),
            seats: Some(120),
            features: vec!["PROJECTOR".to_owned(), "WHITEBOARD".to_owned()],
            ..RoomFacts::default()
        }),
    }
}

impl House {
    pub(super) fn new(objects: &[(&str, &str)]) -> Self {
        let folder = |path: &str, kind| Folder::plain(info(path, "", PrivilegeSet::READ), kind);
        let inbox = Inbox {
            info: info("/calendars/users/ada/inbox/", "Inbox", PrivilegeSet::READ),
            default_calendar: Some(href(CALENDAR)),
            availability: None,
            free_busy_set: vec![href(CALENDAR)],
            ctag: "1-x".to_owned(),
            sync_token: SyncToken::new("http://cal.example/sync/2"),
        };
        let mut nodes = vec![
            Node::Root(folder("/", FolderKind::Plain)),
            Node::PrincipalCollection(folder("/principals/users/", FolderKind::Principals)),
            Node::Principal(Box::new(principal(
                "/principals/users/ada/",
                "Ada King Lovelace",
                PrincipalKind::User,
                "ada@example.org",
            ))),
            Node::Principal(Box::new(principal(
                "/principals/rooms/aula/",
                "Aula",
                PrincipalKind::Room,
                "aula@example.org",
            ))),
            Node::Home(folder("/calendars/users/ada/", FolderKind::Home)),
            Node::Calendar(Box::new(calendar())),
            Node::Inbox(Box::new(inbox)),
            Node::Outbox(folder("/calendars/users/ada/outbox/", FolderKind::Outbox)),
        ];
        let shared = Arc::new(Siblings {
            owner: Some(href("/principals/users/ada/")),
            privileges: PrivilegeSet::WRITE,
            principal_collections: Arc::new([]),
        });
        let mut texts = BTreeMap::new();
        for (name, text) in objects {
            let name = MemberName::parse(name).expect("a name");
            let href = href(CALENDAR).join(&name);
            texts.insert(href.as_str().to_owned(), Bytes::copy_from_slice(text.as_bytes()));
            nodes.push(Node::Object(Object {
                etag: ETag::new(&format!("t{}", text.len())),
                schedule_tag: None,
                size: Some(text.len() as u64),
                modified_at: Instant::from_secs(1_800_000_000),
                component: ComponentKind::Event,
                shared: shared.clone(),
                acl: None,
                href,
            }));
        }
        let nodes = nodes.into_iter().map(|node| (node.href().as_str().to_owned(), node)).collect();
        Self { nodes, texts, limits: QueryLimits::default() }
    }

    fn loaded(&self) -> impl Iterator<Item = Loaded> {
        self.nodes.values().filter_map(Node::object).map(|object| Loaded {
            object: object.clone(),
            text: self.texts[object.href.as_str()].clone(),
            parsed: None,
            held: None,
        })
    }
}

fn unused<T>() -> Result<T, DavError> {
    Err(DavError::internal("this house does not change"))
}

impl Tree for House {
    type Node = Node;

    fn compliance(&self, _: &Href) -> &'static str {
        "1, 3, access-control, calendar-access"
    }

    async fn find(&self, _: &Viewer, href: &Href) -> Result<Option<Node>, DavError> {
        let node = self.nodes.get(href.as_str());
        Ok(node.or_else(|| self.nodes.get(href.to_collection().as_str())).cloned())
    }

    async fn members(&self, _: &Viewer, node: &Node) -> Result<Vec<Node>, DavError> {
        let is_member = |member: &&Node| member.href().parent().as_ref() == Some(node.href());
        Ok(self.nodes.values().filter(is_member).cloned().collect())
    }

    async fn read(&self, _: &Viewer, node: Node) -> Result<Option<(Node, Representation)>, DavError> {
        let text = self.texts.get(node.href().as_str()).cloned();
        Ok(text.map(|body| {
            (
                node,
                Representation {
                    content_type: "text/calendar; charset=utf-8".into(),
                    body: Entity::Whole(body),
                    is_attachment: false,
                },
            )
        }))
    }

    async fn put(&self, _: &Viewer, _: &Href, _: Upload, _: &Conditions) -> Result<Stored, DavError> {
        unused()
    }

    async fn delete(&self, _: &Viewer, _: &Href, _: &Conditions) -> Result<Failures, DavError> {
        unused()
    }

    async fn make_collection(
        &self,
        _: &Viewer,
        _: &Href,
        new: NewCollection,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        let mut new = new;
        assert!(mkcalendar::is_calendar(&new));
        mkcalendar::take_components(&mut new)?;
        match plan::<Calendar>(&new.properties, true, &Limits::default()) {
            Ok(plan) => Ok(plan.done()),
            Err(patched) => Ok(patched),
        }
    }

    async fn transfer(&self, _: &Viewer, _: Transfer<'_>) -> Result<Stored, DavError> {
        unused()
    }

    async fn patch(
        &self,
        _: &Viewer,
        node: &Node,
        update: &PropertyUpdate,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        let limits = Limits::default();
        let patched = match node {
            Node::Calendar(_) => plan::<Calendar>(update, true, &limits).map(|plan| plan.done()),
            Node::Inbox(_) => plan::<Inbox>(update, true, &limits).map(|plan| plan.done()),
            Node::Principal(_) => plan::<Principal>(update, true, &limits).map(|plan| plan.done()),
            Node::Object(_) => plan::<Object>(update, false, &limits).map(|plan| plan.done()),
            Node::Root(_) | Node::PrincipalCollection(_) | Node::Home(_) | Node::Outbox(_) => {
                plan::<Folder>(update, true, &limits).map(|plan| plan.done())
            }
        };
        Ok(patched.unwrap_or_else(|patched| patched))
    }

    async fn changes(
        &self,
        _: &Viewer,
        _: &Node,
        _: Option<&SyncToken>,
        _: u32,
    ) -> Result<Changes<Node>, DavError> {
        unused()
    }

    async fn principals(&self, _: &Viewer, _: &PrincipalSearch) -> Result<Vec<Node>, DavError> {
        Ok(self.nodes.values().filter(|node| matches!(node, Node::Principal(_))).cloned().collect())
    }

    async fn report(
        &self,
        viewer: &Viewer,
        node: Node,
        request: ReportRequest<'_>,
    ) -> Result<Response<Body>, DavError> {
        report::run(self, viewer, node, request).await
    }

    async fn post(&self, viewer: &Viewer, _: Node, posted: Posted) -> Result<Response<Body>, DavError> {
        outbox::post(self, viewer, &posted).await
    }

    fn creation(
        &self,
        method: &str,
        body: Option<&Element>,
        limits: &Limits,
    ) -> Option<Result<NewCollection, DavError>> {
        mkcalendar::creation(method, body, limits)
    }
}

impl CalendarTree for House {
    fn now(&self) -> Instant {
        Instant::from_secs(1_800_000_000)
    }

    fn query_limits(&self) -> &QueryLimits {
        &self.limits
    }

    async fn candidates(&self, _: &Viewer, _: &Node, _: Option<Period>) -> Result<Vec<Loaded>, DavError> {
        Ok(self.loaded().collect())
    }

    async fn objects(&self, _: &Viewer, _: &Node, names: &[MemberName]) -> Result<Vec<Loaded>, DavError> {
        Ok(self
            .loaded()
            .filter(|it| it.object.href.name().is_some_and(|name| names.contains(&name)))
            .collect())
    }

    async fn busy_of_calendar(
        &self,
        _: &Viewer,
        collection: &Node,
        within: Period,
    ) -> Result<Vec<Busy>, DavError> {
        let mut all = Vec::new();
        for loaded in self.loaded() {
            let object = CalendarObject::parse(loaded.text, &self.limits.ical).expect("a test's object");
            let zone = zone_of(collection);
            all.extend(
                busy(&object, &zone, within, &self.limits.budget, Transparency::Ignored).expect("cheap"),
            );
        }
        Ok(all)
    }

    async fn may_ask_as(&self, _: &Viewer, _: &Address) -> Result<bool, DavError> {
        Ok(true)
    }

    async fn busy_of(
        &self,
        viewer: &Viewer,
        who: &Address,
        within: Period,
        masked: Option<&str>,
    ) -> Result<Option<Vec<Busy>>, DavError> {
        let known = ["mailto:aula@example.org", "/principals/rooms/aula/"];
        if !known.contains(&who.as_str()) {
            return Ok(None);
        }
        if masked.is_some() {
            return Ok(Some(Vec::new()));
        }
        let calendar = Node::Calendar(Box::new(calendar()));
        self.busy_of_calendar(viewer, &calendar, within).await.map(Some)
    }
}

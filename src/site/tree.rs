//! The site as a tree: each method of `dav` and `caldav` goes to the file that does it.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;

use crate::booking;
use crate::caldav::limits::QueryLimits;
use crate::caldav::node::Node;
use crate::caldav::tree::{CalendarTree, Loaded};
use crate::caldav::{mkcalendar, outbox, report};
use crate::dav::header::is_xml;
use crate::dav::xml::Element;
use crate::dav::{
    Acl, Body, Changes, Conditions, DavError, Entity, Failures, Href, Limits, MemberName, NewCollection,
    Patched, Posted, PrincipalSearch, PropertyUpdate, ReportRequest, Representation, Stored, SyncToken,
    Transfer, Tree, Upload, Viewer,
};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Period};
use crate::ical::free_busy::Busy;

use super::Site;
use super::compliance;
use super::home_changes::Depth;
use super::page;
use super::place::{Folder, Place};
use super::query::Wanted;
use super::reader::reader;
use super::refusal;
use super::zone_form;

impl Tree for Site {
    type Node = Node;

    fn compliance(&self, _href: &Href) -> &'static str {
        compliance::of(false, self.is_pushing())
    }

    async fn find(&self, viewer: &Viewer, href: &Href) -> Result<Option<Node>, DavError> {
        self.find_node(viewer, href).await
    }

    async fn members(&self, viewer: &Viewer, node: &Node) -> Result<Vec<Node>, DavError> {
        let reader = reader(viewer)?;
        let Some(place) = Place::of(crate::dav::tree::Node::href(node)) else { return Ok(Vec::new()) };
        match place {
            Place::Calendar(_) | Place::Inbox(_) => {
                let mut all = self.changes_of(viewer, node, None, u32::MAX).await?;
                let present = all.members.drain(..).filter_map(|member| match member {
                    crate::dav::Changed::Present(node) => Some(node),
                    crate::dav::Changed::Gone(_) => None,
                });
                Ok(present.collect())
            }
            Place::Folder(Folder::Homes) => {
                let home = Place::Home(reader.actor.login.clone()).href();
                Ok(self.find_node(viewer, &home).await?.into_iter().collect())
            }
            Place::Folder(folder) => {
                let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
                let mut tx = snapshot.tx();
                match folder {
                    Folder::Users => self.all_users(&mut tx, reader).await,
                    Folder::Rooms => self.all_rooms(&mut tx, reader).await,
                    Folder::Groups => self.all_groups(&mut tx, reader).await,
                    Folder::RoomGroups => self.all_room_groups(&mut tx, reader).await,
                    Folder::RoomCalendars => self.room_calendars(&mut tx, reader).await,
                    _ => {
                        drop(snapshot);
                        return self.subfolders(viewer, folder).await;
                    }
                }
                .map_err(refusal::store)
            }
            Place::Home(_) => {
                let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
                let mut members = self.home(&mut snapshot.tx(), reader).await.map_err(refusal::store)?;
                drop(snapshot);
                let who = super::place::Who::User(reader.actor.login.clone());
                for place in [Place::Inbox(who.clone()), Place::Outbox(who)] {
                    members.extend(self.find_node(viewer, &place.href()).await?);
                }
                Ok(members)
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn read(&self, viewer: &Viewer, node: Node) -> Result<Option<(Node, Representation)>, DavError> {
        match &node {
            Node::Object(_) => {
                let loaded = self.member_with_text(viewer, crate::dav::tree::Node::href(&node)).await?;
                let content_type = "text/calendar; charset=utf-8".into();
                let node = zone_form::chosen(viewer, Node::Object(loaded.object));
                Ok(Some((node, shown(content_type, zone_form::text(viewer, loaded.text)))))
            }
            Node::Root(folder) => {
                let is_front = Place::of(&folder.info.href) == Some(Place::Folder(Folder::Root));
                Ok(is_front.then(|| {
                    let body = page::front(&self.base_url, &viewer.login).into();
                    (node.clone(), shown(page::TYPE.into(), body))
                }))
            }
            // D-43: no listing of members.
            _ => Ok(None),
        }
    }

    fn chosen(&self, viewer: &Viewer, node: Node) -> Node {
        zone_form::chosen(viewer, node)
    }

    async fn put(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        Box::pin(self.put_member(viewer, href, upload, conditions)).await
    }

    async fn delete(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> Result<Failures, DavError> {
        match Place::of(href) {
            Some(Place::Member(..)) => Box::pin(self.delete_member(viewer, href, conditions)).await?,
            _ => Box::pin(self.remove_calendar(viewer, href, conditions)).await?,
        }
        Ok(Failures::new())
    }

    async fn unregister(&self, viewer: &Viewer, href: &Href) -> Result<bool, DavError> {
        self.unregister_push(viewer, href).await
    }

    async fn write_refused(&self, viewer: &Viewer, href: &Href) {
        self.nudge_member(viewer, href).await;
    }

    async fn make_collection(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewCollection,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        self.make_calendar(viewer, href, new).await
    }

    fn misplaced(&self, new: &NewCollection) -> Option<DavError> {
        mkcalendar::misplaced(new)
    }

    async fn transfer(&self, viewer: &Viewer, transfer: Transfer<'_>) -> Result<Stored, DavError> {
        Box::pin(self.transfer_member(viewer, transfer)).await
    }

    async fn patch(
        &self,
        viewer: &Viewer,
        node: &Node,
        update: &PropertyUpdate,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        Box::pin(self.patch_node(viewer, node, update)).await
    }

    async fn changes(
        &self,
        viewer: &Viewer,
        node: &Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> Result<Changes<Node>, DavError> {
        self.counted(match node {
            Node::Home(_) => self.home_changes(viewer, since, limit, Depth::Calendars).await,
            node => self.changes_of(viewer, node, since, limit).await,
        })
    }

    async fn changes_below(
        &self,
        viewer: &Viewer,
        node: &Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> Result<Changes<Node>, DavError> {
        self.counted(match node {
            Node::Home(_) => self.home_changes(viewer, since, limit, Depth::Members).await,
            // Nothing lies below their members.
            node => self.changes_of(viewer, node, since, limit).await,
        })
    }

    async fn principals(&self, viewer: &Viewer, _search: &PrincipalSearch) -> Result<Vec<Node>, DavError> {
        let reader = reader(viewer)?;
        self.searches.count(reader.user, self.bookings.now())?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let mut all = self.all_rooms(&mut tx, reader).await.map_err(refusal::store)?;
        all.extend(self.all_users(&mut tx, reader).await.map_err(refusal::store)?);
        all.extend(self.all_groups(&mut tx, reader).await.map_err(refusal::store)?);
        all.extend(self.all_room_groups(&mut tx, reader).await.map_err(refusal::store)?);
        Ok(all)
    }

    async fn with_acl(&self, viewer: &Viewer, nodes: Vec<Node>) -> Result<Vec<Node>, DavError> {
        self.nodes_with_acl(viewer, nodes).await
    }

    async fn with_tokens(&self, viewer: &Viewer, nodes: Vec<Node>) -> Result<Vec<Node>, DavError> {
        self.homes_with_tokens(viewer, nodes).await
    }

    async fn set_acl(&self, viewer: &Viewer, node: &Node, acl: Acl) -> Result<(), DavError> {
        self.set_room_acl(viewer, node, acl).await
    }

    async fn report(
        &self,
        viewer: &Viewer,
        node: Node,
        request: ReportRequest<'_>,
    ) -> Result<Response<Body>, DavError> {
        report::run(self, viewer, node, request).await
    }

    async fn post(&self, viewer: &Viewer, node: Node, posted: Posted) -> Result<Response<Body>, DavError> {
        if let (Node::Calendar(calendar), true) = (&node, is_xml(&posted.headers)) {
            return self.register_push(viewer, calendar, &posted).await;
        }
        if let Node::Calendar(calendar) = &node {
            return self.add_member(viewer, &calendar.info.href, posted).await;
        }
        if let Node::Object(object) = &node {
            return Box::pin(self.attach_to_member(viewer, &object.href, posted)).await;
        }
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

fn shown(content_type: Cow<'static, str>, body: Bytes) -> Representation {
    Representation { content_type, body: Entity::Whole(body), is_attachment: false }
}

impl Site {
    async fn subfolders(&self, viewer: &Viewer, folder: Folder) -> Result<Vec<Node>, DavError> {
        let below: &[Folder] = match folder {
            Folder::Root => &[Folder::Principals, Folder::Calendars, Folder::Files],
            Folder::Principals => &[Folder::Users, Folder::Rooms, Folder::Groups, Folder::RoomGroups],
            Folder::Calendars => &[Folder::Homes, Folder::RoomCalendars],
            _ => &[],
        };
        let mut nodes = Vec::new();
        for folder in below {
            nodes.extend(self.find_node(viewer, &Place::Folder(*folder).href()).await?);
        }
        Ok(nodes)
    }
}

impl CalendarTree for Site {
    fn now(&self) -> Instant {
        self.bookings.now()
    }

    fn query_limits(&self) -> &QueryLimits {
        &self.query_limits
    }

    async fn candidates(
        &self,
        viewer: &Viewer,
        collection: &Node,
        span: Option<Period>,
    ) -> Result<Vec<Loaded>, DavError> {
        self.members_with_text(viewer, collection, Wanted::Span(span)).await
    }

    async fn objects(
        &self,
        viewer: &Viewer,
        collection: &Node,
        names: &[MemberName],
    ) -> Result<Vec<Loaded>, DavError> {
        self.members_with_text(viewer, collection, Wanted::Names(names)).await
    }

    async fn busy_of_calendar(
        &self,
        viewer: &Viewer,
        collection: &Node,
        within: Period,
    ) -> Result<Vec<Busy>, DavError> {
        self.calendar_busy(viewer, collection, within).await
    }

    async fn may_ask_as(&self, viewer: &Viewer, organizer: &Address) -> Result<bool, DavError> {
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let known = booking::access::user_at(&mut snapshot.tx(), organizer).await.map_err(refusal::store)?;
        // Whether there is such a person is told nobody: who asks may know of him, or is taken at his word.
        let Some(other) = known.filter(|known| known.id != reader.user) else { return Ok(true) };
        let is_known = super::people::knows(&mut snapshot.tx(), reader, &other).await;
        Ok(!is_known.map_err(refusal::store)?)
    }

    async fn busy_of(
        &self,
        viewer: &Viewer,
        who: &Address,
        within: Period,
        masked: Option<&str>,
    ) -> Result<Option<Vec<Busy>>, DavError> {
        self.address_busy(viewer, who, within, masked).await
    }
}

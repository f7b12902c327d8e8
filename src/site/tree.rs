//! The site as a tree: each method of `dav` and `caldav` goes to the file that does it.

use http::Response;

use crate::caldav::limits::QueryLimits;
use crate::caldav::node::Node;
use crate::caldav::tree::{CalendarTree, Loaded};
use crate::caldav::{mkcalendar, outbox, report};
use crate::dav::xml::Element;
use crate::dav::{
    Body, Changes, Conditions, DavError, Href, Limits, MemberName, NewCollection, Patched, Posted,
    PrincipalSearch, PropertyUpdate, ReportRequest, Representation, Stored, SyncToken, Transfer, Tree,
    Upload, Viewer,
};
use crate::domain::attendee::Address;
use crate::domain::time::{Instant, Period};
use crate::ical::free_busy::Busy;

use super::Site;
use super::page;
use super::place::{Folder, Place};
use super::query::Wanted;
use super::reader::reader;
use super::refusal;

/// R1.4: `1` first; only what works. RFC 4918, section 18; RFC 4791, section 5.1.
const COMPLIANCE: &str = "1, 3, access-control, calendar-access, calendar-auto-schedule, calendar-proxy, \
                          calendarserver-principal-property-search, calendarserver-principal-search, \
                          extended-mkcol";

impl Tree for Site {
    type Node = Node;

    fn compliance(&self, _href: &Href) -> &'static str {
        COMPLIANCE
    }

    async fn find(&self, viewer: &Viewer, href: &Href) -> Result<Option<Node>, DavError> {
        self.find_node(viewer, href).await
    }

    async fn members(&self, viewer: &Viewer, node: &Node) -> Result<Vec<Node>, DavError> {
        let reader = reader(viewer)?;
        let Some(place) = Place::of(crate::dav::tree::Node::href(node)) else { return Ok(Vec::new()) };
        match place {
            Place::Calendar(_) => {
                let mut nothing = self.changes_of(viewer, node, None, u32::MAX).await?;
                let present = nothing.members.drain(..).filter_map(|member| match member {
                    crate::dav::Changed::Present(node) => Some(node),
                    crate::dav::Changed::Gone(_) => None,
                });
                Ok(present.collect())
            }
            Place::Folder(Folder::Homes) => Ok(vec![self.home_node(reader)]),
            Place::Folder(folder) => {
                let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
                let mut tx = snapshot.tx();
                match folder {
                    Folder::Users => self.all_users(&mut tx, reader).await,
                    Folder::Rooms => self.all_rooms(&mut tx, reader).await,
                    Folder::Groups => self.all_groups(&mut tx, reader).await,
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
                let content_type = "text/calendar; charset=utf-8";
                Ok(Some((Node::Object(loaded.object), Representation { content_type, body: loaded.text })))
            }
            Node::Root(folder) => {
                let is_front = Place::of(&folder.info.href) == Some(Place::Folder(Folder::Root));
                Ok(is_front.then(|| {
                    let body = page::front(&self.base_url, &viewer.login).into();
                    (node.clone(), Representation { content_type: page::TYPE, body })
                }))
            }
            // D-43: no listing of members.
            _ => Ok(None),
        }
    }

    async fn put(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        self.put_member(viewer, href, upload, conditions).await
    }

    async fn delete(&self, viewer: &Viewer, href: &Href, conditions: &Conditions) -> Result<(), DavError> {
        match Place::of(href) {
            Some(Place::Member(..)) => self.delete_member(viewer, href, conditions).await,
            _ => self.remove_calendar(viewer, href, conditions).await,
        }
    }

    async fn write_refused(&self, viewer: &Viewer, href: &Href) {
        self.nudge_member(viewer, href).await;
    }

    async fn make_collection(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewCollection,
    ) -> Result<Patched, DavError> {
        self.make_calendar(viewer, href, new).await
    }

    async fn transfer(&self, viewer: &Viewer, transfer: Transfer<'_>) -> Result<Stored, DavError> {
        self.transfer_member(viewer, transfer).await
    }

    async fn patch(
        &self,
        viewer: &Viewer,
        node: &Node,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        self.patch_node(viewer, node, update).await
    }

    async fn changes(
        &self,
        viewer: &Viewer,
        node: &Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> Result<Changes<Node>, DavError> {
        self.changes_of(viewer, node, since, limit).await
    }

    async fn principals(&self, viewer: &Viewer, _search: &PrincipalSearch) -> Result<Vec<Node>, DavError> {
        let reader = reader(viewer)?;
        self.searches.count(reader.user, self.bookings.now())?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let mut all = self.all_rooms(&mut tx, reader).await.map_err(refusal::store)?;
        all.extend(self.all_users(&mut tx, reader).await.map_err(refusal::store)?);
        all.extend(self.all_groups(&mut tx, reader).await.map_err(refusal::store)?);
        Ok(all)
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
        if let Node::Calendar(calendar) = &node {
            return self.add_member(viewer, &calendar.info.href, posted).await;
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

impl Site {
    async fn subfolders(&self, viewer: &Viewer, folder: Folder) -> Result<Vec<Node>, DavError> {
        let below: &[Folder] = match folder {
            Folder::Root => &[Folder::Principals, Folder::Calendars],
            Folder::Principals => &[Folder::Users, Folder::Rooms, Folder::Groups],
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

//! Writing: PUT, DELETE, MOVE and PROPPATCH become commands of `booking`, and their outcomes answers.

use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use crate::booking::admin::AdminError;
use crate::booking::{Bookings, Delete, Move, Outcome, Put, name_for};
use crate::caldav::condition::SUPPORTED_CALENDAR_DATA;
use crate::caldav::node::{Calendar, Folder, Inbox, Node, Principal};
use crate::caldav::property::calendar::CalendarPatch;
use crate::dav::patch::{Plan, plan};
use crate::dav::{
    Body, Conditions, DavError, DeadChange, ETag, Edit, Href, Match, MemberName, Patched, Posted,
    PropertyUpdate, ScheduleTagMatch, Stored, Transfer, Upload, Verb, Viewer,
};
use crate::domain::expected::{Expected, Tags};
use crate::domain::id::{CalendarId, Slug, UserId};
use crate::ical::{self, CalendarObject, IcalError, IcalErrorKind};
use crate::store::{StoreError, Tx, Work};

use super::Site;
use super::calendar::{self, Collection};
use super::place::{CalendarPlace, Place};
use super::properties::{fits, of_calendar, set_calendar, set_dead};
use super::reader::{Reader, reader};
use super::refusal;

impl Site {
    pub(super) async fn put_member(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        let reader = reader(viewer)?;
        let (collection, name) = self.member_place(reader, href).await?;
        let object = read_object(&self.bookings, &upload)?;
        let mut put = Put::new(reader.actor.clone(), collection.target(), name.as_str(), object);
        put.expected = expected(conditions);
        put.on_refusal = refusal::on_refusal(reader.profile);
        put.tolerate_repeat = reader.profile.tolerates_repeats;
        put.keeps_own_text = reader.profile.keeps_own_text;
        let outcome = self.bookings.put(put).await.map_err(|error| refusal::error(error, href))?;
        stored(outcome, reader)
    }

    /// POST to a calendar: a new member under a name made of its UID (RFC 5995, section 3.2).
    pub(super) async fn add_member(
        &self,
        viewer: &Viewer,
        calendar: &Href,
        posted: Posted,
    ) -> Result<Response<Body>, DavError> {
        let content_type = posted.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let upload = Upload { content_type, body: posted.body, headers: posted.headers };
        let uid = read_object(&self.bookings, &upload)?.uid().as_str().to_owned();
        let new = Conditions { if_none_match: Some(Match::Any), ..Conditions::default() };
        let name = |text: &str| {
            MemberName::parse(&name_for(text)).map_err(|_| DavError::bad_request("no name for this UID"))
        };
        let mut href = calendar.join(&name(&uid)?);
        let mut stored = self.put_member(viewer, &href, upload.clone(), &new).await;
        if stored.as_ref().is_err_and(|error| error.status == StatusCode::PRECONDITION_FAILED) {
            // Another event has a name like this; or this one is there, which is told then.
            href = calendar.join(&name(&format!("{uid}-2"))?);
            stored = self.put_member(viewer, &href, upload, &new).await;
        }
        let stored = stored?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::CREATED;
        let headers = response.headers_mut();
        if let Ok(location) = HeaderValue::from_str(href.as_str()) {
            headers.insert(LOCATION, location);
        }
        if let Some(Ok(tag)) = stored.etag.map(|tag| HeaderValue::from_str(tag.as_str())) {
            headers.insert(ETAG, tag);
        }
        Ok(response)
    }

    pub(super) async fn delete_member(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> Result<(), DavError> {
        let reader = reader(viewer)?;
        let (collection, name) = self.member_place(reader, href).await?;
        let mut delete = Delete::new(reader.actor.clone(), collection.target(), name.as_str());
        delete.expected = expected(conditions);
        let outcome = self.bookings.delete(delete).await.map_err(|error| refusal::error(error, href))?;
        stored(outcome, reader).map(drop)
    }

    /// After a refusal that no command of `booking` has seen.
    pub(super) async fn nudge_member(&self, viewer: &Viewer, href: &Href) {
        let Ok(reader) = reader(viewer) else { return };
        let Ok((collection, name)) = self.member_place(reader, href).await else { return };
        if let Err(error) = self.bookings.nudge(&reader.actor, collection.target(), name.as_str()).await {
            tracing::warn!(%error, "cannot nudge after a refusal");
        }
    }

    pub(super) async fn transfer_member(
        &self,
        viewer: &Viewer,
        transfer: Transfer<'_>,
    ) -> Result<Stored, DavError> {
        if transfer.verb == Verb::Copy {
            // R8.1: a booking is not copied.
            return Err(DavError::status(StatusCode::FORBIDDEN));
        }
        let reader = reader(viewer)?;
        let (from, from_name) = self.member_place(reader, transfer.from).await?;
        let (to, to_name) = self.member_place(reader, transfer.to).await?;
        let command = Move {
            actor: reader.actor.clone(),
            from: (from.target(), from_name.as_str().to_owned()),
            to: (to.target(), to_name.as_str().to_owned()),
            expected: expected(transfer.conditions),
            overwrite: transfer.overwrite,
        };
        let outcome = self.bookings.relocate(command).await;
        stored(outcome.map_err(|error| refusal::error(error, transfer.from))?, reader)
    }

    /// The calendar and the name of a member, existing or not.
    async fn member_place(&self, reader: &Reader, href: &Href) -> Result<(Collection, MemberName), DavError> {
        let Some(Place::Member(place, name)) = Place::of(href) else {
            return Err(DavError::status(StatusCode::FORBIDDEN));
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let found = calendar::find(&mut snapshot.tx(), reader, &place).await.map_err(refusal::store)?;
        Ok((found.ok_or_else(DavError::not_found)?, name))
    }

    /// PROPPATCH sets the reader's own values, whatever the privileges say (R1.13); a manager's
    /// title at the room's own name is the room's.
    pub(super) async fn patch_node(
        &self,
        viewer: &Viewer,
        node: &Node,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let reader = reader(viewer)?;
        match node {
            Node::Calendar(calendar) => self.patch_calendar(reader, calendar, update).await,
            Node::Inbox(_) => self.patch_dead::<Inbox>(reader, node, update, |_| Edit::default()).await,
            Node::Principal(_) => {
                self.patch_dead::<Principal>(reader, node, update, |_| Edit::default()).await
            }
            Node::Root(_) | Node::PrincipalCollection(_) | Node::Home(_) | Node::Outbox(_) => {
                self.patch_dead::<Folder>(reader, node, update, |patch| patch.title.clone()).await
            }
            Node::Object(_) => Ok(match plan::<crate::caldav::node::Object>(update, false, &self.limits) {
                Ok(plan) => plan.failed(StatusCode::FORBIDDEN),
                Err(patched) => patched,
            }),
        }
    }

    async fn patch_calendar(
        &self,
        reader: &Reader,
        node: &Calendar,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let plan: Plan<Calendar> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let Some(Place::Calendar(place)) = Place::of(&node.info.href) else {
            return Err(DavError::not_found());
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let collection = found.ok_or_else(DavError::not_found)?;
        let own = of_calendar(collection.calendar.id);
        let most = self.limits.dead_properties;
        if !fits(&mut tx, reader.user, &own, &plan.dead, most).await.map_err(refusal::store)? {
            // Known before the room is touched, so that all is done or nothing.
            return Ok(plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        }
        drop(snapshot);
        let manages = collection.room.as_ref().is_some_and(|room| room.asker.manager);
        let mut patch = plan.patch.clone();
        if let (CalendarPlace::Room { slug }, true) = (&place, manages)
            && let Some(failure) = self.patch_room(slug, &mut patch).await?
        {
            return Ok(plan.failed(failure));
        }
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let (reader, calendar) = (reader.user, collection.calendar.id);
        let work = PatchCalendar { reader, calendar, patch, dead: plan.dead, most };
        let fits = self.bookings.store().write(work).await.map_err(refusal::store)?;
        Ok(if fits { done } else { full })
    }

    /// At the room's own name a manager changes the room itself: what it is called, and its zone
    /// (R10). What was the room's is taken out of the patch. The status, if the room refuses.
    async fn patch_room(
        &self,
        slug: &str,
        patch: &mut CalendarPatch,
    ) -> Result<Option<StatusCode>, DavError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if let Edit::Set(title) = std::mem::take(&mut patch.title) {
            pairs.push(("name".to_owned(), title));
        }
        if let Edit::Set(zone) = std::mem::take(&mut patch.zone) {
            pairs.push(("zone".to_owned(), zone.name().to_owned()));
        }
        if let Edit::Set(text) = std::mem::take(&mut patch.timezone) {
            let zone = ical::zone_of_calendar(text.into(), self.bookings.limits());
            match zone.ok().filter(|zone| zone.known().is_some()) {
                Some(zone) => pairs.push(("zone".to_owned(), zone.name().to_owned())),
                None => return Ok(Some(StatusCode::FORBIDDEN)),
            }
        }
        let (Ok(slug), false) = (Slug::parse(slug), pairs.is_empty()) else { return Ok(None) };
        match self.bookings.set_room(slug, pairs).await {
            Ok(()) => Ok(None),
            Err(AdminError::Refused(_)) => Ok(Some(StatusCode::CONFLICT)),
            Err(AdminError::Booking(error)) => Err(refusal::error(error, &Href::root())),
            Err(AdminError::Store(error)) => Err(refusal::store(error)),
        }
    }

    /// Other collections keep what is sent, and answer it to this reader alone.
    async fn patch_dead<N: crate::dav::Described>(
        &self,
        reader: &Reader,
        node: &Node,
        update: &PropertyUpdate,
        title: impl Fn(&N::Patch) -> Edit<String>,
    ) -> Result<Patched, DavError> {
        let plan: Plan<N> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let place = crate::dav::tree::Node::href(node).as_str().to_owned();
        let most = self.limits.dead_properties;
        let title = title(&plan.patch);
        let work = PatchDead { reader: reader.user, place, title, changes: plan.dead, most };
        let fits = self.bookings.store().write(work).await.map_err(refusal::store)?;
        Ok(if fits { done } else { full })
    }
}

struct PatchDead {
    reader: UserId,
    place: String,
    title: Edit<String>,
    changes: Vec<DeadChange>,
    /// L-28.
    most: usize,
}

impl Work for PatchDead {
    /// Whether there was room.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let fits = fits(tx, self.reader, &self.place, &self.changes, self.most).await?;
        if fits {
            let patch = CalendarPatch { title: self.title.clone(), ..CalendarPatch::default() };
            set_calendar(tx, self.reader, &self.place, &patch).await?;
            set_dead(tx, self.reader, &self.place, &self.changes).await?;
        }
        Ok(fits)
    }
}

struct PatchCalendar {
    reader: UserId,
    calendar: CalendarId,
    patch: CalendarPatch,
    dead: Vec<DeadChange>,
    /// L-28.
    most: usize,
}

impl Work for PatchCalendar {
    /// Whether there was room.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let place = of_calendar(self.calendar);
        let fits = fits(tx, self.reader, &place, &self.dead, self.most).await?;
        if fits {
            set_calendar(tx, self.reader, &place, &self.patch).await?;
            set_dead(tx, self.reader, &place, &self.dead).await?;
        }
        Ok(fits)
    }
}

/// The body of a PUT as one checked object.
fn read_object(bookings: &Bookings, upload: &Upload) -> Result<CalendarObject, DavError> {
    let is_calendar = |content_type: &str| {
        content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/calendar"))
    };
    if !upload.content_type.as_deref().is_none_or(is_calendar) {
        return Err(SUPPORTED_CALENDAR_DATA.into());
    }
    if upload.body.len() > bookings.limits().max_bytes {
        let fault = IcalError::new(IcalErrorKind::TooLarge, "the object is too large");
        return Err(refusal::invalid(&fault));
    }
    CalendarObject::parse(upload.body.clone(), bookings.limits()).map_err(|fault| refusal::invalid(&fault))
}

/// Conditional headers in the words of the domain: tags without quotes.
fn expected(conditions: &Conditions) -> Expected {
    let tags = |given: &Option<Match>| {
        given.as_ref().map(|given| match given {
            Match::Any => Tags::Any,
            Match::Tags(tags) => Tags::These(tags.iter().map(|tag| tag.opaque().to_owned()).collect()),
        })
    };
    Expected {
        matching: tags(&conditions.if_match),
        none_matching: tags(&conditions.if_none_match),
        schedule_tag: conditions.if_schedule_tag_match.as_ref().map(|given| match given {
            ScheduleTagMatch::Empty => String::new(),
            ScheduleTagMatch::Tag(tag) => tag.opaque().to_owned(),
        }),
    }
}

fn stored(outcome: Outcome, reader: &Reader) -> Result<Stored, DavError> {
    match outcome {
        Outcome::Stored { created, version, schedule_tag } => Ok(Stored {
            created,
            etag: version.as_deref().map(ETag::new),
            schedule_tag: schedule_tag.as_deref().map(ETag::new),
        }),
        Outcome::Removed => Ok(Stored { created: false, etag: None, schedule_tag: None }),
        Outcome::Refused(refused) => refusal::refusal(&refused, reader.profile),
    }
}

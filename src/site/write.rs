//! Writing members of calendars: PUT, POST, DELETE and MOVE become commands of `booking`, and their
//! outcomes answers. PROPPATCH is in [`super::patch`].
//! RFC 4791, section 5.3.2; RFC 5995, sections 3 and 5; RFC 6638, sections 3.2.3 and 3.2.3.1.

use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use crate::booking::{Bookings, Delete, Move, Outcome, Put, name_for};
use crate::caldav::condition::SUPPORTED_CALENDAR_DATA;
use crate::dav::header::media_type_of;
use crate::dav::state::{About, If, Wanted};
use crate::dav::{
    Body, Conditions, DavError, ETag, Href, Match, MemberName, Posted, ScheduleTagMatch, Stored, Transfer,
    Upload, Verb, Viewer,
};
use crate::domain::expected::{Claim, Expected, Tags, of_any_form};
use crate::ical::{CalendarObject, IcalError, IcalErrorKind};

use super::Site;
use super::calendar::{self, Collection};
use super::place::Place;
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
        put.expected = expected(conditions, href);
        put.on_refusal = refusal::on_refusal(reader.profile);
        put.tolerate_repeat = reader.profile.tolerates_repeats;
        put.links = Some(super::attachments::links(&self.base_url));
        put.keeps_own_text = reader.profile.keeps_own_text;
        let outcome = self.bookings.put(put).await.map_err(|error| refusal::error(error, href))?;
        stored(outcome, reader)
    }

    /// POST to a calendar: a new member under a name made of its UID (RFC 5995, section 3.1).
    pub(super) async fn add_member(
        &self,
        viewer: &Viewer,
        calendar: &Href,
        posted: Posted,
    ) -> Result<Response<Body>, DavError> {
        let content_type = posted.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let body = posted.body.bytes()?;
        let upload = || Upload { content_type: content_type.clone(), body: body.clone().into() };
        let uid = read_object(&self.bookings, &upload())?.uid().as_str().to_owned();
        let new = Conditions { if_none_match: Some(Match::Any), ..Conditions::default() };
        let name = |text: &str| {
            MemberName::parse(&name_for(text)).map_err(|_| DavError::bad_request("no name for this UID"))
        };
        let mut href = calendar.join(&name(&uid)?);
        let mut stored = self.put_member(viewer, &href, upload(), &new).await;
        if stored.as_ref().is_err_and(|error| error.status == StatusCode::PRECONDITION_FAILED) {
            // Another event has a name like this; or this one is there, which is told then.
            href = calendar.join(&name(&format!("{uid}-2"))?);
            stored = self.put_member(viewer, &href, upload(), &new).await;
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
        delete.expected = expected(conditions, href);
        delete.replies = conditions.schedule_reply;
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
        if from.is_inbox() || to.is_inbox() {
            // What was delivered stays what it is.
            return Err(DavError::status(StatusCode::FORBIDDEN));
        }
        let command = Move {
            actor: reader.actor.clone(),
            from: (from.target(), from_name.as_str().to_owned()),
            to: (to.target(), to_name.as_str().to_owned()),
            expected: expected(transfer.conditions, transfer.from),
            overwrite: transfer.overwrite,
        };
        let outcome = self.bookings.relocate(command).await;
        stored(outcome.map_err(|error| refusal::error(error, transfer.from))?, reader)
    }

    /// The calendar and the name of a member, existing or not.
    pub(super) async fn member_place(
        &self,
        reader: &Reader,
        href: &Href,
    ) -> Result<(Collection, MemberName), DavError> {
        let Some(Place::Member(place, name)) = Place::of(href) else {
            return Err(DavError::status(StatusCode::FORBIDDEN));
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let found = calendar::find(&mut snapshot.tx(), reader, &place).await.map_err(refusal::store)?;
        Ok((found.ok_or_else(DavError::not_found)?, name))
    }
}

/// The body of a PUT as one checked object.
fn read_object(bookings: &Bookings, upload: &Upload) -> Result<CalendarObject, DavError> {
    let is_calendar = |content_type: &str| media_type_of(content_type).as_deref() == Some("text/calendar");
    if !upload.content_type.as_deref().is_none_or(is_calendar) {
        return Err(SUPPORTED_CALENDAR_DATA.into());
    }
    let body = upload.body.bytes()?;
    if body.len() > bookings.limits().max_bytes {
        let fault = IcalError::new(IcalErrorKind::TooLarge, "the object is too large");
        return Err(refusal::invalid(&fault));
    }
    CalendarObject::parse(body, bookings.limits()).map_err(|fault| refusal::invalid(&fault))
}

/// Conditional headers in the words of the domain: tags without quotes.
pub(super) fn expected(conditions: &Conditions, href: &Href) -> Expected {
    let tags = |given: &Option<Match>| {
        given.as_ref().map(|given| match given {
            Match::Any => Tags::Any,
            Match::Tags(tags) => Tags::These(tags.iter().map(version).collect()),
        })
    };
    Expected {
        matching: tags(&conditions.if_match),
        none_matching: tags(&conditions.if_none_match),
        schedule_tag: conditions.if_schedule_tag_match.as_ref().map(|given| match given {
            ScheduleTagMatch::Empty => String::new(),
            ScheduleTagMatch::Tag(tag) => tag.opaque().to_owned(),
        }),
        any_of: conditions.state.as_ref().and_then(|header| claims(header, href)),
    }
}

/// The version that a tag stands for, whichever form it was got with (RFC 7809, section 3.1.3).
fn version(tag: &ETag) -> String {
    of_any_form(tag.opaque()).to_owned()
}

/// What `If` says of a member, which never has a lock. `None` where it also speaks of others: that
/// was judged before, and cannot be in the transaction of this one.
fn claims(header: &If, href: &Href) -> Option<Vec<Vec<Claim>>> {
    let is_about_it = |about: &About| match about {
        About::Target => true,
        About::Named(named) => named.same_resource(href),
        About::Elsewhere => false,
    };
    if !header.lists().iter().all(|list| is_about_it(&list.about)) {
        return None;
    }
    let mut lists = Vec::new();
    for list in header.lists() {
        let mut claims = Vec::new();
        let mut can_hold = true;
        for condition in &list.conditions {
            match &condition.wanted {
                Wanted::Token(_) => can_hold &= condition.negated,
                Wanted::Tag(tag) => {
                    claims.push(Claim { version: version(tag), negated: condition.negated });
                }
            }
        }
        lists.extend(can_hold.then_some(claims));
    }
    Some(lists)
}

pub(super) fn stored(outcome: Outcome, reader: &Reader) -> Result<Stored, DavError> {
    match outcome {
        Outcome::Stored { created, version, schedule_tag, .. } => Ok(Stored {
            created,
            etag: version.as_deref().map(ETag::new),
            schedule_tag: schedule_tag.as_deref().map(ETag::new),
        }),
        Outcome::Removed => Ok(Stored { created: false, etag: None, schedule_tag: None }),
        Outcome::Refused(refused) => refusal::refusal(&refused, reader.profile),
    }
}

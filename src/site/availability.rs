//! When somebody can be had at all, on the inboxes: a person's own text, a room's opening hours.
//!
//! RFC 7953, sections 7, 7.1, 7.2 and 7.2.4; R93.

use crate::booking::access::RoomState;
use crate::booking::admin::{self, AdminError};
use crate::caldav::condition;
use crate::caldav::node::Inbox;
use crate::dav::condition::Condition;
use crate::dav::name::{Name, ROOMDAV};
use crate::dav::patch::{Failure, Plan, plan};
use crate::dav::{DavError, DeadChange, Edit, Href, Patched, PropertyUpdate};
use crate::domain::id::UserId;
use crate::domain::time::Instant;
use crate::ical::{self, CalendarObject, IcalError, Limits, availability, opening};
use crate::store::{Tx, Work};
use http::StatusCode;

use super::Site;
use super::inbox::Wishes;
use super::people;
use super::place::{Place, Who};
use super::properties::{AVAILABILITY, Own, fits, set, set_dead};
use super::reader::Reader;
use super::refusal;

/// A room is open at the same hours each week, in its zone; other availability is none of a room.
const WEEKLY_OPENING_HOURS: Condition =
    Condition::new(Name::new(ROOMDAV, "weekly-opening-hours"), StatusCode::FORBIDDEN, "docs/settings.md");

/// A room's hours as its inbox shows them to everybody who sees the room; `None` if it never closes.
pub(super) fn availability_of(room: &RoomState) -> Option<String> {
    let hours = room.rules.settings.hours.as_ref()?;
    Some(opening::write(hours, &room.rules.zone, &format!("hours-{}", room.room.uuid)))
}

/// The availability on a person's inbox.
pub(super) async fn on_inbox(
    tx: &mut Tx<'_>,
    person: (UserId, &str),
    limits: &Limits,
) -> Result<Option<CalendarObject>, DavError> {
    let place = Place::Inbox(Who::User(person.1.to_owned())).href();
    let own = Own::of(tx.properties().on_place(person.0, place.as_str()).await.map_err(refusal::store)?);
    let read = own.availability.map(|text| availability::read(text.into(), limits));
    // Whoever cannot be told whole is not told free.
    read.transpose().map_err(|fault| DavError::internal(format!("the availability of {}: {fault}", person.1)))
}

impl Site {
    /// PROPPATCH of an inbox: a person's availability is kept, a manager's is the room's hours.
    pub(super) async fn patch_inbox(
        &self,
        reader: &Reader,
        inbox: &Inbox,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let plan: Plan<Inbox> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let Some(wishes) = self.wishes(reader, inbox, &plan.patch).await? else {
            // Where a room's invitations go is not to be chosen.
            return Ok(plan.failed(StatusCode::FORBIDDEN));
        };
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let mut edit = plan.patch.availability.clone();
        let read = match &edit {
            Edit::Set(text) => read(text.clone(), self.bookings.limits()).map(Some),
            Edit::Keep | Edit::Clear => Ok(None),
        };
        let object = match read {
            Ok(object) => object.map(Box::new),
            // RFC 4791, section 5.3.2.1: each fault has its precondition.
            Err(fault) => {
                return Ok(done.failed_at(is_it, &Failure::of(condition::of(fault.kind))));
            }
        };
        if let Some(object) = &object {
            edit = Edit::Set(String::from_utf8_lossy(object.bytes()).into_owned());
        }
        let availability = match (edit, Place::of(&inbox.info.href)) {
            (Edit::Keep, _) => Availability::Kept,
            (edit, Some(Place::Inbox(Who::User(login)))) if login == reader.actor.login => {
                Availability::Own(edit)
            }
            (_, Some(Place::Inbox(Who::Room(slug)))) => Availability::OfRoom(slug, object),
            _ => {
                return Ok(done.failed_at(is_it, &Failure { status: StatusCode::FORBIDDEN, condition: None }));
            }
        };
        let work = PatchInbox {
            reader: reader.clone(),
            place: inbox.info.href.as_str().to_owned(),
            availability,
            wishes,
            dead: plan.dead,
            most: self.limits.dead_properties,
            now: self.bookings.now(),
        };
        match self.bookings.store().write(work).await {
            Ok(Outcome::Done) => Ok(done),
            Ok(Outcome::Full) => Ok(full),
            Ok(Outcome::Failed(failure)) => Ok(done.failed_at(is_it, &failure)),
            // What is given is no value of the setting.
            Err(AdminError::Refused(_)) => {
                Ok(done.failed_at(is_it, &Failure { status: StatusCode::CONFLICT, condition: None }))
            }
            Err(error) => Err(refusal::admin(error, &Href::root())),
        }
    }
}

/// An availability with all of its zones explained.
fn read(text: String, limits: &Limits) -> Result<CalendarObject, IcalError> {
    let object = availability::read(text.into(), limits)?;
    Ok(ical::explained(&object, limits)?.unwrap_or(object))
}

/// The property that a failure is of, in either namespace.
fn is_it(name: &Name) -> bool {
    name.local() == "calendar-availability"
}

/// What becomes of the availability.
enum Availability {
    Kept,
    /// The reader's own text.
    Own(Edit<String>),
    /// The opening hours of the room with this slug; `None` if it never closes.
    OfRoom(String, Option<Box<CalendarObject>>),
}

/// All of a PROPPATCH, or nothing of it (RFC 4918, section 9.2).
struct PatchInbox {
    reader: Reader,
    place: String,
    availability: Availability,
    wishes: Wishes,
    dead: Vec<DeadChange>,
    /// L-28.
    most: usize,
    now: Instant,
}

enum Outcome {
    Done,
    /// There are too many properties.
    Full,
    /// The availability cannot be that.
    Failed(Failure),
}

impl Work for PatchInbox {
    type Done = Outcome;
    type Error = AdminError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, AdminError> {
        let (user, place) = (self.reader.user, self.place.as_str());
        let account = self.reader.account();
        if !fits(tx, account, place, &self.dead, self.most).await? {
            return Ok(Outcome::Full);
        }
        let mut own = &Edit::Keep;
        match &self.availability {
            Availability::Kept => {}
            Availability::Own(edit) => own = edit,
            Availability::OfRoom(slug, hours) => {
                if let Some(failure) = self.set_hours(tx, slug, hours.as_deref()).await? {
                    return Ok(Outcome::Failed(failure));
                }
            }
        }
        set(tx, user, place, AVAILABILITY, own).await?;
        self.wishes.keep(tx, user).await?;
        set_dead(tx, account, place, &self.dead).await?;
        Ok(Outcome::Done)
    }
}

impl PatchInbox {
    /// The room's opening hours, by whoever manages it; what hours cannot say is refused.
    async fn set_hours(
        &self,
        tx: &mut Tx<'_>,
        slug: &str,
        to: Option<&CalendarObject>,
    ) -> Result<Option<Failure>, AdminError> {
        let failed = |status, condition| Ok(Some(Failure { status, condition }));
        let Some(before) = people::visible_room(tx, &self.reader, slug).await? else {
            return failed(StatusCode::FORBIDDEN, None);
        };
        tx.lock_in_order(&before.spaces(), &[]).await?;
        // As it is now that nobody else changes it.
        let room = people::visible_room(tx, &self.reader, slug).await?;
        let Some(room) = room.filter(|room| room.asker.manager) else {
            return failed(StatusCode::FORBIDDEN, None);
        };
        let hours = match to {
            None => "none".to_owned(),
            Some(object) => match opening::read(object, &room.rules.zone, self.now) {
                Some(hours) => hours,
                None => return failed(WEEKLY_OPENING_HOURS.status, Some(WEEKLY_OPENING_HOURS)),
            },
        };
        admin::set_keys(tx, room.room, &[("hours".to_owned(), hours)], self.now).await?;
        Ok(None)
    }
}

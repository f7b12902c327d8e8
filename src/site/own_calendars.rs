//! Calendars that a person makes and removes. RFC 4791, section 5.3.1; RFC 5689,
//! sections 4 and 4.1; R8.2, R8.3; B-33.

use http::StatusCode;

use crate::booking::{Delete, Outcome, RESERVATIONS, Target};
use crate::caldav::condition::{CALENDAR_COLLECTION_LOCATION_OK, DEFAULT_CALENDAR_NEEDED};
use crate::caldav::mkcalendar::{is_calendar, take_components};
use crate::caldav::node::Calendar;
use crate::caldav::property::calendar::CalendarPatch;
use crate::dav::patch::{Plan, plan};
use crate::dav::{Conditions, DavError, DeadChange, Href, NewCollection, Patched, Privilege, Viewer};
use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Instant;
use crate::ical::ComponentKind;
use crate::store::{self, CalendarOwner, StoreError, Tx, Work};

use super::Site;
use super::calendar;
use super::place::{CalendarPlace, Place};
use super::properties::{of_calendar, set_calendar, set_dead};
use super::reader::reader;
use super::refusal;

/// More calendars than this are nobody's.
const MAX_CALENDARS: usize = 100;

/// Rounds in which members may appear while a calendar is emptied.
const MAX_ROUNDS: usize = 5;

impl Site {
    /// A calendar in the viewer's own home; `Ok` with failures where a property could not be set.
    pub(super) async fn make_calendar(
        &self,
        viewer: &Viewer,
        href: &Href,
        mut new: NewCollection,
    ) -> Result<Patched, DavError> {
        let reader = reader(viewer)?;
        let Some(Place::Calendar(CalendarPlace::Own { name, .. })) = Place::of(href) else {
            return Err(CALENDAR_COLLECTION_LOCATION_OK.into());
        };
        if !is_calendar(&new) {
            // A home holds calendars and nothing else.
            return Err(DavError::status(StatusCode::FORBIDDEN));
        }
        let components = components(&mut new)?;
        let plan: Plan<Calendar> = match plan(&new.properties, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let work = Make {
            person: reader.user,
            name,
            components,
            patch: plan.patch,
            dead: plan.dead,
            most: self.limits.dead_properties,
            now: self.bookings.now(),
        };
        match self.bookings.store().write(work).await {
            Ok(Made::Yes) => Ok(done),
            Ok(Made::TooManyProperties) => Ok(full),
            Ok(Made::TooManyCalendars) => Err(DavError::status(StatusCode::INSUFFICIENT_STORAGE)),
            // Somebody was quicker.
            Err(StoreError::Duplicate(_)) => Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED)),
            Err(error) => Err(refusal::store(error)),
        }
    }

    /// A calendar of one's own with everything in it: each event is cancelled by its own command,
    /// so that rooms are freed and told. The default calendar stays.
    pub(super) async fn remove_calendar(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> Result<(), DavError> {
        let reader = reader(viewer)?;
        let Some(Place::Calendar(place @ CalendarPlace::Own { .. })) = Place::of(href) else {
            // R8.3: a room is never removed by a calendar program.
            return Err(stays(href));
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let mailbox = tx.scheduling().mailboxes(&[reader.user]).await.map_err(refusal::store)?.pop();
        drop(snapshot);
        let calendar = found.ok_or_else(DavError::not_found)?.calendar;
        if mailbox.is_some_and(|mailbox| mailbox.calendar == calendar.id) {
            return Err(DEFAULT_CALENDAR_NEEDED.into());
        }
        if calendar.name == RESERVATIONS {
            return Err(stays(href));
        }
        if conditions.if_match.is_some() {
            // A collection has no tag.
            return Err(DavError::precondition_failed());
        }
        for _ in 0..MAX_ROUNDS {
            let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
            let members = snapshot.tx().resources().list(calendar.id, reader.user).await;
            drop(snapshot);
            for member in members.map_err(refusal::store)? {
                let delete = Delete::new(reader.actor.clone(), Target::Person(calendar.id), &member.name);
                match self.bookings.delete(delete).await {
                    Ok(Outcome::Refused(refused)) => {
                        refusal::refusal(&refused, reader.profile)?;
                        return Err(DavError::status(StatusCode::FORBIDDEN));
                    }
                    Ok(_) | Err(crate::booking::Error::Missing) => {}
                    Err(error) => return Err(refusal::error(error, href)),
                }
            }
            if self.bookings.store().write(Remove(calendar.id)).await.map_err(refusal::store)? {
                return Ok(());
            }
        }
        Err(DavError::unavailable(1, "a calendar was filled while it was removed"))
    }
}

/// Nobody has the right to take this out of the collection that it is in.
fn stays(href: &Href) -> DavError {
    DavError::need_privilege(&href.parent().unwrap_or_else(Href::root), Privilege::Unbind)
}

/// What members may be, in the spelling of the table. Where nothing is said a calendar is for what
/// programs show; busy times and availability are kept where they are asked for.
fn components(new: &mut NewCollection) -> Result<String, DavError> {
    const USUAL: [ComponentKind; 3] = [ComponentKind::Event, ComponentKind::Todo, ComponentKind::Journal];
    let asked = take_components(new)?.unwrap_or_else(|| USUAL.to_vec());
    let kept = ComponentKind::ALL.iter().filter(|kind| asked.contains(kind));
    Ok(kept.map(|kind| kind.as_str()).collect::<Vec<_>>().join(","))
}

/// What members of a calendar may be.
pub(super) fn kinds(calendar: &store::Calendar) -> Vec<ComponentKind> {
    ComponentKind::ALL.into_iter().filter(|kind| calendar.takes(kind.as_str())).collect()
}

struct Make {
    person: UserId,
    name: String,
    components: String,
    patch: CalendarPatch,
    dead: Vec<DeadChange>,
    /// L-28.
    most: usize,
    now: Instant,
}

enum Made {
    Yes,
    TooManyProperties,
    TooManyCalendars,
}

impl Work for Make {
    type Done = Made;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Made, StoreError> {
        if tx.calendars().of_person(self.person).await?.len() >= MAX_CALENDARS {
            return Ok(Made::TooManyCalendars);
        }
        if self.dead.len() > self.most {
            return Ok(Made::TooManyProperties);
        }
        let owner = CalendarOwner::Person(self.person);
        let calendar = tx.calendars().create(owner, &self.name, &self.components, self.now).await?;
        let place = of_calendar(calendar.id);
        set_calendar(tx, self.person, &place, &self.patch).await?;
        set_dead(tx, self.person, &place, &self.dead).await?;
        Ok(Made::Yes)
    }
}

struct Remove(CalendarId);

impl Work for Remove {
    /// `false` if it has members again.
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tx.lock_in_order(&[], &[self.0]).await?;
        let is_gone = tx.calendars().remove(self.0).await?;
        if is_gone {
            tx.properties().remove_place(&of_calendar(self.0)).await?;
        }
        Ok(is_gone)
    }
}

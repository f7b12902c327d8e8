//! Who is busy when: rooms from their claims, people from their calendars (R104, R5.6, R5.7).
//! RFC 7953, section 7.2.5.

use crate::booking::RESERVATIONS;
use crate::booking::access::{RoomState, room_state};
use crate::caldav::node::Node;
use crate::dav::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use crate::dav::{DavError, Viewer};
use crate::domain::attendee::Address;
use crate::domain::id::UserId;
use crate::domain::recurrence::Budget;
use crate::domain::time::{Period, Zone};
use crate::domain::user::User;
use crate::ical::availability::unavailable;
use crate::ical::free_busy::{Busy, BusyKind, Transparency, busy};
use crate::ical::{CalendarObject, ComponentKind};
use crate::store::{Calendar, StoreError, Tx};

use super::Site;
use super::availability;
use super::calendar;
use super::people;
use super::place::Place;
use super::properties::{Own, of_calendar};
use super::reader::reader;
use super::refusal;

impl Site {
    pub(super) async fn calendar_busy(
        &self,
        viewer: &Viewer,
        collection: &Node,
        within: Period,
    ) -> Result<Vec<Busy>, DavError> {
        let reader = reader(viewer)?;
        let Some(Place::Calendar(place)) = Place::of(crate::dav::tree::Node::href(collection)) else {
            return Ok(Vec::new());
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let collection = found.ok_or_else(DavError::not_found)?;
        match &collection.room {
            Some(room) => {
                let room = room_state(&mut tx, room.room.id, &reader.actor).await.map_err(refusal::store)?;
                let room = room.ok_or_else(DavError::not_found)?;
                let found = room_busy(&mut tx, &room, within, None).await.map_err(refusal::store)?;
                self.not_too_many(found)
            }
            None => {
                let place = of_calendar(collection.calendar.id);
                let own = tx.properties().on_place(reader.user, &place).await.map_err(refusal::store)?;
                let own = Own::of(own);
                let mut found = Found::default();
                let asked = (within, None);
                self.own_busy(&mut tx, &collection.calendar, (reader.user, &own), asked, &mut found).await?;
                self.whole(found, within)
            }
        }
    }

    pub(super) async fn address_busy(
        &self,
        viewer: &Viewer,
        who: &Address,
        within: Period,
        masked: Option<&str>,
    ) -> Result<Option<Vec<Busy>>, DavError> {
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        if let Some(room) = people::room_at(&mut tx, reader, who).await.map_err(refusal::store)? {
            let found = room_busy(&mut tx, &room, within, masked).await.map_err(refusal::store)?;
            return self.not_too_many(found).map(Some);
        }
        match people::user_at(&mut tx, reader, who).await.map_err(refusal::store)? {
            Some(user) => self.person_busy(&mut tx, &user, within, masked).await.map(Some),
            None => Ok(None),
        }
    }

    /// A person is busy by the events of all own calendars but those that are said to count as
    /// free (RFC 6638, section 9.1), and by what the availability on the inbox says (RFC 7953,
    /// section 7.2.4), of which floating times are in the zone of the default calendar.
    async fn person_busy(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        within: Period,
        masked: Option<&str>,
    ) -> Result<Vec<Busy>, DavError> {
        let person = user.id;
        let mut zone = Zone::utc();
        let mut found = Found::default();
        for calendar in tx.calendars().of_person(person).await.map_err(refusal::store)? {
            let place = of_calendar(calendar.id);
            let own = Own::of(tx.properties().on_place(person, &place).await.map_err(refusal::store)?);
            if calendar.name == RESERVATIONS {
                zone = own.own_zone(&self.bookings.limits().of_stored());
            }
            if own.is_transparent != Some(true) {
                self.own_busy(tx, &calendar, (person, &own), (within, masked), &mut found).await?;
            }
        }
        let who = (person, user.login.as_str());
        let inbox = availability::on_inbox(tx, who, &self.bookings.limits().of_stored()).await?;
        found.availability.extend(inbox.map(|object| (object, zone)));
        self.whole(found, within)
    }

    /// All that was found. What the availability of several places says is laid over each other, not
    /// added up (RFC 7953, section 4).
    fn whole(&self, found: Found, within: Period) -> Result<Vec<Busy>, DavError> {
        let Found { mut busy, availability, .. } = found;
        let objects = availability.iter().map(|(object, zone)| (object, zone));
        let closed = unavailable(objects, within, &self.budget(busy.len()));
        // Whoever cannot be told whole is not told free.
        busy.extend(closed.map_err(|_| DavError::from(NUMBER_OF_MATCHES_WITHIN_LIMITS))?);
        self.not_too_many(busy)
    }

    /// What is left for one object after so many instances (L-53).
    fn budget(&self, found: usize) -> Budget {
        let max_instances = self.query_limits.instances.saturating_sub(found);
        Budget { max_instances, ..self.query_limits.budget }
    }

    /// L-53.
    fn not_too_many(&self, found: Vec<Busy>) -> Result<Vec<Busy>, DavError> {
        if found.len() > self.query_limits.instances {
            return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
        }
        Ok(found)
    }

    async fn own_busy(
        &self,
        tx: &mut Tx<'_>,
        calendar: &Calendar,
        (person, own): (UserId, &Own),
        (within, masked): (Period, Option<&str>),
        found: &mut Found,
    ) -> Result<(), DavError> {
        let resources = tx.resources().touching(calendar.id, person, within).await.map_err(refusal::store)?;
        let limits = self.bookings.limits().of_stored();
        let zone = own.own_zone(&limits);
        for resource in resources.iter().filter(|resource| masked != Some(resource.uid.as_str())) {
            let text = tx.resources().text(resource.id).await.map_err(refusal::store)?;
            let bytes = text.len();
            let object = CalendarObject::parse(text.into(), &limits)
                .map_err(|fault| DavError::internal(format!("member {}: {fault}", resource.id)))?;
            if object.component() == ComponentKind::Availability {
                found.bytes = found.bytes.saturating_add(bytes);
                if found.bytes > self.query_limits.text_bytes {
                    return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
                }
                found.availability.push((object, zone.clone()));
                continue;
            }
            // Whoever cannot be told whole is not told free.
            let budget = self.budget(found.busy.len());
            let periods = busy(&object, &zone, within, &budget, Transparency::Obeyed);
            found.busy.extend(periods.map_err(|_| DavError::from(NUMBER_OF_MATCHES_WITHIN_LIMITS))?);
        }
        Ok(())
    }
}

/// What a person's calendars hold.
#[derive(Default)]
struct Found {
    busy: Vec<Busy>,
    /// With the zone of its floating times. All of it is needed at once.
    availability: Vec<(CalendarObject, Zone)>,
    /// How long the texts of it are (L-54).
    bytes: usize,
}

/// A room is busy by its claims; blocks, buffers and closed hours are unavailable (R82, R104).
async fn room_busy(
    tx: &mut Tx<'_>,
    room: &RoomState,
    within: Period,
    masked: Option<&str>,
) -> Result<Vec<Busy>, StoreError> {
    let spaces = room.spaces();
    let mut found = Vec::new();
    for taken in tx.occurrences().taken(&spaces, within).await? {
        if masked == Some(taken.uid.as_str()) {
            continue;
        }
        let kind = if taken.tentative { BusyKind::Tentative } else { BusyKind::Busy };
        found.extend(clipped(taken.period, within, kind));
        found.extend(clipped(
            Period { end: taken.period.start, ..taken.occupied },
            within,
            BusyKind::Unavailable,
        ));
        found.extend(clipped(
            Period { start: taken.period.end, ..taken.occupied },
            within,
            BusyKind::Unavailable,
        ));
    }
    for (_, closed) in tx.blocks().closed(&spaces, within).await? {
        found.extend(clipped(closed, within, BusyKind::Unavailable));
    }
    if let Some(hours) = &room.rules.settings.hours {
        let closed = hours.closed(&within, &room.rules.zone);
        found.extend(closed.into_iter().filter_map(|closed| clipped(closed, within, BusyKind::Unavailable)));
    }
    Ok(found)
}

fn clipped(period: Period, within: Period, kind: BusyKind) -> Option<Busy> {
    let period = Period { start: period.start.max(within.start), end: period.end.min(within.end) };
    (period.start < period.end).then_some(Busy { period, kind })
}

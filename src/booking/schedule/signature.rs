//! Who wrote in another's name: SENT-BY on the lines of the person for whom a delegate acts.
//!
//! It says who wrote last: what the person writes or sends herself says nothing of the delegate before
//! her. A SENT-BY that names nobody of this house is her program's, and stays.
//! RFC 5545, section 3.2.18; D-36.

use bytes::Bytes;

use crate::domain::attendee::Address;
use crate::ical::CalendarObject;
use crate::ical::edit::{self, is_one_of};
use crate::store::{StoreError, Tx};

use super::super::Bounds;
use super::super::access::user_at;
use super::super::actor::Actor;
use super::super::compose;
use super::super::error::Error;

/// What `person` writes, with the right signature; `None` where it has it.
pub(in crate::booking) async fn signed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    object: &CalendarObject,
    person: &[Address],
    bounds: &Bounds,
) -> Result<Option<CalendarObject>, Error> {
    let text = text(tx, actor, object, person).await?;
    if text == *object.bytes() { Ok(None) } else { compose::reparse(text, object, &bounds.ical).map(Some) }
}

/// The same of a message of hers, which is text already, made of `object`.
pub(super) async fn sent(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (object, message): (&CalendarObject, Bytes),
    person: &[Address],
    bounds: &Bounds,
) -> Result<Bytes, Error> {
    if actor.delegate.is_none() && senders(object, person).is_empty() {
        // Nearly always: what is written was signed rightly before.
        return Ok(message);
    }
    let object = CalendarObject::parse_message(message, &bounds.ical.of_stored())?;
    Ok(text(tx, actor, &object, person).await?)
}

async fn text(
    tx: &mut Tx<'_>,
    actor: &Actor,
    object: &CalendarObject,
    person: &[Address],
) -> Result<Bytes, StoreError> {
    let delegate = actor.delegate.as_ref().and_then(|delegate| delegate.address.as_ref());
    if let Some(address) = delegate
        && is_of(tx, actor, person).await?
    {
        return Ok(edit::sign(object, person, lines(object, person), address));
    }
    let mut stale = Vec::new();
    for sender in senders(object, person) {
        if user_at(tx, &Address::new(&sender)).await?.is_some() {
            stale.push(sender);
        }
    }
    Ok(edit::unsign(object, person, &stale))
}

/// Whether the actor is this person, and not somebody who manages a room that she booked.
async fn is_of(tx: &mut Tx<'_>, actor: &Actor, person: &[Address]) -> Result<bool, StoreError> {
    for address in person {
        if let Some(user) = user_at(tx, address).await? {
            return Ok(actor.is(user.id));
        }
    }
    Ok(false)
}

/// The organizer signs as such; whoever is invited, as an attendee.
fn lines(object: &CalendarObject, person: &[Address]) -> &'static str {
    let mut organizers = object.parts().filter_map(|part| part.get("ORGANIZER"));
    if organizers.any(|line| is_one_of(line, person)) { "ORGANIZER" } else { "ATTENDEE" }
}

/// Each SENT-BY on the person's lines, once.
fn senders(object: &CalendarObject, person: &[Address]) -> Vec<String> {
    let mut senders: Vec<String> = Vec::new();
    for part in object.parts() {
        let lines = part.properties().filter(|line| line.is("ORGANIZER") || line.is("ATTENDEE"));
        let own = lines.filter(|line| is_one_of(*line, person));
        senders.extend(own.filter_map(|line| line.param("SENT-BY")));
    }
    senders.sort_unstable();
    senders.dedup();
    senders
}

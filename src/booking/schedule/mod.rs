//! Scheduling among people: what an organizer's command tells attendees, and what an attendee's
//! tells the organizer, in the transaction of that command.
//!
//! `people` finds who takes part. `plan` is what an organizer's text becomes, `messages` which messages say
//! to one attendee what changed, `news` puts them into copy and inbox or a letter. `reply` is an attendee's
//! side, `host` the organizer's side of a copy, `invited` what a copy still gives its owner. `deliver` writes
//! copies and messages in inboxes, `letters` to those who have no account, `signature` SENT-BY. The texts of
//! messages are made by [`crate::ical::scheduling`]. Nothing that is delivered is answered by the server:
//! only rooms answer by themselves.
//! RFC 6638, sections 3, 3.2, 4 and 11.5; RFC 5546, section 3.2.

mod deliver;
mod host;
mod invited;
mod letters;
mod messages;
mod news;
mod people;
mod plan;
mod reply;
mod signature;

use crate::domain::channel::Channel;
use crate::domain::time::Zone;
use crate::store::Tx;

use super::Bounds;
use super::error::Error;
use super::record::Cause;
use super::scene::Scene;

pub use invited::shows_attachment;
pub(super) use letters::when;
pub(super) use people::{People, Role, Stage, Told};
pub(super) use plan::{Plan, plan};
pub(super) use reply::{Reply, attend};
pub(super) use signature::signed;

/// In which zone instances are named between people: any, as long as it is one.
pub(super) fn common() -> Zone {
    Zone::utc()
}

/// A scheduling object was removed: what was organized is cancelled, what was attended is declined
/// where `replies` (RFC 6638, sections 3.2.1.3 and 3.2.2.4).
pub(super) async fn removed(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    scene: &Scene,
    replies: bool,
    bounds: &Bounds,
) -> Result<(), Error> {
    match scene.people.role_before {
        // A program that moves an event writes it where it goes, and removes it where it was.
        Role::Organizer if stands_elsewhere(tx, scene).await? => Ok(()),
        Role::Organizer => plan::cancel(tx, cause, scene, bounds).await,
        Role::Attendee if replies => reply::decline(tx, cause, scene, bounds).await,
        Role::Attendee | Role::Nobody => Ok(()),
    }
}

/// Whether the owner has the same event in another place that decides.
async fn stands_elsewhere(tx: &mut Tx<'_>, scene: &Scene) -> Result<bool, Error> {
    if !scene.people.elsewhere.is_empty() {
        return Ok(true);
    }
    let Some(before) = &scene.people.before else { return Ok(false) };
    let here = scene.source.as_ref().map(|source| source.id);
    for booked in tx.reservations().of_owner(scene.owner, before.uid().as_str()).await? {
        let is_other = booked.channel == Channel::Direct && Some(booked.source) != here;
        if is_other && tx.resources().get(booked.source).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Writing what was decided to tell people of the house: attendees' copies, and messages in inboxes.
//! RFC 6638, sections 4.1 and 4.2; L-66.

use bytes::Bytes;

use crate::domain::id::{CalendarId, RoomId, UserId};
use crate::ical::CalendarObject;
use crate::store::{Content, NewResource, Resource, Tx};

use super::super::Bounds;
use super::super::compose;
use super::super::copies::free_name;
use super::super::error::Error;
use super::super::mask;
use super::super::record::{Cause, Effect, Member};
use super::people::Guest;

/// Which tag a rewritten copy has (RFC 6638, section 3.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing but answers changed.
    Kept,
    /// Its client is to look at it again before it writes.
    New,
}

/// Brings a member that shows an event to this text; nothing happens where it has it.
pub(super) async fn rewrite(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    (member, room): (&Resource, Option<RoomId>),
    (text, like): (Bytes, &CalendarObject),
    tag: Tag,
    bounds: &Bounds,
) -> Result<(), Error> {
    let object = compose::reparse(text.clone(), like, &bounds.ical)?;
    let schedule_tag = match tag {
        Tag::Kept => member.schedule_tag.clone(),
        Tag::New => Some(compose::new_schedule_tag()),
    };
    let content = compose::content(text, &object, schedule_tag)?;
    if content.etag == member.etag && tag == Tag::Kept {
        return Ok(());
    }
    tx.resources().update(member.id, member.owner, member.reservation, &content, cause.now).await?;
    let stored = tx.resources().get(member.id).await?.ok_or(Error::Missing)?;
    let member = Member::of(&stored, room).instead_of(Some(member));
    Ok(cause.changed(tx, member, Effect::TEXT).await?)
}

/// A guest's first copy.
pub(super) async fn invite(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    guest: &Guest,
    view: &CalendarObject,
) -> Result<(), Error> {
    let calendar = guest.mailbox.calendar;
    let uid = view.uid().as_str();
    let content = compose::content(view.bytes().clone(), view, Some(compose::new_schedule_tag()))?;
    let key = mask::new_key();
    let name = free_name(tx, calendar, &compose::name_for(uid), &key).await?;
    let new = NewResource {
        calendar,
        name: &name,
        uid,
        mask_key: &key,
        owner: guest.person,
        reader: None,
        reservation: None,
        purge_at: None,
    };
    let id = tx.resources().insert(&new, &content, cause.now).await?;
    let stored = tx.resources().get(id).await?.ok_or(Error::Missing)?;
    Ok(cause.changed(tx, Member::of(&stored, None), Effect::TEXT).await?)
}

/// Puts a message into a person's inbox; the oldest give way where there are too many.
pub(super) async fn message(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    (person, inbox): (UserId, CalendarId),
    message: Bytes,
    bounds: &Bounds,
) -> Result<(), Error> {
    let object = CalendarObject::parse_message(message.clone(), &bounds.ical.of_stored())?;
    // A message keeps nothing alive: who is told of an event has a copy of it.
    let content = Content { attachments: Vec::new(), ..compose::content(message, &object, None)? };
    let key = mask::new_key();
    let new = NewResource {
        calendar: inbox,
        name: &format!("{key}.ics"),
        uid: &key,
        mask_key: &key,
        owner: person,
        reader: None,
        reservation: None,
        purge_at: Some(cause.now.plus(bounds.message_secs)),
    };
    let id = tx.resources().insert(&new, &content, cause.now).await?;
    let stored = tx.resources().get(id).await?.ok_or(Error::Missing)?;
    let member = Member { uid: object.uid().as_str(), ..Member::of(&stored, None) };
    cause.changed(tx, member, Effect::TEXT).await?;
    let too_many = tx.resources().count(inbox).await? - bounds.max_messages;
    if too_many > 0 {
        for old in tx.resources().oldest(inbox, too_many).await? {
            tx.resources().delete(old.id).await?;
            cause.changed(tx, Member::of(&old, None).removed(), Effect::TEXT).await?;
        }
    }
    Ok(())
}

//! What a client's text says of attachments that the server keeps: which it may name, and how.
//!
//! A key counts where the event has it already, as far as the writer is shown it, or where it is an
//! attachment of the same person's other event. The rest of the line is the server's, whatever the
//! client wrote (RFC 8607, sections 3.7 and 3.11).

use std::collections::BTreeMap;

use crate::ical::CalendarObject;
use crate::ical::attach::{Managed, ids_by_address, managed_ids, settled};
use crate::store::{Attachment, Tx};

use super::super::Bounds;
use super::super::compose;
use super::super::error::Error;
use super::super::put::{Purpose, Put};
use super::super::scene::Scene;

/// The text with the lines as they are to be; `None` if they are already.
pub(in crate::booking) async fn settle(
    tx: &mut Tx<'_>,
    put: &Put,
    scene: &Scene,
    bounds: &Bounds,
) -> Result<Option<CalendarObject>, Error> {
    let Some(links) = put.links.as_ref().filter(|_| put.purpose == Purpose::Write) else { return Ok(None) };
    let named = managed_ids(&put.object);
    let addressed = ids_by_address(&put.object, |uri| links.id_in(uri));
    if named.is_empty() && addressed.is_empty() {
        return Ok(None);
    }
    let all = [named.as_slice(), &addressed].concat();
    let mut known = tx.attachments().named(&all).await?;
    let here: Vec<_> = scene.shown().collect();
    let mut here = tx.attachments().of(&here).await?;
    here.extend(scene.people.shown_attachments()?);
    known.retain(|attachment| here.contains(&attachment.managed_id) || may_share(put, scene, attachment));
    let known: BTreeMap<String, Managed> =
        known.iter().map(|attachment| (attachment.managed_id.clone(), links.managed(attachment))).collect();
    if named.iter().any(|id| !known.contains_key(id)) {
        return Err(Error::UnknownAttachment);
    }
    // However the text names them.
    if known.len() > bounds.max_attachments {
        return Err(Error::TooManyAttachments);
    }
    let keys: Vec<String> = known.keys().cloned().collect();
    if tx.attachments().claim(&keys).await? < keys.len() as u64 {
        // Forgotten since it was looked for.
        return Err(Error::Moved);
    }
    let text = settled(&put.object, |uri| links.id_in(uri), &known);
    if text == *put.object.bytes() {
        return Ok(None);
    }
    compose::reparse(text, &put.object, &bounds.ical).map(Some)
}

/// Whether the writer may name what another event of the same person has. An attendee adds nothing
/// to what somebody else organizes.
fn may_share(put: &Put, scene: &Scene, attachment: &Attachment) -> bool {
    attachment.owner == scene.owner && put.actor.is(scene.owner) && !scene.people.attends()
}

//! What an attendee's copy still gives its owner: what the organizer shows him now, whatever the
//! copy says. RFC 8607, section 3.12.

use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::ical::Limits;
use crate::store::{Resource, Tx};

use super::super::compose;
use super::super::error::Error;
use super::host;
use super::people::{Role, addresses_in, of, organizer, role};

/// Whether a member of a person's calendar, whose text names an attachment of somebody else, lets
/// its owner have it: only a copy of an invitation, and only as long as the organizer invites the
/// person to some date that names it. Where the two do not know each other any more no copy is
/// brought up to date.
///
/// # Errors
/// When the database cannot answer, or a stored text cannot be read.
pub async fn shows_attachment(
    tx: &mut Tx<'_>,
    person: UserId,
    member: &Resource,
    managed_id: &str,
    limits: &Limits,
) -> Result<bool, Error> {
    let text = tx.resources().text(member.id).await?;
    let copy = compose::stored(text.into(), limits)?;
    let Some(user) = tx.users().get(person).await? else { return Ok(false) };
    let addresses = of(&user, &addresses_in(std::iter::once(&copy)));
    let is_invitation = role(&copy, &addresses, false) == Role::Attendee;
    if !is_invitation || copy.event().is_ok_and(Event::is_cancelled) {
        return Ok(false);
    }
    let Some(organizer) = organizer(&copy) else { return Ok(false) };
    let Some(host) = host::find(tx, &organizer, &addresses, &member.uid, limits).await? else {
        return Ok(false);
    };
    Ok(host.attachments_for(&addresses)?.iter().any(|shown| shown == managed_id))
}

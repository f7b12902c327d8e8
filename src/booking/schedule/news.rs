//! What one attendee is told of what an organizer did, and how it gets there: into the copy and the
//! inbox of a guest, or into a letter.
//!
//! RFC 6638, sections 3.2.1, 3.2.1.1 and 3.2.9; RFC 5546, sections 3.2.2 and 3.2.5.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::attach::without_managed;
use crate::ical::scheduling::{self, answers, cancelled, merged, says, view};
use crate::store::Tx;

use super::super::Bounds;
use super::super::compose;
use super::super::error::Error;
use super::super::record::Cause;
use super::common;
use super::deliver::{self, Tag};
use super::letters::Letters;
use super::messages::{Message, cancel, difference, is_cancelled, request};
use super::people::Guest;

/// What one attendee is told.
pub(super) struct News {
    pub(super) to: Recipient,
    /// What the attendee has of it now; `None`: nothing any more.
    pub(super) view: Option<CalendarObject>,
    /// In the order in which they are sent; none where only answers changed.
    pub(super) messages: Vec<Message>,
}

pub(super) enum Recipient {
    Guest(Box<Guest>),
    Mail(Address),
}

/// One attendee who is no room and not the organizer.
pub(super) struct Party {
    pub(super) addresses: Vec<Address>,
    pub(super) to: Option<Recipient>,
    /// How a message to this one fares (RFC 6638, section 3.2.9).
    pub(super) status: &'static str,
}

impl Party {
    /// What changes for this attendee between two texts (RFC 6638, section 3.2.1.2).
    pub(super) fn news(
        self,
        was: Option<&CalendarObject>,
        object: &CalendarObject,
        moved: &BTreeSet<Option<Instant>>,
        is_forced: bool,
        bounds: &Bounds,
    ) -> Result<Option<News>, Error> {
        let zone = common();
        let stored = |text: Option<Bytes>| text.map(|text| compose::stored(text, &bounds.ical)).transpose();
        let old = stored(was.and_then(|was| view(was, &self.addresses, &zone)))?;
        let new = stored(view(object, &self.addresses, &zone))?;
        let Some(to) = self.to else { return Ok(None) };
        let (messages, view) = match (old, new) {
            (None, None) => return Ok(None),
            (None, Some(new)) if is_cancelled(&new) => return Ok(None),
            (None, Some(new)) => (vec![request(&new)?], Some(new)),
            (Some(old), None) => (vec![cancel(&old, bounds)?], None),
            (Some(old), Some(new)) => {
                let gave_up = || {
                    let stands = answers(&old, &self.addresses, &zone);
                    let has_none = matches!(&to, Recipient::Guest(guest) if guest.copy.is_none());
                    has_none && moved.is_empty() && stands.whole == Some(PartStat::Declined)
                };
                let is_news = is_forced || (says(&old, &zone) != says(&new, &zone) && !gave_up());
                let messages = if is_news { difference(&old, &new, is_forced, bounds)? } else { Vec::new() };
                (messages, Some(new))
            }
        };
        Ok(Some(News { to, view, messages }))
    }
}

impl News {
    /// Whether it is not one letter too many.
    pub(super) async fn is_admitted(
        &self,
        tx: &mut Tx<'_>,
        letters: &mut Letters<'_>,
    ) -> Result<bool, Error> {
        let Recipient::Mail(to) = &self.to else { return Ok(true) };
        Ok(letters.admit(tx, to, &self.messages).await?)
    }

    pub(super) async fn deliver(
        self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        bounds: &Bounds,
    ) -> Result<(), Error> {
        let guest = match &self.to {
            Recipient::Guest(guest) => guest,
            Recipient::Mail(address) => {
                let letters = Letters::new(cause, bounds);
                for (method, object) in &self.messages {
                    let message = message(tx, cause, (method, object), bounds).await?;
                    letters.write(tx, address, method, (&message, object)).await?;
                }
                return Ok(());
            }
        };
        let tag = if self.messages.is_empty() { Tag::Kept } else { Tag::New };
        match (&guest.copy, &self.view) {
            (Some(copy), view) => {
                let text = tx.resources().text(copy.id).await?;
                let own = compose::stored(text.into(), &bounds.ical)?;
                let (text, like) = match view {
                    Some(view) => (merged(view, &own, &guest.addresses, &common()), view),
                    // Who is not invited any more has nothing of what is kept for those who are.
                    None => {
                        let over = compose::reparse(cancelled(&own), &own, &bounds.ical)?;
                        (without_managed(&over), &own)
                    }
                };
                deliver::rewrite(tx, cause, (copy, None), (text, like), tag, bounds).await?;
            }
            // Who has thrown his copy away is told of the end, and gets no ended event.
            (None, Some(view)) if !self.messages.is_empty() && !is_cancelled(view) => {
                deliver::invite(tx, cause, guest, view).await?;
            }
            (None, _) => {}
        }
        for (method, object) in &self.messages {
            let message = message(tx, cause, (method, object), bounds).await?;
            deliver::message(tx, cause, (guest.person, guest.mailbox.inbox), message, bounds).await?;
        }
        Ok(())
    }
}

/// What an organizer tells, with the delegate named who tells it.
async fn message(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    (method, object): (&str, &CalendarObject),
    bounds: &Bounds,
) -> Result<Bytes, Error> {
    let organizer: Vec<_> = super::people::organizer(object).into_iter().collect();
    let message = scheduling::message(object, method, cause.now);
    super::signature::sent(tx, cause.actor, (object, message), &organizer, bounds).await
}

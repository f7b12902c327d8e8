//! Letters to those who have no account here: to whom one may go, how many, and their rows.
//!
//! A person causes so many in an hour and in a day; what is beyond is not written, the event is booked
//! all the same and says so. An invitation takes the place of one that still waits, which counts
//! nothing. RFC 6047; RFC 6638, sections 3.2.9, 11 and 11.1; D-60, L-68; RFC 8607, section 3.12.6.

use bytes::Bytes;

use crate::domain::attendee::Address;
use crate::domain::id::{Uid, UserId};
use crate::domain::time::{Period, Zone};
use crate::ical::attach::without_managed;
use crate::ical::{CalendarObject, Limits};
use crate::store::{NewMessage, StoreError, Tx};
use crate::text::{self, Message};

use super::super::Bounds;
use super::super::error::Error;
use super::super::mask;
use super::super::record::Cause;
use super::super::refuse::title;
use super::messages;

/// SCHEDULE-STATUS of whom a letter waits for.
pub(super) const PENDING: &str = "1.0";
/// And of whom none is written to.
pub(super) const TOO_MANY: &str = "5.1";

const HOUR: i64 = 3600;

/// What a cause may still send.
pub(super) struct Letters<'a> {
    cause: Cause<'a>,
    bounds: &'a Bounds,
    /// Counted when the first one is asked for.
    left: Option<i64>,
}

impl<'a> Letters<'a> {
    pub(super) const fn new(cause: Cause<'a>, bounds: &'a Bounds) -> Self {
        Self { cause, bounds, left: None }
    }

    /// Whether these may be written, all of them or none. What the server does by itself is not counted.
    pub(super) async fn admit(
        &mut self,
        tx: &mut Tx<'_>,
        to: &Address,
        messages: &[messages::Message],
    ) -> Result<bool, StoreError> {
        let Some((method, about)) = messages.first() else { return Ok(true) };
        // What follows another letter takes the place of none that waits.
        let replaced = self.replaced(tx, to, method, about).await?;
        let needed = messages.len() - usize::from(replaced.is_some());
        let needed = i64::try_from(needed).unwrap_or(i64::MAX);
        let Some(sender) = self.cause.actor.user.filter(|_| needed > 0) else { return Ok(true) };
        let left = match self.left {
            Some(left) => left,
            None => self.count(tx, sender).await?,
        };
        let fits = needed <= left;
        self.left = Some(if fits { left - needed } else { left });
        Ok(fits)
    }

    async fn count(&self, tx: &mut Tx<'_>, sender: UserId) -> Result<i64, StoreError> {
        let now = self.cause.now;
        let hourly = tx.outbox().caused(sender, now.plus(-HOUR)).await?;
        let daily = tx.outbox().caused(sender, now.plus(-24 * HOUR)).await?;
        let Bounds { max_letters_hourly, max_letters_daily, .. } = self.bounds;
        Ok((max_letters_hourly - hourly).min(max_letters_daily - daily))
    }

    /// The row of an invitation that waits and is overtaken by this one: each says the whole. Other
    /// messages say only what is new.
    async fn replaced(
        &self,
        tx: &mut Tx<'_>,
        to: &Address,
        method: &str,
        about: &CalendarObject,
    ) -> Result<Option<i64>, StoreError> {
        let Some(sender) = self.cause.actor.user.filter(|_| method == "REQUEST") else { return Ok(None) };
        let since = self.cause.now.plus(-self.bounds.letter_secs);
        let last = tx.outbox().waiting(sender, (to, about.uid().as_str()), since).await?;
        let is_invitation = |key: &str| key.starts_with(&key_for("REQUEST", ""));
        Ok(last.filter(|(_, key)| is_invitation(key)).map(|(id, _)| id))
    }

    /// Queues a message, with the iTIP object in it. It has been admitted.
    pub(super) async fn write(
        &self,
        tx: &mut Tx<'_>,
        to: &Address,
        method: &str,
        (message, about): (&Bytes, &CalendarObject),
    ) -> Result<(), Error> {
        let title = title(about);
        // Nobody outside can get what the server keeps (RFC 8607, section 3.12).
        let itip = without_managed(&CalendarObject::parse_message(message.clone(), &Limits::none())?);
        let itip = String::from_utf8_lossy(&itip).into_owned();
        let actor = self.cause.actor;
        let when = when(about, actor.language);
        let scheduling =
            Message::Scheduling { method, title: &title, actor: &actor.name, when: when.as_deref() };
        let letter = text::letter(actor.language, &scheduling);
        let row = NewMessage {
            key: key_for(method, &mask::new_key()),
            kind: scheduling.kind().to_owned(),
            sender: actor.user,
            user: None,
            address: Some(to.clone()),
            room: None,
            uid: Some(Uid::new(about.uid().as_str())),
            language: actor.language.tag().to_owned(),
            subject: letter.subject,
            body: letter.body,
            links: Vec::new(),
            calendar: Some((method.to_owned(), itip)),
            created_at: self.cause.now,
            is_urgent: false,
        };
        match self.replaced(tx, to, method, about).await? {
            Some(waiting) => tx.outbox().reword(waiting, &row).await?,
            None => drop(tx.outbox().insert(&row).await?),
        }
        Ok(())
    }
}

/// When the event is, on the clock of its own zone, which is named; `None` of one without a time.
pub(in crate::booking) fn when(about: &CalendarObject, language: text::Language) -> Option<String> {
    let part = about.event().ok()?.first()?;
    let zone = part.start.zone(&Zone::utc());
    let start = part.start.instant(&zone);
    let end = part.length.end_from(&part.start, &zone).max(start);
    let when = text::when(language, &Period { start, end }, part.start.is_date(), &zone);
    Some(if part.start.is_date() { when } else { format!("{when} ({})", zone.name()) })
}

fn key_for(method: &str, key: &str) -> String {
    format!("itip/{method}/{key}")
}

/// Whether mail may be sent to an address: one plain address and nothing else (D-60).
pub(super) fn is_plain_mail(address: &Address) -> bool {
    let Some(mail) = address.mail() else { return false };
    let parts: Vec<&str> = mail.split('@').collect();
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "?,;<>\"%\\".contains(c);
    let is_whole = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
    // RFC 5321, section 4.5.3.1.
    is_whole && parts[0].len() <= 64 && mail.len() <= 254 && !mail.contains(is_odd)
}

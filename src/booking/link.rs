//! Links in messages: sealed with the house's secret, and what becomes of one that is followed.
//!
//! Whoever has a link may do what it says as its person, once or often, until it expires: no
//! password is asked for. It is sealed as a whole, so none can be made, altered, or used for something
//! else. To look at one changes nothing. Knows no HTTP. R53, R73, R95, R97, D-33.

use std::fmt::Write as _;
use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::domain::event::Class;
use crate::domain::id::ReservationId;
use crate::domain::link::{Link, Purpose};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::Instant;
use crate::ical::approval::Decisions;
use crate::store::{Reservation, StoreError, Strikes, Tx};
use crate::text::{self, Language};

use super::actor::{Actor, person};
use super::approval::Decide;
use super::cancel::Cancel;
use super::check_in::{self, Presence};
use super::error::Error;
use super::outcome::Outcome;
use super::{Bookings, access};

/// Bytes of a seal; nobody guesses 128 bits.
const SEAL: usize = 16;

/// What links are sealed for, and the numbers of mails; the secret is used for other things too.
const LINK: &[u8] = b"link ";
const MAIL: &[u8] = b"mail ";

/// By what the owner of a reservation does something to one date of it, or to all.
pub(super) fn of_owner(
    reservation: &Reservation,
    purpose: Purpose,
    occurrence: RecurrenceId,
    expires_at: Instant,
) -> Link {
    Link { purpose, reservation: reservation.id, occurrence, person: reservation.owner, expires_at }
}

/// A link as the last segment of its address.
#[must_use]
pub(super) fn seal(secret: &[u8; 32], link: &Link) -> String {
    let text = link.to_text();
    let seal = sealed(secret, LINK, &text);
    format!("{text}.{seal}")
}

/// The link that was sealed with this secret as `text`; `None` for anything else.
#[must_use]
fn open(secret: &[u8; 32], text: &str) -> Option<Link> {
    let (said, seal) = text.rsplit_once('.')?;
    let mut bytes = [0; SEAL];
    if seal.len() != 2 * SEAL || !seal.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(seal.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    mac(secret, LINK, said).verify_truncated_left(&bytes).ok()?;
    Link::parse(said)
}

/// What names a mail: its number, with a seal that tells it as ours.
pub(super) fn mail_reference(secret: &[u8; 32], id: i64) -> String {
    let seal = sealed(secret, MAIL, &id.to_string());
    format!("{id}.{seal}")
}

fn mac(secret: &[u8; 32], what: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(what);
    mac.update(text.as_bytes());
    mac
}

fn sealed(secret: &[u8; 32], what: &[u8], text: &str) -> String {
    let seal = mac(secret, what, text).finalize().into_bytes();
    seal[..SEAL].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a link is about, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// The language of its person; `None`: no setting.
    pub language: Option<Language>,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is about: title, room and time, in words. `None` where that is nothing to its reader any
    /// more: the link has expired, or the right has gone.
    pub about: Option<String>,
    /// What was looked at, for a decision that means just that; a form sends it back.
    pub version: Option<String>,
    /// How it stands.
    pub standing: Standing,
}

/// How what a link is for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be done.
    Open,
    /// It cannot be done yet.
    TooEarly,
    /// It was done, and a manager decides about it now.
    Waits,
    /// It has been done.
    Done,
    /// It cannot be done any more.
    TooLate,
}

impl Bookings {
    /// What a link is about; `None` if nobody sealed it, or there is nothing that it is about. Changes
    /// nothing. `language` is spoken where its person has no setting.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn look_at_link(&self, text: &str, language: Language) -> Result<Option<LinkView>, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        match self.meant_by(&mut tx, text, language).await? {
            Some(found) => found.view(&mut tx, self.now()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Does what a link says, if that can be done; then says how it stands. `None` as in
    /// [`Bookings::look_at_link`]. The same link once more does nothing, and a decision about another
    /// `version` than there is by now does nothing either.
    ///
    /// # Errors
    /// [`Error`] where nothing was decided.
    pub async fn follow_link(
        &self,
        (text, version): (&str, Option<&str>),
        language: Language,
        peer: Option<IpAddr>,
    ) -> Result<Option<LinkView>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let Some(found) = self.meant_by(&mut tx, text, language).await? else { return Ok(None) };
        let view = found.view(&mut tx, self.now()).await?;
        drop(snapshot);
        let is_seen = version.is_none_or(|seen| view.version.as_deref() == Some(seen));
        if view.standing != Standing::Open || !is_seen {
            return Ok(Some(view));
        }
        let link = found.link;
        let actor = Actor { peer, ..found.actor };
        let standing = match self.do_what_it_says(&link, view.version.clone(), actor).await {
            Ok(standing) => standing,
            // Somebody was faster.
            Err(Error::Missing) => Standing::TooLate,
            // It is shown anew.
            Err(Error::Stale) => return Ok(self.look_at_link(text, language).await?),
            Err(error) => return Err(error),
        };
        Ok(Some(LinkView { standing, ..view }))
    }

    /// The one place that knows which use case a purpose is; each is refused as `Missing` if it is too
    /// late.
    async fn do_what_it_says(
        &self,
        link: &Link,
        version: Option<String>,
        actor: Actor,
    ) -> Result<Standing, Error> {
        let Link { reservation, occurrence, .. } = *link;
        match link.purpose {
            Purpose::CheckIn => match self.check_in(actor, reservation, Some(occurrence)).await? {
                Presence::Noted | Presence::Already => {}
                Presence::TooEarly | Presence::TooLate | Presence::NotAsked => return Err(Error::Missing),
            },
            Purpose::Reclaim => self.take_back(actor, reservation, occurrence).await?,
            Purpose::Keep => self.keep_series(actor, reservation).await?,
            Purpose::Approve => self.decide_held(actor, reservation, version, true).await?,
            Purpose::Decline => self.decide_held(actor, reservation, version, false).await?,
            Purpose::Take => {
                if let Outcome::Refused(_) = self.take_offer(actor, reservation, occurrence.instant()).await?
                {
                    return Err(Error::Missing);
                }
                return self.taken(reservation, occurrence).await;
            }
            Purpose::GiveBack => {
                let cancel = Cancel { actor, reservation, occurrence: occurrence.instant() };
                self.cancel(cancel).await?;
            }
        }
        Ok(Standing::Done)
    }

    /// Whether what was taken is had, or waits for a manager.
    async fn taken(&self, reservation: ReservationId, occurrence: RecurrenceId) -> Result<Standing, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let all = snapshot.tx().occurrences().of(reservation).await?;
        let waits = |facts: &OccurrenceFacts| facts.id == occurrence && facts.state == OccurrenceState::Held;
        let waits = all.iter().any(|stored| waits(&stored.facts));
        Ok(if waits { Standing::Waits } else { Standing::Done })
    }

    /// About what waits, and not about dates that were decided before (R73).
    async fn decide_held(
        &self,
        actor: Actor,
        reservation: ReservationId,
        based_on: Option<String>,
        approves: bool,
    ) -> Result<(), Error> {
        let mut snapshot = self.store.snapshot().await?;
        let all = snapshot.tx().occurrences().of(reservation).await?;
        drop(snapshot);
        let held =
            all.iter().map(|stored| &stored.facts).filter(|facts| facts.state == OccurrenceState::Held);
        let mut decisions = Decisions::default();
        for facts in held {
            match facts.id.instant() {
                Some(at) => drop(decisions.dates.insert(at, Some(approves))),
                None => decisions.whole = Some(approves),
            }
        }
        match self.decide(Decide { based_on, ..Decide::new(actor, reservation, decisions) }).await? {
            Outcome::Refused(_) => Err(Error::Missing),
            _ => Ok(()),
        }
    }

    async fn meant_by(
        &self,
        tx: &mut Tx<'_>,
        text: &str,
        language: Language,
    ) -> Result<Option<Found>, StoreError> {
        let Some(link) = open(&tx.meta().secret().await?, text) else { return Ok(None) };
        let Some(actor) = person(tx, link.person).await? else { return Ok(None) };
        let user = tx.users().get(link.person).await?;
        let own = user.and_then(|user| user.language).and_then(|tag| Language::from_tag(&tag));
        let actor = Actor { language: own.unwrap_or(language), ..actor };
        let Some(reservation) = tx.reservations().get(link.reservation).await? else { return Ok(None) };
        let Some(room) = access::room_state(tx, reservation.room, &actor).await? else { return Ok(None) };
        let all = tx.occurrences().of(link.reservation).await?.into_iter().map(|stored| stored.facts);
        let is_meant = |facts: &OccurrenceFacts| {
            facts.state != OccurrenceState::Grace
                && (is_about_all(link.purpose) || facts.id == link.occurrence)
        };
        let all: Vec<OccurrenceFacts> = all.into_iter().filter(is_meant).collect();
        let Some(first) = all.first() else { return Ok(None) };
        let held = all.iter().filter(|facts| facts.state == OccurrenceState::Held);
        let is_decision = matches!(link.purpose, Purpose::Approve | Purpose::Decline);
        let held: Vec<OccurrenceFacts> = held.filter(|_| is_decision).cloned().collect();
        let source = tx.resources().get(reservation.source).await?;
        let shows_title = link.person == reservation.owner
            || room.rules.settings.managers_see_private
            || source.as_ref().is_none_or(|source| source.class == Class::Public);
        Ok(Some(Found {
            link,
            actor,
            own,
            title: if shows_title { reservation.summary } else { String::new() },
            owner: reservation.owner,
            room,
            facts: held.first().unwrap_or(first).clone(),
            held,
            version: source.map(|source| source.etag).filter(|_| is_decision),
        }))
    }
}

/// Whether a link is about a whole reservation, and not about one date or a single event.
const fn is_about_all(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Approve | Purpose::Decline | Purpose::Keep)
}

/// A link with what it is about.
struct Found {
    link: Link,
    actor: Actor,
    own: Option<Language>,
    title: String,
    owner: crate::domain::id::UserId,
    room: access::RoomState,
    /// The date; of several the first that waits, or the first.
    facts: OccurrenceFacts,
    /// All that a decision is about.
    held: Vec<OccurrenceFacts>,
    /// The tag of the text that a decision is about.
    version: Option<String>,
}

impl Found {
    async fn view(&self, tx: &mut Tx<'_>, now: Instant) -> Result<LinkView, StoreError> {
        let Self { link, actor, own, title, room, facts, .. } = self;
        let zone = &room.rules.zone;
        let is_live = link.expires_at > now && self.is_entitled();
        let one = [(facts.period, facts.all_day)];
        let held: Vec<_> = self.held.iter().map(|facts| (facts.period, facts.all_day)).collect();
        let dates = if held.is_empty() { one.as_slice() } else { held.as_slice() };
        let when = format!("{} ({})", text::dates(actor.language, dates, zone), zone.name());
        Ok(LinkView {
            language: *own,
            purpose: link.purpose,
            about: is_live.then(|| text::link::about(actor.language, title, &room.room.name, &when)),
            version: self.version.clone(),
            standing: if is_live { self.standing(tx, now).await? } else { Standing::TooLate },
        })
    }

    /// Rights may have gone since the link was made.
    fn is_entitled(&self) -> bool {
        match self.link.purpose {
            Purpose::Approve | Purpose::Decline => self.room.asker.manager,
            _ => self.actor.is(self.owner) || self.actor.admin || self.room.asker.manager,
        }
    }

    /// How it stands with what has not expired.
    async fn standing(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Standing, StoreError> {
        let Self { link, facts, .. } = self;
        Ok(match link.purpose {
            Purpose::CheckIn => {
                match check_in::presence(tx, link.reservation, &self.room, facts, now).await? {
                    None => Standing::Open,
                    Some(Presence::Noted | Presence::Already) => Standing::Done,
                    Some(Presence::TooEarly) => Standing::TooEarly,
                    Some(Presence::TooLate | Presence::NotAsked) => Standing::TooLate,
                }
            }
            Purpose::Reclaim => match tx.check_ins().get(link.reservation, link.occurrence).await? {
                Some(row) if row.missed_at.is_some() && now < row.period.end => Standing::Open,
                Some(row) if row.missed_at.is_none() && facts.state.claims() => Standing::Done,
                _ => Standing::TooLate,
            },
            Purpose::Keep => match tx.check_ins().strikes(link.reservation).await? {
                Some(Strikes { confirm_until: Some(_), .. }) => Standing::Open,
                Some(_) if self.holds_ahead(tx, now).await? => Standing::Done,
                _ => Standing::TooLate,
            },
            Purpose::Approve | Purpose::Decline if facts.state == OccurrenceState::Held => Standing::Open,
            Purpose::Take if facts.state == OccurrenceState::Declined => Standing::Open,
            Purpose::Take if facts.state == OccurrenceState::Held => Standing::Waits,
            Purpose::Approve | Purpose::Take if facts.state.claims() => Standing::Done,
            Purpose::Decline if facts.state == OccurrenceState::Declined => Standing::Done,
            Purpose::Approve | Purpose::Decline | Purpose::Take => Standing::TooLate,
            Purpose::GiveBack if !facts.state.claims() => Standing::Done,
            Purpose::GiveBack if facts.period.end <= now => Standing::TooLate,
            Purpose::GiveBack => Standing::Open,
        })
    }
}

impl Found {
    async fn holds_ahead(&self, tx: &mut Tx<'_>, now: Instant) -> Result<bool, StoreError> {
        let all = tx.occurrences().of(self.link.reservation).await?;
        Ok(all.iter().any(|stored| stored.facts.state.claims() && stored.facts.period.end > now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::UserId;

    const SECRET: [u8; 32] = [7; 32];

    fn link() -> Link {
        Link {
            purpose: Purpose::GiveBack,
            reservation: ReservationId::new(17),
            occurrence: RecurrenceId::SINGLE,
            person: UserId::new(3),
            expires_at: Instant::from_secs(1_803_806_000),
        }
    }

    #[test]
    fn a_link_opens_as_it_was_sealed() {
        let sealed = seal(&SECRET, &link());
        assert_eq!(open(&SECRET, &sealed), Some(link()));
        assert_eq!(sealed.rsplit_once('.').unwrap().1.len(), 2 * SEAL);
    }

    #[test]
    fn no_link_opens_that_was_altered_or_sealed_by_somebody_else_or_for_something_else() {
        let sealed = seal(&SECRET, &link());
        let (said, seal_of) = sealed.rsplit_once('.').unwrap();
        for at in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[at] = if other[at] == b'1' { b'2' } else { b'1' };
            assert_eq!(open(&SECRET, std::str::from_utf8(&other).unwrap()), None, "byte {at}");
        }
        let other_person = Link { person: UserId::new(4), ..link() }.to_text();
        let for_mail = sealed_for_mail(said);
        for other in [
            format!("{other_person}.{seal_of}"),
            format!("{said}.{}", seal_of.to_uppercase()),
            format!("{said}.{}", &seal_of[..30]),
            format!("{said}."),
            said.to_owned(),
            for_mail,
            seal(&[8; 32], &link()),
        ] {
            assert_eq!(open(&SECRET, &other), None, "{other}");
        }
    }

    fn sealed_for_mail(said: &str) -> String {
        format!("{said}.{}", sealed(&SECRET, MAIL, said))
    }
}

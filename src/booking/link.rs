//! Links in messages: sealed with the house's secret, and what becomes of one that is followed.
//!
//! Whoever has a link may do what it says as its person, once or often, until it expires: no
//! password is asked for. It is sealed as a whole, so none can be made, altered, or used for something
//! else. To look at one changes nothing. Knows no HTTP. R90, R95, D-33.

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
use crate::store::{StoreError, Strikes, Tx};
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
    /// The room's name.
    pub room: String,
    /// What the person called the event.
    pub title: String,
    /// When it is, in words of that language, with the name of the zone.
    pub when: String,
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
    /// [`Bookings::look_at_link`]. The same link once more does nothing.
    ///
    /// # Errors
    /// [`Error`] where nothing was decided.
    pub async fn follow_link(
        &self,
        text: &str,
        language: Language,
        peer: Option<IpAddr>,
    ) -> Result<Option<LinkView>, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let Some(found) = self.meant_by(&mut tx, text, language).await? else { return Ok(None) };
        let view = found.view(&mut tx, self.now()).await?;
        drop(snapshot);
        if view.standing != Standing::Open {
            return Ok(Some(view));
        }
        let link = found.link;
        let actor = Actor { peer, ..found.actor };
        let standing = match self.do_what_it_says(&link, actor).await {
            Ok(()) => Standing::Done,
            // Somebody was faster.
            Err(Error::Missing) => Standing::TooLate,
            Err(error) => return Err(error),
        };
        Ok(Some(LinkView { standing, ..view }))
    }

    /// The one place that knows which use case a purpose is; each is refused as `Missing` if it is too
    /// late.
    async fn do_what_it_says(&self, link: &Link, actor: Actor) -> Result<(), Error> {
        let Link { reservation, occurrence, .. } = *link;
        match link.purpose {
            Purpose::CheckIn => match self.check_in(actor, reservation, Some(occurrence)).await? {
                Presence::Noted | Presence::Already => Ok(()),
                Presence::TooEarly | Presence::TooLate | Presence::NotAsked => Err(Error::Missing),
            },
            Purpose::Reclaim => self.take_back(actor, reservation, occurrence).await,
            Purpose::Keep => self.keep_series(actor, reservation).await,
            Purpose::Approve => self.decide_held(actor, reservation, true).await,
            Purpose::Decline => self.decide_held(actor, reservation, false).await,
            Purpose::Take => match self.take_offer(actor, reservation, occurrence.instant()).await? {
                Outcome::Refused(_) => Err(Error::Missing),
                _ => Ok(()),
            },
            Purpose::GiveBack => {
                let cancel = Cancel { actor, reservation, occurrence: occurrence.instant() };
                self.cancel(cancel).await.map(drop)
            }
        }
    }

    /// About what waits, and not about dates that were decided before (R73).
    async fn decide_held(
        &self,
        actor: Actor,
        reservation: ReservationId,
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
        match self.decide(Decide::new(actor, reservation, decisions)).await? {
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
                && (link.occurrence == RecurrenceId::SINGLE || facts.id == link.occurrence)
        };
        let mut all: Vec<OccurrenceFacts> = all.into_iter().filter(is_meant).collect();
        if matches!(link.purpose, Purpose::Approve | Purpose::Decline) {
            // What waits comes first; the sort is stable.
            all.sort_by_key(|facts| facts.state != OccurrenceState::Held);
        }
        let Some(facts) = all.into_iter().next() else { return Ok(None) };
        let class = tx.resources().get(reservation.source).await?.map(|source| source.class);
        let shows_title = link.person == reservation.owner
            || room.rules.settings.managers_see_private
            || class.unwrap_or_default() == Class::Public;
        Ok(Some(Found {
            link,
            actor,
            own,
            title: if shows_title { reservation.summary } else { String::new() },
            owner: reservation.owner,
            room,
            facts,
        }))
    }
}

/// A link with what it is about.
struct Found {
    link: Link,
    actor: Actor,
    own: Option<Language>,
    title: String,
    owner: crate::domain::id::UserId,
    room: access::RoomState,
    facts: OccurrenceFacts,
}

impl Found {
    async fn view(&self, tx: &mut Tx<'_>, now: Instant) -> Result<LinkView, StoreError> {
        let Self { link, actor, own, title, room, facts, .. } = self;
        let zone = &room.rules.zone;
        let when = text::when(actor.language, &facts.period, facts.all_day, zone);
        let standing =
            if link.expires_at <= now { Standing::TooLate } else { self.standing(tx, now).await? };
        Ok(LinkView {
            language: *own,
            purpose: link.purpose,
            room: room.room.name.clone(),
            title: title.clone(),
            when: format!("{when} ({})", zone.name()),
            standing,
        })
    }

    /// How it stands with what has not expired.
    async fn standing(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Standing, StoreError> {
        let Self { link, actor, facts, .. } = self;
        // Rights may have gone since the link was made.
        let decides = matches!(link.purpose, Purpose::Approve | Purpose::Decline);
        if decides && !self.room.asker.manager {
            return Ok(Standing::TooLate);
        }
        if !(actor.is(self.owner) || actor.admin || self.room.asker.manager) {
            return Ok(Standing::TooLate);
        }
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

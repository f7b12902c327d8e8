//! What a room writes back: one REPLY for each request that was acted on (R124), and one more where the
//! server changes an answer later by itself.
//!
//! It is made from what was stored (R4), in the organizer's language, and says how the message fared apart
//! from what the room said (R122). Nothing answers what cancels. RFC 5546, sections 3.2.3 and 3.6.

use std::sync::Arc;

use bytes::Bytes;

use crate::domain::attendee::{Address, PartStat};
use crate::domain::event::{Event, Part, Status};
use crate::domain::id::{RoomId, Uid};
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::{RecurrenceId, original_start};
use crate::domain::time::{Instant, Period};
use crate::domain::user::User;
use crate::ical::CalendarObject;
use crate::ical::scheduling::{Answers, RoomReply, answers, invitation, room_reply};
use crate::store::{NewMessage, StoreError, Tx};
use crate::text::{self, Language, Message, Told};

use super::super::Bounds;
use super::super::access::RoomState;
use super::super::actor::language_of;
use super::super::compose::{self, Answer};
use super::super::error::Error;
use super::super::put::{Purpose, Put};
use super::super::record::Cause;
use super::super::refuse::{digest, title};
use super::super::scene::Scene;
use super::super::schedule;
use super::letter::{Letter, key_of};

/// A message that a write comes from.
#[derive(Clone, Debug)]
pub(in crate::booking) struct Heard {
    object: CalendarObject,
    /// Which parts ask for something; `None` is the whole.
    asked: Vec<Option<Instant>>,
    /// Whether it is answered at all.
    is_answered: bool,
    organizer: Address,
    /// Whom the outbox names: a person with an account.
    user: Option<User>,
    language: Language,
}

impl Heard {
    pub(super) fn of(letter: &Letter, asked: Vec<Option<Instant>>) -> Self {
        Self {
            object: letter.object().clone(),
            asked,
            is_answered: true,
            organizer: letter.reply_to().clone(),
            user: letter.organizer.clone(),
            language: letter.actor.language,
        }
    }

    /// One that cancels: nobody is told (R124).
    pub(super) fn unanswered(letter: &Letter) -> Self {
        Self { is_answered: false, ..Self::of(letter, Vec::new()) }
    }

    /// For a reason that holds for all of it, the first date that asks for the room.
    pub(super) fn failure(&self, room: &RoomState, reason: Reason) -> Option<Failure> {
        let addresses = room.room.addresses();
        let zone = &room.rules.zone;
        let asks = |part: &&Part| {
            part.attendees.iter().any(|it| it.addresses().any(|address| addresses.contains(address)))
        };
        let part = self.object.event().ok()?.parts().find(asks)?;
        let start = part.start.instant(zone);
        let end = part.length.end_from(&part.start, zone).max(start);
        Some(Failure {
            reason,
            id: RecurrenceId::SINGLE,
            period: Period { start, end },
            all_day: part.start.is_date(),
            conflict: None,
            bound: None,
        })
    }

    fn line(&self, room: &[Address]) -> Option<String> {
        let line = invitation(&self.object, room)?;
        Some(line.logical().to_owned())
    }

    /// RSVP=FALSE: only a decline is told (R124).
    fn wants_no_answer(&self, room: &[Address]) -> bool {
        let rsvp = invitation(&self.object, room).and_then(|line| line.param("RSVP"));
        rsvp.is_some_and(|rsvp| rsvp.eq_ignore_ascii_case("FALSE"))
    }
}

/// Who is answered about an event by messages.
pub(in crate::booking) struct Correspondence {
    heard: Option<Arc<Heard>>,
    /// What stood there before the server changed it by itself.
    before: Option<CalendarObject>,
    rooms: Vec<RoomId>,
    organizer: Address,
    user: Option<User>,
    language: Language,
}

impl Correspondence {
    /// Before anything is written; `None` where no message has to do with it.
    pub(in crate::booking) async fn open(
        tx: &mut Tx<'_>,
        put: &Put,
        scene: &Scene,
        bounds: &Bounds,
    ) -> Result<Option<Self>, Error> {
        if let Some(heard) = &put.message {
            let (organizer, user) = (heard.organizer.clone(), heard.user.clone());
            let (language, heard) = (heard.language, Some(Arc::clone(heard)));
            let open = Self { heard, before: None, rooms: Vec::new(), organizer, user, language };
            return Ok(Some(open).filter(|open| open.heard.as_ref().is_some_and(|heard| heard.is_answered)));
        }
        let (Some(source), false) = (&scene.source, put.purpose == Purpose::Write) else { return Ok(None) };
        let mut heard = tx.received().about(&source.uid).await?;
        if heard.is_empty() {
            return Ok(None);
        }
        let Some(user) = tx.users().get(scene.owner).await? else { return Ok(None) };
        heard.retain(|heard| !heard.cancelled && heard.organizer == key_of(&user));
        let (rooms, Some(organizer)) =
            (heard.iter().map(|heard| heard.room).collect(), user.addresses.first())
        else {
            return Ok(None);
        };
        let text = tx.resources().text(source.id).await?;
        let before = Some(compose::stored(text.into(), &bounds.ical)?);
        let language = language_of(tx, &user).await?;
        let organizer = organizer.clone();
        Ok(Some(Self { heard: None, before, rooms, organizer, user: Some(user), language }))
    }

    /// Answers for the rooms that have decided; `object` is what was stored.
    pub(in crate::booking) async fn answer(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        object: &CalendarObject,
        decided: impl Iterator<Item = &Answer>,
    ) -> Result<(), Error> {
        if object.event().is_ok_and(Event::is_cancelled) {
            return Ok(());
        }
        for answer in decided {
            let Some(said) = self.said(answer, object)? else { continue };
            let comment = self.comment(answer, &said);
            let addresses = answer.room.room.addresses();
            let invited_as = self.heard.as_ref().and_then(|heard| heard.line(&addresses));
            let reply = RoomReply {
                room: &addresses,
                invited_as: invited_as.as_deref(),
                organizer: &self.organizer,
                answers: &said,
                comment: &comment,
                is_clipped: answer.is_clipped,
            };
            self.send(tx, cause, &answer.room, (object, &reply)).await?;
        }
        Ok(())
    }

    /// What one room tells; `None` for nothing.
    fn said(&self, answer: &Answer, object: &CalendarObject) -> Result<Option<Answers>, Error> {
        let addresses = answer.room.room.addresses();
        let zone = &answer.room.rules.zone;
        let mut stands = answers(object, &addresses, zone);
        let event = object.event()?;
        for part in event.overrides.iter().filter(|part| part.status == Status::Cancelled) {
            if let Some(id) = &part.recurrence_id {
                stands.instances.remove(&original_start(event, id, zone));
            }
        }
        let whole = stands.whole;
        match &self.heard {
            Some(heard) => {
                if heard.line(&addresses).is_none() {
                    return Ok(None);
                }
                let parts = heard.object.parts();
                let asks_for_all = heard.asked.contains(&None)
                    && parts.map(|part| heard.object.original_start(part, zone)).any(|at| at.is_none());
                let asked = &heard.asked;
                stands.whole = stands.whole.filter(|_| asks_for_all);
                stands.instances.retain(|at, partstat| {
                    asked.contains(&Some(*at)) || (asks_for_all && Some(*partstat) != whole)
                });
                if heard.wants_no_answer(&addresses) {
                    stands.whole = stands.whole.filter(|whole| *whole == PartStat::Declined);
                    stands.instances.retain(|_, partstat| *partstat == PartStat::Declined);
                }
            }
            None => {
                let Some(before) = self.before.as_ref().filter(|_| self.rooms.contains(&answer.id())) else {
                    return Ok(None);
                };
                let was = answers(before, &addresses, zone);
                stands.instances.retain(|at, partstat| was.at(*at).is_some_and(|was| was != *partstat));
                stands.whole = stands.whole.filter(|whole| was.whole.is_some_and(|was| was != *whole));
            }
        }
        Ok(Some(stands).filter(|stands| !stands.is_empty()))
    }

    /// Why, with the dates on the room's clock, which is named; what goes on until when; and the room's
    /// own remark.
    fn comment(&self, answer: &Answer, said: &Answers) -> String {
        let zone = &answer.room.rules.zone;
        let name = &answer.room.room.name;
        let mut sentences = Vec::new();
        let mut failures = answer.decision.failures.clone();
        if failures.is_empty() {
            let is_said = |at: Option<Instant>| {
                said.whole == Some(PartStat::Declined)
                    || at.is_some_and(|at| said.instances.contains_key(&at))
            };
            let lost = answer.decision.denied().filter(|facts| is_said(facts.id.instant()));
            failures.extend(lost.filter_map(|facts| {
                Some(Failure {
                    reason: facts.reason?,
                    id: facts.id,
                    period: facts.period,
                    all_day: facts.all_day,
                    conflict: None,
                    bound: None,
                })
            }));
        }
        if !failures.is_empty() {
            sentences.push(sentence(self.language, &answer.room, &failures));
        }
        if let Some(until) = answer.rolling_until.filter(|_| said.whole == Some(PartStat::Accepted)) {
            let until = text::date(self.language, until.plus(-1), zone);
            let rolling = Message::Rolling { room: name, title: "", until: &until };
            sentences.push(text::letter(self.language, &rolling).body);
        }
        let note = &answer.room.rules.settings.reply_note;
        if !note.is_empty() {
            sentences.push(note.clone());
        }
        sentences.join("\n")
    }

    async fn send(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        room: &RoomState,
        (object, reply): (&CalendarObject, &RoomReply<'_>),
    ) -> Result<(), Error> {
        let text = room_reply(object, reply, cause.now, &room.rules.zone)?;
        let answers = reply.answers;
        let whole = answers.whole.or(answers.instances.values().next().copied()).unwrap_or_default();
        let about = self.heard.as_ref().map_or(object, |heard| &heard.object);
        let when = schedule::when(about, self.language);
        let letter = Message::RoomReply {
            answer: whole,
            room: &room.room.name,
            title: &title(about),
            when: when.as_deref(),
            comment: reply.comment,
        };
        let to = (&self.organizer, self.user.as_ref());
        let said = Said {
            method: "REPLY",
            text: &text,
            kind: letter.kind(),
            letter: text::letter(self.language, &letter),
            language: self.language,
        };
        write(tx, cause, (room.room.id, object.uid()), to, said).await?;
        Ok(())
    }
}

/// Why, with dates on the room's clock, which is named.
fn sentence(language: Language, room: &RoomState, failures: &[Failure]) -> String {
    let told: Vec<Told<'_>> = failures.iter().map(|failure| Told { failure, holder: None }).collect();
    text::refusal(language, &room.about(), &told)
}

/// A room declines what a message asks, by itself and not by what is stored.
pub(super) async fn refused(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    heard: &Heard,
    room: &RoomState,
    failures: &[Failure],
) -> Result<(), Error> {
    let addresses = room.room.addresses();
    let zone = &room.rules.zone;
    let mut declined = answers(&heard.object, &addresses, zone);
    declined.whole = declined.whole.map(|_| PartStat::Declined);
    declined.instances.values_mut().for_each(|answer| *answer = PartStat::Declined);
    if declined.is_empty() || !heard.is_answered {
        return Ok(());
    }
    let comment = sentence(heard.language, room, failures);
    let line = heard.line(&addresses);
    let reply = RoomReply {
        room: &addresses,
        invited_as: line.as_deref(),
        organizer: &heard.organizer,
        answers: &declined,
        comment: &comment,
        is_clipped: false,
    };
    let object = crate::ical::scheduling::taken(None, &heard.object, zone).unwrap_or_default();
    let object = CalendarObject::parse(object, &crate::ical::Limits::none())?;
    let open = Correspondence {
        heard: Some(Arc::new(heard.clone())),
        before: None,
        rooms: Vec::new(),
        organizer: heard.organizer.clone(),
        user: heard.user.clone(),
        language: heard.language,
    };
    open.send(tx, cause, room, (&object, &reply)).await
}

/// What a room says to somebody who writes.
pub(super) struct Said<'a> {
    pub(super) method: &'a str,
    /// The iTIP object.
    pub(super) text: &'a Bytes,
    pub(super) kind: &'a str,
    pub(super) letter: text::Letter,
    pub(super) language: Language,
}

/// Puts it into the outbox: false if the very same was said already (R144).
pub(super) async fn write(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    (room, uid): (RoomId, &Uid),
    (to, user): (&Address, Option<&User>),
    said: Said<'_>,
) -> Result<bool, StoreError> {
    let about = [to.as_str().as_bytes(), said.text].concat();
    let row = NewMessage {
        key: format!("itip/{}/{room}/{}", said.method, digest(&about)),
        kind: said.kind.to_owned(),
        sender: None,
        user: user.filter(|user| !user.guest).map(|user| user.id),
        address: Some(to.clone()),
        room: Some(room),
        uid: Some(uid.clone()),
        language: said.language.tag().to_owned(),
        subject: said.letter.subject,
        body: said.letter.body,
        links: Vec::new(),
        calendar: Some((said.method.to_owned(), String::from_utf8_lossy(said.text).into_owned())),
        created_at: cause.now,
        is_urgent: false,
    };
    tx.outbox().insert(&row).await
}

//! Methods that book nothing: REFRESH is answered with what the room said, COUNTER is turned down, and
//! where something cannot be understood without the rest the organizer is asked for it (R125).
//! RFC 5546, sections 3.2.4, 3.2.6, 3.2.7 and 3.2.8.

use bytes::Bytes;

use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Uid};
use crate::domain::time::Instant;
use crate::domain::user::User;
use crate::ical::CalendarObject;
use crate::ical::scheduling::{self, RoomReply, answers, decline_counter, invitation, room_reply};
use crate::store::{StoreError, Tx, Work};
use crate::text::{self, Language, Message};

use super::super::Bookings;
use super::super::actor::Actor;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::refuse::title;
use super::super::schedule;
use super::letter::Letter;
use super::request::known;
use super::{Receipt, answer};

impl Bookings {
    /// The organizer asks how things stand.
    pub(super) async fn refresh(&self, letter: &Letter) -> Result<Receipt, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let known = known(&mut snapshot.tx(), letter, self).await?;
        drop(snapshot);
        let Some(room) = letter.at.as_ref().or(letter.rooms.first()) else {
            return self.pass_over(letter, "R25", "it names no room").await;
        };
        let addresses = room.addresses();
        let known = known
            .filter(|known| invitation(&known.object, &addresses).is_some() && !known.is_of_another(letter));
        let Some(known) = known else {
            return self.pass_over(letter, "R125", "the room does not have this event").await;
        };
        let stands = answers(&known.object, &addresses, &room.zone);
        let reply = RoomReply {
            room: &addresses,
            invited_as: None,
            organizer: letter.reply_to(),
            answers: &stands,
            comment: "",
            is_clipped: false,
        };
        let text = room_reply(&known.object, &reply, self.now(), &room.zone)?;
        let answer = stands.whole.or(stands.instances.values().next().copied()).unwrap_or_default();
        let title = title(&known.object);
        let when = schedule::when(&known.object, letter.actor.language);
        let message = Message::RoomReply {
            answer,
            room: &room.name,
            title: &title,
            when: when.as_deref(),
            comment: "",
        };
        let saying = self.saying(letter, room.id, letter.reply_to(), ("REPLY", &text), &message);
        self.say(letter, saying).await
    }

    /// Somebody proposes another time: that is between people.
    pub(super) async fn counter(&self, letter: &Letter) -> Result<Receipt, Error> {
        let (Some(room), Some(to)) =
            (letter.at.as_ref().or(letter.rooms.first()), letter.received.sender.as_ref())
        else {
            return self.pass_over(letter, "R25", "it names no room").await;
        };
        let comment = text::no_counter(letter.actor.language, &room.name);
        let text = decline_counter(letter.object(), &comment, self.now())?;
        let said = (letter, room.id, to);
        self.plain(said, ("DECLINECOUNTER", &text), letter.object()).await
    }

    /// Asks the organizer for the whole event.
    pub(super) async fn ask_again(&self, letter: &Letter) -> Result<Receipt, Error> {
        let Some(room) = letter.at.as_ref().or(letter.rooms.first()) else {
            return self.pass_over(letter, "R25", "it names no room").await;
        };
        let text = scheduling::refresh(letter.object(), &room.addresses(), self.now())?;
        self.plain((letter, room.id, letter.reply_to()), ("REFRESH", &text), letter.object()).await
    }

    async fn plain(
        &self,
        (letter, room, to): (&Letter, RoomId, &Address),
        (method, text): (&'static str, &Bytes),
        about: &CalendarObject,
    ) -> Result<Receipt, Error> {
        let (title, when) = (title(about), schedule::when(about, letter.actor.language));
        let name = letter.rooms.iter().find(|it| it.id == room).map_or("", |room| &room.name);
        let message = Message::Scheduling { method, title: &title, actor: name, when: when.as_deref() };
        let saying = self.saying(letter, room, to, (method, text), &message);
        self.say(letter, saying).await
    }

    fn saying(
        &self,
        letter: &Letter,
        room: RoomId,
        to: &Address,
        (method, text): (&'static str, &Bytes),
        message: &Message<'_>,
    ) -> Saying {
        let is_organizer = to == letter.reply_to();
        Saying {
            actor: letter.actor.clone(),
            room,
            uid: letter.object().uid().clone(),
            to: to.clone(),
            user: letter.organizer.clone().filter(|_| is_organizer),
            method,
            text: text.clone(),
            letter: text::letter(letter.actor.language, message),
            kind: message.kind(),
            message_id: letter.received.message_id.clone(),
            language: letter.actor.language,
            now: self.now(),
        }
    }

    async fn say(&self, letter: &Letter, saying: Saying) -> Result<Receipt, Error> {
        let method = saying.method;
        if self.store.write(saying).await? { Ok(Receipt::Replied(method)) } else { self.is_old(letter).await }
    }
}

/// One message of a room.
struct Saying {
    actor: Actor,
    room: RoomId,
    uid: Uid,
    to: Address,
    user: Option<User>,
    method: &'static str,
    text: Bytes,
    letter: text::Letter,
    kind: &'static str,
    message_id: Option<String>,
    language: Language,
    now: Instant,
}

impl Work for Saying {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let cause = Cause { actor: &self.actor, channel: "invite", now: self.now };
        let row = answer::Said {
            method: self.method,
            text: &self.text,
            kind: self.kind,
            letter: self.letter.clone(),
            language: self.language,
        };
        let to = (&self.to, self.user.as_ref());
        if !answer::write(tx, cause, (self.room, &self.uid), to, row).await? {
            return Ok(false);
        }
        let about = (self.room, self.uid.as_str());
        let id = self.message_id.as_deref().unwrap_or_default();
        cause.remarked(tx, about, "R125", &format!("{} {id}", self.method)).await?;
        Ok(true)
    }
}

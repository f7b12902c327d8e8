//! A manager answers for a room by mail: a REPLY in which the room is the attendee decides about what waits
//! (R73). Nobody else's reply means anything to a room.
//! RFC 5546, section 3.2.3.

use crate::domain::id::RoomId;
use crate::ical::scheduling::{Incoming, Version};
use crate::store::{Heard, Tx};

use super::super::Bookings;
use super::super::access::user_at;
use super::super::actor::{Actor, actor, language_of};
use super::super::error::Error;
use super::super::outcome::Outcome;
use super::ignore::Ignored;
use super::letter::{named, room_at};
use super::{Receipt, Received, Remembering};

impl Bookings {
    pub(super) async fn replied(&self, received: &Received, incoming: &Incoming) -> Result<Receipt, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let room = room_of(&mut tx, received, incoming).await?;
        let manager = writer(&mut tx, received).await?;
        drop(snapshot);
        let ignored = |rule, why: &str| Ignored { room, rule, why: why.to_owned() };
        let (Some(id), Some(manager)) = (room, manager) else {
            let why = match room {
                None => ignored("R25", "it names no room"),
                Some(_) => ignored("R86", "nobody of the house is verified to have sent it"),
            };
            return self.ignore(received, incoming, why).await;
        };
        let version = Version::of_object(&incoming.object);
        let key = format!("{REPLY}{}", manager.login);
        if !self.is_newer(id, incoming.object.uid().as_str(), &key, version).await? {
            return self
                .ignore(received, incoming, ignored("R32", "it is not newer than the last one"))
                .await;
        }
        let why = match Box::pin(self.decide_by_reply(manager, id, &incoming.object)).await {
            Ok(Outcome::Refused(refusal)) => ignored(refusal.reason.rule(), &refusal.sentence),
            Ok(_) => {
                let Version { sequence, stamp } = version;
                let (uid, at) = (incoming.object.uid().as_str().to_owned(), self.now());
                let (cancelled, made) = (false, false);
                let heard = Heard { room: id, uid, organizer: key, sequence, stamp, cancelled, made, at };
                self.store.write(Remembering(heard)).await?;
                return Ok(Receipt::Decided);
            }
            Err(Error::Missing) => ignored("R73", "nothing waits about which its sender decides"),
            Err(Error::Stale) => ignored("R73", "it is about an older version"),
            Err(error) => return Err(error),
        };
        self.ignore(received, incoming, why).await
    }
}

impl Bookings {
    /// Whether this manager has said nothing newer about the event (RFC 5546, section 2.1.5): a message
    /// that is delivered twice, or late, does not take back what came after it.
    async fn is_newer(&self, room: RoomId, uid: &str, key: &str, version: Version) -> Result<bool, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let heard = snapshot.tx().received().about(uid).await?;
        let last = heard.into_iter().find(|heard| heard.room == room && heard.organizer == key);
        Ok(last
            .is_none_or(|last| version.is_newer_than(Version { sequence: last.sequence, stamp: last.stamp })))
    }
}

/// What tells a manager's answers from an organizer's messages.
const REPLY: &str = "reply:";

/// The room at whose address it arrived, else the first that it names.
async fn room_of(tx: &mut Tx<'_>, received: &Received, incoming: &Incoming) -> Result<Option<RoomId>, Error> {
    if let Some(address) = &received.to {
        return Ok(room_at(tx, address).await?.map(|room| room.id));
    }
    let Ok(event) = incoming.object.event() else { return Ok(None) };
    Ok(named(tx, event).await?.first().copied())
}

async fn writer(tx: &mut Tx<'_>, received: &Received) -> Result<Option<Actor>, Error> {
    let Some(sender) = &received.sender else { return Ok(None) };
    let user = user_at(tx, sender).await?.filter(|user| !user.disabled && !user.guest);
    let Some(user) = user else { return Ok(None) };
    let language = language_of(tx, &user).await?;
    Ok(Some(actor(tx, &user, language).await?))
}

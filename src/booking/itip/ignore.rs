//! Messages that nothing comes of: each leaves an audit row. Where somebody goes on writing in the name of
//! others the managers are told (R86).

use crate::domain::attendee::Address;
use crate::domain::id::{RoomId, Uid};
use crate::domain::time::Instant;
use crate::ical::scheduling::Incoming;
use crate::store::{Decision, StoreError, Tx, Work};
use crate::text::Message;

use super::super::Bookings;
use super::super::actor::Actor;
use super::super::approval::managers;
use super::super::error::Error;
use super::super::record::Cause;
use super::super::refuse::title;
use super::{Receipt, Received};

/// Why nothing is done.
#[derive(Clone, Debug)]
pub(super) struct Ignored {
    /// At which room.
    pub(super) room: Option<RoomId>,
    pub(super) rule: &'static str,
    pub(super) why: String,
}

impl Bookings {
    /// Notes a message that nothing comes of.
    pub(super) async fn ignore(
        &self,
        received: &Received,
        incoming: &Incoming,
        ignored: Ignored,
    ) -> Result<Receipt, Error> {
        let Ignored { rule, why, .. } = ignored.clone();
        let noting = Noting {
            ignored,
            method: incoming.method.clone(),
            uid: incoming.object.uid().clone(),
            title: title(&incoming.object),
            sender: received.sender.clone(),
            message_id: received.message_id.clone(),
            now: self.now(),
        };
        self.store.write(noting).await?;
        Ok(Receipt::Ignored { rule, why })
    }
}

struct Noting {
    ignored: Ignored,
    method: String,
    uid: Uid,
    title: String,
    sender: Option<Address>,
    message_id: Option<String>,
    now: Instant,
}

const DAY: i64 = 86_400;

impl Work for Noting {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Ignored { room, rule, why } = &self.ignored;
        let nobody = Actor::operator();
        let actor = self.sender.as_ref().map_or(nobody, |sender| super::letter::stranger(sender, None));
        let is_repeat = match room {
            Some(room) if *rule == "R86" => tx.audit().ignored(*room, rule, self.now.plus(-DAY)).await? > 0,
            _ => false,
        };
        let row = Decision {
            kind: "ignored".to_owned(),
            channel: "invite".to_owned(),
            room: *room,
            uid: self.uid.clone(),
            message: self.message_id.clone(),
            rule: (*rule).to_owned(),
            detail: format!("{}: {why}", self.method),
            actor_name: if self.sender.is_some() { actor.login.clone() } else { "unverified".to_owned() },
            ..actor.row(self.now)
        };
        tx.audit().insert(&row).await?;
        if let (Some(room), true) = (room, is_repeat) {
            self.warn(tx, &actor, *room).await?;
        }
        Ok(())
    }
}

impl Noting {
    /// Once a day and room.
    async fn warn(&self, tx: &mut Tx<'_>, actor: &Actor, room: RoomId) -> Result<(), StoreError> {
        let Some(known) = tx.rooms().get(room).await? else { return Ok(()) };
        let cause = Cause { actor, channel: "invite", now: self.now };
        let day = self.now.secs().div_euclid(DAY);
        let sender = self.sender.as_ref().map_or("?", |sender| sender.mail().unwrap_or(sender.as_str()));
        let message =
            Message::Unverified { room: &known.name, method: &self.method, sender, title: &self.title };
        for manager in managers(tx, room).await? {
            let key = format!("unverified/{room}/{manager}/{day}");
            cause.tell(tx, manager, (Some(room), self.uid.as_str()), key, &message).await?;
        }
        Ok(())
    }
}

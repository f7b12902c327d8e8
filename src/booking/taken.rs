//! What people are told when a room is taken from what they had: one message to each, with the reason and what
//! could be booked instead (R2, R92), and to whoever manages the rooms where nobody may read that (R90).
//!
//! Takes nothing: [`super::displace`] does.

use std::collections::BTreeMap;

use crate::domain::id::UserId;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::space::Room;
use crate::domain::user::User;
use crate::store::{Reservation, Tx};
use crate::text::{self, Language, Message, Why};

use super::access::room_state;
use super::actor::{Actor, actor};
use super::alternatives::{Wanted, alternatives};
use super::approval::managers;
use super::error::Error;
use super::record::Cause;

/// What one reservation lost.
pub(super) struct Lost {
    pub(super) reservation: Reservation,
    /// What managers may be told that it is called; empty where that is private (R102).
    pub(super) title: String,
    pub(super) dates: Vec<OccurrenceFacts>,
    /// A booking is where it was before (R74).
    pub(super) is_back: bool,
}

/// Dates of one reservation that a message names.
const NAMED: usize = 20;

/// One message for everything that somebody lost (R92). Where the account is off, whoever manages the rooms is
/// told too: nobody else may read it (R2).
pub(super) async fn tell(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    owner: UserId,
    lost: &[Lost],
    why: Why<'_>,
) -> Result<(), Error> {
    let (Some(user), Some(first)) = (tx.users().get(owner).await?, lost.first()) else { return Ok(()) };
    let language = cause.language_for(tx, owner).await?;
    let organizer = Actor { language, ..actor(tx, &user, language).await? };
    let mut list = Vec::new();
    for one in lost {
        let Some(room) = room_state(tx, one.reservation.room, &organizer).await? else { continue };
        let failures: Vec<Failure> = one.dates.iter().map(failure).collect();
        let cause = Cause { actor: &organizer, ..cause };
        let wanted = Wanted { room: &room, failures: &failures, event: None, own: &[] };
        let instead = alternatives(tx, cause, wanted).await?;
        let back = if one.is_back { text::is_back(language) } else { "" };
        let line = format!("{} {back}", one.line(language, &room.room, &one.reservation.summary));
        list.push(format!("{} {instead}", line.trim_end()).trim_end().to_owned());
    }
    let (title, list) = (&first.reservation.summary, list.join("\n\n"));
    let message = Message::Displaced { title, from: None, why, list: &list };
    let key = format!("displaced/{owner}/{}", uuid::Uuid::new_v4().simple());
    let about = (Some(first.reservation.room), first.reservation.uid.as_str());
    cause.tell(tx, owner, about, key, &message).await?;
    if user.disabled { Box::pin(tell_managers(tx, cause, &user, lost, why)).await } else { Ok(()) }
}

/// The same to each of those who manage the rooms, but whoever does it.
async fn tell_managers(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    owner: &User,
    lost: &[Lost],
    why: Why<'_>,
) -> Result<(), Error> {
    let mut lists: BTreeMap<UserId, Vec<&Lost>> = BTreeMap::new();
    for one in lost {
        for manager in managers(tx, one.reservation.room).await? {
            if !cause.actor.is(manager) {
                lists.entry(manager).or_default().push(one);
            }
        }
    }
    for (manager, lost) in lists {
        let language = cause.language_for(tx, manager).await?;
        let mut list = Vec::new();
        for one in &lost {
            let Some(room) = tx.rooms().get(one.reservation.room).await? else { continue };
            list.push(one.line(language, &room, &one.title));
        }
        let Some(first) = lost.first() else { continue };
        let title = if first.title.is_empty() { &owner.name } else { &first.title };
        let from = Some(owner.name.as_str());
        let message = Message::Displaced { title, from, why, list: &list.join("\n\n") };
        let key = format!("displaced/{}/{manager}/{}", owner.id, uuid::Uuid::new_v4().simple());
        let about = (Some(first.reservation.room), first.reservation.uid.as_str());
        cause.tell(tx, manager, about, key, &message).await?;
    }
    Ok(())
}

impl Lost {
    /// Which room it lost and when, as a sentence.
    fn line(&self, language: Language, room: &Room, title: &str) -> String {
        let name = |facts: &OccurrenceFacts| text::when(language, &facts.period, facts.all_day, &room.zone);
        let mut named: Vec<String> = self.dates.iter().take(NAMED).map(name).collect();
        if let Some(more) = self.dates.len().checked_sub(NAMED).filter(|more| *more > 0) {
            named.push(format!("… (+{more})"));
        }
        let what = if title.is_empty() { room.name.clone() } else { format!("{}, {title}", room.name) };
        format!("{what}: {}.", named.join("; "))
    }
}

fn failure(facts: &OccurrenceFacts) -> Failure {
    Failure {
        reason: Reason::Displaced,
        id: facts.id,
        period: facts.period,
        all_day: facts.all_day,
        conflict: None,
        bound: None,
    }
}

//! Who decides about a room, and how they hear of a request: those who manage it, alone or in a group;
//! where nobody does, the administrators (R70, R71).

use crate::domain::event::Class;
use crate::domain::id::{RoomId, UserId};
use crate::domain::link::{Link, Purpose};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Failure;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::space::Grantee;
use crate::domain::time::Period;
use crate::store::{StoreError, Tx};
use crate::text::{self, Approval, Message, News, Told};

use super::super::access::RoomState;
use super::super::record::Cause;

/// What managers are asked.
pub(in crate::booking) struct Request<'a> {
    pub(in crate::booking) room: &'a RoomState,
    pub(in crate::booking) uid: &'a str,
    pub(in crate::booking) owner: UserId,
    /// What the owner calls it, and whether that is private (R102).
    pub(in crate::booking) title: (&'a str, Class),
    pub(in crate::booking) held: &'a [OccurrenceFacts],
    /// Why the rules do not give it, where they do not (R40).
    pub(in crate::booking) beyond: &'a [Failure],
    /// They were asked before.
    pub(in crate::booking) reminds: bool,
}

/// Tells everybody who may decide, once.
pub(in crate::booking) async fn ask(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    request: &Request<'_>,
) -> Result<(), StoreError> {
    let Request { room, uid, owner, title: (title, class), held, beyond, reminds } = *request;
    let sees = class == Class::Public || room.rules.settings.managers_see_private;
    let title = if sees { title } else { "" };
    let who = tx.users().get(owner).await?.map(|owner| owner.name).unwrap_or_default();
    let reservation = tx.reservations().in_room(room.room.id, uid).await?.map(|found| found.id);
    let until = held.iter().map(|facts| facts.expires_at.unwrap_or(facts.period.start)).max();
    let stamp = uuid::Uuid::new_v4().simple();
    let zone = &room.rules.zone;
    let dates: Vec<(Period, bool)> = held.iter().map(|facts| (facts.period, facts.all_day)).collect();
    for manager in managers(tx, room.room.id).await? {
        let language = cause.language_for(tx, manager).await?;
        let when = text::dates(language, &dates, zone);
        let told: Vec<_> = beyond.iter().map(|failure| Told { failure, holder: None }).collect();
        let beyond =
            if told.is_empty() { String::new() } else { text::refusal(language, &room.about(), &told) };
        let news =
            if reminds { News::Reminder { who: &who } } else { News::Asked { who: &who, beyond: &beyond } };
        let message = Message::Approval(Approval { room: &room.room.name, title, when: &when, news });
        let key = format!("{}/{manager}/{stamp}", message.kind());
        let link = |purpose| {
            let occurrence = RecurrenceId::SINGLE;
            Some(Link { purpose, reservation: reservation?, occurrence, person: manager, expires_at: until? })
        };
        let links = [Purpose::Approve, Purpose::Decline].into_iter().filter_map(link).collect();
        cause.tell_with(tx, manager, (Some(room.room.id), uid), key, &message, links).await?;
    }
    Ok(())
}

/// Who decides about a room, by key; accounts that are off decide nothing.
pub(in crate::booking) async fn managers(tx: &mut Tx<'_>, room: RoomId) -> Result<Vec<UserId>, StoreError> {
    let mut named = Vec::new();
    for grant in tx.grants().on_room(room).await?.into_iter().filter(|grant| grant.level == "manage") {
        match grant.to {
            Grantee::User(user) => named.push(user),
            Grantee::Group(group) => named.extend(tx.groups().members(group).await?),
        }
    }
    let users: Vec<_> = tx.users().list().await?.into_iter().filter(|user| !user.disabled).collect();
    let among = |test: &dyn Fn(UserId, bool) -> bool| -> Vec<UserId> {
        users.iter().filter(|user| test(user.id, user.admin)).map(|user| user.id).collect()
    };
    let managers = among(&|id, _| named.contains(&id));
    Ok(if managers.is_empty() { among(&|_, is_admin| is_admin) } else { managers })
}

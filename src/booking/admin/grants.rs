//! Who may see, book or manage a room (R40, R100).

use std::collections::BTreeSet;

use crate::booking::access::room_state;
use crate::booking::{Actor, Bookings};
use crate::domain::id::{RoomId, Slug};
use crate::domain::settings::Principal;
use crate::domain::space::{Grant, Grantee};
use crate::domain::time::Instant;
use crate::domain::visibility::ViewerLevel;
use crate::store::{Decision, StoreError, Tx};

use super::groups::group;
use super::people::user;
use super::rooms::room;
use super::{AdminError, Change};

/// What can be granted on a room; `none` takes everything back.
pub const ROOM_LEVELS: [&str; 8] =
    ["none", "free-busy", "busy-with-name", "details", "manage", "book", "request", "request_out"];

/// Whether this is one of [`ROOM_LEVELS`].
#[must_use]
pub fn is_room_level(text: &str) -> bool {
    ROOM_LEVELS.contains(&text)
}

impl Bookings {
    /// Grants `level` on a room: a viewer level replaces the principal's former one, an audience is
    /// added, and `none` takes back all that was granted.
    ///
    /// # Errors
    /// `Refused` if there is no such room, principal or level.
    pub async fn grant(&self, slug: Slug, to: Principal, level: &str) -> Result<(), AdminError> {
        self.make(GrantLevel { slug, to, level: level.to_owned() }).await
    }

    /// Replaces everything that is granted on a room: each of `wanted` has these levels then, of
    /// viewer levels at most one, and nobody else has any.
    ///
    /// # Errors
    /// `Refused` if there is no such room, or `actor` does not manage it (any more).
    pub async fn set_grants(
        &self,
        actor: Actor,
        slug: Slug,
        wanted: Vec<(Grantee, Vec<String>)>,
    ) -> Result<(), AdminError> {
        self.make(SetGrants { actor, slug, wanted }).await
    }
}

struct GrantLevel {
    slug: Slug,
    to: Principal,
    level: String,
}

impl Change for GrantLevel {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let level = self.level.as_str();
        if !is_room_level(level) {
            let possible = ROOM_LEVELS.join(", ");
            return Err(AdminError::refused(format!("there is no level {level:?}; there are {possible}")));
        }
        let room = locked(tx, &self.slug).await?;
        let to = grantee(tx, &self.to).await?;
        let is_viewer = |level: &str| ViewerLevel::from_name(level).is_some();
        let before: BTreeSet<String> = levels(tx, room, to).await?;
        let mut after = before.clone();
        after.retain(|known| level != "none" && !(is_viewer(level) && is_viewer(known)));
        if level != "none" {
            after.insert(level.to_owned());
        }
        let made = Made { actor: &Actor::operator(), room, now };
        Ok(made.change(tx, to, &before, &after).await?)
    }
}

struct SetGrants {
    actor: Actor,
    slug: Slug,
    wanted: Vec<(Grantee, Vec<String>)>,
}

impl Change for SetGrants {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let room = locked(tx, &self.slug).await?;
        let state = room_state(tx, room, &self.actor).await?;
        if !state.is_some_and(|state| state.asker.manager) {
            return Err(AdminError::refused(format!("{} does not manage {}", self.actor.login, self.slug)));
        }
        let granted = tx.grants().on_room(room).await?;
        let mut all: Vec<Grantee> = self.wanted.iter().map(|(to, _)| *to).collect();
        all.extend(granted.iter().map(|grant| grant.to));
        let mut done = Vec::with_capacity(all.len());
        let made = Made { actor: &self.actor, room, now };
        for to in all {
            if done.contains(&to) {
                continue;
            }
            done.push(to);
            let before = granted.iter().filter(|grant| grant.to == to).map(|grant| grant.level.clone());
            let after = self.wanted.iter().filter(|(wanted, _)| *wanted == to);
            let after = after.flat_map(|(_, levels)| levels.iter().cloned()).collect();
            made.change(tx, to, &before.collect(), &after).await?;
        }
        Ok(())
    }
}

/// The room, whose grants nobody else changes until this transaction ends: what is granted after it
/// was read would stay beside what replaces everything (R142).
async fn locked(tx: &mut Tx<'_>, slug: &Slug) -> Result<RoomId, AdminError> {
    let room = room(tx, slug).await?.id;
    if let Some(calendar) = tx.calendars().of_room(room).await? {
        tx.lock_in_order(&[], &[calendar.id]).await?;
    }
    Ok(room)
}

/// Who changes what is granted on a room, and when.
struct Made<'a> {
    actor: &'a Actor,
    room: RoomId,
    now: Instant,
}

impl Made<'_> {
    /// Lets `to` have `after` instead of `before`; one audit row if that is a change.
    async fn change(
        &self,
        tx: &mut Tx<'_>,
        to: Grantee,
        before: &BTreeSet<String>,
        after: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        if before == after {
            return Ok(());
        }
        for level in before.difference(after) {
            tx.grants().remove(&Grant { room: self.room, to, level: level.clone() }).await?;
        }
        for level in after.difference(before) {
            tx.grants().add(&Grant { room: self.room, to, level: level.clone() }).await?;
        }
        if let Some(calendar) = tx.calendars().of_room(self.room).await? {
            // What they may do is a property of the calendar.
            tx.push().properties_changed(calendar.id, None).await?;
        }
        let text = |levels: &BTreeSet<String>| {
            let text = levels.iter().map(String::as_str).collect::<Vec<_>>().join(",");
            (!text.is_empty()).then_some(text)
        };
        let row = Decision {
            kind: "grant".to_owned(),
            room: Some(self.room),
            old_state: text(before),
            new_state: text(after),
            rule: "R100".to_owned(),
            detail: name(tx, to).await?,
            ..self.actor.row(self.now)
        };
        tx.audit().insert(&row).await
    }
}

async fn levels(tx: &mut Tx<'_>, room: RoomId, to: Grantee) -> Result<BTreeSet<String>, StoreError> {
    let granted = tx.grants().on_room(room).await?.into_iter();
    Ok(granted.filter(|grant| grant.to == to).map(|grant| grant.level).collect())
}

/// As the command line writes it.
async fn name(tx: &mut Tx<'_>, to: Grantee) -> Result<String, StoreError> {
    Ok(match to {
        Grantee::User(id) => {
            tx.users().get(id).await?.map_or_else(String::new, |user| user.login.to_string())
        }
        Grantee::Group(id) => {
            let groups = tx.groups().list().await?;
            let group = groups.into_iter().find(|group| group.id == id);
            group.map_or_else(String::new, |group| format!("group:{}", group.name))
        }
    })
}

/// The principal that the command line names, or a sentence.
pub(super) async fn grantee(tx: &mut Tx<'_>, principal: &Principal) -> Result<Grantee, AdminError> {
    let (Principal::User(name) | Principal::Group(name)) = principal;
    let name = Slug::parse(name).map_err(|bad| AdminError::refused(bad.to_string()))?;
    Ok(match principal {
        Principal::User(_) => Grantee::User(user(tx, &name).await?.id),
        Principal::Group(_) => Grantee::Group(group(tx, &name).await?.id),
    })
}

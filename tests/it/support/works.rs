//! What tests write straight into a house, where no command is in question.

use roomdav::domain::id::Slug;
use roomdav::domain::space::{Grant, Grantee, Scope};
use roomdav::store::{StoreError, Tx, Work};

use super::server::{START, instant};

/// A room's setting; `units` also of its spaces.
pub(super) struct SetSetting {
    pub(super) slug: String,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) units: Option<i64>,
}

impl Work for SetSetting {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let room = tx.rooms().by_slug(&Slug::parse(&self.slug).unwrap()).await?.unwrap();
        tx.settings().set(Scope::Room(room.id), &self.key, Some(&self.value)).await?;
        for space in room.spaces {
            if let Some(units) = self.units {
                tx.spaces().set_units(space, units, instant(START)).await?;
            }
        }
        Ok(())
    }
}

/// A level or audience on a room, for a person.
pub(super) struct AddGrant {
    pub(super) slug: String,
    pub(super) login: String,
    pub(super) level: String,
}

impl Work for AddGrant {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let room = tx.rooms().by_slug(&Slug::parse(&self.slug).unwrap()).await?.unwrap();
        let user = tx.users().by_login(&Slug::parse(&self.login).unwrap()).await?.unwrap();
        let grant = Grant { room: room.id, to: Grantee::User(user.id), level: self.level.clone() };
        tx.grants().add(&grant).await.map(drop)
    }
}

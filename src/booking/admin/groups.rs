//! Groups of people.

use crate::booking::Bookings;
use crate::domain::id::{GroupId, Slug};
use crate::domain::time::Instant;
use crate::domain::user::Group;
use crate::store::Tx;

use super::people::user;
use super::{AdminError, Change};

impl Bookings {
    /// Adds an empty group.
    ///
    /// # Errors
    /// `Refused` if there is one of this name.
    pub async fn add_group(&self, name: Slug) -> Result<GroupId, AdminError> {
        self.make(AddGroup(name)).await
    }

    /// Puts a person into a group, or takes one out; `false` if that is so already.
    ///
    /// # Errors
    /// `Refused` if there is no such group or person.
    pub async fn set_member(&self, group: Slug, login: Slug, member: bool) -> Result<bool, AdminError> {
        self.make(SetMember { group, login, member }).await
    }
}

struct AddGroup(Slug);

impl Change for AddGroup {
    type Done = GroupId;

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<GroupId, AdminError> {
        if tx.groups().by_name(&self.0).await?.is_some() {
            return Err(AdminError::refused(format!("there is a group {} already", self.0)));
        }
        Ok(tx.groups().add(&self.0).await?)
    }
}

struct SetMember {
    group: Slug,
    login: Slug,
    member: bool,
}

impl Change for SetMember {
    type Done = bool;

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<bool, AdminError> {
        let group = group(tx, &self.group).await?.id;
        let user = user(tx, &self.login).await?.id;
        let mut groups = tx.groups();
        let changed = if self.member {
            groups.add_member(group, user).await?
        } else {
            groups.remove_member(group, user).await?
        };
        Ok(changed)
    }
}

/// The group of this name, or a sentence.
pub(super) async fn group(tx: &mut Tx<'_>, name: &Slug) -> Result<Group, AdminError> {
    let found = tx.groups().by_name(name).await?;
    found.ok_or_else(|| AdminError::refused(format!("there is no group {name}")))
}

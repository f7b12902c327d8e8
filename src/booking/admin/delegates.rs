//! Who may act for a person: named by that person, or by an administrator.
//!
//! RFC 6638, appendix; the groups of the `calendar-proxy` extension; D-36.

use std::collections::BTreeSet;

use crate::booking::{Actor, Bookings};
use crate::domain::id::{Slug, UserId};
use crate::domain::time::Instant;
use crate::domain::user::{Access, User};
use crate::store::{Decision, StoreError, Tx};

use super::people::user_to_change;
use super::{AdminError, Change};

/// More delegates of one kind than this are nobody's.
const MAX_DELEGATES: usize = 100;

impl Bookings {
    /// Makes these people the delegates of a person with this access, and nobody else.
    ///
    /// # Errors
    /// `Refused` if there is no such person, if `actor` is somebody else and no administrator, if a
    /// person were to be a delegate of himself, or for too many.
    pub async fn set_delegates(
        &self,
        actor: Actor,
        login: Slug,
        access: Access,
        delegates: Vec<UserId>,
    ) -> Result<(), AdminError> {
        self.make(SetDelegates { actor, login, access, delegates }).await
    }
}

struct SetDelegates {
    actor: Actor,
    login: Slug,
    access: Access,
    delegates: Vec<UserId>,
}

impl Change for SetDelegates {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let person = user_to_change(tx, &self.login).await?;
        let may = self.actor.admin || self.actor.is(person.id);
        if !may || self.actor.delegate.is_some() {
            return Err(AdminError::refused(format!(
                "{} does not say who acts for {}",
                self.actor.login, self.login
            )));
        }
        set(tx, &self.actor, &person, (self.access, &self.delegates), now).await
    }
}

/// With the person's default calendar locked: these delegates and no others.
pub(super) async fn set(
    tx: &mut Tx<'_>,
    actor: &Actor,
    person: &User,
    (access, delegates): (Access, &[UserId]),
    now: Instant,
) -> Result<(), AdminError> {
    let after: BTreeSet<UserId> = delegates.iter().copied().collect();
    if after.contains(&person.id) {
        return Err(AdminError::refused(format!("{} needs no delegate to be {0}", person.login)));
    }
    if after.len() > MAX_DELEGATES {
        return Err(AdminError::refused(format!("nobody has more than {MAX_DELEGATES} delegates")));
    }
    let before = tx.delegates().of(person.id).await?.into_iter();
    let before: BTreeSet<UserId> = before.filter(|(_, of)| *of == access).map(|(user, _)| user).collect();
    if before == after {
        return Ok(());
    }
    let list: Vec<UserId> = after.iter().copied().collect();
    tx.delegates().set(person.id, access, &list).await?;
    let row = Decision {
        kind: "delegate".to_owned(),
        old_state: logins(tx, &before).await?,
        new_state: logins(tx, &after).await?,
        rule: "D-36".to_owned(),
        detail: format!("{} for {}", access.as_str(), person.login),
        ..actor.row(now)
    };
    Ok(tx.audit().insert(&row).await?)
}

/// Their logins, with commas; `None` of nobody.
async fn logins(tx: &mut Tx<'_>, people: &BTreeSet<UserId>) -> Result<Option<String>, StoreError> {
    let mut logins = Vec::with_capacity(people.len());
    for person in people {
        logins.extend(tx.users().get(*person).await?.map(|user| user.login.to_string()));
    }
    Ok((!logins.is_empty()).then(|| logins.join(",")))
}

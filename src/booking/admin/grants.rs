//! Who may see, book or manage a room (R40, R100).

use crate::booking::Bookings;
use crate::domain::id::Slug;
use crate::domain::settings::Principal;
use crate::domain::space::{Grant, Grantee};
use crate::domain::time::Instant;
use crate::domain::visibility::ViewerLevel;
use crate::store::Tx;

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
}

struct GrantLevel {
    slug: Slug,
    to: Principal,
    level: String,
}

impl Change for GrantLevel {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        let level = self.level.as_str();
        if !is_room_level(level) {
            let possible = ROOM_LEVELS.join(", ");
            return Err(AdminError::refused(format!("there is no level {level:?}; there are {possible}")));
        }
        let room = room(tx, &self.slug).await?.id;
        let to = grantee(tx, &self.to).await?;
        let is_viewer = |level: &str| ViewerLevel::from_name(level).is_some();
        for grant in tx.grants().on_room(room).await?.into_iter().filter(|grant| grant.to == to) {
            if level == "none" || (is_viewer(level) && is_viewer(&grant.level)) {
                tx.grants().remove(&grant).await?;
            }
        }
        if level != "none" {
            tx.grants().add(&Grant { room, to, level: level.to_owned() }).await?;
        }
        Ok(())
    }
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

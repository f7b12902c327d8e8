//! Who has which folder, and what the reader may do with it; what may not be read is not there
//! (D-33).

use crate::booking::access::{RoomState, visible_rooms};
use crate::dav::{Ace, AcePrincipal, Acl, Href, Privilege, PrivilegeSet};
use crate::site::people;
use crate::site::place::{Place, Who};
use crate::site::reader::Reader;
use crate::store::{FolderId, FolderOwner, StoreError, Tx};

use super::place::{Whose, of_person, of_room};

/// A folder as one reader meets it.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) owner: FolderOwner,
    /// `None` as long as nothing was ever put into it.
    pub(super) id: Option<FolderId>,
    pub(super) href: Href,
    /// Whose it is, as a principal.
    pub(super) principal: Href,
    pub(super) title: String,
    pub(super) may_write: bool,
    /// The reader himself.
    pub(super) reader: Href,
}

/// What a reader may do where he only reads.
pub(super) const READ: PrivilegeSet =
    PrivilegeSet::of(&[Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadAcl]);

impl Folder {
    pub(super) fn privileges(&self) -> PrivilegeSet {
        if self.may_write { PrivilegeSet::WRITE } else { READ }
    }

    /// As far as this reader may know of it: what he may do himself.
    pub(super) fn acl(&self) -> Acl {
        Acl(vec![Ace::protected(AcePrincipal::Href(self.reader.clone()), self.privileges())])
    }
}

/// The folder that a URL names, if the reader may know of it.
pub(super) async fn folder(
    tx: &mut Tx<'_>,
    reader: &Reader,
    whose: &Whose,
) -> Result<Option<Folder>, StoreError> {
    match whose {
        Whose::Person(name) if people::is_own(tx, reader, name).await? => own(tx, reader).await.map(Some),
        Whose::Person(_) => Ok(None),
        Whose::Room(slug) => match people::visible_room(tx, reader, slug).await? {
            Some(room) => of_state(tx, reader, &room).await.map(Some),
            None => Ok(None),
        },
    }
}

/// The reader's own folder.
pub(super) async fn own(tx: &mut Tx<'_>, reader: &Reader) -> Result<Folder, StoreError> {
    let owner = FolderOwner::Person(reader.user);
    Ok(Folder {
        owner,
        id: tx.folders().find(owner).await?,
        href: of_person(&reader.actor.login),
        principal: principal(reader),
        title: reader.actor.name.clone(),
        may_write: true,
        reader: principal(reader),
    })
}

/// The folders of all rooms that the reader may see.
pub(super) async fn of_rooms(tx: &mut Tx<'_>, reader: &Reader) -> Result<Vec<Folder>, StoreError> {
    let mut folders = Vec::new();
    for room in visible_rooms(tx, &reader.actor).await? {
        folders.push(of_state(tx, reader, &room).await?);
    }
    Ok(folders)
}

fn principal(reader: &Reader) -> Href {
    Place::Principal(Who::User(reader.actor.login.clone())).href()
}

async fn of_state(tx: &mut Tx<'_>, reader: &Reader, room: &RoomState) -> Result<Folder, StoreError> {
    let owner = FolderOwner::Room(room.room.id);
    let slug = room.room.slug.as_str().to_owned();
    Ok(Folder {
        owner,
        id: tx.folders().find(owner).await?,
        href: of_room(&slug),
        principal: Place::Principal(Who::Room(slug)).href(),
        title: room.room.name.clone(),
        may_write: room.asker.manager,
        reader: principal(reader),
    })
}

//! From a place to a node, and from a collection to its members.

use crate::dav::{Ace, AcePrincipal, Acl, DavError, Href, Viewer};
use crate::site::properties::Own;
use crate::site::reader::{Reader, reader};
use crate::site::refusal;
use crate::store::{At, File, Lock, Property, StoreError, Tx};

use super::FileTree;
use super::access::{self, Folder, READ};
use super::judge;
use super::node::{FileContent, FileNode, Level};
use super::place::{Spot, Top, inside};
use super::quota::Quota;
use super::scene::etag;

/// What is answered for a body that was sent without a type.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A folder with what its nodes have in common.
struct Shelf {
    folder: Folder,
    locks: Vec<Lock>,
    quota: Quota,
}

impl FileTree {
    pub(super) async fn find_node(&self, viewer: &Viewer, href: &Href) -> Result<Option<FileNode>, DavError> {
        let reader = reader(viewer)?;
        match Spot::of(href) {
            None => Ok(None),
            Some(Spot::Top(top)) => Ok(Some(self.top(top))),
            Some(Spot::Inside(whose, path)) => {
                let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
                let mut tx = snapshot.tx();
                let folder = access::folder(&mut tx, reader, &whose).await.map_err(refusal::store)?;
                match folder {
                    Some(folder) => self.at(&mut tx, folder, &path).await.map_err(refusal::store),
                    None => Ok(None),
                }
            }
        }
    }

    /// The members of a collection that the reader may see.
    pub(super) async fn members_of(
        &self,
        viewer: &Viewer,
        node: &FileNode,
    ) -> Result<Vec<FileNode>, DavError> {
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let members = match Spot::of(&node.href) {
            Some(Spot::Top(top)) => self.below_top(&mut tx, reader, top).await,
            Some(Spot::Inside(whose, path)) => match access::folder(&mut tx, reader, &whose).await {
                Ok(Some(folder)) => self.inside(&mut tx, folder, &path).await,
                Ok(None) => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            None => Ok(Vec::new()),
        };
        members.map_err(refusal::store)
    }

    async fn below_top(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        top: Top,
    ) -> Result<Vec<FileNode>, StoreError> {
        let folders = match top {
            Top::Files => return Ok(vec![self.top(Top::Users), self.top(Top::Rooms)]),
            Top::Users => vec![access::own(tx, reader).await?],
            Top::Rooms => access::of_rooms(tx, reader).await?,
        };
        let mut nodes = Vec::with_capacity(folders.len());
        for folder in folders {
            nodes.extend(self.at(tx, folder, "").await?);
        }
        Ok(nodes)
    }

    async fn at(&self, tx: &mut Tx<'_>, folder: Folder, path: &str) -> Result<Option<FileNode>, StoreError> {
        let file = match folder.id {
            Some(id) => tx.files().get(At { folder: id, path }).await?,
            None => None,
        };
        if file.is_none() && !path.is_empty() {
            return Ok(None);
        }
        let properties = match &file {
            Some(file) => tx.files().properties(file.id).await?,
            None => Vec::new(),
        };
        let shelf = self.shelf(tx, folder).await?;
        Ok(Some(self.node(&shelf, path, file, properties)))
    }

    async fn inside(&self, tx: &mut Tx<'_>, folder: Folder, path: &str) -> Result<Vec<FileNode>, StoreError> {
        let Some(id) = folder.id else { return Ok(Vec::new()) };
        let at = At { folder: id, path };
        let files = tx.files().members(at).await?;
        let mut properties = tx.files().properties_of_members(at).await?;
        let shelf = self.shelf(tx, folder).await?;
        let node = |file: File| {
            let own = properties.remove(&file.id).unwrap_or_default();
            let path = file.path.clone();
            self.node(&shelf, &path, Some(file), own)
        };
        Ok(files.into_iter().map(node).collect())
    }

    async fn shelf(&self, tx: &mut Tx<'_>, folder: Folder) -> Result<Shelf, StoreError> {
        let quota = Quota::of(tx, &folder, &self.bounds).await?;
        let locks = match folder.id {
            Some(id) => tx.locks().in_folder(id, self.now()).await?,
            None => Vec::new(),
        };
        Ok(Shelf { folder, locks, quota })
    }

    /// `file` is `None` for a folder that nothing was ever put into.
    fn node(&self, shelf: &Shelf, path: &str, file: Option<File>, properties: Vec<Property>) -> FileNode {
        let own = Own::of(properties);
        let created_at = file.as_ref().map(|file| file.created_at);
        let content = file.and_then(|file| {
            let (body, etag) = (file.body?, etag(&file)?);
            let content_type = file.content_type.unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
            Some(FileContent { body, etag, size: file.size, content_type, modified_at: file.modified_at })
        });
        let is_folder = path.is_empty();
        let locks = judge::covering(&shelf.locks, path);
        let is_collection = content.is_none();
        let active = |lock: &Lock| {
            // What lies above is a collection in any case.
            let is_above = lock.path != path;
            judge::active(lock, &shelf.folder.href, is_above || is_collection, self.now())
        };
        FileNode {
            href: inside(&shelf.folder.href, path, is_collection),
            level: if is_folder { Level::Folder } else { Level::Inside },
            title: own.title.or_else(|| is_folder.then(|| shelf.folder.title.clone())),
            quota: is_collection.then_some(shelf.quota),
            locks: locks.map(active).collect(),
            content,
            created_at,
            owner: Some(shelf.folder.principal.clone()),
            privileges: shelf.folder.privileges(),
            acl: shelf.folder.acl(),
            principal_collections: self.principal_collections.clone(),
            dead: own.dead,
        }
    }

    fn top(&self, top: Top) -> FileNode {
        FileNode {
            href: top.href(),
            level: Level::Top,
            title: None,
            content: None,
            created_at: None,
            owner: None,
            privileges: READ,
            acl: Acl(vec![Ace::protected(AcePrincipal::Authenticated, READ)]),
            principal_collections: self.principal_collections.clone(),
            locks: Vec::new(),
            quota: None,
            dead: Vec::new(),
        }
    }
}

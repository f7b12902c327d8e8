//! The files as a tree: each method of `dav` goes to the file that does it.

use crate::caldav::mkcalendar;
use crate::dav::xml::Element;
use crate::dav::{
    Conditions, DavError, Entity, Failures, Href, Limits, Locked, NewCollection, NewLock, Patched,
    PropertyUpdate, Representation, Stored, Transfer, Tree, Upload, Viewer,
};

use super::FileTree;
use super::node::FileNode;
use super::pieces;
use crate::site::compliance;

impl Tree for FileTree {
    type Node = FileNode;

    fn compliance(&self, _href: &Href) -> &'static str {
        // Nothing of a folder is pushed.
        compliance::of(true, false)
    }

    async fn find(&self, viewer: &Viewer, href: &Href) -> Result<Option<FileNode>, DavError> {
        self.find_node(viewer, href).await
    }

    async fn members(&self, viewer: &Viewer, node: &FileNode) -> Result<Vec<FileNode>, DavError> {
        self.members_of(viewer, node).await
    }

    async fn read(&self, _: &Viewer, node: FileNode) -> Result<Option<(FileNode, Representation)>, DavError> {
        // D-43: no listing of members.
        let Some(content) = &node.content else { return Ok(None) };
        let (store, body) = (self.bookings.store().clone(), content.body);
        let representation = Representation {
            content_type: content.content_type.clone().into(),
            body: Entity::Stored(content.size, Box::new(move |range| pieces::send(store, body, range))),
            is_attachment: true,
        };
        Ok(Some((node, representation)))
    }

    async fn put(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        self.put_file(viewer, href, upload, conditions).await
    }

    async fn delete(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> Result<Failures, DavError> {
        self.remove(viewer, href, conditions).await
    }

    async fn make_collection(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewCollection,
        conditions: &Conditions,
    ) -> Result<Patched, DavError> {
        self.make_folder(viewer, href, new, conditions).await
    }

    fn misplaced(&self, new: &NewCollection) -> Option<DavError> {
        mkcalendar::misplaced(new)
    }

    fn creation(
        &self,
        method: &str,
        body: Option<&Element>,
        limits: &Limits,
    ) -> Option<Result<NewCollection, DavError>> {
        // Only to be refused where it is.
        mkcalendar::creation(method, body, limits)
    }

    async fn transfer(&self, viewer: &Viewer, transfer: Transfer<'_>) -> Result<Stored, DavError> {
        self.copy_or_move(viewer, transfer).await
    }

    async fn patch(
        &self,
        viewer: &Viewer,
        node: &FileNode,
        update: &PropertyUpdate,
        conditions: &Conditions,
    ) -> Result<Patched, DavError> {
        self.patch_file(viewer, &node.href, update, conditions).await
    }

    async fn lock(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewLock,
        conditions: &Conditions,
    ) -> Result<Locked, DavError> {
        self.take_lock(viewer, href, new, conditions).await
    }

    async fn refresh(
        &self,
        viewer: &Viewer,
        href: &Href,
        timeout_secs: Option<u32>,
        conditions: &Conditions,
    ) -> Result<Locked, DavError> {
        self.refresh_locks(viewer, href, timeout_secs, conditions).await
    }

    async fn unlock(
        &self,
        viewer: &Viewer,
        href: &Href,
        token: &str,
        conditions: &Conditions,
    ) -> Result<(), DavError> {
        self.end_lock(viewer, href, token, conditions).await
    }
}

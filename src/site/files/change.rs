//! MKCOL and PROPPATCH: collections, and properties of what there is.
//! RFC 4918, sections 7.1, 9.2 and 9.3; RFC 5689.

use http::StatusCode;

use crate::caldav::mkcalendar;
use crate::dav::condition::VALID_RESOURCETYPE;
use crate::dav::patch::{Plan, plan};
use crate::dav::{
    Conditions, DavError, DeadChange, DeadProperty, Edit, Href, NewCollection, Patched, PropertyUpdate,
    Viewer,
};
use crate::domain::time::Instant;
use crate::site::properties::{LIVE, fit_beside};
use crate::site::reader::{Reader, reader};
use crate::store::{Property, StoreError, Tx, Work};

use super::node::{FileNode, FilePatch};
use super::quota::{Growth, Quota};
use super::scene::{Scene, Target, check_conditions};
use super::{FileBounds, FileTree};

/// What the name of a file is kept under, beside its dead properties.
const TITLE: (&str, &str) = (LIVE, "title");

impl FileTree {
    /// `Ok` with failures where a property could not be set.
    pub(super) async fn make_folder(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewCollection,
        conditions: &Conditions,
    ) -> Result<Patched, DavError> {
        if let Some(error) = mkcalendar::misplaced(&new) {
            return Err(error);
        }
        if new.resource_types.iter().any(|name| !name.is_dav("collection")) {
            return Err(VALID_RESOURCETYPE.into());
        }
        let plan: Plan<FileNode> = match plan(&new.properties, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let change = self.change(viewer, href, plan, conditions)?;
        let fits = self.bookings.store().write(Make(change)).await?;
        Ok(if fits { done } else { full })
    }

    pub(super) async fn patch_file(
        &self,
        viewer: &Viewer,
        href: &Href,
        update: &PropertyUpdate,
        conditions: &Conditions,
    ) -> Result<Patched, DavError> {
        let plan: Plan<FileNode> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let (done, full) = (plan.done(), plan.failed(StatusCode::INSUFFICIENT_STORAGE));
        let change = self.change(viewer, href, plan, conditions)?;
        let fits = self.bookings.store().write(Patch(change)).await?;
        Ok(if fits { done } else { full })
    }

    fn change(
        &self,
        viewer: &Viewer,
        href: &Href,
        plan: Plan<FileNode>,
        conditions: &Conditions,
    ) -> Result<Change, DavError> {
        Ok(Change {
            reader: reader(viewer)?.clone(),
            target: Target::of(href)?,
            patch: plan.patch,
            dead: plan.dead,
            conditions: conditions.clone(),
            most: self.limits.dead_properties,
            bounds: self.bounds.clone(),
            now: self.now(),
        })
    }
}

struct Change {
    reader: Reader,
    target: Target,
    patch: FilePatch,
    dead: Vec<DeadChange>,
    conditions: Conditions,
    /// L-28.
    most: usize,
    bounds: FileBounds,
    now: Instant,
}

impl Change {
    async fn enter(&self, tx: &mut Tx<'_>) -> Result<Scene, DavError> {
        let scene = Scene::enter(tx, &self.reader, &self.target.whose, self.now).await?;
        let at = (&scene, self.target.path.as_str());
        check_conditions(tx, &self.reader, at, &self.conditions, self.now).await?;
        Ok(scene)
    }

    /// Sets everything, if there is room for it.
    async fn set(&self, tx: &mut Tx<'_>, file: i64) -> Result<bool, StoreError> {
        if !fit_beside(&tx.files().properties(file).await?, &self.dead, self.most) {
            return Ok(false);
        }
        match &self.patch.title {
            Edit::Keep => {}
            Edit::Clear => tx.files().remove_property(file, TITLE).await?,
            Edit::Set(title) => {
                let (namespace, name) = (TITLE.0.to_owned(), TITLE.1.to_owned());
                let property = Property { namespace, name, value: title.clone() };
                tx.files().set_property(file, &property).await?;
            }
        }
        for change in &self.dead {
            match change {
                DeadChange::Keep(DeadProperty { name, xml }) => {
                    let (namespace, local) = (name.namespace().to_owned(), name.local().to_owned());
                    let property = Property { namespace, name: local, value: xml.clone() };
                    tx.files().set_property(file, &property).await?;
                }
                DeadChange::Drop(name) => {
                    tx.files().remove_property(file, (name.namespace(), name.local())).await?;
                }
            }
        }
        Ok(true)
    }
}

struct Make(Change);

impl Work for Make {
    /// Whether there was room for the properties; else nothing was made.
    type Done = bool;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, DavError> {
        let Self(change) = self;
        let scene = change.enter(tx).await?;
        let path = change.target.path.as_str();
        if scene.file(tx, path).await?.is_some() {
            // Somebody was quicker.
            return Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        scene.check_parent(tx, path).await?;
        let tokens = change.conditions.tokens();
        scene.judge(&change.reader, &tokens).check_member(path)?;
        let growth = Growth { members: 1, ..Growth::default() };
        Quota::of(tx, &scene.folder, &change.bounds).await?.check(growth, &change.bounds)?;
        if change.dead.len() > change.most {
            return Ok(false);
        }
        let made = tx.files().create(scene.at(path)?, None, change.now).await?;
        Ok(change.set(tx, made).await?)
    }
}

struct Patch(Change);

impl Work for Patch {
    /// Whether there was room.
    type Done = bool;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, DavError> {
        let Self(change) = self;
        let scene = change.enter(tx).await?;
        let path = change.target.path.as_str();
        let file = scene.file(tx, path).await?.ok_or_else(DavError::not_found)?;
        let tokens = change.conditions.tokens();
        scene.judge(&change.reader, &tokens).check(path)?;
        Ok(change.set(tx, file.id).await?)
    }
}

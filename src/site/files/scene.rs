//! What a writer meets in the transaction that writes: the folder, kept from other writers, its
//! locks, and what `If` and its kin say of the target.
//! RFC 4918, section 7.2.

use crate::dav::limits::MAX_SEGMENTS;
use crate::dav::{Conditions, DavError, ETag, Href, Privilege, ResourceState};
use crate::domain::time::Instant;
use crate::site::reader::Reader;
use crate::store::{At, File, FolderId, Lock, StoreError, Tx};

use super::access::{self, Folder};
use super::judge::{self, Locks};
use super::place::{Spot, Whose, inside};

/// A folder and a path in it, as a URL names them.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) whose: Whose,
    pub(super) path: String,
}

impl Target {
    /// 404 for a path that lies in no folder, 403 for the collections above them.
    pub(super) fn of(href: &Href) -> Result<Self, DavError> {
        match Spot::of(href) {
            Some(Spot::Inside(_, path)) if !fits(&path) => Err(DavError::status(http::StatusCode::FORBIDDEN)),
            Some(Spot::Inside(whose, path)) => Ok(Self { whose, path }),
            Some(Spot::Top(_)) => Err(DavError::status(http::StatusCode::FORBIDDEN)),
            None => Err(DavError::not_found()),
        }
    }
}

/// Bytes of a path that an index of PostgreSQL surely takes.
const MOST_PATH_BYTES: usize = 2_000;

/// Segments of the address of a folder itself, `/files/users/ada/`.
const FOLDER_SEGMENTS: usize = 3;

/// Whether a path within a folder may have an address (L-14).
pub(super) fn fits(path: &str) -> bool {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
    path.len() <= MOST_PATH_BYTES && segments + FOLDER_SEGMENTS <= MAX_SEGMENTS
}

/// A folder with its locks.
pub(super) struct Scene {
    pub(super) folder: Folder,
    locks: Vec<Lock>,
}

impl Scene {
    /// The folder as it is; 404 for readers who may not see it.
    pub(super) async fn look(
        tx: &mut Tx<'_>,
        reader: &Reader,
        whose: &Whose,
        now: Instant,
    ) -> Result<Self, DavError> {
        let folder = access::folder(tx, reader, whose).await?.ok_or_else(DavError::not_found)?;
        let locks = match folder.id {
            Some(id) => tx.locks().in_folder(id, now).await?,
            None => Vec::new(),
        };
        Ok(Self { folder, locks })
    }

    /// The folder to be written: made where it is not there yet, and locked against other writers.
    /// 403 for those who only read.
    pub(super) async fn enter(
        tx: &mut Tx<'_>,
        reader: &Reader,
        whose: &Whose,
        now: Instant,
    ) -> Result<Self, DavError> {
        let ids = [prepare(tx, reader, whose).await?];
        tx.folders().lock(&ids).await?;
        Self::entered(tx, reader, whose, now).await
    }

    /// Two folders to be written, which may be one.
    pub(super) async fn enter_both(
        tx: &mut Tx<'_>,
        reader: &Reader,
        (from, to): (&Whose, &Whose),
        now: Instant,
    ) -> Result<(Self, Self), DavError> {
        let mut ids = [prepare(tx, reader, from).await?, prepare(tx, reader, to).await?];
        ids.sort_unstable();
        tx.folders().lock(&ids).await?;
        Ok((Self::entered(tx, reader, from, now).await?, Self::entered(tx, reader, to, now).await?))
    }

    /// A folder to be read and one to be written; neither changes before this transaction ends.
    pub(super) async fn enter_to_copy(
        tx: &mut Tx<'_>,
        reader: &Reader,
        (from, to): (&Whose, &Whose),
        now: Instant,
    ) -> Result<(Self, Self), DavError> {
        let source = access::folder(tx, reader, from).await?.ok_or_else(DavError::not_found)?;
        let mut ids = vec![prepare(tx, reader, to).await?];
        ids.extend(source.id);
        ids.sort_unstable();
        ids.dedup();
        tx.folders().lock(&ids).await?;
        Ok((Self::look(tx, reader, from, now).await?, Self::entered(tx, reader, to, now).await?))
    }

    /// After the lock: reads what others left.
    async fn entered(
        tx: &mut Tx<'_>,
        reader: &Reader,
        whose: &Whose,
        now: Instant,
    ) -> Result<Self, DavError> {
        let scene = Self::look(tx, reader, whose, now).await?;
        let root = At { folder: scene.id()?, path: "" };
        if tx.files().get(root).await?.is_none() {
            tx.files().create(root, None, now).await?;
        }
        Ok(scene)
    }

    /// The key of a folder that was entered.
    pub(super) fn id(&self) -> Result<FolderId, StoreError> {
        let missing = || StoreError::Inconsistent("a folder that was opened is not there".to_owned());
        self.folder.id.ok_or_else(missing)
    }

    /// Where a path of this folder is.
    pub(super) fn at<'p>(&self, path: &'p str) -> Result<At<'p>, StoreError> {
        Ok(At { folder: self.id()?, path })
    }

    /// What is at a path; of a folder that nothing was put into there is the root alone, and that
    /// only once it is entered.
    pub(super) async fn file(&self, tx: &mut Tx<'_>, path: &str) -> Result<Option<File>, StoreError> {
        match self.folder.id {
            Some(folder) => tx.files().get(At { folder, path }).await,
            None => Ok(None),
        }
    }

    /// The locks in force.
    pub(super) fn locks(&self) -> &[Lock] {
        &self.locks
    }

    /// What the locks keep this writer from.
    pub(super) fn judge<'a>(&'a self, reader: &Reader, tokens: &'a [&'a str]) -> Locks<'a> {
        Locks { folder: &self.folder.href, all: &self.locks, tokens, user: reader.user }
    }

    /// The href of a path.
    pub(super) fn href(&self, path: &str, is_collection: bool) -> Href {
        inside(&self.folder.href, path, is_collection)
    }

    /// 409 unless what `path` is or would be a member of is a collection.
    pub(super) async fn check_parent(&self, tx: &mut Tx<'_>, path: &str) -> Result<(), DavError> {
        let Some((parent, _)) = path.rsplit_once('/') else { return Ok(()) };
        let parent = self.file(tx, parent).await?;
        let is_collection = parent.is_some_and(|parent| parent.body.is_none());
        if is_collection { Ok(()) } else { Err(DavError::status(http::StatusCode::CONFLICT)) }
    }
}

async fn prepare(tx: &mut Tx<'_>, reader: &Reader, whose: &Whose) -> Result<FolderId, DavError> {
    let folder = access::folder(tx, reader, whose).await?.ok_or_else(DavError::not_found)?;
    if !folder.may_write {
        return Err(DavError::need_privilege(&folder.href, Privilege::Bind));
    }
    Ok(tx.folders().open(folder.owner).await?)
}

/// The tag of a file: its body's key, since no body ever changes.
pub(super) fn etag(file: &File) -> Option<ETag> {
    file.body.map(|body| ETag::new(&format!("{:016x}", body.get())))
}

/// 412 unless everything holds that the writer believes of the target and of what `If` names.
pub(super) async fn check_conditions(
    tx: &mut Tx<'_>,
    reader: &Reader,
    (scene, path): (&Scene, &str),
    conditions: &Conditions,
    now: Instant,
) -> Result<(), DavError> {
    let file = scene.file(tx, path).await?;
    // A collection is there, but no tag fits it.
    let tag = file.as_ref().map(|file| etag(file).unwrap_or_else(|| ETag::new("")));
    if !conditions.hold(tag.as_ref().map(|tag| (tag, None))) {
        return Err(DavError::precondition_failed());
    }
    let Some(header) = &conditions.state else { return Ok(()) };
    let target = state(scene, path, file.as_ref());
    let mut others = Vec::new();
    for href in header.named() {
        others.push((href, state_at(tx, reader, href, now).await?));
    }
    let state = |href: Option<&Href>| match href {
        None => target.clone(),
        Some(href) => {
            let known = others.iter().find(|(known, _)| *known == href);
            known.map(|(_, state)| state.clone()).unwrap_or_default()
        }
    };
    if header.holds(state) { Ok(()) } else { Err(DavError::precondition_failed()) }
}

async fn state_at(
    tx: &mut Tx<'_>,
    reader: &Reader,
    href: &Href,
    now: Instant,
) -> Result<ResourceState, DavError> {
    let Some(Spot::Inside(whose, path)) = Spot::of(href) else { return Ok(ResourceState::default()) };
    match Scene::look(tx, reader, &whose, now).await {
        Ok(scene) => {
            let file = scene.file(tx, &path).await?;
            Ok(state(&scene, &path, file.as_ref()))
        }
        Err(error) if error.status == http::StatusCode::NOT_FOUND => Ok(ResourceState::default()),
        Err(error) => Err(error),
    }
}

/// What is not there has no state, whatever lock lies above it (RFC 4918, section 10.4.4).
fn state(scene: &Scene, path: &str, file: Option<&File>) -> ResourceState {
    let Some(file) = file else { return ResourceState::default() };
    let tokens = judge::covering(&scene.locks, path).map(|lock| lock.token.clone()).collect();
    ResourceState { etag: etag(file), other_etags: Vec::new(), tokens }
}

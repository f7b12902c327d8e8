//! COPY and MOVE, also from one folder to another; all of it or nothing.
//!
//! A lock that is in the way anywhere refuses the whole (423), so nothing has to be told of parts.
//! Locks do not go along. RFC 4918, sections 7.6, 9.8, 9.8.2 to 9.8.4, 9.9, 9.9.1 and 9.9.3.

use http::StatusCode;

use crate::dav::{Conditions, DavError, Href, Stored, Transfer, Verb, Viewer};
use crate::domain::time::Instant;
use crate::site::reader::{Reader, reader};
use crate::store::{File, Tx, Work};

use super::judge::is_below;
use super::quota::{Growth, Quota};
use super::scene::{Scene, Target, check_conditions, etag, fits};
use super::{FileBounds, FileTree};

impl FileTree {
    pub(super) async fn copy_or_move(
        &self,
        viewer: &Viewer,
        transfer: Transfer<'_>,
    ) -> Result<Stored, DavError> {
        let work = Moving {
            reader: reader(viewer)?.clone(),
            verb: transfer.verb,
            from: Target::of(transfer.from)?,
            to: Target::of(transfer.to)?,
            to_href: transfer.to.clone(),
            overwrite: transfer.overwrite,
            deep: transfer.deep,
            conditions: transfer.conditions.clone(),
            bounds: self.bounds.clone(),
            now: self.now(),
        };
        self.bookings.store().write(work).await
    }
}

struct Moving {
    reader: Reader,
    verb: Verb,
    from: Target,
    to: Target,
    to_href: Href,
    overwrite: bool,
    deep: bool,
    conditions: Conditions,
    bounds: FileBounds,
    now: Instant,
}

/// What goes where, once it may.
struct Plan {
    source: Scene,
    target: Scene,
    /// What is at the destination, and below.
    replaced: Vec<File>,
}

impl Work for Moving {
    type Done = Stored;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stored, DavError> {
        let plan = self.judge(tx).await?;
        let (from, to) = (plan.source.at(&self.from.path)?, plan.target.at(&self.to.path)?);
        let existed = !plan.replaced.is_empty();
        if existed {
            // What is copied over stays locked, what is moved over is another resource.
            tx.locks().remove_tree(to, self.verb == Verb::Copy).await?;
            tx.files().remove_tree(to).await?;
        }
        match self.verb {
            Verb::Copy => tx.files().copy(from, to, self.deep, self.now).await?,
            Verb::Move => {
                tx.locks().remove_tree(from, false).await?;
                tx.files().relocate(from, to).await?;
            }
        }
        let stored = tx.files().get(to).await?;
        Ok(Stored { created: !existed, etag: stored.as_ref().and_then(etag), schedule_tag: None })
    }
}

impl Moving {
    async fn judge(&self, tx: &mut Tx<'_>) -> Result<Plan, DavError> {
        let (source, target) = self.enter(tx).await?;
        let (from, to) = (self.from.path.as_str(), self.to.path.as_str());
        let file = source.file(tx, from).await?.ok_or_else(DavError::not_found)?;
        check_conditions(tx, &self.reader, (&source, from), &self.conditions, self.now).await?;
        self.check_ends(&source, &target)?;
        target.check_parent(tx, to).await?;
        let replaced = tx.files().tree(target.at(to)?).await?;
        if !replaced.is_empty() && !self.overwrite {
            return Err(DavError::precondition_failed());
        }
        let is_file = file.body.is_some();
        if is_file && self.to_href.is_collection() && replaced.is_empty() {
            // A file has no slash at the end.
            return Err(DavError::status(StatusCode::CONFLICT));
        }
        self.check_locks(&source, &target, (is_file, &replaced))?;
        let moved = if self.deep { tx.files().tree(source.at(from)?).await? } else { vec![file] };
        self.check_paths(&moved)?;
        self.check_quota(tx, (&source, &target), &moved, &replaced).await?;
        Ok(Plan { source, target, replaced })
    }

    /// The folder that is copied from is only read, and need not be written.
    async fn enter(&self, tx: &mut Tx<'_>) -> Result<(Scene, Scene), DavError> {
        let (from, to) = (&self.from.whose, &self.to.whose);
        match self.verb {
            Verb::Move => Scene::enter_both(tx, &self.reader, (from, to), self.now).await,
            Verb::Copy => {
                let (source, target) = Scene::enter_to_copy(tx, &self.reader, (from, to), self.now).await?;
                if source.folder.id.is_none() {
                    return Err(DavError::not_found());
                }
                Ok((source, target))
            }
        }
    }

    /// 403 where one is the other or lies in it, also under another name of the same folder, and
    /// where a folder itself would go or be replaced.
    fn check_ends(&self, source: &Scene, target: &Scene) -> Result<(), DavError> {
        let (from, to) = (self.from.path.as_str(), self.to.path.as_str());
        let is_same = source.folder.id == target.folder.id
            && (from == to || is_below(from, to) || (self.deep && is_below(to, from)));
        let goes = self.verb == Verb::Move && from.is_empty();
        if is_same || goes || to.is_empty() { Err(DavError::status(StatusCode::FORBIDDEN)) } else { Ok(()) }
    }

    fn check_locks(
        &self,
        source: &Scene,
        target: &Scene,
        (is_file, replaced): (bool, &[File]),
    ) -> Result<(), DavError> {
        let tokens = self.conditions.tokens();
        let (from, to) = (self.from.path.as_str(), self.to.path.as_str());
        if self.verb == Verb::Move {
            let locks = source.judge(&self.reader, &tokens);
            locks.check(from)?;
            locks.check_member(from)?;
            locks.check_below(from)?;
        }
        let locks = target.judge(&self.reader, &tokens);
        if !replaced.is_empty() {
            locks.check(to)?;
            locks.check_below(to)?;
        }
        // A file copied over a file changes that one alone, as a PUT would.
        let is_put = self.verb == Verb::Copy && is_file && replaced.iter().any(|old| old.body.is_some());
        if is_put && replaced.len() == 1 { Ok(()) } else { locks.check_member(to) }
    }

    /// What goes along must have an address where it comes to (L-14).
    fn check_paths(&self, moved: &[File]) -> Result<(), DavError> {
        let fits = |file: &File| {
            let rest = file.path.get(self.from.path.len()..).unwrap_or_default();
            fits(&format!("{}{}{rest}", self.to.path, if self.from.path.is_empty() { "/" } else { "" }))
        };
        if moved.iter().all(fits) { Ok(()) } else { Err(DavError::status(StatusCode::FORBIDDEN)) }
    }

    async fn check_quota(
        &self,
        tx: &mut Tx<'_>,
        (source, target): (&Scene, &Scene),
        moved: &[File],
        replaced: &[File],
    ) -> Result<(), DavError> {
        if self.verb == Verb::Move && source.folder.id == target.folder.id {
            return Ok(());
        }
        let bytes = |files: &[File]| files.iter().map(|file| file.size).sum();
        let growth = Growth {
            bytes: bytes(moved),
            members: moved.len() as u64,
            replaced_bytes: bytes(replaced),
            replaced_members: replaced.len() as u64,
        };
        Quota::of(tx, &target.folder, &self.bounds).await?.check(growth, &self.bounds)
    }
}

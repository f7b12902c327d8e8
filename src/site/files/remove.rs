//! DELETE of files and trees. What a lock keeps stays, with the collections it is in; the rest goes
//! (RFC 4918, section 9.6.1).

use std::collections::HashSet;

use http::StatusCode;

use crate::dav::{Conditions, DavError, Failures, Href, Viewer};
use crate::domain::time::Instant;
use crate::site::reader::{Reader, reader};
use crate::store::{File, Lock, Tx, Work};

use super::FileTree;
use super::judge::is_below;
use super::scene::{Scene, Target, check_conditions};

impl FileTree {
    pub(super) async fn remove(
        &self,
        viewer: &Viewer,
        href: &Href,
        conditions: &Conditions,
    ) -> Result<Failures, DavError> {
        let target = Target::of(href)?;
        let (reader, conditions) = (reader(viewer)?.clone(), conditions.clone());
        self.bookings.store().write(Remove { reader, target, conditions, now: self.now() }).await
    }
}

struct Remove {
    reader: Reader,
    target: Target,
    conditions: Conditions,
    now: Instant,
}

impl Work for Remove {
    type Done = Failures;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Failures, DavError> {
        let path = self.target.path.as_str();
        if path.is_empty() {
            // A folder stays as long as its owner.
            return Err(DavError::status(StatusCode::FORBIDDEN));
        }
        let scene = Scene::enter(tx, &self.reader, &self.target.whose, self.now).await?;
        scene.file(tx, path).await?.ok_or_else(DavError::not_found)?;
        check_conditions(tx, &self.reader, (&scene, path), &self.conditions, self.now).await?;
        let tokens = self.conditions.tokens();
        let locks = scene.judge(&self.reader, &tokens);
        locks.check(path)?;
        locks.check_member(path)?;
        let kept = locks.below(path);
        if kept.is_empty() {
            let at = scene.at(path)?;
            tx.locks().remove_tree(at, false).await?;
            tx.files().remove_tree(at).await?;
            return Ok(Failures::new());
        }
        let failures = locks.failures(&kept);
        remove_others(tx, &scene, path, &kept).await?;
        Ok(failures)
    }
}

/// Removes what is at and below `path` but for what locks keep.
async fn remove_others(tx: &mut Tx<'_>, scene: &Scene, path: &str, kept: &[&Lock]) -> Result<(), DavError> {
    let stays = |file: &File| {
        let is_kept = |lock: &&Lock| {
            file.path == lock.path
                || is_below(&lock.path, &file.path)
                || (lock.deep && is_below(&file.path, &lock.path))
                // Who its members are is kept by any lock on a collection (RFC 4918, section 7.4).
                || file.path.rsplit_once('/').is_some_and(|(parent, _)| parent == lock.path)
        };
        kept.iter().any(is_kept)
    };
    let tree = tx.files().tree(scene.at(path)?).await?;
    let gone: Vec<&File> = tree.iter().filter(|file| !stays(file)).collect();
    for file in &gone {
        tx.files().remove(file.id).await?;
    }
    let gone: HashSet<&str> = gone.iter().map(|file| file.path.as_str()).collect();
    for lock in scene.locks().iter().filter(|lock| gone.contains(lock.path.as_str())) {
        tx.locks().remove(&lock.token).await?;
    }
    Ok(())
}

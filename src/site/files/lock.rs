//! LOCK, its refresh, and UNLOCK. RFC 4918, sections 6, 6.2, 6.6, 7, 7.3, 7.7, 9.10, 9.10.1, 9.10.5, 9.11
//! and 20.7; B-61.

use http::StatusCode;

use crate::dav::condition::{LOCK_TOKEN_MATCHES_REQUEST_URI, NO_CONFLICTING_LOCK};
use crate::dav::{Conditions, DavError, Href, Locked, NewLock, Scope, Viewer};
use crate::domain::time::Instant;
use crate::site::reader::{Reader, reader};
use crate::store::{Lock, NewBody, Received, Tx, Work, new_uuid};

use super::judge::{self, covering, is_below};
use super::quota::{Growth, Quota};
use super::scene::{Scene, Target, check_conditions};
use super::{FileBounds, FileTree};

impl FileTree {
    pub(super) async fn take_lock(
        &self,
        viewer: &Viewer,
        href: &Href,
        new: NewLock,
        conditions: &Conditions,
    ) -> Result<Locked, DavError> {
        let asked = self.asked(viewer, href, conditions)?;
        let token = format!("urn:uuid:{}", new_uuid());
        self.bookings.store().write(Take { asked, new, token }).await
    }

    pub(super) async fn refresh_locks(
        &self,
        viewer: &Viewer,
        href: &Href,
        timeout_secs: Option<u32>,
        conditions: &Conditions,
    ) -> Result<Locked, DavError> {
        let asked = self.asked(viewer, href, conditions)?;
        self.bookings.store().write(Refresh { asked, timeout_secs }).await
    }

    pub(super) async fn end_lock(
        &self,
        viewer: &Viewer,
        href: &Href,
        token: &str,
        conditions: &Conditions,
    ) -> Result<(), DavError> {
        let asked = self.asked(viewer, href, conditions)?;
        self.bookings.store().write(Release { asked, token: token.to_owned() }).await
    }

    fn asked(&self, viewer: &Viewer, href: &Href, conditions: &Conditions) -> Result<Asked, DavError> {
        Ok(Asked {
            reader: reader(viewer)?.clone(),
            target: Target::of(href)?,
            conditions: conditions.clone(),
            bounds: self.bounds.clone(),
            now: self.now(),
        })
    }
}

/// What all three have in common.
struct Asked {
    reader: Reader,
    target: Target,
    conditions: Conditions,
    bounds: FileBounds,
    now: Instant,
}

impl Asked {
    async fn enter(&self, tx: &mut Tx<'_>) -> Result<Scene, DavError> {
        let scene = Scene::enter(tx, &self.reader, &self.target.whose, self.now).await?;
        let at = (&scene, self.target.path.as_str());
        check_conditions(tx, &self.reader, at, &self.conditions, self.now).await?;
        Ok(scene)
    }

    /// When a lock ends that was asked for so long: at the latest after L-72.
    fn end(&self, timeout_secs: Option<u32>) -> Instant {
        let secs = timeout_secs.unwrap_or(u32::MAX).clamp(1, self.bounds.lock_secs);
        self.now.plus(i64::from(secs))
    }

    /// Every lock on the target, as it is after the change.
    async fn told(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        is_collection: bool,
    ) -> Result<Vec<crate::dav::ActiveLock>, DavError> {
        let path = self.target.path.as_str();
        let locks = tx.locks().in_folder(scene.id()?, self.now).await?;
        let told = covering(&locks, path).map(|lock| {
            judge::active(lock, &scene.folder.href, is_collection || lock.path != path, self.now)
        });
        Ok(told.collect())
    }
}

struct Take {
    asked: Asked,
    new: NewLock,
    token: String,
}

impl Work for Take {
    type Done = Locked;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Locked, DavError> {
        let Self { asked, new, token } = self;
        let path = asked.target.path.as_str();
        let scene = asked.enter(tx).await?;
        let file = scene.file(tx, path).await?;
        self.check_conflicts(&scene)?;
        let below = self.conflicts_below(&scene);
        if !below.is_empty() {
            return Ok(Locked::No(
                below
                    .into_iter()
                    .map(|lock| (scene.href(&lock.path, false), conflict(&scene, lock)))
                    .collect(),
            ));
        }
        if tx.locks().count_of(asked.reader.user, asked.now).await? >= asked.bounds.locks_per_user {
            return Err(DavError::status(StatusCode::INSUFFICIENT_STORAGE));
        }
        if file.is_none() {
            self.make_empty(tx, &scene).await?;
        }
        let lock = Lock {
            token: token.clone(),
            path: path.to_owned(),
            exclusive: new.scope == Scope::Exclusive,
            deep: new.deep,
            holder: asked.reader.user,
            owner: new.owner.clone(),
            expires_at: asked.end(new.timeout_secs),
        };
        tx.locks().insert(scene.id()?, &lock).await?;
        let is_collection = file.as_ref().is_some_and(|file| file.body.is_none());
        let locks = asked.told(tx, &scene, is_collection).await?;
        Ok(Locked::Yes { created: file.is_none(), token: Some(token.clone()), locks })
    }
}

impl Take {
    fn goes_with(&self, other: &Lock) -> bool {
        self.new.scope == Scope::Shared && !other.exclusive
    }

    /// Against locks on the resource itself, of whoever holds them.
    fn check_conflicts(&self, scene: &Scene) -> Result<(), DavError> {
        let mut here = covering(scene.locks(), &self.asked.target.path);
        match here.find(|other| !self.goes_with(other)) {
            Some(other) => Err(conflict(scene, other)),
            None => Ok(()),
        }
    }

    fn conflicts_below<'a>(&self, scene: &'a Scene) -> Vec<&'a Lock> {
        let path = self.asked.target.path.as_str();
        let below = scene.locks().iter().filter(|lock| self.new.deep && is_below(&lock.path, path));
        below.filter(|lock| !self.goes_with(lock)).collect()
    }

    /// An empty file where nothing is (RFC 4918, section 9.10.4).
    async fn make_empty(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), DavError> {
        let asked = &self.asked;
        let path = asked.target.path.as_str();
        scene.check_parent(tx, path).await?;
        let tokens = asked.conditions.tokens();
        scene.judge(&asked.reader, &tokens).check_member(path)?;
        let growth = Growth { members: 1, ..Growth::default() };
        Quota::of(tx, &scene.folder, &asked.bounds).await?.check(growth, &asked.bounds)?;
        let received = Received::empty();
        received.store(tx, asked.now).await?;
        let body = NewBody { id: received.id, size: 0, content_type: None };
        tx.files().create(scene.at(path)?, Some(&body), asked.now).await?;
        Ok(())
    }
}

fn conflict(scene: &Scene, lock: &Lock) -> DavError {
    DavError::from(NO_CONFLICTING_LOCK).naming(&scene.href(&lock.path, lock.path.is_empty()))
}

struct Refresh {
    asked: Asked,
    timeout_secs: Option<u32>,
}

impl Work for Refresh {
    type Done = Locked;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Locked, DavError> {
        let asked = &self.asked;
        let scene = asked.enter(tx).await?;
        let file = scene.file(tx, &asked.target.path).await?.ok_or_else(DavError::not_found)?;
        let tokens = asked.conditions.tokens();
        let own = covering(scene.locks(), &asked.target.path)
            .filter(|lock| lock.holder == asked.reader.user && tokens.contains(&lock.token.as_str()));
        let own: Vec<&Lock> = own.collect();
        if own.is_empty() {
            let mismatch = DavError::from(LOCK_TOKEN_MATCHES_REQUEST_URI);
            return Err(mismatch.with_status(StatusCode::PRECONDITION_FAILED));
        }
        for lock in own {
            tx.locks().extend(&lock.token, asked.end(self.timeout_secs)).await?;
        }
        let locks = asked.told(tx, &scene, file.body.is_none()).await?;
        Ok(Locked::Yes { created: false, token: None, locks })
    }
}

struct Release {
    asked: Asked,
    token: String,
}

impl Work for Release {
    type Done = ();
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), DavError> {
        let asked = &self.asked;
        let scene = asked.enter(tx).await?;
        let mut here = covering(scene.locks(), &asked.target.path);
        let lock = here.find(|lock| lock.token == self.token);
        let lock = lock.ok_or_else(|| DavError::from(LOCK_TOKEN_MATCHES_REQUEST_URI))?;
        if lock.holder != asked.reader.user {
            return Err(DavError::status(StatusCode::FORBIDDEN));
        }
        Ok(tx.locks().remove(&lock.token).await?)
    }
}

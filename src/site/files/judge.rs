//! What locks keep out: pure, over the locks of one folder.
//!
//! A write needs, of each resource that it changes, the token of one of the locks on it, submitted
//! by whoever holds that lock. RFC 4918, sections 6.1, 6.4, 7, 7.5, 10.4.1 and 11.3.

use crate::dav::ActiveLock;
use crate::dav::Scope;
use crate::dav::condition::LOCK_TOKEN_SUBMITTED;
use crate::dav::{DavError, Failures, Href};
use crate::domain::id::UserId;
use crate::domain::time::Instant;
use crate::store::Lock;

use super::place::inside;

/// The locks of a folder, and what one writer submits.
pub(super) struct Locks<'a> {
    pub(super) folder: &'a Href,
    pub(super) all: &'a [Lock],
    pub(super) tokens: &'a [&'a str],
    pub(super) user: UserId,
}

/// Whether `path` lies inside of `root`, at any depth.
pub(super) fn is_below(path: &str, root: &str) -> bool {
    if root.is_empty() {
        return !path.is_empty();
    }
    path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

/// The locks on a path: those taken there, and deep ones above.
pub(super) fn covering<'a>(locks: &'a [Lock], path: &str) -> impl Iterator<Item = &'a Lock> {
    locks.iter().filter(move |lock| lock.path == path || (lock.deep && is_below(path, &lock.path)))
}

/// A lock as it is told.
pub(super) fn active(lock: &Lock, folder: &Href, is_collection: bool, now: Instant) -> ActiveLock {
    let secs_left = lock.expires_at.secs() - now.secs();
    ActiveLock {
        token: lock.token.clone(),
        scope: if lock.exclusive { Scope::Exclusive } else { Scope::Shared },
        deep: lock.deep,
        owner: lock.owner.clone(),
        secs_left: u32::try_from(secs_left).unwrap_or(0),
        root: inside(folder, &lock.path, is_collection || lock.path.is_empty()),
    }
}

impl<'a> Locks<'a> {
    fn is_held(&self, lock: &Lock) -> bool {
        lock.holder == self.user && self.tokens.contains(&lock.token.as_str())
    }

    /// The lock on `path` that keeps this writer out, if any.
    fn against(&self, path: &str) -> Option<&'a Lock> {
        let mut on_it = covering(self.all, path).peekable();
        let first = on_it.peek().copied()?;
        if on_it.any(|lock| self.is_held(lock)) { None } else { Some(first) }
    }

    /// 423 if `path` may not be written.
    pub(super) fn check(&self, path: &str) -> Result<(), DavError> {
        match self.against(path) {
            None => Ok(()),
            Some(lock) => Err(self.refusal(lock)),
        }
    }

    /// 423 if a member may not appear at `path`, or go from there (RFC 4918, section 7.4).
    pub(super) fn check_member(&self, path: &str) -> Result<(), DavError> {
        match path.rsplit_once('/') {
            _ if path.is_empty() => Ok(()),
            Some((parent, _)) => self.check(parent),
            None => self.check(""),
        }
    }

    /// The places below `path` that may not be written, each with the lock that is in the way.
    pub(super) fn below(&self, path: &str) -> Vec<&'a Lock> {
        let inner = self.all.iter().filter(|lock| is_below(&lock.path, path));
        inner.filter(|lock| self.against(&lock.path).is_some()).collect()
    }

    /// 423 if anything below `path` may not be written; names every place.
    pub(super) fn check_below(&self, path: &str) -> Result<(), DavError> {
        let mut below = self.below(path).into_iter();
        let Some(first) = below.next() else { return Ok(()) };
        Err(below.fold(self.refusal(first), |error, lock| error.naming(&self.root(lock))))
    }

    /// The same as one failure for each place.
    pub(super) fn failures(&self, locks: &[&Lock]) -> Failures {
        locks.iter().map(|lock| (self.root(lock), self.refusal(lock))).collect()
    }

    fn refusal(&self, lock: &Lock) -> DavError {
        DavError::from(LOCK_TOKEN_SUBMITTED).naming(&self.root(lock))
    }

    fn root(&self, lock: &Lock) -> Href {
        inside(self.folder, &lock.path, lock.path.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::name::DAV;

    const ADA: UserId = UserId::new(1);
    const BOB: UserId = UserId::new(2);

    fn lock(token: &str, path: &str, deep: bool, holder: UserId) -> Lock {
        Lock {
            token: token.to_owned(),
            path: path.to_owned(),
            exclusive: false,
            deep,
            holder,
            owner: None,
            expires_at: Instant::from_secs(100),
        }
    }

    /// Whether ada, who submits `tokens`, may write at `path`.
    fn may(locks: &[Lock], tokens: &[&str], path: &str) -> bool {
        let folder = Href::parse("/files/users/ada/").expect("an href");
        Locks { folder: &folder, all: locks, tokens, user: ADA }.check(path).is_ok()
    }

    #[test]
    fn a_path_is_below_whole_names_only() {
        assert!(is_below("a/b/c", "a/b") && is_below("a", "") && is_below("a/b", "a"));
        assert!(!is_below("a/bc", "a/b") && !is_below("a/b", "a/b") && !is_below("", ""));
    }

    #[test]
    fn a_lock_keeps_out_whoever_does_not_submit_it_or_does_not_hold_it() {
        // RFC 4918, section 6.4.
        let locks = [lock("x", "a", false, ADA), lock("y", "b", false, BOB)];
        assert!(!may(&locks, &[], "a") && may(&locks, &["x"], "a"));
        assert!(!may(&locks, &["y"], "b"), "it is bob's");
        assert!(may(&locks, &[], "a/c") && may(&locks, &[], "c"), "depth 0");
    }

    #[test]
    fn a_deep_lock_is_on_everything_below() {
        // RFC 4918, section 7.4.
        let locks = [lock("x", "a", true, ADA)];
        assert!(!may(&locks, &[], "a/b/c") && may(&locks, &["x"], "a/b/c"));
        assert!(may(&locks, &[], "ab"));
    }

    #[test]
    fn one_of_several_shared_locks_is_enough() {
        let locks = [lock("x", "a", false, ADA), lock("y", "a", false, BOB)];
        assert!(may(&locks, &["x"], "a") && !may(&locks, &["y"], "a"));
    }

    #[test]
    fn a_refusal_names_where_the_lock_was_taken() {
        let folder = Href::parse("/files/users/ada/").expect("an href");
        let locks = [lock("x", "a", true, BOB), lock("y", "c/d", false, BOB)];
        let judge = Locks { folder: &folder, all: &locks, tokens: &[], user: ADA };
        let error = judge.check("a/b").expect_err("it is locked").element().expect("a condition");
        let href = error.child(DAV, "href").map(|href| href.text().into_owned());
        assert_eq!(href.as_deref(), Some("/files/users/ada/a"));
        assert_eq!(judge.failures(&judge.below("")).len(), 2);
        assert!(judge.check_member("c").is_ok() && judge.check_member("a/new").is_err());
    }
}

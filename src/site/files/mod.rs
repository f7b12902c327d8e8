//! `/files/`: plain WebDAV folders, one for each person and one for each room: floor plans, photos,
//! manuals.
//!
//! A tree of its own, beside the calendars, with locks of class 2; all of it in the database. A
//! person's folder is there for that person alone. A room's is read by whoever may see the room,
//! and written by its managers. Nothing here knows reservations.
//! RFC 4918; RFC 4331; RFC 5689.

mod access;
mod change;
mod find;
mod judge;
mod lock;
mod node;
pub(super) mod pieces;
mod place;
mod quota;
mod remove;
mod scene;
mod transfer;
mod tree;
mod upload;

use std::sync::Arc;

use crate::booking::Bookings;
use crate::dav::{self, Href};
use crate::domain::time::Instant;

use super::place::{Folder, Place};

pub use node::FileNode;
pub(super) use upload::is_media_type;

/// How much a folder may hold, and how long locks last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBounds {
    /// L-66: bytes of all files in one folder.
    pub folder_bytes: u64,
    /// L-66: files and collections in one folder.
    pub folder_members: u64,
    /// L-72: the longest time of a lock, in seconds.
    pub lock_secs: u32,
    /// L-72: locks that one person holds.
    pub locks_per_user: u64,
}

impl Default for FileBounds {
    fn default() -> Self {
        Self { folder_bytes: 1 << 30, folder_members: 10_000, lock_secs: 3600, locks_per_user: 100 }
    }
}

/// Everything under `/files/`.
pub struct FileTree {
    bookings: Bookings,
    limits: dav::Limits,
    bounds: FileBounds,
    principal_collections: Arc<[Href]>,
}

impl FileTree {
    /// The files of this house.
    #[must_use]
    pub fn new(bookings: Bookings, limits: dav::Limits, bounds: FileBounds) -> Self {
        Self { bookings, limits, bounds, principal_collections: super::place::principal_collections() }
    }

    /// Whether a path is one of this tree. Also says so of paths that are no hrefs: they are
    /// refused here then.
    #[must_use]
    pub fn is_here(path: &str) -> bool {
        let root = Place::Folder(Folder::Files).href();
        let is_below =
            |path: &str| path.starts_with(root.as_str()) || path == root.as_str().trim_end_matches('/');
        // However it is spelled (D-10).
        Href::parse(path).map_or_else(|_| is_below(path), |href| is_below(href.as_str()))
    }

    fn now(&self) -> Instant {
        self.bookings.now()
    }
}

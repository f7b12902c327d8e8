//! How much a folder holds, and how much more it may (RFC 4331; RFC 4918, section
//! 11.5; L-66).

use crate::dav::DavError;
use crate::dav::condition::QUOTA_NOT_EXCEEDED;
use crate::store::{FolderOwner, StoreError, Tx};

use super::FileBounds;
use super::access::Folder;

/// What a folder holds, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quota {
    pub(super) used_bytes: u64,
    pub(super) available_bytes: u64,
    members: u64,
}

/// What a change adds, and what it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) bytes: u64,
    pub(super) members: u64,
    pub(super) replaced_bytes: u64,
    pub(super) replaced_members: u64,
}

impl Quota {
    /// Of a folder. What a person's events carry along counts with the person's files.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        folder: &Folder,
        bounds: &FileBounds,
    ) -> Result<Self, StoreError> {
        let (members, bytes) = match folder.id {
            Some(folder) => tx.files().usage(folder).await?,
            None => (0, 0),
        };
        let attached = match folder.owner {
            FolderOwner::Person(person) => tx.attachments().bytes_of(person).await?,
            FolderOwner::Room(_) => 0,
        };
        let used_bytes = bytes.saturating_add(attached);
        Ok(Self { used_bytes, available_bytes: bounds.folder_bytes.saturating_sub(used_bytes), members })
    }

    /// 507 if a change is too much. What makes a folder smaller always fits.
    pub(super) fn check(&self, growth: Growth, bounds: &FileBounds) -> Result<(), DavError> {
        let fits = |now: u64, more: u64, less: u64, most: u64| {
            more <= less || now.saturating_sub(less).saturating_add(more) <= most
        };
        let bytes_fit = fits(self.used_bytes, growth.bytes, growth.replaced_bytes, bounds.folder_bytes);
        let members_fit = fits(self.members, growth.members, growth.replaced_members, bounds.folder_members);
        if bytes_fit && members_fit { Ok(()) } else { Err(QUOTA_NOT_EXCEEDED.into()) }
    }
}

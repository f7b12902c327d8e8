//! Whether an attachment fits beside the files and attachments of its owner (L-66).
//!
//! What no text names any more counts as long as it is kept, and gives way to what comes.
//! RFC 8607, sections 3.12 and 3.12.1.

use crate::domain::id::UserId;
use crate::store::{Attachment, FolderOwner, StoreError, Tx};

use super::super::Bounds;
use super::super::error::Error;

/// Before anybody sends it: whether it may fit, if everything gives way that is named nowhere.
pub(super) async fn check_before(
    tx: &mut Tx<'_>,
    new: &Attachment,
    replaced_bytes: u64,
    bounds: &Bounds,
) -> Result<(), Error> {
    let named = tx.attachments().named_bytes_of(new.owner).await?;
    let used = files(tx, new.owner).await?.saturating_add(named);
    let fits = used.saturating_sub(replaced_bytes).saturating_add(new.size) <= bounds.max_person_bytes;
    if fits || new.size <= replaced_bytes { Ok(()) } else { Err(Error::QuotaExceeded) }
}

/// Keeps others from adding to this person's files until the commit; how many bytes there are now.
/// Attachments of one person are behind the lock of the default calendar, which comes first.
pub(super) async fn lock(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, StoreError> {
    let folder = tx.folders().open(FolderOwner::Person(owner)).await?;
    tx.folders().lock(&[folder]).await?;
    used(tx, owner).await
}

/// Once everything is written: whether it fits, or is at least no more than `before`.
pub(super) async fn check_after(
    tx: &mut Tx<'_>,
    owner: UserId,
    before: u64,
    bounds: &Bounds,
) -> Result<(), Error> {
    if used(tx, owner).await? <= bounds.max_person_bytes {
        return Ok(());
    }
    tx.attachments().remove_unnamed(owner).await?;
    let fits = used(tx, owner).await? <= bounds.max_person_bytes.max(before);
    if fits { Ok(()) } else { Err(Error::QuotaExceeded) }
}

async fn used(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, StoreError> {
    let attached = tx.attachments().bytes_of(owner).await?;
    Ok(files(tx, owner).await?.saturating_add(attached))
}

async fn files(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, StoreError> {
    match tx.folders().find(FolderOwner::Person(owner)).await? {
        Some(folder) => Ok(tx.files().usage(folder).await?.1),
        None => Ok(0),
    }
}

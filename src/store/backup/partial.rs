//! A file that is not there until it is whole.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::store::place;

/// A file on its way to its name. Dropped before it is finished, it is removed.
pub(super) struct Partial {
    path: PathBuf,
    wanted: PathBuf,
}

impl Partial {
    /// An empty file beside the wanted name, which only its owner may read.
    pub(super) fn new(wanted: &Path) -> Result<Self, BackupError> {
        if wanted.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(wanted.to_owned()));
        }
        let path = PathBuf::from(format!("{}.{}.partial", wanted.display(), std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|cause| BackupError::file(&path, cause))?;
        Ok(Self { path, wanted: wanted.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &Path {
        place::folder(&self.wanted)
    }

    /// Holds that so much may be written here.
    pub(super) fn needs(&self, bytes: u64) -> Result<(), BackupError> {
        match place::free_bytes(&self.path) {
            Some(free) if free < bytes => Err(BackupError::NoRoom {
                path: self.folder().to_owned(),
                free: free >> 20,
                wanted: (bytes >> 20) + 1,
            }),
            _ => Ok(()),
        }
    }

    /// Puts it on the disk and gives it its name; gives its size. A file that took the name meanwhile stays.
    pub(super) fn finish(self) -> Result<u64, BackupError> {
        let unusable = |cause| BackupError::file(&self.wanted, cause);
        let file = File::open(&self.path).map_err(unusable)?;
        file.sync_all().map_err(unusable)?;
        let size = file.metadata().map_err(unusable)?.len();
        // Unlike a rename, a second name never takes the place of another file.
        match std::fs::hard_link(&self.path, &self.wanted) {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(self.wanted.clone()));
            }
            // Some file systems have one name for a file.
            Err(_) => std::fs::rename(&self.path, &self.wanted).map_err(unusable)?,
        }
        let _ = std::fs::remove_file(&self.path);
        place::flush_folder(&self.wanted)?;
        Ok(size)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It has its name by then, or nobody wants it.
        let _ = std::fs::remove_file(&self.path);
    }
}

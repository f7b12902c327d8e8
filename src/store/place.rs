//! Where a SQLite file lies: its folder, its rights, its file system, and who serves it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::open::OpenError;

/// File systems on which locks or flushes do not keep what they promise.
const NETWORK: [&str; 12] = [
    "9p",
    "afs",
    "ceph",
    "cifs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.sshfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
];

/// `sqlite://data/file` is relative to the working directory, `sqlite:///data/file` is not.
pub(super) fn of_url(url: &str) -> Result<PathBuf, OpenError> {
    let path = url.strip_prefix("sqlite:").ok_or(OpenError::Url)?;
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.starts_with(':') || path.contains('?') {
        return Err(OpenError::Url);
    }
    Ok(PathBuf::from(path))
}

/// Makes the folder and the file where there are none, both closed to other people (D-73).
pub(super) fn prepare(path: &Path, network_file_system: bool) -> Result<(), OpenError> {
    let unusable = |cause| OpenError::File { path: path.to_owned(), cause };
    let folder = folder(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    let mut file = OpenOptions::new();
    file.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        file.mode(0o600);
    }
    let made: Vec<&Path> = folder.ancestors().take_while(|folder| !is_there(folder)).collect();
    builder.create(folder).map_err(unusable)?;
    for folder in made {
        flush_name(folder).map_err(unusable)?;
    }
    let folder = folder.canonicalize().map_err(unusable)?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    match file_system(&mounts, &folder) {
        Some(kind) if NETWORK.contains(&kind) && !network_file_system => {
            Err(OpenError::NetworkFileSystem { path: path.to_owned(), kind: kind.to_owned() })
        }
        _ => file.open(path).map(drop).map_err(unusable),
    }
}

fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

/// Until its parent is flushed, a new folder may be gone after a power cut, with all that was flushed in it.
fn flush_name(folder: &Path) -> std::io::Result<()> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// The type of the file system that holds `folder`; `None` where the system does not say.
fn file_system<'m>(mounts: &'m str, folder: &Path) -> Option<&'m str> {
    // proc(5): … 5th field: mount point … " - " file system type …; a later mount hides an earlier one.
    mounts
        .lines()
        .filter_map(|line| {
            let (mount, rest) = line.split_once(" - ")?;
            let point = mount.split(' ').nth(4)?.replace("\\040", " ");
            folder.starts_with(&point).then_some((point.len(), rest.split(' ').next()?))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, kind)| kind)
}

/// How many bytes this program may still write beside a database; `None` if the system does not say.
pub(super) fn free_bytes(database: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(database).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

/// Puts the names of files in the folder of this one on the disk.
pub(super) fn flush_folder(path: &Path) -> Result<(), OpenError> {
    let flushed = File::open(folder(path)).and_then(|folder| folder.sync_all());
    flushed.map_err(|cause| OpenError::File { path: path.to_owned(), cause })
}

/// The folder that a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Locks the file beside the database until the returned one is dropped (F-16).
pub(super) fn hold(database: &Path) -> Result<File, OpenError> {
    let path = PathBuf::from(format!("{}.lock", database.display()));
    let unusable = |cause| OpenError::File { path: path.clone(), cause };
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = opened.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Best effort: on some systems a locked file cannot be read.
            let _ = file.read_to_string(&mut holder);
            return Err(OpenError::Held { path: database.to_owned(), holder: holder.trim().to_owned() });
        }
        Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(unusable)?;
    writeln!(file, "process {}", std::process::id()).map_err(unusable)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_url_is_relative_unless_it_has_three_slashes() {
        for (url, path) in [
            ("sqlite://data/roomdav.sqlite", "data/roomdav.sqlite"),
            ("sqlite:///var/lib/roomdav.sqlite", "/var/lib/roomdav.sqlite"),
            ("sqlite:roomdav.sqlite", "roomdav.sqlite"),
        ] {
            assert_eq!(of_url(url).unwrap(), PathBuf::from(path));
        }
        for bad in ["sqlite:", "sqlite://", "sqlite::memory:", "sqlite://a?mode=ro", "mysql://a"] {
            assert!(matches!(of_url(bad), Err(OpenError::Url)), "{bad}");
        }
    }

    #[test]
    fn the_innermost_mount_says_which_file_system_it_is() {
        let mounts = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:40 / /srv rw,relatime - nfs4 server:/srv rw
24 23 8:2 / /srv/local\\040disk rw - xfs /dev/sdb rw
";
        let kind = |folder: &str| file_system(mounts, Path::new(folder));
        assert_eq!(kind("/var/lib"), Some("ext4"));
        assert_eq!(kind("/srv/rooms"), Some("nfs4"));
        assert_eq!(kind("/srvother"), Some("ext4"));
        assert_eq!(kind("/srv/local disk/rooms"), Some("xfs"));
    }
}

//! What a cluster needs of the system: programs, a user that is not root, a port, signals.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::seed::Chance;

/// Below what the system gives to outgoing connections: one of them could sit on the port of a server
/// that is down.
const PORTS: std::ops::Range<u64> = 20_000..32_000;

/// As whom its programs run.
#[derive(Clone, Copy)]
pub(super) struct User {
    pub(super) id: u32,
    pub(super) group: u32,
}

impl User {
    /// Whoever runs this, unless that is root.
    pub(super) fn of_server() -> Result<Option<Self>, String> {
        if std::fs::metadata("/proc/self").map_err(|cause| cause.to_string())?.uid() != 0 {
            return Ok(None);
        }
        let number = |option| {
            let told = finish(Command::new("id").args([option, "postgres"]))?;
            told.trim().parse().map_err(|_| format!("the system knows no user postgres: {told}"))
        };
        Ok(Some(Self { id: number("-u")?, group: number("-g")? }))
    }
}

/// Where `initdb` and the others are: Debian's newest, or what stands in the path.
pub(super) fn programs() -> Result<PathBuf, String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort_by_key(|folder| version_in(folder));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = folders.into_iter().rev().chain(std::env::split_paths(&path));
    let mut found = found.filter(|folder| folder.join("initdb").is_file());
    found.next().ok_or_else(|| "no PostgreSQL here: scripts/with-postgres installs it".to_owned())
}

fn version_in(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

pub(super) fn free_port() -> Result<u16, String> {
    let mut chance = Chance::of(getrandom::u64().map_err(|cause| cause.to_string())?);
    let mut ports =
        (0..100).filter_map(|_| u16::try_from(PORTS.start + chance.below(PORTS.end - PORTS.start)).ok());
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.ok_or_else(|| "no port is free".to_owned())
}

pub(super) fn signal_to(process: u32, name: &str) -> Result<(), String> {
    finish(Command::new("kill").arg(format!("-{name}")).arg(process.to_string())).map(drop)
}

/// Runs a program to its end, which has to be a good one; what it printed.
pub(super) fn finish(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|cause| format!("{command:?}: {cause}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{command:?} ended with {}: {}", done.status, String::from_utf8_lossy(&done.stderr)))
}

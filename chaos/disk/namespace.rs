//! A place for small file systems: this program once more, in a mount namespace of its own, which is gone
//! when it ends. Nobody else sees what is mounted there.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Set for the program that runs inside.
const INSIDE: &str = "CHAOS_INSIDE";

pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Does a run once more, inside; `None` where the system lets nobody mount anything.
pub(crate) fn once_more(run: &str, is_long: bool) -> Result<Option<ExitStatus>, String> {
    let enter = || {
        let mut unshare = Command::new("unshare");
        unshare.arg("--mount");
        if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() != 0) {
            // Whoever is not root may mount what only he sees.
            unshare.args(["--user", "--map-current-user", "--keep-caps"]);
        }
        unshare
    };
    let tried = enter().args(["mount", "-t", "tmpfs", "none", "/tmp"]).output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        return Ok(None);
    }
    let program = std::env::current_exe().map_err(|cause| cause.to_string())?;
    let mut again = enter();
    again.arg(program).arg(run).args(is_long.then_some("--long")).env(INSIDE, "1");
    again.status().map(Some).map_err(|cause| cause.to_string())
}

/// Mounts a file system of that size in memory; only inside.
pub(crate) fn mount(at: &Path, bytes: u64) -> Result<(), String> {
    assert!(is_inside(), "nothing is mounted where others see it");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=0777"), "none"]).arg(at);
    let done = mount.output().map_err(|cause| cause.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

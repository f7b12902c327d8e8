//! The shim before the C library: how it is built, and what the disk of a place is told to do.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

/// How a disk behaves; by default as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Behaviour {
    pub(crate) is_recorded: bool,
    pub(crate) fault: Option<Fault>,
    pub(crate) slow_ms: u64,
    /// How much goes into the folder at most.
    pub(crate) bytes: Option<u64>,
}

/// A call that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// As `shim.c` names them.
    pub(crate) kind: &'static str,
    /// Which call of that kind, from 1.
    pub(crate) number: u64,
    /// With which error, by the system's number.
    pub(crate) error: i32,
    /// Whether all that follow fail too.
    pub(crate) stays: bool,
}

/// The compiled shim, in a folder that is there as long as somebody has it.
#[derive(Clone)]
pub(crate) struct Shim(Arc<TempDir>);

impl Shim {
    /// Compiles it with the C compiler that building SQLite needs anyway.
    pub(crate) fn build() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let source = folder.path().join("shim.c");
        std::fs::write(&source, include_str!("shim.c")).map_err(|cause| cause.to_string())?;
        let shim = Self(Arc::new(folder));
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"]).arg(shim.library()).arg(&source);
        match compiler.arg("-ldl").status() {
            Ok(done) if done.success() => Ok(shim),
            done => Err(format!("cannot compile the shim: {done:?}")),
        }
    }

    fn library(&self) -> PathBuf {
        self.0.path().join("shim.so")
    }

    /// A disk for what lies in this folder.
    pub(crate) fn disk(&self, folder: &Path) -> Result<Disk, String> {
        let beside = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        Ok(Disk { shim: self.clone(), folder: folder.to_owned(), beside })
    }
}

/// The disk under one folder, and what was written down about it elsewhere.
pub(crate) struct Disk {
    shim: Shim,
    folder: PathBuf,
    beside: TempDir,
}

impl Disk {
    /// What has to stand in the environment of a program, so that its disk behaves like this.
    pub(crate) fn environment(&self, behaviour: &Behaviour) -> Vec<(&'static str, String)> {
        let shown = |path: &Path| path.display().to_string();
        let mut all = vec![
            ("LD_PRELOAD", shown(&self.shim.library())),
            ("DISK_FOLDER", shown(&self.folder)),
            ("DISK_NOTES", shown(&self.notes_path())),
            ("DISK_SLOW_MS", behaviour.slow_ms.to_string()),
        ];
        if behaviour.is_recorded {
            all.push(("DISK_RECORD", shown(&self.record_path())));
        }
        if let Some(Fault { kind, number, error, stays }) = behaviour.fault {
            all.push((
                "DISK_FAULT",
                format!("{kind}:{number}:{error}:{}", if stays { "on" } else { "once" }),
            ));
        }
        all.extend(behaviour.bytes.map(|bytes| ("DISK_BYTES", bytes.to_string())));
        all
    }

    fn record_path(&self) -> PathBuf {
        self.beside.path().join("record")
    }

    fn notes_path(&self) -> PathBuf {
        self.beside.path().join("notes")
    }

    /// Everything that went to the disk so far; see [`super::record`].
    pub(crate) fn record(&self) -> Result<Vec<u8>, String> {
        std::fs::read(self.record_path()).map_err(|cause| format!("nothing was recorded: {cause}"))
    }

    /// How long the record is: what is in it now reached the disk before now.
    pub(crate) fn position(&self) -> u64 {
        std::fs::metadata(self.record_path()).map_or(0, |told| told.len())
    }

    /// One line for the call that failed, and one for each change after it.
    pub(crate) fn notes(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.notes_path()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

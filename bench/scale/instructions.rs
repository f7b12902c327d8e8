//! Instructions of one decision, counted by callgrind in a process of its own.

use std::path::Path;
use std::process::Command;

use crate::Done;
use crate::decide::Kind;

const FEW: u64 = 2;
const MANY: u64 = 12;

/// Instructions of one decision: those of many less those of few.
pub(crate) fn of_one(file: &Path, kind: Kind) -> Done<u64> {
    let (few, many) = (run(file, kind, FEW)?, run(file, kind, MANY)?);
    Ok(many.saturating_sub(few) / (MANY - FEW))
}

/// Instructions of a whole process that decides so many times, on a copy of the house.
fn run(file: &Path, kind: Kind, times: u64) -> Done<u64> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("house.sqlite");
    std::fs::copy(file, &copy)?;
    let out = folder.path().join("callgrind.out");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .arg("decide")
        .arg(&copy)
        .args([kind.name(), &times.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(format!("valgrind: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = std::fs::read_to_string(&out)?;
    let summary =
        text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    let summary = summary.ok_or("callgrind wrote no summary")?;
    Ok(summary.trim().parse()?)
}

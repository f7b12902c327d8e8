//! What nobody wishes for, done to the running program on purpose: attacks, crashes, faults of disks and
//! databases, servers in each other's way.
//!
//! ```sh
//! cargo test --test chaos                    # the short runs
//! cargo test --test chaos -- --long          # as long and as hard as docs/reliability.md says
//! cargo test --test chaos -- slow            # only those whose name has this in it
//! CHAOS_SEED=7 cargo test --test chaos -- …  # again as it was: a run prints its seed
//! ```
//!
//! With `TEST_POSTGRES_URL` set (`scripts/with-postgres`) what concerns both databases runs on both.
//! `CHAOS_PROGRAM` names another program to run than the one that was just built.

mod attacks;
mod crash;
mod disk;
#[path = "../tests/it/command/former.rs"]
mod former;
mod history;
mod postgres;
#[path = "../bench/program/mod.rs"]
mod program;
mod report;
mod requests;
mod seed;
mod simulation;
mod upgrade;

use std::process::ExitCode;

use report::Report;

/// What is tried: whether to run long, and where to tell how it went.
type Run = fn(bool, &mut Report) -> Result<(), String>;

const RUNS: &[(&str, Run)] = &[
    ("slow", attacks::slow::run),
    ("flood", attacks::flood::run),
    ("names", attacks::names::run),
    ("worst", attacks::worst::run),
    ("upgrade", upgrade::run),
    ("history-checker", history::run_checker),
    ("history", history::run),
    ("simulation", simulation::run),
    ("power", disk::power::run),
    ("io-errors", disk::errors::run),
    ("full", disk::full::run),
    ("slow-disk", disk::slow::run),
    ("group-commit", disk::group::run),
    ("bare", disk::bare::run),
    ("requests", requests::run),
    ("crash-loop", crash::crash_loop),
    ("database-down", crash::database_down),
    ("contest", crash::contest),
    ("fail-over", crash::fail_over),
    ("backup", crash::backup),
    ("clock", crash::clock),
    ("paused", crash::paused),
    ("silent", crash::silent),
    ("locked", crash::locked),
    ("soak", crash::soak),
];

fn main() -> ExitCode {
    let is_long = std::env::args().any(|argument| argument == "--long");
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut report = Report::default();
    for (name, run) in RUNS {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        println!("== {name}");
        if let Err(cause) = run(is_long, &mut report) {
            report.hold(&format!("{name} runs"), false, &cause);
        }
    }
    report.end()
}

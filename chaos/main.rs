//! Attacks on the running program from outside, and what honest people notice of them.
//!
//! ```sh
//! cargo test --test chaos                    # the short runs, a minute in all
//! cargo test --test chaos -- --long          # as long and as hard as docs/reliability.md says
//! cargo test --test chaos -- slow            # only those whose name has this in it
//! ```
//!
//! Short runs hold what is answered, that connections are closed, and memory; times are printed and
//! held by long runs alone, since they are the machine's as much as ours. T-13, T-14, T-15, T-22; P-10.

mod attack;
mod flood;
mod honest;
mod names;
#[path = "../bench/program/mod.rs"]
#[expect(dead_code, reason = "the load tool uses the rest")]
mod program;
mod report;
mod slow;
mod worst;

use std::process::ExitCode;

use report::Report;

/// An attack: whether to run long, and where to tell how it went.
type Attack = fn(bool, &mut Report) -> Result<(), String>;

const ATTACKS: &[(&str, Attack)] =
    &[("slow", slow::run), ("flood", flood::run), ("names", names::run), ("worst", worst::run)];

fn main() -> ExitCode {
    let is_long = std::env::args().any(|argument| argument == "--long");
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut report = Report::default();
    for (name, attack) in ATTACKS {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        println!("== {name}");
        if let Err(cause) = attack(is_long, &mut report) {
            report.hold(&format!("{name} runs"), false, &cause);
        }
    }
    report.end()
}

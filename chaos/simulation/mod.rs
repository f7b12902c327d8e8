//! T-19: the real booking and sync core over a network, a clock and a process that all fail, on one
//! thread and from one seed, thousands of times over.
//!
//! ```sh
//! cargo test --test chaos -- simulation                  # 200 seeds
//! cargo test --test chaos -- --long simulation           # 20,000
//! SIMULATION_SEEDS=200..4000 cargo test --test chaos -- simulation
//! CHAOS_SEED=7 cargo test --test chaos -- simulation     # this one alone, with all that happened
//! ```
//!
//! What is real: everything from the request to the SQLite file. What is not: sockets, sign-in, and time.
//! The history that comes of it is checked as that of T-8, whose clients and mirrors it plays
//! ([`crate::history`]).

mod house;
mod idle;
mod network;
mod run;
mod server;

use std::time::Instant;

use crate::report::Report;
use house::House;
use run::Outcome;

/// Of so many seeds one is played twice.
const TWICE: u64 = 20;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let house = House::build()?;
    if let Some(seed) = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return one(&house, seed, report);
    }
    let seeds = range().unwrap_or(if is_long { 0..20_000 } else { 0..200 });
    let count = seeds.end - seeds.start;
    let (mut changes, mut requests, mut crashes, mut wrong, mut unlike) = (0, 0, 0, 0, 0);
    let began = Instant::now();
    for seed in seeds {
        let outcome = run::run(&house, seed)?;
        if !outcome.findings.0.is_empty() {
            wrong += 1;
            println!("  seed {seed}: {}", outcome.findings.0[0]);
        }
        if seed % TWICE == 0 && run::run(&house, seed)?.trace != outcome.trace {
            unlike += 1;
            println!("  seed {seed} is not the same twice");
        }
        let Outcome { changes: more, requests: asked, crashes: fell, .. } = outcome;
        (changes, requests, crashes) = (changes + more, requests + asked, crashes + fell);
    }
    let size = format!(
        "{count} seeds, {requests} requests, {changes} changes, {crashes} crashes, {:.0?}",
        began.elapsed()
    );
    report.hold("every seed is one right history", wrong == 0, &size);
    report.hold("one seed is one history", unlike == 0, &format!("{} played twice", count / TWICE));
    report.hold("enough happens in them", changes > 10 * count.cast_signed() && crashes > 0, &size);
    Ok(())
}

/// Those of `SIMULATION_SEEDS`, as `200..4000`.
fn range() -> Option<std::ops::Range<u64>> {
    let wanted = std::env::var("SIMULATION_SEEDS").ok()?;
    let (first, end) = wanted.split_once("..")?;
    Some(first.parse().ok()?..end.parse().ok()?)
}

/// One seed, in all detail.
fn one(house: &House, seed: u64, report: &mut Report) -> Result<(), String> {
    let outcome = run::run(house, seed)?;
    for line in &outcome.trace {
        println!("  {line}");
    }
    let found: Vec<String> = outcome.findings.0.iter().map(ToString::to_string).collect();
    report.hold(&format!("seed {seed} is one right history"), found.is_empty(), &format!("{found:#?}"));
    let again = run::run(house, seed)?;
    let mut both = outcome.trace.iter().zip(&again.trace);
    let unlike = both.find(|(first, second)| first != second);
    report.hold("and the same when it is played again", unlike.is_none(), &format!("{unlike:#?}"));
    Ok(())
}

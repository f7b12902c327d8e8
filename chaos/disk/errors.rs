//! T-5, F-4: one call after the other to the disk fails while the same few requests are sent. Whatever
//! fails, nothing acknowledged is lost and nothing wrong is answered (rule 1); and after an error nothing
//! is written any more: the process ends, and a new one reads what is there.

mod script;
mod trial;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::shim::{Fault, Shim};
use crate::report::Report;
use crate::seed::Chance;
use script::Script;
use trial::Trial;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// What fails, with which error, and how many of them in a short run.
const KINDS: [(&str, i32, u64); 7] = [
    ("open", EIO, 5),
    ("read", EIO, 7),
    ("write", EIO, 9),
    ("sync", EIO, 9),
    ("truncate", EIO, 3),
    ("map", EIO, 3),
    ("write", ENOSPC, 6),
];

/// How many are tried side by side: each waits most of the time for a process to end.
const WORKERS: usize = 6;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let mut chance = Chance::from_environment();
    let shim = Shim::build()?;
    let script = Script::prepare()?;
    let counts = Trial::run(&shim, &script, None)?;
    let calls: Vec<_> = KINDS.iter().map(|(kind, ..)| format!("{} {kind}", counts.calls(kind))).collect();
    let is_well = counts.wrong.is_empty() && counts.calls("sync") > 10;
    report.hold("without a fault all is well", is_well, &format!("{:?}, {}", counts.wrong, calls.join(", ")));

    let began = Instant::now();
    let mut faults = Vec::new();
    for (kind, error, few) in KINDS {
        // A few more, so that the last ones are met by nobody.
        let all = counts.calls(kind) + 5;
        let numbers: Vec<u64> = if is_long {
            (1..=all).collect()
        } else {
            (0..few).map(|part| spread(part, few, all, &mut chance)).collect()
        };
        for number in numbers {
            let stays = chance.below(2) == 0;
            faults.push(Fault { kind, number, error, stays });
        }
    }
    let trials = try_all(&shim, &script, &faults)?;
    for (kind, error, _) in KINDS {
        let of_kind =
            trials.iter().filter(|trial| trial.fault.is_some_and(|it| (it.kind, it.error) == (kind, error)));
        let (mut count, mut met, mut bad) = (0, [0; 4], 0);
        for trial in of_kind {
            count += 1;
            met[trial.phase as usize] += 1;
            bad += usize::from(!trial.wrong.is_empty());
        }
        let [never, starting, serving, stopping] = met;
        let error = if error == EIO { "EIO" } else { "ENOSPC" };
        let found = format!(
            "{bad} of {count} bad; met while starting {starting}, serving {serving}, stopping {stopping}, never {never}"
        );
        let is_met = if is_asked_for(kind) { serving > 0 } else { starting + serving + stopping > 0 };
        report.hold(&format!("{kind} that fails with {error} costs nothing"), bad == 0 && is_met, &found);
    }
    println!("{} faults in {:.0?}", faults.len(), began.elapsed());
    Ok(())
}

/// Whether there are such calls while requests are answered, and not at the start and the end alone.
fn is_asked_for(kind: &str) -> bool {
    matches!(kind, "read" | "write" | "sync")
}

/// One of `parts` numbers that lie all over `1..=all`, more of them where numbers are small.
fn spread(part: u64, parts: u64, all: u64, chance: &mut Chance) -> u64 {
    let edge = |part: u64| all * part * part / (parts * parts);
    let (from, to) = (edge(part), edge(part + 1));
    from + 1 + chance.below((to - from).max(1))
}

fn try_all(shim: &Shim, script: &Script, faults: &[Fault]) -> Result<Vec<Trial>, String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            let trial = Trial::run(shim, script, Some(*fault))?;
            for wrong in &trial.wrong {
                println!("{fault:?}, {:?}: {wrong}", trial.phase);
            }
            done.push(trial);
        }
        Ok::<_, String>(done)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().map_err(|_| "a worker broke off".to_owned())??);
        }
        Ok(all)
    })
}

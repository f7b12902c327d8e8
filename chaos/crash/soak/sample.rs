//! What is measured while time goes by, and what must stay as it was.

use std::fmt;
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::report::Report;

/// D-70, section 9: the log of SQLite is cut back to this.
const LOG_BYTES: u64 = 64 << 20;

/// Connections come and go, a backup among them.
const MORE_FILES: u64 = 16;

/// In half an hour of which the first third is a beginning.
const MORE_MEMORY_KIB: u64 = 8 << 10;

/// What was seen at the end of a part of the time.
pub(super) struct Sample {
    memory_kib: u64,
    files: u64,
    log_bytes: u64,
    p99: Duration,
    pub(super) load: f64,
}

impl Sample {
    /// `since`: the processor time that had been used, in milliseconds, and when that was asked.
    pub(super) fn of(
        program: &Program,
        times: &[Duration],
        log_bytes: u64,
        (worked, since): (f64, Instant),
    ) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let had = since.elapsed().as_secs_f64() * 1000.0 * f64::from(u32::try_from(processors).unwrap_or(1));
        Self {
            memory_kib: memory_kib(program),
            files: std::fs::read_dir(format!("/proc/{}/fd", program.id())).map_or(0, |it| it.count() as u64),
            log_bytes,
            p99: times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default(),
            load: (program.processor_ms() - worked) / had,
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, files, log_bytes, p99, load } = self;
        let (log, load) = (log_bytes >> 10, load * 100.0);
        write!(out, "{memory_kib} KiB, {files} files, log {log} KiB, p99 {p99:.1?}, load {load:.0} %")
    }
}

pub(super) fn hold(name: &str, samples: &[Sample], is_long: bool, report: &mut Report) {
    let third = samples.len().div_ceil(3);
    let (first, last) = (&samples[..third], &samples[samples.len() - third..]);
    let log = samples.iter().map(|sample| sample.log_bytes).max().unwrap_or_default();
    report.hold(&format!("{name}: the log stays below 64 MiB"), log <= LOG_BYTES, &format!("{log} bytes"));
    let files = |samples: &[Sample]| samples.iter().map(|sample| sample.files).max().unwrap_or_default();
    let found = format!("{}, then {}", files(first), files(last));
    let is_flat = files(last) <= files(first) + MORE_FILES;
    report.hold(&format!("{name}: no more files are open at the end"), is_flat, &found);
    let middle = |samples: &[Sample], of: fn(&Sample) -> u64| {
        let mut values: Vec<u64> = samples.iter().map(of).collect();
        values.sort_unstable();
        values[values.len() / 2]
    };
    let memory = [first, last].map(|samples| middle(samples, |sample| sample.memory_kib));
    let found = format!("{} KiB, then {} KiB", memory[0], memory[1]);
    let p99 = [first, last]
        .map(|samples| middle(samples, |sample| u64::try_from(sample.p99.as_micros()).unwrap_or(u64::MAX)));
    let waits = format!("p99 {} µs, then {} µs", p99[0], p99[1]);
    if is_long {
        let is_flat = memory[1] <= memory[0] + MORE_MEMORY_KIB;
        report.hold(&format!("{name}: memory does not grow"), is_flat, &found);
        let is_steady = p99[1] * 100 < p99[0] * 120;
        report.hold(&format!("{name}: nobody waits longer in the end"), is_steady, &waits);
    } else {
        println!("{name}: {found}; {waits}");
    }
}

fn memory_kib(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

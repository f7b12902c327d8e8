//! Waits until every other thread of this process sleeps.
//!
//! SQLite works on threads of sqlx, and series are expanded on threads of tokio: what they have done by
//! the time somebody looks would depend on the machine. After this wait they have done all that they
//! were asked, so what happens next depends on the seed alone.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::time::{Duration, Instant};

/// The threads that were seen, each with its `stat` and `schedstat` in `/proc/self/task/`.
#[derive(Default)]
pub(super) struct Others {
    tasks: Option<File>,
    known: HashMap<String, [File; 2]>,
}

const TASKS: &str = "/proc/self/task";

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

impl Others {
    /// Returns when all of them wait for something.
    pub(super) fn wait(&mut self) {
        let began = Instant::now();
        while !self.sleep() {
            assert!(began.elapsed() < PATIENCE, "a thread neither ends nor waits");
            std::thread::yield_now();
        }
    }

    /// Returns when so many threads are left, this one included.
    pub(super) fn wait_for(&mut self, count: usize) {
        let began = Instant::now();
        while self.count() > count {
            assert!(began.elapsed() < PATIENCE, "a thread does not end");
            std::thread::yield_now();
        }
    }

    /// How many threads there are.
    pub(super) fn count(&mut self) -> usize {
        self.look();
        self.known.len() + 1
    }

    /// A number that is another one when any of them has done something, or has come or gone.
    pub(super) fn runs(&mut self) -> (usize, u64) {
        self.look();
        let runs = self.known.values().map(|[_, schedstat]| {
            let mut line = [0; 64];
            let length = schedstat.read_at(&mut line, 0).unwrap_or_default();
            // How often it has been given the processor stands last.
            let line = String::from_utf8_lossy(&line[..length]).into_owned();
            line.split_whitespace().last().and_then(|runs| runs.parse::<u64>().ok()).unwrap_or_default()
        });
        (self.known.len(), runs.sum())
    }

    /// Learns of threads that have come or gone.
    fn look(&mut self) {
        let tasks = self.tasks.get_or_insert_with(|| File::open(TASKS).expect("Linux tells of threads"));
        // proc(5) counts them as folders, beside the two that every folder has.
        let count = tasks.metadata().map_or(0, |tasks| tasks.nlink().saturating_sub(2));
        if count == self.known.len() as u64 + 1 {
            return;
        }
        let own = own_id();
        let Ok(listed) = std::fs::read_dir(TASKS) else { return };
        let ids: Vec<String> =
            listed.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        self.known.retain(|id, _| ids.contains(id));
        for id in ids.into_iter().filter(|id| *id != own) {
            let open = |what: &str| File::open(format!("{TASKS}/{id}/{what}"));
            if !self.known.contains_key(&id)
                && let (Ok(stat), Ok(schedstat)) = (open("stat"), open("schedstat"))
            {
                self.known.insert(id, [stat, schedstat]);
            }
        }
    }

    fn sleep(&mut self) -> bool {
        self.look();
        self.known.values().all(|[stat, _]| {
            let mut line = [0; 128];
            // One that has ended meanwhile has nothing left to do.
            let Ok(length) = stat.read_at(&mut line, 0) else { return true };
            // proc(5): the state stands behind the name, which is in brackets.
            let name_end = line[..length].iter().rposition(|byte| *byte == b')');
            name_end.is_none_or(|at| matches!(line.get(at + 2), Some(b'S' | b'Z' | b'X')))
        })
    }
}

fn own_id() -> String {
    let link = std::fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name().map(|id| id.to_string_lossy().into_owned()).unwrap_or_default()
}

//! One fault: the program starts, is asked, and stops or ends; then it starts again on a good disk.

use std::sync::Arc;
use std::time::Duration;

use super::ENOSPC;
use super::script::{Played, Script};
use crate::disk::server::Server;
use crate::disk::shim::{Behaviour, Fault, Shim};
use crate::program::Program;

/// When the call came that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Never,
    Starting,
    Serving,
    Stopping,
}

pub(crate) struct Trial {
    pub(crate) fault: Option<Fault>,
    pub(crate) phase: Phase,
    pub(crate) wrong: Vec<String>,
    notes: Vec<String>,
}

impl Trial {
    pub(crate) fn run(shim: &Shim, script: &Script, fault: Option<Fault>) -> Result<Self, String> {
        let place = Script::place()?;
        script.lay(place.folder())?;
        let disk = shim.disk(place.folder())?;
        let mut command = place.program();
        command.envs(disk.environment(&Behaviour { fault, ..Behaviour::default() }));
        let mut server = Server::start(&mut command)?;
        let failed = || disk.notes().iter().any(|note| note.starts_with("failed"));
        let mut phase = if failed() { Phase::Starting } else { Phase::Never };
        let mut wrong = Vec::new();
        let played = match server.port {
            None => Played::nothing(script),
            Some(port) => script.play(Some(port)),
        };
        if phase == Phase::Never && failed() {
            phase = Phase::Serving;
        }
        let must_end_now = phase == Phase::Serving && fault.is_some_and(must_end);
        let patience = if must_end_now { Duration::from_secs(5) } else { Duration::ZERO };
        let by_itself = server.ended_within(patience)?;
        let ended = server.stop()?;
        if phase == Phase::Never && failed() {
            phase = Phase::Stopping;
        }
        let notes = disk.notes();
        let log = server.log();
        let mut hold = |is_so: bool, what: String| {
            if !is_so {
                wrong.push(what);
            }
        };
        let is_allowed = |status: &u16| matches!(status, 0 | 200..300 | 503 | 507);
        hold(played.statuses.iter().all(is_allowed), format!("answers {:?}", played.statuses));
        hold(played.lies.is_empty(), format!("it said: {:?}", played.lies));
        hold(!log.contains("panicked"), format!("it panicked: {log}"));
        hold(ended.code().is_some(), format!("it was ended: {ended}, {log}"));
        if server.port.is_none() {
            let is_told = log.lines().any(|line| line.starts_with("roomdav: "));
            hold(!ended.success() && is_told, format!("it did not start and said {log:?}, {ended}"));
        }
        if must_end_now {
            let is_told = log.contains("cannot be trusted any more");
            hold(by_itself.is_some_and(|ended| !ended.success()), format!("it went on: {by_itself:?}, {log}"));
            hold(is_told, format!("its log says nothing: {log}"));
            let after: Vec<_> = notes.iter().filter(|note| note.starts_with("after")).collect();
            hold(after.is_empty(), format!("written after the error: {after:?}"));
        } else if phase == Phase::Stopping && fault.is_some_and(must_end) {
            hold(!ended.success(), format!("it stopped well: {ended}, {log}"));
        } else if server.port.is_some() && phase != Phase::Stopping && fault.is_none_or(|fault| fault.error == ENOSPC) {
            hold(by_itself.is_none() && ended.success(), format!("it ended: {ended}, {log}"));
        }
        let place = Arc::new(place);
        if let Err(found) = place.check() {
            wrong.push(found);
        }
        let program = Program::serve(&place)?;
        wrong.extend(script.verify(program.port, &played)?);
        program.kill()?;
        Ok(Self { fault, phase, wrong, notes })
    }

    /// How many calls of a kind there were.
    pub(crate) fn calls(&self, kind: &str) -> u64 {
        let start = format!("count {kind} ");
        self.notes.iter().find_map(|note| note.strip_prefix(&start)?.parse().ok()).unwrap_or(0)
    }
}

/// Whether the disk cannot be trusted after this.
fn must_end(fault: Fault) -> bool {
    fault.error != ENOSPC && matches!(fault.kind, "read" | "write" | "sync" | "truncate")
}

//! One fault: the program starts, is asked, and stops or ends; then it starts again on a good disk.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use super::ENOSPC;
use super::script::{Played, Script};
use crate::disk::EMPTY;
use crate::disk::server::Server;
use crate::disk::shim::{Behaviour, Disk, Fault, Shim};
use crate::program::{Place, Program};

/// How soon the program has to end once it may not go on.
const SOON: Duration = Duration::from_secs(5);

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

/// A program on a bad disk, from its start to its end.
struct Life {
    fault: Option<Fault>,
    phase: Phase,
    is_serving: bool,
    played: Played,
    /// How it ended before it was asked to, if it did.
    by_itself: Option<ExitStatus>,
    ended: ExitStatus,
    log: String,
    notes: Vec<String>,
}

impl Trial {
    pub(crate) fn run(shim: &Shim, script: &Script, fault: Option<Fault>) -> Result<Self, String> {
        let place = EMPTY.build()?;
        script.lay(place.folder())?;
        let life = Life::live(&shim.disk(place.folder())?, script, &place, fault)?;
        let mut wrong = life.wrong();
        let place = Arc::new(place);
        wrong.extend(place.check().err());
        let program = Program::serve(&place)?;
        wrong.extend(script.verify(program.port, &life.played)?);
        program.kill()?;
        Ok(Self { fault, phase: life.phase, wrong, notes: life.notes })
    }

    /// How many calls of a kind there were.
    pub(crate) fn calls(&self, kind: &str) -> u64 {
        let start = format!("count {kind} ");
        self.notes.iter().find_map(|note| note.strip_prefix(&start)?.parse().ok()).unwrap_or(0)
    }
}

impl Life {
    fn live(disk: &Disk, script: &Script, place: &Place, fault: Option<Fault>) -> Result<Self, String> {
        let has_failed = || disk.notes().iter().any(|note| note.starts_with("failed"));
        let mut command = place.program();
        command.envs(disk.environment(&Behaviour { fault, ..Behaviour::default() }));
        let mut server = Server::start(&mut command)?;
        let mut phase = if has_failed() { Phase::Starting } else { Phase::Never };
        let played = script.play(server.port);
        if phase == Phase::Never && has_failed() {
            phase = Phase::Serving;
        }
        let may_go_on = phase != Phase::Serving || !fault.is_some_and(is_fatal);
        let by_itself = server.ended_within(if may_go_on { Duration::ZERO } else { SOON })?;
        let ended = server.stop()?;
        if phase == Phase::Never && has_failed() {
            phase = Phase::Stopping;
        }
        let (is_serving, log, notes) = (server.port.is_some(), server.log(), disk.notes());
        Ok(Self { fault, phase, is_serving, played, by_itself, ended, log, notes })
    }

    /// What must not have been.
    fn wrong(&self) -> Vec<String> {
        let Self { played, ended, log, .. } = self;
        let is_allowed = |status: &u16| matches!(status, 0 | 200..300 | 503 | 507);
        let mut all = vec![
            (played.statuses.iter().all(is_allowed), format!("answers {:?}", played.statuses)),
            (played.lies.is_empty(), format!("it said: {:?}", played.lies)),
            (!log.contains("panicked"), format!("it panicked: {log}")),
            (ended.code().is_some(), format!("it was ended: {ended}, {log}")),
        ];
        let is_fatal = self.fault.is_some_and(is_fatal);
        if !self.is_serving {
            let is_told = log.lines().any(|line| line.starts_with("roomdav: "));
            all.push((!ended.success() && is_told, format!("it did not start: {ended}, {log:?}")));
        } else if self.phase == Phase::Serving && is_fatal {
            let has_ended = self.by_itself.is_some_and(|ended| !ended.success());
            let is_told = log.contains("cannot be trusted any more");
            all.push((has_ended && is_told, format!("it went on: {:?}, {log:?}", self.by_itself)));
            let after: Vec<_> = self.notes.iter().filter(|note| note.starts_with("after")).collect();
            let flushes = after.iter().filter(|note| note.starts_with("after sync")).count();
            // What a reader meets it cannot tell before a commit ends that goes on meanwhile.
            let is_over = after.is_empty() || (flushes <= 1 && self.is_met_by_reader());
            all.push((is_over, format!("written after the error: {after:?}")));
        } else if self.phase == Phase::Stopping && is_fatal {
            all.push((!ended.success(), format!("it stopped well: {ended}, {log:?}")));
        } else if self.fault.is_none_or(|fault| fault.error == ENOSPC) {
            let is_well = self.by_itself.is_none() && ended.success();
            all.push((is_well, format!("it ended: {ended}, {log:?}")));
        }
        all.into_iter().filter(|(is_so, _)| !is_so).map(|(_, what)| what).collect()
    }

    fn is_met_by_reader(&self) -> bool {
        self.fault.is_some_and(|fault| fault.kind == "read")
    }
}

/// Whether the disk cannot be trusted after this (F-4).
fn is_fatal(fault: Fault) -> bool {
    fault.error != ENOSPC && matches!(fault.kind, "read" | "write" | "sync" | "truncate")
}

//! T-18: the clock jumps by an hour and by ten years, forward and back, while people write and programs
//! follow. Nothing but what may be booked hangs on it: no order, no token, no ETag, no lock. P-14; F-13.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::mirror::{Followed, Mirror};
use super::people::{Base, Crowd, Keeps, house};
use crate::postgres::Cluster;
use crate::program::http::Connection;
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;

const HOUR: i64 = 3600;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;
const JUMPS: [i64; 6] = [0, HOUR, -HOUR, 0, TEN_YEARS, -TEN_YEARS];

/// Whether it is the program's own clock that jumps, or that of the system as the program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Program,
    System,
}

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let time = Duration::from_secs(if is_long { 60 } else { 4 });
    on("SQLite", Whose::Program, None, time, &chance.branch(1), report)?;
    on("SQLite, the system's clock", Whose::System, None, time, &chance.branch(2), report)?;
    let cluster = Cluster::start_new()?;
    on("PostgreSQL", Whose::Program, Some(&cluster), time, &chance.branch(3), report)
}

fn on(
    name: &str,
    whose: Whose,
    cluster: Option<&Cluster>,
    time: Duration,
    chance: &Chance,
    report: &mut Report,
) -> Result<(), String> {
    let place = house(cluster.map(Cluster::url).as_deref(), &[])?;
    let clock = Clock { file: place.folder().join("clock"), whose };
    clock.set(0)?;
    let program = clock.serve(&place)?;
    let mut crowd = Crowd::new(chance, Base::coming());
    crowd.expect(&["busy", "past", "too-far"]);
    let mut mirrors = Mirror::of_rooms();
    let mut chance = chance.clone();
    let port = program.port;
    let wrong = crowd.beside(&[port], || jump(&clock, port, &mut mirrors, time, &mut chance))?;
    let found = format!("{:?}", wrong.first());
    report.hold(&format!("{name}: tokens stay good, and go on"), wrong.is_empty(), &found);
    let mut found = crowd.look(&program, Keeps::Everything)?;
    // Dates that were over when they were written, or too far away to be claimed, have not been judged
    // (R31, R64): what is claimed is looked at by `check` alone.
    found.overlaps.clear();
    found.claims.clear();
    found.hold(report, &format!("{name}: the clock jumped"));
    let mut connection = Connection::open(port)?;
    let mut differences = Vec::new();
    for mirror in &mut mirrors {
        mirror.follow(&mut connection)?;
        differences.extend(mirror.differs(&mut connection)?);
    }
    let found = format!("{:?}", differences.first());
    report.hold(&format!("{name}: programs know what is there"), differences.is_empty(), &found);
    crowd.hold(report);
    program.stop()?;
    place.check()
}

/// What was wrong with tokens meanwhile.
fn jump(
    clock: &Clock,
    port: u16,
    mirrors: &mut [Mirror],
    time: Duration,
    chance: &mut Chance,
) -> Result<Vec<String>, String> {
    let until = Instant::now() + time;
    let mut connection = Connection::open(port)?;
    let mut wrong = Vec::new();
    while Instant::now() < until {
        let jump = JUMPS[usize::try_from(chance.below(JUMPS.len() as u64)).unwrap_or(0)];
        clock.set(jump)?;
        std::thread::sleep(Duration::from_millis(50 + chance.below(200)));
        for mirror in mirrors.iter_mut() {
            let before = mirror.seq();
            let followed = mirror.follow(&mut connection)?;
            if followed == Followed::Refused || mirror.seq() < before {
                wrong.push(format!("{followed:?}, {before} and then {:?}, at {jump} s", mirror.token));
            }
        }
    }
    clock.set(0)?;
    Ok(wrong)
}

/// What the program takes for the time.
struct Clock {
    file: PathBuf,
    whose: Whose,
}

impl Clock {
    /// So many seconds from what it is.
    fn set(&self, ahead: i64) -> Result<(), String> {
        let text = match self.whose {
            Whose::Program => {
                let now = jiff::Timestamp::now().as_second() + ahead;
                jiff::Timestamp::from_second(now).map_err(|cause| cause.to_string())?.to_string()
            }
            Whose::System => format!("{ahead:+}"),
        };
        // Whoever reads sees the one or the other, and never half of it.
        let new = self.file.with_extension("new");
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &self.file));
        written.map_err(|cause| cause.to_string())
    }

    fn serve(&self, place: &Arc<Place>) -> Result<Program, String> {
        let mut program = place.program();
        match self.whose {
            Whose::Program => program.arg("--test-clock").arg(&self.file),
            Whose::System => program
                .env("LD_PRELOAD", library()?)
                .env("FAKETIME_TIMESTAMP_FILE", &self.file)
                .env("FAKETIME_NO_CACHE", "1")
                .env("DONT_FAKE_MONOTONIC", "1"),
        };
        Program::spawn(program.arg("serve"), place)
    }
}

/// What lies between a program and the system's clock; of Debian's package `faketime`.
fn library() -> Result<PathBuf, String> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|path| Path::is_file(path)).ok_or_else(|| "no libfaketime: scripts/ensure faketime".to_owned())
}

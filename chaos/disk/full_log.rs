//! The other half of T-3: the disk of PostgreSQL's log is full. PostgreSQL then stops at once, and with it
//! our answers turn into 503; once it is back, so are we, without a new start of ours (F-3, F-6).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bookings::{Booking, HOUSE, Time, all_members};
use super::ledger::{Deed, Outcome, wrong};
use super::namespace;
use crate::postgres::{Cluster, Stop};
use crate::program::http::Connection;
use crate::program::{House, Program};
use crate::report::Report;

/// Room for a few pieces of the log, of 16 MiB each.
const DISK_BYTES: u64 = 80 << 20;

/// Only inside a namespace of one's own.
pub(crate) fn run(report: &mut Report) -> Result<(), String> {
    if std::env::var_os("TEST_POSTGRES_URL").is_none() {
        println!("no PostgreSQL is wanted here (TEST_POSTGRES_URL): its log is not filled");
        return Ok(());
    }
    let mut cluster = Cluster::start_new()?;
    let log = log_on_small_disk(&mut cluster)?;
    let url = cluster.url();
    let place = House { postgres: Some(&url), ..HOUSE }.build()?;
    let program = Program::serve(&Arc::new(place))?;
    let mut desk = Desk { port: program.port, deeds: Vec::new() };
    let before = desk.book(5);
    report.hold("bookings are taken", before == [201; 5], &format!("{before:?}"));

    let ballast = log.join("ballast");
    fill(&ballast)?;
    let _ = cluster.ask("SELECT pg_switch_wal()::text");
    let until = Instant::now() + Duration::from_secs(10);
    let mut answers = Vec::new();
    while answers.last() != Some(&503) && Instant::now() < until {
        answers.extend(desk.book(1));
    }
    answers.extend(desk.book(5));
    let is_told = answers.iter().all(|status| matches!(status, 201 | 503)) && answers.ends_with(&[503; 5]);
    report.hold("with its log full it is 503", is_told, &format!("{answers:?}"));

    std::fs::remove_file(&ballast).map_err(|cause| cause.to_string())?;
    let is_back = by_itself(&cluster);
    if !is_back {
        cluster.stop(Stop::Immediate)?;
        cluster.start()?;
    }
    let began = Instant::now();
    let mut answers = Vec::new();
    while answers.last() != Some(&201) && began.elapsed() < Duration::from_secs(5) {
        answers.extend(desk.book(1));
    }
    let who = if is_back { "PostgreSQL came back by itself" } else { "PostgreSQL was started again" };
    let found = format!("{who}; {answers:?} in {:.1?}", began.elapsed());
    report.hold("with room again a booking is taken", answers.last() == Some(&201), &found);
    let lies = wrong(&desk.deeds, u64::MAX, &all_members(&mut Connection::open(program.port)?)?);
    let is_whole = lies.is_empty() && program.place().check().is_ok();
    report.hold("what was taken on PostgreSQL is stored", is_whole, &format!("{lies:?}"));
    program.stop()
}

/// Puts the log onto a disk of its own.
fn log_on_small_disk(cluster: &mut Cluster) -> Result<PathBuf, String> {
    let told = cluster.ask("SELECT current_setting('data_directory')")?;
    let data = PathBuf::from(told.first().ok_or("it has no data")?);
    cluster.stop(Stop::Fast)?;
    let (log, old) = (data.join("pg_wal"), data.join("old_wal"));
    std::fs::rename(&log, &old).and_then(|()| std::fs::create_dir(&log)).map_err(|it| it.to_string())?;
    namespace::mount(&log, DISK_BYTES)?;
    let copied = Command::new("cp").arg("-a").arg(old.join(".")).arg(&log).status();
    if !copied.is_ok_and(|copied| copied.success()) {
        return Err("cannot copy the log".to_owned());
    }
    cluster.start()?;
    Ok(log)
}

/// Takes all the room that there is.
fn fill(ballast: &Path) -> Result<(), String> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(ballast).map_err(|cause| cause.to_string())?;
    while file.write_all(&[7; 4096]).is_ok() {}
    Ok(())
}

/// Whether it answers within a while, without help.
fn by_itself(cluster: &Cluster) -> bool {
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        if cluster.ask("SELECT 1::text").is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

/// Who books, one after the other.
struct Desk {
    port: u16,
    deeds: Vec<Deed>,
}

impl Desk {
    /// The statuses of so many bookings; 0 where there was no answer.
    fn book(&mut self, count: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            let number = u32::try_from(self.deeds.len()).unwrap_or(u32::MAX);
            let time = Time { writer: 0, number, is_series: false };
            let booking = Booking { room: 0, time, version: 0 };
            let uid = format!("b{number}");
            let reply = Connection::open(self.port).and_then(|mut desk| desk.send(&booking.put(&uid)));
            let status = reply.map_or(0, |reply| reply.status);
            let (sent, outcome) = (u64::from(number), Outcome::of(status));
            self.deeds.push(Deed { uid, sent, answered: sent, outcome, after: Some(booking) });
            statuses.push(status);
            if status != 201 {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        statuses
    }
}

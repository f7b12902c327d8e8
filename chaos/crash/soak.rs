//! T-23: half an hour of work at a third of the machine, in which a month goes by: pruning each day, a
//! backup now and then, mails to a server that takes them. Memory, files, the log and waiting times stay
//! what they are.

mod sample;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::mail_sink::MailSink;
use super::mirror::Mirror;
use super::people::{Base, Crowd, Keeps, house_with};
use crate::postgres::Cluster;
use crate::program::http::Connection;
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;
use sample::Sample;

/// How fast the server's clock goes: a day in a minute.
const HASTE: u64 = 24 * 60;

/// Of all processors.
const LOAD: f64 = 0.3;

struct Scale {
    parts: usize,
    part: Duration,
    /// Parts in which the load is found.
    beginning: usize,
    /// A backup in each so-many-th part.
    backup: usize,
}

const LONG: Scale = Scale { parts: 30, part: Duration::from_mins(1), beginning: 4, backup: 5 };
const SHORT: Scale = Scale { parts: 5, part: Duration::from_secs(4), beginning: 1, backup: 3 };

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let scale = if is_long { LONG } else { SHORT };
    on("SQLite", None, &scale, &chance.branch(1), is_long, report)?;
    if is_long {
        let cluster = Cluster::start_new()?;
        on("PostgreSQL", Some(&cluster), &scale, &chance.branch(2), is_long, report)?;
    }
    Ok(())
}

struct Soak {
    place: Arc<Place>,
    program: Program,
    crowd: Crowd,
    mirrors: Vec<Mirror>,
    clock: PathBuf,
    began: Instant,
    began_at: i64,
}

fn on(
    name: &str,
    cluster: Option<&Cluster>,
    scale: &Scale,
    chance: &Chance,
    is_long: bool,
    report: &mut Report,
) -> Result<(), String> {
    let sink = MailSink::open()?;
    let mut soak = Soak::start(cluster, &sink, chance)?;
    let mut samples = Vec::new();
    for part in 1..=scale.parts {
        let sample = soak.part(part, scale)?;
        println!("{name}, {part}: {sample}, {} mails", sink.taken());
        if part <= scale.beginning {
            soak.crowd.pause = soak.crowd.pause.mul_f64((sample.load / LOAD).clamp(0.25, 4.0));
        } else {
            samples.push(sample);
        }
    }
    sample::hold(name, &samples, is_long, report);
    report.hold(&format!("{name}: mails are sent"), sink.taken() > 0, &sink.taken().to_string());
    soak.end(name, report)
}

impl Soak {
    fn start(cluster: Option<&Cluster>, sink: &MailSink, chance: &Chance) -> Result<Self, String> {
        let environment = [
            ("ROOMDAV_MAIL_SERVER", "127.0.0.1"),
            ("ROOMDAV_MAIL_PORT", &sink.port().to_string()),
            ("ROOMDAV_MAIL_SECURITY", "none"),
            ("ROOMDAV_MAIL_FROM", "rooms@example.org"),
            ("ROOMDAV_LIMITS_CHANGE_TIME", "1d"),
            ("ROOMDAV_LIMITS_CHANGES_KEPT", "100"),
            ("ROOMDAV_LIMITS_AUDIT_TIME", "2d"),
            ("ROOMDAV_LIMITS_NOTICE_TIME", "1d"),
        ];
        let place = house_with(cluster.map(Cluster::url).as_deref(), &[], &environment)?;
        let clock = place.folder().join("clock");
        let (began, began_at) = (Instant::now(), jiff::Timestamp::now().as_second());
        write_clock(&clock, began_at)?;
        let mut serve = place.program();
        let program = Program::spawn(serve.arg("--test-clock").arg(&clock).arg("serve"), &place)?;
        let mut crowd = Crowd::new(chance, Base::in_days(60));
        crowd.pause = Duration::from_millis(50);
        Ok(Self { place, program, crowd, mirrors: Mirror::of_rooms(), clock, began, began_at })
    }

    fn part(&mut self, number: usize, scale: &Scale) -> Result<Sample, String> {
        let Self { place, program, crowd, mirrors, clock, began, began_at } = self;
        let until = Instant::now() + scale.part;
        let (worked, since) = (program.processor_ms(), Instant::now());
        let mut log_bytes = 0;
        let mut is_backup_due = number.is_multiple_of(scale.backup);
        crowd.beside(&[program.port], || {
            let mut connection = Connection::open(program.port)?;
            let log = place.folder().join("house.sqlite-wal");
            while Instant::now() < until {
                let passed = i64::try_from(began.elapsed().as_secs() * HASTE).unwrap_or(0);
                write_clock(clock, *began_at + passed)?;
                for mirror in mirrors.iter_mut() {
                    mirror.catch_up(&mut connection)?;
                }
                log_bytes = log_bytes.max(std::fs::metadata(&log).map_or(0, |log| log.len()));
                if std::mem::take(&mut is_backup_due) {
                    back_up(place, number)?;
                }
                std::thread::sleep(Duration::from_millis(500));
            }
            Ok::<_, String>(())
        })?;
        Ok(Sample::of(program, &crowd.take_times(), log_bytes, (worked, since)))
    }

    fn end(mut self, name: &str, report: &mut Report) -> Result<(), String> {
        self.crowd.look(&self.program, Keeps::Everything)?.hold(report, name);
        self.crowd.hold(report);
        let mut connection = Connection::open(self.program.port)?;
        let mut differences = Vec::new();
        for mirror in &mut self.mirrors {
            mirror.catch_up(&mut connection)?;
            differences.extend(mirror.differs(&mut connection)?);
        }
        let found = format!("{:?}", differences.first());
        report.hold(&format!("{name}: programs know what is there"), differences.is_empty(), &found);
        self.program.stop()?;
        let clock = self.clock.to_str().ok_or("a folder whose name is no text")?;
        self.place.command(&["--test-clock", clock, "check"], "").map(drop)
    }
}

fn back_up(place: &Place, number: usize) -> Result<(), String> {
    let file = place.folder().join(format!("backup-{number}"));
    let name = file.to_str().ok_or("a folder whose name is no text")?;
    place.command(&["backup", name], "")?;
    place.command(&["restore", "--check", name], "")?;
    std::fs::remove_file(&file).map_err(|cause| cause.to_string())
}

fn write_clock(file: &std::path::Path, second: i64) -> Result<(), String> {
    let now = jiff::Timestamp::from_second(second).map_err(|cause| cause.to_string())?;
    let new = file.with_extension("new");
    let written = std::fs::write(&new, now.to_string()).and_then(|()| std::fs::rename(&new, file));
    written.map_err(|cause| cause.to_string())
}

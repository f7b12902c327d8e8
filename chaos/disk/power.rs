//! T-2, F-2: the power is cut at many points of a story that was recorded; each disk that may be left is
//! opened, holds what was acknowledged before the cut, and is booked on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::EMPTY;
use super::bookings::{Booking, HOUSE, Time, all_members};
use super::image::{Disk, Loss};
use super::ledger::{self, Deed, Outcome};
use super::record::{Change, Entry, entries};
use super::shim::{Behaviour, Shim};
use super::writers;
use crate::program::http::Connection;
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;

/// Where cuts are made, and how many of them in a short run and in a long one.
const CUTS: [(Moment, usize, usize); 4] = [
    (Moment::Answered, 9, 200),
    (Moment::WritingBack, 4, 120),
    (Moment::Any, 5, 150),
    (Moment::Building, 2, 30),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Just after an answer arrived, and nothing is left that was not flushed: the hardest of all.
    Answered,
    /// While the log is written back into the file.
    WritingBack,
    Any,
    /// While the database, its people and its rooms are made.
    Building,
}

impl Moment {
    fn said(self) -> &'static str {
        match self {
            Self::Answered => "just after an answer",
            Self::WritingBack => "while the log is written back",
            Self::Any => "at any time",
            Self::Building => "while the house is made",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Cut {
    moment: Moment,
    /// In the record.
    position: u64,
    loss: Loss,
    /// Of its chance.
    number: u64,
}

/// What was done to the disk, and what people asked for meanwhile.
struct Story {
    record: Vec<u8>,
    /// Where in the record the house was ready.
    ready: u64,
    deeds: Vec<Deed>,
}

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let is_flushed = flushes_new_folder()?;
    report.hold("a folder that is made for the database is flushed too", is_flushed, "by its first command");
    let story = tell(if is_long { 400 } else { 60 }, &chance)?;
    let entries = entries(&story.record)?;
    let is_done = |deed: &&Deed| deed.outcome == Outcome::Acknowledged;
    let (count, done) = (story.deeds.len(), story.deeds.iter().filter(is_done).count());
    report.hold("every request was acknowledged", done == count, &format!("{done} of {count}"));
    let back = entries.iter().filter(|entry| entry.end > story.ready && is_written_back(entry));
    let back = back.filter(|entry| matches!(entry.change, Change::Sync)).count();
    report.hold("the log was written back meanwhile", back >= 2, &format!("{back} times"));

    let cuts = choose(&story, &entries, is_long, &chance);
    let began = Instant::now();
    let mut wrong: Vec<(Moment, String)> = Vec::new();
    let mut disk = Disk::default();
    let mut left = entries.iter().peekable();
    for cut in &cuts {
        while let Some(entry) = left.next_if(|entry| entry.end <= cut.position) {
            disk.apply(entry)?;
        }
        let mut chance = chance.branch(cut.number);
        let image = disk.image(cut.loss, &mut chance);
        if let Err(cause) = examine(&story, cut, &image, chance.below(2) == 0) {
            println!("cut {cut:?}: {cause}");
            wrong.push((cut.moment, cause));
        }
    }
    for (moment, ..) in CUTS {
        let count = cuts.iter().filter(|cut| cut.moment == moment).count();
        let bad = wrong.iter().filter(|(at, _)| *at == moment).count();
        let what = format!("a power cut {} loses nothing", moment.said());
        report.hold(&what, bad == 0 && count > 0, &format!("{bad} of {count} bad"));
    }
    println!("{} cuts in {:.0?}; the last of {done} requests", cuts.len(), began.elapsed());
    Ok(())
}

fn is_written_back(entry: &Entry<'_>) -> bool {
    entry.name == "house.sqlite"
}

/// Whether the name of a new folder is certain, which SQLite knows nothing of.
fn flushes_new_folder() -> Result<bool, String> {
    let place = EMPTY.build()?;
    let disk = Shim::build()?.disk(place.folder())?;
    let mut program = place.program();
    program.envs(disk.environment(&Behaviour { is_recorded: true, ..Behaviour::default() }));
    let url = format!("sqlite://{}", place.folder().join("new/house.sqlite").display());
    let done = program.env("ROOMDAV_DATABASE_URL", url).args(["room", "list"]).output();
    let done = done.map_err(|cause| cause.to_string())?;
    let record = disk.record()?;
    let mut entries = entries(&record)?.into_iter();
    Ok(done.status.success() && entries.any(|it| it.name.is_empty() && matches!(it.change, Change::Sync)))
}

/// Makes a house and lets people book in it, all of it recorded.
fn tell(requests: usize, chance: &Chance) -> Result<Story, String> {
    let shim = Shim::build()?;
    let mut place = EMPTY.build()?;
    let disk = shim.disk(place.folder())?;
    for (name, value) in disk.environment(&Behaviour { is_recorded: true, ..Behaviour::default() }) {
        place.set(name, &value);
    }
    HOUSE.furnish(&place)?;
    let ready = disk.position();
    let program = Program::serve(&Arc::new(place))?;
    let deeds = writers::work(program.port, chance, requests, &|| disk.position())?;
    program.stop()?;
    Ok(Story { record: disk.record()?, ready, deeds })
}

/// The cuts, in the order of the record.
fn choose(story: &Story, entries: &[Entry<'_>], is_long: bool, chance: &Chance) -> Vec<Cut> {
    let ends = |wanted: &dyn Fn(&Entry<'_>) -> bool| -> Vec<u64> {
        entries.iter().filter(|entry| wanted(entry)).map(|entry| entry.end).collect()
    };
    let mut cuts = Vec::new();
    let mut chance = chance.branch(1 << 32);
    for (moment, few, many) in CUTS {
        let candidates: Vec<u64> = match moment {
            Moment::Answered => story.deeds.iter().map(|deed| deed.answered).collect(),
            Moment::WritingBack => ends(&|entry| entry.end > story.ready && is_written_back(entry)),
            Moment::Any => ends(&|entry| entry.end > story.ready),
            Moment::Building => ends(&|entry| entry.end <= story.ready),
        };
        for _ in 0..if is_long { many } else { few } {
            let loss = match moment {
                Moment::Answered => Loss::All,
                _ => [Loss::All, Loss::Nothing, Loss::Later, Loss::Some, Loss::Sectors][chance.index(5)],
            };
            let position = candidates[chance.index(candidates.len())];
            cuts.push(Cut { moment, position, loss, number: cuts.len() as u64 });
        }
    }
    cuts.sort_by_key(|cut| cut.position);
    cuts
}

/// Starts on what is left of the disk, and holds it against what was acknowledged.
fn examine(
    story: &Story,
    cut: &Cut,
    image: &BTreeMap<String, Vec<u8>>,
    has_index: bool,
) -> Result<(), String> {
    let place = EMPTY.build()?;
    lay(place.folder(), image, has_index).map_err(|cause| cause.to_string())?;
    place.check()?;
    if cut.position < story.ready {
        return Ok(());
    }
    let place = Arc::new(place);
    let program = Program::serve(&place)?;
    let mut connection = Connection::open(program.port)?;
    let wrong = ledger::wrong(&story.deeds, cut.position, &all_members(&mut connection)?);
    if let Some(first) = wrong.first() {
        let certain = ledger::certain(&story.deeds, cut.position);
        return Err(format!("{} of {certain} bookings are wrong: {first}", wrong.len()));
    }
    book_on(&mut connection)?;
    program.kill()?;
    Place::check(&place)
}

fn lay(folder: &Path, image: &BTreeMap<String, Vec<u8>>, has_index: bool) -> std::io::Result<()> {
    for (name, bytes) in image {
        std::fs::write(folder.join(name), bytes)?;
    }
    if has_index {
        // It is never flushed, so that anything may stand there.
        std::fs::write(folder.join("house.sqlite-shm"), vec![0x5a; 32 << 10])?;
    }
    Ok(())
}

/// Takes a time that nobody has asked for yet.
fn book_on(connection: &mut Connection) -> Result<(), String> {
    let time = Time { writer: writers::WRITERS - 1, number: 1500, is_series: false };
    let reply = connection.send(&Booking { room: 0, time, version: 0 }.put("later"))?;
    if reply.status == 201 {
        Ok(())
    } else {
        Err(format!("a new booking: {} {}", reply.status, reply.text()))
    }
}

//! F-14: a disk that takes half a second for each flush. Whoever books waits; what is too much is told so
//! at once; reading goes on; and nothing that was not flushed is acknowledged, whatever times run out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::EMPTY;
use super::bookings::{Booking, HOUSE, Time, all_members};
use super::ledger::{Deed, Outcome, wrong};
use super::server::Server;
use super::shim::{Behaviour, Shim};
use crate::program::http::{Connection, Request};
use crate::program::{Place, Program};
use crate::report::Report;

const FLUSH_MS: u64 = 500;

/// Requests that are in hand at once (L-10).
const IN_HAND: u32 = 24;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let time = Duration::from_secs(if is_long { 60 } else { 5 });
    let limits = [("requests_at_once", IN_HAND.to_string()), ("request_time", "30s".to_owned())];

    let met = Crowd { writers: IN_HAND / 2, time, flush_ms: FLUSH_MS }.work(&limits)?;
    let found = met.shown();
    report.hold("whoever books waits and is served", met.has(201, 10) && !met.has(503, 1), &found);
    report.hold("a booking takes a flush", middle(&met.writes) >= Duration::from_millis(FLUSH_MS), &found);
    // One that waited for flushes would take half of one on average.
    let quick = Duration::from_millis(FLUSH_MS / 4);
    report.hold("reading waits for no flush", met.reads.len() > 20 && middle(&met.reads) < quick, &found);
    report.hold("what was taken is on the disk", met.wrong.is_empty(), &format!("{:?}", met.wrong));

    let met = Crowd { writers: 2 * IN_HAND, time, flush_ms: FLUSH_MS }.work(&limits)?;
    let is_bounded = met.has(201, 10) && met.has(503, 10) && met.others() == 0;
    report.hold("what is too much is answered 503", is_bounded, &met.shown());
    report.hold("what was taken then is on the disk too", met.wrong.is_empty(), &format!("{:?}", met.wrong));

    let limits = [("requests_at_once", IN_HAND.to_string()), ("request_time", "1s".to_owned())];
    let met = Crowd { writers: IN_HAND / 2, time, flush_ms: 3 * FLUSH_MS }.work(&limits)?;
    let is_told = met.has(503, 10) && met.others() == 0;
    report.hold("whoever waits for too long is answered 503", is_told, &met.shown());
    report.hold("nobody is told of more than there is", met.wrong.is_empty(), &format!("{:?}", met.wrong));
    Ok(())
}

/// People who book all the time, and one who reads.
struct Crowd {
    writers: u32,
    time: Duration,
    flush_ms: u64,
}

#[derive(Default)]
struct Met {
    deeds: Vec<Deed>,
    statuses: Vec<u16>,
    /// How long bookings took that were taken, sorted.
    writes: Vec<Duration>,
    reads: Vec<Duration>,
    /// After the power was cut.
    wrong: Vec<String>,
}

impl Met {
    fn count(&self, status: u16) -> usize {
        self.statuses.iter().filter(|met| **met == status).count()
    }

    fn has(&self, status: u16, count: usize) -> bool {
        self.count(status) >= count
    }

    /// Neither taken nor told to come again.
    fn others(&self) -> usize {
        self.statuses.len() - self.count(201) - self.count(503)
    }

    fn shown(&self) -> String {
        let (taken, later, others) = (self.count(201), self.count(503), self.others());
        let (write, read) = (middle(&self.writes), middle(&self.reads));
        format!(
            "{taken} taken, median {write:.0?}; {later} told to come again, {others} else; {} read, median {read:.1?}",
            self.reads.len()
        )
    }
}

fn middle(times: &[Duration]) -> Duration {
    times.get(times.len() / 2).copied().unwrap_or_default()
}

impl Crowd {
    fn work(&self, limits: &[(&str, String)]) -> Result<Met, String> {
        let mut place = EMPTY.build()?;
        for (key, value) in limits {
            place.set(&format!("ROOMDAV_LIMITS_{}", key.to_uppercase()), value);
        }
        HOUSE.furnish(&place)?;
        let disk = Shim::build()?.disk(place.folder())?;
        let mut command = place.program();
        command.envs(disk.environment(&Behaviour { slow_ms: self.flush_ms, ..Behaviour::default() }));
        let server = Server::start(&mut command)?;
        let port = server.port.ok_or_else(|| format!("it does not start: {}", server.log()))?;
        let mut met = std::thread::scope(|scope| {
            let writers: Vec<_> =
                (0..self.writers).map(|number| scope.spawn(move || self.book(port, number))).collect();
            let mut met = Met { reads: self.read(port)?, ..Met::default() };
            for writer in writers {
                let other = writer.join().map_err(|_| "a writer broke off".to_owned())??;
                met.deeds.extend(other.deeds);
                met.statuses.extend(other.statuses);
                met.writes.extend(other.writes);
            }
            Ok::<_, String>(met)
        })?;
        met.writes.sort();
        // Ended where it stands, while flushes may still go on.
        drop(server);
        met.wrong = after(&Arc::new(place), &met.deeds)?;
        Ok(met)
    }

    fn book(&self, port: u16, number: u32) -> Result<Met, String> {
        let mut connection = Connection::open(port)?;
        let (mut met, began) = (Met::default(), Instant::now());
        let mut next = number / 4 * 120;
        while began.elapsed() < self.time {
            next += 1;
            let time = Time { writer: number % 4, number: next, is_series: false };
            let booking = Booking { room: 0, time, version: 0 };
            let (uid, asked) = (format!("n{number}-{next}"), Instant::now());
            let status = connection.send(&booking.put(&uid))?.status;
            if status == 201 {
                met.writes.push(asked.elapsed());
            } else {
                std::thread::sleep(Duration::from_millis(100));
            }
            met.statuses.push(status);
            let outcome = Outcome::of(status);
            met.deeds.push(Deed { uid, sent: 0, answered: 0, outcome, after: Some(booking) });
        }
        Ok(met)
    }

    /// How long reading takes; where everybody waits, it may have to come again too.
    fn read(&self, port: u16) -> Result<Vec<Duration>, String> {
        let mut connection = Connection::open(port)?;
        let (mut times, began) = (Vec::new(), Instant::now());
        let request = Request::new("ada", "PROPFIND", "/calendars/users/ada/", &[("depth", "1")], "");
        while began.elapsed() < self.time {
            let asked = Instant::now();
            if connection.send(&request)?.status == 207 {
                times.push(asked.elapsed());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        times.sort();
        Ok(times)
    }
}

/// What is wrong on a good disk afterwards.
fn after(place: &Arc<Place>, deeds: &[Deed]) -> Result<Vec<String>, String> {
    let program = Program::serve(place)?;
    let mut found = wrong(deeds, 0, &all_members(&mut Connection::open(program.port)?)?);
    found.extend(place.check().err());
    program.stop()?;
    Ok(found)
}

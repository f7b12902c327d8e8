//! P9 of group commit: sixteen people who book in different rooms share flushes, at most one for four
//! bookings; and where a flush takes longer than deciding, they book three times as fast, at least, as with
//! a flush for each. Each is flushed before it is acknowledged; that is `power`'s to hold.
//!
//! One person who books alone has a flush for each booking, since nobody else is there to share it: that is
//! the rate the others are held against.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::EMPTY;
use super::bookings::{Booking, TYPED, Time};
use super::record::{Change, entries};
use super::shim::{Behaviour, Disk, Shim};
use crate::program::http::{Connection, Request};
use crate::program::{House, Program};
use crate::report::Report;

const CONNECTIONS: u32 = 16;

/// Longer than a booking takes the processor, also where nothing was optimised.
const FLUSH_MS: u64 = 50;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let each = if is_long { 100 } else { 15 };
    let house = Rooms::open(0)?;
    let alone = house.book(1, each)?;
    let found = format!("{} flushes of the log for {} bookings", alone.flushes, alone.bookings);
    report.hold("one who books alone has a flush for each", alone.flushes >= alone.bookings, &found);
    let together = house.book(CONNECTIONS, each)?;
    let found = format!("{} flushes of the log for {} bookings", together.flushes, together.bookings);
    let is_shared = together.flushes > 0 && 4 * together.flushes <= together.bookings;
    report.hold("sixteen have at most one for four", is_shared, &found);

    let house = Rooms::open(FLUSH_MS)?;
    let (alone, together) = (house.book(1, each)?.rate(), house.book(CONNECTIONS, each)?.rate());
    let found = format!(
        "{together:.0} a second against {alone:.0}: {:.1} times, with flushes of {FLUSH_MS} ms",
        together / alone
    );
    report.hold("sixteen book three times as fast as one", together >= 3.0 * alone, &found);
    Ok(())
}

/// A house with as many rooms as there are people.
struct Rooms {
    program: Program,
    disk: Disk,
}

struct Booked {
    bookings: usize,
    /// Of the log; its own write-back flushes it too.
    flushes: usize,
    took: Duration,
}

impl Booked {
    fn rate(&self) -> f64 {
        let count = u32::try_from(self.bookings).unwrap_or(u32::MAX);
        f64::from(count) / self.took.as_secs_f64()
    }
}

impl Rooms {
    fn open(slow_ms: u64) -> Result<Self, String> {
        let rooms: Vec<String> = (0..CONNECTIONS).map(|number| format!("r{number}")).collect();
        let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
        let house = House { people: &["ada"], rooms: &rooms, ..EMPTY };
        let mut place = house.build()?;
        let disk = Shim::build()?.disk(place.folder())?;
        for (name, value) in
            disk.environment(&Behaviour { is_recorded: true, slow_ms, ..Behaviour::default() })
        {
            place.set(name, &value);
        }
        let house = Self { program: Program::serve(&Arc::new(place))?, disk };
        house.settle();
        Ok(house)
    }

    /// Waits until the jobs of a start are done, which write too.
    fn settle(&self) {
        let until = Instant::now() + Duration::from_secs(15);
        let mut before = None;
        while before != Some(self.disk.position()) && Instant::now() < until {
            before = Some(self.disk.position());
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// Lets so many people book so often, each in a room of his own.
    fn book(&self, people: u32, each: u32) -> Result<Booked, String> {
        let before = self.disk.position();
        let began = Instant::now();
        std::thread::scope(|scope| {
            let at_work: Vec<_> =
                (0..people).map(|person| scope.spawn(move || self.person(people, person, each))).collect();
            at_work.into_iter().try_for_each(|it| it.join().map_err(|_| "somebody broke off".to_owned())?)
        })?;
        let took = began.elapsed();
        let record = self.disk.record()?;
        let flushes = entries(&record)?;
        let flushes = flushes.iter().filter(|entry| {
            entry.end > before && entry.name.ends_with("-wal") && matches!(entry.change, Change::Sync)
        });
        Ok(Booked { bookings: (people * each) as usize, flushes: flushes.count(), took })
    }

    fn person(&self, people: u32, person: u32, each: u32) -> Result<(), String> {
        let mut connection = Connection::open(self.program.port)?;
        for number in 0..each {
            // Times of one who is alone are not those of the others.
            let time = Time { writer: u32::from(people == 1), number, is_series: false };
            let uid = format!("b{people}-{person}-{number}");
            let text = Booking { room: 0, time, version: 0 }.text(&uid);
            let path = format!("/calendars/users/ada/room-r{person}/{uid}.ics");
            let status = connection.send(&Request::new("ada", "PUT", &path, &TYPED, &text))?.status;
            if status != 201 {
                return Err(format!("a booking is answered {status}"));
            }
        }
        Ok(())
    }
}

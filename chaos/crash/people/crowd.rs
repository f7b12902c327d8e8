//! All writers at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::house::WRITERS;
use super::ledger::Tally;
use super::shape::Base;
use super::writer::Writer;
use crate::program::http::Connection;
use crate::report::Report;
use crate::seed::Chance;

/// How long one waits for an answer: longer than the server may take for any.
const PATIENCE: Duration = Duration::from_secs(40);

/// Between two tries where nothing is to be had.
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) struct Crowd {
    pub(super) base: Base,
    pub(super) writers: Vec<Writer>,
    /// Between two requests of one writer.
    pub(crate) pause: Duration,
}

impl Crowd {
    pub(crate) fn new(chance: &Chance, base: Base) -> Self {
        let writer = |(login, number): (&'static str, u64)| Writer::new(login, chance.branch(number), base);
        Self { base, writers: WRITERS.into_iter().zip(100..).map(writer).collect(), pause: Duration::ZERO }
    }

    /// All book in the first room alone.
    pub(crate) fn in_one_room(mut self) -> Self {
        self.writers.iter_mut().for_each(|writer| writer.rooms = 1);
        self
    }

    /// What is known now is kept whatever comes; [`Keeps::SincePromised`](super::Keeps) is about the rest.
    pub(crate) fn promise(&mut self) {
        self.writers.iter_mut().for_each(|writer| writer.ledger.promise());
    }

    /// What takes time of a room may be refused for these reasons.
    pub(crate) fn expect(&mut self, reasons: &'static [&'static str]) {
        self.writers.iter_mut().for_each(|writer| writer.ledger.reasons = reasons);
    }

    /// All write at these servers, by turns, while `act` runs.
    pub(crate) fn beside<T>(&mut self, ports: &[u16], act: impl FnOnce() -> T) -> T {
        let stop = AtomicBool::new(false);
        let pause = self.pause;
        std::thread::scope(|scope| {
            for (writer, port) in self.writers.iter_mut().zip(ports.iter().cycle()) {
                let stop = &stop;
                scope.spawn(move || write(writer, *port, pause, stop));
            }
            let done = act();
            stop.store(true, Ordering::Relaxed);
            done
        })
    }

    /// How long each request took since this was asked last, sorted.
    pub(crate) fn take_times(&mut self) -> Vec<Duration> {
        let mut times: Vec<Duration> = self.writers.iter_mut().flat_map(|it| it.times.drain(..)).collect();
        times.sort();
        times
    }

    /// One that has something booked, and where.
    pub(crate) fn first(&self) -> Option<(&'static str, String)> {
        let booked = |writer: &Writer| {
            let there = writer.ledger.there();
            let taking = there.iter().find(|(_, shape)| !shape.times().is_empty());
            taking.map(|(number, shape)| (writer.login, writer.path(*number, &shape.uid)))
        };
        self.writers.iter().find_map(booked)
    }

    pub(crate) fn tally(&self) -> Tally {
        self.writers.iter().fold(Tally::default(), |sum, writer| sum.and(writer.ledger.tally))
    }

    /// Says that nobody was answered what may not be answered, or what it was.
    pub(crate) fn hold(&self, report: &mut Report) {
        let surprises: Vec<&String> = self.writers.iter().flat_map(|it| &it.ledger.surprises).collect();
        let found = match surprises.first() {
            None => format!("{:?}", self.tally()),
            Some(first) => format!("{} others, the first: {first}", surprises.len()),
        };
        report.hold(
            "all are answered 2xx, 403 where a room cannot be had, or 503",
            surprises.is_empty(),
            &found,
        );
    }
}

/// Writes until it is over, on a new connection where one breaks.
fn write(writer: &mut Writer, port: u16, pause: Duration, stop: &AtomicBool) {
    let mut open = None;
    while !stop.load(Ordering::Relaxed) {
        let connection = match open.take() {
            Some(connection) => Ok(connection),
            None => Connection::patient(port, PATIENCE),
        };
        let Ok(mut connection) = connection else {
            std::thread::sleep(PAUSE);
            continue;
        };
        if writer.step(&mut connection).is_ok() {
            open = Some(connection);
        }
        // Whoever could not find out does not ask at once again.
        std::thread::sleep(if writer.ledger.open().is_some() { pause.max(PAUSE) } else { pause });
    }
}

//! Somebody who tries all the time, and notes when it went well.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::people::{Base, READER, Shape};
use crate::program::http::{Connection, Request};

/// Where it books; nobody else does.
pub(crate) const ROOM: &str = "probe";

const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(40);

/// One try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    /// 0: no answer.
    pub(crate) status: u16,
}

impl Try {
    pub(crate) fn took(&self) -> Duration {
        self.ended - self.began
    }

    pub(crate) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What came of all tries, in their order.
#[derive(Default)]
pub(crate) struct Tries(pub(crate) Vec<Try>);

impl Tries {
    /// How long after this it took until one that began later ended well.
    pub(crate) fn good_after(&self, moment: Instant) -> Option<Duration> {
        let good = self.0.iter().find(|it| it.is_good() && it.began >= moment);
        good.map(|it| it.ended - moment)
    }

    pub(crate) fn slowest(&self) -> Duration {
        self.0.iter().map(Try::took).max().unwrap_or_default()
    }

    /// How many there were with each status.
    pub(crate) fn count(&self, is_counted: impl Fn(u16) -> bool) -> usize {
        self.0.iter().filter(|it| is_counted(it.status)).count()
    }
}

/// Books at one server while `act` runs, one time after the other.
pub(crate) fn beside<T>(port: u16, act: impl FnOnce() -> T) -> (T, Tries) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let trying = scope.spawn(|| try_until(port, &stop));
        let done = act();
        stop.store(true, Ordering::Relaxed);
        (done, Tries(trying.join().unwrap_or_default()))
    })
}

/// One booking, as somebody makes it who has no connection yet.
pub(crate) fn once(port: u16) -> Try {
    attempt(port, &mut None, 0)
}

/// How long it takes until a booking is taken, from now on.
pub(crate) fn until_good(port: u16) -> Duration {
    let began = Instant::now();
    while !once(port).is_good() && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
    }
    began.elapsed()
}

fn try_until(port: u16, stop: &AtomicBool) -> Vec<Try> {
    let (mut tries, mut open, mut number) = (Vec::new(), None, 0);
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        tries.push(attempt(port, &mut open, number));
        std::thread::sleep(PAUSE);
    }
    tries
}

/// Moves the one event of the probe by an hour.
fn attempt(port: u16, open: &mut Option<Connection>, number: i64) -> Try {
    let began = Instant::now();
    let shape = Shape::single("probe", number % 500 * 60, 60);
    let path = format!("/calendars/users/{READER}/room-{ROOM}/probe.ics");
    let headers = [("content-type", "text/calendar")];
    let put = Request::new(READER, "PUT", &path, &headers, &shape.text(Base::coming()));
    let connection = open.take().map_or_else(|| Connection::patient(port, PATIENCE), Ok);
    let status = connection.and_then(|mut connection| {
        let reply = connection.send(&put)?;
        *open = Some(connection);
        Ok(reply.status)
    });
    Try { began, ended: Instant::now(), status: status.unwrap_or(0) }
}

//! F-10: nothing comes through between a server and its database, and neither side is told. Requests are
//! answered 503 in time, it says that it is not ready, and it recovers by itself.

use std::time::{Duration, Instant};

use super::forwarder::Forwarder;
use super::people::{Base, Crowd, Keeps, house};
use super::probe::{self, Try};
use crate::postgres::Cluster;
use crate::program::Program;
use crate::program::http::{Connection, Request};
use crate::report::Report;
use crate::seed::Chance;

/// F-10, with some time for a busy machine.
const ANSWERED: Duration = Duration::from_secs(6);

/// P-11.
const BACK: Duration = Duration::from_secs(5);

/// Whoever is hit while he commits: his outcome is looked for before he is told that it is open.
const SETTLED: Duration = Duration::from_secs(17);

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let cluster = Cluster::start_new()?;
    let line = Forwarder::to(cluster.port())?;
    let place = house(Some(&line.url()), &[probe::ROOM])?;
    let program = Program::serve(&place)?;
    let mut crowd = Crowd::new(&chance, Base::coming());
    let time = Duration::from_secs(if is_long { 60 } else { 7 });
    for is_forgotten in [false, true] {
        let port = program.port;
        hold(&crowd.beside(&[port], || silence(&line, port, time, is_forgotten))?, report);
        let tally = crowd.tally();
        let is_told = tally.slowest <= SETTLED && tally.unavailable > 0;
        report.hold("whoever was hit is told 503", is_told, &format!("{tally:?}"));
        let after = if is_forgotten { "the line forgot" } else { "the line was silent" };
        crowd.look(&program, Keeps::Everything)?.hold(report, after);
    }
    crowd.hold(report);
    program.stop()?;
    place.check()
}

/// What was seen of one silence.
struct Looked {
    health: u16,
    health_took: Duration,
    booking: Try,
    back: Duration,
}

fn silence(line: &Forwarder, port: u16, time: Duration, is_forgotten: bool) -> Result<Looked, String> {
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    line.silence(true);
    let (health, booking) = std::thread::scope(|scope| {
        let booking = scope.spawn(|| probe::once(port));
        let health = health(port).map(|status| (status, began.elapsed()));
        (health, booking.join())
    });
    std::thread::sleep(time.saturating_sub(began.elapsed()));
    if is_forgotten {
        line.forget();
    }
    line.silence(false);
    let back = probe::until_good(port);
    std::thread::sleep(BACK);
    let (health, health_took) = health?;
    let booking = booking.map_err(|_| "a booking broke off".to_owned())?;
    Ok(Looked { health, health_took, booking, back })
}

fn hold(looked: &Looked, report: &mut Report) {
    let Looked { health, health_took, booking, back } = looked;
    let found = format!("{health} after {health_took:.1?}");
    report.hold("it says that it is not ready", *health == 503 && *health_took <= ANSWERED, &found);
    let found = format!("{} after {:.1?}", booking.status, booking.took());
    let is_told = booking.status == 503 && booking.took() <= ANSWERED;
    report.hold("whoever comes meanwhile is told 503 in time", is_told, &found);
    report.hold("bookings are taken within 5 s afterwards", *back <= BACK, &format!("{back:.1?}"));
}

fn health(port: u16) -> Result<u16, String> {
    let ready = Request::new("nobody", "GET", "/health/ready", &[], "");
    Ok(Connection::open(port)?.send(&ready)?.status)
}

//! F-12: of two servers one stops in the middle of a transaction, as a machine does that swaps or moves.
//! The other goes on: in that room after the database has ended the transaction, elsewhere at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::people::{Base, Crowd, Keeps, READER, ROOMS, Shape, house, room};
use super::reading::expect;
use crate::postgres::Cluster;
use crate::program::Program;
use crate::program::http::{Connection, Reply, Request};
use crate::report::Report;
use crate::seed::Chance;

/// A lock is waited for for two seconds.
const REFUSED: Duration = Duration::from_secs(4);

/// The database ends what lies idle in a transaction after ten seconds.
const ENDED: Duration = Duration::from_secs(15);

/// What has nothing to do with it.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How often we try to hit a transaction.
const TRIES: usize = 50;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let cluster = Cluster::start_new()?;
    let place = house(Some(&cluster.url()), &[])?;
    let (stopped, other) = (Program::serve(&place)?, Program::serve(&place)?);
    let mut crowd = Crowd::new(&chance, Base::coming()).in_one_room();
    let pause = Duration::from_secs(if is_long { 60 } else { 0 });
    crowd.beside(&[stopped.port], || {
        let done = pause_and_look(&stopped, &other, pause, report);
        // Whatever came of it: nobody can write at one that stands still.
        stopped.signal("CONT")?;
        std::thread::sleep(Duration::from_secs(3));
        done
    })?;
    let tally = crowd.tally();
    report.hold("the one that woke up answers 503", tally.unavailable > 0, &format!("{tally:?}"));
    crowd.hold(report);
    for program in [&stopped, &other] {
        crowd.look(program, Keeps::Everything)?.hold(report, "one of two was paused");
    }
    stopped.stop()?;
    other.stop()?;
    Arc::clone(&place).check()
}

fn pause_and_look(
    stopped: &Program,
    other: &Program,
    pause: Duration,
    report: &mut Report,
) -> Result<(), String> {
    let mut asker = Asker { connection: Connection::open(other.port)?, number: 0, booked: Vec::new() };
    // Signed in, so that what is measured is the booking.
    asker.book(1)?;
    let (began, reply, took) = hit(stopped, &mut asker)?;
    let is_refused = reply.status == 503 && reply.field("retry-after").is_some() && took <= REFUSED;
    let found = format!("{} after {took:.1?}", reply.status);
    report.hold("in a room that is locked the other answers 503 in time", is_refused, &found);
    let (reply, took) = asker.book(1)?;
    let found = format!("{} after {took:.1?}", reply.status);
    report.hold("in another room it books", reply.is_success() && took <= AT_ONCE, &found);
    let mut last = 0;
    while last != 201 && began.elapsed() < ENDED {
        last = asker.book(0)?.0.status;
    }
    let found = format!("{last} after {:.1?}", began.elapsed());
    report.hold("and in that room when the database has ended the transaction", last == 201, &found);
    std::thread::sleep(pause.saturating_sub(began.elapsed()));
    asker.tidy()
}

/// Stops the one until a room is locked meanwhile: since when, and what the other is answered there.
fn hit(stopped: &Program, asker: &mut Asker) -> Result<(Instant, Reply, Duration), String> {
    for _ in 0..TRIES {
        std::thread::sleep(Duration::from_millis(200));
        stopped.signal("STOP")?;
        let began = Instant::now();
        let (reply, took) = asker.book(0)?;
        if !reply.is_success() {
            return Ok((began, reply, took));
        }
        stopped.signal("CONT")?;
    }
    Err("it never stopped in a transaction".to_owned())
}

/// Books at the other server, hours that nobody else wants.
struct Asker {
    connection: Connection,
    number: i64,
    booked: Vec<String>,
}

impl Asker {
    fn book(&mut self, number: usize) -> Result<(Reply, Duration), String> {
        self.number += 1;
        let uid = format!("{}-{}-{READER}", ROOMS[number], self.number);
        let text = Shape::single(&uid, 60 * 24 * 100 + self.number * 60, 60).text(Base::coming());
        let path = format!("{}{uid}.ics", room(READER, number));
        let put = Request::new(READER, "PUT", &path, &[("content-type", "text/calendar")], &text);
        let began = Instant::now();
        let reply = self.connection.send(&put)?;
        let took = began.elapsed();
        if reply.is_success() {
            self.booked.push(path);
        }
        Ok((reply, took))
    }

    /// Gives back what it booked: whoever looks later knows only what the writers have.
    fn tidy(&mut self) -> Result<(), String> {
        for path in self.booked.drain(..) {
            let reply = self.connection.send(&Request::new(READER, "DELETE", &path, &[], ""))?;
            expect(&reply, 204, &path)?;
        }
        Ok(())
    }
}

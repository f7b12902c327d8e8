//! T-7: slots for which eight people ask at the same instant, at two servers on PostgreSQL and at one on
//! SQLite. Each is given as often as it is there, and the others are told that it is taken. P-2; F-11.
//!
//! Behind the lock of the space stands a constraint or a trigger, and in one room the calendar's row is
//! locked too: any of them alone would do. So there are slots as well that only the lock of the space can
//! give rightly, of places with several units that are booked by themselves or together; and the second
//! line is tried by itself.

use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::people::{Base, Shape, WRITERS, house};
use super::second_line;
use super::sql::ask;
use crate::postgres::Cluster;
use crate::program::http::{Connection, Request};
use crate::program::{Place, Program};
use crate::report::Report;

/// Of T-7, for the long run.
const P99: Duration = Duration::from_millis(250);

const DEADLOCKS: &str = "SELECT deadlocks::text FROM pg_stat_database WHERE datname = current_database()";

/// One by itself; a hall with its two parts; and a garden whose two parts have several units each.
const ROOMS: [&str; 7] = ["single", "left", "right", "hall", "north", "south", "garden"];

/// How often each part of the garden is there.
const UNITS: usize = 3;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let slots = if is_long { 1000 } else { 100 };
    let cluster = Cluster::start_new()?;
    let place = rooms(Some(&cluster.url()))?;
    let servers = [Program::serve(&place)?, Program::serve(&place)?];
    on("PostgreSQL", &servers, slots, is_long, report)?;
    // What sessions know of deadlocks they have told when they have ended.
    servers.into_iter().try_for_each(Program::stop)?;
    let deadlocks = ask(place.url(), DEADLOCKS)?;
    report.hold("PostgreSQL: nobody met a deadlock", deadlocks == ["0"], &format!("{deadlocks:?}"));
    second_line::hold("PostgreSQL", &place, report)?;
    let place = rooms(None)?;
    let servers = [Program::serve(&place)?];
    on("SQLite", &servers, slots, is_long, report)?;
    second_line::hold("SQLite", &place, report)
}

fn rooms(postgres: Option<&str>) -> Result<Arc<Place>, String> {
    let place = house(postgres, &["single", "left", "right", "north", "south"])?;
    for (whole, parts) in [("hall", "left,right"), ("garden", "north,south")] {
        place.command(&["room", "add", whole, "--name", whole, "--zone", "Etc/UTC", "--parts", parts], "")?;
    }
    for part in ["north", "south"] {
        place.command(&["room", "set", part, &format!("units={UNITS}")], "")?;
    }
    Ok(place)
}

/// What one was answered about one slot.
struct Answer {
    slot: usize,
    /// Of [`ROOMS`].
    room: usize,
    status: u16,
    text: String,
    took: Duration,
}

fn on(
    name: &str,
    servers: &[Program],
    slots: usize,
    is_long: bool,
    report: &mut Report,
) -> Result<(), String> {
    let answers = race(servers, slots)?;
    let mut wrong = Vec::new();
    for slot in 0..slots {
        let won = |room: usize| {
            answers.iter().filter(|it| it.slot == slot && it.room == room && it.status < 300).count()
        };
        // Who wants both parts is in nobody's way only if each of them is free; of those who want one,
        // there are more than it has units.
        let is_right = match kind(slot) {
            Kind::Single => won(0) == 1,
            Kind::Hall => matches!((won(1), won(2), won(3)), (1, 1, 0) | (0, 0, 1)),
            Kind::Garden => won(4) + won(6) == UNITS && won(5) + won(6) == UNITS,
        };
        if !is_right {
            let counts: Vec<usize> = (0..ROOMS.len()).map(won).collect();
            wrong.push(format!("slot {slot}, {:?}: {counts:?}", kind(slot)));
        }
    }
    let found =
        format!("{slots} slots, {} answers, {} wrong: {:?}", answers.len(), wrong.len(), wrong.first());
    report.hold(&format!("{name}: each slot is given as often as it is there"), wrong.is_empty(), &found);
    let bad = answers
        .iter()
        .find(|it| it.status >= 300 && !(it.status == 403 && it.text.contains("already booked")));
    let found = bad.map_or_else(|| "all".to_owned(), |bad| format!("{} {}", bad.status, bad.text));
    report.hold(&format!("{name}: whoever loses is told that it is booked"), bad.is_none(), &found);
    let mut times: Vec<Duration> = answers.iter().map(|it| it.took).collect();
    times.sort();
    let p99 = times[(times.len() - 1) * 99 / 100];
    let found = format!("p99 {p99:.0?}, at most {:.0?}", times.last().copied().unwrap_or_default());
    if is_long {
        report.hold(&format!("{name}: p99 is below 250 ms"), p99 < P99, &found);
    } else {
        println!("{name}: {found}");
    }
    servers[0].place().check()
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Single,
    Hall,
    Garden,
}

/// Of ten slots, six are of the room by itself.
const fn kind(slot: usize) -> Kind {
    match slot % 10 {
        0..6 => Kind::Single,
        6..8 => Kind::Hall,
        _ => Kind::Garden,
    }
}

/// For which of [`ROOMS`] this one of the eight asks.
const fn room(slot: usize, who: usize) -> usize {
    match kind(slot) {
        Kind::Single => 0,
        Kind::Hall => 1 + who % 3,
        Kind::Garden => 4 + who % 3,
    }
}

fn race(servers: &[Program], slots: usize) -> Result<Vec<Answer>, String> {
    let base = Base::coming();
    let ready = Barrier::new(WRITERS.len());
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let racing: Vec<_> = WRITERS
            .iter()
            .enumerate()
            .map(|(who, login)| {
                let port = servers[who % servers.len()].port;
                let (ready, answers) = (&ready, &answers);
                scope.spawn(move || {
                    // Who breaks off would keep the others waiting: what goes wrong is an answer too.
                    let mut connection = signed_in(port, login);
                    for slot in 0..slots {
                        let put = put(login, slot, who, base);
                        ready.wait();
                        let began = Instant::now();
                        let reply = connection.as_mut().map_err(|it| it.clone()).and_then(|it| it.send(&put));
                        let took = began.elapsed();
                        let (status, text) = reply.map_or_else(|it| (999, it), |it| (it.status, it.text()));
                        let answer = Answer { slot, room: room(slot, who), status, text, took };
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                    }
                })
            })
            .collect();
        racing.into_iter().try_for_each(|it| it.join().map_err(|_| "a racer broke off".to_owned()))
    })?;
    answers.into_inner().map_err(|_| "a racer broke off".to_owned())
}

fn signed_in(port: u16, login: &str) -> Result<Connection, String> {
    let mut connection = Connection::open(port)?;
    let home = format!("/calendars/users/{login}/");
    connection.send(&Request::new(login, "PROPFIND", &home, &[("depth", "0")], ""))?;
    Ok(connection)
}

fn put(login: &str, slot: usize, who: usize, base: Base) -> Request {
    let uid = format!("{login}-{slot}");
    let start = i64::try_from(slot).unwrap_or(0) * 60;
    let text = Shape::single(&uid, start, 60).text(base);
    let path = format!("/calendars/users/{login}/room-{}/{uid}.ics", ROOMS[room(slot, who)]);
    Request::new(login, "PUT", &path, &[("content-type", "text/calendar"), ("if-none-match", "*")], &text)
}

//! P9 on PostgreSQL: sixteen people who book in different rooms, against a bare program that sends the same
//! statements over as many connections to the same PostgreSQL, and does nothing else.
//!
//! One booking is recorded from PostgreSQL's own log; [`replay`] then makes other bookings of it. Short runs
//! hold that both book, long ones that we are at least half as fast, which is the machine's as much as ours.

mod recorded;
mod replay;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::EMPTY;
use super::bookings::{Booking, TYPED, Time};
use crate::postgres::{self, Cluster, Stop};
use crate::program::http::{Connection, Request};
use crate::program::{House, Place, Program};
use crate::report::Report;
use recorded::Recorded;
use replay::Replay;

const CONNECTIONS: u32 = 16;

/// A day within every booking window, and so far ahead that no other number looks like its seconds.
const FIRST: u32 = 5 * 200;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    if std::env::var_os("TEST_POSTGRES_URL").is_none() {
        println!("no PostgreSQL is wanted here (TEST_POSTGRES_URL): nothing is compared");
        return Ok(());
    }
    let each = if is_long { 60 } else { 4 };
    let cluster = logging_cluster()?;
    let url = cluster.url();
    let place = Arc::new(house(&url)?);
    let program = Program::serve(&place)?;
    // One after the other, since the first sign-in is dear. Then jobs of a start are done, and every
    // connection has its statements.
    for person in 0..CONNECTIONS {
        put(&mut Connection::open(program.port)?, "first", person, 0)?;
    }
    book(&program, "warm", 1, 3)?;
    std::thread::sleep(Duration::from_secs(3));
    let recorded = record(&cluster, &program, place.url())?;
    let count = recorded.statements();
    report.hold("a booking was recorded", count > 20, &format!("{count} statements"));
    let mut replay = Replay::new(recorded, place.url(), CONNECTIONS)?;
    replay.book(3, 12)?;

    let bookings = || postgres::ask(place.url(), "SELECT COUNT(*)::text FROM claims");
    let before = bookings()?;
    let ours = rate(each, || book(&program, "ours", 20, each))?;
    let between = bookings()?;
    let bare = rate(each, || replay.book(each, 20 + each))?;
    let found = format!("{before:?}, {between:?}, {:?} with {each} of each", bookings()?);
    let number = |told: &[String]| told.first().and_then(|told| told.parse::<u32>().ok()).unwrap_or(0);
    let grown = (number(&between) - number(&before), number(&bookings()?) - number(&between));
    report.hold("both book", grown == (each * CONNECTIONS, each * CONNECTIONS), &found);
    let found = format!("{ours:.0} a second against {bare:.0} of the bare program: {:.2}", ours / bare);
    if is_long {
        report.hold("we book at least half as fast", 2.0 * ours >= bare, &found);
    } else {
        println!("{found}");
    }
    program.stop()
}

/// Bookings in a second.
fn rate(each: u32, work: impl FnOnce() -> Result<(), String>) -> Result<f64, String> {
    let began = Instant::now();
    work()?;
    Ok(f64::from(each * CONNECTIONS) / began.elapsed().as_secs_f64())
}

/// A PostgreSQL whose log can be read as data.
fn logging_cluster() -> Result<Cluster, String> {
    let mut cluster = Cluster::start_new()?;
    cluster.ask("ALTER SYSTEM SET logging_collector = on")?;
    cluster.ask("ALTER SYSTEM SET log_destination = 'jsonlog'")?;
    cluster.stop(Stop::Fast)?;
    cluster.start()?;
    Ok(cluster)
}

/// A house in which no two things have the same number, nor one that means anything else, so that they
/// are found again in statements.
fn house(url: &str) -> Result<Place, String> {
    const NUMBERS: &str = "
        SELECT setval(CAST(schemaname || '.' || sequencename AS regclass), number * 100000000000)::text
        FROM (SELECT *, row_number() OVER (ORDER BY sequencename) AS number FROM pg_sequences) AS numbered";
    const CHANGES: &str = "UPDATE calendars SET seq = 900000000000000 + id * 100 RETURNING ''";
    let names = |of: &str| (0..CONNECTIONS).map(|number| format!("{of}{number}")).collect::<Vec<_>>();
    let (people, rooms) = (names("p"), names("r"));
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let place = House { postgres: Some(url), ..EMPTY }.build()?;
    place.command(&["migrate"], "")?;
    postgres::ask(place.url(), NUMBERS)?;
    House { people: &people, rooms: &rooms, ..EMPTY }.furnish(&place)?;
    postgres::ask(place.url(), CHANGES)?;
    Ok(place)
}

/// Lets each person book in a room of his own so often.
fn book(program: &Program, name: &str, from: u32, each: u32) -> Result<(), String> {
    std::thread::scope(|scope| {
        let people: Vec<_> = (0..CONNECTIONS)
            .map(|person| {
                scope.spawn(move || {
                    let mut connection = Connection::open(program.port)?;
                    (from..from + each).try_for_each(|number| put(&mut connection, name, person, number))
                })
            })
            .collect();
        people
            .into_iter()
            .try_for_each(|person| person.join().map_err(|_| "somebody broke off".to_owned())?)
    })
}

fn put(connection: &mut Connection, name: &str, person: u32, number: u32) -> Result<(), String> {
    let booking = Booking { room: 0, time: time(number), version: 0 };
    let uid = format!("{name}-{person}-{number}");
    let (login, path) =
        (format!("p{person}"), format!("/calendars/users/p{person}/room-r{person}/{uid}.ics"));
    let status = connection.send(&Request::new(&login, "PUT", &path, &TYPED, &booking.text(&uid)))?.status;
    if status == 201 { Ok(()) } else { Err(format!("a booking is answered {status}")) }
}

fn time(number: u32) -> Time {
    Time { writer: 0, number: FIRST + number, is_series: false }
}

fn start(number: u32) -> i64 {
    time(number).seconds()
}

/// Records what the second of two bookings of the first person sends: by then he has just signed in.
fn record(cluster: &Cluster, program: &Program, url: &str) -> Result<Recorded, String> {
    let mut connection = Connection::open(program.port)?;
    cluster.ask("ALTER SYSTEM SET log_statement = 'all'")?;
    cluster.ask("SELECT pg_reload_conf()::text")?;
    std::thread::sleep(Duration::from_millis(300));
    put(&mut connection, "before", 0, 10)?;
    put(&mut connection, "recorded", 0, 11)?;
    cluster.ask("ALTER SYSTEM SET log_statement = 'none'")?;
    cluster.ask("SELECT pg_reload_conf()::text")?;
    let of = "SELECT current_setting('data_directory') || '/' || pg_current_logfile('jsonlog')";
    let path = cluster.ask(of)?.concat();
    let log = std::fs::read_to_string(&path).map_err(|cause| format!("{path}: {cause}"))?;
    let keys = "SELECT mask_key FROM resources WHERE uid = 'recorded-0-11'";
    Recorded::of(&log, ["before-0-10", "recorded-0-11"], start(11), start, postgres::ask(url, keys)?)
}

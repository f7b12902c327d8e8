//! B-68: rows that another program inserts into `requests`, one after the other and very many at once,
//! while servers are killed.
//!
//! Every row is decided once and within two seconds, and whoever is subscribed to the room's calendar hears
//! of it in the same time.

mod other;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::attacks::honest;
use crate::program::http::{Connection, Request};
use crate::program::{House, Place, Program};
use crate::report::Report;
use crate::seed::Chance;
use other::Other;

/// What `schema/README.md` promises.
const PROMISED: Duration = Duration::from_secs(2);

/// How long a burst may take before something is wrong.
const PATIENCE: Duration = Duration::from_mins(20);

/// In MB: what a burst may add to a server.
const MOST_MB: u64 = 64;

const DECIDED: &str = "SELECT COUNT(*) FROM requests WHERE room = 'attic' AND state <> 'waiting'";
const WAITING: &str = "SELECT COUNT(*) FROM requests WHERE state = 'waiting'";

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok();
    let chance = Chance::from_environment();
    for (number, postgres) in (0..).zip([None].into_iter().chain(postgres.as_deref().map(Some))) {
        println!("-- on {}", if postgres.is_some() { "PostgreSQL" } else { "SQLite" });
        let limits = [("bookings_per_hour", "100000"), ("future_bookings", "100000")];
        let rooms = ["aula", "lab", "hall", "attic"];
        let house = House { postgres, people: &["ada", "bob"], rooms: &rooms, limits: &limits };
        let place = Arc::new(house.build()?);
        let mut other = Other::open(place.url())?;
        let program = Program::serve(&place)?;
        one_by_one(&program, &mut other, if is_long { 1_000 } else { 50 }, report)?;
        burst(&program, &mut other, if is_long { 100_000 } else { 1_000 }, report)?;
        program.stop()?;
        killed((&place, &mut other), if is_long { 20 } else { 2 }, chance.branch(number), report)?;
        if postgres.is_some() {
            one_of_two(&place, &mut other, report)?;
        }
        let checked = place.check();
        let found = checked.clone().err().unwrap_or_default();
        report.hold("check finds nothing", checked.is_ok(), &found);
    }
    Ok(())
}

/// Inserts row after row; each is waited for, and so is the subscribed calendar. Every tenth wants an hour
/// that is taken.
fn one_by_one(program: &Program, other: &mut Other, rows: i64, report: &mut Report) -> Result<(), String> {
    let mut subscribed = Subscribed::to("lab", program.port)?;
    let (mut times, mut wrong) = (Vec::new(), Vec::new());
    for number in 0..rows {
        let wants_taken = number % 10 == 9;
        let slot = if wants_taken { number - 1 } else { number };
        let began = Instant::now();
        let id = other.book("lab", slot)?;
        let answer = loop {
            let answer = other.text(&format!(
                "SELECT state || ' ' || COALESCE(reason, '') FROM requests WHERE id = {id}"
            ))?;
            if !answer.starts_with("waiting") || began.elapsed() > 10 * PROMISED {
                break answer;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let heard = subscribed.sync()?;
        times.push(began.elapsed());
        let expected = if wants_taken { ("refused busy", 0) } else { ("booked ", 1) };
        if (answer.as_str(), heard) != expected {
            wrong.push(format!("row {id}: {answer}, {heard} changes"));
        }
    }
    times.sort();
    let (middle, longest) = (times[times.len() / 2], times[times.len() - 1]);
    let found = format!("{rows} rows, median {middle:.0?}, the slowest took {longest:.0?}");
    report.hold(
        "each row is decided, answered and in the next sync-collection",
        wrong.is_empty(),
        &format!("{wrong:?}"),
    );
    report.hold("within two seconds", longest < PROMISED, &found);
    let direct = "INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at)
        SELECT o.id, s.id, o.reservation_id, o.start_at + 60, o.end_at + 60
        FROM occurrences o, spaces s WHERE s.name = 'lab' AND o.room_id = (SELECT id FROM rooms WHERE slug = 'hall')";
    let in_hall = other.book("hall", 0)?;
    let is_there = format!("SELECT COUNT(*) FROM requests WHERE id = {in_hall} AND state = 'booked'");
    other.until(&is_there, |count| count == 1, PROMISED)?;
    let stopped = other.run(direct).err().unwrap_or_default();
    let is_stopped = stopped.contains("overlap") || stopped.contains("exclusion constraint");
    report.hold("a claim over another is stopped by the database", is_stopped, &stopped);
    Ok(())
}

/// Very many rows at once, most of them nonsense, beside somebody who works.
fn burst(program: &Program, other: &mut Other, rows: i64, report: &mut Report) -> Result<(), String> {
    let before = program.memory_mb("VmRSS");
    program.forget_most_memory();
    other.insert_many("hall", rows, 100)?;
    let began = Instant::now();
    let (done, met) = honest::beside(program, || other.until(WAITING, |waiting| waiting == 0, PATIENCE))?;
    done?;
    let took = began.elapsed();
    let rate = f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / took.as_secs_f64();
    let found = format!("{rows} rows in {took:.1?}, {rate:.0} a second");
    let refused =
        other.number("SELECT COUNT(*) FROM requests WHERE state = 'refused' AND reason = 'invalid'")?;
    let booked = other.number("SELECT COUNT(*) FROM requests WHERE room = 'hall' AND state = 'booked'")?;
    let is_right = refused == rows - rows / 50 && booked == rows / 50 + 1;
    report.hold(
        "nonsense is refused and the others are booked",
        is_right,
        &format!("{found}: {refused}, {booked}"),
    );
    let found = format!("{} requests, p99 {:.1?}, {:?}", met.count(), met.p99(), met.failures);
    report.hold("whoever works beside it goes on", met.failures.is_empty() && met.p99() < PROMISED, &found);
    let most = program.memory_mb("VmHWM");
    let found = format!("{before} MB, at most {most} MB");
    report.hold(&format!("memory rises by at most {MOST_MB} MiB"), most <= before + MOST_MB, &found);
    Ok(())
}

/// The server is killed while it decides, again and again.
fn killed(
    (place, other): (&Arc<Place>, &mut Other),
    rounds: u32,
    mut chance: Chance,
    report: &mut Report,
) -> Result<(), String> {
    let mut next = 0;
    for _ in 0..rounds {
        let program = Program::serve(place)?;
        for _ in 0..40 {
            other.book("attic", next)?;
            next += 1;
        }
        // In the midst of it: all from before are decided, and some of these.
        let some = next - i64::try_from(1 + chance.below(40)).unwrap_or(1);
        other.until(DECIDED, |decided| decided >= some, PATIENCE)?;
        program.kill()?;
    }
    let left = other.number(WAITING)?;
    let program = Program::serve(place)?;
    other.until(WAITING, |waiting| waiting == 0, PATIENCE)?;
    program.stop()?;
    decided_once(other, next, &format!("{rounds} kills, {left} rows waited after the last"), report)
}

/// One of two servers is killed while both decide; the other one goes on at once.
fn one_of_two(place: &Arc<Place>, other: &mut Other, report: &mut Report) -> Result<(), String> {
    let (one, two) = (Program::serve(place)?, Program::serve(place)?);
    let base = other.number("SELECT COUNT(*) FROM requests WHERE room = 'attic'")?;
    for number in 0..200 {
        other.book("attic", base + number)?;
    }
    one.kill()?;
    let began = Instant::now();
    let before = other.number(WAITING)?;
    while before > 0 && other.number(WAITING)? == before && began.elapsed() < 10 * PROMISED {
        std::thread::sleep(Duration::from_millis(10));
    }
    let paused = began.elapsed();
    report.hold(
        "the other server goes on within two seconds",
        paused < PROMISED,
        &format!("{paused:.1?}, {before} rows waited"),
    );
    other.until(WAITING, |waiting| waiting == 0, PATIENCE)?;
    two.stop()?;
    decided_once(other, base + 200, "two servers, one killed", report)
}

/// Each row in the attic wanted an hour of its own, and has it.
fn decided_once(other: &mut Other, rows: i64, how: &str, report: &mut Report) -> Result<(), String> {
    let booked = other.number(
        "SELECT COUNT(DISTINCT reservation_id) FROM requests WHERE room = 'attic' AND state = 'booked'",
    )?;
    let there = other.number("SELECT COUNT(*) FROM v_reservation WHERE room = 'attic'")?;
    let is_right = booked == rows && there == rows;
    report.hold(
        "each row is booked once",
        is_right,
        &format!("{how}: {rows} rows, {booked} booked, {there} there"),
    );
    Ok(())
}

/// A calendar program that is subscribed to a room.
struct Subscribed {
    connection: Connection,
    path: String,
    token: String,
}

impl Subscribed {
    fn to(room: &str, port: u16) -> Result<Self, String> {
        let path = format!("/calendars/users/ada/room-{room}/");
        let mut subscribed = Self { connection: Connection::open(port)?, path, token: String::new() };
        subscribed.sync()?;
        Ok(subscribed)
    }

    /// Asks what has changed since the last time: how many members.
    fn sync(&mut self) -> Result<usize, String> {
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{}</sync-token><sync-level>1</sync-level>\
             <prop><getetag/></prop></sync-collection>",
            self.token
        );
        let typed = [("content-type", "application/xml"), ("depth", "0")];
        let reply = self.connection.send(&Request::new("ada", "REPORT", &self.path, &typed, &body))?;
        let text = reply.text();
        let token = text.split("sync-token>").nth(1).and_then(|rest| rest.split('<').next());
        let token = token.ok_or_else(|| format!("no token: {} {text}", reply.status))?;
        token.clone_into(&mut self.token);
        Ok(text.matches(".ics<").count())
    }
}

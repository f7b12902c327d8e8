//! T-1: eight people write into four rooms, and the server is killed, again and again; on PostgreSQL now
//! and then the database too. P-1, P-3, P-11; F-1, F-6.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::people::{Base, Crowd, FULL_ROOMS, Found, Keeps, READER, Shape, fill, house, room};
use super::reading::list;
use crate::postgres::{Cluster, Stop};
use crate::program::http::{Connection, Request};
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;

/// P-11, with a hundred thousand occurrences.
const START: Duration = Duration::from_secs(5);

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    on("SQLite", None, is_long, chance.branch(1), report)?;
    let cluster = Cluster::start_new()?;
    on("PostgreSQL", Some(cluster), is_long, chance.branch(2), report)
}

fn on(
    name: &str,
    mut cluster: Option<Cluster>,
    is_long: bool,
    mut chance: Chance,
    report: &mut Report,
) -> Result<(), String> {
    let rounds = if is_long { 300 } else { 15 };
    let more_rooms: &[&str] = if is_long { &FULL_ROOMS } else { &[] };
    let place = house(cluster.as_ref().map(Cluster::url).as_deref(), more_rooms)?;
    let base = Base::coming();
    let mut crowd = Crowd::new(&chance, base);
    let mut program = Program::serve(&place)?;
    if is_long {
        let count = fill(program.port, READER, base)?;
        println!("{name}: {count} occurrences are there beside");
        report.hold("there are 100,000 occurrences", count >= 100_000, &count.to_string());
    }
    let (mut found, mut slowest) = (Found::default(), Duration::ZERO);
    for round in 1..=rounds {
        let pause = time_to_crash(&mut chance);
        crowd.beside(&[program.port], || {
            std::thread::sleep(pause);
            crash(program, cluster.as_mut().filter(|_| round % 3 == 0), &mut chance)
        })?;
        if let Some(cluster) = cluster.as_mut().filter(|_| round % 3 == 0) {
            cluster.start()?;
        }
        let started;
        (program, started) = start(&place)?;
        slowest = slowest.max(started);
        let now = crowd.look(&program, Keeps::Everything)?;
        if round % 50 == 0 {
            place.check()?;
            println!("{name}: {round} rounds, {} members, {:?}", now.members, crowd.tally());
        }
        found = found.and(now);
    }
    found.hold(report, &format!("{name}, {rounds} crashes"));
    crowd.hold(report);
    let tally = crowd.tally();
    let is_tried = tally.acked > 5 * rounds && tally.broken > rounds && tally.refused > rounds;
    report.hold(&format!("{name}: the server was killed at work"), is_tried, &format!("{tally:?}"));
    let found = format!("at most {slowest:.2?}");
    report.hold(&format!("{name}: it serves within 5 s after each crash"), slowest <= START, &found);
    hold_sight(&mut crowd, &program, report)?;
    program.stop()?;
    place.check()
}

/// Whoever looks sees what was written behind his back: else nothing of this would mean anything.
fn hold_sight(crowd: &mut Crowd, program: &Program, report: &mut Report) -> Result<(), String> {
    let mut connection = Connection::open(program.port)?;
    let stranger = format!("{}stranger.ics", room(READER, 0));
    let text = Shape::single("stranger", 200 * 24 * 60, 60).text(Base::coming());
    connection.send(&Request::new(READER, "PUT", &stranger, &[("content-type", "text/calendar")], &text))?;
    let (login, path) = crowd.first().ok_or("nothing is booked")?;
    connection.send(&Request::new(login, "DELETE", &path, &[], ""))?;
    let found = crowd.look(program, Keeps::Everything)?;
    let is_seen = found.extra == ["stranger"] && found.lost.len() == 1 && !found.claims.is_empty();
    report.hold("whoever looks sees what is lost and what is extra", is_seen, &format!("{found:?}"));
    Ok(())
}

/// 50 to 2,000 milliseconds, rather less: much goes wrong at the beginning.
fn time_to_crash(chance: &mut Chance) -> Duration {
    Duration::from_millis(50 + chance.below(1951).min(chance.below(1951)))
}

/// Kills the server, and the database where there is one; either may be first.
fn crash(program: Program, cluster: Option<&mut Cluster>, chance: &mut Chance) -> Result<(), String> {
    match cluster {
        None => program.kill(),
        Some(cluster) if chance.below(2) == 0 => {
            cluster.stop(Stop::Immediate)?;
            program.kill()
        }
        Some(cluster) => {
            program.kill()?;
            cluster.stop(Stop::Immediate)
        }
    }
}

/// Serves again, and how long it takes until somebody can read.
fn start(place: &Arc<Place>) -> Result<(Program, Duration), String> {
    let began = Instant::now();
    let program = Program::serve(place)?;
    list(&mut Connection::open(program.port)?, READER, &room(READER, 0))?;
    Ok((program, began.elapsed()))
}

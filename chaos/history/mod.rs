//! T-8 and T-9: what clients of one database saw, through one server or two, is one history, and whoever
//! follows sync tokens has all of it (P-2 to P-9, P-14, P-16).
//!
//! [`client`] and [`mirror`] decide what is asked, [`drive`] asks it, [`stored`] reads what the database
//! has, and [`check`] holds one against the other. [`faults`] are histories with a fault each, which it
//! has to find.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod check;
pub(crate) mod client;
mod drive;
mod faults;
pub(crate) mod log;
pub(crate) mod mirror;
pub(crate) mod stored;
pub(crate) mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::time::{Duration, Instant};

use client::Client;
use drive::Servers;
use log::Told;
use mirror::Mirror;
use world::{MANAGER, MASKED, PEOPLE, ROOMS};

use crate::program::{House, Place, Program};
use crate::report::Report;
use crate::seed::Chance;

/// Clients that each server has, on a database with two; one server alone has all of them.
const CLIENTS_EACH: usize = 4;

/// Whether the checker can be trusted.
#[expect(clippy::unnecessary_wraps, reason = "every run may fail")]
pub(crate) fn run_checker(_is_long: bool, report: &mut Report) -> Result<(), String> {
    faults::run(report);
    Ok(())
}

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    let time = Duration::from_secs(if is_long { 20 * 60 } else { 25 });
    one("SQLite", None, time, &chance.branch(1), report)?;
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        one("PostgreSQL, two servers", Some(&url), time, &chance.branch(2), report)?;
    }
    Ok(())
}

/// One database, from the first request to the comparison.
fn one(
    name: &str,
    postgres: Option<&str>,
    time: Duration,
    chance: &Chance,
    report: &mut Report,
) -> Result<(), String> {
    println!("-- {name}");
    let place = Arc::new(build(postgres)?);
    let mut programs = vec![Program::serve(&place)?];
    if postgres.is_some() {
        programs.push(in_another_time(&place)?);
    }
    let told = load(&programs, time, chance)?;
    for program in programs {
        program.stop()?;
    }
    let checked = place.check();
    report.hold(&format!("{name}: the database is whole"), checked.is_ok(), &format!("{checked:?}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let stored = runtime.map_err(|cause| cause.to_string())?.block_on(stored::read(place.url()))?;
    let findings = check::check(&told, &stored);
    let counts = findings.counts();
    for finding in findings.0.iter().take(20) {
        println!("  {finding}");
    }
    let changes: i64 = stored.0.values().map(stored::Calendar::last).sum();
    let size = format!(
        "{} requests, {changes} changes, {} states of mirrors",
        told.entries.len(),
        told.mirrored.len()
    );
    println!("  {size}: {:?}", answers(&told));
    let is_enough = changes > 50 && told.mirrored.len() > 50;
    report.hold(&format!("{name}: there is a history to look at"), is_enough, &size);
    for (fault, sentence) in check::Fault::ALL {
        let found = counts.get(&fault).copied().unwrap_or_default();
        report.hold(&format!("{name}: {sentence}"), found == 0, &format!("{found} found"));
    }
    Ok(())
}

/// How often each method had each answer.
fn answers(told: &Told) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in &told.entries {
        let method = asked::Sent::by(entry.person, &entry.asked).method;
        let answer = match &entry.answer {
            log::Answer::Known { status, found: log::Found::Refusal { reason, .. }, .. } => {
                format!("{status} {reason}")
            }
            log::Answer::Unknown(0) => "unknown".to_owned(),
            log::Answer::Known { status, .. } | log::Answer::Unknown(status) => status.to_string(),
        };
        *counts.entry(format!("{method} {answer}")).or_insert(0) += 1;
    }
    counts
}

/// The house of these runs: two rooms show what is booked, one only when and by whom.
pub(crate) fn build(postgres: Option<&str>) -> Result<Place, String> {
    let limits = [("bookings_per_hour", "100000"), ("future_bookings", "100000")];
    let house = House { postgres, people: &PEOPLE, rooms: &ROOMS, limits: &limits };
    let mut place = house.build()?;
    for (number, room) in ROOMS.iter().enumerate() {
        place.command(&["room", "grant", room, PEOPLE[MANAGER], "manage"], "")?;
        if number != MASKED {
            place.command(&["room", "set", room, "viewer=details"], "")?;
        }
    }
    // Tokens of one server are those of the other: both are reached by one address.
    place.set("ROOMDAV_SERVER_PUBLIC_URL", "http://127.0.0.1");
    Ok(place)
}

/// A second server, ten minutes ahead, whose clock stands still (P-14).
fn in_another_time(place: &Arc<Place>) -> Result<Program, String> {
    let file = place.folder().join("clock");
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(10);
    std::fs::write(&file, ahead.to_string()).map_err(|cause| cause.to_string())?;
    let mut program = place.program();
    Program::spawn(program.arg("serve").arg("--test-clock").arg(&file), place)
}

/// Everybody at work for so long, and what they saw.
fn load(programs: &[Program], time: Duration, chance: &Chance) -> Result<Told, String> {
    let servers = Servers {
        ports: programs.iter().map(|program| program.port).collect(),
        began: Instant::now(),
        time,
        lines: AtomicU32::new(0),
        asked: AtomicUsize::new(0),
    };
    let calendar = world::Calendar::a_month_after(jiff::Timestamp::now().as_second());
    let (mut told, mut mirrors) = (Told::default(), Vec::new());
    std::thread::scope(|scope| {
        let servers = &servers;
        let clients: Vec<_> = (0..2 * CLIENTS_EACH)
            .map(|number| {
                // Everybody but the one who only looks has two: one at each server.
                let client = Client::new(number % CLIENTS_EACH, number as u64, calendar);
                let chance = chance.branch(number as u64);
                scope.spawn(move || drive::client(client, number / CLIENTS_EACH, servers, chance))
            })
            .collect();
        let looking: Vec<_> = [0, 1, MANAGER, PEOPLE.len() - 1]
            .into_iter()
            .map(|person| Mirror::new(person, false))
            .chain([Mirror::new(0, true)])
            .enumerate()
            .map(|(number, mirror)| {
                let chance = chance.branch(100 + number as u64);
                scope.spawn(move || drive::mirror(mirror, servers, chance))
            })
            .collect();
        for client in clients {
            told.and(client.join().map_err(|_| "a client broke off")??);
        }
        for mirror in looking {
            let (mirror, seen): (Mirror, Told) = mirror.join().map_err(|_| "a mirror broke off")??;
            told.and(seen);
            mirrors.push(mirror);
        }
        Ok::<(), String>(())
    })?;
    told.and(drive::rest(mirrors, &servers, chance.branch(200))?);
    Ok(told)
}

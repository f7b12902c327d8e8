//! T-14: very many sign-ins with wrong passwords. They are refused or told to come again, and whoever
//! is signed in already notices nothing (L-62, L-63, D-23).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::connections::connect;
use super::honest;
use crate::program::{House, Program};
use crate::report::Report;

const CONNECTIONS: usize = 200;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let limits = [("bookings_per_hour", "100000")];
    let house = House { postgres: None, people: &["ada", "bob"], rooms: &["aula"], limits: &limits };
    let program = Program::start(&house)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
    let before = program.memory_mb("VmRSS");
    let time = Duration::from_secs(if is_long { 120 } else { 8 });
    let (answers, met) = honest::beside(&program, || runtime.block_on(attack(program.port, time)))?;
    let good: u64 = answers.iter().filter(|(status, _)| **status < 400).map(|(_, count)| count).sum();
    let other = answers.keys().filter(|status| ![401, 429, 503].contains(*status)).count();
    let found = format!("{answers:?}");
    report.hold("no wrong password gets in", good == 0, &found);
    report.hold("wrong passwords are answered 401, 429 or 503", other == 0, &found);
    report.hold("most are not even hashed", answers.get(&429).is_some_and(|count| *count > 100), &found);
    let found = format!("{} requests, p99 {:.1?}, {:?}", met.count(), met.p99(), met.failures);
    report.hold("who is signed in goes on", met.failures.is_empty() && met.count() > 20, &found);
    if is_long {
        report.hold("and waits less than 250 ms (p99)", met.p99() < Duration::from_millis(250), &found);
    }
    let most = program.memory_mb("VmHWM");
    report.hold(
        "memory rises by at most 64 MiB",
        most <= before + 64,
        &format!("{before} MB, at most {most} MB"),
    );
    program.stop()
}

/// How often each status was answered.
async fn attack(port: u16, time: Duration) -> BTreeMap<u16, u64> {
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut answers = BTreeMap::new();
                let mut tried = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    tried += 1;
                    if let Some(status) = one(port, number, tried).await {
                        *answers.entry(status).or_insert(0) += 1;
                    }
                }
                answers
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut all = BTreeMap::new();
    for task in tasks {
        for (status, count) in task.await.unwrap_or_default() {
            *all.entry(status).or_insert(0) += count;
        }
    }
    all
}

/// One try with a password that nobody has, for somebody who is there and somebody who is not.
async fn one(port: u16, number: usize, tried: u64) -> Option<u16> {
    let user = if tried.is_multiple_of(2) { "bob".to_owned() } else { format!("nobody{number}") };
    let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{number}-{tried}"));
    let mut stream = connect(port, number).await.ok()?;
    let request = format!(
        "PROPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nDepth: 0\r\nAuthorization: Basic {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    timeout(Duration::from_mins(1), stream.read_to_end(&mut answer)).await.ok()?.ok()?;
    String::from_utf8_lossy(&answer).get(9..12)?.parse().ok()
}

//! Sending many requests over a few connections, and what that took.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::program::http::{Connection, Reply, Request};

const CONNECTIONS: usize = 8;

/// What one kind of request took.
pub(crate) struct Line {
    name: String,
    times: Vec<Duration>,
    whole: Duration,
    processor_ms: f64,
    bytes: usize,
}

impl Line {
    pub(crate) fn heading(database: &str) -> String {
        format!(
            "| {database} | requests | per second | p50 ms | p99 ms | server CPU ms | answer kB |\n\
             |---|--:|--:|--:|--:|--:|--:|"
        )
    }

    pub(crate) fn print(&self) {
        let count = self.times.len();
        let at = |part: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "small and positive"
            )]
            let index = ((count as f64 * part) as usize).min(count - 1);
            self.times[index].as_secs_f64() * 1000.0
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let (count, bytes) = (count as f64, self.bytes as f64);
        println!(
            "| {} | {count} | {:.0} | {:.2} | {:.2} | {:.3} | {:.1} |",
            self.name,
            count / self.whole.as_secs_f64(),
            at(0.5),
            at(0.99),
            self.processor_ms / count,
            bytes / count / 1000.0,
        );
    }
}

/// Sends every request once, each connection the next one that is left, and gives the replies in
/// the order of the requests.
pub(crate) fn send(
    server: &Program,
    name: &str,
    requests: &[Request],
    expected: &[u16],
) -> Result<(Line, Vec<Reply>), String> {
    let next = AtomicUsize::new(0);
    let mut connections =
        (0..CONNECTIONS).map(|_| Connection::open(server.port)).collect::<Result<Vec<_>, _>>()?;
    let (before, began) = (server.processor_ms(), Instant::now());
    let done = std::thread::scope(|scope| {
        let next = &next;
        let running: Vec<_> = connections
            .iter_mut()
            .map(|connection| scope.spawn(move || work(connection, next, requests, expected)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "broke off".to_owned())?)
            .collect::<Result<Vec<_>, String>>()
    });
    let whole = began.elapsed();
    let mut done: Vec<_> = done.map_err(|cause| format!("{name}: {cause}"))?.into_iter().flatten().collect();
    done.sort_by_key(|(index, ..)| *index);
    let mut times: Vec<_> = done.iter().map(|(_, time, _)| *time).collect();
    times.sort();
    let replies: Vec<_> = done.into_iter().map(|(_, _, reply)| reply).collect();
    let bytes = replies.iter().map(|reply| reply.body.len()).sum();
    let processor_ms = server.processor_ms() - before;
    Ok((Line { name: name.to_owned(), times, whole, processor_ms, bytes }, replies))
}

fn work(
    connection: &mut Connection,
    next: &AtomicUsize,
    requests: &[Request],
    expected: &[u16],
) -> Result<Vec<(usize, Duration, Reply)>, String> {
    let mut done = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = requests.get(index) else { return Ok(done) };
        let began = Instant::now();
        let reply = connection.send(request)?;
        let time = began.elapsed();
        if !expected.contains(&reply.status) {
            let body = String::from_utf8_lossy(&reply.body);
            return Err(format!("answered {}: {}", reply.status, body.chars().take(300).collect::<String>()));
        }
        done.push((index, time, reply));
    }
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
}

/// What the machine says of its processor.
pub(crate) fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name")).unwrap_or_default();
    line.split(':').nth(1).unwrap_or("unknown processor").trim().to_owned()
}

//! The honest user beside an attack: signed in before it, goes on with his work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::program::http::{Connection, Request};

/// What he met.
pub(crate) struct Met {
    /// Sorted.
    times: Vec<Duration>,
    /// Answers other than success.
    pub(crate) failures: Vec<u16>,
}

impl Met {
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    /// Of a hundred requests the slowest but one.
    pub(crate) fn p99(&self) -> Duration {
        self.times.get(self.times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default()
    }
}

/// The room that he books.
pub(crate) const ROOM: &str = "/calendars/users/ada/room-aula/";

/// A booking of an hour, `number` hours from the first of March 2027.
pub(crate) fn booking(number: usize) -> String {
    let (day, hour) = (number / 24 % 300, number % 24);
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:b{number}\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:{}T{hour:02}0000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        date(day)
    )
}

fn date(day: usize) -> String {
    let first = jiff::civil::date(2027, 3, 1);
    let days = i64::try_from(day).unwrap_or(0);
    first.saturating_add(jiff::Span::new().days(days)).strftime("%Y%m%d").to_string()
}

/// Works while `attack` runs: books, reads, gives back.
pub(crate) fn beside<T>(program: &Program, attack: impl FnOnce() -> T) -> Result<(T, Met), String> {
    let stop = AtomicBool::new(false);
    // He is there before the attack is.
    let mut connection = Connection::open(program.port)?;
    let options = Request::new("ada", "PROPFIND", ROOM, &[("depth", "0")], "");
    connection.send(&options)?;
    std::thread::scope(|scope| {
        let working = scope.spawn(|| work(connection, &stop));
        let done = attack();
        stop.store(true, Ordering::Relaxed);
        let met = working.join().map_err(|_| "the honest user broke off".to_owned())??;
        Ok((done, met))
    })
}

fn work(mut connection: Connection, stop: &AtomicBool) -> Result<Met, String> {
    let mut met = Met { times: Vec::new(), failures: Vec::new() };
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let path = format!("{ROOM}b{number}.ics");
        let typed = [("content-type", "text/calendar")];
        for request in [
            Request::new("ada", "PUT", &path, &typed, &booking(number)),
            Request::new("ada", "GET", &path, &[], ""),
            Request::new("ada", "PROPFIND", ROOM, &[("depth", "0")], ""),
            Request::new("ada", "DELETE", &path, &[], ""),
        ] {
            let began = Instant::now();
            let reply = connection.send(&request)?;
            met.times.push(began.elapsed());
            if !(200..300).contains(&reply.status) {
                met.failures.push(reply.status);
            }
        }
        number += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    met.times.sort();
    Ok(met)
}

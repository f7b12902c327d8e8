//! People who book, change, move and cancel, several at once, and note each answer.

use super::bookings::{Booking, ROOMS, Time};
use super::ledger::{Deed, Outcome};
use crate::program::http::{Connection, Request};
use crate::seed::Chance;

/// How many there are: as many as have an own part of the day.
pub(crate) const WRITERS: u32 = 4;

/// Lets them all work, each so many requests, and gives all they did. `position` is asked before each
/// request and after each answer.
pub(crate) fn work(
    port: u16,
    chance: &Chance,
    requests: usize,
    position: &(impl Fn() -> u64 + Sync),
) -> Result<Vec<Deed>, String> {
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let writer = Writer::new(port, number, chance.branch(number.into()));
                scope.spawn(move || Ok::<_, String>(writer?.work(requests, position)))
            })
            .collect();
        let mut all = Vec::new();
        for writer in writers {
            all.extend(writer.join().map_err(|_| "a writer broke off".to_owned())??);
        }
        Ok(all)
    })
}

struct Writer {
    number: u32,
    connection: Connection,
    chance: Chance,
    standing: Vec<(String, Booking)>,
    times: [u32; 2],
}

impl Writer {
    fn new(port: u16, number: u32, chance: Chance) -> Result<Self, String> {
        let connection = Connection::open(port)?;
        Ok(Self { number, connection, chance, standing: Vec::new(), times: [0, 0] })
    }

    fn work(mut self, requests: usize, position: &impl Fn() -> u64) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for count in 0..requests {
            let (uid, after, request) = self.next(count);
            let sent = position();
            let reply = self.connection.send(&request);
            let outcome = reply.as_ref().map_or(Outcome::Unknown, |reply| Outcome::of(reply.status));
            deeds.push(Deed { uid: uid.clone(), sent, answered: position(), outcome, after });
            if outcome != Outcome::Refused {
                self.standing.retain(|(known, _)| *known != uid);
            }
            if let (Outcome::Acknowledged, Some(after)) = (outcome, after) {
                self.standing.push((uid, after));
            }
            if reply.is_err() {
                break;
            }
        }
        deeds
    }

    /// The next request: of which booking, what it makes of it, and itself.
    fn next(&mut self, count: usize) -> (String, Option<Booking>, Request) {
        let choice = if self.standing.len() < 3 { 0 } else { self.chance.below(10) };
        if choice < 4 {
            let uid = format!("w{}-{count}", self.number);
            let is_series = self.chance.below(4) == 0;
            let room = self.chance.index(ROOMS.len());
            let booking = Booking { room, time: self.time(is_series), version: 0 };
            return (uid.clone(), Some(booking), booking.put(&uid));
        }
        let (uid, old) = self.standing[self.chance.index(self.standing.len())].clone();
        let changed = match choice {
            4 | 5 => Booking { version: old.version + 1, ..old },
            6 | 7 => Booking { time: self.time(old.time.is_series), ..old },
            8 => {
                let room = (old.room + 1 + self.chance.index(ROOMS.len() - 1)) % ROOMS.len();
                let moved = Booking { room, ..old };
                let headers = [("destination", moved.path(&uid))];
                let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
                let request = Request::new("ada", "MOVE", &old.path(&uid), &headers, "");
                return (uid, Some(moved), request);
            }
            _ => {
                let request = Request::new("ada", "DELETE", &old.path(&uid), &[], "");
                return (uid, None, request);
            }
        };
        let request = changed.put(&uid);
        (uid, Some(changed), request)
    }

    fn time(&mut self, is_series: bool) -> Time {
        let next = &mut self.times[usize::from(is_series)];
        *next += 1;
        Time { writer: self.number, number: *next, is_series }
    }
}

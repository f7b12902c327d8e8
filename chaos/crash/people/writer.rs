//! One person who writes: books, moves, repeats, cancels, gives back; and looks where an answer failed
//! to come.

use std::time::{Duration, Instant};

use super::house::{ROOMS, room};
use super::ledger::{Keeps, Ledger, State};
use super::shape::{Base, Shape};
use crate::program::http::{Connection, Reply, Request};
use crate::seed::Chance;

const TYPED: (&str, &str) = ("content-type", "text/calendar");

/// More events than this are not kept by one writer.
const MOST: usize = 12;

pub(crate) struct Writer {
    pub(crate) login: &'static str,
    pub(crate) ledger: Ledger,
    chance: Chance,
    base: Base,
    /// In how many of the rooms he books.
    pub(super) rooms: usize,
    /// How long each request took.
    pub(super) times: Vec<Duration>,
    /// Numbers events and editions.
    next: u64,
}

/// What he is about to do with one event.
struct Deed {
    uid: String,
    wanted: State,
    request: Request,
    may_refuse: bool,
}

impl Writer {
    pub(crate) fn new(login: &'static str, chance: Chance, base: Base) -> Self {
        Self { login, ledger: Ledger::new(), chance, base, rooms: ROOMS.len(), times: Vec::new(), next: 0 }
    }

    /// Sends one request. `Err` if the connection is of no more use.
    pub(crate) fn step(&mut self, connection: &mut Connection) -> Result<(), String> {
        if let Some(uid) = self.ledger.open() {
            return self.look(connection, &uid);
        }
        let Deed { uid, wanted, request, may_refuse } = self.choose();
        self.ledger.ask(&uid, wanted);
        let reply = self.send(connection, &request);
        self.ledger.hear(&uid, reply.as_ref().map_err(String::as_str), may_refuse);
        reply.map(drop)
    }

    fn send(&mut self, connection: &mut Connection, request: &Request) -> Result<Reply, String> {
        let began = Instant::now();
        let reply = connection.send(request);
        let took = began.elapsed();
        self.ledger.tally.slowest = self.ledger.tally.slowest.max(took);
        self.times.push(took);
        reply
    }

    /// Looks where an event stands, of which this is open.
    fn look(&mut self, connection: &mut Connection, uid: &str) -> Result<(), String> {
        let mut found = Vec::new();
        for number in 0..self.rooms {
            let get = Request::new(self.login, "GET", &self.path(number, uid), &[], "");
            let reply = self.send(connection, &get)?;
            match reply.status {
                200 => found.push((number, reply.text())),
                404 => {}
                // Not now; he tries again later.
                503 => return Ok(()),
                status => self.ledger.surprises.push(format!("{uid}: {status} to GET")),
            }
        }
        let found: Vec<(usize, &str)> = found.iter().map(|(number, text)| (*number, text.as_str())).collect();
        if let Err(cause) = self.ledger.find(uid, &found, self.base, Keeps::Everything) {
            self.ledger.surprises.push(cause);
        }
        Ok(())
    }

    pub(super) fn path(&self, number: usize, uid: &str) -> String {
        format!("{}{uid}.ics", room(self.login, number))
    }

    fn choose(&mut self) -> Deed {
        let there: Vec<(usize, Shape)> =
            self.ledger.there().into_iter().map(|(number, shape)| (number, shape.clone())).collect();
        let way = self.chance.below(100);
        if there.is_empty() || (way < 45 && there.len() < MOST) {
            return self.book(way.is_multiple_of(3));
        }
        let (number, shape) = there[self.pick(there.len())].clone();
        match way {
            0..65 => self.change(number, &shape),
            65..78 if self.rooms > 1 => self.relocate(number, shape),
            78..86 => self.cancel(number, shape),
            _ => self.delete(number, &shape),
        }
    }

    fn pick(&mut self, count: usize) -> usize {
        usize::try_from(self.chance.below(count as u64)).unwrap_or(0)
    }

    fn number(&mut self, bound: u64) -> i64 {
        i64::try_from(self.chance.below(bound)).unwrap_or(0)
    }

    /// On one of ten days, between eight and six: others want the same.
    fn start(&mut self) -> i64 {
        self.number(10) * 24 * 60 + 8 * 60 + self.number(20) * 30
    }

    fn book(&mut self, is_series: bool) -> Deed {
        self.next += 1;
        let uid = format!("{}-{}", self.login, self.next);
        let start = self.start();
        let mut shape = Shape::single(&uid, start, 30 + self.number(4) * 30);
        if is_series {
            shape.dates = 3 + self.number(6);
            shape.moved = Some((1, 60 + self.number(3) * 30)).filter(|_| self.chance.below(2) == 0);
            shape.given_up = Some(2).filter(|_| self.chance.below(3) == 0);
            shape.left_out = Some(0).filter(|_| self.chance.below(4) == 0);
        }
        let number = self.pick(self.rooms);
        self.put(number, shape, &[TYPED, ("if-none-match", "*")], true)
    }

    /// Another time.
    fn change(&mut self, number: usize, shape: &Shape) -> Deed {
        let shape = Shape { start: self.start(), is_cancelled: false, ..shape.clone() };
        self.put(number, shape, &[TYPED], true)
    }

    fn cancel(&mut self, number: usize, shape: Shape) -> Deed {
        self.put(number, Shape { is_cancelled: true, ..shape }, &[TYPED], false)
    }

    fn put(&mut self, number: usize, shape: Shape, headers: &[(&str, &str)], may_refuse: bool) -> Deed {
        self.next += 1;
        let shape = Shape { edition: self.next, ..shape };
        let uid = shape.uid.clone();
        let path = self.path(number, &uid);
        let request = Request::new(self.login, "PUT", &path, headers, &shape.text(self.base));
        Deed { uid, wanted: State::There { room: number, shape }, request, may_refuse }
    }

    fn relocate(&mut self, number: usize, shape: Shape) -> Deed {
        let other = (number + 1 + self.pick(self.rooms - 1)) % self.rooms;
        let uid = shape.uid.clone();
        let destination = self.path(other, &uid);
        let headers = [("destination", destination.as_str()), ("overwrite", "F")];
        let request = Request::new(self.login, "MOVE", &self.path(number, &uid), &headers, "");
        Deed { uid, wanted: State::There { room: other, shape }, request, may_refuse: true }
    }

    fn delete(&self, number: usize, shape: &Shape) -> Deed {
        let uid = shape.uid.clone();
        let request = Request::new(self.login, "DELETE", &self.path(number, &uid), &[], "");
        Deed { uid, wanted: State::Absent, request, may_refuse: false }
    }
}

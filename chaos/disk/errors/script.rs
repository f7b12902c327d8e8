//! The few requests that are sent while the disk fails, to a house in which some things stand already.

use std::path::Path;

use crate::disk::bookings::{Booking, HOUSE, Time, all_members};
use crate::disk::ledger::{Deed, Outcome, wrong};
use crate::program::Program;
use crate::program::http::{Connection, Reply, Request};

/// More than the log takes before it is written back.
const FILE_BYTES: usize = 4_300_000;
const FILE: &str = "/files/users/ada/plan.pdf";

/// The file of a database with a house in it.
pub(crate) struct Script {
    house: Vec<u8>,
    /// How it came to be.
    deeds: Vec<Deed>,
    file: String,
}

/// What came of it.
pub(crate) struct Played {
    deeds: Vec<Deed>,
    file: Outcome,
    /// Of every answer; 0 where there was none.
    pub(crate) statuses: Vec<u16>,
    /// Reads that told something wrong.
    pub(crate) lies: Vec<String>,
}

impl Script {
    /// Makes the house.
    pub(crate) fn prepare() -> Result<Self, String> {
        let program = Program::start(&HOUSE)?;
        let place = std::sync::Arc::clone(program.place());
        let mut script = Self { house: Vec::new(), deeds: Vec::new(), file: "x".repeat(FILE_BYTES) };
        let mut player = Player::new(Some(program.port), &mut script.deeds);
        for number in 0..3 {
            let uid = format!("old{number}");
            player.change(&uid, Some(old(number)), &old(number).put(&uid));
        }
        program.stop()?;
        let file = std::fs::read(place.folder().join("house.sqlite"));
        script.house = file.map_err(|cause| cause.to_string())?;
        Ok(script)
    }

    /// Lays the house into a folder.
    pub(crate) fn lay(&self, folder: &Path) -> Result<(), String> {
        std::fs::write(folder.join("house.sqlite"), &self.house).map_err(|cause| cause.to_string())
    }

    /// Sends everything, whatever is answered; nothing where nobody serves.
    pub(crate) fn play(&self, port: Option<u16>) -> Played {
        let mut deeds = self.deeds.clone();
        let mut player = Player::new(port, &mut deeds);
        let (new, series) = (booking(0, 10, false), booking(1, 1, true));
        player.send(&Request::new("ada", "PROPFIND", "/calendars/users/ada/", &[("depth", "1")], ""));
        player.change("new", Some(new), &new.put("new"));
        player.change("series", Some(series), &series.put("series"));
        let changed = Booking { version: 1, ..old(0) };
        player.change("old0", Some(changed), &changed.put("old0"));
        let moved = Booking { room: 3, ..old(1) };
        let destination = moved.path("old1");
        let headers = [("destination", destination.as_str())];
        let request = Request::new("ada", "MOVE", &old(1).path("old1"), &headers, "");
        player.change("old1", Some(moved), &request);
        player.change("old2", None, &Request::new("ada", "DELETE", &old(2).path("old2"), &[], ""));
        player.look();
        let put = Request::new("ada", "PUT", FILE, &[("content-type", "application/pdf")], &self.file);
        let file = player.send(&put).map_or(Outcome::Unknown, |reply| Outcome::of(reply.status));
        for number in 20..23 {
            let (uid, last) = (format!("last{number}"), booking(0, number, false));
            player.change(&uid, Some(last), &last.put(&uid));
        }
        player.look();
        let Player { statuses, lies, .. } = player;
        Played { deeds, file, statuses, lies }
    }

    /// Whether a server without faults shows what it must, after what was played.
    pub(crate) fn verify(&self, port: u16, played: &Played) -> Result<Vec<String>, String> {
        let mut connection = Connection::open(port)?;
        let mut found = wrong(&played.deeds, u64::MAX, &all_members(&mut connection)?);
        let reply = connection.send(&Request::new("ada", "GET", FILE, &[], ""))?;
        let is_whole = reply.status == 200 && reply.body == self.file.as_bytes();
        let is_absent = reply.status == 404;
        let is_right = match played.file {
            Outcome::Acknowledged => is_whole,
            Outcome::Refused => is_absent,
            Outcome::Unknown => is_whole || is_absent,
        };
        if !is_right {
            found.push(format!("the file is {} and was {:?}", reply.status, played.file));
        }
        let later = booking(2, 30, false);
        let reply = connection.send(&later.put("later"))?;
        if reply.status != 201 {
            found.push(format!("a new booking is answered {}", reply.status));
        }
        Ok(found)
    }
}

fn booking(room: usize, number: u32, is_series: bool) -> Booking {
    Booking { room, time: Time { writer: 0, number, is_series }, version: 0 }
}

fn old(number: u32) -> Booking {
    booking(number as usize, number, false)
}

struct Player<'d> {
    port: Option<u16>,
    connection: Option<Connection>,
    deeds: &'d mut Vec<Deed>,
    statuses: Vec<u16>,
    lies: Vec<String>,
}

impl<'d> Player<'d> {
    fn new(port: Option<u16>, deeds: &'d mut Vec<Deed>) -> Self {
        Self { port, connection: None, deeds, statuses: Vec::new(), lies: Vec::new() }
    }

    fn connect(&mut self) -> Option<&mut Connection> {
        if self.connection.is_none() {
            self.connection = Connection::open(self.port?).ok();
        }
        self.connection.as_mut()
    }

    fn send(&mut self, request: &Request) -> Option<Reply> {
        let reply = self.connect()?.send(request).ok();
        self.statuses.push(reply.as_ref().map_or(0, |reply| reply.status));
        if reply.is_none() {
            self.connection = None;
        }
        reply
    }

    fn change(&mut self, uid: &str, after: Option<Booking>, request: &Request) {
        let now = self.deeds.len() as u64;
        // Whom nobody can send to, nobody has asked.
        if self.connect().is_none() {
            return;
        }
        let outcome = self.send(request).map_or(Outcome::Unknown, |reply| Outcome::of(reply.status));
        self.deeds.push(Deed { uid: uid.to_owned(), sent: now, answered: now, outcome, after });
    }

    /// Reads everything; what is shown must be true.
    fn look(&mut self) {
        let Some(connection) = self.connect() else { return };
        match all_members(connection) {
            Ok(members) => self.lies.extend(wrong(self.deeds, u64::MAX, &members)),
            Err(cause) => {
                let is_told = !cause.starts_with("REPORT") || cause.ends_with("503");
                self.lies.extend((!is_told).then_some(cause));
                self.connection = None;
            }
        }
    }
}

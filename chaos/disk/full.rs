//! T-3, F-3, L-67: a disk of 16 MiB is filled. What was acknowledged is stored, what was refused is not,
//! reading goes on; and once there is room again, the next booking is taken, without a new start.
//!
//! The disk is the shim's, which counts what lies in the folder, and where the system allows it a file
//! system of that size too. The disk of PostgreSQL's log is the other half (`full_log`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bookings::{Booking, HOUSE, Time, all_members};
use super::ledger::{Deed, Outcome, wrong};
use super::server::Server;
use super::shim::{Behaviour, Disk, Shim};
use super::{full_log, namespace};
use crate::program::http::{Connection, Request};
use crate::program::{Place, Program};
use crate::report::Report;

const DISK_BYTES: u64 = 16 << 20;

/// What lies on it beside the database, and is taken away later: first one, then the other.
const BALLAST: [(&str, usize); 2] = [("ballast", 4 << 20), ("more ballast", 1 << 20)];

/// What is kept free for removing (L-67), where anything is.
const KEPT: &str = "4194304";

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let kind = if namespace::is_inside() { Kind::FileSystem } else { Kind::Shim };
    for _ in 0..if is_long { 5 } else { 1 } {
        scene(kind, KEPT, report)?;
        scene(kind, "0", report)?;
        if namespace::is_inside() {
            full_log::run(report)?;
        }
    }
    if namespace::is_inside() {
        return Ok(());
    }
    match namespace::once_more("full", is_long)? {
        None => println!("no file system of one's own can be mounted here: the shim's disk has to do"),
        Some(ended) => report.hold("the same on a file system", ended.success(), &ended.to_string()),
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shim,
    FileSystem,
}

/// A house on the small disk, and who uses it.
struct Scene {
    place: Arc<Place>,
    disk: Option<Disk>,
    deeds: Vec<Deed>,
    /// Sizes of the files that were taken, and of those that were not.
    files: Vec<(usize, Outcome)>,
    port: u16,
}

fn scene(kind: Kind, kept: &str, report: &mut Report) -> Result<(), String> {
    let name = format!("{kind:?} with {kept} bytes kept free");
    let mut scene = Scene::build(kind, kept)?;
    let mut server = scene.serve()?;
    scene.port = server.port.ok_or("it does not start")?;
    let mut connection = Connection::open(scene.port)?;

    let (taken, refused) = scene.fill(&mut connection)?;
    let found = format!("{taken} taken, {refused:?} refused with");
    let is_full = taken > 5 && !refused.is_empty() && refused.iter().all(|status| *status == 507);
    report.hold(&format!("{name}: what does not fit is answered 507"), is_full, &found);
    let lies = wrong(&scene.deeds, u64::MAX, &all_members(&mut connection)?);
    report.hold(&format!("{name}: reading goes on"), lies.is_empty(), &format!("{lies:?}"));
    let removed = scene.remove(&mut connection)?;
    let is_removed = removed.iter().all(|status| *status == 204 || (kept == "0" && *status == 507));
    report.hold(&format!("{name}: so does removing"), is_removed, &format!("{removed:?}"));

    scene.make_room(BALLAST[0].0)?;
    let next = scene.book(&mut connection, 1000)?;
    report.hold(&format!("{name}: with room again a booking is taken"), next == 201, &next.to_string());
    let log = server.log();
    let is_quiet = server.ended_within(Duration::ZERO)?.is_none() && !log.contains("panicked");
    report.hold(&format!("{name}: the server stayed"), is_quiet, &log);
    let found = scene.whole(&mut connection)?;
    report.hold(&format!("{name}: what was taken is stored"), found.is_empty(), &format!("{found:?}"));

    // Full once more, and killed there.
    scene.fill(&mut connection)?;
    drop(server);
    scene.make_room(BALLAST[1].0)?;
    let began = Instant::now();
    let program = Program::serve(&scene.place)?;
    let took = began.elapsed();
    let found = scene.whole(&mut Connection::open(program.port)?)?;
    let is_well = found.is_empty() && took < Duration::from_secs(5) && scene.place.check().is_ok();
    report.hold(&format!("{name}: a new start needs nobody"), is_well, &format!("{found:?}, {took:.1?}"));
    program.stop()
}

impl Scene {
    fn build(kind: Kind, kept: &str) -> Result<Self, String> {
        let mut place = super::EMPTY.build()?;
        place.set("ROOMDAV_LIMITS_FREE_DISK_BYTES", kept);
        let disk = match kind {
            Kind::Shim => Some(Shim::build()?.disk(place.folder())?),
            Kind::FileSystem => {
                namespace::mount(place.folder(), DISK_BYTES)?;
                None
            }
        };
        HOUSE.furnish(&place)?;
        for (name, bytes) in BALLAST {
            std::fs::write(place.folder().join(name), vec![7; bytes]).map_err(|cause| cause.to_string())?;
        }
        Ok(Self { place: Arc::new(place), disk, deeds: Vec::new(), files: Vec::new(), port: 0 })
    }

    fn make_room(&self, name: &str) -> Result<(), String> {
        std::fs::remove_file(self.place.folder().join(name)).map_err(|cause| cause.to_string())
    }

    fn serve(&self) -> Result<Server, String> {
        let mut command = self.place.program();
        if let Some(disk) = &self.disk {
            let behaviour = Behaviour { bytes: Some(DISK_BYTES), ..Behaviour::default() };
            command.envs(disk.environment(&behaviour));
        }
        Server::start(&mut command)
    }

    /// Files and bookings by turns until some of each are refused: how many were taken, and with which
    /// statuses the others were not.
    fn fill(&mut self, connection: &mut Connection) -> Result<(usize, Vec<u16>), String> {
        let (mut taken, mut refused) = (0, Vec::new());
        let most = self.deeds.len() + 200;
        while refused.len() < 8 && self.deeds.len() < most {
            for status in [self.upload(connection)?, self.book(connection, 0)?] {
                if status == 201 {
                    taken += 1;
                } else {
                    refused.push(status);
                }
            }
        }
        Ok((taken, refused))
    }

    fn upload(&mut self, connection: &mut Connection) -> Result<u16, String> {
        let number = self.files.len();
        let size = if number.is_multiple_of(2) { 200_000 } else { 600_000 };
        let reply = connection.send(&Request::new("ada", "PUT", &path(number), &[], &"x".repeat(size)))?;
        self.files.push((size, Outcome::of(reply.status)));
        // Refused before it was read.
        if reply.field("connection") == Some("close") {
            *connection = Connection::open(self.port)?;
        }
        Ok(reply.status)
    }

    fn book(&mut self, connection: &mut Connection, from: u32) -> Result<u16, String> {
        let number = from + u32::try_from(self.deeds.len()).map_err(|cause| cause.to_string())?;
        let time = Time { writer: 0, number, is_series: false };
        let booking = Booking { room: number as usize % 4, time, version: 0 };
        self.send(connection, format!("b{number}"), Some(booking), &booking.put(&format!("b{number}")))
    }

    fn send(
        &mut self,
        connection: &mut Connection,
        uid: String,
        after: Option<Booking>,
        request: &Request,
    ) -> Result<u16, String> {
        let sent = self.deeds.len() as u64;
        let status = connection.send(request)?.status;
        self.deeds.push(Deed { uid, sent, answered: sent, outcome: Outcome::of(status), after });
        Ok(status)
    }

    /// Gives the first bookings back.
    fn remove(&mut self, connection: &mut Connection) -> Result<Vec<u16>, String> {
        let first: Vec<_> =
            self.deeds[..3].iter().filter_map(|deed| Some((deed.uid.clone(), deed.after?))).collect();
        let mut statuses = Vec::new();
        for (uid, booking) in first {
            let request = Request::new("ada", "DELETE", &booking.path(&uid), &[], "");
            statuses.push(self.send(connection, uid, None, &request)?);
        }
        Ok(statuses)
    }

    /// What is wrong with bookings and files.
    fn whole(&self, connection: &mut Connection) -> Result<Vec<String>, String> {
        let mut found = wrong(&self.deeds, u64::MAX, &all_members(connection)?);
        for (number, (size, outcome)) in self.files.iter().enumerate() {
            let reply = connection.send(&Request::new("ada", "GET", &path(number), &[], ""))?;
            let is_right = match outcome {
                Outcome::Acknowledged => reply.status == 200 && reply.body == "x".repeat(*size).as_bytes(),
                Outcome::Refused => reply.status == 404,
                Outcome::Unknown => false,
            };
            if !is_right {
                found.push(format!("file {number} was {outcome:?} and is {}", reply.status));
            }
        }
        Ok(found)
    }
}

fn path(number: usize) -> String {
    format!("/files/users/ada/f{number}.bin")
}

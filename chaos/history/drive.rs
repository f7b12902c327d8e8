//! Clients and mirrors as threads: each asks over sockets, of the servers by turns, and keeps a log.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

use crate::program::http::{Connection, Request};
use crate::seed::Chance;

use super::answer;
use super::asked::{Asked, Place, Sent, path};
use super::client::{Client, Way};
use super::log::{Answer, Entry, Found, Last, Line, Members, Mirrored, Moment, NEVER, Told};
use super::mirror::Mirror;
use super::stored::address;
use super::world::PEOPLE;

/// The servers of one database, and where numbers of lines come from.
pub(crate) struct Servers {
    pub(crate) ports: Vec<u16>,
    pub(crate) began: Instant,
    pub(crate) time: Duration,
    pub(crate) lines: AtomicU32,
    /// Requests of clients so far.
    pub(crate) asked: AtomicUsize,
}

/// As many are asked in any case: a machine that is busy with something else takes longer.
const LEAST: usize = 1000;

const PATIENCE: Duration = Duration::from_secs(40);

impl Servers {
    fn now(&self) -> Moment {
        Moment::try_from(self.began.elapsed().as_nanos()).unwrap_or(NEVER - 1)
    }

    /// Whether it is time to stop.
    fn is_over(&self) -> bool {
        let (elapsed, asked) = (self.began.elapsed(), self.asked.load(Ordering::Relaxed));
        elapsed >= self.time && (asked >= LEAST || elapsed >= 8 * self.time)
    }

    fn line(&self) -> Talk<'_> {
        let number = self.lines.fetch_add(1, Ordering::Relaxed);
        Talk { servers: self, number, connections: self.ports.iter().map(|_| None).collect() }
    }
}

/// A line: connections from its own address, one to each server.
struct Talk<'a> {
    servers: &'a Servers,
    number: Line,
    connections: Vec<Option<Connection>>,
}

impl Talk<'_> {
    /// A connection to one of the servers; mostly to the first.
    fn connection(&mut self, server: usize) -> Result<&mut Option<Connection>, String> {
        let held = &mut self.connections[server];
        if held.is_none() {
            *held = Some(Connection::over(connect(self.number, self.servers.ports[server])?, PATIENCE)?);
        }
        Ok(held)
    }

    fn ask(&mut self, person: usize, asked: Asked, server: usize) -> Result<Entry, String> {
        let (request, path) = request(person, &asked);
        let (line, servers) = (self.number, self.servers);
        let held = self.connection(server)?;
        let invoked = servers.now();
        let reply = held.as_mut().ok_or("no connection")?.send(&request);
        let mut returned = servers.now();
        let answer = match reply {
            Ok(reply) => answer::read(&asked, &path, reply.status, reply.etag.as_deref(), &reply.body)?,
            Err(_) => Answer::Unknown(0),
        };
        if matches!(answer, Answer::Unknown(_)) {
            *held = None;
            returned = NEVER;
        }
        Ok(Entry { line, person, asked, invoked, returned, answer })
    }

    fn abandon(
        mut self,
        person: usize,
        asked: Asked,
        server: usize,
        after: Duration,
    ) -> Result<Entry, String> {
        let (request, _) = request(person, &asked);
        let line = self.number;
        let connection = self.connection(server)?.take().ok_or("no connection")?;
        let invoked = self.servers.now();
        connection.abandon(&request, after)?;
        Ok(Entry { line, person, asked, invoked, returned: NEVER, answer: Answer::Unknown(0) })
    }
}

/// From the line's own address.
fn connect(line: Line, port: u16) -> Result<TcpStream, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let stream = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((address(line), 0)))?;
        let stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await?.into_std()?;
        stream.set_nonblocking(false)?;
        Ok(stream)
    });
    stream.map_err(|cause: std::io::Error| format!("cannot connect: {cause}"))
}

fn request(person: usize, asked: &Asked) -> (Request, String) {
    let Sent { method, path, headers, body } = Sent::by(person, asked);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    (Request::new(PEOPLE[person], method, &path, &headers, &body), path)
}

/// One client at work until the time is over; mostly it asks its own server, of which there may be one.
pub(crate) fn client(
    mut client: Client,
    home: usize,
    servers: &Servers,
    mut chance: Chance,
) -> Result<Told, String> {
    let mut told = Told::default();
    let mut usual = servers.line();
    while !servers.is_over() {
        servers.asked.fetch_add(1, Ordering::Relaxed);
        let (asked, way) = client.next(&mut chance);
        let any = usize::try_from(chance.below(servers.ports.len() as u64)).unwrap_or_default();
        let server = if chance.below(3) == 0 { any } else { home % servers.ports.len() };
        let entry = match way {
            Way::Usual => usual.ask(client.person, asked, server)?,
            Way::Apart => servers.line().ask(client.person, asked, server)?,
            Way::Abandoned => {
                let after = Duration::from_micros(chance.below(30_000));
                servers.line().abandon(client.person, asked, server, after)?
            }
        };
        if way == Way::Usual && matches!(entry.answer, Answer::Unknown(_)) {
            usual = servers.line();
        }
        client.heard(&entry.asked, (entry.invoked, entry.returned), &entry.answer);
        told.entries.push(entry);
        if chance.below(4) == 0 {
            std::thread::sleep(Duration::from_micros(chance.below(10_000)));
        }
    }
    Ok(told)
}

/// One mirror, which looks now and then until the time is over. Gives what it holds, too.
pub(crate) fn mirror(
    mut mirror: Mirror,
    servers: &Servers,
    mut chance: Chance,
) -> Result<(Mirror, Told), String> {
    let mut told = Told::default();
    let mut usual = servers.line();
    while !servers.is_over() {
        let at = usize::try_from(chance.below(mirror.followed.len() as u64)).unwrap_or_default();
        let server = usize::try_from(chance.below(servers.ports.len() as u64)).unwrap_or_default();
        told.mirrored.extend(follow(&mut mirror, at, &mut usual, server, &mut chance, &mut told.entries)?);
        std::thread::sleep(Duration::from_millis(chance.below(60)));
    }
    Ok((mirror, told))
}

fn follow(
    mirror: &mut Mirror,
    at: usize,
    talk: &mut Talk<'_>,
    server: usize,
    chance: &mut Chance,
    entries: &mut Vec<Entry>,
) -> Result<Option<Mirrored>, String> {
    let entry = talk.ask(mirror.person, mirror.next(at, chance), server)?;
    let mirrored = mirror.heard(at, (entry.invoked, entry.returned), &entry.answer);
    entries.push(entry);
    Ok(mirrored)
}

/// Nobody writes any more: mirrors go on until nothing is left out, and everything is listed through each
/// server.
pub(crate) fn rest(mirrors: Vec<Mirror>, servers: &Servers, mut chance: Chance) -> Result<Told, String> {
    let mut told = Told::default();
    let mut usual = servers.line();
    for mut mirror in mirrors {
        for at in 0..mirror.followed.len() {
            // Once more in any case: the last answer may be older than the last change.
            mirror.followed[at].is_behind = true;
            while mirror.followed[at].is_behind {
                let server = usize::try_from(chance.below(servers.ports.len() as u64)).unwrap_or_default();
                let mirrored = follow(&mut mirror, at, &mut usual, server, &mut chance, &mut told.entries)?;
                told.mirrored.extend(mirrored);
            }
        }
        for followed in &mirror.followed {
            for server in 0..servers.ports.len() {
                let mirrored = followed.members.clone();
                told.last.push(list(mirror.person, followed.place, mirrored, &mut usual, server)?);
            }
        }
    }
    Ok(told)
}

fn list(
    person: usize,
    place: Place,
    mirror: Members,
    talk: &mut Talk<'_>,
    server: usize,
) -> Result<Last, String> {
    let mut last = Last { person, place, listed: Members::new(), mirror };
    for place in last.places() {
        let entry = talk.ask(person, Asked::List { place }, server)?;
        match entry.answer {
            Answer::Known { found: Found::Members { members, .. }, .. } => last.is_listed(place, members),
            answer => return Err(format!("{} was answered {answer:?}", path(person, place))),
        }
    }
    Ok(last)
}

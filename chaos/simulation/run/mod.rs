//! One seed: clients and mirrors, a network that fails them, and a server that is slow, paused, cut off,
//! killed and started again.

mod ending;
mod failing;
mod trace;

use std::path::{Path, PathBuf};

use super::house::House;
use super::network::{Fate, Network};
use super::server::{FRONTS, Reply, Server, life};
use crate::history::answer;
use crate::history::asked::{Asked, Sent};
use crate::history::check::Findings;
use crate::history::client::{Client, Way};
use crate::history::log::{Answer, Entry, Line, NEVER, Told};
use crate::history::mirror::Mirror;
use crate::history::stored::address;
use crate::history::world::Calendar;
use crate::seed::Chance;

/// Sunday, 28 February 2027, 08:00 UTC.
const NOW: i64 = 1_803_801_600;
/// How long a client waits for an answer.
const PATIENCE: u64 = 120;
/// Steps in which everything may fail; after them the rest ends in peace.
const STEPS: u64 = 280;
/// Who has a client: two of them two.
const CLIENTS: [usize; 6] = [0, 1, 2, 3, 0, 1];
/// Who has a mirror, and whether of the whole home at once.
const MIRRORS: [(usize, bool); 3] = [(0, false), (4, false), (0, true)];

/// What one seed came to.
pub(super) struct Outcome {
    pub(super) findings: Findings,
    /// Everything that happened, in order, without what is random in itself.
    pub(super) trace: Vec<String>,
    pub(super) changes: i64,
    pub(super) requests: usize,
    pub(super) crashes: usize,
}

/// A message between somebody and the server.
enum Letter {
    Request { number: usize, front: usize },
    Reply { number: usize, reply: Reply },
}

/// A request, as long as anybody wants to know of it.
struct Open {
    who: Who,
    entry: Entry,
    front: usize,
    /// Somebody waits for the answer until then; `None`: nobody does any more.
    until: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Client(usize),
    /// Which mirror, and which calendar it asks for.
    Mirror(usize, usize),
    /// A second copy of a request, of which nobody hears.
    Nobody,
}

/// Somebody who asks, one thing after the other.
struct Asker<T> {
    is: T,
    /// On which line it usually asks.
    line: Line,
    waits: bool,
}

struct Simulation<'h> {
    house: &'h House,
    folder: PathBuf,
    lives: usize,
    server: Option<Server>,
    chance: Chance,
    now: u64,
    paused_until: u64,
    network: Network<Letter>,
    clients: Vec<Asker<Client>>,
    mirrors: Vec<Asker<Mirror>>,
    lines: Line,
    requests: Vec<Open>,
    told: Told,
    trace: Vec<String>,
    crashes: usize,
}

/// Plays one seed in a folder of its own.
pub(super) fn run(house: &House, seed: u64) -> Result<Outcome, String> {
    // In memory: what a disk does to a file is tried elsewhere.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.map_err(|cause| cause.to_string())?;
    let mut simulation = Simulation::begin(house, folder.path(), seed)?;
    while simulation.now < STEPS {
        simulation.step()?;
    }
    simulation.end()
}

impl<'h> Simulation<'h> {
    fn begin(house: &'h House, folder: &Path, seed: u64) -> Result<Self, String> {
        let first = life(folder, 0)?;
        std::fs::copy(house.file(), first.join("house.sqlite")).map_err(|cause| cause.to_string())?;
        let calendar = Calendar::a_month_after(NOW);
        let mut lines = 0..;
        let mut line = || lines.next().unwrap_or_default();
        let clients = CLIENTS.iter().enumerate().map(|(number, person)| {
            let client = Client::new(*person, number as u64, calendar);
            Asker { is: client, line: line(), waits: false }
        });
        let clients = clients.collect();
        let mirrors = MIRRORS.iter().map(|(person, is_whole)| Asker {
            is: Mirror::new(*person, *is_whole),
            line: line(),
            waits: false,
        });
        let mirrors = mirrors.collect();
        Ok(Self {
            house,
            folder: folder.to_owned(),
            lives: 0,
            server: Some(Server::open(&first, NOW, seed % 2)?),
            chance: Chance::of(seed),
            now: 0,
            paused_until: 0,
            network: Network::new(),
            clients,
            mirrors,
            lines: line(),
            requests: Vec::new(),
            told: Told::default(),
            trace: Vec::new(),
            crashes: 0,
        })
    }

    /// One step of time: something arrives, somebody asks, the server goes on, and something may fail.
    fn step(&mut self) -> Result<(), String> {
        self.now += 1;
        while let Some(letter) = self.network.arrived(self.now, &mut self.chance) {
            match letter {
                Letter::Request { number, front } => self.deliver(number, front),
                Letter::Reply { number, reply } => self.hear(number, &reply)?,
            }
        }
        self.give_up();
        if !self.network.is_kind {
            self.ask();
            self.fail()?;
        }
        self.serve()
    }

    fn say(&mut self, what: std::fmt::Arguments<'_>) {
        self.trace.push(format!("{} {what}", self.now));
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.chance.below(bound as u64)).unwrap_or_default()
    }

    /// Whoever waits for nothing may ask for something.
    fn ask(&mut self) {
        for number in 0..self.clients.len() {
            if !self.clients[number].waits && self.chance.below(4) == 0 {
                let (asked, way) = self.clients[number].is.next(&mut self.chance);
                self.send(Who::Client(number), asked, way);
            }
        }
        for number in 0..self.mirrors.len() {
            if !self.mirrors[number].waits && self.chance.below(8) == 0 {
                let at = self.below(self.mirrors[number].is.followed.len());
                self.poll(number, at);
            }
        }
    }

    fn poll(&mut self, number: usize, at: usize) {
        let asked = self.mirrors[number].is.next(at, &mut self.chance);
        self.send(Who::Mirror(number, at), asked, Way::Usual);
    }

    fn send(&mut self, who: Who, asked: Asked, way: Way) {
        let (person, usual) = match who {
            Who::Client(number) => (self.clients[number].is.person, self.clients[number].line),
            Who::Mirror(number, _) => (self.mirrors[number].is.person, self.mirrors[number].line),
            Who::Nobody => return,
        };
        let line = if way == Way::Usual { usual } else { self.new_line() };
        self.set_waiting(who, true);
        let (invoked, answer) = (self.now, Answer::Unknown(0));
        let entry = Entry { line, person, asked, invoked, returned: NEVER, answer };
        let patience = if way == Way::Abandoned { 1 + self.chance.below(PATIENCE / 4) } else { PATIENCE };
        let (front, until) = (self.below(FRONTS), Some(self.now + patience));
        let number = self.requests.len();
        self.say(format_args!("{number} {who:?} asks {}", trace::asked(&entry.asked)));
        let fate = self.network.fate(self.now, front, &mut self.chance);
        if fate == Fate::Doubled {
            // From an address of its own, so that the audit tells the two apart.
            let again = Entry { line: self.new_line(), ..entry.clone() };
            self.requests.push(Open { who, entry, front, until });
            self.requests.push(Open { who: Who::Nobody, entry: again, front, until: None });
            self.network.send(self.now, Letter::Request { number: number + 1, front }, &mut self.chance);
        } else {
            self.requests.push(Open { who, entry, front, until });
        }
        if fate != Fate::Lost {
            self.network.send(self.now, Letter::Request { number, front }, &mut self.chance);
        }
    }

    fn new_line(&mut self) -> Line {
        self.lines += 1;
        self.lines
    }

    fn set_waiting(&mut self, who: Who, waits: bool) {
        match who {
            Who::Client(number) => self.clients[number].waits = waits,
            Who::Mirror(number, _) => self.mirrors[number].waits = waits,
            Who::Nobody => {}
        }
    }

    /// A request arrives, if there is somebody.
    fn deliver(&mut self, number: usize, front: usize) {
        let Some(server) = &mut self.server else { return };
        let Open { entry, .. } = &self.requests[number];
        let sent = Sent::by(entry.person, &entry.asked);
        server.take(number, front, self.house.people[entry.person], address(entry.line).into(), sent);
    }

    /// An answer arrives, if somebody still waits for it.
    fn hear(&mut self, number: usize, reply: &Reply) -> Result<(), String> {
        let Open { who, entry, until, .. } = &mut self.requests[number];
        if until.take().is_none() {
            return Ok(());
        }
        let path = Sent::by(entry.person, &entry.asked).path;
        entry.answer = answer::read(&entry.asked, &path, reply.status, reply.tag.as_deref(), &reply.body)?;
        if matches!(entry.answer, Answer::Known { .. }) {
            entry.returned = self.now;
        }
        let (who, entry) = (*who, entry.clone());
        self.say(format_args!("{number} is answered {}", trace::answered(&entry.answer)));
        self.tell(who, &entry);
        Ok(())
    }

    /// Whoever asked learns what came, or that nothing did.
    fn tell(&mut self, who: Who, entry: &Entry) {
        self.set_waiting(who, false);
        let came = (entry.invoked, entry.returned);
        let is_open = matches!(entry.answer, Answer::Unknown(_));
        match who {
            Who::Client(number) => {
                self.clients[number].is.heard(&entry.asked, came, &entry.answer);
                if is_open {
                    self.clients[number].line = self.new_line();
                }
            }
            Who::Mirror(number, at) => {
                let mirrored = self.mirrors[number].is.heard(at, came, &entry.answer);
                self.told.mirrored.extend(mirrored);
            }
            Who::Nobody => {}
        }
    }

    /// Whoever has waited for too long goes away; sometimes the server notices.
    fn give_up(&mut self) {
        for number in 0..self.requests.len() {
            if self.requests[number].until.is_some_and(|until| until <= self.now) {
                self.requests[number].until = None;
                let (who, entry) = (self.requests[number].who, self.requests[number].entry.clone());
                self.say(format_args!("{number} is given up"));
                self.tell(who, &entry);
                if self.chance.below(2) == 0
                    && let Some(server) = &mut self.server
                {
                    server.forget(number);
                }
            }
        }
    }
}

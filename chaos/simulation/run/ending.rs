//! How a seed ends: in peace, with everything held against everything.

use super::super::house;
use super::super::server::FRONTS;
use super::{Outcome, Simulation};
use crate::history::answer;
use crate::history::asked::{Asked, Place, Sent, path};
use crate::history::check::check;
use crate::history::log::{Answer, Found, Last, Members};
use crate::history::stored::{Calendar, address};

impl Simulation<'_> {
    /// Nothing fails any more: everybody is answered or gives up, mirrors catch up, and what is there is
    /// held against what was seen.
    pub(super) fn end(mut self) -> Result<Outcome, String> {
        self.network.is_kind = true;
        while self.requests.iter().any(|it| it.until.is_some()) {
            self.step()?;
        }
        self.until_idle()?;
        for number in 0..self.mirrors.len() {
            for at in 0..self.mirrors[number].is.followed.len() {
                self.mirrors[number].is.followed[at].is_behind = true;
                while self.mirrors[number].is.followed[at].is_behind {
                    self.poll(number, at);
                    self.until_idle()?;
                }
            }
        }
        for number in 0..self.mirrors.len() {
            for at in 0..self.mirrors[number].is.followed.len() {
                let (person, followed) =
                    (self.mirrors[number].is.person, self.mirrors[number].is.followed[at].clone());
                self.list(person, followed.place, &followed.members)?;
            }
        }
        if let Some(server) = self.server.take() {
            server.close();
        }
        let stored = house::read(&self.folder.join(self.lives.to_string()).join("house.sqlite"))?;
        let requests = self.requests.len();
        self.told.entries.extend(self.requests.into_iter().map(|it| it.entry));
        for (place, calendar) in &stored.0 {
            for row in &calendar.rows {
                let (seq, name, digest, line) = (row.seq, &row.name, &row.digest, row.line);
                self.trace.push(format!("{place:?} {seq} {name} {digest:?} {line:?}"));
            }
        }
        let changes = stored.0.values().map(Calendar::last).sum();
        let findings = check(&self.told, &stored);
        Ok(Outcome { findings, trace: self.trace, changes, requests, crashes: self.crashes })
    }

    /// Goes on until nothing is in hand or on its way.
    fn until_idle(&mut self) -> Result<(), String> {
        let asked = self.now;
        loop {
            self.step()?;
            let is_busy = self.server.as_ref().is_none_or(|server| server.in_hand() > 0);
            let is_waited_for = self.requests.iter().any(|it| it.until.is_some());
            if !is_busy && !is_waited_for && self.now > asked + 64 {
                return Ok(());
            }
        }
    }

    /// Lists a calendar, or all of a home, through each door.
    fn list(&mut self, person: usize, place: Place, mirror: &Members) -> Result<(), String> {
        for front in 0..FRONTS {
            let mut last = Last { person, place, listed: Members::new(), mirror: mirror.clone() };
            for place in last.places() {
                let asked = Asked::List { place };
                let Some(server) = &mut self.server else { return Err("no server".to_owned()) };
                let sent = Sent::by(person, &asked);
                server.take(0, front, self.house.people[person], address(0).into(), sent);
                let reply = loop {
                    if let Some((_, reply)) = server.go_on(&mut self.chance) {
                        break reply;
                    }
                };
                match answer::read(&asked, &path(person, place), reply.status, None, &reply.body)? {
                    Answer::Known { found: Found::Members { members, .. }, .. } => {
                        last.is_listed(place, members);
                    }
                    answer => return Err(format!("a list was answered {answer:?}")),
                }
            }
            self.told.last.push(last);
        }
        Ok(())
    }
}

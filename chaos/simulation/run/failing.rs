//! The server's part of a step, and what goes wrong with it.

use super::super::network::Fate;
use super::super::server::{FRONTS, Server, life};
use super::{Letter, NOW, Simulation};

impl Simulation<'_> {
    /// The server goes on, if it is there and awake; what it has answered is sent.
    pub(super) fn serve(&mut self) -> Result<(), String> {
        if self.paused_until > self.now {
            return Ok(());
        }
        let Some(server) = &self.server else {
            return if self.chance.below(10) == 0 || self.network.is_kind { self.start() } else { Ok(()) };
        };
        if server.in_hand() == 0 {
            return Ok(());
        }
        for _ in 0..=self.chance.below(6) {
            let Some((number, reply)) = self.server.as_mut().and_then(|it| it.go_on(&mut self.chance)) else {
                continue;
            };
            let front = self.requests[number].front;
            if self.network.fate(self.now, front, &mut self.chance) != Fate::Lost {
                self.network.send(self.now, Letter::Reply { number, reply }, &mut self.chance);
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), String> {
        self.say(format_args!("the server starts"));
        let kept = self.chance.below(2);
        self.server = Some(Server::open(&self.folder.join(self.lives.to_string()), NOW, kept)?);
        Ok(())
    }

    /// Now and then something fails.
    pub(super) fn fail(&mut self) -> Result<(), String> {
        let until = self.now + 10 + self.chance.below(80);
        let front = self.below(FRONTS);
        match self.chance.below(600) {
            0 | 1 => {
                self.say(format_args!("the server is killed"));
                self.crash()?;
            }
            2..5 => {
                self.say(format_args!("the server sleeps until {until}"));
                self.paused_until = until;
            }
            5..9 => {
                self.say(format_args!("door {front} is cut off until {until}"));
                self.network.cut(front, until);
            }
            9..14 => {
                let now = NOW - 3600 + self.chance.below(7200).cast_signed();
                self.say(format_args!("the clock of door {front} shows {now}"));
                if let Some(server) = &self.server {
                    server.set_clock(front, now);
                }
            }
            14..22 => {
                if let Some(server) = &mut self.server {
                    server.tidy(front);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn crash(&mut self) -> Result<(), String> {
        let Some(server) = self.server.take() else { return Ok(()) };
        let before = self.folder.join(self.lives.to_string());
        self.lives += 1;
        self.crashes += 1;
        server.crash(&before, &life(&self.folder, self.lives)?)
    }
}

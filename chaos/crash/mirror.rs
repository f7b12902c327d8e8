//! A program that follows one calendar by sync tokens alone, and keeps what it was told (RFC 6578).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::people::{READER, ROOMS, room};
use super::reading::{expect, inside, list, members};
use crate::program::http::{Connection, Request};

/// As it stands at one token; a clone is a program that was asleep since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirror {
    path: String,
    pub(crate) token: Option<String>,
    /// By name: ETag and text.
    members: BTreeMap<String, (String, String)>,
}

/// What came of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// What had changed was told.
    Told,
    /// 403 with `DAV:valid-sync-token`: the program has to list anew.
    Refused,
}

impl Mirror {
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), token: None, members: BTreeMap::new() }
    }

    /// One for each room, all of the same person.
    pub(crate) fn of_rooms() -> Vec<Self> {
        (0..ROOMS.len()).map(|number| Self::new(&room(READER, number))).collect()
    }

    /// Where in the history of its calendar it stands: `…/<seq>-<nonce>-<nudges>`.
    pub(crate) fn seq(&self) -> u64 {
        let point = self.token.as_deref().and_then(|token| token.rsplit('/').next());
        point.and_then(|point| point.split('-').next()?.parse().ok()).unwrap_or(0)
    }

    /// Of these the one of the same calendar.
    pub(crate) fn twin<'m>(&self, others: &'m [Self]) -> Option<&'m Self> {
        others.iter().find(|other| other.path == self.path)
    }

    /// Asks what changed, to the last page, and fetches it.
    pub(crate) fn follow(&mut self, connection: &mut Connection) -> Result<Followed, String> {
        loop {
            let token = self.token.clone().unwrap_or_default();
            let body = format!(
                "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
                 <prop><getetag/></prop></sync-collection>"
            );
            let headers = [("depth", "0"), ("content-type", "application/xml")];
            let reply = connection.send(&Request::new(READER, "REPORT", &self.path, &headers, &body))?;
            let xml = reply.text();
            if reply.status == 403 && xml.contains("valid-sync-token") {
                return Ok(Followed::Refused);
            }
            expect(&reply, 207, &self.path)?;
            for (name, etag) in members(&xml) {
                self.hear(connection, name, etag)?;
            }
            self.token = inside(&xml, "D:sync-token").map(str::to_owned);
            if !xml.contains("507 Insufficient") {
                return Ok(Followed::Told);
            }
        }
    }

    /// Follows; where the token is refused, from the beginning.
    pub(crate) fn catch_up(&mut self, connection: &mut Connection) -> Result<Followed, String> {
        let followed = self.follow(connection)?;
        if followed == Followed::Refused {
            *self = Self::new(&self.path);
            self.follow(connection)?;
        }
        Ok(followed)
    }

    fn hear(
        &mut self,
        connection: &mut Connection,
        name: String,
        etag: Option<String>,
    ) -> Result<(), String> {
        let Some(etag) = etag else {
            self.members.remove(&name);
            return Ok(());
        };
        if self.members.get(&name).is_some_and(|(known, _)| *known == etag) {
            return Ok(());
        }
        let path = format!("{}{name}", self.path);
        let reply = connection.send(&Request::new(READER, "GET", &path, &[], ""))?;
        if reply.status == 404 {
            // Gone since: the next answer says so.
            self.members.remove(&name);
            return Ok(());
        }
        expect(&reply, 200, &path)?;
        let text = reply.text();
        self.members.insert(name, (reply.etag.unwrap_or_default(), text));
        Ok(())
    }

    /// In what it differs from the calendar, which nobody writes meanwhile.
    pub(crate) fn differs(&self, connection: &mut Connection) -> Result<Option<String>, String> {
        let mut left = self.members.clone();
        for (name, etag) in list(connection, READER, &self.path)? {
            let reply =
                connection.send(&Request::new(READER, "GET", &format!("{}{name}", self.path), &[], ""))?;
            let there = (etag.unwrap_or_default(), reply.text());
            match left.remove(&name) {
                None => return Ok(Some(format!("{}{name} was never told", self.path))),
                Some(known) if known != there => {
                    return Ok(Some(format!("{}{name} is {there:?}, known is {known:?}", self.path)));
                }
                Some(_) => {}
            }
        }
        Ok(left.into_keys().next().map(|name| format!("{}{name} is gone, which was never told", self.path)))
    }
}

/// Follows all rooms for this long; what programs know that fell asleep at different times.
pub(crate) fn follow(port: u16, time: Duration) -> Result<Vec<Mirror>, String> {
    let until = Instant::now() + time;
    let mut connection = Connection::open(port)?;
    let (mut mirrors, mut asleep) = (Mirror::of_rooms(), Vec::new());
    while Instant::now() < until {
        for mirror in &mut mirrors {
            mirror.catch_up(&mut connection)?;
            asleep.push(mirror.clone());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(asleep)
}

/// Whether programs that wake up are told what is true; in sentences what is wrong.
pub(crate) fn wake(
    asleep: &[Mirror],
    connection: &mut Connection,
    is_refused: impl Fn(&Mirror) -> bool,
) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for mirror in asleep {
        let mut awake = mirror.clone();
        let followed = awake.catch_up(connection)?;
        if (followed == Followed::Refused) != is_refused(mirror) {
            wrong.push(format!("{}: {followed:?} with {:?}", mirror.path, mirror.token));
        }
        wrong.extend(awake.differs(connection)?);
    }
    Ok(wrong)
}

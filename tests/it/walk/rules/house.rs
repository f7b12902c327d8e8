//! The house, and how each command is carried out in it.

use roomdav::booking::{Actor, Cancel, Decide, Displacing, Error, NewBlock, Receipt, Received, Transfer};
use roomdav::domain::attendee::{Address, PartStat};
use roomdav::domain::id::Slug;
use roomdav::domain::state::OccurrenceState;
use roomdav::ical::approval::Decisions;
use roomdav::text::Language;

use super::super::command::Wish;
use super::command::{Command, GUEST, PEOPLE, ROOMS, Way};
use super::picture::{Booking, Picture};
use crate::support::{Client, Reply, TestServer};

/// What became of a command, as far as others may hold it to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// This person did something with what is his own.
    Own(usize),
    /// A manager (who), the command line or the clock did something with what may be anybody's.
    Other(Option<usize>),
    /// It was refused: nothing changed.
    Refused,
    /// Somebody else has it now, and all its claims stay.
    Transferred,
    /// Nothing was asked.
    Nothing,
}

pub(super) async fn build(server: &TestServer) {
    server.people(&PEOPLE).await;
    for room in ROOMS {
        match room {
            "hall" => server.composite("hall", &["left", "right"]).await,
            _ => server.room(room).await,
        };
        server.set(room, "window_days", "20").await;
        if room != "desks" {
            server.grant(room, "eve", "manage").await;
        }
    }
    for (room, key, value) in [
        ("left", "setup", "15m"),
        ("left", "teardown", "15m"),
        ("right", "direct_series", "skip"),
        ("right", "waitlist", "take"),
        ("hall", "hours", "Mon-Fri 08:00-18:00"),
        ("desks", "units", "2"),
        ("desks", "teardown", "30m"),
        ("desks", "external", "book"),
        ("board", "mode", "approve"),
        ("board", "external", "request"),
        ("queue", "mode", "approve"),
        ("queue", "pending", "queue"),
        ("pod", "checkin", "on"),
        ("pod", "strikes", "2"),
    ] {
        server.set(room, key, value).await;
    }
}

pub(super) struct House<'s> {
    pub(super) server: &'s TestServer,
    /// Each message is newer than the one before.
    pub(super) step: u32,
}

impl House<'_> {
    fn client(&self, who: usize) -> Client<'_> {
        self.server.client(PEOPLE[who])
    }

    fn calendar(&self, who: usize, room: Option<usize>) -> String {
        let client = self.client(who);
        room.map_or_else(|| client.own(), |room| client.room(ROOMS[room]))
    }

    /// The n-th of what is listed, and its tag.
    async fn nth(&self, who: usize, room: Option<usize>, nth: usize) -> Option<(String, String)> {
        let all = self.client(who).list(&self.calendar(who, room)).await;
        (!all.is_empty()).then(|| all[nth % all.len()].clone())
    }

    pub(super) async fn run(&self, command: &Command, before: &Picture) -> Became {
        match command {
            Command::Ask { who, way, rooms, uid, wish } => self.ask(*who, *way, (rooms, *uid), wish).await,
            Command::CallOff { nth } => self.call_off(*nth, before).await,
            Command::Rewrite { who, room, nth, wish } => self.rewrite(*who, *room, *nth, wish).await,
            Command::Retitle { who, nth } => self.retitle(*who, *nth, before).await,
            Command::Move { who, from, nth, to } => {
                let Some((href, _)) = self.nth(*who, Some(*from), *nth).await else { return Became::Nothing };
                let name = href.rsplit('/').next().unwrap();
                let to = format!("{}{name}", self.calendar(*who, Some(*to)));
                answered(Became::Own(*who), &self.client(*who).relocate(&href, &to).await)
            }
            Command::Delete { who, room, nth } => {
                let Some((href, _)) = self.nth(*who, *room, *nth).await else { return Became::Nothing };
                answered(by(*who), &self.client(*who).delete(&href).await)
            }
            Command::Cancel { nth, one, by_eve } => self.cancel(*nth, *one, *by_eve, before).await,
            Command::Decide { nth, one, approves } => self.decide(*nth, *one, *approves, before).await,
            Command::Transfer { nth, to } => {
                let Some(booking) = before.nth(*nth, |_| true) else { return Became::Nothing };
                let (actor, to) = (TestServer::operator(), Slug::parse(PEOPLE[*to]).unwrap());
                let transfer = Transfer { actor, reservation: booking.id, to };
                let done = self.server.bookings.transfer(transfer).await;
                if done.is_ok() { Became::Transferred } else { Became::Refused }
            }
            Command::CheckIn { nth } => self.check_in(*nth, before).await,
            Command::Block { room, day, hour, hours, hard } => {
                self.block(*room, (*day, *hour, *hours), *hard, before).await
            }
            Command::Open { nth } => {
                let Some(block) = before.blocks.get(nth % before.blocks.len().max(1)) else {
                    return Became::Nothing;
                };
                assert!(self.server.bookings.remove_block(block.id).await.unwrap());
                Became::Other(None)
            }
            Command::Pass { minutes } => self.pass(minutes * 60).await,
            Command::Clock { hours, past } => {
                let now = self.server.clock.now().secs();
                let then = now - now % 3600 + hours * 3600 + past * 60;
                self.pass(then - now).await
            }
            Command::Day => {
                self.pass(86_400).await;
                self.server.bookings.extend().await.unwrap();
                Became::Other(None)
            }
        }
    }

    async fn check_in(&self, nth: usize, before: &Picture) -> Became {
        let Some(booking) = before.nth(nth, |booking| booking.room == "pod") else { return Became::Nothing };
        let done = self.server.bookings.check_in(TestServer::operator(), booking.id, None).await;
        done.map_or(Became::Refused, |_| Became::Other(None))
    }

    async fn pass(&self, secs: i64) -> Became {
        self.server.pass(secs).await;
        self.server.bookings.look_after_check_ins().await.unwrap();
        Became::Other(None)
    }

    async fn ask(&self, who: usize, way: Way, (rooms, uid): (&[usize], usize), wish: &Wish) -> Became {
        let client = self.client(who);
        match way {
            Way::Direct => {
                let (room, uid) = (ROOMS[rooms[0]], format!("u{uid}"));
                let reply = client.put(&client.in_room(room, &uid), wish.event(&uid).text()).await;
                answered(by(who), &reply)
            }
            Way::Invite => {
                let uid = format!("i{who}{uid}");
                let text = invitation(who, rooms, &wish.event(&uid).text());
                answered(Became::Own(who), &client.put(&client.in_own(&uid), text).await)
            }
            Way::Message => {
                let uid = format!("m{who}{uid}");
                let text = invitation(who, rooms, &wish.event(&uid).text());
                let receipt = self.message(who, "REQUEST", &uid, &text).await;
                told(receipt, who)
            }
        }
    }

    async fn call_off(&self, nth: usize, before: &Picture) -> Became {
        let Some(booking) = before.nth(nth, |booking| booking.uid.starts_with('m')) else {
            return Became::Nothing;
        };
        let who = usize::from(booking.uid.as_bytes()[1] - b'0');
        let room = ROOMS.iter().position(|room| *room == booking.room).unwrap();
        let text = Wish::single().event(&booking.uid).text();
        let receipt = self.message(who, "CANCEL", &booking.uid, &invitation(who, &[room], &text)).await;
        told(receipt, who)
    }

    /// Hands a message of somebody over; Eve's are the guest's.
    async fn message(&self, who: usize, method: &str, uid: &str, text: &str) -> Result<Receipt, Error> {
        let from = if who == 2 { GUEST.to_owned() } else { format!("{}@example.org", PEOPLE[who]) };
        let stamp = format!("DTSTAMP:20270201T{:02}{:02}00Z", self.step / 60, self.step % 60);
        let text = text.replace("DTSTAMP:20270101T000000Z", &stamp).replace("eve@example.org", GUEST);
        let text = text.replace("VERSION:2.0\r\n", &format!("VERSION:2.0\r\nMETHOD:{method}\r\n"));
        let received =
            Received { text: text.into(), to: None, sender: Some(Address::new(&from)), message_id: None };
        let receipt = self.server.bookings.receive(received).await;
        if let Ok(Receipt::Answered(answers)) = &receipt {
            for (slug, answer) in answers {
                self.answer_is_stored(slug.as_str(), uid, *answer).await;
            }
        }
        receipt
    }

    /// R4: what a message is answered is what the room has, dates that are over included (R31).
    async fn answer_is_stored(&self, slug: &str, uid: &str, answer: PartStat) {
        let after = Picture::take(self.server).await;
        let booking = after.bookings.iter().find(|it| it.room == slug && it.uid == uid);
        let has = |state| booking.is_some_and(|it| it.dates.iter().any(|date| date.state == state));
        let stored = match (has(OccurrenceState::Confirmed), has(OccurrenceState::Held)) {
            (true, _) => PartStat::Accepted,
            (false, true) => PartStat::Tentative,
            (false, false) => PartStat::Declined,
        };
        assert_eq!(answer, stored, "R4: {booking:?}");
    }

    async fn rewrite(&self, who: usize, room: Option<usize>, nth: usize, wish: &Wish) -> Became {
        let Some((href, etag)) = self.nth(who, room, nth).await else { return Became::Nothing };
        let text = self.client(who).get(&href).await.expect(200);
        let uid = text.lines_of("UID:")[0][4..].to_owned();
        let mut people: Vec<String> = text
            .lines()
            .into_iter()
            .filter(|line| line.starts_with("ATTENDEE") || line.starts_with("ORGANIZER"))
            .collect();
        people.dedup();
        let event = people.iter().fold(wish.event(&uid), |event, line| event.line(line));
        answered(by(who), &self.client(who).change(&href, &etag, event.text()).await)
    }

    /// R3, R59: whatever the rooms' rules are by now, a title may be changed, and nothing else is.
    async fn retitle(&self, who: usize, nth: usize, before: &Picture) -> Became {
        let is_own =
            |booking: &Booking| booking.owner == PEOPLE[who] && booking.has_all(self.server.clock.now());
        let Some(booking) = before.nth(nth, is_own) else { return Became::Nothing };
        let client = self.client(who);
        let Some(href) = booking.href(&client) else { return Became::Nothing };
        let reply = client.get(&href).await;
        if reply.status != 200 {
            return Became::Nothing;
        }
        let text = reply.text();
        let is_title = |line: &str| line.starts_with("SUMMARY:");
        let title = format!("SUMMARY:Title of step {}", self.step);
        let lines = text.lines().map(|line| if is_title(line) { title.as_str() } else { line });
        let text: String = lines.flat_map(|line| [line, "\r\n"]).collect();
        for room in ROOMS {
            self.server.set(room, "max_duration", "5m").await;
        }
        let reply = client.change(&href, &reply.etag(), text).await;
        for room in ROOMS {
            self.server.set(room, "max_duration", "31d").await;
        }
        assert_eq!(reply.status, 204, "{booking:?}: {}", reply.text());
        let after = Picture::take(self.server).await;
        let same = after.bookings.iter().find(|it| it.id == booking.id).expect("it is there");
        assert_eq!(same.had(), booking.had(), "R3");
        Became::Own(who)
    }

    async fn cancel(&self, nth: usize, one: bool, by_eve: bool, before: &Picture) -> Became {
        let Some(booking) = before.nth(nth, |booking| !by_eve || booking.room != "desks") else {
            return Became::Nothing;
        };
        let occurrence = if one { booking.first_date(self.server.clock.now()) } else { None };
        if one && occurrence.is_none() {
            return Became::Nothing;
        }
        let actor = if by_eve { self.actor("eve").await } else { TestServer::operator() };
        let cancel = Cancel { actor, reservation: booking.id, occurrence };
        done(by_eve.then_some(2), self.server.bookings.cancel(cancel).await.map(drop))
    }

    async fn actor(&self, login: &str) -> Actor {
        let mut snapshot = self.server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        roomdav::booking::actor(&mut tx, &user, Language::English).await.unwrap()
    }

    async fn decide(&self, nth: usize, one: bool, approves: bool, before: &Picture) -> Became {
        let is_held = |booking: &Booking| {
            booking.room != "desks" && booking.dates.iter().any(|it| it.state == OccurrenceState::Held)
        };
        let Some(booking) = before.nth(nth, is_held) else { return Became::Nothing };
        let held = booking.dates.iter().find(|it| it.state == OccurrenceState::Held).unwrap();
        let decisions = match held.id.instant().filter(|_| one) {
            Some(at) => Decisions::date(at, approves),
            None => Decisions::whole(approves),
        };
        let decide = Decide::new(self.actor("eve").await, booking.id, decisions);
        done(Some(2), self.server.bookings.decide(decide).await.map(drop))
    }

    async fn block(
        &self,
        room: usize,
        (day, hour, hours): (u32, u32, u32),
        hard: bool,
        before: &Picture,
    ) -> Became {
        let at = |hour| format!("2027-03-{day:02}T{hour:02}:00:00").parse().unwrap();
        let room = before.rooms[ROOMS[room]].id;
        let block =
            NewBlock { room, from: at(hour), to: at(hour + hours), rrule: None, reason: "Painting".into() };
        let (actor, bookings) = (TestServer::operator(), &self.server.bookings);
        if !hard {
            bookings.add_block(actor, block).await.unwrap();
            return Became::Other(None);
        }
        // R92: without confirmation nothing is done.
        let asked = bookings.add_hard_block(actor.clone(), block.clone(), false).await.unwrap();
        if let Displacing::Needs(lost) = asked {
            assert_eq!(Picture::take(self.server).await.bookings, before.bookings, "R92");
            let Displacing::Done(_, same) = bookings.add_hard_block(actor, block, true).await.unwrap() else {
                panic!("it was confirmed");
            };
            assert_eq!(same.len(), lost.len(), "R92");
        }
        Became::Other(None)
    }
}

/// With an organizer and these rooms, in the master and in each override.
fn invitation(who: usize, rooms: &[usize], text: &str) -> String {
    let mut lines = format!("ORGANIZER:mailto:{}@example.org\r\n", PEOPLE[who]);
    for room in rooms {
        lines.push_str(&format!("ATTENDEE;CUTYPE=ROOM;RSVP=TRUE:mailto:{}@example.org\r\n", ROOMS[*room]));
    }
    text.replace("END:VEVENT", &format!("{lines}END:VEVENT"))
}

/// Nothing but these may be answered; what is refused says so.
fn answered(became: Became, reply: &Reply) -> Became {
    match reply.status {
        201 | 204 => became,
        403 | 404 | 409 | 412 => Became::Refused,
        _ => panic!("{} {}", reply.status, reply.text()),
    }
}

fn told(receipt: Result<Receipt, Error>, who: usize) -> Became {
    match receipt.unwrap() {
        Receipt::Ignored { .. } => Became::Refused,
        _ => Became::Own(who),
    }
}

/// Eve, who manages, may write into what is somebody else's.
fn by(who: usize) -> Became {
    if who == 2 { Became::Other(Some(who)) } else { Became::Own(who) }
}

fn done(who: Option<usize>, done: Result<(), Error>) -> Became {
    match done {
        Ok(()) => Became::Other(who),
        Err(Error::Missing | Error::Stale) => Became::Refused,
        Err(error) => panic!("{error:?}"),
    }
}

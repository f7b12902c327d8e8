//! Everything that is stored of bookings at one time, so that what a command did can be held against what
//! there was before.

use std::collections::{BTreeMap, BTreeSet};

use roomdav::domain::claim::Claim;
use roomdav::domain::id::{ReservationId, Slug, SpaceId, UserId};
use roomdav::domain::occurrence::OccurrenceFacts;
use roomdav::domain::recurrence::RecurrenceId;
use roomdav::domain::space::Room;
use roomdav::domain::state::OccurrenceState;
use roomdav::domain::time::{Instant, Period};
use roomdav::store::{Block, CalendarOwner, ReservationFilter, Tx};

use super::command::ROOMS;
use crate::support::{Client, TestServer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Booking {
    pub(super) id: ReservationId,
    pub(super) room: &'static str,
    pub(super) uid: String,
    /// The login of whose it is.
    pub(super) owner: String,
    pub(super) dates: Vec<OccurrenceFacts>,
    /// In whose calendar its text is, and under which name; `None` if that is gone.
    text: Option<(CalendarOwner, String)>,
}

#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) rooms: BTreeMap<&'static str, Room>,
    /// By key.
    pub(super) bookings: Vec<Booking>,
    pub(super) claims: Vec<Claim>,
    pub(super) blocks: Vec<Block>,
    /// What people are told, by key: to whom and what.
    pub(super) messages: BTreeMap<i64, (Option<UserId>, String)>,
    pub(super) people: BTreeMap<String, UserId>,
}

impl Picture {
    pub(super) async fn take(server: &TestServer) -> Self {
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let mut rooms = BTreeMap::new();
        for slug in ROOMS {
            rooms.insert(slug, tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap());
        }
        let spaces: BTreeSet<SpaceId> = rooms.values().flat_map(|room| room.spaces.clone()).collect();
        let spaces: Vec<SpaceId> = spaces.into_iter().collect();
        let ever = Period { start: Instant::from_secs(1_600_000_000), end: super::NEVER };
        let claims = tx.occurrences().neighbours(&spaces, &[ever], &[]).await.unwrap();
        let bookings = bookings(&mut tx, &rooms).await;
        let blocks = tx.blocks().list(None).await.unwrap();
        let all = tx.outbox().list(None, 10_000).await.unwrap();
        let messages = all.into_iter().map(|it| (it.id, (it.content.user, it.content.body))).collect();
        let users = tx.users().list().await.unwrap();
        let people = users.into_iter().map(|user| (user.login.to_string(), user.id)).collect();
        Self { rooms, bookings, claims, blocks, messages, people }
    }

    /// The n-th booking that has something to come and is such a one.
    pub(super) fn nth(&self, nth: usize, is_meant: impl Fn(&Booking) -> bool) -> Option<&Booking> {
        let has_any = |it: &&Booking| it.dates.iter().any(is_had);
        let all: Vec<&Booking> = self.bookings.iter().filter(has_any).filter(|it| is_meant(it)).collect();
        (!all.is_empty()).then(|| all[nth % all.len()])
    }

    /// Whether this person was told something since `before`; of somebody without an account, whether
    /// anybody was.
    pub(super) fn tells(&self, owner: &str, before: &Self) -> bool {
        let user = self.people.get(owner).copied();
        let is_new = |id: &i64, message: &(Option<UserId>, String)| before.messages.get(id) != Some(message);
        self.messages
            .iter()
            .any(|(id, it)| is_new(id, it) && (user.is_none() || it.0.is_none() || it.0 == user))
    }
}

async fn bookings(tx: &mut Tx<'_>, rooms: &BTreeMap<&'static str, Room>) -> Vec<Booking> {
    let mut all = Vec::new();
    for reservation in tx.reservations().list(ReservationFilter::default()).await.unwrap() {
        let (room, _) = rooms.iter().find(|(_, room)| room.id == reservation.room).unwrap();
        let owner = tx.users().get(reservation.owner).await.unwrap().unwrap().login.to_string();
        let dates = tx.occurrences().of(reservation.id).await.unwrap();
        let text = match tx.resources().get(reservation.source).await.unwrap() {
            Some(source) => {
                let calendar = tx.calendars().get(source.calendar).await.unwrap().unwrap();
                Some((calendar.owner, source.name))
            }
            None => None,
        };
        let dates = dates.into_iter().map(|it| it.facts).collect();
        all.push(Booking { id: reservation.id, room, uid: reservation.uid, owner, dates, text });
    }
    all.sort_by_key(|booking| booking.id);
    all
}

pub(super) fn is_had(facts: &OccurrenceFacts) -> bool {
    matches!(facts.state, OccurrenceState::Confirmed | OccurrenceState::Held)
}

impl Booking {
    /// What it has, confirmed or waiting.
    pub(super) fn had(&self) -> Vec<(RecurrenceId, Period, OccurrenceState)> {
        self.dates.iter().filter(|it| is_had(it)).map(|it| (it.id, it.period, it.state)).collect()
    }

    /// Whether it has all that it was asked for, and none of it is going on.
    pub(super) fn has_all(&self, now: Instant) -> bool {
        self.dates.iter().all(|it| is_had(it) && it.period.start > now)
    }

    /// The next date of a series.
    pub(super) fn first_date(&self, now: Instant) -> Option<Instant> {
        let next = self.dates.iter().find(|it| is_had(it) && it.period.end > now)?;
        next.id.instant()
    }

    /// Where its owner writes it.
    pub(super) fn href(&self, client: &Client<'_>) -> Option<String> {
        let (owner, name) = self.text.as_ref()?;
        Some(match owner {
            CalendarOwner::Room(_) => format!("{}{name}", client.room(self.room)),
            CalendarOwner::Person(_) => format!("{}{name}", client.own()),
        })
    }
}

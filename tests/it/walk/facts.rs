//! What must be true of the database in every committed state, and how it agrees with the texts
//! that clients are served.

use std::collections::BTreeMap;

use roomdav::domain::attendee::PartStat;
use roomdav::domain::claim::Claim;
use roomdav::domain::event::Event;
use roomdav::domain::id::{Slug, SpaceId, UserId};
use roomdav::domain::occurrence::OccurrenceFacts;
use roomdav::domain::recurrence::{self, Budget, Occurrence, RecurrenceId};
use roomdav::domain::space::Room;
use roomdav::domain::state::OccurrenceState;
use roomdav::domain::time::{Instant, Period, Zone};
use roomdav::ical::{CalendarObject, Limits};
use roomdav::store::{Reservation, ReservationFilter, Resource, Tx};

use super::command::{PEOPLE, ROOMS};
use crate::support::TestServer;

const END_OF_TIME: Instant = Instant::from_secs(4_102_444_800);

/// Every claim there is, so that a refusal can be held to have changed none.
pub(super) async fn claims(server: &TestServer) -> Vec<Claim> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let mut spaces: Vec<SpaceId> = Vec::new();
    for slug in ROOMS {
        spaces.extend(room(&mut tx, slug).await.spaces);
    }
    spaces.sort_unstable();
    spaces.dedup();
    let ever = Period { start: Instant::from_secs(1_600_000_000), end: END_OF_TIME };
    tx.occurrences().neighbours(&spaces, &[ever], &[]).await.unwrap()
}

async fn room(tx: &mut Tx<'_>, slug: &str) -> Room {
    tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap()
}

/// R1, R80: at no instant more than there is.
pub(super) fn nobody_is_booked_twice(claims: &[Claim], units: &BTreeMap<SpaceId, i64>) {
    for claim in claims {
        // The number in use can only rise where a claim begins.
        let at = claim.occupied.start;
        let here = claims.iter().filter(|other| {
            other.space == claim.space && other.occupied.start <= at && at < other.occupied.end
        });
        let used: i64 = here.clone().map(|other| other.units).sum();
        assert!(used <= units[&claim.space], "{:?}", here.collect::<Vec<_>>());
    }
}

pub(super) async fn units(server: &TestServer) -> BTreeMap<SpaceId, i64> {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let mut units = BTreeMap::new();
    for slug in ROOMS {
        let room = room(&mut tx, slug).await.id;
        let spaces = tx.spaces().of_room(room).await.unwrap();
        units.extend(spaces.into_iter().map(|space| (space.id, space.units)));
    }
    units
}

/// What the database's own check finds.
pub(super) async fn rows_fit_together(server: &TestServer) {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let found = snapshot.tx().check().rows(server.clock.now()).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
}

/// R4: what each calendar's text says is what is claimed, and the other way round.
pub(super) async fn texts_say_what_is_claimed(server: &TestServer) {
    let now = server.clock.now();
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    for slug in ROOMS {
        let room = room(&mut tx, slug).await;
        let calendar = tx.calendars().of_room(room.id).await.unwrap().unwrap().id;
        let shown = tx.resources().list(calendar, UserId::new(0)).await.unwrap();
        let filter = ReservationFilter { room: Some(room.id), ..ReservationFilter::default() };
        for reservation in tx.reservations().list(filter).await.unwrap() {
            let all = tx.occurrences().of(reservation.id).await.unwrap();
            let facts: Vec<_> = all.into_iter().map(|stored| stored.facts).collect();
            let member = shown.iter().find(|member| member.reservation == Some(reservation.id));
            let event = match member {
                Some(member) => Some(event_of(&mut tx, member).await),
                None => None,
            };
            let seen = event.map_or_else(Vec::new, |event| ahead(&event, &room, &reservation, now));
            let seen: Vec<Period> = seen.iter().map(|occurrence| occurrence.period).collect();
            let text = match member {
                Some(member) => String::from_utf8(tx.resources().text(member.id).await.unwrap()).unwrap(),
                None => String::new(),
            };
            assert_eq!(seen, confirmed(&facts, now), "{slug}: {reservation:?} {facts:?}\n{text}");
            invitation_says_so(&mut tx, &room, &reservation, &facts, now).await;
        }
        for member in &shown {
            assert!(
                member.reservation.is_some() || is_cancelled(&mut tx, member).await,
                "{slug}: {member:?}"
            );
        }
    }
}

/// What the room has given for times that are not over, and what passed on to a continuation: that stands
/// in the old text until its writer, or the server, takes it out (R62).
fn confirmed(facts: &[OccurrenceFacts], now: Instant) -> Vec<Period> {
    let mut all: Vec<Period> = facts
        .iter()
        .filter(|facts| is_shown(facts) && facts.period.end > now)
        .inspect(|facts| {
            let is_confirmed = facts.state == OccurrenceState::Confirmed;
            assert_eq!(is_confirmed, facts.claim.is_some(), "confirmed without a claim: {facts:?}");
        })
        .map(|facts| facts.period)
        .collect();
    all.sort_unstable();
    all
}

async fn event_of(tx: &mut Tx<'_>, member: &Resource) -> Event {
    let text = tx.resources().text(member.id).await.unwrap();
    CalendarObject::parse(text.into(), &Limits::default()).unwrap().event().unwrap().clone()
}

async fn is_cancelled(tx: &mut Tx<'_>, member: &Resource) -> bool {
    event_of(tx, member).await.parts().all(|part| part.status == roomdav::domain::event::Status::Cancelled)
}

/// The occurrences of a text that are not over, as far as the room looked ahead.
fn ahead(event: &Event, room: &Room, reservation: &Reservation, now: Instant) -> Vec<Occurrence> {
    // Where nothing is claimed there is no horizon; what is asked for lies in these weeks.
    let window = Period { start: now, end: reservation.horizon.unwrap_or(now.plus(100 * 86_400)) };
    let found = recurrence::occurrences(event, &room.zone, window, &Budget::default()).unwrap();
    let mut all: Vec<_> = found.into_iter().filter(|occurrence| occurrence.period.end > now).collect();
    all.sort_by_key(|occurrence| occurrence.period);
    all
}

/// R121: each date of the organizer's object says ACCEPTED exactly if the room has it.
async fn invitation_says_so(
    tx: &mut Tx<'_>,
    room: &Room,
    reservation: &Reservation,
    facts: &[OccurrenceFacts],
    now: Instant,
) {
    let source = tx.resources().get(reservation.source).await.unwrap();
    // Of a reservation that was given up nothing but its past, or a slot in grace, is left.
    let Some(source) = source else { return };
    let event = event_of(tx, &source).await;
    for occurrence in ahead(&event, room, reservation, now) {
        let part = occurrence.part.part(&event).unwrap();
        let addresses = room.addresses();
        let is_room = |address| addresses.contains(address);
        let Some(asked) = part.attendees.iter().find(|attendee| attendee.addresses().any(is_room)) else {
            continue;
        };
        let says = asked.partstat == PartStat::Accepted;
        assert_eq!(says, has(facts, occurrence.id), "{}: {occurrence:?} {facts:?} {asked:?}", room.slug);
    }
}

fn has(facts: &[OccurrenceFacts], id: RecurrenceId) -> bool {
    facts.iter().any(|facts| facts.id == id && is_shown(facts))
}

fn is_shown(facts: &OccurrenceFacts) -> bool {
    let is_passed_on = facts.state == OccurrenceState::Cancelled && facts.expires_at.is_some();
    facts.state == OccurrenceState::Confirmed || is_passed_on
}

/// RFC 6638: whoever is invited has what the organizer has, and both say the same of each answer.
pub(super) async fn guests_have_what_the_organizer_has(server: &TestServer) {
    let now = server.clock.now();
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let mut all: BTreeMap<(usize, String), Event> = BTreeMap::new();
    for (who, login) in PEOPLE.iter().enumerate() {
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let calendar = tx.calendars().named(user.id, "reservations").await.unwrap().unwrap();
        for member in tx.resources().list(calendar.id, user.id).await.unwrap() {
            if member.uid.starts_with('i') {
                let event = event_of(&mut tx, &member).await;
                all.insert((who, member.uid.clone()), event);
            }
        }
    }
    for ((who, uid), copy) in &all {
        let host = usize::from(uid.as_bytes()[1] - b'0');
        let organizer = Event::first(copy).unwrap().organizer.clone();
        let is_copy =
            organizer.is_some_and(|it| it.as_str() == format!("mailto:{}@example.org", PEOPLE[host]));
        if *who == host || !is_copy {
            continue;
        }
        let told = answers(copy, *who, now);
        let given = all.get(&(host, uid.clone())).map_or_else(Vec::new, |event| answers(event, *who, now));
        for answer in &told {
            assert!(given.contains(answer), "{uid} of {}: {told:?} {given:?}", PEOPLE[*who]);
        }
        let declined = PartStat::Declined;
        for answer in given.iter().filter(|(_, partstat)| *partstat != declined) {
            assert!(told.contains(answer), "{uid} of {}: {told:?} {given:?}", PEOPLE[*who]);
        }
    }
    for ((host, uid), event) in &all {
        for who in (0..PEOPLE.len()).filter(|who| who != host && uid.starts_with(&format!("i{host}"))) {
            let stands = answers(event, who, now).iter().all(|(_, partstat)| *partstat == PartStat::Declined);
            assert!(stands || all.contains_key(&(who, uid.clone())), "{uid} of {} is gone", PEOPLE[who]);
        }
    }
}

/// The dates to come to which somebody is invited, with what he said.
fn answers(event: &Event, who: usize, now: Instant) -> Vec<(Period, PartStat)> {
    let zone = Zone::iana("Europe/Berlin").unwrap();
    let window = Period { start: now, end: now.plus(40 * 86_400) };
    let address = format!("mailto:{}@example.org", PEOPLE[who]);
    let mut all = Vec::new();
    for occurrence in recurrence::occurrences(event, &zone, window, &Budget::default()).unwrap() {
        let part = occurrence.part.part(event).unwrap();
        let invited = part.attendees.iter().find(|attendee| attendee.address.as_str() == address);
        all.extend(invited.map(|attendee| (occurrence.period, attendee.partstat)));
    }
    all.sort_by_key(|(period, _)| *period);
    all
}

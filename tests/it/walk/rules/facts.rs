//! What must be true after every command, whoever gave it (section 2 of the booking rules).

use std::collections::BTreeMap;

use roomdav::domain::attendee::PartStat;
use roomdav::domain::event::Event;
use roomdav::domain::id::{SpaceId, UserId};
use roomdav::domain::occurrence::OccurrenceFacts;
use roomdav::domain::recurrence::{self, Budget, Occurrence};
use roomdav::domain::state::OccurrenceState;
use roomdav::domain::time::{Instant, Period};
use roomdav::ical::{CalendarObject, Limits};
use roomdav::store::Tx;

use super::command::PEOPLE;
use super::house::Became;
use super::picture::{Booking, Picture, is_had};
use crate::support::TestServer;

/// R1, R80, R81, R91, R140: claims are what the states say, buffers included, and never too many.
pub(super) fn claims_are_right(picture: &Picture, now: Instant) {
    let units: BTreeMap<SpaceId, i64> = picture
        .rooms
        .iter()
        .flat_map(|(slug, room)| {
            room.spaces.iter().map(|space| (*space, if *slug == "desks" { 2 } else { 1 }))
        })
        .collect();
    super::super::facts::nobody_is_booked_twice(&picture.claims, &units);
    for booking in &picture.bookings {
        let (setup, teardown) = match booking.room {
            "left" => (900, 900),
            "desks" => (0, 1800),
            _ => (0, 0),
        };
        for facts in booking.dates.iter().filter(|it| it.period.end > now) {
            let is_claimed = match facts.state {
                OccurrenceState::Confirmed => true,
                OccurrenceState::Held => booking.room != "queue",
                OccurrenceState::Grace => facts.claim.is_some(),
                _ => false,
            };
            assert_eq!(facts.claim.is_some(), is_claimed, "{booking:?}");
            let Some((occupied, _)) = facts.claim.filter(|_| is_had(facts)) else { continue };
            let whole =
                Period { start: facts.period.start.plus(-setup), end: facts.period.end.plus(teardown) };
            assert_eq!(occupied, whole, "R81: {booking:?}");
        }
    }
}

/// R92: what a hard block has closed is nobody's.
pub(super) fn closed_is_closed(picture: &Picture, now: Instant) {
    for block in picture.blocks.iter().filter(|block| block.hard) {
        let room = picture.rooms.values().find(|room| room.id == block.room).unwrap();
        let at = |local: &str| room.zone.to_instant(local.parse().unwrap());
        let closed = Period { start: at(&block.start_local), end: at(&block.end_local) };
        let is_in = |space: &SpaceId, occupied: &Period| {
            room.spaces.contains(space) && occupied.overlaps(&closed) && occupied.end > now
        };
        for claim in picture.claims.iter().filter(|claim| is_in(&claim.space, &claim.occupied)) {
            // What had begun before the block is cut to then.
            assert!(claim.occupied.end <= now, "{block:?} {claim:?}");
        }
    }
}

/// R2: whoever lost something by somebody else's doing is told. (That a row of the audit says why is held
/// by the replay.)
pub(super) fn losses_are_told(before: &Picture, after: &Picture, became: &Became, now: Instant) {
    let by = match became {
        Became::Own(who) | Became::Other(Some(who)) => Some(PEOPLE[*who]),
        Became::Transferred => return,
        _ => None,
    };
    for old in &before.bookings {
        let new = after.bookings.iter().find(|it| it.id == old.id);
        let is_kept = |facts: &OccurrenceFacts| {
            let same = |it: &&OccurrenceFacts| it.id == facts.id && it.state.claims();
            new.is_some_and(|new| new.dates.iter().any(|it| same(&it)))
        };
        let lost: Vec<_> =
            old.dates.iter().filter(|it| is_had(it) && it.period.end > now && !is_kept(it)).collect();
        let is_own = by == Some(old.owner.as_str()) || by == Some("eve") && old.owner.starts_with("guest");
        assert!(lost.is_empty() || is_own || after.tells(&old.owner, before), "R2: {old:?} {new:?}");
    }
}

/// R5, R7: what one person asks for, or is refused, changes nothing that others have.
pub(super) fn others_keep_what_they_have(before: &Picture, after: &Picture, became: &Became) {
    let of_others = |picture: &Picture| -> Vec<Booking> {
        let is_meant = |it: &&Booking| match became {
            Became::Refused | Became::Nothing => true,
            Became::Own(who) => it.owner != PEOPLE[*who] && PEOPLE.contains(&it.owner.as_str()),
            Became::Other(_) | Became::Transferred => false,
        };
        picture.bookings.iter().filter(is_meant).cloned().collect()
    };
    assert_eq!(of_others(after), of_others(before), "R5, R7: {became:?}");
    if *became == Became::Transferred {
        let places = |picture: &Picture| {
            let claims = picture.claims.iter().map(|claim| (claim.space, claim.occupied, claim.units));
            claims.collect::<Vec<_>>()
        };
        assert_eq!(places(after), places(before), "R90");
    }
}

/// R4: what each calendar's text says is what is stored, and so is each answer in it.
pub(super) async fn texts_say_what_is_stored(server: &TestServer, picture: &Picture) {
    let now = server.clock.now();
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    for booking in &picture.bookings {
        let room = &picture.rooms[booking.room];
        let calendar = tx.calendars().of_room(room.id).await.unwrap().unwrap().id;
        let shown = tx.resources().list(calendar, UserId::new(0)).await.unwrap();
        let shown = shown.iter().find(|member| member.reservation == Some(booking.id));
        let horizon = tx.reservations().get(booking.id).await.unwrap().unwrap().horizon;
        let window = Period { start: now, end: horizon.unwrap_or(now.plus(100 * 86_400)) };
        let mut seen = Vec::new();
        let mut text = String::new();
        if let Some(member) = shown {
            let (event, written) = event_of(&mut tx, member.id).await;
            text = written;
            seen = ahead(&event, picture, booking, window).into_iter().map(|it| it.period).collect();
        }
        let is_shown = |it: &&OccurrenceFacts| (is_had(it) || is_passed_on(it)) && it.period.end > now;
        let mut stored: Vec<Period> = booking.dates.iter().filter(is_shown).map(|it| it.period).collect();
        stored.sort_unstable();
        assert_eq!(seen, stored, "R4: {booking:?}\n{text}");
        answers_are_stored(&mut tx, picture, booking, window).await;
    }
}

/// R51, R70, R121: each date of an invitation says what became of it.
async fn answers_are_stored(tx: &mut Tx<'_>, picture: &Picture, booking: &Booking, window: Period) {
    let source = tx.reservations().get(booking.id).await.unwrap().unwrap().source;
    if tx.resources().get(source).await.unwrap().is_none() {
        return;
    }
    let addresses = picture.rooms[booking.room].addresses();
    let (event, text) = event_of(tx, source).await;
    for occurrence in ahead(&event, picture, booking, window) {
        let part = occurrence.part.part(&event).unwrap();
        let is_room = |address| addresses.contains(address);
        let Some(asked) = part.attendees.iter().find(|it| it.addresses().any(is_room)) else { continue };
        let stored =
            booking.dates.iter().find(|it| it.id == occurrence.id && (is_had(it) || is_passed_on(it)));
        let says = match asked.partstat {
            PartStat::Accepted => Some(OccurrenceState::Confirmed),
            PartStat::Tentative => Some(OccurrenceState::Held),
            _ => None,
        };
        if stored.is_some_and(is_passed_on) {
            assert!(says.is_some(), "R62: {occurrence:?} {booking:?}\n{text}");
            continue;
        }
        let is = stored.map(|it| it.state);
        assert_eq!(says, is, "R4: {occurrence:?} {booking:?}\n{text}");
    }
}

/// R62: it stands in the old text until its writer, or the server, takes it out.
fn is_passed_on(facts: &OccurrenceFacts) -> bool {
    facts.state == OccurrenceState::Cancelled && facts.expires_at.is_some()
}

async fn event_of(tx: &mut Tx<'_>, id: roomdav::domain::id::ResourceId) -> (Event, String) {
    let text = String::from_utf8(tx.resources().text(id).await.unwrap()).unwrap();
    let object = CalendarObject::parse(text.clone().into(), &Limits::default()).unwrap();
    (object.event().unwrap().clone(), text)
}

fn ahead(event: &Event, picture: &Picture, booking: &Booking, window: Period) -> Vec<Occurrence> {
    let zone = &picture.rooms[booking.room].zone;
    let found = recurrence::occurrences(event, zone, window, &Budget::default()).unwrap();
    let mut all: Vec<_> = found.into_iter().filter(|it| it.period.end > window.start).collect();
    all.sort_by_key(|it| it.period);
    all
}

//! `room set`: the settings of a room (booking rules, section 19), and what it began with.

use crate::booking::access::{RoomState, room_state};
use crate::booking::displace::{self, Displaced, Displacing, Hit, Taking};
use crate::booking::rebuild::{Becoming, rebuild};
use crate::booking::{Actor, Bookings, Error, block};
use crate::domain::attendee::Address;
use crate::domain::id::{Slug, SpaceId};
use crate::domain::settings::{Audience, SETTINGS, Setting, Settings};
use crate::domain::space::{Room, Scope};
use crate::domain::time::{Instant, Zone};
use crate::store::Tx;
use crate::text::{self, Why};

use super::grants::grantee;
use super::rooms::{address_is_free, room, room_to_change};
use super::{AdminError, Change, listed};

/// The keys that are no settings but facts of the room, as in `room add`.
pub const ROOM_KEYS: [&str; 7] = ["name", "zone", "email", "seats", "building", "floor", "features"];

/// This value takes a setting back, so that the next level's holds again.
pub(super) const INHERIT: &str = "default";

impl Bookings {
    /// Sets several keys of a room at once, or none of them. `none` empties a fact that may be
    /// empty, `default` takes a setting back.
    ///
    /// # Errors
    /// `Refused` for an unknown key or an impossible value, with the list of what is possible; and
    /// for what would take the room away from reservations, with the list of them.
    pub async fn set_room(&self, slug: Slug, pairs: Vec<(String, String)>) -> Result<(), AdminError> {
        self.make(SetRoom { slug, pairs }).await
    }
}

impl Bookings {
    /// As [`Bookings::set_room`], but what takes the room from reservations (another zone, fewer units) is
    /// done once it is `confirmed`: those that claimed last lose their places (R131, R132).
    ///
    /// # Errors
    /// `Refused` for an unknown key or an impossible value.
    pub async fn change_room(
        &self,
        slug: Slug,
        pairs: Vec<(String, String)>,
        confirmed: bool,
    ) -> Result<Displacing<()>, AdminError> {
        let mut snapshot = self.store.snapshot().await?;
        let spaces = room(&mut snapshot.tx(), &slug).await?.spaces;
        drop(snapshot);
        self.displace(&Actor::operator(), ChangeRoom { slug, pairs, spaces }, confirmed).await
    }
}

struct ChangeRoom {
    slug: Slug,
    pairs: Vec<(String, String)>,
    spaces: Vec<SpaceId>,
}

impl ChangeRoom {
    fn value(&self, key: &str) -> Option<&str> {
        let of_key = self.pairs.iter().rev().find(|(known, _)| known == key);
        of_key.map(|(_, value)| value.trim())
    }
}

impl Taking for ChangeRoom {
    type Done = ();
    type Error = AdminError;

    fn is_moved(error: &AdminError) -> bool {
        matches!(error, AdminError::Booking(Error::Moved))
    }

    fn spaces(&self) -> &[SpaceId] {
        &self.spaces
    }

    fn why(&self) -> (&'static str, Why<'_>) {
        if self.value("zone").is_some() { ("R131", Why::Zone) } else { ("R132", Why::Units) }
    }

    async fn hits(&self, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Hit>, AdminError> {
        let room = room(tx, &self.slug).await?;
        let state = state_of(tx, &room).await?;
        // What cannot be is refused with a sentence when it is set.
        let zone = self.value("zone").and_then(Zone::iana).unwrap_or_else(|| room.zone.clone());
        let mut capacity = state.rules.spaces.clone();
        if let Some(units) = self.value("units") {
            let units = check(tx, "units", units).await?.units;
            capacity = vec![(own_space(tx, &room).await?, units)];
        }
        if zone == room.zone && capacity == state.rules.spaces {
            return Ok(Vec::new());
        }
        Ok(rebuild(tx, &Becoming { room: &state, zone: &zone, capacity }, now).await?.lost)
    }

    async fn take(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let room = room(tx, &self.slug).await?;
        set_keys(tx, room, &self.pairs, now).await
    }
}

struct SetRoom {
    slug: Slug,
    pairs: Vec<(String, String)>,
}

impl Change for SetRoom {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), AdminError> {
        let room = room_to_change(tx, &self.slug).await?;
        set_keys(tx, room, &self.pairs, now).await
    }
}

/// As [`Bookings::set_room`], inside a transaction that does more than this and has locked the spaces
/// of the room before it was read.
///
/// # Errors
/// As there; then the whole transaction is to be given up.
pub async fn set_keys(
    tx: &mut Tx<'_>,
    mut room: Room,
    pairs: &[(String, String)],
    now: Instant,
) -> Result<(), AdminError> {
    for (key, value) in pairs {
        let value = value.trim();
        if ROOM_KEYS.contains(&key.as_str()) {
            set_fact(tx, &mut room, key, value, now).await?;
        } else {
            set_setting(tx, &room, key, value, now).await?;
        }
    }
    if let Some(calendar) = tx.calendars().of_room(room.id).await? {
        tx.push().properties_changed(calendar.id, None).await?;
    }
    Ok(tx.rooms().update(&room).await?)
}

async fn set_fact(
    tx: &mut Tx<'_>,
    room: &mut Room,
    key: &str,
    value: &str,
    now: Instant,
) -> Result<(), AdminError> {
    let impossible =
        |possible: &str| AdminError::refused(format!("{key} cannot be {value:?}; possible: {possible}"));
    let optional = (value != "none").then(|| value.to_owned());
    match key {
        "name" if value.is_empty() => return Err(impossible("any text")),
        "name" => value.clone_into(&mut room.name),
        "zone" => {
            let zone = Zone::iana(value).ok_or_else(|| impossible("a time zone such as Europe/Berlin"))?;
            set_zone(tx, room, zone, now).await?;
        }
        "email" => {
            room.email = optional.as_deref().map(Address::new);
            if let Some(email) = &room.email {
                email.mail().ok_or_else(|| impossible("a mail address, none"))?;
                address_is_free(tx, Some(room.id), email).await?;
            }
        }
        "seats" => {
            let read = |text: String| text.parse::<i64>().ok().filter(|seats| *seats >= 0);
            room.seats = optional
                .map(|text| read(text).ok_or(()))
                .transpose()
                .map_err(|()| impossible("a number, none"))?;
        }
        "building" => room.building = optional,
        "floor" => room.floor = optional,
        _ => room.features = features(optional.as_deref().unwrap_or_default()),
    }
    Ok(())
}

/// The features in a list with commas.
fn features(text: &str) -> Vec<String> {
    text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// All-day and floating times are the room's: they move with its clock (R131), and so do its blocks.
async fn set_zone(tx: &mut Tx<'_>, room: &mut Room, zone: Zone, now: Instant) -> Result<(), AdminError> {
    if zone == room.zone {
        return Ok(());
    }
    let state = state_of(tx, room).await?;
    let becoming = Becoming { room: &state, zone: &zone, capacity: state.rules.spaces.clone() };
    let rebuilt = rebuild(tx, &becoming, now).await?;
    let sentence = format!("with zone={} these dates would have no place", zone.name());
    refuse_lost(tx, &rebuilt.lost, &sentence).await?;
    rebuilt.write(tx, &state.rules.spaces, now).await?;
    room.zone = zone;
    tx.rooms().update(room).await?;
    Ok(block::lay_out_anew(tx, room.id, &Actor::operator(), now).await?)
}

async fn state_of(tx: &mut Tx<'_>, room: &Room) -> Result<RoomState, AdminError> {
    let state = room_state(tx, room.id, &Actor::operator()).await?;
    state.ok_or_else(|| AdminError::refused(format!("there is no room {}", room.slug)))
}

/// What would be lost, a line each.
async fn refuse_lost(tx: &mut Tx<'_>, lost: &[Hit], sentence: &str) -> Result<(), AdminError> {
    if lost.is_empty() {
        return Ok(());
    }
    let line = |lost: &Displaced| {
        let when = text::when(text::Language::English, &lost.period, lost.all_day, &lost.zone);
        format!("{}: {:?} of {}, {when}", lost.reservation, lost.summary, lost.owner)
    };
    let lines = displace::describe(tx, lost).await?.iter().map(line).collect();
    Err(listed(sentence, lines))
}

async fn set_setting(
    tx: &mut Tx<'_>,
    room: &Room,
    key: &str,
    value: &str,
    now: Instant,
) -> Result<(), AdminError> {
    if !SETTINGS.iter().any(|setting| setting.key == key) {
        return Err(AdminError::refused(unknown(key)));
    }
    let settings = check(tx, key, value).await?;
    if key == "units" {
        set_units(tx, room, settings.units, now).await?;
    }
    let kept = (value != INHERIT).then_some(value);
    Ok(tx.settings().set(Scope::Room(room.id), key, kept).await?)
}

/// The units of a room's own space (R80); fewer than are taken side by side are refused (R132).
async fn set_units(tx: &mut Tx<'_>, room: &Room, units: i64, now: Instant) -> Result<(), AdminError> {
    let state = state_of(tx, room).await?;
    let own = own_space(tx, room).await?;
    let becoming = Becoming { room: &state, zone: &room.zone, capacity: vec![(own, units)] };
    let rebuilt = rebuild(tx, &becoming, now).await?;
    refuse_lost(tx, &rebuilt.lost, &format!("with units={units} these dates would have no place")).await?;
    Ok(tx.spaces().set_units(own, units, now).await?)
}

/// The space that is the room's own.
async fn own_space(tx: &mut Tx<'_>, room: &Room) -> Result<SpaceId, AdminError> {
    let spaces = tx.spaces().of_room(room.id).await?;
    let own = spaces.iter().find(|space| space.name == room.slug.as_str());
    let own = own.filter(|_| spaces.len() == 1).ok_or_else(|| {
        let slug = &room.slug;
        AdminError::refused(format!("room {slug} is made of other rooms; set the units of its parts"))
    })?;
    Ok(own.id)
}

/// Refuses what a setting cannot be, at whichever level: an impossible value, or an audience that names
/// somebody who is not there. Gives the default settings with this value.
pub(super) async fn check(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<Settings, AdminError> {
    let setting = Setting::named(key).map_err(|bad| AdminError::refused(bad.to_string()))?;
    let effective = if value == INHERIT { setting.default } else { value };
    let mut settings = Settings::default();
    settings.set(key, effective).map_err(|bad| AdminError::refused(bad.to_string()))?;
    let audience = match key {
        "book" => Some(&settings.book),
        "request" => Some(&settings.request),
        "request_out" => Some(&settings.request_out),
        _ => None,
    };
    if let Some(Audience::Named(principals)) = audience {
        for principal in principals {
            grantee(tx, principal).await?;
        }
    }
    Ok(settings)
}

fn unknown(key: &str) -> String {
    let keys: Vec<&str> = ROOM_KEYS.into_iter().chain(SETTINGS.iter().map(|setting| setting.key)).collect();
    format!("there is no setting {key:?}; there are {}", keys.join(", "))
}

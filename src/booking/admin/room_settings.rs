//! `room set`: the settings of a room (booking rules, section 19), and what it began with.

use crate::booking::Bookings;
use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::settings::{Audience, SETTINGS, Setting, Settings};
use crate::domain::space::{Room, Scope};
use crate::domain::time::{Instant, Zone};
use crate::store::Tx;

use super::grants::grantee;
use super::rooms::{address_is_free, room_to_change};
use super::{AdminError, Change, future, listed, units};

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

/// All-day and floating times are the room's: reservations to come would move with it.
async fn set_zone(tx: &mut Tx<'_>, room: &mut Room, zone: Zone, now: Instant) -> Result<(), AdminError> {
    if zone == room.zone {
        return Ok(());
    }
    let to_come = future::reservations(tx, room.id, &room.zone, now).await?;
    if !to_come.is_empty() {
        let lines = to_come.into_iter().map(|reservation| reservation.line).collect();
        let sentence =
            format!("room {} cannot move to another zone while it has reservations to come", room.slug);
        return Err(listed(&sentence, lines));
    }
    if !tx.blocks().list(Some(room.id)).await?.is_empty() {
        let sentence =
            format!("room {} cannot move to another zone while it has blocks; remove them", room.slug);
        return Err(AdminError::refused(sentence));
    }
    room.zone = zone;
    Ok(())
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
        units::set(tx, room, settings.units, now).await?;
    }
    let kept = (value != INHERIT).then_some(value);
    Ok(tx.settings().set(Scope::Room(room.id), key, kept).await?)
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

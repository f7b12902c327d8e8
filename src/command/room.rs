//! `room`: rooms, their settings, and who may do what there. Groups of them are in [`super::room_group`],
//! looking for one is in [`super::room_find`].

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::booking::Actor;
use crate::booking::access::room_state;
use crate::booking::admin::RoomFacts;
use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::settings::Principal;
use crate::domain::space::{Grantee, Room, Space};
use crate::domain::time::Zone;
use crate::store::Tx;

use super::context::{Context, name, pair, principal, room};
use super::displaced;
use super::failure::Failure;
use super::output::Output;
use super::room_find;
use super::room_group;
use super::user::{address, plain};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a room
    Add(Add),
    /// All rooms
    List,
    /// One room, with its settings and grants
    Show {
        #[arg(value_parser = name)]
        slug: Slug,
    },
    /// Set what the room began with, or a setting; "default" takes a setting back
    Set {
        #[arg(value_parser = name)]
        slug: Slug,
        #[arg(required = true, value_parser = pair, value_name = "KEY=VALUE")]
        pairs: Vec<(String, String)>,
        /// Take the room from the dates that have no place then; without it they are printed
        #[arg(long)]
        yes: bool,
    },
    /// Let a person or group:NAME see, book or manage the room; "none" takes everything back
    Grant {
        #[arg(value_parser = name)]
        slug: Slug,
        #[arg(value_parser = principal)]
        principal: Principal,
        level: String,
    },
    /// Rooms that are free, and why the others are not
    Find(room_find::Find),
    /// Groups of rooms, which have settings in common
    #[command(subcommand)]
    Group(room_group::Command),
    /// Take a room out of use; its history stays
    Remove {
        #[arg(value_parser = name)]
        slug: Slug,
        /// Cancel the reservations it still has to come
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Its name in URLs
    #[arg(value_parser = name)]
    slug: Slug,
    /// Its name for people
    #[arg(long)]
    name: String,
    /// Its time zone, such as Europe/Berlin
    #[arg(long, value_parser = zone)]
    zone: Zone,
    /// The mail address that invites it
    #[arg(long, value_parser = address)]
    email: Option<Address>,
    /// How many people it is meant for
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    seats: Option<i64>,
    /// The building's name
    #[arg(long)]
    building: Option<String>,
    /// The floor's name
    #[arg(long)]
    floor: Option<String>,
    /// What is in it, separated by commas
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// The rooms it is made of, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = name, value_name = "SLUG")]
    parts: Vec<Slug>,
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::iana(text).ok_or_else(|| format!("there is no time zone {text:?}"))
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add(new) => add(context, new).await,
        Command::List => list(context).await,
        Command::Show { slug } => show(context, &slug).await,
        Command::Set { slug, pairs, yes } => {
            let done = context.bookings.change_room(slug.clone(), pairs, yes).await?;
            let told = || (format!("changed {slug}"), json!({"slug": slug.as_str()}));
            Ok(displaced::output(done, |()| told()))
        }
        Command::Grant { slug, principal, level } => {
            context.bookings.grant(slug.clone(), principal, &level).await?;
            Ok(done("changed the grants of", &slug))
        }
        Command::Find(find) => room_find::run(context, find).await,
        Command::Group(command) => room_group::run(context, command).await,
        Command::Remove { slug, yes } => {
            context.bookings.remove_room(slug.clone(), yes).await?;
            Ok(done("removed", &slug))
        }
    }
}

fn done(what: &str, slug: &Slug) -> Output {
    Output::done(&format!("{what} {slug}"), json!({"slug": slug.as_str()}))
}

async fn add(context: &Context, add: Add) -> Result<Output, Failure> {
    let slug = add.slug.to_string();
    let features = add.features.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty());
    let facts = RoomFacts {
        features: features.collect(),
        slug: add.slug,
        name: add.name,
        zone: add.zone,
        email: add.email,
        seats: add.seats,
        building: add.building,
        floor: add.floor,
        parts: add.parts,
    };
    let id = context.bookings.add_room(facts).await?;
    Ok(Output::done(&format!("added {slug}"), json!({"id": id.get(), "slug": slug})))
}

async fn list(context: &Context) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let mut rows = Vec::new();
    for room in tx.rooms().list().await? {
        rows.push(row(&mut tx, &room).await?);
    }
    let columns = ["id", "slug", "name", "zone", "email", "seats", "building", "parts", "units", "removed"];
    Ok(Output::listing(&columns, rows))
}

async fn show(context: &Context, slug: &Slug) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let room = room(&mut tx, slug).await?;
    let mut value = row(&mut tx, &room).await?;
    value["uuid"] = json!(room.uuid);
    value["grants"] = grants(&mut tx, &room).await?;
    value["settings"] = settings(&mut tx, &room).await?;
    let members = [
        "id", "slug", "name", "zone", "email", "seats", "building", "floor", "features", "parts", "units",
        "removed", "uuid", "grants",
    ];
    Ok(Output::object_with_list(&members, value, "settings", &["key", "value", "set_by"]))
}

async fn row(tx: &mut Tx<'_>, room: &Room) -> Result<Value, Failure> {
    let spaces = tx.spaces().of_room(room.id).await?;
    let is_own = matches!(spaces.as_slice(), [own] if own.name == room.slug.as_str());
    let parts: Vec<&str> =
        if is_own { Vec::new() } else { spaces.iter().map(|space| space.name.as_str()).collect() };
    Ok(json!({
        "id": room.id.get(),
        "slug": room.slug.as_str(),
        "name": room.name,
        "zone": room.zone.name(),
        "email": room.email.as_ref().map(plain),
        "seats": room.seats,
        "building": room.building,
        "floor": room.floor,
        "features": room.features,
        "parts": parts,
        "units": units(&spaces),
        "removed": room.removed,
    }))
}

/// As many bookings fit side by side as the tightest space takes.
fn units(spaces: &[Space]) -> i64 {
    spaces.iter().map(|space| space.units).min().unwrap_or(1)
}

async fn grants(tx: &mut Tx<'_>, room: &Room) -> Result<Value, Failure> {
    let groups = tx.groups().list().await?;
    let mut rows = Vec::new();
    for grant in tx.grants().on_room(room.id).await? {
        let principal = match grant.to {
            Grantee::User(user) => tx.users().get(user).await?.map(|user| user.login.to_string()),
            Grantee::Group(id) => {
                groups.iter().find(|group| group.id == id).map(|group| format!("group:{}", group.name))
            }
        };
        rows.push(json!({"principal": principal, "level": grant.level}));
    }
    Ok(Value::Array(rows))
}

/// Every setting as it is in force, and where it was set.
async fn settings(tx: &mut Tx<'_>, room: &Room) -> Result<Value, Failure> {
    let state = room_state(tx, room.id, &Actor::operator()).await?;
    let Some(state) = state else { return Ok(Value::Array(Vec::new())) };
    let rows = state
        .resolved
        .listed()
        .map(|(setting, value, level)| json!({"key": setting.key, "value": value, "set_by": level}));
    Ok(Value::Array(rows.collect()))
}

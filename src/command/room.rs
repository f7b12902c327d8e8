//! `room`: rooms, their settings, and who may do what there.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::booking::admin::RoomFacts;
use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::time::Zone;

use super::context::{Context, name};
use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a room
    Add(Add),
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
    #[arg(long)]
    email: Option<String>,
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
        Command::Add(add) => {
            let slug = add.slug.to_string();
            let facts = RoomFacts {
                slug: add.slug,
                name: add.name,
                zone: add.zone,
                email: add.email.as_deref().map(Address::new),
                seats: add.seats,
                building: add.building,
                floor: add.floor,
                features: add.features,
                parts: add.parts,
            };
            let id = context.bookings.add_room(facts).await?;
            Ok(Output::Done(format!("added {slug}"), json!({"id": id.get(), "slug": slug})))
        }
    }
}

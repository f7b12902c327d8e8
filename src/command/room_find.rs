//! `room find`: rooms that are free for a time or a series, and why the others are not.

use clap::Args;
use serde_json::{Value, json};

use crate::booking::{self, Actor, Found};
use crate::domain::find::{Point, Wish};
use crate::domain::id::Slug;
use crate::domain::recurrence::Rule;
use crate::domain::time::Zone;

use super::context::{Context, name};
use super::failure::Failure;
use super::output::Output;
use super::times;

#[derive(Debug, Args)]
pub(super) struct Find {
    /// From this time, RFC 3339 or on each room's own clock; a day without a time means whole days
    #[arg(long)]
    from: String,
    /// To this time, exclusive
    #[arg(long)]
    to: String,
    /// Repeat by this RRULE
    #[arg(long)]
    rrule: Option<String>,
    /// For so many people
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    seats: Option<i64>,
    /// With all of these in it, separated by commas
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// In this building
    #[arg(long)]
    building: Option<String>,
    /// As this person may book, and knows; without it by the rules for everybody, every room
    #[arg(long = "as", value_parser = name, value_name = "LOGIN")]
    login: Option<Slug>,
}

pub(super) async fn run(context: &Context, find: Find) -> Result<Output, Failure> {
    let actor = match &find.login {
        Some(login) => context.actor(login).await?,
        None => Actor::operator(),
    };
    let rule = find.rrule.as_deref().map(Rule::parse).transpose();
    let features = find.features.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty());
    let wish = Wish {
        from: times::point(&find.from)?,
        to: times::point(&find.to)?,
        all_day: times::is_day(&find.from) && times::is_day(&find.to),
        rule: rule.map_err(|bad| Failure::new(format!("--rrule: {bad}")))?,
        seats: find.seats,
        features: features.collect(),
        building: find.building,
    };
    if !is_in_order(&wish) {
        return Err(Failure::new("--to must be later than --from"));
    }
    let found = context.bookings.find(booking::Find { actor, wish }).await?;
    let rows = found.iter().map(row).collect();
    let columns = ["id", "slug", "building", "floor", "seats", "free", "approval", "reason", "why"];
    Ok(Output::listing(&columns, rows))
}

fn is_in_order(wish: &Wish) -> bool {
    match (wish.from, wish.to) {
        (Point::At(from), Point::At(to)) => from < to,
        (Point::Local(from), Point::Local(to)) => from < to,
        // Told from each other on some clock only.
        (Point::At(_), Point::Local(_)) | (Point::Local(_), Point::At(_)) => true,
    }
}

fn row(found: &Found) -> Value {
    let Found { room, failures, sentence, needs_approval, beyond, until } = found;
    let zone: &Zone = &room.zone;
    let dates: Vec<Value> = failures
        .iter()
        .map(|failure| {
            json!({
                "from": times::shown(failure.period.start, zone),
                "to": times::shown(failure.period.end, zone),
                "reason": failure.reason.code(),
            })
        })
        .collect();
    json!({
        "id": room.id.get(),
        "slug": room.slug.as_str(),
        "name": room.name,
        "building": room.building,
        "floor": room.floor,
        "seats": room.seats,
        "features": room.features,
        "free": failures.is_empty(),
        "approval": needs_approval,
        "reason": failures.first().map(|failure| failure.reason.code()),
        "why": sentence,
        "beyond": beyond,
        "failures": dates,
        "looked_to": times::json(*until, zone),
    })
}

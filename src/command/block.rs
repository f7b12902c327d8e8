//! `block`: closing a room for a time (R91, R92).

use clap::{Args, Subcommand};
use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::booking::{Actor, NewBlock};
use crate::domain::id::{BlockId, Slug};
use crate::domain::space::Room;
use crate::domain::time::Zone;
use crate::store::Block;

use super::context::{Context, name};
use super::displaced;
use super::failure::Failure;
use super::output::Output;
use super::times;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Close a room; reservations that are there stay, unless it is hard
    Add(Add),
    /// All blocks
    List {
        /// Only those of this room
        #[arg(long, value_parser = name)]
        room: Option<Slug>,
    },
    /// Open the room again
    Remove {
        /// Its number in the list
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[arg(value_parser = name)]
    slug: Slug,
    /// From this time, RFC 3339 or on the room's own clock
    #[arg(long)]
    from: String,
    /// To this time, exclusive
    #[arg(long)]
    to: String,
    /// Repeat by this RRULE
    #[arg(long)]
    rrule: Option<String>,
    /// Take the room from reservations that are there; prints them first
    #[arg(long)]
    hard: bool,
    /// With --hard: really take it from them
    #[arg(long, requires = "hard")]
    yes: bool,
    /// What people are told
    #[arg(long)]
    reason: String,
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add(new) => add(context, new).await,
        Command::List { room } => list(context, room.as_ref()).await,
        Command::Remove { id } => {
            if !context.bookings.remove_block(BlockId::new(id)).await? {
                return Err(Failure::new(format!("there is no block {id}")));
            }
            Ok(Output::done(&format!("removed block {id}"), json!({"id": id})))
        }
    }
}

async fn add(context: &Context, add: Add) -> Result<Output, Failure> {
    let room = context.room(&add.slug).await?;
    if room.removed {
        return Err(Failure::new(format!("room {} was removed", add.slug)));
    }
    let block = NewBlock {
        room: room.id,
        from: times::read_local(&add.from, &room.zone)?,
        to: times::read_local(&add.to, &room.zone)?,
        rrule: add.rrule,
        reason: add.reason,
    };
    if add.hard {
        let done = context.bookings.add_hard_block(Actor::operator(), block, add.yes).await?;
        let told =
            |id: &BlockId| (format!("added block {id}"), json!({"id": id.get(), "room": add.slug.as_str()}));
        return Ok(displaced::output(done, told));
    }
    let id = context.bookings.add_block(Actor::operator(), block).await?;
    let value = json!({"id": id.get(), "room": add.slug.as_str()});
    Ok(Output::done(&format!("added block {id}"), value))
}

async fn list(context: &Context, room: Option<&Slug>) -> Result<Output, Failure> {
    let of = match room {
        Some(slug) => Some(context.room(slug).await?.id),
        None => None,
    };
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let rooms = tx.rooms().list().await?;
    let blocks = tx.blocks().list(of).await?;
    let rows = blocks.iter().filter_map(|block| {
        let room = rooms.iter().find(|room| room.id == block.room)?;
        Some(row(block, room))
    });
    let columns = ["id", "room", "from", "to", "rrule", "hard", "reason", "created_by"];
    Ok(Output::listing(&columns, rows.collect()))
}

fn row(block: &Block, room: &Room) -> Value {
    json!({
        "id": block.id.get(),
        "room": room.slug.as_str(),
        "from": local(&block.start_local, &room.zone),
        "to": local(&block.end_local, &room.zone),
        "rrule": block.rrule,
        "reason": block.reason,
        "hard": block.hard,
        "created_by": block.created_by,
        "laid_out_to": times::json(block.horizon, &room.zone),
    })
}

/// A time of the room's clock with its offset; as it is stored if it cannot be read.
fn local(text: &str, zone: &Zone) -> String {
    text.parse::<DateTime>()
        .map_or_else(|_| text.to_owned(), |wall| times::shown(zone.to_instant(wall), zone))
}

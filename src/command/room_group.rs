//! `room group`: rooms that have settings in common (section 19), and pools (R79).

use clap::Subcommand;
use serde_json::{Map, Value, json};

use crate::domain::id::Slug;
use crate::domain::space::Scope;

use super::context::{Context, name, pair};
use super::failure::Failure;
use super::group::membership;
use super::output::Output;
use super::user::plain;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a group of these rooms, in order of preference
    Add {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(value_parser = name, value_name = "SLUG")]
        rooms: Vec<Slug>,
    },
    /// Take a group away, with its settings; its rooms stay
    Remove {
        #[arg(value_parser = name)]
        name: Slug,
    },
    /// Which rooms are in a group
    #[command(subcommand)]
    Member(Member),
    /// Set a setting of all its rooms, its address (email), or pool=on; "default" takes a setting back
    Set {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(required = true, value_parser = pair, value_name = "KEY=VALUE")]
        pairs: Vec<(String, String)>,
    },
    /// All groups of rooms
    List,
}

#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Put a room into a group
    Add {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(value_parser = name)]
        slug: Slug,
    },
    /// Take a room out of a group
    Remove {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(value_parser = name)]
        slug: Slug,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add { name, rooms } => {
            let id = context.bookings.add_room_group(name.clone(), rooms).await?;
            Ok(Output::done(&format!("added {name}"), json!({"id": id.get(), "name": name.as_str()})))
        }
        Command::Remove { name } => {
            context.bookings.remove_room_group(name.clone()).await?;
            Ok(Output::done(&format!("removed {name}"), json!({"name": name.as_str()})))
        }
        Command::Member(Member::Add { name, slug }) => member(context, name, slug, true).await,
        Command::Member(Member::Remove { name, slug }) => member(context, name, slug, false).await,
        Command::Set { name, pairs } => {
            context.bookings.set_room_group(name.clone(), pairs).await?;
            Ok(Output::done(&format!("changed {name}"), json!({"name": name.as_str()})))
        }
        Command::List => list(context).await,
    }
}

async fn member(context: &Context, group: Slug, slug: Slug, is_in: bool) -> Result<Output, Failure> {
    let changed = context.bookings.set_room_member(group.clone(), slug.clone(), is_in).await?;
    let sentence = membership(&slug, &group, is_in, changed);
    let value = json!({"name": group.as_str(), "slug": slug.as_str(), "member": is_in, "changed": changed});
    Ok(Output::done(&sentence, value))
}

async fn list(context: &Context) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let rooms = tx.rooms().list().await?;
    let settings = tx.settings().list().await?;
    let mut rows = Vec::new();
    for group in tx.room_groups().list().await? {
        let slug =
            |id| rooms.iter().find(|room| room.id == id && !room.removed).map(|room| room.slug.as_str());
        let own = settings.iter().filter(|setting| setting.scope == Scope::RoomGroup(group.id));
        let own: Map<String, Value> =
            own.map(|setting| (setting.key.clone(), Value::String(setting.value.clone()))).collect();
        rows.push(json!({
            "id": group.id.get(),
            "name": group.name.as_str(),
            "email": group.email.as_ref().map(plain),
            "pool": group.is_pool,
            "rooms": group.rooms.iter().filter_map(|room| slug(*room)).collect::<Vec<_>>(),
            "settings": own,
            "uuid": group.uuid,
        }));
    }
    Ok(Output::listing(&["id", "name", "email", "pool", "rooms", "settings"], rows))
}

//! `audit`: decisions, in order (R150).

use clap::Args;
use serde_json::json;

use crate::domain::id::Slug;
use crate::domain::time::{Instant, Zone};

use super::context::{Context, name, room};
use super::failure::Failure;
use super::output::Output;
use super::times;

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only about this room
    #[arg(long, value_parser = name, value_name = "SLUG")]
    room: Option<Slug>,
    /// Only from this time on, RFC 3339 or on the room's own clock
    #[arg(long, value_name = "T")]
    since: Option<String>,
}

pub(super) async fn run(context: &Context, asked: Audit) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let of = match &asked.room {
        Some(slug) => Some(room(&mut tx, slug).await?),
        None => None,
    };
    let utc = Zone::utc();
    let zone = of.as_ref().map_or(&utc, |room| &room.zone);
    let since = asked.since.map(|text| times::read(&text, zone)).transpose()?;
    let since = since.unwrap_or(Instant::from_secs(i64::MIN));
    let rooms = tx.rooms().list().await?;
    let rows = tx.audit().numbered(of.map(|room| room.id), since, i64::MAX).await?;
    let rows = rows.into_iter().map(|(id, row)| {
        let room = rooms.iter().find(|room| Some(room.id) == row.room);
        let zone = room.map_or(&utc, |room| &room.zone);
        json!({
            "id": id,
            "at": times::shown(row.at, zone),
            "kind": row.kind,
            "actor": row.actor_name,
            "channel": row.channel,
            "peer": row.peer,
            "message": row.message,
            "old_message": row.old_message,
            "room": room.map(|room| room.slug.as_str()),
            "uid": row.uid.as_str(),
            "recurrence_id": times::json(row.recur_at, zone),
            "old_state": row.old_state,
            "new_state": row.new_state,
            "start": times::json(row.start_at, zone),
            "end": times::json(row.end_at, zone),
            "reason": row.reason,
            "conflict": row.conflict,
            "rule": row.rule,
            "detail": row.detail,
        })
    });
    let columns = [
        "id",
        "at",
        "actor",
        "channel",
        "kind",
        "room",
        "start",
        "old_state",
        "new_state",
        "reason",
        "rule",
        "uid",
    ];
    Ok(Output::listing(&columns, rows.collect()))
}

//! `notices`: messages to people, waiting or sent.

use clap::Subcommand;
use serde_json::json;

use crate::domain::id::{Slug, Uid};
use crate::domain::time::Zone;

use super::context::{Context, name, user};
use super::failure::Failure;
use super::output::Output;
use super::times;
use super::user::plain;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Messages, newest first
    List {
        /// Only to this person
        #[arg(long, value_parser = name, value_name = "LOGIN")]
        to: Option<Slug>,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    let Command::List { to } = command;
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let to = match &to {
        Some(login) => Some(user(&mut tx, login).await?.id),
        None => None,
    };
    let users = tx.users().list().await?;
    let rooms = tx.rooms().list().await?;
    let messages = tx.outbox().list(to, i64::MAX).await?;
    let rows = messages.iter().map(|message| {
        let content = &message.content;
        let to = users.iter().find(|user| Some(user.id) == content.user);
        let room = rooms.iter().find(|room| Some(room.id) == content.room);
        let zone = room.map_or_else(Zone::utc, |room| room.zone.clone());
        json!({
            "id": message.id,
            "key": content.key,
            "kind": content.kind,
            "to": to.map(|user| user.login.as_str()),
            "address": content.address.as_ref().map(plain),
            "room": room.map(|room| room.slug.as_str()),
            "uid": content.uid.as_ref().map(Uid::as_str),
            "language": content.language,
            "subject": content.subject,
            "body": content.body,
            "calendar": content.calendar.as_ref().map(|(_, text)| text),
            "links": content.links.iter().map(|link| link.purpose.as_str()).collect::<Vec<_>>(),
            "state": message.state,
            "attempts": message.attempts,
            "error": message.error,
            "next_at": times::json(message.next_at, &zone),
            "sent_at": times::json(message.sent_at, &zone),
            "created_at": times::shown(content.created_at, &zone),
        })
    });
    let rows = rows.collect();
    Ok(Output::listing(&["id", "created_at", "to", "kind", "state", "attempts", "error", "subject"], rows))
}

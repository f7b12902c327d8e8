//! `group`: groups of people, usable wherever a person is.

use clap::Subcommand;
use serde_json::json;

use crate::domain::id::Slug;

use super::context::{Context, name};
use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an empty group
    Add {
        #[arg(value_parser = name)]
        name: Slug,
    },
    /// All groups with their members
    List,
    /// Who is in a group
    #[command(subcommand)]
    Member(Member),
}

#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Put a person into a group
    Add {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(value_parser = name)]
        login: Slug,
    },
    /// Take a person out of a group
    Remove {
        #[arg(value_parser = name)]
        name: Slug,
        #[arg(value_parser = name)]
        login: Slug,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add { name } => {
            let id = context.bookings.add_group(name.clone()).await?;
            Ok(Output::done(&format!("added {name}"), json!({"id": id.get(), "name": name.as_str()})))
        }
        Command::List => list(context).await,
        Command::Member(Member::Add { name, login }) => member(context, name, login, true).await,
        Command::Member(Member::Remove { name, login }) => member(context, name, login, false).await,
    }
}

/// What became of who or what is in a group.
pub(super) fn membership(member: &Slug, group: &Slug, is_in: bool, changed: bool) -> String {
    match (is_in, changed) {
        (true, true) => format!("{member} is in {group} now"),
        (true, false) => format!("{member} was in {group} already"),
        (false, true) => format!("{member} is not in {group} any more"),
        (false, false) => format!("{member} was not in {group}"),
    }
}

async fn member(context: &Context, group: Slug, login: Slug, is_in: bool) -> Result<Output, Failure> {
    let changed = context.bookings.set_member(group.clone(), login.clone(), is_in).await?;
    let sentence = membership(&login, &group, is_in, changed);
    let value = json!({"name": group.as_str(), "login": login.as_str(), "member": is_in, "changed": changed});
    Ok(Output::done(&sentence, value))
}

async fn list(context: &Context) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let users = tx.users().list().await?;
    let mut rows = Vec::new();
    for group in tx.groups().list().await? {
        let members = tx.groups().members(group.id).await?;
        let members = users.iter().filter(|user| members.contains(&user.id));
        rows.push(json!({
            "id": group.id.get(),
            "name": group.name.as_str(),
            "members": members.map(|user| user.login.as_str()).collect::<Vec<_>>(),
            "uuid": group.uuid,
        }));
    }
    Ok(Output::listing(&["id", "name", "members"], rows))
}

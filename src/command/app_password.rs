//! `user app-password`: one password per device.

use clap::Subcommand;
use serde_json::json;

use crate::booking::admin::NewDevice;
use crate::credentials::new_app_password;
use crate::domain::id::Slug;
use crate::domain::time::Zone;
use crate::domain::user::Refusals;

use super::context::{Context, name, user};
use super::failure::Failure;
use super::output::Output;
use super::times;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make one; it is shown once
    Add {
        #[arg(value_parser = name)]
        login: Slug,
        /// What the device is called
        #[arg(long)]
        label: String,
        /// How refusals are answered to it, whatever the program
        #[arg(long, value_parser = ["strict", "friendly"])]
        mode: Option<String>,
    },
    /// Those of one person
    List {
        #[arg(value_parser = name)]
        login: Slug,
    },
    /// End one
    Revoke {
        #[arg(value_parser = name)]
        login: Slug,
        /// Its number in the list
        id: i64,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add { login, label, mode } => add(context, login, label, mode.as_deref()).await,
        Command::List { login } => list(context, &login).await,
        Command::Revoke { login, id } => {
            context.bookings.revoke_app_password(login.clone(), id).await?;
            Ok(Output::done(&format!("revoked {id} of {login}"), json!({"id": id, "login": login.as_str()})))
        }
    }
}

async fn add(context: &Context, login: Slug, label: String, mode: Option<&str>) -> Result<Output, Failure> {
    let made = new_app_password()?;
    let mode = mode.and_then(Refusals::parse);
    let device = NewDevice { public_id: made.public_id, secret_hash: made.secret_hash, label, mode };
    let id = context.bookings.add_app_password(login, device).await?;
    Ok(Output::done(&made.password, json!({"id": id, "password": made.password})))
}

async fn list(context: &Context, login: &Slug) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let user = user(&mut tx, login).await?.id;
    let utc = Zone::utc();
    let rows = tx.credentials().app_passwords(user).await?;
    let rows = rows.into_iter().map(|known| {
        json!({
            "id": known.id,
            "login": login.as_str(),
            "label": known.label,
            "mode": known.mode.map(Refusals::as_str),
            "created_at": times::shown(known.created_at, &utc),
            "last_used_at": times::json(known.last_used_at, &utc),
        })
    });
    Ok(Output::listing(&["id", "label", "mode", "created_at", "last_used_at"], rows.collect()))
}

//! `backup` and `restore`: making a backup, seeing what one holds, and putting it in place.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::app;
use crate::booking::Bookings;
use crate::config::Config;
use crate::store::{Contents, OpenError, Store, contents, restore};

use super::Common;
use super::context::{Context, clock};
use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; nothing is overwritten
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `backup` wrote
    file: PathBuf,
    /// Only say what it holds, and whether that keeps what a database promises
    #[arg(long)]
    check: bool,
}

/// Writes one state of the whole database into a new file.
pub(super) async fn backup(context: &Context, asked: Backup) -> Result<Output, Failure> {
    let bytes = context.store().backup(&asked.file).await?;
    let shown = asked.file.display();
    let sentence = format!("{shown} holds the whole database, in {bytes} bytes");
    Ok(Output::done(&sentence, json!({"file": shown.to_string(), "bytes": bytes})))
}

pub(super) async fn run_restore(common: &Common, asked: Restore) -> Result<Output, Failure> {
    if asked.check {
        return look(common, asked).await;
    }
    let config = Config::load(common.config.as_deref())?;
    let (held, replaced) = restore(&config.database.url, &asked.file).await?;
    let place = config.database.shown();
    let kept = replaced.as_ref().map(|path| path.display().to_string());
    let aside = kept.as_ref().map(|kept| format!("; what was there is in {kept}")).unwrap_or_default();
    let sentence = format!("{place} is what it was at {}{aside}", newest_in_words(&held));
    Ok(Output::done(&sentence, json!({"database": place, "kept": kept, "newest_change": newest(&held)})))
}

/// What a backup holds; exit code 1 where that does not keep what a database promises.
async fn look(common: &Common, asked: Restore) -> Result<Output, Failure> {
    let config = Config::load(common.config.as_deref())?;
    let held = contents(&asked.file).await?;
    let (checked, findings) = match held.kind {
        "SQLite" => check(&config, common, &asked).await?,
        _ => {
            ("every row was read; \"roomdav check\" looks at them once they are restored".to_owned(), vec![])
        }
    };
    let rows: Value = held.rows.iter().map(|(table, count)| (table.clone(), json!(count))).collect();
    let value = json!({
        "kind": held.kind,
        "schema": held.schema,
        "newest_change": newest(&held),
        "rows": rows,
        "checked": checked,
        "findings": findings,
    });
    let members = ["kind", "schema", "newest_change", "rows", "checked", "findings"];
    let output = Output::object(&members, value);
    Ok(match findings.len() {
        0 => output,
        1 => output.but("1 finding".to_owned()),
        count => output.but(format!("{count} findings")),
    })
}

/// Whether a copy keeps what a database promises, if this program knows its schema.
async fn check(config: &Config, common: &Common, asked: &Restore) -> Result<(String, Vec<String>), Failure> {
    let store = match Store::open_backup(&asked.file).await {
        Ok(store) => store,
        Err(crate::store::BackupError::Open(cause @ OpenError::Older { .. })) => {
            return Ok((format!("the file is sound; after it is restored, {cause}"), vec![]));
        }
        Err(cause) => return Err(cause.into()),
    };
    let bookings = Bookings::new(store, clock(common)?, app::bounds(&config.limits));
    let findings = bookings.check().await?;
    bookings.store().close().await;
    Ok(("all that a database promises".to_owned(), findings))
}

fn newest(held: &Contents) -> Value {
    held.newest.as_ref().map_or(Value::Null, |newest| {
        json!({
            "at": newest.at.to_string(),
            "calendar": newest.calendar,
            "member": newest.name,
            "removed": newest.removed,
        })
    })
}

fn newest_in_words(held: &Contents) -> String {
    held.newest.as_ref().map_or_else(|| "the beginning".to_owned(), |newest| newest.at.to_string())
}

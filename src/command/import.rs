//! `import` and `export`: iCalendar in and out.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::booking::{Import as Taking, Imported};
use crate::domain::id::Slug;

use super::context::{Context, name};
use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// An iCalendar file with any number of events
    file: PathBuf,
    /// Into this room
    #[arg(long, value_parser = name, value_name = "SLUG")]
    room: Slug,
    /// As bookings of this person, whose rights count
    #[arg(long = "as", value_parser = name, value_name = "LOGIN")]
    login: Slug,
    /// Say what would be refused, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Of this room
    #[arg(long, value_parser = name, value_name = "SLUG")]
    room: Slug,
}

pub(super) async fn import(context: &Context, asked: Import) -> Result<Output, Failure> {
    let room = context.room(&asked.room).await?;
    let actor = context.actor(&asked.login).await?;
    let bad = |cause| Failure::new(format!("cannot read {}: {cause}", asked.file.display()));
    let file = tokio::fs::read(&asked.file).await.map_err(bad)?;
    let taking = Taking { actor, room, rehearsal: asked.dry_run };
    let done = context.bookings.import(&taking, &file, progress).await?;
    Ok(report(&done, asked.dry_run))
}

/// Tells how far it is, of files that take their time.
fn progress(done: usize, total: usize) {
    if total > done || total > 1000 {
        // The import goes on also where nobody looks any more.
        let _ = writeln!(std::io::stderr(), "{done} of {total}");
    }
}

fn report(done: &[Imported], dry_run: bool) -> Output {
    let is_new = |new: bool| done.iter().filter(|one| one.result == Ok(new)).count();
    let refused: Vec<Value> = done
        .iter()
        .filter_map(|one| {
            let reason = one.result.as_ref().err()?;
            Some(json!({"uid": one.uid, "summary": one.summary, "reason": reason}))
        })
        .collect();
    let (created, replaced, count) = (is_new(true), is_new(false), refused.len());
    let would = if dry_run { "would be " } else { "" };
    let mut text = format!("{created} {would}created, {replaced} {would}replaced, {count} {would}refused");
    for one in &refused {
        let of = |key: &str| one[key].as_str().unwrap_or_default().replace(char::is_control, " ");
        write!(text, "\n  {} ({}): {}", of("summary"), of("uid"), of("reason"))
            .expect("writing to a string cannot fail");
    }
    let value = json!({"created": created, "replaced": replaced, "refused": refused, "dry_run": dry_run});
    let output = Output::done(&text, value);
    if count == 0 { output } else { output.but(format!("{count} of {} {would}refused", done.len())) }
}

pub(super) async fn export(context: &Context, asked: Export) -> Result<Output, Failure> {
    let room = context.room(&asked.room).await?;
    Ok(Output::raw(context.bookings.export(room.id).await?))
}

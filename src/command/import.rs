//! `import` and `export`: iCalendar in and out.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::booking::{Fate, Import as Taking, Imported, OwnerFrom, Report};
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
    /// In the name of this person, whose rights count
    #[arg(long = "as", value_parser = name, value_name = "LOGIN")]
    login: Slug,
    /// Whose events they become: their organizers', where these have an account here and the person
    /// manages the room, or all the person's
    #[arg(long, value_enum, default_value_t, value_name = "WHOM")]
    owner_from: Owner,
    /// Say what would become of each event, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Owner {
    /// The organizer's
    #[default]
    Organizer,
    /// The person's
    Importer,
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
    let owner_from = match asked.owner_from {
        Owner::Organizer => OwnerFrom::Organizer,
        Owner::Importer => OwnerFrom::Importer,
    };
    let taking = Taking { actor, room, owner_from, rehearsal: asked.dry_run };
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

/// How many of each there are, then one line per event.
fn report(done: &Report, dry_run: bool) -> Output {
    let count = |word: &str| done.events.iter().filter(|one| word_of(one) == word).count();
    let (taken, changed, unchanged, refused) =
        (count("taken"), count("changed"), count("unchanged"), count("refused"));
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| {
        text.write_fmt(line).expect("writing to a string cannot fail");
    };
    line(format_args!("{taken} taken, {changed} changed, {unchanged} unchanged, {refused} refused"));
    for method in &done.methods {
        line(format_args!("\nMETHOD:{method} of the file is left out"));
    }
    for one in &done.events {
        let remarks = remarks(one).join("; ");
        let colon = if remarks.is_empty() { "" } else { ": " };
        let plain = format!("{} ({}){colon}{remarks}", one.summary, one.uid).replace(char::is_control, " ");
        line(format_args!("\n{}: {plain}", word_of(one)));
    }
    if dry_run {
        line(format_args!("\nnothing was kept"));
    }
    let value = json!({
        "taken": taken,
        "changed": changed,
        "unchanged": unchanged,
        "refused": refused,
        "methods": done.methods,
        "events": done.events.iter().map(as_json).collect::<Vec<_>>(),
        "dry_run": dry_run,
    });
    let output = Output::done(&text, value);
    let would = if dry_run { "would be " } else { "" };
    if refused == 0 {
        output
    } else {
        output.but(format!("{refused} of {} {would}refused", done.events.len()))
    }
}

/// What became of an event, in one word.
fn word_of(one: &Imported) -> &'static str {
    match one.fate {
        Fate::Refused(_) => "refused",
        Fate::Unchanged => "unchanged",
        Fate::Created | Fate::Replaced if one.notes.is_empty() => "taken",
        Fate::Created | Fate::Replaced => "changed",
    }
}

fn remarks(one: &Imported) -> Vec<String> {
    match &one.fate {
        Fate::Refused(sentence) => vec![sentence.trim_end_matches('.').to_owned()],
        Fate::Created | Fate::Replaced | Fate::Unchanged => {
            one.notes.iter().map(ToString::to_string).collect()
        }
    }
}

fn as_json(one: &Imported) -> Value {
    json!({
        "uid": one.uid,
        "summary": one.summary,
        "owner": one.owner,
        "result": word_of(one),
        "replaces": one.fate == Fate::Replaced,
        "remarks": remarks(one),
    })
}

pub(super) async fn export(context: &Context, asked: Export) -> Result<Output, Failure> {
    let room = context.room(&asked.room).await?;
    Ok(Output::raw(context.bookings.export(room.id).await?))
}

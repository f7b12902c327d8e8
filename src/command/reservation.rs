//! `reservation`: the reservation database by hand.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::booking::{Actor, Cancel, Decide, Error, Outcome, Presence, Receipt, Received, Transfer};
use crate::domain::attendee::Address;
use crate::domain::id::{ReservationId, Slug};
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::space::Room;
use crate::domain::time::{Instant, Period, Zone};
use crate::ical::approval::Decisions;
use crate::store::{CalendarOwner, Reservation, ReservationFilter, Stored, Tx};

use super::context::{Context, name, room, user};
use super::failure::Failure;
use super::output::Output;
use super::times;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Reservations by their first date in the time asked for
    List(List),
    /// One reservation with all its dates
    Show { id: i64 },
    /// Cancel a reservation; its owner is told
    Cancel {
        id: i64,
        /// Only the date that would start then, RFC 3339 or on the room's own clock
        #[arg(long, value_name = "T")]
        occurrence: Option<String>,
    },
    /// Say that somebody is there
    Checkin {
        id: i64,
        /// The date that would start then; without it the one that is on or comes next
        #[arg(long, value_name = "T")]
        occurrence: Option<String>,
    },
    /// Give the room back: what has begun ends now
    Release {
        id: i64,
        /// Only the date that would start then, RFC 3339 or on the room's own clock
        #[arg(long, value_name = "T")]
        occurrence: Option<String>,
    },
    /// Give the room to what waits for approval; its owner is told
    Approve(Decision),
    /// Do not give it, or not any more; its owner is told
    Decline(Decision),
    /// Give a reservation to somebody else; its dates stay as they are
    Transfer {
        id: i64,
        /// Whose it becomes
        #[arg(long, value_parser = name, value_name = "LOGIN")]
        to: Slug,
    },
    /// Hand a message to a room (RFC 5546), as a mailbox would
    Message(Message),
}

#[derive(Debug, Args)]
pub(super) struct Decision {
    id: i64,
    /// Only the date that would start then, RFC 3339 or on the room's own clock
    #[arg(long, value_name = "T")]
    occurrence: Option<String>,
    /// What the owner is told with it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    remark: String,
}

#[derive(Debug, Args)]
pub(super) struct Message {
    /// An iCalendar file with a METHOD
    file: PathBuf,
    /// Who is verified to have sent it; without it nobody is
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// At which room's address it arrived; without it at those of all rooms that it names
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// The identity of the mail, for the audit
    #[arg(long = "message-id", value_name = "ID")]
    id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only in this room
    #[arg(long, value_parser = name)]
    room: Option<Slug>,
    /// Only of this person
    #[arg(long, value_parser = name)]
    user: Option<Slug>,
    /// Only with a date that ends after this
    #[arg(long)]
    from: Option<String>,
    /// Only with a date that begins before this
    #[arg(long)]
    to: Option<String>,
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List(asked) => list(context, asked).await,
        Command::Show { id } => show(context, id).await,
        Command::Cancel { id, occurrence } => cancel(context, id, occurrence.as_deref(), "cancelled").await,
        Command::Checkin { id, occurrence } => check_in(context, id, occurrence.as_deref()).await,
        Command::Release { id, occurrence } => cancel(context, id, occurrence.as_deref(), "released").await,
        Command::Approve(decision) => decide(context, decision, true).await,
        Command::Decline(decision) => decide(context, decision, false).await,
        Command::Transfer { id, to } => {
            let (actor, reservation) = (Actor::operator(), ReservationId::new(id));
            context.bookings.transfer(Transfer { actor, reservation, to: to.clone() }).await?;
            let value = json!({"id": id, "owner": to.as_str()});
            Ok(Output::done(&format!("reservation {id} is {to}'s now"), value))
        }
        Command::Message(asked) => message(context, asked).await,
    }
}

async fn list(context: &Context, list: List) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let mut filter = ReservationFilter::default();
    let mut zone = Zone::utc();
    if let Some(slug) = &list.room {
        let room = room(&mut tx, slug).await?;
        filter.room = Some(room.id);
        zone = room.zone;
    }
    if let Some(login) = &list.user {
        filter.owner = Some(user(&mut tx, login).await?.id);
    }
    let bound = |text: Option<String>, open: i64| match text {
        Some(text) => times::read(&text, &zone),
        None => Ok(Instant::from_secs(open)),
    };
    let window = Period { start: bound(list.from, -1)?, end: bound(list.to, i64::MAX)? };
    filter.window = Some(window);
    let mut rows = Vec::new();
    for reservation in tx.reservations().list(filter).await? {
        let mut all = tx.occurrences().of(reservation.id).await?;
        all.retain(|stored| stored.facts.period.start < window.end && stored.facts.period.end > window.start);
        rows.push(row(&mut tx, &reservation, &all).await?);
    }
    Ok(Output::listing(
        &["id", "room", "user", "start", "end", "state", "expires_at", "dates", "summary"],
        rows,
    ))
}

async fn show(context: &Context, id: i64) -> Result<Output, Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let reservation = get(&mut tx, id).await?;
    let all = tx.occurrences().of(reservation.id).await?;
    let mut value = row(&mut tx, &reservation, &all).await?;
    value["sequence"] = json!(reservation.sequence);
    value["member"] = member(&mut tx, &reservation).await?;
    let members =
        ["id", "room", "user", "summary", "uid", "channel", "sequence", "rolling", "claimed_to", "member"];
    let columns = ["start", "end", "state", "expires_at", "reason", "recurrence_id"];
    Ok(Output::object_with_list(&members, value, "occurrences", &columns))
}

async fn check_in(context: &Context, id: i64, occurrence: Option<&str>) -> Result<Output, Failure> {
    let (reservation, at, _) = meant(context, id, occurrence).await?;
    // A single event was named by its start.
    let which = occurrence.map(|_| RecurrenceId::from(at));
    let refused = match context.bookings.check_in(Actor::operator(), reservation, which).await? {
        Presence::Noted => {
            return Ok(Output::done(&format!("checked in to reservation {id}"), json!({"id": id})));
        }
        Presence::Already => return Ok(Output::done("somebody had checked in", json!({"id": id}))),
        Presence::TooEarly => "it is too early",
        Presence::TooLate => "it is too late",
        Presence::NotAsked => "nobody has to check in",
    };
    Err(Failure::new(format!("{refused} for reservation {id}")))
}

async fn cancel(context: &Context, id: i64, occurrence: Option<&str>, done: &str) -> Result<Output, Failure> {
    let (reservation, occurrence, zone) = meant(context, id, occurrence).await?;
    let cancel = Cancel { actor: Actor::operator(), reservation, occurrence };
    context.bookings.cancel(cancel).await?;
    let sentence = format!("{done} {}", named(id, occurrence, &zone));
    Ok(Output::done(&sentence, json!({"id": id, "occurrence": times::json(occurrence, &zone)})))
}

/// Approves or declines (R73).
async fn decide(context: &Context, decision: Decision, approves: bool) -> Result<Output, Failure> {
    let Decision { id, occurrence, remark } = decision;
    let (reservation, occurrence, zone) = meant(context, id, occurrence.as_deref()).await?;
    let decisions = match occurrence {
        Some(at) => Decisions::date(at, approves),
        None => Decisions::whole(approves),
    };
    let decide = Decide { remark, ..Decide::new(Actor::operator(), reservation, decisions) };
    let what = named(id, occurrence, &zone);
    let done = if approves { "approved" } else { "declined" };
    match context.bookings.decide(decide).await {
        Ok(Outcome::Refused(refusal)) => Err(Failure::new(refusal.sentence)),
        Ok(_) => {
            let json = json!({"id": id, "occurrence": times::json(occurrence, &zone), "approved": approves});
            Ok(Output::done(&format!("{done} {what}"), json))
        }
        Err(Error::Missing) => Err(Failure::new(format!("{what} cannot be {done}: nothing of it waits"))),
        Err(error) => Err(error.into()),
    }
}

/// A reservation, the date of it that is meant if it is only one, and the room's zone.
async fn meant(
    context: &Context,
    id: i64,
    occurrence: Option<&str>,
) -> Result<(ReservationId, Option<Instant>, Zone), Failure> {
    let mut snapshot = context.snapshot().await?;
    let mut tx = snapshot.tx();
    let reservation = get(&mut tx, id).await?;
    let room = room_of(&mut tx, &reservation).await?;
    let all = tx.occurrences().of(reservation.id).await?;
    let at = occurrence.map(|text| times::read(text, &room.zone)).transpose()?;
    let is_date =
        |at: Instant| all.iter().any(|stored| stored.facts.id.instant().is_some_and(|instant| instant == at));
    // A single event has no RECURRENCE-ID; its start names it all the same.
    let is_whole = at.is_some_and(|at| {
        let single = all.iter().all(|stored| stored.facts.id.instant().is_none());
        single && all.iter().any(|stored| stored.facts.period.start == at)
    });
    if let Some(at) = at.filter(|at| !is_whole && !is_date(*at)) {
        let at = times::shown(at, &room.zone);
        return Err(Failure::new(format!("reservation {id} has no date that would start {at}")));
    }
    Ok((reservation.id, at.filter(|_| !is_whole), room.zone))
}

fn named(id: i64, occurrence: Option<Instant>, zone: &Zone) -> String {
    match occurrence {
        Some(at) => format!("{} of reservation {id}", times::shown(at, zone)),
        None => format!("reservation {id}"),
    }
}

async fn message(context: &Context, asked: Message) -> Result<Output, Failure> {
    let bad = |cause| Failure::new(format!("cannot read {}: {cause}", asked.file.display()));
    let text = tokio::fs::read(&asked.file).await.map_err(bad)?;
    let address = |text: &String| Address::new(text);
    let received = Received {
        text: text.into(),
        to: asked.to.as_ref().map(address),
        sender: asked.from.as_ref().map(address),
        message_id: asked.id,
    };
    Ok(match context.bookings.receive(received).await? {
        Receipt::Answered(said) => {
            let rooms: Vec<Value> = said
                .iter()
                .map(|(slug, answer)| json!({"room": slug.as_str(), "answer": answer.as_str()}))
                .collect();
            let text: Vec<String> =
                said.iter().map(|(slug, answer)| format!("{slug}: {}", answer.as_str())).collect();
            Output::done(&text.join("\n"), json!({"result": "answered", "rooms": rooms}))
        }
        Receipt::Cancelled => Output::done("cancelled", json!({"result": "cancelled"})),
        Receipt::Decided => Output::done("decided", json!({"result": "decided"})),
        Receipt::Replied(method) => {
            Output::done(&format!("replied with {method}"), json!({"result": "replied", "method": method}))
        }
        Receipt::Ignored { rule, why } => Output::done(
            &format!("ignored: {why} ({rule})"),
            json!({"result": "ignored", "rule": rule, "why": why}),
        ),
    })
}

async fn get(tx: &mut Tx<'_>, id: i64) -> Result<Reservation, Failure> {
    let found = tx.reservations().get(ReservationId::new(id)).await?;
    found.ok_or_else(|| Failure::new(format!("there is no reservation {id}")))
}

async fn room_of(tx: &mut Tx<'_>, reservation: &Reservation) -> Result<Room, Failure> {
    let found = tx.rooms().get(reservation.room).await?;
    found.ok_or_else(|| Failure::new(format!("reservation {} has no room", reservation.id)))
}

/// A reservation with these of its dates.
async fn row(tx: &mut Tx<'_>, reservation: &Reservation, dates: &[Stored]) -> Result<Value, Failure> {
    let room = room_of(tx, reservation).await?;
    let owner = tx.users().get(reservation.owner).await?;
    let first = dates.first().map(|stored| &stored.facts);
    Ok(json!({
        "id": reservation.id.get(),
        "room": room.slug.as_str(),
        "user": owner.map(|user| user.login.to_string()),
        "uid": reservation.uid,
        "summary": reservation.summary,
        "channel": reservation.channel.as_str(),
        "rolling": reservation.rolling,
        "claimed_to": times::json(reservation.horizon, &room.zone),
        "start": times::json(first.map(|facts| facts.period.start), &room.zone),
        "end": times::json(first.map(|facts| facts.period.end), &room.zone),
        "state": first.map(|facts| facts.state.as_str()),
        "expires_at": times::json(first.and_then(|facts| facts.expires_at), &room.zone),
        "dates": dates.len(),
        "occurrences": dates.iter().map(|stored| date(stored, &room.zone)).collect::<Vec<_>>(),
    }))
}

fn date(stored: &Stored, zone: &Zone) -> Value {
    let facts = &stored.facts;
    json!({
        "id": stored.id.get(),
        "recurrence_id": times::json(facts.id.instant(), zone),
        "start": times::shown(facts.period.start, zone),
        "end": times::shown(facts.period.end, zone),
        "all_day": facts.all_day,
        "tentative": facts.tentative,
        "state": facts.state.as_str(),
        "reason": facts.reason.map(Reason::code),
        "expires_at": times::json(facts.expires_at, zone),
        "claims": facts.claim.is_some(),
    })
}

/// Where the text is that decides: a room's calendar, or a person's, and the name there.
async fn member(tx: &mut Tx<'_>, reservation: &Reservation) -> Result<Value, Failure> {
    let Some(source) = tx.resources().get(reservation.source).await? else { return Ok(Value::Null) };
    let Some(calendar) = tx.calendars().get(source.calendar).await? else { return Ok(Value::Null) };
    let folder = match calendar.owner {
        CalendarOwner::Room(room) => match tx.rooms().get(room).await? {
            Some(room) => format!("rooms/{}", room.slug),
            None => return Ok(Value::Null),
        },
        CalendarOwner::Person(person) => match tx.users().get(person).await? {
            Some(user) => format!("users/{}/{}", user.login, calendar.name),
            None => return Ok(Value::Null),
        },
    };
    Ok(json!(format!("{folder}/{}", source.name)))
}

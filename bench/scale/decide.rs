//! Decisions in a house that is there: one event, or a weekly series of a year, into a room's calendar.

use std::path::Path;

use roomdav::booking::{Actor, Bookings, Bounds, Outcome, Put, Target, actor};
use roomdav::clock::Clock;
use roomdav::domain::id::Slug;
use roomdav::domain::time::Instant;
use roomdav::ical::{CalendarObject, Limits};
use roomdav::store::{Options, Store};
use roomdav::text::Language;

use crate::{Done, house, queries};

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One event.
    Single,
    /// A weekly series of a year.
    Series,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Single, Self::Series];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Series => "series",
        }
    }
}

/// The queries of one decision, after one that warmed everything up: the least of a few, since what else the
/// store does meanwhile is counted too.
pub(crate) fn queries(file: &Path, kind: Kind) -> Done<usize> {
    queries::watch();
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("house.sqlite");
    std::fs::copy(file, &copy)?;
    runtime()?.block_on(async {
        let bookings = open(&copy).await?;
        decide(&bookings, kind, 0).await?;
        let mut least = usize::MAX;
        for number in 1..6 {
            let before = queries::count();
            decide(&bookings, kind, number).await?;
            least = least.min(queries::count() - before);
        }
        bookings.store().clone().close().await;
        if least == 0 { Err("no query was counted".into()) } else { Ok(least) }
    })
}

/// Decides so many times: what callgrind looks at.
pub(crate) fn repeat(file: &str, kind: &str, times: &str) -> Done {
    let kind = Kind::ALL.into_iter().find(|it| it.name() == kind).ok_or("single or series")?;
    let times: u32 = times.parse()?;
    runtime()?.block_on(async {
        let bookings = open(Path::new(file)).await?;
        for number in 0..times {
            decide(&bookings, kind, number).await?;
        }
        bookings.store().clone().close().await;
        Ok(())
    })
}

pub(crate) fn runtime() -> Done<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

pub(crate) async fn open(file: &Path) -> Done<Bookings> {
    let store = Store::open(&format!("sqlite://{}", file.display()), &Options::default()).await?;
    Ok(Bookings::new(store, Clock::fixed(Instant::from_secs(house::NOW)), Bounds::default()))
}

/// The house's last person.
pub(crate) async fn asker(bookings: &Bookings) -> Done<Actor> {
    let mut snapshot = bookings.store().snapshot().await?;
    let mut tx = snapshot.tx();
    let user = tx.users().by_login(&Slug::parse(house::ASKER)?).await?.ok_or("nobody asks")?;
    Ok(actor(&mut tx, &user, Language::English).await?)
}

/// One request of the house's last person in its middle room, at an hour that is free on every day.
async fn decide(bookings: &Bookings, kind: Kind, number: u32) -> Done {
    let actor = asker(bookings).await?;
    let mut snapshot = bookings.store().snapshot().await?;
    let mut tx = snapshot.tx();
    let room = tx.rooms().by_slug(&Slug::parse(house::ASKED)?).await?.ok_or("no room is asked")?.id;
    drop(snapshot);
    let (day, hour) = (1 + number % 28, 12 + number / 28);
    let rule = if kind == Kind::Series { "RRULE:FREQ=WEEKLY;COUNT=52\r\n" } else { "" };
    let uid = format!("{}-{number}", kind.name());
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//scale//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20270101T000000Z\r\nSUMMARY:Meeting\r\nDTSTART:202703{day:02}T{hour:02}0000Z\r\n\
         DURATION:PT30M\r\n{rule}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let object = CalendarObject::parse(text.into(), &Limits::default())?;
    let put = Put::new(actor, Target::Room(room), &format!("{uid}.ics"), object);
    match bookings.put(put).await? {
        Outcome::Stored { .. } => Ok(()),
        other => Err(format!("not stored: {other:?}").into()),
    }
}

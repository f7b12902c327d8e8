//! What the database has in the end: the order of all changes, who asked for each, and what is there.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, query_as};

use super::asked::Place;
use super::log::Line;
use super::world::{PEOPLE, Period, ROOMS, person_of};

/// One row of `changes`, with its row of `audit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) nonce: i64,
    pub(crate) name: String,
    /// Stands for the name where it is hidden.
    pub(crate) mask_key: String,
    /// Of [`PEOPLE`].
    pub(crate) owner: usize,
    /// Of the new text; `None` of what is gone.
    pub(crate) digest: Option<String>,
    /// From where it was asked for.
    pub(crate) line: Option<Line>,
}

/// A member as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) owner: usize,
    pub(crate) digest: String,
}

/// One calendar and its whole history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    /// From number 1 on.
    pub(crate) rows: Vec<Row>,
    /// The nonce of number 0.
    pub(crate) first_nonce: i64,
    pub(crate) kept: Vec<Kept>,
    /// What is claimed in it, by the owner of the claim.
    pub(crate) claims: Vec<(Period, usize)>,
    /// Rows of changes and rows of the audit that have no counterpart, in words.
    pub(crate) unpaired: Vec<String>,
}

/// All that the database has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored(pub(crate) BTreeMap<Place, Calendar>);

/// Line `n` speaks from the `n`th address after this one.
const FIRST_ADDRESS: u32 = 0x7f00_0100;

pub(crate) fn address(line: Line) -> Ipv4Addr {
    Ipv4Addr::from(FIRST_ADDRESS + line)
}

fn line(address: &str) -> Option<Line> {
    u32::from(address.parse::<Ipv4Addr>().ok()?).checked_sub(FIRST_ADDRESS)
}

/// Either database, with the same statements.
enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! rows {
    ($open:expr, $sql:expr) => {
        match $open {
            Open::Sqlite(conn) => query_as($sql).fetch_all(conn).await,
            Open::Postgres(conn) => query_as($sql).fetch_all(conn).await,
        }
        .map_err(|cause| cause.to_string())
    };
}

const CALENDARS: &str = "
    SELECT k.id, COALESCE(r.slug, u.login), CAST(CASE WHEN k.room_id IS NULL THEN 0 ELSE 1 END AS BIGINT)
    FROM calendars k LEFT JOIN rooms r ON r.id = k.room_id LEFT JOIN users u ON u.id = k.user_id
    WHERE k.room_id IS NOT NULL OR k.name = 'reservations'";
const CHANGES: &str = "
    SELECT c.calendar_id, c.seq, c.nonce, c.name, CAST(CASE WHEN c.removed THEN 1 ELSE 0 END AS BIGINT),
        COALESCE(c.mask_key, ''), u.login
    FROM changes c LEFT JOIN users u ON u.id = c.owner_id
    ORDER BY c.calendar_id, c.seq";
const AUDIT: &str = "
    SELECT r.slug, a.uid, a.peer, a.message
    FROM audit a LEFT JOIN rooms r ON r.id = a.room_id
    WHERE a.kind = 'change'
    ORDER BY a.id";
const MEMBERS: &str = "
    SELECT m.calendar_id, m.name, u.login, m.etag
    FROM resources m JOIN users u ON u.id = m.owner_id
    WHERE m.reader_id IS NULL";
const CLAIMS: &str = "
    SELECT r.slug, c.start_at, c.end_at, u.login
    FROM claims c JOIN reservations v ON v.id = c.reservation_id JOIN rooms r ON r.id = v.room_id
        JOIN users u ON u.id = v.owner_id";

type ChangeRow = (i64, i64, i64, String, i64, String, Option<String>);
type AuditRow = (Option<String>, String, Option<String>, Option<String>);

/// Reads it all; nobody may write meanwhile.
pub(crate) async fn read(url: &str) -> Result<Stored, String> {
    let said = |cause: sqlx::Error| cause.to_string();
    let mut open = if url.starts_with("sqlite") {
        Open::Sqlite(SqliteConnection::connect(url).await.map_err(said)?)
    } else {
        Open::Postgres(PgConnection::connect(url).await.map_err(said)?)
    };
    let calendars: Vec<(i64, String, i64)> = rows!(&mut open, CALENDARS)?;
    let changes: Vec<ChangeRow> = rows!(&mut open, CHANGES)?;
    let audit: Vec<AuditRow> = rows!(&mut open, AUDIT)?;
    let members: Vec<(i64, String, String, String)> = rows!(&mut open, MEMBERS)?;
    let claims: Vec<(String, i64, i64, String)> = rows!(&mut open, CLAIMS)?;
    match open {
        Open::Sqlite(conn) => conn.close().await.map_err(said)?,
        Open::Postgres(conn) => conn.close().await.map_err(said)?,
    }
    let ids = calendars.into_iter().filter_map(|(id, name, is_room)| Some((id, place(&name, is_room == 1)?)));
    let ids: BTreeMap<i64, Place> = ids.collect();
    let mut stored: BTreeMap<Place, Calendar> =
        ids.values().map(|place| (*place, Calendar::default())).collect();
    let mut decided = by_calendar(audit);
    for change in changes {
        let Some(place) = ids.get(&change.0) else { continue };
        let calendar = stored.entry(*place).or_default();
        calendar.take(change, decided.entry(*place).or_default());
    }
    for (place, left) in decided {
        let lines = left.into_iter().map(|row| format!("the audit has {row:?} and changes have nothing"));
        stored.entry(place).or_default().unpaired.extend(lines);
    }
    for (id, name, owner, digest) in members {
        let (Some(place), Some(owner)) = (ids.get(&id), person(&owner)) else { continue };
        stored.entry(*place).or_default().kept.push(Kept { name, owner, digest });
    }
    for (room, start, end, owner) in claims {
        let (Some(place), Some(owner)) = (place(&room, true), person(&owner)) else { continue };
        stored.entry(place).or_default().claims.push((Period { start, end }, owner));
    }
    Ok(Stored(stored))
}

fn person(login: &str) -> Option<usize> {
    PEOPLE.iter().position(|known| *known == login)
}

fn place(name: &str, is_room: bool) -> Option<Place> {
    if is_room {
        return ROOMS.iter().position(|known| *known == name).map(Place::Room);
    }
    person(name).map(Place::Own)
}

/// Rows of the audit in the order of their calendar: of one calendar they are written under its lock. A
/// row without a room is about the default calendar of whose UID it is.
fn by_calendar(audit: Vec<AuditRow>) -> BTreeMap<Place, VecDeque<AuditRow>> {
    let mut decided: BTreeMap<Place, VecDeque<AuditRow>> = BTreeMap::new();
    for row in audit {
        let place = match &row.0 {
            Some(slug) => place(slug, true),
            None => person_of(&row.1).map(Place::Own),
        };
        decided.entry(place.unwrap_or(Place::Own(usize::MAX))).or_default().push_back(row);
    }
    decided
}

impl Calendar {
    /// The next change, with the next row of the audit.
    fn take(&mut self, change: ChangeRow, decided: &mut VecDeque<AuditRow>) {
        let (_, seq, nonce, name, removed, mask_key, owner) = change;
        if seq == 0 {
            self.first_nonce = nonce;
            return;
        }
        let Some((_, _, peer, message)) = decided.pop_front() else {
            self.unpaired.push(format!("change {seq} of {name} has no row in the audit"));
            return;
        };
        if message.is_none() != (removed == 1) {
            self.unpaired.push(format!("change {seq} of {name} is not what the audit says: {message:?}"));
        }
        let owner = owner.as_deref().and_then(person).unwrap_or(usize::MAX);
        let line = peer.as_deref().and_then(line);
        self.rows.push(Row { seq, nonce, name, mask_key, owner, digest: message, line });
    }

    /// The number of the latest change.
    pub(crate) fn last(&self) -> i64 {
        self.rows.last().map_or(0, |row| row.seq)
    }

    /// The nonce of a number, if there is such a number.
    pub(crate) fn nonce(&self, seq: i64) -> Option<i64> {
        if seq == 0 {
            return Some(self.first_nonce);
        }
        let at = self.rows.binary_search_by_key(&seq, |row| row.seq).ok()?;
        Some(self.rows[at].nonce)
    }
}

//! Instances of reservations and their claims, as they are read. How they are written is in `dates.rs`.

use std::collections::HashMap;

use sqlx::{query_as, query_scalar};

use crate::domain::claim::Claim;
use crate::domain::id::{OccurrenceId, ReservationId, RoomId, SpaceId, UserId};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, on_db};

/// An occurrence as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The key; a new one each time the reservation is rewritten.
    pub id: OccurrenceId,
    /// What it is.
    pub facts: OccurrenceFacts,
}

/// A claim with what free/busy needs to know about it (R104).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The event's own time.
    pub period: Period,
    /// Buffers included.
    pub occupied: Period,
    /// Held, or STATUS:TENTATIVE.
    pub tentative: bool,
    /// The UID of its reservation.
    pub uid: String,
    /// Its owner.
    pub owner: UserId,
}

/// An occurrence that a person holds, for counting (R44).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBy {
    /// Of which reservation.
    pub reservation: ReservationId,
    /// In which room.
    pub room: RoomId,
    /// The event's own time.
    pub period: Period,
}

/// Queries on `occurrences` and `claims`.
pub struct Occurrences<'t, 'c>(pub(super) &'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Occurrences and their claims.
    pub fn occurrences(&mut self) -> Occurrences<'_, 'c> {
        Occurrences(self)
    }
}

/// The reservation's key first.
type Row = (
    i64,
    i64,
    i64,
    i64,
    i64,
    bool,
    bool,
    String,
    Option<String>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);
type ClaimRow = (i64, i64, i64, i64, i64, i64, i64);

/// What touches a set of (space, from, to), by the index for each of them in turn. PostgreSQL would
/// rather hold every row against every one asked for, since it cannot know how few claims are near
/// one; the `OFFSET 0` keeps it from that. Claims of more than two days have an index of their own, so
/// that a room full of short ones is not read for a month before each date.
macro_rules! neighbours {
    ($set:literal, $open:literal, $close:literal) => {
        concat!(
            "
            WITH met AS (
                SELECT c.space_id, c.start_at, c.end_at, c.units, c.occurrence_id, c.reservation_id
                FROM ", $set, " AS given ", $open, " c.space_id = CAST(value ->> 0 AS BIGINT)
                    AND c.start_at < CAST(value ->> 2 AS BIGINT) AND c.end_at > CAST(value ->> 1 AS BIGINT)
                    AND c.start_at > CAST(value ->> 1 AS BIGINT) - 172800 ", $close, "
                UNION
                SELECT c.space_id, c.start_at, c.end_at, c.units, c.occurrence_id, c.reservation_id
                FROM ", $set, " AS given ", $open, " c.space_id = CAST(value ->> 0 AS BIGINT)
                    AND c.start_at < CAST(value ->> 2 AS BIGINT) AND c.end_at > CAST(value ->> 1 AS BIGINT)
                    AND c.start_at > CAST(value ->> 1 AS BIGINT) - 2851200
                    AND c.end_at - c.start_at > 172800 ", $close, ")
            SELECT met.space_id, met.start_at, met.end_at, met.units, met.occurrence_id, met.reservation_id,
                   r.owner_id
            FROM met
            JOIN reservations r ON r.id = met.reservation_id
            ORDER BY met.space_id, met.start_at"
        )
    };
}

/// The same for a set of (from, to) on whatever space.
macro_rules! anywhere {
    ($set:literal, $open:literal, $close:literal) => {
        concat!(
            "
            WITH met AS (
                SELECT c.space_id, c.start_at, c.end_at, c.units, c.occurrence_id, c.reservation_id
                FROM ", $set, " AS given ", $open, " c.start_at < CAST(value ->> 1 AS BIGINT)
                    AND c.end_at > CAST(value ->> 0 AS BIGINT)
                    AND c.start_at > CAST(value ->> 0 AS BIGINT) - 172800 ", $close, "
                UNION
                SELECT c.space_id, c.start_at, c.end_at, c.units, c.occurrence_id, c.reservation_id
                FROM ", $set, " AS given ", $open, " c.start_at < CAST(value ->> 1 AS BIGINT)
                    AND c.end_at > CAST(value ->> 0 AS BIGINT)
                    AND c.start_at > CAST(value ->> 0 AS BIGINT) - 2851200
                    AND c.end_at - c.start_at > 172800 ", $close, ")
            SELECT met.space_id, met.start_at, met.end_at, met.units, met.occurrence_id, met.reservation_id,
                   r.owner_id
            FROM met
            JOIN reservations r ON r.id = met.reservation_id
            ORDER BY met.space_id, met.start_at"
        )
    };
}

/// Every occurrence of these reservations.
macro_rules! of {
    ($these:literal) => {
        concat!(
            "
            SELECT o.reservation_id,
                   o.id, o.recur_at, o.start_at, o.end_at, o.all_day, o.tentative, o.state, o.reason, o.claimed_at,
                   o.expires_at, c.start_at, c.end_at, c.units
            FROM occurrences o
            LEFT JOIN (SELECT occurrence_id, MIN(start_at) AS start_at, MAX(end_at) AS end_at, MIN(units) AS units
                       FROM claims
                       WHERE reservation_id ", $these, "
                       GROUP BY occurrence_id) c ON c.occurrence_id = o.id
            WHERE o.reservation_id ", $these, "
            ORDER BY o.reservation_id, o.start_at, o.id"
        )
    };
}

impl Occurrences<'_, '_> {
    /// Every occurrence of each of these reservations, by start.
    ///
    /// # Errors
    /// `Inconsistent` if a row has a state or reason that nobody knows.
    pub async fn of_all(
        &mut self,
        reservations: &[ReservationId],
    ) -> Result<HashMap<ReservationId, Vec<Stored>>, StoreError> {
        const SQL: SetSql = SetSql {
            sqlite: of!("IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_each($1))"),
            postgres: of!(
                "IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_array_elements(CAST($1 AS JSON)))"
            ),
        };
        let sql = SQL.on(self.0);
        let ids = set(reservations.iter().map(|id| (id.get(),)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(ids).fetch_all(conn).await)?;
        let mut all: HashMap<ReservationId, Vec<Stored>> = HashMap::new();
        for row in rows {
            all.entry(ReservationId::new(row.0)).or_default().push(stored(row)?);
        }
        Ok(all)
    }

    /// Every occurrence of a reservation, by start.
    ///
    /// # Errors
    /// `Inconsistent` if a row has a state or reason that nobody knows.
    pub async fn of(&mut self, reservation: ReservationId) -> Result<Vec<Stored>, StoreError> {
        const SQL: &str = of!("= $1");
        let rows: Vec<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(reservation.get()).fetch_all(conn).await)?;
        rows.into_iter().map(stored).collect()
    }

    /// The end of the last occurrence that a reservation holds; `None` if it holds none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn last_held(&mut self, reservation: ReservationId) -> Result<Option<Instant>, StoreError> {
        const SQL: &str = "
            SELECT MAX(end_at) FROM occurrences
            WHERE reservation_id = $1 AND state IN ('confirmed', 'held', 'grace')";
        let end: Option<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(reservation.get()).fetch_one(conn).await)?;
        Ok(end.map(Instant::from_secs))
    }

    /// What a person holds that is not over at `now`, confirmed or waiting for approval (R44).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn held_by(&mut self, owner: UserId, now: Instant) -> Result<Vec<HeldBy>, StoreError> {
        const SQL: &str = "
            SELECT o.reservation_id, o.room_id, o.start_at, o.end_at
            FROM reservations r
            JOIN occurrences o ON o.reservation_id = r.id
            WHERE r.owner_id = $1 AND o.end_at > $2 AND o.state IN ('confirmed', 'held')";
        let rows: Vec<(i64, i64, i64, i64)> = on_db!(self.0, conn =>
            query_as(SQL).bind(owner.get()).bind(now.secs()).fetch_all(conn).await)?;
        let held = rows.into_iter().map(|(reservation, room, start, end)| HeldBy {
            reservation: ReservationId::new(reservation),
            room: RoomId::new(room),
            period: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
        });
        Ok(held.collect())
    }

    /// The claims on these spaces that touch one of `ranges`, but those of the reservations in
    /// `except`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn neighbours(
        &mut self,
        spaces: &[SpaceId],
        ranges: &[Period],
        except: &[ReservationId],
    ) -> Result<Vec<Claim>, StoreError> {
        const SQL: SetSql = SetSql {
            sqlite: neighbours!("json_each($1)", "CROSS JOIN claims c WHERE", ""),
            postgres: neighbours!(
                "json_array_elements(CAST($1 AS JSON))",
                "CROSS JOIN LATERAL (SELECT * FROM claims c WHERE",
                "OFFSET 0) AS c"
            ),
        };
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let sql = SQL.on(self.0);
        let asked = set(spaces.iter().flat_map(|space| {
            ranges.iter().map(move |range| (space.get(), range.start.secs(), range.end.secs()))
        }));
        let rows: Vec<ClaimRow> = on_db!(self.0, conn => query_as(sql).bind(asked).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(claim).filter(|claim| !except.contains(&claim.reservation)).collect())
    }

    /// The claims on any space that touch one of `ranges`, by an index on time alone.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn anywhere(&mut self, ranges: &[Period]) -> Result<Vec<Claim>, StoreError> {
        const SQL: SetSql = SetSql {
            sqlite: anywhere!("json_each($1)", "CROSS JOIN claims c WHERE", ""),
            postgres: anywhere!(
                "json_array_elements(CAST($1 AS JSON))",
                "CROSS JOIN LATERAL (SELECT * FROM claims c WHERE",
                "OFFSET 0) AS c"
            ),
        };
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let sql = SQL.on(self.0);
        let asked = set(ranges.iter().map(|range| (range.start.secs(), range.end.secs())));
        let rows: Vec<ClaimRow> = on_db!(self.0, conn => query_as(sql).bind(asked).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(claim).collect())
    }

    /// What takes these spaces in `window`, for free/busy; grace claims are not shown.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn taken(&mut self, spaces: &[SpaceId], window: Period) -> Result<Vec<Taken>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT DISTINCT o.start_at, o.end_at, c.start_at, c.end_at, o.tentative OR o.state = 'held', r.uid,
                   r.owner_id
            FROM ",
            " AS asked
            JOIN claims c ON c.space_id = CAST(value ->> 0 AS BIGINT)
                         AND c.start_at < $3 AND c.start_at > $2 - 2851200 AND c.end_at > $2
            JOIN occurrences o ON o.id = c.occurrence_id
            JOIN reservations r ON r.id = c.reservation_id
            WHERE o.state IN ('confirmed', 'held')
            ORDER BY 1, 2"
        );
        let sql = SQL.on(self.0);
        let spaces = set(spaces.iter().map(|space| (space.get(),)));
        let rows: Vec<(i64, i64, i64, i64, bool, String, i64)> = on_db!(self.0, conn => query_as(sql)
            .bind(spaces)
            .bind(window.start.secs())
            .bind(window.end.secs())
            .fetch_all(conn)
            .await)?;
        let period = |start, end| Period { start: Instant::from_secs(start), end: Instant::from_secs(end) };
        Ok(rows
            .into_iter()
            .map(|(start, end, from, to, tentative, uid, owner)| Taken {
                period: period(start, end),
                occupied: period(from, to),
                tentative,
                uid,
                owner: UserId::new(owner),
            })
            .collect())
    }
}

fn claim((space, start, end, units, occurrence, reservation, holder): ClaimRow) -> Claim {
    Claim {
        space: SpaceId::new(space),
        occupied: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
        units,
        occurrence: OccurrenceId::new(occurrence),
        reservation: ReservationId::new(reservation),
        holder: UserId::new(holder),
    }
}

/// -1 stands for a single event: instants before 1970 are not taken (L-47).
pub(super) fn recur_at(id: RecurrenceId) -> i64 {
    id.instant().map_or(-1, Instant::secs)
}

fn stored(row: Row) -> Result<Stored, StoreError> {
    let (
        _,
        id,
        recur,
        start,
        end,
        all_day,
        tentative,
        state,
        reason,
        claimed_at,
        expires_at,
        from,
        to,
        units,
    ) = row;
    let unknown = |what: &str| StoreError::Inconsistent(format!("occurrence {id} has {what:?}"));
    let state = OccurrenceState::from_name(&state).ok_or_else(|| unknown(&state))?;
    let reason = reason.map(|code| Reason::from_code(&code).ok_or_else(|| unknown(&code))).transpose()?;
    let claim = from.zip(to).zip(units).map(|((from, to), units)| {
        (Period { start: Instant::from_secs(from), end: Instant::from_secs(to) }, units)
    });
    Ok(Stored {
        id: OccurrenceId::new(id),
        facts: OccurrenceFacts {
            id: (recur >= 0).then(|| Instant::from_secs(recur)).into(),
            period: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
            all_day,
            tentative,
            state,
            reason,
            claimed_at: Instant::from_secs(claimed_at),
            expires_at: expires_at.map(Instant::from_secs),
            claim,
        },
    })
}

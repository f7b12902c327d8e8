//! Who was there: check-ins, misses and what follows from several of them (R95 to R97).
//!
//! A row is about the occurrence that begins when the row says; of one that was moved since nothing is
//! known. Most rows are written under the locks of the room's spaces, but not that an attendee who answers
//! is there: so each write changes only what it says.

use sqlx::{Row, query, query_as, query_scalar};

use crate::domain::id::{ReservationId, RoomId, UserId};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};

use super::error::StoreError;
use super::occurrences::recur_at;
use super::tx::{Tx, execute_on, on_db};

/// What is known of one occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// Of which reservation.
    pub reservation: ReservationId,
    /// Which occurrence.
    pub occurrence: RecurrenceId,
    /// Its time, as it was booked.
    pub period: Period,
    /// When its organizer was asked to check in.
    pub reminded_at: Option<Instant>,
    /// When somebody checked in.
    pub checked_in_at: Option<Instant>,
    /// When it was released because nobody had.
    pub missed_at: Option<Instant>,
    /// When its organizer was told that everybody has declined (R98).
    pub declined_at: Option<Instant>,
    /// The deciding text from before it was released, where it had to be changed.
    pub text: Option<Vec<u8>>,
}

impl CheckIn {
    /// Nothing yet.
    #[must_use]
    pub fn of(reservation: ReservationId, facts: &OccurrenceFacts) -> Self {
        Self {
            reservation,
            occurrence: facts.id,
            period: facts.period,
            reminded_at: None,
            checked_in_at: None,
            missed_at: None,
            declined_at: None,
            text: None,
        }
    }
}

/// A series whose organizer has to confirm the rest (R97), or has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strikes {
    /// Which one.
    pub reservation: ReservationId,
    /// Until when; `None`: it is confirmed.
    pub confirm_until: Option<Instant>,
    /// Misses that began before do not count any more.
    pub counted_from: Instant,
}

/// Queries on `check_ins` and `strikes`.
pub struct CheckIns<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Who was there.
    pub fn check_ins(&mut self) -> CheckIns<'_, 'c> {
        CheckIns(self)
    }
}

type OpenRow = (i64, i64, i64, i64, bool, i64, bool);

impl CheckIns<'_, '_> {
    /// Confirmed occurrences of a room that begin before `until` and have not ended, of which nobody
    /// checked in and nobody was found missing; with whether the organizer was asked. Their claims are
    /// not loaded.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn open(
        &mut self,
        room: RoomId,
        until: Instant,
        now: Instant,
    ) -> Result<Vec<(ReservationId, OccurrenceFacts, bool)>, StoreError> {
        // The lower bound of the start is that of claims.
        const SQL: &str = "
            SELECT o.reservation_id, o.recur_at, o.start_at, o.end_at, o.all_day, o.claimed_at,
                c.reminded_at IS NOT NULL
            FROM occurrences o
            LEFT JOIN check_ins c ON c.reservation_id = o.reservation_id AND c.recur_at = o.recur_at
                AND c.start_at = o.start_at
            WHERE o.room_id = $1 AND o.state = 'confirmed' AND o.start_at <= $2 AND o.start_at > $3 - 2851200
                AND o.end_at > $3 AND c.checked_in_at IS NULL AND c.missed_at IS NULL
            ORDER BY o.start_at, o.id";
        let rows: Vec<OpenRow> = on_db!(self.0, conn => query_as(SQL)
            .bind(room.get())
            .bind(until.secs())
            .bind(now.secs())
            .fetch_all(conn)
            .await)?;
        let facts = |(reservation, recur, start, end, all_day, claimed_at, is_asked): OpenRow| {
            let facts = OccurrenceFacts {
                id: (recur >= 0).then(|| Instant::from_secs(recur)).into(),
                period: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
                all_day,
                tentative: false,
                state: OccurrenceState::Confirmed,
                reason: None,
                claimed_at: Instant::from_secs(claimed_at),
                expires_at: None,
                claim: None,
            };
            (ReservationId::new(reservation), facts, is_asked)
        };
        Ok(rows.into_iter().map(facts).collect())
    }

    /// What is known of an occurrence, wherever it was then.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(
        &mut self,
        reservation: ReservationId,
        occurrence: RecurrenceId,
    ) -> Result<Option<CheckIn>, StoreError> {
        const SQL: &str = "
            SELECT *
            FROM check_ins
            WHERE reservation_id = $1 AND recur_at = $2";
        on_db!(self.0, conn => query(SQL)
            .bind(reservation.get())
            .bind(recur_at(occurrence))
            .fetch_optional(conn)
            .await
            .and_then(|row| row.map(|row| Ok(CheckIn {
                reservation,
                occurrence,
                period: Period {
                    start: Instant::from_secs(row.try_get("start_at")?),
                    end: Instant::from_secs(row.try_get("end_at")?),
                },
                reminded_at: row.try_get::<Option<_>, _>("reminded_at")?.map(Instant::from_secs),
                checked_in_at: row.try_get::<Option<_>, _>("checked_in_at")?.map(Instant::from_secs),
                missed_at: row.try_get::<Option<_>, _>("missed_at")?.map(Instant::from_secs),
                declined_at: row.try_get::<Option<_>, _>("declined_at")?.map(Instant::from_secs),
                text: row.try_get("text")?,
            })).transpose()))
    }

    /// Writes down what is known of an occurrence. What the row does not say stays as it is, for others may
    /// write at the same time; but of one that was moved since nothing stays.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(&mut self, row: &CheckIn) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO check_ins (reservation_id, recur_at, start_at, end_at, reminded_at, checked_in_at,
                missed_at, text, declined_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (reservation_id, recur_at) DO UPDATE
            SET start_at = excluded.start_at, end_at = excluded.end_at,
                reminded_at = COALESCE(excluded.reminded_at,
                    CASE WHEN check_ins.start_at = excluded.start_at THEN check_ins.reminded_at END),
                checked_in_at = COALESCE(excluded.checked_in_at,
                    CASE WHEN check_ins.start_at = excluded.start_at THEN check_ins.checked_in_at END),
                missed_at = COALESCE(excluded.missed_at,
                    CASE WHEN check_ins.start_at = excluded.start_at THEN check_ins.missed_at END),
                text = COALESCE(excluded.text,
                    CASE WHEN check_ins.start_at = excluded.start_at THEN check_ins.text END),
                declined_at = COALESCE(excluded.declined_at,
                    CASE WHEN check_ins.start_at = excluded.start_at THEN check_ins.declined_at END)";
        execute_on!(
            self.0,
            query(SQL)
                .bind(row.reservation.get())
                .bind(recur_at(row.occurrence))
                .bind(row.period.start.secs())
                .bind(row.period.end.secs())
                .bind(row.reminded_at.map(Instant::secs))
                .bind(row.checked_in_at.map(Instant::secs))
                .bind(row.missed_at.map(Instant::secs))
                .bind(row.text.as_deref())
                .bind(row.declined_at.map(Instant::secs))
        )
        .map(drop)
    }

    /// An occurrence that was released is had again by somebody who is there.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn taken_back(
        &mut self,
        reservation: ReservationId,
        occurrence: RecurrenceId,
        now: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE check_ins SET missed_at = NULL, checked_in_at = $3, text = NULL
            WHERE reservation_id = $1 AND recur_at = $2";
        let (id, recur) = (reservation.get(), recur_at(occurrence));
        execute_on!(self.0, query(SQL).bind(id).bind(recur).bind(now.secs())).map(drop)
    }

    /// Reservations in a room with a date that begins after `after` and that everybody had declined when
    /// it was looked at last.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn declined(&mut self, room: RoomId, after: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT DISTINCT o.reservation_id
            FROM check_ins c
            JOIN occurrences o ON o.reservation_id = c.reservation_id AND o.recur_at = c.recur_at
                AND o.start_at = c.start_at
            WHERE o.room_id = $1 AND o.state = 'confirmed' AND c.declined_at IS NOT NULL AND c.start_at > $2
            ORDER BY o.reservation_id";
        let rows: Vec<i64> = on_db!(self.0, conn => query_scalar(SQL)
            .bind(room.get())
            .bind(after.secs())
            .fetch_all(conn)
            .await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// How many occurrences of a reservation that began at or after `since` were missed in a row, up to
    /// the last one of which anything is known.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn misses(&mut self, reservation: ReservationId, since: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(*)
            FROM check_ins
            WHERE reservation_id = $1 AND start_at >= $2 AND missed_at IS NOT NULL AND start_at > COALESCE(
                (SELECT MAX(start_at) FROM check_ins WHERE reservation_id = $1 AND checked_in_at IS NOT NULL), -1)";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(reservation.get())
            .bind(since.secs())
            .fetch_one(conn)
            .await)
    }

    /// Forgets texts of what is over: nothing can be taken back then.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn forget_texts(&mut self, now: Instant) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE check_ins
            SET text = NULL
            WHERE text IS NOT NULL AND end_at <= $1";
        execute_on!(self.0, query(SQL).bind(now.secs())).map(drop)
    }

    /// What is asked of the organizer of a series, if anything ever was.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn strikes(&mut self, reservation: ReservationId) -> Result<Option<Strikes>, StoreError> {
        const SQL: &str = "SELECT confirm_until_at, counted_from_at FROM strikes WHERE reservation_id = $1";
        let row: Option<(Option<i64>, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(reservation.get()).fetch_optional(conn).await)?;
        Ok(row.map(|(until, from)| Strikes {
            reservation,
            confirm_until: until.map(Instant::from_secs),
            counted_from: Instant::from_secs(from),
        }))
    }

    /// Writes down what is asked.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_strikes(&mut self, strikes: &Strikes) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO strikes (reservation_id, confirm_until_at, counted_from_at)
            VALUES ($1, $2, $3)
            ON CONFLICT (reservation_id) DO UPDATE
            SET confirm_until_at = excluded.confirm_until_at, counted_from_at = excluded.counted_from_at";
        execute_on!(
            self.0,
            query(SQL)
                .bind(strikes.reservation.get())
                .bind(strikes.confirm_until.map(Instant::secs))
                .bind(strikes.counted_from.secs())
        )
        .map(drop)
    }

    /// Nobody has to confirm any series of this person any more: an answer could not have come (R90).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn ask_no_more(&mut self, owner: UserId) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE strikes SET confirm_until_at = NULL
            WHERE confirm_until_at IS NOT NULL
                AND reservation_id IN (SELECT id FROM reservations WHERE owner_id = $1)";
        execute_on!(self.0, query(SQL).bind(owner.get())).map(drop)
    }

    /// Whether a series has an owner who can be asked.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn can_be_asked(&mut self, reservation: ReservationId) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM reservations WHERE id = $1 AND orphaned_at IS NULL";
        let count: i64 =
            on_db!(self.0, conn => query_scalar(SQL).bind(reservation.get()).fetch_one(conn).await)?;
        Ok(count > 0)
    }

    /// Whether nobody confirmed a series in time who could have; from then on it is asked for no more.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn settle(&mut self, reservation: ReservationId, now: Instant) -> Result<bool, StoreError> {
        const SQL: &str = "
            UPDATE strikes SET confirm_until_at = NULL, counted_from_at = $2
            WHERE reservation_id = $1 AND confirm_until_at <= $2 AND EXISTS (SELECT 1 FROM reservations r
                WHERE r.id = strikes.reservation_id AND r.orphaned_at IS NULL)";
        let settled = execute_on!(self.0, query(SQL).bind(reservation.get()).bind(now.secs()))?;
        Ok(settled > 0)
    }

    /// Series that nobody confirmed in time, though somebody could have (R90).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn unconfirmed(&mut self, now: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT s.reservation_id
            FROM strikes s
            JOIN reservations r ON r.id = s.reservation_id
            WHERE s.confirm_until_at <= $1 AND r.orphaned_at IS NULL
            ORDER BY s.reservation_id";
        let rows: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }
}

//! Occurrences that wait: for a manager (R70 to R72, R75), or for their continuation (R62).

use std::collections::HashMap;

use sqlx::{query_as, query_scalar};

use crate::domain::approval::Waiting;
use crate::domain::id::{ReservationId, RoomId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::occurrences::Occurrences;
use super::tx::on_db;

impl Occurrences<'_, '_> {
    /// The reservations with dates that passed on to a continuation, and whose notice is over (R62).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn passed_on(&mut self, now: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT DISTINCT reservation_id
            FROM occurrences
            WHERE expires_at <= $1 AND state = 'cancelled'
            ORDER BY reservation_id";
        let rows: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// Reservations of which something ended at `now` or before because nobody decided (R71, R75).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn undecided(&mut self, now: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT DISTINCT reservation_id FROM occurrences
            WHERE expires_at <= $1 AND state IN ('held', 'confirmed')
            ORDER BY reservation_id";
        let rows: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// Reservations of which something waits without a claim (R72).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn queued(&mut self) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT DISTINCT o.reservation_id FROM occurrences o
            WHERE o.state = 'held' AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.occurrence_id = o.id)
            ORDER BY o.reservation_id";
        let rows: Vec<i64> = on_db!(self.0, conn => query_scalar(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// What waits for approval in a room, by reservation; those of which nothing does are left out.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn waiting_in(&mut self, room: RoomId) -> Result<HashMap<ReservationId, Waiting>, StoreError> {
        const SQL: &str = "
            SELECT o.reservation_id, o.recur_at, EXISTS (
                SELECT 1 FROM occurrences c WHERE c.reservation_id = o.reservation_id AND c.state = 'confirmed')
            FROM occurrences o
            WHERE o.room_id = $1 AND o.state = 'held'
            ORDER BY o.reservation_id, o.recur_at";
        let rows: Vec<(i64, i64, bool)> =
            on_db!(self.0, conn => query_as(SQL).bind(room.get()).fetch_all(conn).await)?;
        let mut waiting: HashMap<ReservationId, Waiting> = HashMap::new();
        for (reservation, recur, is_mixed) in rows {
            let of = waiting.entry(ReservationId::new(reservation)).or_insert(Waiting::All);
            if is_mixed {
                of.and((recur >= 0).then(|| Instant::from_secs(recur)).into());
            }
        }
        Ok(waiting)
    }

    /// What waits for approval of one reservation.
    ///
    /// # Errors
    /// As [`Occurrences::of`].
    pub async fn waiting_of(&mut self, reservation: ReservationId) -> Result<Waiting, StoreError> {
        let all: Vec<_> = self.of(reservation).await?.into_iter().map(|stored| stored.facts).collect();
        Ok(Waiting::among(&all))
    }
}

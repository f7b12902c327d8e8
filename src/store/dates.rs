//! Writing the dates of reservations: their rows, their claims, and what the audit says became of them, in
//! one transaction (R57, R140, R150).
//!
//! A reservation's rows are replaced as a whole: its claims are dropped and the new set is inserted, under
//! the locks of its spaces. Nothing else writes `occurrences`, so no date changes without a row of the audit.

use std::collections::BTreeMap;

use sqlx::{query, query_as};

use crate::domain::id::{ReservationId, RoomId, SpaceId, Uid};
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::Reason;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::domain::transition::{Mark, shifts};

use super::audit::{Audit, Decision};
use super::error::StoreError;
use super::occurrences::{Occurrences, recur_at};
use super::set::{SetSql, set, set_sql};
use super::tx::on_db;

/// What comes back of a row that is taken away.
type Gone = (i64, i64, i64, String, Option<String>, Option<i64>);

impl Occurrences<'_, '_> {
    /// Replaces all occurrences of a reservation and their claims on `spaces`
    /// (each with its units: one unit means that claims on it are exclusive), and notes what became of
    /// each date. `because` says of which room and UID, who did it and by which rule, and with its reason
    /// why something is lost.
    ///
    /// # Errors
    /// `Overlap` if another claim is in the way, whatever was checked before.
    pub async fn replace(
        &mut self,
        reservation: ReservationId,
        room: RoomId,
        spaces: &[(SpaceId, i64)],
        occurrences: &[OccurrenceFacts],
        because: &Decision,
    ) -> Result<(), StoreError> {
        self.0.waiting().note(reservation).await?;
        self.write(reservation, room, spaces, occurrences, because).await
    }

    /// As [`Occurrences::replace`], of a reservation that is new, or whose claims were dropped by
    /// [`Occurrences::free`] in the same transaction.
    ///
    /// # Errors
    /// As there.
    pub async fn write(
        &mut self,
        reservation: ReservationId,
        room: RoomId,
        spaces: &[(SpaceId, i64)],
        occurrences: &[OccurrenceFacts],
        because: &Decision,
    ) -> Result<(), StoreError> {
        let old = self.delete(reservation).await?;
        let new: Vec<Mark> = occurrences.iter().map(Mark::from).collect();
        self.0.audit().shifted(&old, &new, because).await?;
        self.insert(reservation, room, occurrences).await?;
        self.claim(reservation, spaces, occurrences).await
    }

    /// Drops the claims of a reservation; its occurrences stay, to be replaced in the same
    /// transaction.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn free(&mut self, reservation: ReservationId) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM claims
            WHERE reservation_id = $1";
        self.0.waiting().note(reservation).await?;
        on_db!(self.0, conn => query(SQL).bind(reservation.get()).execute(conn).await.map(drop))
    }

    async fn insert(
        &mut self,
        reservation: ReservationId,
        room: RoomId,
        occurrences: &[OccurrenceFacts],
    ) -> Result<(), StoreError> {
        const INSERT: SetSql = set_sql!(
            "
            INSERT INTO occurrences (reservation_id, room_id, recur_at, start_at, end_at, all_day, tentative, state,
                                     reason, claimed_at, expires_at)
            SELECT $2, $3, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT),
                   value ->> 3 = '1', value ->> 4 = '1', value ->> 5, value ->> 6,
                   CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT)
            FROM ",
            " AS given"
        );
        if occurrences.is_empty() {
            return Ok(());
        }
        let sql = INSERT.on(self.0);
        let flag = |on: bool| if on { "1" } else { "0" };
        let rows = set(occurrences.iter().map(|facts| {
            (
                recur_at(facts.id),
                facts.period.start.secs(),
                facts.period.end.secs(),
                flag(facts.all_day),
                flag(facts.tentative),
                facts.state.as_str(),
                facts.reason.map(Reason::code),
                facts.claimed_at.secs(),
                facts.expires_at.map(Instant::secs),
            )
        }));
        on_db!(self.0, conn =>
            query(sql).bind(rows).bind(reservation.get()).bind(room.get()).execute(conn).await.map(drop))?;
        Ok(())
    }

    async fn claim(
        &mut self,
        reservation: ReservationId,
        spaces: &[(SpaceId, i64)],
        occurrences: &[OccurrenceFacts],
    ) -> Result<(), StoreError> {
        const CLAIM: SetSql = set_sql!(
            "
            INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at, units, exclusive)
            SELECT o.id, CAST(value ->> 2 AS BIGINT), $2, CAST(value ->> 3 AS BIGINT), CAST(value ->> 4 AS BIGINT),
                   CAST(value ->> 5 AS BIGINT), value ->> 6 = '1'
            FROM ",
            " AS given
            JOIN occurrences o ON o.reservation_id = $2 AND o.recur_at = CAST(value ->> 0 AS BIGINT)
                              AND o.state = value ->> 1"
        );
        let sql = CLAIM.on(self.0);
        let rows: Vec<_> = occurrences
            .iter()
            .filter_map(|facts| Some((facts, facts.claim?)))
            .flat_map(|(facts, (occupied, units))| {
                spaces.iter().map(move |(space, of)| {
                    let exclusive = if *of == 1 { "1" } else { "0" };
                    let (start, end) = (occupied.start.secs(), occupied.end.secs());
                    (recur_at(facts.id), facts.state.as_str(), space.get(), start, end, units, exclusive)
                })
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = set(rows);
        on_db!(self.0, conn => query(sql).bind(rows).bind(reservation.get()).execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Takes all rows of a reservation away, with their claims.
    pub(super) async fn clear(
        &mut self,
        reservation: ReservationId,
        because: &Decision,
    ) -> Result<(), StoreError> {
        let old = self.delete(reservation).await?;
        self.0.audit().shifted(&old, &[], because).await
    }

    /// The same; gives what they were.
    async fn delete(&mut self, reservation: ReservationId) -> Result<Vec<Mark>, StoreError> {
        const SQL: &str = "
            DELETE FROM occurrences
            WHERE reservation_id = $1
            RETURNING recur_at, start_at, end_at, state, reason, expires_at";
        let rows: Vec<Gone> =
            on_db!(self.0, conn => query_as(SQL).bind(reservation.get()).fetch_all(conn).await)?;
        rows.into_iter().map(mark).collect()
    }

    /// Ends grace claims whose time is over (R58). `because` says who ends them, and by which rule.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn expire(&mut self, now: Instant, because: &Decision) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM occurrences
            WHERE expires_at <= $1 AND state = 'grace'
            RETURNING room_id, (SELECT r.uid FROM reservations r WHERE r.id = reservation_id), recur_at, start_at,
                      end_at, state, reason, expires_at";
        type Expired = (i64, String, i64, i64, i64, String, Option<String>, Option<i64>);
        self.0.waiting().note_expiring(now).await?;
        let rows: Vec<Expired> =
            on_db!(self.0, conn => query_as(SQL).bind(now.secs()).fetch_all(conn).await)?;
        let mut ended: BTreeMap<(i64, String), Vec<Mark>> = BTreeMap::new();
        for (room, uid, recur, start, end, state, reason, expires) in rows {
            let mark = mark((recur, start, end, state, reason, expires))?;
            ended.entry((room, uid)).or_default().push(mark);
        }
        for ((room, uid), marks) in ended {
            let because = Decision { room: Some(RoomId::new(room)), uid: Uid::new(uid), ..because.clone() };
            self.0.audit().shifted(&marks, &[], &because).await?;
        }
        Ok(())
    }
}

impl Audit<'_, '_> {
    /// Notes what became of the dates of one reservation, one row for all that came to the same.
    async fn shifted(&mut self, old: &[Mark], new: &[Mark], because: &Decision) -> Result<(), StoreError> {
        let reason = because.reason.as_deref().and_then(Reason::from_code);
        for shift in shifts(old, new, &because.rule, reason) {
            let range = shift.range();
            let row = Decision {
                kind: "dates".to_owned(),
                recur_at: shift.only(),
                old_state: shift.old.map(|state| state.as_str().to_owned()),
                new_state: shift.new.map(|state| state.as_str().to_owned()),
                start_at: range.map(|range| range.start),
                end_at: range.map(|range| range.end),
                reason: shift.reason.map(|reason| reason.code().to_owned()),
                detail: shift.spelled(),
                rule: shift.rule,
                ..because.clone()
            };
            self.insert(&row).await?;
        }
        Ok(())
    }
}

fn mark((recur, start, end, state, reason, expires): Gone) -> Result<Mark, StoreError> {
    let unknown = |what: &str| StoreError::Inconsistent(format!("an occurrence has {what:?}"));
    Ok(Mark {
        id: (recur >= 0).then(|| Instant::from_secs(recur)).into(),
        period: Period { start: Instant::from_secs(start), end: Instant::from_secs(end) },
        state: OccurrenceState::from_name(&state).ok_or_else(|| unknown(&state))?,
        reason: reason.map(|code| Reason::from_code(&code).ok_or_else(|| unknown(&code))).transpose()?,
        expires_at: expires.map(Instant::from_secs),
    })
}

//! Reservations: one row per UID and room (R32). Their instances are in `occurrences.rs`.

use sqlx::{query, query_as, query_scalar};

use crate::domain::channel::Channel;
use crate::domain::id::{ReservationId, ResourceId, RoomId, UserId};
use crate::domain::time::{Instant, Period};

use super::audit::Decision;
use super::check_ins::Strikes;
use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Conn, Tx, on_db};

/// One UID in one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub id: ReservationId,
    /// In which room.
    pub room: RoomId,
    /// Under which UID.
    pub uid: String,
    /// Whose it is.
    pub owner: UserId,
    /// How it was asked for.
    pub channel: Channel,
    /// The resource whose text decides.
    pub source: ResourceId,
    /// What its owner calls it.
    pub summary: String,
    /// SEQUENCE of the text.
    pub sequence: i64,
    /// Whether it goes on beyond the horizon (R64).
    pub rolling: bool,
    /// Up to where a rolling one is claimed; `None` for others.
    pub horizon: Option<Instant>,
}

/// What is written of a reservation.
#[derive(Clone, Debug)]
pub struct ReservationFacts<'a> {
    /// Whose it is.
    pub owner: UserId,
    /// How it was asked for.
    pub channel: Channel,
    /// The resource whose text decides.
    pub source: ResourceId,
    /// What its owner calls it.
    pub summary: &'a str,
    /// SEQUENCE of the text.
    pub sequence: i64,
    /// Up to where a rolling series is claimed; `None` for others.
    pub rolling_until: Option<Instant>,
}

/// Which reservations a listing shows; empty fields do not restrict.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReservationFilter {
    /// In this room.
    pub room: Option<RoomId>,
    /// Of this person.
    pub owner: Option<UserId>,
    /// With an occurrence that touches this time.
    pub window: Option<Period>,
}

/// What a calendar says of whose a reservation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which one.
    pub reservation: ReservationId,
    /// In which room.
    pub room: RoomId,
    /// The owner's full name.
    pub owner: String,
    /// Whether none of the members that show it is private (R102).
    pub is_public: bool,
}

/// Queries on `reservations`.
pub struct Reservations<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Reservations.
    pub fn reservations(&mut self) -> Reservations<'_, 'c> {
        Reservations(self)
    }
}

type Row = (i64, i64, String, i64, String, i64, String, i64, bool, Option<i64>);

impl Reservations<'_, '_> {
    /// The reservation with this key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, id: ReservationId) -> Result<Option<Reservation>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling, horizon_at
            FROM reservations
            WHERE id = $1";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(id.get()).fetch_optional(conn).await)?;
        Ok(row.map(reservation))
    }

    /// The reservations with these keys, ascending; those that are gone are left out.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn among(&mut self, ids: &[ReservationId]) -> Result<Vec<Reservation>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling, horizon_at
            FROM reservations
            WHERE id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            ORDER BY id"
        );
        let sql = SQL.on(self.0);
        let ids = set(ids.iter().map(|id| (id.get(),)));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(sql).bind(ids).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(reservation).collect())
    }

    /// The reservation of this UID in this room.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn in_room(&mut self, room: RoomId, uid: &str) -> Result<Option<Reservation>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling, horizon_at
            FROM reservations
            WHERE room_id = $1 AND uid = $2";
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(room.get()).bind(uid).fetch_optional(conn).await)?;
        Ok(row.map(reservation))
    }

    /// The reservations that this resource decides, by key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn decided_by(&mut self, source: ResourceId) -> Result<Vec<Reservation>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling, horizon_at
            FROM reservations
            WHERE source_id = $1
            ORDER BY id";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(source.get()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(reservation).collect())
    }

    /// The reservations of this person with this UID, the one written last first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_owner(&mut self, owner: UserId, uid: &str) -> Result<Vec<Reservation>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling, horizon_at
            FROM reservations
            WHERE owner_id = $1 AND uid = $2
            ORDER BY modified_at DESC, id DESC";
        let rows: Vec<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(owner.get()).bind(uid).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(reservation).collect())
    }

    /// Reservations for a listing, by their first occurrence in the window.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self, filter: ReservationFilter) -> Result<Vec<Reservation>, StoreError> {
        const SQL: &str = "
            SELECT r.id, r.room_id, r.uid, r.owner_id, r.channel, r.source_id, r.summary, r.sequence, r.rolling,
                   r.horizon_at
            FROM reservations r
            JOIN (SELECT reservation_id, MIN(start_at) AS first_at FROM occurrences
                  WHERE start_at < $4 AND end_at > $3
                  GROUP BY reservation_id) o ON o.reservation_id = r.id
            WHERE ($1 < 0 OR r.room_id = $1) AND ($2 < 0 OR r.owner_id = $2)
            ORDER BY o.first_at, r.id";
        let ReservationFilter { room, owner, window } = filter;
        let (from, to) = window.map_or((-1, i64::MAX), |window| (window.start.secs(), window.end.secs()));
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL)
            .bind(room.map_or(-1, RoomId::get))
            .bind(owner.map_or(-1, UserId::get))
            .bind(from)
            .bind(to)
            .fetch_all(conn)
            .await)?;
        Ok(rows.into_iter().map(reservation).collect())
    }

    /// Stores a new reservation.
    ///
    /// # Errors
    /// `Duplicate` if the room has one with this UID.
    pub async fn insert(
        &mut self,
        room: RoomId,
        uid: &str,
        facts: &ReservationFacts<'_>,
        at: Instant,
    ) -> Result<ReservationId, StoreError> {
        // SQLite gives the number of what was deleted last to the next one, and links in mails name it.
        const SQLITE: &str = "
            INSERT INTO reservations (id, room_id, uid, owner_id, channel, source_id, summary, sequence, rolling,
                                      horizon_at, created_at, modified_at)
            VALUES (1 + max(COALESCE((SELECT MAX(id) FROM reservations), 0),
                            COALESCE((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_reservation'), 0)),
                    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
            RETURNING id";
        const POSTGRES: &str = "
            INSERT INTO reservations (room_id, uid, owner_id, channel, source_id, summary, sequence, rolling,
                                      horizon_at, created_at, modified_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
            RETURNING id";
        let sql = if matches!(self.0.conn, Conn::Sqlite(_)) { SQLITE } else { POSTGRES };
        let id: i64 = on_db!(self.0, conn => query_scalar(sql)
            .bind(room.get())
            .bind(uid)
            .bind(facts.owner.get())
            .bind(facts.channel.as_str())
            .bind(facts.source.get())
            .bind(facts.summary)
            .bind(facts.sequence)
            .bind(facts.rolling_until.is_some())
            .bind(facts.rolling_until.map(Instant::secs))
            .bind(at.secs())
            .fetch_one(conn)
            .await)?;
        Ok(ReservationId::new(id))
    }

    /// Replaces what is written of a reservation.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn update(
        &mut self,
        id: ReservationId,
        facts: &ReservationFacts<'_>,
        at: Instant,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE reservations
            SET owner_id = $2, channel = $3, source_id = $4, summary = $5, sequence = $6, rolling = $7,
                horizon_at = $8, modified_at = $9
            WHERE id = $1";
        on_db!(self.0, conn => query(SQL)
            .bind(id.get())
            .bind(facts.owner.get())
            .bind(facts.channel.as_str())
            .bind(facts.source.get())
            .bind(facts.summary)
            .bind(facts.sequence)
            .bind(facts.rolling_until.is_some())
            .bind(facts.rolling_until.map(Instant::secs))
            .bind(at.secs())
            .execute(conn)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Sets when managers are reminded of what waits in it; `None`: not (any more) (R71).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remind(&mut self, id: ReservationId, at: Option<Instant>) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE reservations SET remind_at = $2
            WHERE id = $1";
        on_db!(self.0, conn =>
            query(SQL).bind(id.get()).bind(at.map(Instant::secs)).execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Reservations of which managers are to be reminded at `now` or before.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn to_remind(&mut self, now: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT id FROM reservations
            WHERE remind_at <= $1
            ORDER BY id";
        let rows: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(now.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// Takes a reservation away, with its occurrences and claims; `because` is as in
    /// [`Occurrences::replace`](super::Occurrences::replace).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn delete(&mut self, id: ReservationId, because: &Decision) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM reservations
            WHERE id = $1";
        self.0.waiting().note(id).await?;
        self.0.occurrences().clear(id, because).await?;
        on_db!(self.0, conn => query(SQL).bind(id.get()).execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Notes of everything that a person has to come that its owner is gone (R90), but of what was noted
    /// before; gives it by room.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn orphan(&mut self, owner: UserId, at: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            UPDATE reservations SET orphaned_at = $2
            WHERE owner_id = $1 AND orphaned_at IS NULL AND EXISTS (SELECT 1 FROM occurrences o
                WHERE o.reservation_id = reservations.id AND o.end_at > $2 AND o.state IN ('confirmed', 'held'))
            RETURNING id";
        let mut ids: Vec<i64> = on_db!(self.0, conn => query_scalar(SQL).bind(owner.get()).bind(at.secs()).fetch_all(conn).await)?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(ReservationId::new).collect())
    }

    /// Its owner is back, who has to confirm nothing by a day that has gone by meanwhile (R97).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn adopt(&mut self, owner: UserId) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE reservations SET orphaned_at = NULL
            WHERE owner_id = $1 AND orphaned_at IS NOT NULL";
        self.0.check_ins().ask_no_more(owner).await?;
        on_db!(self.0, conn => query(SQL).bind(owner.get()).execute(conn).await.map(drop))
    }

    /// Everything whose owner is gone, and since when.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn orphans(&mut self) -> Result<Vec<(ReservationId, RoomId, Instant)>, StoreError> {
        const SQL: &str = "
            SELECT id, room_id, orphaned_at FROM reservations
            WHERE orphaned_at IS NOT NULL
            ORDER BY orphaned_at, id";
        let rows: Vec<(i64, i64, i64)> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(id, room, at)| (ReservationId::new(id), RoomId::new(room), Instant::from_secs(at)))
            .collect())
    }

    /// Since when its owner is gone; `None` if that is not so, or there is no such reservation.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn orphaned_at(&mut self, id: ReservationId) -> Result<Option<Instant>, StoreError> {
        const SQL: &str = "
            SELECT orphaned_at FROM reservations
            WHERE id = $1 AND orphaned_at IS NOT NULL";
        let at: Option<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(id.get()).fetch_optional(conn).await)?;
        Ok(at.map(Instant::from_secs))
    }

    /// Gives a reservation to somebody else, under the UID that `because` has; its claims stay (R90), what
    /// was missed before is not counted any more (R97). Where the UID is a new one, the audit says which one
    /// it had.
    ///
    /// # Errors
    /// `Duplicate` if the room has another one with this UID.
    pub async fn hand_over(
        &mut self,
        id: ReservationId,
        to: UserId,
        old: &str,
        because: &Decision,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE reservations SET owner_id = $2, uid = $3, orphaned_at = NULL
            WHERE id = $1";
        let uid = because.uid.as_str();
        if uid != old {
            let (kind, detail) = ("renamed".to_owned(), old.to_owned());
            self.0.audit().insert(&Decision { kind, detail, ..because.clone() }).await?;
        }
        let anew = Strikes { reservation: id, confirm_until: None, counted_from: because.at };
        self.0.check_ins().set_strikes(&anew).await?;
        on_db!(self.0, conn =>
            query(SQL).bind(id.get()).bind(to.get()).bind(uid).execute(conn).await.map(drop))
    }

    /// Rolling series that are claimed only up to before `horizon`, in order of their creation (R65).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn due_for_extension(&mut self, horizon: Instant) -> Result<Vec<ReservationId>, StoreError> {
        const SQL: &str = "
            SELECT id FROM reservations
            WHERE rolling AND horizon_at < $1 AND orphaned_at IS NULL
            ORDER BY created_at, id";
        let rows: Vec<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(horizon.secs()).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(ReservationId::new).collect())
    }

    /// Whose these are, and whether the room's calendar shows them as public.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn shown(&mut self, ids: &[ReservationId]) -> Result<Vec<Shown>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT r.id, r.room_id, u.name, COALESCE(MIN(m.class), 'PUBLIC')
            FROM reservations r
            JOIN users u ON u.id = r.owner_id
            LEFT JOIN resources m ON m.reservation_id = r.id AND m.reader_id IS NULL
            WHERE r.id IN (SELECT CAST(value ->> 0 AS BIGINT) FROM ",
            ")
            GROUP BY r.id, r.room_id, u.name"
        );
        let sql = SQL.on(self.0);
        let ids = set(ids.iter().map(|id| (id.get(),)));
        let rows: Vec<(i64, i64, String, String)> =
            on_db!(self.0, conn => query_as(sql).bind(ids).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(id, room, owner, class)| Shown {
                reservation: ReservationId::new(id),
                room: RoomId::new(room),
                owner,
                is_public: class == "PUBLIC",
            })
            .collect())
    }

    /// How many reservations of this person have something to come, and how many were made since
    /// `since` (L-65).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn counts(
        &mut self,
        owner: UserId,
        now: Instant,
        since: Instant,
    ) -> Result<(i64, i64), StoreError> {
        const SQL: &str = "
            SELECT COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM occurrences o
                       WHERE o.reservation_id = r.id AND o.end_at > $2 AND o.state IN ('confirmed', 'held'))
                   THEN 1 ELSE 0 END), 0),
                   COALESCE(SUM(CASE WHEN r.created_at > $3 THEN 1 ELSE 0 END), 0)
            FROM reservations r
            WHERE r.owner_id = $1";
        on_db!(self.0, conn => query_as(SQL)
            .bind(owner.get())
            .bind(now.secs())
            .bind(since.secs())
            .fetch_one(conn)
            .await)
    }
}

fn reservation(row: Row) -> Reservation {
    let (id, room, uid, owner, channel, source, summary, sequence, rolling, horizon) = row;
    Reservation {
        id: ReservationId::new(id),
        room: RoomId::new(room),
        uid,
        owner: UserId::new(owner),
        channel: Channel::from_name(&channel),
        source: ResourceId::new(source),
        summary,
        sequence,
        rolling,
        horizon: horizon.map(Instant::from_secs),
    }
}

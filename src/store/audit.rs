//! Decisions, one row each, append only (R150).

use serde::Serialize;
use sqlx::{Row, query, query_scalar};

use crate::domain::id::{RoomId, Uid, UserId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// One decision, and what it hung on. Codes are stable text (R151).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// `change` (exactly one per committed change), `refused`, `occurrence`, `dates` (what became of the dates
    /// of one reservation) or `renamed` (it has another UID; `detail` has the old one), `offer`, `ignored`,
    /// `grant` for a right that was given or taken, `delegate` for who may act for whom, or `panic` for a
    /// request that nothing could be answered to because of one (D-08).
    pub kind: String,
    /// Who asked, if that is a person of the house.
    pub actor: Option<UserId>,
    /// Who asked, as text that stays when the person is gone.
    pub actor_name: String,
    /// By which channel.
    pub channel: String,
    /// From which address; `None` for the command line and the server itself (D-65).
    pub peer: Option<String>,
    /// The message id, or the hash of the new text, which is its ETag.
    pub message: Option<String>,
    /// The hash of the text that was replaced or removed.
    pub old_message: Option<String>,
    /// Which room.
    pub room: Option<RoomId>,
    /// Which reservation; empty where it was not that far.
    pub uid: Uid,
    /// Which instance; `None` for all of it.
    pub recur_at: Option<Instant>,
    /// State before.
    pub old_state: Option<String>,
    /// State after.
    pub new_state: Option<String>,
    /// Start of the range that was asked for.
    pub start_at: Option<Instant>,
    /// Its end.
    pub end_at: Option<Instant>,
    /// The reason's code.
    pub reason: Option<String>,
    /// The occurrence in the way.
    pub conflict: Option<i64>,
    /// The rule that decided, as `R41`.
    pub rule: String,
    /// Anything else, for people; of `dates`, the dates.
    pub detail: String,
}

impl Decision {
    /// A decision of the server itself at this time, of which nothing else is said.
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self {
            at,
            kind: String::new(),
            actor: None,
            actor_name: String::new(),
            channel: "direct".to_owned(),
            peer: None,
            message: None,
            old_message: None,
            room: None,
            uid: Uid::new(""),
            recur_at: None,
            old_state: None,
            new_state: None,
            start_at: None,
            end_at: None,
            reason: None,
            conflict: None,
            rule: String::new(),
            detail: String::new(),
        }
    }
}

/// Rows that are written by one statement, at most.
const TOGETHER: usize = 200;

/// A decision in the order of the columns.
#[derive(Serialize)]
struct Written<'d>(
    i64,
    &'d str,
    Option<i64>,
    &'d str,
    &'d str,
    Option<&'d str>,
    Option<i64>,
    &'d str,
    Option<i64>,
    Option<&'d str>,
    Option<&'d str>,
    Option<i64>,
    Option<i64>,
    Option<&'d str>,
    Option<i64>,
    &'d str,
    &'d str,
    Option<&'d str>,
    Option<&'d str>,
);

impl Decision {
    fn row(&self) -> Written<'_> {
        Written(
            self.at.secs(),
            &self.kind,
            self.actor.map(UserId::get),
            &self.actor_name,
            &self.channel,
            self.message.as_deref(),
            self.room.map(RoomId::get),
            self.uid.as_str(),
            self.recur_at.map(Instant::secs),
            self.old_state.as_deref(),
            self.new_state.as_deref(),
            self.start_at.map(Instant::secs),
            self.end_at.map(Instant::secs),
            self.reason.as_deref(),
            self.conflict,
            &self.rule,
            &self.detail,
            self.peer.as_deref(),
            self.old_message.as_deref(),
        )
    }
}

/// Queries on `audit`.
pub struct Audit<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Decisions.
    pub fn audit(&mut self) -> Audit<'_, 'c> {
        Audit(self)
    }
}

impl Audit<'_, '_> {
    /// Notes a decision. Rows are written many at a time, the last of them when the work is done.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, decision: &Decision) -> Result<(), StoreError> {
        self.0.tally.note(decision);
        self.0.decisions.push(decision.clone());
        if self.0.decisions.len() < TOGETHER { Ok(()) } else { self.flush().await }
    }

    /// Writes down what was noted so far, in the order in which it was.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub(super) async fn flush(&mut self) -> Result<(), StoreError> {
        const SQL: SetSql = set_sql!(
            "
            INSERT INTO audit (at, kind, actor_id, actor, channel, message, room_id, uid, recur_at, old_state,
                new_state, start_at, end_at, reason, conflict_id, rule, detail, peer, old_message)
            SELECT CAST(value ->> 0 AS BIGINT), value ->> 1, CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4,
                value ->> 5, CAST(value ->> 6 AS BIGINT), value ->> 7, CAST(value ->> 8 AS BIGINT), value ->> 9,
                value ->> 10, CAST(value ->> 11 AS BIGINT), CAST(value ->> 12 AS BIGINT), value ->> 13,
                CAST(value ->> 14 AS BIGINT), value ->> 15, value ->> 16, value ->> 17, value ->> 18
            FROM ",
            " AS given"
        );
        let decisions = std::mem::take(&mut self.0.decisions);
        if decisions.is_empty() {
            return Ok(());
        }
        let sql = SQL.on(self.0);
        let rows = set(decisions.iter().map(Decision::row));
        execute_on!(self.0, query(sql).bind(rows)).map(drop)
    }

    /// Decisions since then, in order, at most `limit`; on one room, or on all.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(
        &mut self,
        room: Option<RoomId>,
        since: Instant,
        limit: i64,
    ) -> Result<Vec<Decision>, StoreError> {
        let numbered = self.numbered(room, since, limit).await?;
        Ok(numbered.into_iter().map(|(_, decision)| decision).collect())
    }

    /// As [`Audit::list`], each with the key of its row.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn numbered(
        &mut self,
        room: Option<RoomId>,
        since: Instant,
        limit: i64,
    ) -> Result<Vec<(i64, Decision)>, StoreError> {
        const SQL: &str = "
            SELECT id, at, kind, actor_id, actor, channel, message, room_id, uid, recur_at, old_state,
                new_state, start_at, end_at, reason, conflict_id, rule, detail, peer, old_message
            FROM audit
            WHERE at >= $1 AND (CAST($2 AS BIGINT) IS NULL OR room_id = $2)
            ORDER BY id
            LIMIT $3";
        self.flush().await?;
        on_db!(self.0, conn => query(SQL)
            .bind(since.secs())
            .bind(room.map(RoomId::get))
            .bind(limit)
            .fetch_all(conn)
            .await
            .and_then(|rows| rows.iter().map(|row| Ok((row.try_get("id")?, Decision {
                at: Instant::from_secs(row.try_get("at")?),
                kind: row.try_get("kind")?,
                actor: row.try_get::<Option<_>, _>("actor_id")?.map(UserId::new),
                actor_name: row.try_get("actor")?,
                channel: row.try_get("channel")?,
                peer: row.try_get("peer")?,
                message: row.try_get("message")?,
                old_message: row.try_get("old_message")?,
                room: row.try_get::<Option<_>, _>("room_id")?.map(RoomId::new),
                uid: Uid::new(row.try_get::<String, _>("uid")?),
                recur_at: row.try_get::<Option<_>, _>("recur_at")?.map(Instant::from_secs),
                old_state: row.try_get("old_state")?,
                new_state: row.try_get("new_state")?,
                start_at: row.try_get::<Option<_>, _>("start_at")?.map(Instant::from_secs),
                end_at: row.try_get::<Option<_>, _>("end_at")?.map(Instant::from_secs),
                reason: row.try_get("reason")?,
                conflict: row.try_get("conflict_id")?,
                rule: row.try_get("rule")?,
                detail: row.try_get("detail")?,
            }))).collect()))
    }

    /// How many messages to a room were not acted on by this rule since then.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn ignored(&mut self, room: RoomId, rule: &str, since: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            SELECT COUNT(*)
            FROM audit
            WHERE room_id = $1 AND at > $2 AND kind = 'ignored' AND rule = $3";
        self.flush().await?;
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(room.get())
            .bind(since.secs())
            .bind(rule)
            .fetch_one(conn)
            .await)
    }

    /// Forgets decisions from before `before`, the oldest first, at most `limit`; gives how many
    /// went (L-69).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune(&mut self, before: Instant, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "
            DELETE FROM audit
            WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
        execute_on!(self.0, query(SQL).bind(before.secs()).bind(limit))
    }
}

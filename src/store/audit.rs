//! Decisions, one row each, append only (R150).

use sqlx::{Row, query, query_scalar};

use crate::domain::id::{RoomId, Uid, UserId};
use crate::domain::time::Instant;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// One decision, and what it hung on. Codes are stable text (R151).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// `change` (exactly one per committed change), `refused`, `occurrence`, `offer`, `ignored`, `grant` for a right that was given or taken, `delegate` for
    /// who may act for whom, or `panic` for a request that nothing
    /// could be answered to because of one (D-08).
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
    /// Anything else, for people.
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

/// Queries on `audit`.
pub struct Audit<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Decisions.
    pub fn audit(&mut self) -> Audit<'_, 'c> {
        Audit(self)
    }
}

impl Audit<'_, '_> {
    /// Notes a decision.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn insert(&mut self, decision: &Decision) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO audit (at, kind, actor_id, actor, channel, message, room_id, uid, recur_at,
                old_state, new_state, start_at, end_at, reason, conflict_id, rule, detail, peer, old_message)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
        execute_on!(
            self.0,
            query(SQL)
                .bind(decision.at.secs())
                .bind(&decision.kind)
                .bind(decision.actor.map(UserId::get))
                .bind(&decision.actor_name)
                .bind(&decision.channel)
                .bind(decision.message.as_deref())
                .bind(decision.room.map(RoomId::get))
                .bind(decision.uid.as_str())
                .bind(decision.recur_at.map(Instant::secs))
                .bind(decision.old_state.as_deref())
                .bind(decision.new_state.as_deref())
                .bind(decision.start_at.map(Instant::secs))
                .bind(decision.end_at.map(Instant::secs))
                .bind(decision.reason.as_deref())
                .bind(decision.conflict)
                .bind(&decision.rule)
                .bind(&decision.detail)
                .bind(decision.peer.as_deref())
                .bind(decision.old_message.as_deref())
        )
        .map(drop)
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

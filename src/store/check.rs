//! Queries that find rows which do not fit together, whoever wrote them.
//!
//! Each is one statement that both databases read and that gives one line per finding. What the
//! tables' own constraints refuse is looked at all the same: constraints can be dropped, and
//! files can be edited. R140, R141, P-16.

use sqlx::{query_as, query_scalar};

use crate::domain::claim::{Claim, in_the_way};
use crate::domain::id::{OccurrenceId, ReservationId, ResourceId, SpaceId, UserId};
use crate::domain::time::{Instant, Period};

use super::error::StoreError;
use super::tx::{Conn, Tx, on_db};

/// A member's text with what is kept about it.
pub struct CheckedText {
    /// The member.
    pub id: ResourceId,
    /// Its text.
    pub text: Vec<u8>,
    /// What should be a hash of the text.
    pub etag: String,
    /// What should be its length.
    pub size: i64,
}

/// Queries on everything.
pub struct Check<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The state of the whole database.
    pub fn check(&mut self) -> Check<'_, 'c> {
        Check(self)
    }
}

/// Texts read at once.
const BATCH: i64 = 200;

impl Check<'_, '_> {
    /// What the database itself finds wrong with its file: SQLite only; PostgreSQL has its own tools.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn file(&mut self) -> Result<Vec<String>, StoreError> {
        let Conn::Sqlite(conn) = &mut self.0.conn else { return Ok(Vec::new()) };
        let found = query_scalar("PRAGMA integrity_check(100)").fetch_all(&mut **conn).await;
        let lines: Vec<String> = self.0.heard(found)?;
        Ok(lines.into_iter().filter(|line| line != "ok").map(|line| format!("file: {line}")).collect())
    }

    /// Rows that do not fit together.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn rows(&mut self, now: Instant) -> Result<Vec<String>, StoreError> {
        let mut findings = Vec::new();
        let has_requests = self.0.requests().are_there().await?;
        for sql in ALWAYS.iter().chain(has_requests.then_some(&REQUESTS)) {
            let found: Vec<String> = on_db!(self.0, conn => query_scalar(*sql).fetch_all(conn).await)?;
            findings.extend(found);
        }
        for sql in TO_COME {
            let found: Vec<String> =
                on_db!(self.0, conn => query_scalar(*sql).bind(now.secs()).fetch_all(conn).await)?;
            findings.extend(found);
        }
        Ok(findings)
    }

    /// Claims to come of which more stand side by side than their space takes (R80).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn peaks(&mut self, now: Instant) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "
            SELECT c.occurrence_id, c.space_id, s.units, c.start_at, c.end_at, c.units
            FROM claims c
            JOIN spaces s ON s.id = c.space_id
            WHERE c.end_at > $1
            ORDER BY c.space_id, c.start_at, c.end_at";
        let rows: Vec<(i64, i64, i64, i64, i64, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(now.secs()).fetch_all(conn).await)?;
        let mut findings = Vec::new();
        let mut running: Vec<Claim> = Vec::new();
        for (occurrence, space, capacity, start, end, units) in rows {
            let occupied = Period { start: Instant::from_secs(start), end: Instant::from_secs(end) };
            let claim = Claim {
                space: SpaceId::new(space),
                occupied,
                units,
                occurrence: OccurrenceId::new(occurrence),
                reservation: ReservationId::new(0),
                holder: UserId::new(0),
            };
            running.retain(|other| other.space == claim.space && other.occupied.end > occupied.start);
            let beside: Vec<&Claim> = running.iter().collect();
            if units > capacity || in_the_way(&beside, &occupied, units, capacity).is_some() {
                findings.push(format!(
                    "at {} space {space} takes {capacity} bookings, and occurrence {occurrence} is one too many",
                    occupied.start
                ));
            }
            running.push(claim);
        }
        Ok(findings)
    }

    /// The members after this one, by key, some hundreds at once.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn texts(&mut self, after: Option<ResourceId>) -> Result<Vec<CheckedText>, StoreError> {
        const SQL: &str = "
            SELECT id, text, etag, size
            FROM resources
            WHERE id > $1
            ORDER BY id
            LIMIT $2";
        let after = after.map_or(-1, ResourceId::get);
        let rows: Vec<(i64, Vec<u8>, String, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(after).bind(BATCH).fetch_all(conn).await)?;
        let checked = |(id, text, etag, size)| CheckedText { id: ResourceId::new(id), text, etag, size };
        Ok(rows.into_iter().map(checked).collect())
    }
}

/// What must hold at any time.
const ALWAYS: &[&str] = &[
    // R141, R143.
    "SELECT 'occurrences ' || a.occurrence_id || ' and ' || b.occurrence_id || ' overlap on space ' || a.space_id
     FROM claims a
     JOIN claims b ON b.space_id = a.space_id AND b.start_at >= a.start_at AND b.start_at < a.end_at
     WHERE a.exclusive AND b.exclusive AND a.occurrence_id <> b.occurrence_id
       AND (b.start_at > a.start_at OR b.occurrence_id > a.occurrence_id)",
    "SELECT 'occurrence ' || o.id || ' is ' || o.state || ' and has a claim on space ' || c.space_id
     FROM claims c
     JOIN occurrences o ON o.id = c.occurrence_id
     WHERE o.state NOT IN ('confirmed', 'held', 'grace')",
    "SELECT 'the claim of occurrence ' || c.occurrence_id || ' on space ' || c.space_id || ' has no such occurrence'
     FROM claims c
     LEFT JOIN occurrences o ON o.id = c.occurrence_id AND o.reservation_id = c.reservation_id
     WHERE o.id IS NULL",
    "SELECT 'occurrence ' || o.id || ' claims space ' || c.space_id || ', which is not its room''s'
     FROM claims c
     JOIN occurrences o ON o.id = c.occurrence_id
     LEFT JOIN room_spaces s ON s.room_id = o.room_id AND s.space_id = c.space_id
     WHERE s.space_id IS NULL",
    "SELECT 'occurrence ' || o.id || ' lies outside its claim on space ' || c.space_id
     FROM claims c
     JOIN occurrences o ON o.id = c.occurrence_id
     LEFT JOIN check_ins t ON t.reservation_id = o.reservation_id AND t.recur_at = o.recur_at
       AND t.checked_in_at = c.start_at
     -- What was taken back is claimed from then on only (R95).
     WHERE (c.end_at < o.end_at OR (c.start_at > o.start_at AND t.checked_in_at IS NULL))
       -- An old slot gives way to what waits for approval in its place (R74).
       AND o.state <> 'grace'",
    "SELECT 'occurrence ' || o.id || ' is in another room than its reservation'
     FROM occurrences o
     LEFT JOIN reservations r ON r.id = o.reservation_id AND r.room_id = o.room_id
     WHERE r.id IS NULL",
    // Of what was given up while it ran, the record stays without a text (R87).
    "SELECT 'reservation ' || r.id || ' has no member whose text decides'
     FROM reservations r
     LEFT JOIN resources s ON s.id = r.source_id AND s.uid = r.uid AND s.owner_id = r.owner_id
     WHERE s.id IS NULL
       AND EXISTS (SELECT 1 FROM occurrences o
                   WHERE o.reservation_id = r.id AND o.state IN ('confirmed', 'held'))",
    "SELECT 'member ' || m.id || ' shows a reservation that is not there'
     FROM resources m
     LEFT JOIN reservations r ON r.id = m.reservation_id AND r.uid = m.uid AND r.owner_id = m.owner_id
     WHERE m.reservation_id IS NOT NULL AND r.id IS NULL",
    "SELECT 'calendar ' || calendar_id || ' has ' || COUNT(*) || ' members with UID ' || uid
     FROM resources
     WHERE reader_id IS NULL
     GROUP BY calendar_id, uid
     HAVING COUNT(*) > 1",
    // RFC 6578, section 3: every number from pruned_below on has its row.
    "SELECT 'the changes of calendar ' || k.id || ' have holes'
     FROM calendars k
     LEFT JOIN changes c ON c.calendar_id = k.id AND c.seq >= k.pruned_below
     GROUP BY k.id, k.pruned_below, k.seq
     HAVING COUNT(c.seq) <> k.seq - k.pruned_below + 1 OR MAX(c.seq) <> k.seq",
    "SELECT 'the last change of calendar ' || k.id || ' has another nonce'
     FROM calendars k
     LEFT JOIN changes c ON c.calendar_id = k.id AND c.seq = k.seq AND c.nonce = k.seq_nonce
     WHERE c.seq IS NULL",
    // P-16. Audit rows are kept longer than changes, so only where they begin may one be missing.
    "SELECT c.count || ' changes at ' || c.at || ' have ' || COALESCE(a.count, 0) || ' audit rows'
     FROM (SELECT at, COUNT(*) AS count FROM changes WHERE seq > 0 GROUP BY at) c
     LEFT JOIN (SELECT at, COUNT(*) AS count FROM audit WHERE kind = 'change' GROUP BY at) a ON a.at = c.at
     WHERE COALESCE(a.count, 0) < c.count
       AND c.at >= COALESCE((SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'audit_from'), c.at)",
    "SELECT 'user ' || u.login || ' has no calendar ''reservations'''
     FROM users u
     LEFT JOIN calendars k ON k.user_id = u.id AND k.name = 'reservations'
     WHERE k.id IS NULL",
    "SELECT 'user ' || u.login || ' has no inbox'
     FROM users u
     LEFT JOIN calendars k ON k.user_id = u.id AND k.name = 'inbox'
     WHERE k.id IS NULL",
    "SELECT 'invitations of user ' || u.login || ' go to a calendar of somebody else'
     FROM users u
     JOIN calendars k ON k.id = u.default_calendar_id
     WHERE k.user_id IS NULL OR k.user_id <> u.id OR k.name = 'inbox'",
    "SELECT 'attachment ' || a.managed_id || ' has another size than its body'
     FROM attachments a
     JOIN bodies b ON b.id = a.body_id
     WHERE a.size <> b.size",
    "SELECT 'room ' || r.slug || ' has no calendar'
     FROM rooms r
     LEFT JOIN calendars k ON k.room_id = r.id
     WHERE k.id IS NULL",
    "SELECT 'room ' || r.slug || ' has no space'
     FROM rooms r
     LEFT JOIN room_spaces s ON s.room_id = r.id
     WHERE s.space_id IS NULL",
];

/// What a row was told is what happened: a reservation that it names is there, or the audit says that its dates
/// went, or that it has another UID by now (R90).
const REQUESTS: &str = "SELECT 'request ' || q.id || ' is ' || q.state || ', and reservation ' || q.reservation_id || ' was never there'
     FROM requests q
     LEFT JOIN reservations r ON r.id = q.reservation_id
     LEFT JOIN (SELECT uid FROM audit WHERE kind = 'dates' AND new_state IS NULL
                UNION
                SELECT detail FROM audit WHERE kind = 'renamed') gone ON gone.uid = q.uid
     WHERE q.state IN ('booked', 'partly-booked', 'held') AND r.id IS NULL AND gone.uid IS NULL
       AND q.decided_at >= COALESCE((SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'audit_from'), q.decided_at)";

/// What must hold for what is not over at `$1`; rooms may have changed since what is.
const TO_COME: &[&str] = &[
    "SELECT 'occurrence ' || o.id || ' is ' || o.state || ' and does not claim every space of its room'
     FROM occurrences o
     WHERE o.state IN ('confirmed', 'held', 'grace') AND o.end_at > $1
       AND (SELECT COUNT(*) FROM claims c WHERE c.occurrence_id = o.id)
        <> (SELECT COUNT(*) FROM room_spaces s WHERE s.room_id = o.room_id)
       -- What waits in a queue claims nothing (R72), no more does an old slot that is wholly within what waits
       -- in its place (R74).
       AND NOT (o.state = 'held' AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.occurrence_id = o.id))
       AND NOT (o.state = 'grace' AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.occurrence_id = o.id)
                AND EXISTS (SELECT 1 FROM occurrences h WHERE h.reservation_id = o.reservation_id
                            AND h.recur_at = o.recur_at AND h.state = 'held'))",
    "SELECT 'the claim of occurrence ' || c.occurrence_id || ' on space ' || c.space_id
            || ' is guarded otherwise than the space is'
     FROM claims c
     JOIN spaces s ON s.id = c.space_id
     WHERE c.end_at > $1 AND ((s.units = 1 AND NOT c.exclusive) OR (s.units > 1 AND c.exclusive))",
];

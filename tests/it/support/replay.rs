//! What the audit alone says is stored: its rows from the first to the last give the dates of all
//! reservations, in the states that the database has (R150).

use std::collections::BTreeMap;

use roomdav::domain::id::RoomId;
use roomdav::domain::occurrence::OccurrenceFacts;
use roomdav::domain::reason::Reason;
use roomdav::domain::time::{Instant, Period};
use roomdav::store::{Decision, ReservationFilter};

use super::TestServer;

/// Which date of its reservation, in which state: there is one of each.
type Key = (Option<Instant>, String);

/// When it is, and when that ends by itself.
type Date = (Period, Option<Instant>);

/// The dates of each reservation, by room and UID.
type Dates = BTreeMap<(RoomId, String), BTreeMap<Key, Date>>;

impl TestServer {
    /// Holds what the audit gives against what is stored, old slots included.
    pub(crate) async fn audit_says_what_is_stored(&self) {
        let rows = self.decisions().await;
        let stored = self.dates().await;
        assert_eq!(replay(&rows), stored);
        every_loss_has_a_reason(&rows);
    }

    async fn dates(&self) -> Dates {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let mut dates = Dates::new();
        for reservation in tx.reservations().list(ReservationFilter::default()).await.unwrap() {
            let all = tx.occurrences().of(reservation.id).await.unwrap().into_iter();
            let date = |facts: OccurrenceFacts| {
                let key = (facts.id.instant(), facts.state.as_str().to_owned());
                (key, (facts.period, facts.expires_at))
            };
            dates.insert((reservation.room, reservation.uid), all.map(|it| date(it.facts)).collect());
        }
        dates
    }
}

fn replay(rows: &[Decision]) -> Dates {
    let mut all = Dates::new();
    for row in rows {
        let here = (row.room.unwrap_or(RoomId::new(0)), row.uid.as_str().to_owned());
        match row.kind.as_str() {
            "dates" => {
                let dates = all.entry(here).or_default();
                for spelled in row.detail.split(' ') {
                    follow(dates, row, spelled);
                }
            }
            "renamed" => {
                let dates = all.remove(&(here.0, row.detail.clone())).unwrap_or_default();
                assert!(all.insert(here, dates).is_none(), "{row:?}");
            }
            _ => {}
        }
    }
    all.retain(|_, dates| !dates.is_empty());
    all
}

/// What one date became.
fn follow(dates: &mut BTreeMap<Key, Date>, row: &Decision, spelled: &str) {
    let (old, new) = spelled.split_once('>').unwrap_or((spelled, spelled));
    if let Some(state) = &row.old_state {
        let (at, (period, _)) = read(old);
        let gone = dates.remove(&(at, state.clone()));
        assert_eq!(gone.map(|(period, _)| period), Some(period), "it was not there: {row:?}");
    }
    if let Some(state) = &row.new_state {
        let (at, date) = read(new);
        assert_eq!(dates.insert((at, state.clone()), date), None, "it was there: {row:?}");
    }
}

/// `RECURRENCE-ID@START/LENGTH~EXPIRY`, as `schema/README.md` describes it.
fn read(spelled: &str) -> (Option<Instant>, Date) {
    let (rest, expires_at) = match spelled.split_once('~') {
        Some((rest, at)) => (rest, Some(instant(at))),
        None => (spelled, None),
    };
    let (key, period) = match rest.split_once('@') {
        Some((key, period)) => (Some(key), period),
        None => (None, rest),
    };
    let (start, length) = period.split_once('/').expect("a period");
    let start = instant(start);
    let length: jiff::SignedDuration = length.parse().expect("a duration");
    let key = key.map(|key| if key.is_empty() { start } else { instant(key) });
    (key, (Period { start, end: start.plus(length.as_secs()) }, expires_at))
}

fn instant(text: &str) -> Instant {
    let wall = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).expect("a time in UTC");
    wall.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().into()
}

/// R2, R150: whatever changed says by which rule, and what is not had any more why.
fn every_loss_has_a_reason(rows: &[Decision]) {
    for row in rows.iter().filter(|row| row.kind == "dates") {
        let is_had = |state: &Option<String>| matches!(state.as_deref(), Some("confirmed" | "held"));
        let is_lost = is_had(&row.old_state) && !is_had(&row.new_state);
        let is_kept = row.new_state.as_deref() == Some("grace");
        let reason = row.reason.as_deref().and_then(Reason::from_code);
        assert!(row.rule.starts_with('R'), "no rule: {row:?}");
        assert!(!is_lost || is_kept || reason.is_some(), "no reason: {row:?}");
    }
}

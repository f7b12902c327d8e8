//! The second line against double bookings, tried by itself: rows written past the program (R141, R143).

use super::sql::ask;
use crate::program::Place;
use crate::report::Report;

/// One claim more on the same space at the same time, for an occurrence of another space.
const SAME_AGAIN: &str = "
    INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at)
    SELECT o.id, c.space_id, o.reservation_id, c.start_at, c.end_at
    FROM claims c
    JOIN occurrences o ON NOT EXISTS (
        SELECT 1 FROM claims t WHERE t.occurrence_id = o.id AND t.space_id = c.space_id)
    WHERE c.exclusive
    LIMIT 1
    RETURNING CAST(occurrence_id AS TEXT)";

/// An hour that moves to where another one is.
const MOVED: &str = "
    UPDATE claims
    SET start_at = (SELECT MAX(d.start_at) FROM claims d WHERE d.space_id = claims.space_id),
        end_at = (SELECT MAX(d.end_at) FROM claims d WHERE d.space_id = claims.space_id)
    WHERE exclusive AND start_at = (SELECT MIN(e.start_at) FROM claims e WHERE e.exclusive)
    RETURNING CAST(occurrence_id AS TEXT)";

pub(crate) fn hold(name: &str, place: &Place, report: &mut Report) -> Result<(), String> {
    for (way, sql) in [("insert", SAME_AGAIN), ("move", MOVED)] {
        // `Ok` without a row would be a statement that found nothing to do.
        let written = ask(place.url(), sql);
        let is_refused =
            written.as_ref().is_err_and(|cause| cause.contains("overlap") || cause.contains("exclusion"));
        let what = format!("{name} itself refuses a second claim, by {way}");
        report.hold(&what, is_refused, &format!("{written:?}"));
    }
    place.check()
}

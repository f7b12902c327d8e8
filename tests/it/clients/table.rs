//! The refusal table: every row with every program.

use roomdav::domain::user::Refusals;

use super::davx5::DavX5;
use super::evolution::Evolution;
use super::ios::Ios;
use super::kde::Kde;
use super::macos::MacOs;
use super::rows;
use super::synchronizer::Synchronizer;
use super::thunderbird::Thunderbird;
use super::vdirsyncer::Vdirsyncer;
use crate::support::on_both;

/// One test per row for each program.
macro_rules! table {
    ($($module:ident: $program:ty;)*) => {
        $(mod $module {
            use super::*;

            table!(@rows $program:
                new_booking_of_a_taken_room
                new_booking_against_a_rule
                change_into_a_conflict
                change_against_a_rule
                change_of_somebody_elses
                deletion_of_somebody_elses
                deletion_that_comes_too_late
                calendar_that_is_not_writable
                text_that_is_no_event
                event_beyond_the_limits
                database_that_is_down
                race_that_is_lost
            );

            #[tokio::test]
            async fn a_pinned_way_of_refusing_goes_before_the_program() {
                on_both(async |server| rows::pinned::<$program>(&server, Refusals::Strict).await).await;
                on_both(async |server| rows::pinned::<$program>(&server, Refusals::Friendly).await).await;
            }
        })*
    };
    (@rows $program:ty: $($row:ident)*) => {
        $(#[tokio::test]
        async fn $row() {
            on_both(async |server| rows::$row::<$program>(&server).await).await;
        })*
    };
}

table! {
    thunderbird: Thunderbird<'_>;
    evolution: Evolution<'_>;
    davx5_by_sync_collection: DavX5<'_, true>;
    davx5_by_query: DavX5<'_, false>;
    ios: Ios<'_>;
    macos: MacOs<'_>;
    kde: Kde<'_>;
    caldav_synchronizer: Synchronizer<'_>;
    vdirsyncer: Vdirsyncer<'_>;
}

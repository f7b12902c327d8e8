//! The list of metrics, one line each.

use super::value::{Counter, Gauge, Histogram, Reading};
use super::{Lines, Row};

const fn count(labels: &[&str]) -> usize {
    labels.len()
}

macro_rules! metrics {
    ($($field:ident: $kind:ident $name:literal [$($label:literal),*] $about:literal;)*) => {
        /// The numbers of one server. A field is one row of [`TABLE`].
        #[derive(Debug, Default)]
        pub struct Metrics {$(
            #[doc = concat!("`", $name, "`: ", $about, ".")]
            pub $field: $kind<{ count(&[$($label),*]) }>,
        )*}

        impl Metrics {
            /// All of them, as they are now.
            #[must_use]
            pub fn text(&self) -> String {
                let mut text = String::new();
                $(self.$field.show(&mut Lines::new(&mut text, $name, &[$($label),*], $about));)*
                text
            }
        }

        /// Every metric, in the order in which they are told.
        pub const TABLE: &[Row] = &[$(Row {
            field: stringify!($field),
            name: $name,
            kind: $kind::<{ count(&[$($label),*]) }>::KIND,
            labels: &[$($label),*],
            about: $about,
        },)*];
    };
}

metrics! {
    requests: Counter "roomdav_http_requests_total" ["method", "status"] "Requests, by method and class of the status; `none`: the client went away before it was answered";
    request_times: Histogram "roomdav_http_request_duration_seconds" ["method"] "From the head of a request to the last byte of its answer";
    requests_in_flight: Gauge "roomdav_http_requests_in_flight" [] "Requests that are being answered";
    connections: Gauge "roomdav_http_connections" [] "Open connections";
    panics: Counter "roomdav_http_panics_total" [] "Requests that ended in a panic, and were answered 500 with a number";
    sign_ins_refused: Counter "roomdav_sign_ins_refused_total" ["why"] "Sign-ins refused: `wrong`, `throttled` after too many wrong ones (429), `busy` and `unavailable` (503)";
    sync_tokens_refused: Counter "roomdav_sync_tokens_refused_total" [] "Sync tokens answered by `valid-sync-token`; the program lists everything anew";

    decisions: Counter "roomdav_decisions_total" ["outcome"] "Writes that the rules decided: `accepted`, a booking was made, changed or cancelled; `refused`; the same write refused again counts once, as in the audit";
    refusals: Counter "roomdav_refusals_total" ["reason"] "Refused dates, by the code of the reason; of one write a hundred at most";

    works: Counter "roomdav_works_total" [] "Writing works of this server that are on the disk; one booking is one work";
    commits: Counter "roomdav_commits_total" [] "Commits that these took: on SQLite those that wait share one, on PostgreSQL each has its own";
    works_repeated: Counter "roomdav_works_repeated_total" [] "PostgreSQL: works done again, because two got into each other's way";
    commits_unknown: Counter "roomdav_commits_unknown_total" ["outcome"] "PostgreSQL: commits whose answer was lost; looked for and `found`, `absent` and done again, or `open` and answered 503";
    works_waiting: Reading "roomdav_works_waiting" [] "SQLite: works that wait for the writer";
    database_up: Reading "roomdav_database_up" [] "1 if the database answered when this was asked, else 0";
    database_connections: Reading "roomdav_database_connections" ["state"] "Connections to the database, `idle` or `used`; on SQLite those that read";
    database_waiting: Gauge "roomdav_database_waiting" [] "Who waits for one of these connections";
    log_bytes: Reading "roomdav_database_log_bytes" [] "SQLite: size of the log beside the file";
    disk_free_bytes: Reading "roomdav_database_free_bytes" [] "SQLite: what is left on its disk";

    outbox: Reading "roomdav_outbox_messages" ["state"] "Messages to people that are `waiting`, and that have `failed`";
    outbox_oldest: Reading "roomdav_outbox_oldest_seconds" [] "Age of the oldest message that waits; 0: none does";
    jobs_running: Reading "roomdav_job_running" ["job"] "1 while some server has the job";
    jobs_failed: Reading "roomdav_job_failed" ["job"] "1 if the job went wrong when it ran last, on whichever server";
    jobs_ended: Reading "roomdav_job_ended_timestamp_seconds" ["job"] "When the job ended last, by the clock of the server";
    jobs_due: Reading "roomdav_job_due_timestamp_seconds" ["job"] "When the job is due next";

    build: Reading "roomdav_build_info" ["version", "database"] "Always 1: version of the program, and kind of the database";
    started: Reading "process_start_time_seconds" [] "When the process began";
    memory: Reading "process_resident_memory_bytes" [] "Memory that the process has";
    open_files: Reading "process_open_fds" [] "Files and sockets that it has open";
}

//! Crashes, fail-over, restored backups and wrong clocks, under load: what was acknowledged is there
//! afterwards, what was refused is not, nothing overlaps, and no sync token lies. T-1, T-4, T-6, T-7,
//! T-16, T-18, T-23; P-1 to P-3, P-6, P-11, P-12, P-14; F-1, F-5 to F-13, F-16.
//!
//! `work/` has the people who write and what they know, `mirror` a program that follows sync tokens;
//! each other file is a run. Each run has its own database, PostgreSQL included, and ends with `check`.

mod backup;
mod clock;
mod contest;
mod crash_loop;
mod database_down;
mod fail_over;
mod forwarder;
mod locked;
mod mail_sink;
mod mirror;
mod paused;
mod people;
mod probe;
mod reading;
mod second_line;
mod silent;
mod soak;
mod sql;

pub(crate) use backup::run as backup;
pub(crate) use clock::run as clock;
pub(crate) use contest::run as contest;
pub(crate) use crash_loop::run as crash_loop;
pub(crate) use database_down::run as database_down;
pub(crate) use fail_over::run as fail_over;
pub(crate) use locked::run as locked;
pub(crate) use paused::run as paused;
pub(crate) use silent::run as silent;
pub(crate) use soak::run as soak;

//! Faults of the disk: power cuts, errors, no room, slowness. T-2, T-3, T-5; F-2 to F-4, F-14; P-1, P-11.
//!
//! A shim between the program and the C library (`shim.c`) writes down what goes to the disk, or keeps
//! it from getting there. SQLite is part of the program and reaches the disk in the same way as Rust's
//! own files, so that nothing of the program has to know.

mod bookings;
mod full_log;
mod image;
mod ledger;
mod namespace;
mod record;
mod server;
mod shim;
mod writers;

pub(crate) mod bare;
pub(crate) mod errors;
pub(crate) mod full;
pub(crate) mod group;
pub(crate) mod power;
pub(crate) mod slow;

use crate::program::House;

/// The limits of the house of these runs, and nobody in it yet.
const EMPTY: House<'_> = House { people: &[], rooms: &[], ..bookings::HOUSE };

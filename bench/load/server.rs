//! The house under load.

use super::program::{House, Program};

/// People of the house; each password is the login with `-password`.
pub(crate) const PEOPLE: [&str; 2] = ["ada", "bob"];
pub(crate) const ROOMS: [&str; 4] = ["thousand", "ten-thousand", "fresh", "series"];

pub(crate) fn start(postgres: Option<&str>) -> Result<Program, String> {
    // One person books all of it.
    let limits = [("bookings_per_hour", "100000"), ("future_bookings", "100000"), ("sync_members", "100000")];
    Program::start(&House { postgres, people: &PEOPLE, rooms: &ROOMS, limits: &limits })
}

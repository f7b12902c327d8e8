//! The house in which they write.

use std::sync::Arc;

use crate::program::{House, Place};

pub(crate) const WRITERS: [&str; 8] = ["ada", "bob", "cleo", "dan", "emil", "fay", "gus", "hal"];
/// Reads everything and writes nothing.
pub(crate) const READER: &str = "rita";
pub(crate) const ROOMS: [&str; 4] = ["aula", "bay", "cellar", "dome"];

/// Nobody is kept from writing as fast as he can.
const LIMITS: [(&str, &str); 2] = [("bookings_per_hour", "100000"), ("future_bookings", "100000")];

/// With these rooms beside the usual ones. Without `postgres` it is SQLite. Sync tokens stay good though
/// the port is another one after each start.
pub(crate) fn house(postgres: Option<&str>, more_rooms: &[&str]) -> Result<Arc<Place>, String> {
    house_with(postgres, more_rooms, &[])
}

/// And with this in the environment of the program.
pub(crate) fn house_with(
    postgres: Option<&str>,
    more_rooms: &[&str],
    environment: &[(&str, &str)],
) -> Result<Arc<Place>, String> {
    let people: Vec<&str> = WRITERS.into_iter().chain([READER]).collect();
    let rooms: Vec<&str> = ROOMS.iter().chain(more_rooms).copied().collect();
    let mut place = House { postgres, people: &people, rooms: &rooms, limits: &LIMITS }.build()?;
    place.set("ROOMDAV_SERVER_PUBLIC_URL", "http://127.0.0.1:8008");
    for (name, value) in environment {
        place.set(name, value);
    }
    for room in rooms {
        place.command(&["room", "set", room, "viewer=details"], "")?;
    }
    Ok(Arc::new(place))
}

/// Where somebody finds a room.
pub(crate) fn room(login: &str, number: usize) -> String {
    format!("/calendars/users/{login}/room-{}/", ROOMS[number])
}

//! A hundred thousand occurrences that are there beside what a run writes.

use super::shape::{Base, Shape};
use crate::program::http::{Connection, Request};

/// Rooms that are booked all around the clock.
pub(crate) const FULL_ROOMS: [&str; 6] = ["full0", "full1", "full2", "full3", "full4", "full5"];

/// Half hours of a day: each is a series of its own.
const SERIES: i64 = 48;

/// Days from the base on that lie within what may be booked.
const DAYS: i64 = 380;

/// Books them; how many occurrences there are then.
pub(crate) fn fill(port: u16, login: &str, base: Base) -> Result<i64, String> {
    let mut connection = Connection::open(port)?;
    for room in FULL_ROOMS {
        for number in 0..SERIES {
            let uid = format!("{room}-{number}");
            let text = Shape::single(&uid, number * 30, 30).text(base);
            let text = text.replace("DTSTART", &format!("RRULE:FREQ=DAILY;COUNT={DAYS}\r\nDTSTART"));
            let path = format!("/calendars/users/{login}/room-{room}/{uid}.ics");
            let put = Request::new(login, "PUT", &path, &[("content-type", "text/calendar")], &text);
            let reply = connection.send(&put)?;
            if reply.status != 201 {
                return Err(format!("filling {room}: {} {}", reply.status, reply.text()));
            }
        }
    }
    let rooms = i64::try_from(FULL_ROOMS.len()).unwrap_or(0);
    Ok(rooms * SERIES * DAYS)
}

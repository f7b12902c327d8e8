//! What may happen in a house where rooms ask managers, keep buffers, open and close, and want to be checked
//! in to: by people, managers, the command line, messages and the clock.

use proptest::prelude::*;

use super::super::command::{Wish, wish};

pub(super) const PEOPLE: [&str; 3] = ["ada", "bob", "eve"];
/// Has no account: asks by messages alone.
pub(super) const GUEST: &str = "zoe@elsewhere.example";
/// The hall is left and right together; there are two desks; the board and the queue ask Eve, who manages
/// everything but the desks; in the pod people check in.
pub(super) const ROOMS: [&str; 7] = ["left", "right", "hall", "desks", "board", "queue", "pod"];

/// How somebody asks: with a write into the room's calendar, an invitation in the own one, or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Direct,
    Invite,
    Message,
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    /// A new event, or another text for one there was. Messages of the last of the people are the guest's.
    Ask { who: usize, way: Way, rooms: Vec<usize>, uid: usize, wish: Wish },
    /// A message that calls off the n-th booking that came by one.
    CallOff { nth: usize },
    /// The n-th member of a room's calendar (or of the own one) gets other times.
    Rewrite { who: usize, room: Option<usize>, nth: usize, wish: Wish },
    /// The n-th booking of somebody gets another title, while the rooms have stricter rules (R3).
    Retitle { who: usize, nth: usize },
    /// MOVE of the n-th member of a room's calendar to another room.
    Move { who: usize, from: usize, nth: usize, to: usize },
    /// DELETE of the n-th member.
    Delete { who: usize, room: Option<usize>, nth: usize },
    /// `reservation cancel` or `release`: all of the n-th booking, or one date.
    Cancel { nth: usize, one: bool, by_eve: bool },
    /// Eve decides about the n-th request, or one date of it.
    Decide { nth: usize, one: bool, approves: bool },
    /// `reservation transfer` of the n-th booking.
    Transfer { nth: usize, to: usize },
    /// Somebody checks in to the n-th booking.
    CheckIn { nth: usize },
    /// A room is closed for some hours.
    Block { room: usize, day: u32, hour: u32, hours: u32, hard: bool },
    /// The n-th block is taken away.
    Open { nth: usize },
    /// Time passes, and what is due is done.
    Pass { minutes: i64 },
    /// It becomes so many minutes past an hour.
    Clock { hours: i64, past: i64 },
    /// A day passes, and series are extended.
    Day,
}

pub(super) fn command() -> impl Strategy<Value = Command> {
    let way = prop_oneof![3 => Just(Way::Direct), 2 => Just(Way::Invite), 1 => Just(Way::Message)];
    let rooms = prop::collection::vec(0..ROOMS.len(), 1..3).prop_map(|mut rooms| {
        rooms.dedup();
        rooms
    });
    let some_room = prop::option::weighted(0.7, 0..ROOMS.len());
    let (who, uid, nth, room) = (0..PEOPLE.len(), 0..3usize, 0..8usize, 0..ROOMS.len());
    let half = prop::bool::ANY;
    prop_oneof![
        12 => (who.clone(), way, rooms, uid, wish())
            .prop_map(|(who, way, rooms, uid, wish)| Command::Ask { who, way, rooms, uid, wish }),
        1 => nth.clone().prop_map(|nth| Command::CallOff { nth }),
        4 => (who.clone(), some_room.clone(), nth.clone(), wish())
            .prop_map(|(who, room, nth, wish)| Command::Rewrite { who, room, nth, wish }),
        2 => (who.clone(), nth.clone()).prop_map(|(who, nth)| Command::Retitle { who, nth }),
        3 => (who.clone(), room.clone(), nth.clone(), room.clone())
            .prop_map(|(who, from, nth, to)| Command::Move { who, from, nth, to }),
        2 => (who.clone(), some_room, nth.clone())
            .prop_map(|(who, room, nth)| Command::Delete { who, room, nth }),
        2 => (nth.clone(), half, half).prop_map(|(nth, one, by_eve)| Command::Cancel { nth, one, by_eve }),
        4 => (nth.clone(), half, half).prop_map(|(nth, one, approves)| Command::Decide { nth, one, approves }),
        1 => (nth.clone(), who).prop_map(|(nth, to)| Command::Transfer { nth, to }),
        1 => nth.clone().prop_map(|nth| Command::CheckIn { nth }),
        2 => (room, 1..5u32, 8..12u32, 1..4u32, half)
            .prop_map(|(room, day, hour, hours, hard)| Command::Block { room, day, hour, hours, hard }),
        1 => nth.prop_map(|nth| Command::Open { nth }),
        2 => (1..300i64).prop_map(|minutes| Command::Pass { minutes }),
        2 => (1..26i64, prop::sample::select(vec![-10, 2, 11, 40]))
            .prop_map(|(hours, past)| Command::Clock { hours, past }),
        1 => Just(Command::Day),
    ]
}

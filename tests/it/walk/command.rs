//! What somebody may do next: random commands, made of few people, rooms, UIDs and hours, so that
//! they meet.

use proptest::prelude::*;

use crate::support::{Event, event};

pub(super) const PEOPLE: [&str; 3] = ["ada", "bob", "eve"];
/// The hall is left and right together; there are two desks.
pub(super) const ROOMS: [&str; 4] = ["left", "right", "hall", "desks"];

/// A calendar of a person's home: one of the rooms', or the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Room(usize),
    Own,
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    /// PUT of `u{uid}.ics` without a condition.
    Book { who: usize, room: usize, uid: usize, wish: Wish },
    /// PUT into the own calendar, with rooms and people as attendees.
    Invite { who: usize, rooms: Vec<usize>, guests: Vec<usize>, uid: usize, wish: Wish },
    /// An answer to the n-th invitation that somebody has: for all of it, or leaving one date out.
    Answer { who: usize, nth: usize, answer: Answer },
    /// PUT over the n-th member that is listed, with its tag.
    Rewrite { who: usize, place: Place, nth: usize, wish: Wish },
    /// The n-th member with an alarm of one's own.
    Alarm { who: usize, place: Place, nth: usize },
    /// MOVE of the n-th member.
    Move { who: usize, from: Place, nth: usize, to: Place },
    /// DELETE of the n-th member.
    Delete { who: usize, place: Place, nth: usize },
    /// Time passes, and what is due is done.
    Pass { minutes: i64 },
    /// A day passes, and series are extended.
    Day,
    /// A program that follows tokens asks what is new.
    Poll { who: usize, place: Place, limit: Option<u32> },
}

/// What somebody says to an invitation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Accepted,
    Declined,
    Tentative,
    /// Leaves the second date out.
    NotTheSecond,
}

/// An event that somebody wants.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) hours: u32,
    pub(super) shape: Shape,
    pub(super) title: u32,
    pub(super) private: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Single,
    AllDay,
    Daily,
    Endless,
    WithoutSecond,
    SecondMoved,
    SecondCancelled,
    Cancelled,
    Transparent,
}

impl Wish {
    /// One hour of Monday.
    pub(super) fn single() -> Self {
        Self { day: 1, hour: 8, hours: 1, shape: Shape::Single, title: 0, private: false }
    }

    /// The event's text, without people and rooms.
    pub(super) fn event(&self, uid: &str) -> Event {
        let Self { day, hour, hours, .. } = *self;
        let at = |days: u32, hour: u32| format!("202703{:02}T{hour:02}0000", day + days);
        let timed = event(uid).between(&at(0, hour), &at(0, hour + hours));
        let daily = || timed.clone().rule("FREQ=DAILY;COUNT=3");
        let event = match self.shape {
            Shape::Single => timed,
            Shape::AllDay => event(uid).days(&format!("202703{day:02}"), &format!("202703{:02}", day + 1)),
            Shape::Daily => daily(),
            Shape::Endless => timed.rule("FREQ=WEEKLY"),
            Shape::WithoutSecond => daily().line(&format!("EXDATE;TZID=Europe/Berlin:{}", at(1, hour))),
            Shape::SecondMoved => daily().moved(&at(1, hour), &at(1, hour + 2), &at(1, hour + 3), &[]),
            Shape::SecondCancelled => {
                daily().moved(&at(1, hour), &at(1, hour), &at(1, hour + hours), &["STATUS:CANCELLED"])
            }
            Shape::Cancelled => timed.line("STATUS:CANCELLED"),
            Shape::Transparent => timed.line("TRANSP:TRANSPARENT"),
        };
        let event = event.summary(&format!("Title {}", self.title));
        if self.private { event.line("CLASS:PRIVATE") } else { event }
    }
}

pub(super) fn wish() -> impl Strategy<Value = Wish> {
    let shape = prop_oneof![
        6 => Just(Shape::Single),
        1 => Just(Shape::AllDay),
        2 => Just(Shape::Daily),
        1 => Just(Shape::Endless),
        1 => Just(Shape::WithoutSecond),
        1 => Just(Shape::SecondMoved),
        1 => Just(Shape::SecondCancelled),
        1 => Just(Shape::Cancelled),
        1 => Just(Shape::Transparent),
    ];
    (1..5u32, 8..12u32, 1..3u32, shape, 0..3u32, prop::bool::weighted(0.2)).prop_map(
        |(day, hour, hours, shape, title, private)| Wish { day, hour, hours, shape, title, private },
    )
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![4 => (0..ROOMS.len()).prop_map(Place::Room), 2 => Just(Place::Own)]
}

pub(super) fn command() -> impl Strategy<Value = Command> {
    let (who, room, uid, nth) = (0..PEOPLE.len(), 0..ROOMS.len(), 0..4usize, 0..6usize);
    let rooms = prop::sample::subsequence(vec![0, 1, 2, 3], 0..3);
    let guests = prop::sample::subsequence(vec![0, 1, 2], 0..3);
    let answer = prop::sample::select(vec![
        Answer::Accepted,
        Answer::Declined,
        Answer::Tentative,
        Answer::NotTheSecond,
    ]);
    let limit = prop::option::of(1..4u32);
    prop_oneof![
        7 => (who.clone(), room, uid.clone(), wish())
            .prop_map(|(who, room, uid, wish)| Command::Book { who, room, uid, wish }),
        6 => (who.clone(), rooms, guests, uid, wish())
            .prop_map(|(who, rooms, guests, uid, wish)| Command::Invite { who, rooms, guests, uid, wish }),
        4 => (who.clone(), nth.clone(), answer).prop_map(|(who, nth, answer)| Command::Answer { who, nth, answer }),
        4 => (who.clone(), place(), nth.clone(), wish())
            .prop_map(|(who, place, nth, wish)| Command::Rewrite { who, place, nth, wish }),
        1 => (who.clone(), place(), nth.clone())
            .prop_map(|(who, place, nth)| Command::Alarm { who, place, nth }),
        3 => (who.clone(), place(), nth.clone(), place())
            .prop_map(|(who, from, nth, to)| Command::Move { who, from, nth, to }),
        3 => (who.clone(), place(), nth).prop_map(|(who, place, nth)| Command::Delete { who, place, nth }),
        1 => (1..700i64).prop_map(|minutes| Command::Pass { minutes }),
        1 => Just(Command::Day),
        6 => (who, place(), limit).prop_map(|(who, place, limit)| Command::Poll { who, place, limit }),
    ]
}

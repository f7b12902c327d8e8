//! After any sequence of commands: nobody is booked twice, what was said is what is stored, and who
//! follows tokens has what is there (A5; R1, R4, R80, P-2, P-6, P-8).

mod command;
mod facts;
mod house;
mod mirror;
mod rules;

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::support::TestServer;
use command::{Command, PEOPLE, Place, Shape, Wish, command};
use house::{Became, client, path};
use mirror::{Look, Mirror, Versions};

const PLACES: [Place; 5] = [Place::Room(0), Place::Room(1), Place::Room(2), Place::Room(3), Place::Own];

#[test]
fn any_sequence_of_commands_keeps_the_house_in_order() {
    walk(16, TestServer::sqlite);
}

#[test]
fn any_sequence_of_commands_keeps_the_house_in_order_on_postgresql() {
    if std::env::var_os("TEST_POSTGRES_URL").is_some() {
        walk(6, async || TestServer::postgres().await.expect("TEST_POSTGRES_URL names one"));
    }
}

/// `WALK_CASES` asks for more walks than every run makes.
fn walk(cases: u32, open: impl AsyncFn() -> TestServer) {
    let wished = std::env::var("WALK_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = wished.unwrap_or(cases);
    let config = Config { cases, max_shrink_iters: 80, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let run = |commands: Vec<Command>| {
        runtime.block_on(async {
            let server = open().await;
            house::build(&server).await;
            Walk::new(&server).await.all(&commands).await;
        });
        Ok::<_, TestCaseError>(())
    };
    let done = TestRunner::new(config).run(&prop::collection::vec(command(), 20..40), run);
    if let Err(failure) = done {
        panic!("{failure}");
    }
}

/// One walk with what its readers have seen so far.
struct Walk<'s> {
    server: &'s TestServer,
    mirrors: HashMap<String, Mirror>,
    looks: HashMap<String, Look>,
    versions: Versions,
    units: std::collections::BTreeMap<roomdav::domain::id::SpaceId, i64>,
}

impl<'s> Walk<'s> {
    async fn new(server: &'s TestServer) -> Self {
        let units = facts::units(server).await;
        Self { server, mirrors: HashMap::new(), looks: HashMap::new(), versions: Versions::default(), units }
    }

    async fn all(mut self, commands: &[Command]) {
        let mut before = facts::claims(self.server).await;
        for (step, command) in commands.iter().enumerate() {
            if let Command::Poll { who, place, limit } = command {
                let (client, calendar) = (client(self.server, *who), path(self.server, *who, *place));
                self.mirrors.entry(calendar.clone()).or_default().poll(&client, &calendar, *limit).await;
                continue;
            }
            let reader = step / 3 % PEOPLE.len();
            let looks = step % 3 == 0;
            let seen = if looks { self.see(reader).await } else { Vec::new() };
            // Shown if it fails.
            println!("{command:?}");
            let became = house::run(self.server, command).await;
            let claims = facts::claims(self.server).await;
            facts::nobody_is_booked_twice(&claims, &self.units);
            facts::texts_say_what_is_claimed(self.server).await;
            facts::guests_have_what_the_organizer_has(self.server).await;
            if let Became::Refused(who) = became {
                // P-8: a refusal is between the server and who was refused.
                assert_eq!(claims, before, "{command:?}");
                if looks && who != reader {
                    assert_eq!(self.see(reader).await, seen, "{command:?}");
                }
            }
            before = claims;
        }
        facts::rows_fit_together(self.server).await;
        self.server.audit_says_what_is_stored().await;
        for who in 0..PEOPLE.len() {
            self.see(who).await;
            for place in PLACES {
                let (client, calendar) = (client(self.server, who), path(self.server, who, place));
                self.mirrors.entry(calendar.clone()).or_default().is_the_calendar(&client, &calendar).await;
            }
        }
    }

    /// Everything that one reader sees.
    async fn see(&mut self, who: usize) -> Vec<Look> {
        let mut all = Vec::new();
        for place in PLACES {
            let (client, calendar) = (client(self.server, who), path(self.server, who, place));
            let look = self.versions.look(&client, &calendar).await;
            if let Some(before) = self.looks.insert(calendar, look.clone()) {
                look.agrees_with(&before);
            }
            all.push(look);
        }
        all
    }
}

/// A walk that once went wrong: bob's program is one that does not ask twice for a refused date.
#[tokio::test]
async fn a_single_event_asks_again_for_what_its_series_was_refused() {
    let server = TestServer::sqlite().await;
    house::build(&server).await;
    let wish = |day, shape| Wish { day, hour: 8, hours: 1, shape, title: 0, private: false };
    let walk = [
        Command::Book { who: 2, room: 2, uid: 0, wish: wish(2, Shape::Daily) },
        Command::Book { who: 1, room: 0, uid: 3, wish: wish(2, Shape::SecondMoved) },
        Command::Delete { who: 2, place: Place::Room(2), nth: 0 },
        Command::Book { who: 1, room: 0, uid: 3, wish: wish(4, Shape::Single) },
    ];
    Walk::new(&server).await.all(&walk).await;
    let held = facts::claims(&server).await;
    assert_eq!(held.len(), 1, "{held:?}");
}

/// Another one: SQLite gave the key of a text that was gone to a message, which a booking that had
/// ended then took for its own text.
#[tokio::test]
async fn a_key_that_is_given_again_is_nobodys_text() {
    let server = TestServer::sqlite().await;
    house::build(&server).await;
    let wish = |day, hours, title| Wish { day, hour: 8, hours, shape: Shape::Single, title, private: false };
    let walk = [
        Command::Book { who: 2, room: 0, uid: 0, wish: wish(2, 1, 0) },
        Command::Book { who: 2, room: 2, uid: 1, wish: wish(1, 2, 0) },
        Command::Day,
        Command::Delete { who: 2, place: Place::Own, nth: 2 },
        Command::Delete { who: 2, place: Place::Own, nth: 1 },
        Command::Invite { who: 0, rooms: vec![3], guests: vec![], uid: 0, wish: wish(3, 1, 0) },
        Command::Invite { who: 0, rooms: vec![], guests: vec![2], uid: 0, wish: wish(1, 3, 1) },
    ];
    Walk::new(&server).await.all(&walk).await;
}

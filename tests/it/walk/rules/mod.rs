//! After any sequence of commands through all channels, with buffers, opening hours, approval, check-in,
//! blocks and the clock: R1 to R7 hold, and the audit alone says what is stored (E2; R150).

mod command;
mod facts;
mod house;
mod picture;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use roomdav::domain::time::Instant;

use crate::support::TestServer;
use command::{Command, command};
use house::House;
use picture::Picture;

const NEVER: Instant = Instant::from_secs(4_102_444_800);

#[test]
fn the_rules_hold_whatever_happens() {
    walk(12, TestServer::sqlite);
}

#[test]
fn the_rules_hold_whatever_happens_on_postgresql() {
    if std::env::var_os("TEST_POSTGRES_URL").is_some() {
        walk(4, async || TestServer::postgres().await.expect("TEST_POSTGRES_URL names one"));
    }
}

/// `WALK_CASES` asks for more walks than every run makes.
fn walk(cases: u32, open: impl AsyncFn() -> TestServer) {
    let wished = std::env::var("WALK_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = wished.unwrap_or(cases);
    // Who asks for many wants to know the shortest.
    let shrinks = if wished.is_some() { 600 } else { 80 };
    let config = Config { cases, max_shrink_iters: shrinks, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let run = |commands: Vec<Command>| {
        runtime.block_on(async {
            let server = open().await;
            all(&server, &commands).await;
        });
        Ok::<_, TestCaseError>(())
    };
    if let Err(failure) = TestRunner::new(config).run(&prop::collection::vec(command(), 0..60), run) {
        panic!("{failure}");
    }
}

/// The whole walk, in a house of its own.
async fn all(server: &TestServer, commands: &[Command]) {
    house::build(server).await;
    let mut before = Picture::take(server).await;
    for (step, command) in (1..).zip(commands) {
        // Shown if it fails.
        println!("{} {command:?}", server.clock.now());
        let became = House { server, step }.run(command, &before).await;
        println!("    {became:?}");
        let (after, now) = (Picture::take(server).await, server.clock.now());
        facts::claims_are_right(&after, now);
        facts::closed_is_closed(&after, now);
        facts::losses_are_told(&before, &after, &became, now);
        facts::others_keep_what_they_have(&before, &after, &became);
        facts::texts_say_what_is_stored(server, &after).await;
        server.audit_says_what_is_stored().await;
        before = after;
    }
    assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
}

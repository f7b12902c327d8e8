//! The task that decides: within two seconds, whatever it is told or not, beside everybody else.
//!
//! Here real time passes: how soon it looks is what is in question.

use std::sync::Arc;
use std::time::{Duration, Instant};

use roomdav::jobs::work_off_requests;
use roomdav::limits::Limits;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{NINE, Other, booking, hold, house};
use crate::support::{TestServer, event};

/// The promise of `schema/README.md`.
const PROMISED: Duration = Duration::from_secs(2);

/// The task, as a server runs it.
struct Working {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Working {
    fn begin(server: &TestServer, limits: Limits) -> Self {
        let stop = CancellationToken::new();
        let task = work_off_requests(server.bookings.clone(), Arc::new(limits), stop.clone());
        Self { stop, task: tokio::spawn(task) }
    }

    /// It ends between two rows.
    async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(PROMISED, self.task).await.expect("it stops").unwrap();
    }
}

/// An hour of its own for each number.
fn hour(number: u32) -> (String, String) {
    let (day, hour) = (1 + number / 10, 8 + number % 10);
    (format!("2027-03-{day:02} {hour:02}:00"), format!("2027-03-{day:02} {hour:02}:45"))
}

async fn hand_in(other: &mut Other, number: u32) {
    let (starts, ends) = hour(number);
    other.run(&booking("aula", "eve", (&starts, &ends), &[])).await;
}

/// Hands a row in, and waits until it is booked; how long that took.
async fn booked_after(other: &mut Other, number: u32) -> Duration {
    let began = Instant::now();
    hand_in(other, number).await;
    until(other, "SELECT COUNT(*) FROM requests WHERE state = 'waiting'", "0").await;
    let states = other.rows("SELECT DISTINCT state FROM requests").await;
    assert_eq!(states, ["booked"]);
    began.elapsed()
}

async fn until(other: &mut Other, sql: &str, wanted: &str) {
    let began = Instant::now();
    while other.row(sql).await != wanted {
        assert!(began.elapsed() < Duration::from_secs(20), "{sql} never gave {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_is_decided_within_two_seconds_also_where_no_hint_arrives() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        let working = Working::begin(server, Limits::default());
        for number in 0..5 {
            let took = booked_after(&mut other, number).await;
            assert!(took < PROMISED, "{took:?}");
        }
        if server.is_postgres() {
            // Whoever listens is cut off; then nobody is told anything any more.
            other
                .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()")
                .await;
            let took = booked_after(&mut other, 5).await;
            assert!(took < PROMISED, "cut off: {took:?}");
            other.run("DROP TRIGGER requests_announced ON requests").await;
        }
        for number in 6..8 {
            let took = booked_after(&mut other, number).await;
            assert!(took < PROMISED, "without a hint: {took:?}");
        }
        working.end().await;
        hand_in(&mut other, 9).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(other.row("SELECT COUNT(*) FROM requests WHERE state = 'waiting'").await, "1", "it has ended");
    })
    .await;
}

// F-12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_somebody_holds_lets_no_other_wait() {
    let Some(server) = TestServer::postgres().await else { return };
    house(&server).await;
    server.room("lab").await;
    let (mut holder, mut other) = (Other::on(&server).await, Other::on(&server).await);
    holder.run("BEGIN; SELECT id FROM spaces WHERE name = 'aula' FOR UPDATE").await;
    let working = Working::begin(&server, Limits::default());
    hand_in(&mut other, 0).await;
    other.run(&booking("lab", "ada", NINE, &[])).await;
    until(&mut other, "SELECT state FROM requests WHERE room = 'lab'", "booked").await;
    assert_eq!(other.row("SELECT state FROM requests WHERE room = 'aula'").await, "waiting");
    holder.run("ROLLBACK").await;
    until(&mut other, "SELECT state FROM requests WHERE room = 'aula'", "booked").await;
    working.end().await;
}

// B-68
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_worked_off_in_order_and_nobody_else_waits_for_it() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        let mut rows = Vec::new();
        for number in 0..150 {
            let (starts, ends) = hour(number);
            rows.push(booking("aula", "eve", (&starts, &ends), &[]));
            rows.push(booking("cellar", "eve", (&starts, &ends), &[]));
        }
        other.run(&format!("BEGIN; {}; COMMIT", rows.join("; "))).await;
        server.room("lab").await;
        let working = Working::begin(server, Limits { rows_at_once: 20, ..Limits::default() });
        let ada = server.client("ada");
        let mut longest = Duration::ZERO;
        for number in 0..10 {
            let began = Instant::now();
            ada.book("lab", &event(&format!("w{number}")).hours("20270301", 8 + number, 9 + number))
                .await
                .created();
            longest = longest.max(began.elapsed());
        }
        let left: u32 =
            other.row("SELECT COUNT(*) FROM requests WHERE state = 'waiting'").await.parse().unwrap();
        assert!(left > 0, "the burst was over before anybody else came");
        assert!(longest < PROMISED, "a calendar program waited {longest:?}");
        until(&mut other, "SELECT COUNT(*) FROM requests WHERE state = 'waiting'", "0").await;
        working.end().await;
        let states = other.rows("SELECT state, COUNT(*) FROM requests GROUP BY state ORDER BY state").await;
        assert_eq!(states, ["booked|150", "refused|150"]);
        // Numbers of reservations were given in the order of the rows.
        let given =
            other.rows("SELECT reservation_id FROM requests WHERE state = 'booked' ORDER BY id").await;
        let given: Vec<i64> = given.iter().map(|id| id.parse().unwrap()).collect();
        assert!(given.is_sorted(), "{given:?}");
    })
    .await;
}

// L-67
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_wait_while_the_disk_is_full() {
    let server = TestServer::sqlite().await;
    house(&server).await;
    let mut other = Other::on(&server).await;
    let full = Working::begin(&server, Limits { free_disk_bytes: usize::MAX, ..Limits::default() });
    hand_in(&mut other, 0).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(other.rows("SELECT state FROM requests").await, ["waiting"]);
    full.end().await;
    let working = Working::begin(&server, Limits::default());
    until(&mut other, "SELECT state FROM requests", "booked").await;
    working.end().await;
}

//! A server that cannot reach its database: whoever asks is told within five seconds, and it recovers by
//! itself (F-10, P-11).

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::support::{Line, Program, Reply, TestServer, Wire, event};

/// F-10 and P-11.
const SOON: Duration = Duration::from_secs(5);

async fn timed<T>(asked: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (asked.await, began.elapsed())
}

/// More at once than there are connections to the database, which must all come free again.
async fn crowd(wire: &Wire<'_>, program: &Program<'_>) -> Vec<(Reply, Duration)> {
    let mut asking = JoinSet::new();
    for _ in 0..30 {
        let bytes = program.request("PROPFIND", "/calendars/users/ada/", &[("Depth", "0")], b"");
        let mut connection = wire.connect().await;
        asking.spawn(async move {
            connection.write(&bytes).await;
            timed(connection.reply("PROPFIND")).await
        });
    }
    asking.join_all().await
}

/// A database that `cut` takes away.
async fn database_away(cut: impl Fn(&Line)) {
    let Some(house) = TestServer::postgres().await else { return };
    house.people(&["ada"]).await;
    house.room("aula").await;
    let line = Line::to(house.database()).await;
    let server = house.reaching(&line.url).await;
    let wire = Wire::open(&server).await;
    let ada = wire.program("ada").await;
    let home = "/calendars/users/ada/";
    let put = async |uid: &str| {
        let headers = [("If-None-Match", "*"), ("Content-Type", "text/calendar")];
        let text = event(uid).hours("20270301", 9, 10).text();
        ada.send("PUT", &format!("{home}room-aula/{uid}.ics"), &headers, &text).await
    };
    ada.propfind(home, "1", "").await.expect(207);
    let watch = wire.stranger();
    watch.get("/health/ready").await.expect(200);

    cut(&line);
    let health = timed(watch.get("/health/ready"));
    let reading = timed(ada.propfind(home, "1", ""));
    let writing = timed(put("a"));
    let metrics = timed(watch.get("/metrics"));
    let crowd = crowd(&wire, &ada);
    let (health, reading, writing, metrics, crowd) = tokio::join!(health, reading, writing, metrics, crowd);
    for (reply, time) in [&health, &reading, &writing].into_iter().chain(&crowd) {
        assert_eq!(reply.status, 503, "F-10: {}", reply.text());
        assert!(*time < SOON, "F-10: {time:?}");
    }
    assert!(reading.0.header("retry-after").is_some() && writing.0.header("retry-after").is_some());
    let (metrics, time) = metrics;
    let metrics = metrics.expect(200).text();
    assert!(time < Duration::from_secs(1), "{time:?}");
    assert!(metrics.contains("\nroomdav_database_up 0\n"), "{metrics}");
    assert!(!metrics.contains("roomdav_outbox_messages"), "what is not known is not told: {metrics}");
    watch.get("/health/live").await.expect(200);

    line.mend();
    let began = Instant::now();
    while watch.get("/health/ready").await.status != 200 {
        assert!(began.elapsed() < SOON, "P-11: not ready after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    put("b").await.expect(201);
    ada.propfind(home, "1", "").await.expect(207);
    let metrics = watch.get("/metrics").await.text();
    for told in ["\nroomdav_database_up 1\n", "\nroomdav_outbox_messages{state=\"waiting\"} 0\n"] {
        assert!(metrics.contains(told), "{metrics}");
    }
    // The one that was answered 503 was not kept.
    assert_eq!(house.claims("aula").await, ["03-01 09:00-10:00"]);
    assert_eq!(house.states("aula", "a").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_breaks_off_is_told_at_once_and_found_again() {
    database_away(Line::break_off).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_says_nothing_any_more_is_told_in_time_and_found_again() {
    database_away(Line::fall_silent).await;
}

// A statement that is under way when the line falls silent, and one in a transaction that has begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_line_that_falls_silent_under_load_leaves_nobody_waiting() {
    let Some(house) = TestServer::postgres().await else { return };
    house.people(&["ada"]).await;
    house.room("aula").await;
    let line = Line::to(house.database()).await;
    let server = house.reaching(&line.url).await;
    let wire = Wire::open(&server).await;
    let ada = wire.program("ada").await;
    let mut asking = JoinSet::new();
    // Each meets a connection that says nothing, so that there is none of the ten that does not.
    for _ in 0..24 {
        let bytes = ada.request("PROPFIND", "/calendars/users/ada/", &[("Depth", "1")], b"");
        let mut connection = wire.connect().await;
        asking.spawn(async move {
            let mut slowest = Duration::ZERO;
            // Until one is refused.
            loop {
                let (reply, time) = timed(async {
                    connection.write(&bytes).await;
                    connection.reply("PROPFIND").await
                })
                .await;
                slowest = slowest.max(time);
                if reply.status != 207 {
                    return (reply.status, slowest);
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    line.fall_silent();
    for (status, slowest) in asking.join_all().await {
        assert_eq!(status, 503, "F-10");
        assert!(slowest < SOON, "F-10: {slowest:?}");
    }
    line.mend();
    ada.propfind("/calendars/users/ada/", "1", "").await.expect(207);
}

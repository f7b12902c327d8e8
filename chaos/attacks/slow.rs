//! T-13: half headers, bodies drop by drop, readers that stop. All are closed in their time (L-03, L-05,
//! L-08), and nobody else notices.

use std::time::Duration;

use base64::Engine as _;
use tokio::io::AsyncWriteExt as _;

use super::connections::{End, connect, drip, until_closed};
use super::honest::{self, ROOM, booking};
use crate::program::http::{Connection, Request};
use crate::program::{House, Program};
use crate::report::Report;

struct Scale {
    half_headers: usize,
    slow_bodies: usize,
    stopped_readers: usize,
    limits: &'static [(&'static str, &'static str)],
    /// Longer than each of the limits, with time to get there.
    patience: Duration,
    rounds: usize,
}

const SHORT: Scale = Scale {
    half_headers: 300,
    slow_bodies: 60,
    stopped_readers: 20,
    limits: &[
        ("header_time", "2s"),
        ("body_start_time", "2s"),
        ("body_rate_time", "2s"),
        ("write_stall_time", "2s"),
        ("bookings_per_hour", "100000"),
    ],
    patience: Duration::from_secs(15),
    rounds: 1,
};

const LONG: Scale = Scale {
    half_headers: 1000,
    slow_bodies: 200,
    stopped_readers: 100,
    limits: &[("bookings_per_hour", "100000")],
    patience: Duration::from_mins(1),
    rounds: 3,
};

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let scale = if is_long { LONG } else { SHORT };
    let house = House { postgres: None, people: &["ada"], rooms: &["aula", "full"], limits: scale.limits };
    let program = Program::start(&house)?;
    fill(&program)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
    let before = program.memory_mb("VmRSS");
    for _ in 0..scale.rounds {
        let (ends, met) = honest::beside(&program, || runtime.block_on(attack(program.port, &scale)))?;
        for (what, ends) in ends {
            let open = ends.iter().filter(|end| !matches!(end, End::Closed(_))).count();
            let slowest = ends.iter().filter_map(|end| match end {
                End::Closed(after) => Some(*after),
                End::Open | End::Refused => None,
            });
            let slowest = slowest.max().unwrap_or_default();
            let found = format!("{open} of {} not, the last after {slowest:.1?}", ends.len());
            report.hold(&format!("{what} are all closed"), open == 0 && !ends.is_empty(), &found);
        }
        let found = format!("{} requests, p99 {:.1?}, {:?}", met.count(), met.p99(), met.failures);
        report.hold(
            "the honest user gets what he asks for",
            met.failures.is_empty() && met.count() > 20,
            &found,
        );
        if is_long {
            let is_quick = met.p99() < Duration::from_millis(250);
            report.hold("the honest user waits less than 250 ms (p99)", is_quick, &found);
        }
    }
    let (now, most) = (program.memory_mb("VmRSS"), program.memory_mb("VmHWM"));
    let found = format!("{before} MB before, at most {most} MB, {now} MB now");
    report.hold("memory rises by at most 64 MiB", most <= before + 64, &found);
    program.stop()
}

/// Enough in one room that its listing does not fit into the buffers of a connection.
fn fill(program: &Program) -> Result<(), String> {
    let mut connection = Connection::open(program.port)?;
    for number in 0..40 {
        let text = booking(number).replace("DURATION", &format!("{}DURATION", long_text()));
        let path = format!("/calendars/users/ada/room-full/b{number}.ics");
        let put = Request::new("ada", "PUT", &path, &[("content-type", "text/calendar")], &text);
        let reply = connection.send(&put)?;
        if reply.status != 201 {
            return Err(format!("filling the room: {}", reply.status));
        }
    }
    Ok(())
}

/// Some 250 kB of descriptions.
fn long_text() -> String {
    let line = format!("X-LONG:{}\r\n", "x".repeat(1000));
    line.repeat(250)
}

async fn attack(port: u16, scale: &Scale) -> Vec<(&'static str, Vec<End>)> {
    let patience = scale.patience;
    let headers = many(scale.half_headers, 0, move |number| async move {
        let Ok(mut stream) = connect(port, number).await else { return End::Refused };
        drip(&mut stream, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", Duration::from_millis(500), patience)
            .await
    });
    let bodies = many(scale.slow_bodies, 0, move |number| async move {
        let Ok(mut stream) = connect(port, number).await else { return End::Refused };
        let head = head("PUT", &format!("{ROOM}slow{number}.ics"), "Content-Length: 100000\r\n");
        drip(&mut stream, head.as_bytes(), Duration::from_millis(100), patience).await
    });
    let readers = many(scale.stopped_readers, scale.slow_bodies, move |number| async move {
        let Ok(mut stream) = connect(port, number).await else { return End::Refused };
        let body = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
                    <C:calendar-data/></prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter>\
                    </C:calendar-query>";
        let fields = format!(
            "Depth: 1\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n",
            body.len()
        );
        let head = head("REPORT", "/calendars/users/ada/room-full/", &fields);
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
            return End::Refused;
        }
        // He reads nothing until the server must have given up, and then what was on its way.
        tokio::time::sleep(patience / 2).await;
        until_closed(&mut stream, patience).await
    });
    // One after the other: together they would be more connections than there may be (L-09).
    let headers = headers.await;
    let (bodies, readers) = tokio::join!(bodies, readers);
    vec![("half headers", headers), ("slow bodies", bodies), ("readers that stop", readers)]
}

fn head(method: &str, path: &str, fields: &str) -> String {
    let credentials = base64::engine::general_purpose::STANDARD.encode("ada:ada-password");
    format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n{fields}\r\n")
}

/// So many at once, from connection `first` on.
async fn many<F: Future<Output = End> + Send + 'static>(
    count: usize,
    first: usize,
    one: impl Fn(usize) -> F,
) -> Vec<End> {
    let tasks: Vec<_> = (first..first + count).map(|number| tokio::spawn(one(number))).collect();
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await.unwrap_or(End::Refused));
    }
    ends
}

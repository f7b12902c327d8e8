//! F-5: another program has locked the SQLite file; F-16: a second server is started on it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, SqliteConnection};

use super::people::{Base, READER, Shape, house, room};
use crate::program::Program;
use crate::program::http::{Connection, Reply, Request};
use crate::report::Report;

/// How long the server waits for the other program.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(_is_long: bool, report: &mut Report) -> Result<(), String> {
    let place = house(None, &[])?;
    let program = Program::serve(&place)?;
    locked(&program, report)?;
    second(&program, report)?;
    program.stop()?;
    place.check()
}

fn locked(program: &Program, report: &mut Report) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| cause.to_string())?;
    let url = program.place().url();
    let mut foreign = runtime.block_on(SqliteConnection::connect(url)).map_err(|it| it.to_string())?;
    let mut say = |sql: &'static str| {
        let said = runtime.block_on(sqlx::query(sql).execute(&mut foreign));
        said.map(drop).map_err(|cause| cause.to_string())
    };
    let port = program.port;
    book(port, 0)?;

    say("BEGIN IMMEDIATE")?;
    let (reply, took) = std::thread::scope(|scope| {
        let booking = scope.spawn(|| book(port, 1));
        std::thread::sleep(Duration::from_secs(2));
        say("ROLLBACK")?;
        booking.join().map_err(|_| "a booking broke off".to_owned())?
    })?;
    let has_waited = reply.status == 201 && took >= Duration::from_secs(1);
    report.hold("a locked file is waited for", has_waited, &format!("{} after {took:.1?}", reply.status));

    say("BEGIN IMMEDIATE")?;
    let (reply, took) = book(port, 2)?;
    let is_refused = reply.status == 503 && reply.field("retry-after").is_some();
    let is_in_time = took >= PATIENCE.mul_f32(0.8) && took <= PATIENCE * 2;
    let found = format!("{} after {took:.1?}", reply.status);
    report.hold("five seconds, then 503 is answered", is_refused && is_in_time, &found);
    let get = Request::new(READER, "GET", &format!("{}b0.ics", room(READER, 0)), &[], "");
    let reply = Connection::open(port)?.send(&get)?;
    report.hold("reading goes on", reply.status == 200, &reply.status.to_string());
    say("ROLLBACK")?;
    let (reply, took) = book(port, 2)?;
    let found = format!("{} after {took:.1?}", reply.status);
    report.hold("and writing, when it is free", reply.status == 201, &found);
    Ok(())
}

fn book(port: u16, number: i64) -> Result<(Reply, Duration), String> {
    let uid = format!("b{number}");
    let text = Shape::single(&uid, number * 60, 60).text(Base::coming());
    let path = format!("{}{uid}.ics", room(READER, 0));
    let put = Request::new(READER, "PUT", &path, &[("content-type", "text/calendar")], &text);
    let mut connection = Connection::open(port)?;
    let began = Instant::now();
    Ok((connection.send(&put)?, began.elapsed()))
}

fn second(program: &Program, report: &mut Report) -> Result<(), String> {
    let mut serve = program.place().program();
    serve.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut second = serve.spawn().map_err(|cause| cause.to_string())?;
    let until = Instant::now() + PATIENCE;
    while second.try_wait().map_err(|cause| cause.to_string())?.is_none() {
        if Instant::now() > until {
            second.kill().map_err(|cause| cause.to_string())?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let ended = second.wait_with_output().map_err(|cause| cause.to_string())?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let found = format!("{}: {}", ended.status, said.trim());
    let has_failed = ended.status.code().is_some_and(|code| code != 0);
    report.hold("a second server on the file does not start", has_failed, &found);
    let names = said.contains(&format!("process {}", program.id()));
    report.hold("and says who has it", names, &found);
    let (reply, _) = book(program.port, 3)?;
    report.hold("while the first goes on", reply.status == 201, &reply.status.to_string());
    Ok(())
}

//! T-15: whether a name is known cannot be told from the answer, nor from how long it takes (D-22).

use std::time::{Duration, Instant};

use crate::program::http::{Connection, Request};
use crate::program::{House, Program};
use crate::report::Report;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let limits = [
        ("failures_per_pair", "10000"),
        ("failures_per_address", "10000"),
        ("failures_per_account", "100000"),
    ];
    let house = House { postgres: None, people: &["ada", "bob"], rooms: &[], limits: &limits };
    let program = Program::start(&house)?;
    let mut connection = Connection::open(program.port)?;
    let tries = if is_long { 200 } else { 20 };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut answers: Vec<(u16, String, Vec<u8>)> = Vec::new();
    for number in 0..tries {
        // Known and unknown by turns, so that what else goes on meets both.
        for (login, times) in [("bob".to_owned(), &mut known), (format!("bab{number}"), &mut unknown)] {
            let password = format!("wrong-{number}");
            let request = Request::signed((&login, &password), "PROPFIND", "/", &[("depth", "0")], "");
            let began = Instant::now();
            let reply = connection.send(&request)?;
            times.push(began.elapsed());
            answers.push((reply.status, reply.fields, reply.body));
        }
    }
    answers.dedup();
    let found = format!("{} different ones, the first {:?}", answers.len(), answers.first().map(|it| it.0));
    report.hold("known and unknown names get one answer", answers.len() == 1 && answers[0].0 == 401, &found);
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    let apart = known.abs_diff(unknown);
    let found = format!("{known:.2?} and {unknown:.2?}");
    if is_long {
        let is_close = apart < Duration::from_millis(2) && apart * 20 < known;
        report.hold("in times that differ by less than 2 ms and 5 %", is_close, &found);
    } else {
        println!("medians: {found}");
    }
    program.stop()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

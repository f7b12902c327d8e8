//! T-4: the database stops as after a power cut and comes back, every few seconds, and once a second all
//! sessions of the server are ended. P-1, P-2, P-11; F-6, F-7.

use std::time::{Duration, Instant};

use super::people::{Base, Crowd, Keeps, house};
use super::probe::{self, Tries};
use crate::postgres::{Cluster, Stop};
use crate::program::Program;
use crate::report::Report;
use crate::seed::Chance;

/// P-11, F-6.
const BACK: Duration = Duration::from_secs(5);

/// Longer than this nobody waits for an answer: ten seconds for a commit whose answer was lost, and five
/// for a connection before it.
const WAIT: Duration = Duration::from_secs(20);

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let mut chance = Chance::from_environment();
    let mut cluster = Cluster::start_new()?;
    let place = house(Some(&cluster.url()), &[probe::ROOM])?;
    let program = Program::serve(&place)?;
    let mut crowd = Crowd::new(&chance, Base::coming());
    let time = Duration::from_secs(if is_long { 600 } else { 24 });
    let (done, tries) = probe::beside(program.port, || {
        crowd.beside(&[program.port], || disturb(&mut cluster, &mut chance, time))
    });
    let done = done?;
    let found = crowd.look(&program, Keeps::Everything)?;
    let stops = done.starts.len();
    found.hold(report, &format!("{stops} stops of the database, {} sessions ended", done.sessions));
    crowd.hold(report);
    let tally = crowd.tally();
    let is_tried = tally.acked > 30 && tally.unavailable > 10 && done.sessions > 10;
    report.hold("the database was stopped at work", is_tried, &format!("{tally:?}"));
    report.hold("nobody is left without an answer", tally.broken == 0, &format!("{} are", tally.broken));
    let slowest = tally.slowest.max(tries.slowest());
    report.hold("nobody waits for long", slowest <= WAIT, &format!("at most {slowest:.1?}"));
    hold_back(&done.starts, &tries, report);
    program.stop()?;
    place.check()
}

/// What was done to the database.
struct Done {
    /// When it was there again.
    starts: Vec<Instant>,
    sessions: usize,
}

fn disturb(cluster: &mut Cluster, chance: &mut Chance, time: Duration) -> Result<Done, String> {
    let mut done = Done { starts: Vec::new(), sessions: 0 };
    let end = Instant::now() + time;
    while Instant::now() < end {
        let stop = Instant::now() + Duration::from_millis(3000 + chance.below(2000));
        while Instant::now() < stop {
            std::thread::sleep(Duration::from_secs(1).min(stop - Instant::now()));
            done.sessions += cluster.end_sessions()?;
        }
        cluster.stop(Stop::Immediate)?;
        std::thread::sleep(Duration::from_millis(chance.below(1500)));
        cluster.start()?;
        done.starts.push(Instant::now());
    }
    // Time for what is open to be settled.
    std::thread::sleep(BACK);
    Ok(done)
}

fn hold_back(starts: &[Instant], tries: &Tries, report: &mut Report) {
    let back = starts.iter().map(|start| tries.good_after(*start)).collect::<Option<Vec<_>>>();
    let slowest = back.as_ref().and_then(|back| back.iter().max());
    let is_back = slowest.is_some_and(|slowest| *slowest <= BACK);
    let found = format!("at most {slowest:.1?} after {} starts", starts.len());
    report.hold("bookings are taken within 5 s of the database's return", is_back, &found);
    let other = tries.count(|status| status != 503 && !(200..300).contains(&status));
    let found =
        format!("{} tries, {} answered 503, {other} otherwise", tries.0.len(), tries.count(|it| it == 503));
    report.hold("the only error is 503", other == 0, &found);
}

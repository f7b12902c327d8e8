//! T-6: the primary dies under load, and its standby takes over. If commits waited for the standby,
//! nothing that was acknowledged is lost and every sync token stays good (F-8). If they did not, the last
//! may be lost: then tokens of what never was are refused, and no other tells anything wrong (F-9).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::forwarder::Forwarder;
use super::mirror::{Mirror, follow, wake};
use super::people::{Base, Crowd, Keeps, READER, Shape, house, room};
use super::probe;
use crate::postgres::{Cluster, Stop};
use crate::program::http::{Connection, Request};
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;

/// P-11.
const BACK: Duration = Duration::from_secs(5);

/// Longer than an outcome is looked for.
const UNHEARD: Duration = Duration::from_secs(14);

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    for round in 0..if is_long { 3 } else { 1 } {
        synchronous(&mut Pair::start(&chance.branch(2 * round))?, report)?;
        asynchronous(&mut Pair::start(&chance.branch(2 * round + 1))?, report)?;
        unheard(&mut Pair::start(&chance)?, report)?;
    }
    Ok(())
}

/// Two databases, the server on the one, and who writes there.
struct Pair {
    // Fields end in this order: whoever uses another before it.
    program: Program,
    place: Arc<Place>,
    line: Forwarder,
    standby: Cluster,
    primary: Cluster,
    crowd: Crowd,
    chance: Chance,
}

impl Pair {
    fn start(chance: &Chance) -> Result<Self, String> {
        let primary = Cluster::start_new()?;
        let standby = primary.standby()?;
        let line = Forwarder::to(primary.port())?;
        let place = house(Some(&line.url()), &[probe::ROOM])?;
        let program = Program::serve(&place)?;
        let crowd = Crowd::new(chance, Base::coming());
        Ok(Self { program, place, line, standby, primary, crowd, chance: chance.clone() })
    }

    /// All write for this long; what programs knew meanwhile that fell asleep at different times.
    fn write(&mut self, time: Duration) -> Result<Vec<Mirror>, String> {
        let port = self.program.port;
        self.crowd.beside(&[port], || follow(port, time))
    }

    /// The other database is the one from now on.
    fn take_over(&mut self) -> Result<Instant, String> {
        self.primary.stop(Stop::Immediate)?;
        self.standby.promote()?;
        self.line.switch(self.standby.port());
        Ok(Instant::now())
    }

    fn a_while(&mut self) -> Duration {
        Duration::from_millis(1500 + self.chance.below(1000))
    }
}

fn synchronous(pair: &mut Pair, report: &mut Report) -> Result<(), String> {
    pair.primary.be_synchronous()?;
    let time = pair.a_while();
    let asleep = pair.write(time)?;
    let port = pair.program.port;
    let (taken_over, tries) = {
        let Pair { crowd, primary, standby, line, .. } = pair;
        probe::beside(port, || {
            crowd.beside(&[port], || {
                std::thread::sleep(time);
                primary.stop(Stop::Immediate)?;
                standby.promote()?;
                line.switch(standby.port());
                let taken_over = Instant::now();
                std::thread::sleep(BACK);
                Ok::<_, String>(taken_over)
            })
        })
    };
    let back = tries.good_after(taken_over?);
    let is_back = back.is_some_and(|back| back <= BACK);
    report.hold("bookings are taken within 5 s after the standby took over", is_back, &format!("{back:.1?}"));
    let found = pair.crowd.look(&pair.program, Keeps::Everything)?;
    found.hold(report, "a synchronous standby took over");
    pair.crowd.hold(report);
    let wrong = wake(&asleep, &mut Connection::open(port)?, |_| false)?;
    let found = format!("{} of {}: {:?}", wrong.len(), asleep.len(), wrong.first());
    report.hold("every token stays good and tells what is true", wrong.is_empty(), &found);
    pair.place.check()
}

/// A commit waits for the standby, which hears nothing, and its session is ended: then the primary has it,
/// and shows it to whoever looks. Nobody may be told that it is safe.
fn unheard(pair: &mut Pair, report: &mut Report) -> Result<(), String> {
    pair.primary.be_synchronous()?;
    let port = pair.program.port;
    let path = format!("{}unheard.ics", room(READER, 0));
    let text = Shape::single("unheard", 0, 60).text(Base::coming());
    let put = Request::new(READER, "PUT", &path, &[("content-type", "text/calendar")], &text);
    let get = Request::new(READER, "GET", &path, &[], "");
    let mut connection = Connection::patient(port, UNHEARD)?;
    connection.send(&get)?;
    pair.primary.stall()?;
    let (told, ended) = std::thread::scope(|scope| {
        let asked = scope.spawn(|| connection.send(&put).map(|reply| reply.status));
        let mut ended = 0;
        while !asked.is_finished() {
            std::thread::sleep(Duration::from_millis(500));
            ended += pair.primary.end_sessions()?;
        }
        Ok::<_, String>((asked.join().unwrap_or(Ok(0)), ended))
    })?;
    pair.take_over()?;
    std::thread::sleep(BACK);
    let there = Connection::open(port)?.send(&get)?.status;
    let found = format!("told {told:?}, {ended} sessions ended, then {there}");
    let is_true = ended > 0 && (there == 200 || !told.is_ok_and(|status| status < 300));
    report.hold("a commit that the standby never heard of is not acknowledged", is_true, &found);
    pair.place.check()
}

fn asynchronous(pair: &mut Pair, report: &mut Report) -> Result<(), String> {
    let time = pair.a_while();
    pair.write(time)?;
    let port = pair.program.port;
    let mut kept = Mirror::of_rooms();
    for mirror in &mut kept {
        mirror.catch_up(&mut Connection::open(port)?)?;
    }
    pair.standby.fall_behind(&pair.primary)?;
    pair.crowd.promise();
    let asleep = pair.write(time)?;
    pair.take_over()?;
    std::thread::sleep(BACK);
    let found = pair.crowd.look(&pair.program, Keeps::SincePromised)?;
    found.hold(report, "a standby that lagged took over");
    // Until the numbers of what was lost have been given again.
    pair.write(time * 2)?;
    pair.crowd.look(&pair.program, Keeps::Everything)?.hold(report, "and who writes on");
    pair.crowd.hold(report);
    let token = |mirror: &Mirror| kept.iter().any(|kept| kept.token == mirror.token);
    let lost = asleep.iter().filter(|mirror| !token(mirror)).count();
    report.hold("programs had been told of what is lost", lost > 0, &format!("{lost} tokens"));
    let all: Vec<Mirror> = asleep.iter().chain(&kept).cloned().collect();
    let wrong = wake(&all, &mut Connection::open(port)?, |mirror| !token(mirror))?;
    let found = format!("{} of {}: {:?}", wrong.len(), all.len(), wrong.first());
    report.hold("tokens of what is lost are refused, others tell what is true", wrong.is_empty(), &found);
    pair.place.check()
}

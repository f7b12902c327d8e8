//! T-16: a backup is made under load and put back later. What had been acknowledged before it began is
//! there; programs with tokens of what is lost are refused, all others are told what is true, also when the
//! numbers of what is lost have been given again. P-6, P-12.

use std::sync::Arc;
use std::time::Duration;

use super::mirror::{Mirror, follow, wake};
use super::people::{Base, Crowd, Keeps, house};
use crate::postgres::Cluster;
use crate::program::http::Connection;
use crate::program::{Place, Program};
use crate::report::Report;
use crate::seed::Chance;

pub(crate) fn run(is_long: bool, report: &mut Report) -> Result<(), String> {
    let chance = Chance::from_environment();
    on("SQLite", None, is_long, &chance.branch(1), report)?;
    let cluster = Cluster::start_new()?;
    on("PostgreSQL", Some(&cluster), is_long, &chance.branch(2), report)
}

fn on(
    name: &str,
    cluster: Option<&Cluster>,
    is_long: bool,
    chance: &Chance,
    report: &mut Report,
) -> Result<(), String> {
    let place = house(cluster.map(Cluster::url).as_deref(), &[])?;
    let mut crowd = Crowd::new(chance, Base::coming());
    let mut program = Program::serve(&place)?;
    for round in 1..=if is_long { 10 } else { 1 } {
        let file = place.folder().join(format!("backup-{round}"));
        let file = file.to_str().ok_or("a folder whose name is no text")?;
        let time = Duration::from_secs(if is_long { 3 } else { 1 });
        let mut asleep = write(&mut crowd, &program, time, || Ok(()))?;
        crowd.promise();
        asleep.extend(write(&mut crowd, &program, time, || back_up(&place, file))?);
        asleep.extend(write(&mut crowd, &program, time, || Ok(()))?);
        program.stop()?;
        restore(&place, cluster, file)?;
        program = Program::serve(&place)?;
        let kept = all_of(&program)?;
        let after = format!("{name}, backup {round} was put back");
        crowd.look(&program, Keeps::SincePromised)?.hold(report, &after);
        // Until the numbers of what was lost have been given again.
        write(&mut crowd, &program, time * 3, || Ok(()))?;
        crowd.look(&program, Keeps::Everything)?.hold(report, &format!("{after}, and who writes on"));
        let is_lost = |mirror: &Mirror| mirror.twin(&kept).is_none_or(|kept| kept.seq() < mirror.seq());
        let lost = asleep.iter().filter(|mirror| is_lost(mirror)).count();
        let found = format!("{lost} of {} tokens", asleep.len());
        report.hold("programs know what is lost, and what is not", 0 < lost && lost < asleep.len(), &found);
        let wrong = wake(&asleep, &mut Connection::open(program.port)?, is_lost)?;
        let found = format!("{} of {}: {:?}", wrong.len(), asleep.len(), wrong.first());
        report.hold(
            "only tokens of what is lost are refused, others tell what is true",
            wrong.is_empty(),
            &found,
        );
    }
    crowd.hold(report);
    program.stop()?;
    place.check()
}

/// All write, programs follow and fall asleep; `act` is done in the middle of it.
fn write(
    crowd: &mut Crowd,
    program: &Program,
    time: Duration,
    act: impl FnOnce() -> Result<(), String>,
) -> Result<Vec<Mirror>, String> {
    let port = program.port;
    crowd.beside(&[port], || {
        std::thread::scope(|scope| {
            let following = scope.spawn(|| follow(port, time));
            std::thread::sleep(time / 3);
            let done = act();
            let asleep = following.join().map_err(|_| "a program broke off".to_owned())??;
            done.map(|()| asleep)
        })
    })
}

fn back_up(place: &Place, file: &str) -> Result<(), String> {
    place.command(&["backup", file], "").map(drop)
}

fn restore(place: &Arc<Place>, cluster: Option<&Cluster>, file: &str) -> Result<(), String> {
    if let Some(cluster) = cluster {
        cluster.empty_database(place.url())?;
    }
    place.command(&["restore", file], "")?;
    place.check()
}

/// Programs that begin now.
fn all_of(program: &Program) -> Result<Vec<Mirror>, String> {
    let mut mirrors = Mirror::of_rooms();
    for mirror in &mut mirrors {
        mirror.catch_up(&mut Connection::open(program.port)?)?;
    }
    Ok(mirrors)
}

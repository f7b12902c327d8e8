//! Measures whether a large house is as quick as a small one: what one decision costs in instructions and
//! queries with many rooms and with few.
//!
//! ```sh
//! cargo test --test scale                       # 100 and 1,000 rooms: counts of queries alone
//! cargo test --release --test scale -- --whole  # up to 10,000 rooms and a million dates, with callgrind and a clock
//! ```
//!
//! Instructions are counted by valgrind's callgrind, as the difference between a run with many decisions and
//! one with few, so that starting costs nothing. Figures stand in `docs/performance.md`.

mod decide;
mod find;
mod house;
mod instructions;
mod queries;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use decide::Kind;
use find::Hour;
use house::Size;

/// A result with a sentence.
type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Instructions in the large house, held against the small one.
const SINGLE_RATIO: f64 = 1.5;
/// Instructions of a weekly series of a year, held against a single event in the same house.
const SERIES_RATIO: f64 = 60.0;
/// Processor time of one look through the large house for a room.
const FIND_MOST: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["decide", file, kind, times] => decide::repeat(file, kind, times),
        rest => compare(rest.contains(&"--whole")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            println!("scale: {cause}");
            println!("test result: FAILED. 0 passed; 1 failed;");
            ExitCode::FAILURE
        }
    }
}

/// What one decision costs in one house.
struct Cost {
    kind: Kind,
    queries: usize,
    instructions: Option<u64>,
}

fn compare(is_whole: bool) -> Done {
    let sizes = if is_whole {
        [Size { rooms: 100, dates: 100 }, Size { rooms: 10_000, dates: 100 }]
    } else {
        [Size { rooms: 100, dates: 20 }, Size { rooms: 1_000, dates: 100 }]
    };
    let folder = tempfile::tempdir()?;
    let mut costs = Vec::new();
    for size in sizes {
        let file = folder.path().join(format!("{}.sqlite", size.rooms));
        house::build(&file, size)?;
        println!("{} rooms, {} dates to come", size.rooms, size.rooms * size.dates);
        let mut of_this = Vec::new();
        for kind in Kind::ALL {
            of_this.push(cost(&file, kind, is_whole)?);
        }
        costs.push(of_this);
    }
    let [small, large] = costs.as_slice() else { return Err("two houses".into()) };
    let mut report = Report::default();
    for (small, large) in small.iter().zip(large) {
        let name = small.kind.name();
        report.hold(
            &format!("{name}: {} queries, then {}", small.queries, large.queries),
            large.queries <= small.queries,
        );
        if let (Some(few), Some(many)) = (small.instructions, large.instructions) {
            let ratio = ratio(many, few);
            let held = small.kind != Kind::Single || ratio <= SINGLE_RATIO;
            report.hold(&format!("{name}: {few} instructions, then {many}: {ratio:.2} times"), held);
        }
    }
    let of = |costs: &[Cost], kind: Kind| {
        costs.iter().find(|cost| cost.kind == kind).and_then(|it| it.instructions)
    };
    if let (Some(single), Some(series)) = (of(large, Kind::Single), of(large, Kind::Series)) {
        let ratio = ratio(series, single);
        report.hold(&format!("a series takes {ratio:.1} times a single event"), ratio <= SERIES_RATIO);
    }
    if is_whole {
        let [_, large] = sizes;
        let file = folder.path().join(format!("{}.sqlite", large.rooms));
        for hour in [Hour::Free, Hour::Taken] {
            let cost = find::cost(&file, hour)?;
            let what = format!("{} rooms are looked through, {}, in {cost:.1?}", large.rooms, hour.name());
            report.hold(&what, cost <= FIND_MOST);
        }
    }
    report.end()
}

fn cost(file: &Path, kind: Kind, is_whole: bool) -> Done<Cost> {
    let queries = decide::queries(file, kind)?;
    let instructions = is_whole.then(|| instructions::of_one(file, kind)).transpose()?;
    Ok(Cost { kind, queries, instructions })
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
fn ratio(many: u64, few: u64) -> f64 {
    many as f64 / few.max(1) as f64
}

/// What was held, in the words that `scripts/test` counts.
#[derive(Default)]
struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    fn hold(&mut self, what: &str, held: bool) {
        println!("{} {what}", if held { "ok    " } else { "FAILED" });
        *if held { &mut self.passed } else { &mut self.failed } += 1;
    }

    fn end(self) -> Done {
        let Self { passed, failed } = self;
        println!(
            "test result: {}. {passed} passed; {failed} failed;",
            if failed == 0 { "ok" } else { "FAILED" }
        );
        if failed == 0 { Ok(()) } else { std::process::exit(1) }
    }
}

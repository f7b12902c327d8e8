//! Measures the whole server from outside: starts the program on a fresh database, fills two rooms,
//! and sends each kind of request over eight connections that stay open, signed in by Basic.
//!
//! ```sh
//! cargo bench --bench load                          # SQLite
//! scripts/with-postgres cargo bench --bench load    # and PostgreSQL
//! cargo bench --bench load -- query                 # only kinds whose name has this in it
//! ```
//!
//! Prints a table: requests per second, p50, p99, and the server's own processor time per request,
//! which says more than the others on a machine that client and server share.

mod calendar;
mod kinds;
mod measure;
#[path = "../program/mod.rs"]
#[expect(dead_code, reason = "the attacks use the rest")]
mod program;
mod server;

use std::process::ExitCode;

use measure::Line;

fn main() -> ExitCode {
    // "cargo bench" adds "--bench"; what else there is chooses.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let mut databases = vec![("SQLite", None)];
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        databases.push(("PostgreSQL", Some(url)));
    }
    println!("{}, {} cores\n", measure::processor(), measure::cores());
    for (name, url) in databases {
        match run(url.as_deref(), &wanted) {
            Ok(()) => {}
            Err(cause) => {
                eprintln!("load: {name}: {cause}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn run(postgres: Option<&str>, wanted: &[String]) -> Result<(), String> {
    let server = server::start(postgres)?;
    println!("{}\n", Line::heading(if postgres.is_some() { "PostgreSQL" } else { "SQLite" }));
    println!("memory at the start: {} MB", server.memory_mb("VmRSS"));
    kinds::run(&server, wanted)?;
    println!("\nmemory now: {} MB, at most {} MB\n", server.memory_mb("VmRSS"), server.memory_mb("VmHWM"));
    server.stop()
}

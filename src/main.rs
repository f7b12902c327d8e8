//! The program: reads arguments, runs a command, and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    roomdav::command::run()
}

//! What was held, and what was not.

use std::process::ExitCode;

#[derive(Default)]
pub(crate) struct Report {
    passed: u32,
    failed: u32,
}

impl Report {
    /// One thing that has to be so; `found` says what was.
    pub(crate) fn hold(&mut self, what: &str, is_so: bool, found: &str) {
        if is_so {
            self.passed += 1;
            println!("good: {what} ({found})");
        } else {
            self.failed += 1;
            println!("FAILED: {what} ({found})");
        }
    }

    /// Prints the count.
    pub(crate) fn end(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

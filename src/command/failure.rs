//! Why a command was not carried out: one line, with its causes.

use std::error::Error;
use std::process::ExitCode;

/// What is printed on standard error, before the process ends with exit code 1.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    /// A refusal in our own words.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Says it, and gives the exit code.
    pub(super) fn tell(&self) -> ExitCode {
        use std::io::Write as _;
        // Nobody is left to be told where even this cannot be printed.
        let _ = writeln!(std::io::stderr(), "roomdav: {}", self.0);
        ExitCode::from(1)
    }
}

/// Every error is told with what caused it. `Failure` is no error itself, so this covers all.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let told = deeper.to_string();
            // Some errors repeat their cause in their own text.
            if !text.contains(&told) {
                text.push_str(": ");
                text.push_str(&told);
            }
            cause = deeper.source();
        }
        Self(text)
    }
}

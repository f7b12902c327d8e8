//! Passwords: read from standard input or asked of a terminal, never taken as an argument.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::credentials::hash_password;

use super::failure::Failure;

/// Longest line that is read; longer passwords are refused anyway (L-60).
const MAX_LINE_BYTES: u64 = 8 * 1024;

/// The password on one line of standard input, or typed twice at a terminal. `None` where there
/// is neither, or where nothing was typed.
pub(super) fn password(from_stdin: bool) -> Result<Option<String>, Failure> {
    if from_stdin {
        return line().map(Some);
    }
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let typed = asked("Password: ")?;
    if typed.is_empty() {
        return Ok(None);
    }
    if asked("Once more: ")? != typed {
        return Err(Failure::new("the two passwords differ"));
    }
    Ok(Some(typed))
}

/// What is kept of a password.
pub(super) fn hash(password: &str) -> Result<String, Failure> {
    Ok(hash_password(password)?)
}

fn line() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(MAX_LINE_BYTES).read_line(&mut text)?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}

/// Asks at the terminal without showing what is typed.
fn asked(prompt: &str) -> Result<String, Failure> {
    let mut terminal = std::io::stderr();
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let hidden = Hidden::begin();
    let typed = line();
    drop(hidden);
    writeln!(terminal)?;
    typed
}

/// While it lives the terminal shows nothing that is typed. The system's `stty` does it: a call
/// of the C library would be our only unsafe code.
struct Hidden;

impl Hidden {
    fn begin() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(what: &str) {
    // Where it cannot be hidden the password is still read.
    let _ = Command::new("stty").arg(what).stderr(Stdio::null()).status();
}

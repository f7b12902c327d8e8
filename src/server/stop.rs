//! Beginning and ending as a process: whether as root (D-73); and on signals, of which the first
//! asks to stop and the second insists.

use std::io;
use std::os::unix::fs::MetadataExt as _;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config;

/// The process runs as root, and nobody said that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("will not serve as root; run it as a user of its own, or set server.allow_root")]
pub struct RunsAsRoot;

/// Whether it runs as root though `server.allow_root` is not set (D-73); what follows from it is the
/// caller's to say.
///
/// # Errors
/// [`RunsAsRoot`]. Where the system does not show its processes as files, nobody is root.
pub fn check_user(server: &config::Server) -> Result<(), RunsAsRoot> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if is_root && !server.allow_root { Err(RunsAsRoot) } else { Ok(()) }
}

/// A token that is cancelled by SIGTERM or SIGINT. A second signal ends the process at once,
/// with exit code 1.
///
/// # Errors
/// If the signals cannot be listened for.
pub fn on_signal() -> io::Result<CancellationToken> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
        tracing::info!("stopping; a second signal ends at once");
        stop.cancel();
        tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
        std::process::exit(1);
    });
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_serves_only_where_it_is_allowed() {
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let strict = config::Server::default();
        assert_eq!(check_user(&strict).is_err(), is_root, "D-73");
        assert_eq!(check_user(&config::Server { allow_root: true, ..strict }), Ok(()), "D-73");
    }
}

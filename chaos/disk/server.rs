//! A server that may fail at any time, its start included; what it says is kept.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than anything takes that comes to an end.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    child: Child,
    said: TempDir,
    /// Where it serves; `None` if it ended before.
    pub(crate) port: Option<u16>,
}

impl Server {
    /// Starts `serve`, and waits until it has said where it is or has ended.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let said = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let file = |name: &str| File::create(said.path().join(name)).map_err(|cause| cause.to_string());
        command.arg("serve").stdin(Stdio::null()).stdout(file("out")?).stderr(file("err")?);
        let child = command.spawn().map_err(|cause| cause.to_string())?;
        let mut server = Self { child, said, port: None };
        let until = Instant::now() + PATIENCE;
        while server.port.is_none() && Instant::now() < until {
            let has_ended = server.ended_within(Duration::from_millis(5))?.is_some();
            let out = server.text("out");
            let line = out.lines().next().filter(|_| out.ends_with('\n'));
            server.port = line.and_then(|line| line.rsplit(':').next()?.parse().ok());
            if has_ended {
                return Ok(server);
            }
        }
        if server.port.is_some() { Ok(server) } else { Err("it neither serves nor ends".to_owned()) }
    }

    fn text(&self, name: &str) -> String {
        let path: PathBuf = self.said.path().join(name);
        String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
    }

    /// Its log, and why it ended.
    pub(crate) fn log(&self) -> String {
        self.text("err")
    }

    /// How it ended, if it does so by itself within this time.
    pub(crate) fn ended_within(&mut self, patience: Duration) -> Result<Option<ExitStatus>, String> {
        let until = Instant::now() + patience;
        loop {
            if let Some(ended) = self.child.try_wait().map_err(|cause| cause.to_string())? {
                return Ok(Some(ended));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Asks it to stop, unless it has ended already.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus, String> {
        if self.ended_within(Duration::ZERO)?.is_none() {
            let mut kill = Command::new("kill");
            kill.arg("-TERM").arg(self.child.id().to_string()).status().map_err(|cause| cause.to_string())?;
        }
        self.ended_within(PATIENCE)?.ok_or_else(|| "it does not stop".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed; there is nothing else to be done about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! One process that serves: how it is started, measured, and ended, gently or not.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Place;

/// How long a program may take to stop in order: longer than its own patience with requests in hand.
const STOP: Duration = Duration::from_secs(20);

/// The program at work. Dropped, it is killed.
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
    place: Arc<Place>,
}

impl Program {
    /// Serves what stands at this place, on a free port; returns when it accepts connections.
    pub(crate) fn serve(place: &Arc<Place>) -> Result<Self, String> {
        let mut program = place.program();
        Self::spawn(program.arg("serve"), place)
    }

    /// Serves by a command that was prepared elsewhere; it has to print the line of `serve`.
    pub(crate) fn spawn(command: &mut Command, place: &Arc<Place>) -> Result<Self, String> {
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|cause| cause.to_string())?;
        let output = child.stdout.take().ok_or("no output")?;
        // Made now, so that it is ended where the line does not come.
        let mut program = Self { child, port: 0, place: Arc::clone(place) };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|cause| cause.to_string())?;
        // `roomdav serves URL`, and maybe ` as URL`.
        let url = line.split_whitespace().nth(2).unwrap_or_default();
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        program.port = port.ok_or_else(|| format!("the server did not say where it is: {line:?}"))?;
        Ok(program)
    }

    pub(crate) fn place(&self) -> &Arc<Place> {
        &self.place
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name: `TERM`, `STOP`, `CONT`.
    pub(crate) fn signal(&self, name: &str) -> Result<(), String> {
        let mut kill = Command::new("kill");
        let sent = kill.arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        let sent = sent.map_err(|cause| cause.to_string())?;
        if sent.success() { Ok(()) } else { Err(format!("cannot send {name}")) }
    }

    /// Ends it at once, as a power cut would: nothing is written any more.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|cause| cause.to_string())
    }

    /// How it ended, if it has ended by itself within this time.
    pub(crate) fn ended_within(&mut self, patience: Duration) -> Result<Option<ExitStatus>, String> {
        let until = Instant::now() + patience;
        loop {
            if let Some(ended) = self.child.try_wait().map_err(|cause| cause.to_string())? {
                return Ok(Some(ended));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to stop, and waits; it has to end well.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        self.signal("TERM")?;
        match self.ended_within(STOP)? {
            Some(ended) if ended.success() => Ok(()),
            Some(ended) => Err(format!("the server ended with {ended}")),
            None => Err("the server did not stop".to_owned()),
        }
    }

    /// Processor time so far, in milliseconds.
    pub(crate) fn processor_ms(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // After the name, which may hold spaces: fields 14 and 15 of the whole are ticks of 10 ms.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks =
            |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) * 10.0
    }

    /// From now on `VmHWM` is the most since now.
    pub(crate) fn forget_most_memory(&self) {
        // Linux, proc(5): 5 resets the peak of the resident set.
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    /// A line of `/proc/PID/status`, in MB.
    pub(crate) fn memory_mb(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the program runs, on Linux");
        let line = status.lines().find(|line| line.starts_with(key));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kib.expect("Linux tells how much memory a process has") / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed; there is nothing else to be done about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

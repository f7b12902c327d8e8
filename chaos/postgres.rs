//! A PostgreSQL of a run's own: stopped in every way, started again, copied into a standby, promoted.
//!
//! It lies in a temporary folder, listens on a free port of loopback, flushes to disk, and ends with the
//! value that stands for it. PostgreSQL refuses to run as root: then its programs run as `postgres`, as
//! in `scripts/with-postgres`, which also installs it.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use crate::seed::Chance;

/// How long a start or a stop may take, recovery included.
const PATIENCE: Duration = Duration::from_mins(1);

/// Below what the system gives to outgoing connections: one of them could sit on the port of a server
/// that is down.
const PORTS: std::ops::Range<u64> = 20_000..32_000;

/// What is not as it comes: small, and with room for several servers and their commands.
const SETTINGS: [&str; 5] = [
    "fsync=on",
    "max_connections=200",
    "shared_buffers=64MB",
    "max_wal_size=256MB",
    "listen_addresses=127.0.0.1",
];

/// One server with its files.
pub(crate) struct Cluster {
    programs: PathBuf,
    user: Option<User>,
    folder: tempfile::TempDir,
    port: u16,
    postmaster: Option<Child>,
}

/// As whom its programs run.
#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

/// How it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Sessions are ended, the log is written back.
    Fast,
    /// As after a power cut: the next start recovers.
    Immediate,
}

impl Cluster {
    /// A new one, which accepts connections.
    pub(crate) fn start_new() -> Result<Self, String> {
        let mut cluster = Self::empty()?;
        let data = cluster.data();
        let mut initdb = cluster.command("initdb");
        initdb.arg("-D").arg(data).args(["-U", "postgres", "--auth=trust", "--encoding=UTF8"]);
        finish(initdb.args(["--locale=C.UTF-8", "--data-checksums", "--no-sync"]))?;
        cluster.start()?;
        Ok(cluster)
    }

    /// A copy of this one that follows it, and may be read.
    pub(crate) fn standby(&self) -> Result<Self, String> {
        let mut standby = Self::empty()?;
        let mut copy = standby.command("pg_basebackup");
        copy.arg("-D").arg(standby.data()).args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        finish(copy.args(["-U", "postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]))?;
        standby.start()?;
        Ok(standby)
    }

    fn empty() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let user = User::of_server()?;
        if let Some(user) = user {
            std::os::unix::fs::chown(folder.path(), Some(user.id), Some(user.group))
                .map_err(|cause| cause.to_string())?;
        }
        Ok(Self { programs: programs()?, user, folder, port: free_port()?, postmaster: None })
    }

    /// Where a house can be made, as `database.url` has it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Starts it where it was stopped; returns when it accepts connections.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.log()).map_err(|it| it.to_string())?;
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-k"]);
        postgres.arg(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        self.postmaster = Some(postgres.spawn().map_err(|cause| cause.to_string())?);
        let until = Instant::now() + PATIENCE;
        while let Err(cause) = self.ask("SELECT 1::text") {
            let ended = self.postmaster.as_mut().is_some_and(|it| it.try_wait().is_ok_and(|it| it.is_some()));
            if ended || Instant::now() > until {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                return Err(format!("PostgreSQL did not start: {cause}\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Returns when its process has ended.
    pub(crate) fn stop(&mut self, how: Stop) -> Result<(), String> {
        let Some(mut postmaster) = self.postmaster.take() else { return Ok(()) };
        // PostgreSQL, "Shutting Down the Server": the signal says how.
        let signal = if how == Stop::Fast { "INT" } else { "QUIT" };
        signal_to(postmaster.id(), signal)?;
        let until = Instant::now() + PATIENCE;
        while postmaster.try_wait().map_err(|cause| cause.to_string())?.is_none() {
            if Instant::now() > until {
                self.postmaster = Some(postmaster);
                return Err(format!("PostgreSQL does not stop ({how:?})"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self) -> Result<(), String> {
        self.ask("SELECT pg_promote(true, 30)::text").map(drop)
    }

    /// Commits wait for the standby from now on.
    pub(crate) fn be_synchronous(&self) -> Result<(), String> {
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.ask("SELECT pg_reload_conf()::text").map(drop)
    }

    /// Ends the sessions of the program; how many there were.
    pub(crate) fn end_sessions(&self) -> Result<usize, String> {
        const SQL: &str = "
            SELECT pg_terminate_backend(pid)::text
            FROM pg_stat_activity
            WHERE application_name = 'roomdav'";
        self.ask(SQL).map(|ended| ended.len())
    }

    /// Runs a statement beside everybody, in the database `postgres`; the rows that it gives, which have
    /// one column of text.
    pub(crate) fn ask(&self, sql: &'static str) -> Result<Vec<String>, String> {
        ask(&self.url(), sql)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// One of its programs, as its user.
    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.user {
            None => Command::new(program),
            Some(User { id, group }) => {
                let mut setpriv = Command::new("setpriv");
                setpriv.args([
                    format!("--reuid={id}"),
                    format!("--regid={group}"),
                    "--clear-groups".to_owned(),
                ]);
                setpriv.arg(program);
                setpriv
            }
        };
        command.current_dir(self.folder.path()).env_remove("PGOPTIONS");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What cannot be stopped is killed; its sessions notice, and end too.
        if self.stop(Stop::Immediate).is_err()
            && let Some(postmaster) = &mut self.postmaster
        {
            let _ = postmaster.kill();
            let _ = postmaster.wait();
        }
    }
}

/// Runs a statement on any database; the rows that it gives, which have one column of text.
pub(crate) fn ask(url: &str, sql: &'static str) -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let mut conn = PgConnection::connect(url).await?;
        let rows = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
        conn.close().await?;
        Ok::<_, sqlx::Error>(rows)
    });
    asked.map_err(|cause| cause.to_string())
}

impl User {
    /// Whoever runs this, unless that is root.
    fn of_server() -> Result<Option<Self>, String> {
        if std::fs::metadata("/proc/self").map_err(|cause| cause.to_string())?.uid() != 0 {
            return Ok(None);
        }
        let number = |option| {
            let told = finish(Command::new("id").args([option, "postgres"]))?;
            told.trim().parse().map_err(|_| format!("the system knows no user postgres: {told}"))
        };
        Ok(Some(Self { id: number("-u")?, group: number("-g")? }))
    }
}

/// Where `initdb` and the others are: Debian's newest, or what stands in the path.
fn programs() -> Result<PathBuf, String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort_by_key(|folder| version_in(folder));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = folders.into_iter().rev().chain(std::env::split_paths(&path));
    let mut found = found.filter(|folder| folder.join("initdb").is_file());
    found.next().ok_or_else(|| "no PostgreSQL here: scripts/with-postgres installs it".to_owned())
}

fn version_in(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn free_port() -> Result<u16, String> {
    let mut chance = Chance::of(getrandom::u64().map_err(|cause| cause.to_string())?);
    let mut ports =
        (0..100).filter_map(|_| u16::try_from(PORTS.start + chance.below(PORTS.end - PORTS.start)).ok());
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.ok_or_else(|| "no port is free".to_owned())
}

fn signal_to(process: u32, name: &str) -> Result<(), String> {
    finish(Command::new("kill").arg(format!("-{name}")).arg(process.to_string())).map(drop)
}

/// Runs a program to its end, which has to be a good one; what it printed.
fn finish(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|cause| format!("{command:?}: {cause}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{command:?} ended with {}: {}", done.status, String::from_utf8_lossy(&done.stderr)))
}

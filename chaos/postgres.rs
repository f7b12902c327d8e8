//! A PostgreSQL of a run's own: stopped in every way, started again, copied into a standby, promoted.
//!
//! It lies in a temporary folder, listens on a free port of loopback, flushes to disk, and ends with the
//! value that stands for it. PostgreSQL refuses to run as root: then its programs run as `postgres`, as
//! in `scripts/with-postgres`, which also installs it.

mod system;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use system::{User, finish, free_port, programs, signal_to};

/// How long a start or a stop may take, recovery included.
const PATIENCE: Duration = Duration::from_mins(1);

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

    /// Has all of the primary, and hears no more of it.
    pub(crate) fn fall_behind(&self, primary: &Self) -> Result<(), String> {
        const WRITTEN: &str = "SELECT pg_current_wal_lsn()::text";
        const REPLAYED: &str = "SELECT pg_last_wal_replay_lsn()::text";
        while place_in_log(&primary.ask(WRITTEN)?) > place_in_log(&self.ask(REPLAYED)?) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.ask("ALTER SYSTEM SET primary_conninfo = ''")?;
        self.ask("SELECT pg_reload_conf()::text")?;
        while !primary.ask("SELECT pid::text FROM pg_stat_replication")?.is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Its standby hears nothing more, and is waited for if it is synchronous.
    pub(crate) fn stall(&self) -> Result<(), String> {
        for sender in self.ask("SELECT pid::text FROM pg_stat_replication")? {
            signal_to(sender.parse().map_err(|_| format!("no process: {sender}"))?, "STOP")?;
        }
        Ok(())
    }

    /// Empties a database of this server.
    pub(crate) fn empty_database(&self, url: &str) -> Result<(), String> {
        let (_, name) = url.rsplit_once('/').ok_or("a URL without a database")?;
        ask(&self.url(), sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))?;
        ask(&self.url(), sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).map(drop)
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
pub(crate) fn ask(url: &str, sql: impl sqlx::SqlSafeStr) -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let mut conn = PgConnection::connect(url).await?;
        let rows = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
        conn.close().await?;
        Ok::<_, sqlx::Error>(rows)
    });
    asked.map_err(|cause| cause.to_string())
}

/// As a number, of what PostgreSQL writes as two in hexadecimal.
fn place_in_log(told: &[String]) -> Option<u64> {
    let (high, low) = told.first()?.split_once('/')?;
    Some(u64::from_str_radix(high, 16).ok()? << 32 | u64::from_str_radix(low, 16).ok()?)
}

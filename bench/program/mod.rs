//! The program as its own process, on a free port, with a database that is thrown away; and the least
//! of a client for it.
//!
//! Shared by the load tool and by the attacks under `chaos/`.

pub(crate) mod http;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What the program starts with.
pub(crate) struct House<'a> {
    /// A server to make a database on; without one it is SQLite.
    pub(crate) postgres: Option<&'a str>,
    /// Logins; each password is the login with `-password`.
    pub(crate) people: &'a [&'a str],
    pub(crate) rooms: &'a [&'a str],
    /// Limits other than the defaults, by key.
    pub(crate) limits: &'a [(&'a str, &'a str)],
}

/// The program at work, ended by [`Program::stop`].
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Program {
    /// Makes the house and serves it on a free port.
    pub(crate) fn start(house: &House<'_>) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let url = match house.postgres {
            Some(url) => database(url)?,
            None => format!("sqlite://{}", folder.path().join("house.sqlite").display()),
        };
        for login in house.people {
            let address = format!("{login}@example.org");
            let arguments = ["user", "add", login, "--email", &address, "--password-stdin"];
            command(folder.path(), &url, &arguments, &format!("{login}-password\n"))?;
        }
        for room in house.rooms {
            command(folder.path(), &url, &["room", "add", room, "--name", room, "--zone", "Etc/UTC"], "")?;
        }
        let mut program = program(folder.path(), &url);
        for (limit, value) in house.limits {
            program.env(format!("ROOMDAV_LIMITS_{}", limit.to_uppercase()), value);
        }
        let mut child =
            program.arg("serve").stdout(Stdio::piped()).spawn().map_err(|cause| cause.to_string())?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|cause| cause.to_string())?;
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.ok_or_else(|| format!("the server did not say where it is: {line:?}"))?;
        Ok(Self { child, port, folder })
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

    pub(crate) fn stop(mut self) -> Result<(), String> {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status();
        kill.map_err(|cause| cause.to_string())?;
        let ended = self.child.wait().map_err(|cause| cause.to_string())?;
        self.folder.close().map_err(|cause| cause.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("the server ended with {ended}")) }
    }
}

fn program(folder: &Path, url: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_roomdav"));
    program
        .current_dir(folder)
        .env("ROOMDAV_DATABASE_URL", url)
        .env("ROOMDAV_SERVER_LISTEN", "127.0.0.1:0")
        .env("ROOMDAV_SERVER_ALLOW_ROOT", "true")
        .env("ROOMDAV_LOG_LEVEL", std::env::var("PROGRAM_LOG").as_deref().unwrap_or("error"));
    program
}

fn command(folder: &Path, url: &str, arguments: &[&str], input: &str) -> Result<(), String> {
    let mut child = program(folder, url)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|cause| cause.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no input")?;
    stdin.write_all(input.as_bytes()).map_err(|cause| cause.to_string())?;
    drop(stdin);
    let ended = child.wait().map_err(|cause| cause.to_string())?;
    if ended.success() { Ok(()) } else { Err(format!("{arguments:?} ended with {ended}")) }
}

/// A new database on the PostgreSQL of tests.
fn database(url: &str) -> Result<String, String> {
    use sqlx::{Connection as _, PgConnection};
    let name = format!("house_{}", uuid::Uuid::new_v4().simple());
    let (server, _) = url.rsplit_once('/').ok_or("TEST_POSTGRES_URL has no database")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let made = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let mut conn = PgConnection::connect(url).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut conn).await?;
        conn.close().await
    });
    made.map_err(|cause| cause.to_string())?;
    Ok(format!("{server}/{name}"))
}

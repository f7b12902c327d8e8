//! The program under load: its own process, on a free port, with a database that is thrown away.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// People of the house; each password is the login with `-password`.
pub(crate) const PEOPLE: [&str; 2] = ["ada", "bob"];
pub(crate) const ROOMS: [&str; 4] = ["thousand", "ten-thousand", "fresh", "series"];

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start(postgres: Option<&str>) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let url = match postgres {
            Some(url) => database(url)?,
            None => format!("sqlite://{}", folder.path().join("load.sqlite").display()),
        };
        for login in PEOPLE {
            let address = format!("{login}@example.org");
            let arguments = ["user", "add", login, "--email", &address, "--password-stdin"];
            command(folder.path(), &url, &arguments, &format!("{login}-password\n"))?;
        }
        for room in ROOMS {
            command(folder.path(), &url, &["room", "add", room, "--name", room, "--zone", "Etc/UTC"], "")?;
        }
        let mut child = program(folder.path(), &url)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| cause.to_string())?;
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

    /// A line of `/proc/PID/status`, in MB.
    pub(crate) fn memory_mb(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
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
        // One person books all of it.
        .env("ROOMDAV_LIMITS_BOOKINGS_PER_HOUR", "100000")
        .env("ROOMDAV_LIMITS_FUTURE_BOOKINGS", "100000")
        .env("ROOMDAV_LIMITS_SYNC_MEMBERS", "100000")
        .env("ROOMDAV_LOG_LEVEL", std::env::var("LOAD_LOG").as_deref().unwrap_or("warn"));
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
    let name = format!("load_{}", uuid::Uuid::new_v4().simple());
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

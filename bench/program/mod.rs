//! The program as its own process, on a free port, with a database that is thrown away; and the least
//! of a client for it.
//!
//! A [`Place`] is a database with a house in it; it may be served again and again, by several at once
//! on PostgreSQL. Shared by the load tool and by what is under `chaos/`.

pub(crate) mod http;
mod process;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

pub(crate) use process::Program;

/// What the program starts with.
#[derive(Clone, Copy, Default)]
pub(crate) struct House<'a> {
    /// A server to make a database on; without one it is SQLite.
    pub(crate) postgres: Option<&'a str>,
    /// Logins; each password is the login with `-password`.
    pub(crate) people: &'a [&'a str],
    pub(crate) rooms: &'a [&'a str],
    /// Limits other than the defaults, by key.
    pub(crate) limits: &'a [(&'a str, &'a str)],
}

/// A database with its house, in a folder of its own that goes with it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    url: String,
    environment: Vec<(String, String)>,
}

impl House<'_> {
    /// A place with a database in which nothing is, for whoever fills it himself.
    pub(crate) fn bare(&self) -> Result<Place, String> {
        self.made_like(None)
    }

    fn made_like(&self, template: Option<&str>) -> Result<Place, String> {
        let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
        let url = match self.postgres {
            Some(server) => database(server, template)?,
            None => format!("sqlite://{}", folder.path().join("house.sqlite").display()),
        };
        let limit = |(key, value): &(&str, &str)| {
            (format!("ROOMDAV_LIMITS_{}", key.to_uppercase()), (*value).to_owned())
        };
        Ok(Place { folder, url, environment: self.limits.iter().map(limit).collect() })
    }

    /// A place with a copy of the database of another one, which nobody serves.
    pub(crate) fn copy(&self, of: &Place) -> Result<Place, String> {
        let place = self.made_like(of.url.rsplit('/').next())?;
        if self.postgres.is_none() {
            let file = |place: &Place| place.folder().join("house.sqlite");
            std::fs::copy(file(of), file(&place)).map_err(|cause| cause.to_string())?;
        }
        Ok(place)
    }

    /// Makes the database, the people and the rooms.
    pub(crate) fn build(&self) -> Result<Place, String> {
        let place = self.bare()?;
        self.furnish(&place)?;
        Ok(place)
    }

    /// Makes the people and the rooms where there are none yet.
    pub(crate) fn furnish(&self, place: &Place) -> Result<(), String> {
        for login in self.people {
            let address = format!("{login}@example.org");
            let arguments = ["user", "add", login, "--email", &address, "--password-stdin"];
            place.command(&arguments, &format!("{login}-password\n"))?;
        }
        for room in self.rooms {
            place.command(&["room", "add", room, "--name", room, "--zone", "Etc/UTC"], "")?;
        }
        Ok(())
    }
}

impl Place {
    /// The folder; SQLite's file in it is `house.sqlite`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Of the database, as `database.url` has it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on each process that is started here has this in its environment too.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The program on this database, nothing asked of it yet.
    pub(crate) fn program(&self) -> Command {
        let built = env!("CARGO_BIN_EXE_roomdav").to_owned();
        let mut program = Command::new(std::env::var("CHAOS_PROGRAM").unwrap_or(built));
        program
            .current_dir(self.folder())
            .env("ROOMDAV_DATABASE_URL", &self.url)
            .env("ROOMDAV_SERVER_LISTEN", "127.0.0.1:0")
            .env("ROOMDAV_SERVER_ALLOW_ROOT", "true")
            .env("ROOMDAV_LOG_LEVEL", std::env::var("PROGRAM_LOG").as_deref().unwrap_or("error"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        program
    }

    /// Runs a command beside whoever serves; it has to succeed.
    pub(crate) fn command(&self, arguments: &[&str], input: &str) -> Result<Output, String> {
        let done = self.try_command(arguments, input)?;
        if done.status.success() {
            return Ok(done);
        }
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        Err(format!("{arguments:?} ended with {}: {out}{err}", done.status))
    }

    /// Runs a command, however it ends.
    pub(crate) fn try_command(&self, arguments: &[&str], input: &str) -> Result<Output, String> {
        let mut program = self.program();
        program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().map_err(|cause| cause.to_string())?;
        let mut stdin = child.stdin.take().ok_or("no input")?;
        stdin.write_all(input.as_bytes()).map_err(|cause| cause.to_string())?;
        drop(stdin);
        child.wait_with_output().map_err(|cause| cause.to_string())
    }

    /// Whether the database keeps what it promises: what `check` finds, if it finds anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.command(&["check"], "").map(drop)
    }
}

impl Program {
    /// Makes the house and serves it on a free port.
    pub(crate) fn start(house: &House<'_>) -> Result<Self, String> {
        Self::serve(&Arc::new(house.build()?))
    }
}

/// A new database on the PostgreSQL of tests, like this one if one is named.
fn database(url: &str, template: Option<&str>) -> Result<String, String> {
    use sqlx::{Connection as _, PgConnection};
    let name = format!("house_{}", uuid::Uuid::new_v4().simple());
    let (server, _) = url.rsplit_once('/').ok_or("TEST_POSTGRES_URL has no database")?;
    let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    let create = format!("CREATE DATABASE {name}{template}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let made = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let mut conn = PgConnection::connect(url).await?;
        sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut conn).await?;
        conn.close().await
    });
    made.map_err(|cause| cause.to_string())?;
    Ok(format!("{server}/{name}"))
}

//! A folder with a database, and the program run in it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::support::postgres;

/// Sunday.
const NOW: &str = "2027-02-28T08:00:00Z";

/// A database of its own, and the program beside it.
pub(crate) struct House {
    folder: tempfile::TempDir,
    url: String,
}

/// What a run of the program left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a test on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` names one.
pub(crate) async fn on_both(test: impl AsyncFn(House)) {
    test(House::new()).await;
    let Some(url) = postgres::empty().await else { return };
    eprintln!("on PostgreSQL");
    test(House { url, ..House::new() }).await;
}

impl House {
    /// Nothing is there yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("clock"), NOW).unwrap();
        Self { folder, url: "sqlite://data/house.sqlite".to_owned() }
    }

    /// Another one where nothing is, on the same kind of database.
    pub(crate) async fn another(&self) -> Self {
        if self.is_sqlite() {
            return Self::new();
        }
        Self { url: postgres::empty().await.unwrap(), ..Self::new() }
    }

    /// One on PostgreSQL, where `TEST_POSTGRES_URL` names one.
    pub(crate) async fn on_postgres() -> Option<Self> {
        let url = postgres::empty().await?;
        Some(Self { url, ..Self::new() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// With ada, bob and the rooms aula and lab.
    pub(crate) fn furnished() -> Self {
        let house = Self::new();
        house.furnish();
        house
    }

    pub(crate) fn furnish(&self) {
        self.typed("secret\n", &["user", "add", "ada", "--email", "ada@example.org", "--password-stdin"])
            .ok();
        self.ok(&["user", "add", "bob", "--email", "bob@example.org", "--name", "Bob B."]);
        self.ok(&["room", "add", "aula", "--name", "Aula", "--zone", "Europe/Berlin", "--seats", "90"]);
        self.ok(&["room", "add", "lab", "--name", "Lab", "--zone", "America/New_York"]);
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roomdav"));
        command
            .args(args)
            .args(["--test-clock", "clock"])
            .current_dir(self.folder.path())
            .env("ROOMDAV_DATABASE_URL", &self.url)
            .env("ROOMDAV_SERVER_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.typed("", args)
    }

    /// The same with this on standard input.
    pub(crate) fn typed(&self, input: &str, args: &[&str]) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // A command that refuses at once does not wait for its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
    }

    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        self.run(args).ok()
    }

    /// What it prints with `--json`.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let out = self.ok(&[args, &["--json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|bad| panic!("{bad}: {out}"))
    }

    /// Does this to the database, behind the program's back.
    pub(crate) async fn sql(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let path = self.path().join("data/house.sqlite");
            let mut conn = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            conn.close().await.unwrap();
        } else {
            let mut conn = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            conn.close().await.unwrap();
        }
    }

    /// Starts a server (`serve` or `demo`) and waits until it accepts.
    pub(crate) fn start(&self, command: &str) -> Running {
        let mut child = self.command(&[command]).spawn().unwrap();
        let mut printed = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let address = loop {
            let from = printed.len();
            if out.read_line(&mut printed).unwrap() == 0 {
                let mut err = String::new();
                child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
                panic!("{command} ended: {printed}{err}");
            }
            if let Some(address) = printed[from..].strip_prefix("roomdav serves http://") {
                break address.split_whitespace().next().unwrap().to_owned();
            }
        };
        Running { child, address, printed }
    }
}

impl Ran {
    /// Asserts that it did it, silently but for its answer, and gives that.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Asserts that it was refused with a line that holds `words`.
    #[track_caller]
    pub(crate) fn refused(self, words: &str) -> Self {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        assert!(self.err.starts_with("roomdav: ") && self.err.contains(words), "{}", self.err);
        self
    }
}

/// A server; ended with the test.
pub(crate) struct Running {
    child: Child,
    address: String,
    pub(crate) printed: String,
}

impl Running {
    /// The status of a GET of the root with this password.
    pub(crate) fn status(&self, login: &str, password: &str) -> u16 {
        let proof = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "GET /principals/users/{login}/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {proof}\r\n\
             Connection: close\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// A new connection, and what a request begins with: the fields that every one has.
    pub(crate) fn connect(&self, login: &str, password: &str) -> (std::net::TcpStream, String) {
        let proof = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
        let stream = std::net::TcpStream::connect(&self.address).unwrap();
        (stream, format!("Host: {}\r\nAuthorization: Basic {proof}\r\n", self.address))
    }

    /// The most memory it ever had, in KiB, since [`Running::forget_peak`].
    pub(crate) fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// From now on the peak is that of what follows.
    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// The password that was printed for a login.
    pub(crate) fn password(&self, login: &str) -> String {
        let line = self.printed.lines().find(|line| line.trim_start().starts_with(&format!("{login} ")));
        line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
    }

    /// Asks it to stop, and gives its exit code.
    pub(crate) fn stop(self) -> Option<i32> {
        self.terminate();
        self.ended()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// Waits until it has ended, and gives its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Ends it, and gives what it wrote to its log.
    pub(crate) fn log(mut self) -> String {
        self.terminate();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(self.ended(), Some(0));
        log
    }

    /// Whether somebody takes connections where it listens.
    pub(crate) fn accepts(&self) -> bool {
        std::net::TcpStream::connect(&self.address).is_ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

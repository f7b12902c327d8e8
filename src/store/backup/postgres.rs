//! Backups of PostgreSQL, made and read by its own programs: `pg_dump` sees one snapshot, while others go on
//! writing.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{BackupError, Contents, NewestChange, Partial};
use crate::domain::time::Instant;

pub(super) async fn write(url: &str, partial: &Partial) -> Result<(), BackupError> {
    let mut dump = program("pg_dump", url);
    dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(partial.path());
    aside(move || succeed("pg_dump", dump)).await
}

/// Fills an empty database from a dump, in one transaction.
pub(super) async fn restore(url: &str, path: &Path) -> Result<(), BackupError> {
    let mut restore = program("pg_restore", url);
    restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]).arg(path);
    aside(move || succeed("pg_restore", restore)).await
}

/// What a dump holds, read to its end.
pub(super) async fn contents(path: &Path) -> Result<Contents, BackupError> {
    let path = path.to_owned();
    aside(move || read(&path)).await
}

/// Runs what waits for another program where nobody waits for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| Err(failed("a program of PostgreSQL", cause.to_string())))
}

fn failed(program: &'static str, said: String) -> BackupError {
    BackupError::Program { program, said }
}

/// A program on the database with this address. Its password is no argument: arguments are seen by everybody
/// on the machine.
fn program(name: &'static str, url: &str) -> Command {
    let mut command = Command::new(name);
    command.env("PGAPPNAME", "roomdav").stdin(Stdio::null());
    let (address, password) = without_password(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.arg(format!("--dbname={address}"));
    command
}

/// Parameters of an address that PostgreSQL's own programs know too.
const PARAMETERS: [&str; 8] =
    ["host", "port", "dbname", "user", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/// The address without its password and without parameters that only this program knows; and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let (start, query) = url.split_once('?').unwrap_or((url, ""));
    let mut password = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "password" => password = Some(decoded(value)),
            _ if PARAMETERS.contains(&key) => kept.push(pair),
            _ => {}
        }
    }
    let (scheme, rest) = start.split_once("://").unwrap_or(("postgres", start));
    let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, secret) = who.split_once(':').unwrap_or((who, ""));
    if !secret.is_empty() {
        password = Some(decoded(secret));
    }
    let at = if user.is_empty() { "" } else { "@" };
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{scheme}://{user}{at}{place}{mark}{}", kept.join("&")), password)
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Runs it to its end.
fn succeed(name: &'static str, mut command: Command) -> Result<(), BackupError> {
    let done = command.output().map_err(|cause| failed(name, not_started(&cause)))?;
    if done.status.success() { Ok(()) } else { Err(failed(name, last_lines(&done.stderr))) }
}

fn not_started(cause: &std::io::Error) -> String {
    match cause.kind() {
        std::io::ErrorKind::NotFound => "is not installed here (Debian: postgresql-client)".to_owned(),
        _ => cause.to_string(),
    }
}

/// What a program said last, in one line.
fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

/// Reads it as the text that would restore its rows.
fn read(path: &Path) -> Result<Contents, BackupError> {
    const PROGRAM: &str = "pg_restore";
    let mut command = Command::new(PROGRAM);
    command.args(["--data-only", "--file=-"]).arg(path).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|cause| failed(PROGRAM, not_started(&cause)))?;
    let seen = listen(&mut child).map_err(|cause| BackupError::file(path, cause));
    let mut complaints = Vec::new();
    if let Some(mut err) = child.stderr.take() {
        let _ = err.read_to_end(&mut complaints);
    }
    let ended = child.wait().map_err(|cause| failed(PROGRAM, cause.to_string()))?;
    if !ended.success() {
        return Err(BackupError::no_backup(path, last_lines(&complaints)));
    }
    let nothing = || BackupError::no_backup(path, "it has no table that says which schema it is");
    seen?.contents().ok_or_else(nothing)
}

/// What it prints. Of complaints there are few before it ends: they wait in the pipe.
fn listen(child: &mut Child) -> std::io::Result<Seen> {
    let mut seen = Seen::default();
    let Some(out) = child.stdout.take() else { return Ok(seen) };
    let mut lines = BufReader::new(out);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        seen.line(String::from_utf8_lossy(&line).trim_end_matches('\n'));
        line.clear();
    }
    Ok(seen)
}

/// What went by of a dump: blocks of `COPY table (columns) FROM stdin;`, rows with tabs, `\.`.
#[derive(Default)]
struct Seen {
    table: Option<(String, Vec<String>)>,
    rows: BTreeMap<String, u64>,
    schema: Option<i64>,
    newest: Option<(i64, i64, BTreeMap<String, String>)>,
    calendars: BTreeMap<String, BTreeMap<String, String>>,
    names: BTreeMap<(&'static str, String), String>,
}

impl Seen {
    fn line(&mut self, line: &str) {
        let Some((table, columns)) = &self.table else {
            self.table = head_of_table(line);
            return;
        };
        if line == "\\." {
            self.table = None;
            return;
        }
        *self.rows.entry(table.clone()).or_default() += 1;
        if ["meta", "changes", "calendars", "rooms", "users"].contains(&table.as_str()) {
            let row = columns.iter().cloned().zip(line.split('\t').map(str::to_owned)).collect();
            let table = table.clone();
            self.row(&table, row);
        }
    }

    fn row(&mut self, table: &str, row: BTreeMap<String, String>) {
        let field = |key: &str| row.get(key).cloned().unwrap_or_default();
        match table {
            "meta" if field("key") == "schema" => self.schema = field("value").parse().ok(),
            "rooms" => drop(self.names.insert(("room_id", field("id")), field("slug"))),
            "users" => drop(self.names.insert(("user_id", field("id")), field("login"))),
            "calendars" => drop(self.calendars.insert(field("id"), row)),
            "changes" => {
                let (Ok(at), Ok(seq)) = (field("at").parse::<i64>(), field("seq").parse::<i64>()) else {
                    return;
                };
                let is_newer = self.newest.as_ref().is_none_or(|newest| (newest.0, newest.1) < (at, seq));
                if seq > 0 && is_newer {
                    self.newest = Some((at, seq, row));
                }
            }
            _ => {}
        }
    }

    /// `None` where no schema was told.
    fn contents(self) -> Option<Contents> {
        let schema = self.schema?;
        let name_of = |key: &'static str, calendar: &BTreeMap<String, String>| {
            self.names.get(&(key, calendar.get(key)?.clone()))
        };
        let newest = self.newest.as_ref().map(|(at, _, row)| {
            let field = |key: &str| row.get(key).cloned().unwrap_or_default();
            let calendar = self.calendars.get(&field("calendar_id"));
            let shown = calendar.and_then(|calendar| {
                let of_person =
                    |login| format!("{login}/{}", calendar.get("name").map_or("", String::as_str));
                name_of("room_id", calendar).cloned().or_else(|| name_of("user_id", calendar).map(of_person))
            });
            NewestChange {
                at: Instant::from_secs(*at),
                calendar: shown.unwrap_or_default(),
                name: field("name"),
                removed: field("removed") == "t",
            }
        });
        Some(Contents { kind: "PostgreSQL", schema, newest, rows: self.rows.into_iter().collect() })
    }
}

/// `COPY public.changes (calendar_id, seq) FROM stdin;`: the table and its columns.
fn head_of_table(line: &str) -> Option<(String, Vec<String>)> {
    let (name, columns) = line.strip_prefix("COPY ")?.strip_suffix(") FROM stdin;")?.split_once(" (")?;
    let bare = |name: &str| name.trim().trim_matches('"').to_owned();
    let table = bare(name.rsplit('.').next().unwrap_or(name));
    Some((table, columns.split(',').map(bare).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        for (url, address, password) in [
            ("postgres://host/db", "postgres://host/db", None),
            ("postgres://ada@host:5433/db", "postgres://ada@host:5433/db", None),
            ("postgres://ada:p%40ss@host/db", "postgres://ada@host/db", Some("p@ss")),
            ("postgres:///db?host=/run/pg&password=x%20y", "postgres:///db?host=/run/pg", Some("x y")),
            (
                "postgresql://ada:a@host/db?sslmode=require&statement-cache-capacity=5",
                "postgresql://ada@host/db?sslmode=require",
                Some("a"),
            ),
        ] {
            assert_eq!(without_password(url), (address.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }

    #[test]
    fn the_newest_change_of_a_dump_is_found_whatever_the_order_of_tables() {
        let mut seen = Seen::default();
        let text = "SET x;\n\
            COPY public.calendars (id, kind, user_id, room_id, name) FROM stdin;\n\
            7\troom\t\\N\t3\t\\N\n\
            8\tuser\t4\t\\N\treservations\n\\.\n\
            COPY public.changes (calendar_id, seq, nonce, name, removed, at) FROM stdin;\n\
            7\t0\t1\t\\N\tf\t100\n7\t5\t2\ta.ics\tf\t99\n8\t6\t3\tb.ics\tt\t99\n\\.\n\
            COPY public.meta (key, value) FROM stdin;\nschema\t15\nsecret\tx\n\\.\n\
            COPY public.rooms (id, slug) FROM stdin;\n3\taula\n\\.\n\
            COPY public.users (id, login) FROM stdin;\n4\tada\n\\.\n";
        text.lines().for_each(|line| seen.line(line));
        let contents = seen.contents().unwrap();
        assert_eq!((contents.schema, contents.rows[1].1), (15, 3));
        let newest = contents.newest.unwrap();
        assert_eq!(
            (newest.calendar.as_str(), newest.name.as_str(), newest.removed),
            ("ada/reservations", "b.ics", true)
        );
    }
}

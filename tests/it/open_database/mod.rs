//! Other programs on the same database, as `schema/README.md` promises: what they read in the views, and
//! what becomes of the rows that they hand in. B-68.

mod cancelling;
mod contract;
mod once;
mod reasons;
mod states;
mod views;
mod working;

use roomdav::booking::Handled;
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection, raw_sql};

use crate::support::{TestServer, on_both};

/// Runs a test on both databases; afterwards the whole database keeps what it promises.
async fn hold(test: impl AsyncFn(&TestServer)) {
    on_both(async |server| {
        test(&server).await;
        server.audit_says_what_is_stored().await;
        assert_eq!(server.bookings.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

/// Ada and Bob book, Eve manages the aula, Max is the administrator.
async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.admin("max").await;
    server.room("aula").await;
    server.set("aula", "viewer", "details").await;
    server.grant("aula", "eve", "manage").await;
}

/// Another program's connection.
enum Other {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Other {
    async fn on(server: &TestServer) -> Self {
        if server.is_postgres() {
            Self::Postgres(PgConnection::connect(server.url()).await.unwrap())
        } else {
            Self::Sqlite(SqliteConnection::connect(server.url()).await.unwrap())
        }
    }

    /// Runs these statements; what the database says where it does not.
    async fn tries(&mut self, sql: &str) -> Result<(), String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Sqlite(conn) => raw_sql(sql).execute(conn).await.map(drop),
            Self::Postgres(conn) => raw_sql(sql).execute(conn).await.map(drop),
        };
        done.map_err(|error| error.to_string())
    }

    async fn run(&mut self, sql: &str) {
        self.tries(sql).await.unwrap();
    }

    /// The rows of a query: columns with a bar between, nothing for NULL, and flags as SQLite has them.
    async fn rows(&mut self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        // Statements that are not prepared give every column as text, on either database.
        macro_rules! texts {
            ($conn:expr) => {
                raw_sql(sql)
                    .fetch_all($conn)
                    .await
                    .unwrap()
                    .iter()
                    .map(|row| {
                        let column = |i| row.try_get_unchecked::<Option<String>, usize>(i).unwrap();
                        let flag = |text: String| match text.as_str() {
                            "t" => "1".to_owned(),
                            "f" => "0".to_owned(),
                            _ => text,
                        };
                        let columns = (0..row.len()).map(|i| flag(column(i).unwrap_or_default()));
                        columns.collect::<Vec<_>>().join("|")
                    })
                    .collect()
            };
        }
        match self {
            Self::Sqlite(conn) => texts!(conn),
            Self::Postgres(conn) => texts!(conn),
        }
    }

    async fn row(&mut self, sql: &str) -> String {
        let rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
        rows.into_iter().next().unwrap()
    }
}

/// An INSERT of these columns, all of them text.
fn insert(columns: &[(&str, &str)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> =
        columns.iter().map(|(_, value)| format!("'{}'", value.replace('\'', "''"))).collect();
    format!("INSERT INTO requests ({}) VALUES ({})", names.join(", "), values.join(", "))
}

/// A booking on Berlin's clock, with `more` columns.
fn booking<'a>(
    room: &'a str,
    organizer: &'a str,
    (starts, ends): (&'a str, &'a str),
    more: &[(&'a str, &'a str)],
) -> String {
    let columns = [
        ("room", room),
        ("organizer", organizer),
        ("starts", starts),
        ("ends", ends),
        ("zone", "Europe/Berlin"),
    ];
    insert(&[columns.as_slice(), more].concat())
}

/// Monday, 1 March 2027, from nine to ten.
const NINE: (&str, &str) = ("2027-03-01 09:00", "2027-03-01 10:00");

fn cancellation(reservation: &str, organizer: &str, more: &[(&str, &str)]) -> String {
    let reservation = [("kind", "cancel"), ("organizer", organizer), ("reservation_id", reservation)];
    insert(&[reservation.as_slice(), more].concat())
}

/// What became of a row.
#[derive(Debug)]
struct Answer {
    state: String,
    reason: String,
    sentence: String,
    conflict: String,
    reservation: String,
    uid: String,
}

impl Answer {
    #[track_caller]
    fn is(self, state: &str, reason: &str) -> Self {
        assert_eq!((self.state.as_str(), self.reason.as_str()), (state, reason), "{self:?}");
        // Nothing is said without a reason, but that a manager decides.
        assert_eq!(self.sentence.is_empty(), reason.is_empty() && state != "held", "{self:?}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.sentence.contains(words), "{words:?} is not in {:?}", self.sentence);
        self
    }
}

/// Decides about everything that waits.
async fn work_off(server: &TestServer) {
    loop {
        let rows = server.bookings.waiting_requests(50).await.unwrap();
        if rows.is_empty() {
            return;
        }
        for row in &rows {
            assert_eq!(server.bookings.decide_request(row).await.unwrap(), Handled::Decided, "{row:?}");
        }
    }
}

/// Another program hands this row in; what becomes of it.
async fn handed_in(server: &TestServer, insert: &str) -> Answer {
    let mut other = Other::on(server).await;
    other.run(insert).await;
    work_off(server).await;
    last(&mut other).await
}

/// What became of the row that was handed in last.
async fn last(other: &mut Other) -> Answer {
    const SQL: &str = "
        SELECT state, reason, conflict_id, reservation_id, uid, sentence FROM requests
        WHERE id = (SELECT MAX(id) FROM requests)";
    let row = other.row(SQL).await;
    let mut columns = row.splitn(6, '|').map(str::to_owned);
    let mut next = || columns.next().unwrap();
    Answer {
        state: next(),
        reason: next(),
        conflict: next(),
        reservation: next(),
        uid: next(),
        sentence: next(),
    }
}

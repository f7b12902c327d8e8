//! The statements of one booking, out of PostgreSQL's log.

use std::collections::BTreeMap;

/// What a connection sends between two answers.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    /// As literals of SQL; `None` for what has no parameters, such as `BEGIN`.
    pub(crate) parameters: Option<Vec<String>>,
}

/// A booking as it was sent, transaction by transaction.
pub(crate) struct Recorded {
    pub(crate) transactions: Vec<Vec<Statement>>,
    pub(crate) uid: String,
    /// When the booking begins, in seconds.
    pub(crate) start: i64,
    start_of: fn(u32) -> i64,
    /// Texts in it that no two bookings share, besides the UID.
    pub(crate) keys: Vec<String>,
}

impl Recorded {
    /// Out of a log (`jsonlog`), the booking with the second of these UIDs, which came right after the first.
    pub(crate) fn of(
        log: &str,
        [before, uid]: [&str; 2],
        start: i64,
        start_of: fn(u32) -> i64,
        keys: Vec<String>,
    ) -> Result<Self, String> {
        let mut transactions = transactions(log)?;
        let writes = |uid: &str| {
            let quoted = format!("'{uid}'");
            transactions.iter().position(|all| {
                let has_uid = |it: &Statement| it.parameters.iter().flatten().any(|value| *value == quoted);
                all.iter().any(has_uid) && all.iter().any(|it| it.sql == "COMMIT")
            })
        };
        let missing = || "the booking is not in the log".to_owned();
        let (from, to) = (writes(before).ok_or_else(missing)?, writes(uid).ok_or_else(missing)?);
        transactions.truncate(to + 1);
        transactions.drain(..=from);
        // What happens by the clock is nobody's booking.
        transactions.retain(|all| !all.iter().any(|it| it.sql.contains(" jobs")));
        Ok(Self { transactions, uid: uid.to_owned(), start, start_of, keys })
    }

    /// When the booking of another hour begins.
    pub(crate) fn start_of(&self, hour: u32) -> i64 {
        (self.start_of)(hour)
    }

    pub(crate) fn statements(&self) -> usize {
        self.transactions.iter().map(Vec::len).sum()
    }
}

/// Every transaction, by when it began.
fn transactions(log: &str) -> Result<Vec<Vec<Statement>>, String> {
    let mut all: Vec<Vec<Statement>> = Vec::new();
    let mut open: BTreeMap<u64, usize> = BTreeMap::new();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).map_err(|cause| cause.to_string())?;
        let session = line["pid"].as_u64().unwrap_or(0);
        let Some(statement) = statement(&line) else { continue };
        let ends = matches!(statement.sql.as_str(), "COMMIT" | "ROLLBACK");
        if statement.sql.starts_with("BEGIN") {
            open.insert(session, all.len());
            all.push(Vec::new());
        }
        if let Some(at) = open.get(&session) {
            all[*at].push(statement);
        }
        if ends {
            open.remove(&session);
        }
    }
    Ok(all)
}

fn statement(line: &serde_json::Value) -> Option<Statement> {
    let message = line["message"].as_str()?;
    if let Some(sql) = message.strip_prefix("statement: ") {
        return Some(Statement { sql: sql.trim().to_owned(), parameters: None });
    }
    let (_, sql) = message.strip_prefix("execute ")?.split_once(": ")?;
    let detail = line["detail"].as_str().and_then(|detail| detail.strip_prefix("parameters: "));
    Some(Statement { sql: sql.trim().to_owned(), parameters: Some(literals(detail.unwrap_or_default())) })
}

/// The values of `$1 = 'a', $2 = NULL`.
fn literals(detail: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut is_quoted, mut current) = (false, String::new());
    for letter in detail.chars() {
        // A quote within is doubled, which opens and closes once more.
        is_quoted ^= letter == '\'';
        if letter == ',' && !is_quoted {
            found.push(std::mem::take(&mut current));
        } else {
            current.push(letter);
        }
    }
    found.push(current);
    found.iter().filter_map(|part| Some(part.split_once(" = ")?.1.to_owned())).collect()
}

//! The bare program: the statements of a recorded booking, for other people, rooms and times.
//!
//! Numbers in them are told apart by their size (see `house`): those of a person and a room are exchanged
//! for another's, those that a statement returned for what it returns now, and seconds near the beginning
//! move with it. Nothing else is thought about, decided or written down.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use tokio::task::JoinSet;

use super::recorded::{Recorded, Statement};

/// Numbers of rows and of changes; seconds are less, and what is random is mostly more.
const MARKED: std::ops::Range<i64> = 100_000_000_000..1_000_000_000_000_000;

/// So many numbers belong to one table; those of changes to all that is beyond them.
const TABLE: i64 = 100_000_000_000;
const CHANGES: i64 = 900_000_000_000_000;

/// How far from the beginning seconds still mean it.
const NEAR: i64 = 60 * 86_400;

pub(crate) struct Replay {
    recorded: Arc<Recorded>,
    people: Vec<Person>,
    runtime: tokio::runtime::Runtime,
}

struct Person {
    number: usize,
    conn: PgConnection,
    /// Himself, his room, its space and calendars, in one order for all.
    numbers: Vec<i64>,
    /// Those of the person who was recorded.
    recorded: Vec<i64>,
}

impl Replay {
    /// Opens a connection for each person, and prepares each statement on it.
    pub(crate) fn new(recorded: Recorded, url: &str, people: u32) -> Result<Self, String> {
        let runtime = tokio::runtime::Runtime::new().map_err(|cause| cause.to_string())?;
        let opened = runtime.block_on(async {
            let mut all: Vec<Person> = Vec::new();
            for number in 0..people {
                let mut conn = PgConnection::connect(url).await?;
                let numbers = numbers(&mut conn, number).await?;
                for (name, sql) in recorded.distinct().into_iter().enumerate() {
                    say(&mut conn, format!("PREPARE s{name} AS {sql}")).await?;
                }
                let recorded = all.first().map_or_else(|| numbers.clone(), |first| first.numbers.clone());
                all.push(Person { number: number as usize, conn, numbers, recorded });
            }
            Ok::<_, sqlx::Error>(all)
        });
        let people = opened.map_err(|cause| cause.to_string())?;
        Ok(Self { recorded: Arc::new(recorded), people, runtime })
    }

    /// Books for everybody so often, each an hour later than the one before, from this hour on.
    pub(crate) fn book(&mut self, each: u32, from: u32) -> Result<(), String> {
        let Self { recorded, people, runtime } = self;
        let done = runtime.block_on(async {
            let mut at_work = JoinSet::new();
            for mut person in people.drain(..) {
                let recorded = Arc::clone(recorded);
                at_work.spawn(async move {
                    for hour in from..from + each {
                        person.book(&recorded, hour).await?;
                    }
                    Ok::<_, sqlx::Error>(person)
                });
            }
            at_work.join_all().await
        });
        for person in done {
            people.push(person.map_err(|cause| cause.to_string())?);
        }
        Ok(())
    }
}

async fn numbers(conn: &mut PgConnection, person: u32) -> Result<Vec<i64>, sqlx::Error> {
    const SQL: &str = "
        SELECT u.id, r.id, s.space_id, c.id, o.id, i.id
        FROM users u
        JOIN rooms r ON r.slug = $2
        JOIN room_spaces s ON s.room_id = r.id
        JOIN calendars c ON c.room_id = r.id
        JOIN calendars o ON o.user_id = u.id AND o.name = 'reservations'
        JOIN calendars i ON i.user_id = u.id AND i.name = 'inbox'
        WHERE u.login = $1";
    let row = sqlx::query(SQL).bind(format!("p{person}")).bind(format!("r{person}")).fetch_one(conn).await?;
    Ok((0..row.len()).map(|index| row.get(index)).collect())
}

async fn say(conn: &mut PgConnection, sql: String) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(conn).await
}

impl Recorded {
    /// What has parameters, once each.
    fn distinct(&self) -> Vec<&str> {
        let prepared = self.transactions.iter().flatten().filter(|it| it.parameters.is_some());
        let mut all: Vec<&str> = prepared.map(|statement| statement.sql.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Person {
    async fn book(&mut self, recorded: &Recorded, hour: u32) -> Result<(), sqlx::Error> {
        let names = recorded.distinct();
        let mut new = Exchange::new(self, recorded, hour);
        for statement in recorded.transactions.iter().flatten() {
            let Statement { sql, parameters: Some(parameters) } = statement else {
                say(&mut self.conn, statement.sql.clone()).await?;
                continue;
            };
            let name = names.binary_search(&sql.as_str()).expect("each is among them");
            let mut execute = format!("EXECUTE s{name}");
            for (index, literal) in parameters.iter().enumerate() {
                let _ = write!(execute, "{}{}", if index == 0 { '(' } else { ',' }, new.literal(literal));
            }
            execute.push_str(if parameters.is_empty() { "" } else { ")" });
            let rows = say(&mut self.conn, execute).await?;
            if sql.contains("RETURNING") {
                for row in &rows {
                    new.returned(row);
                }
            }
        }
        Ok(())
    }
}

/// What stands for what in one booking.
struct Exchange {
    numbers: HashMap<i64, i64>,
    /// What was returned when it was recorded, by table, and not yet now.
    awaited: HashMap<i64, Vec<i64>>,
    seconds: (i64, i64),
    texts: Vec<(String, String)>,
}

impl Exchange {
    fn new(person: &Person, recorded: &Recorded, hour: u32) -> Self {
        let numbers: HashMap<i64, i64> =
            person.recorded.iter().copied().zip(person.numbers.iter().copied()).collect();
        let mut awaited: HashMap<i64, Vec<i64>> = HashMap::new();
        let literals = recorded.transactions.iter().flatten().flat_map(|it| it.parameters.iter().flatten());
        for number in literals.flat_map(|literal| words(literal)).filter_map(|word| word.parse().ok()) {
            let all = awaited.entry(table(number)).or_default();
            if MARKED.contains(&number) && !numbers.contains_key(&number) && !all.contains(&number) {
                all.push(number);
            }
        }
        let uid = format!("bare-{}-{hour}", person.number);
        let mut texts =
            vec![(recorded.uid.clone(), uid), ("'r0'".to_owned(), format!("'r{}'", person.number))];
        texts
            .extend(recorded.keys.iter().map(|key| (key.clone(), uuid::Uuid::new_v4().simple().to_string())));
        Self { numbers, awaited, seconds: (recorded.start, recorded.start_of(hour)), texts }
    }

    fn returned(&mut self, row: &PgRow) {
        for number in (0..row.len()).filter_map(|index| row.try_get::<i64, _>(index).ok()) {
            let is_known = self.numbers.values().any(|known| *known == number);
            let awaited = self.awaited.get_mut(&table(number)).filter(|all| !all.is_empty());
            if let (true, false, Some(awaited)) = (MARKED.contains(&number), is_known, awaited) {
                self.numbers.insert(awaited.remove(0), number);
            }
        }
    }

    fn literal(&self, literal: &str) -> String {
        // Bytes are what they are.
        if literal.starts_with("'\\x") {
            return literal.to_owned();
        }
        let mut text = literal.to_owned();
        for (old, new) in &self.texts {
            text = text.replace(old, new);
        }
        let mut exchanged = String::with_capacity(text.len());
        for word in words(&text) {
            match word.parse::<i64>().ok().and_then(|number| self.number(number)) {
                Some(number) => drop(write!(exchanged, "{number}")),
                None => exchanged.push_str(word),
            }
        }
        exchanged
    }

    fn number(&self, number: i64) -> Option<i64> {
        let (old, new) = self.seconds;
        let is_near = (number - old).abs() < NEAR;
        if is_near { Some(number - old + new) } else { self.numbers.get(&number).copied() }
    }
}

fn table(number: i64) -> i64 {
    if number >= CHANGES { CHANGES } else { number / TABLE }
}

/// The text in pieces that are words, or what stands between two.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|letter: char| !letter.is_alphanumeric()).flat_map(|piece| {
        let end = piece.trim_end_matches(|letter: char| !letter.is_alphanumeric()).len();
        [&piece[..end], &piece[end..]]
    })
}

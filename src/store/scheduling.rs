//! Where scheduling messages and invitations of people go: their inboxes and default calendars.
//!
//! An inbox is a row of `calendars` with a history of its own, so that it is synchronized as
//! calendars are. RFC 6638, sections 2.2 and 4.3.

use sqlx::{query, query_as};

use crate::domain::id::{CalendarId, UserId};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// The name of each person's inbox among the rows of `calendars`.
pub const INBOX: &str = "inbox";

/// Where one person is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Whose.
    pub person: UserId,
    /// Where messages go.
    pub inbox: CalendarId,
    /// Where new invitations go.
    pub calendar: CalendarId,
}

/// Queries on what reaches people.
pub struct Scheduling<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Where people are reached.
    pub fn scheduling(&mut self) -> Scheduling<'_, 'c> {
        Scheduling(self)
    }
}

impl Scheduling<'_, '_> {
    /// Where these people are reached; whoever has no inbox is left out.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn mailboxes(&mut self, people: &[UserId]) -> Result<Vec<Mailbox>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT u.id, i.id, COALESCE(u.default_calendar_id, r.id)
            FROM ",
            " AS given
            JOIN users u ON u.id = CAST(given.value ->> 0 AS BIGINT)
            JOIN calendars i ON i.user_id = u.id AND i.name = 'inbox'
            JOIN calendars r ON r.user_id = u.id AND r.name = 'reservations'
            ORDER BY u.id"
        );
        let sql = SQL.on(self.0);
        let people = set(people.iter().map(|person| (person.get(),)));
        let rows: Vec<(i64, i64, i64)> =
            on_db!(self.0, conn => query_as(sql).bind(people).fetch_all(conn).await)?;
        let mailbox = |(person, inbox, calendar)| Mailbox {
            person: UserId::new(person),
            inbox: CalendarId::new(inbox),
            calendar: CalendarId::new(calendar),
        };
        Ok(rows.into_iter().map(mailbox).collect())
    }

    /// Says where new invitations of a person go; `None`: where they go by default.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_default(
        &mut self,
        person: UserId,
        calendar: Option<CalendarId>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE users SET default_calendar_id = $2 WHERE id = $1";
        let calendar = calendar.map(CalendarId::get);
        execute_on!(self.0, query(SQL).bind(person.get()).bind(calendar)).map(drop)
    }
}

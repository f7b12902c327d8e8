//! People and their addresses. What they sign in with is in `credentials.rs`.

use sqlx::{query, query_as, query_scalar};

use crate::domain::attendee::Address;
use crate::domain::id::{Slug, UserId};
use crate::domain::time::Instant;
use crate::domain::user::{Refusals, User};

use super::error::StoreError;
use super::set::{SetSql, set, set_sql};
use super::tx::{Tx, execute_on, on_db};

/// What an account begins with.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What is typed to sign in.
    pub login: Slug,
    /// The full name.
    pub name: String,
    /// Addresses, the preferred one first.
    pub addresses: Vec<Address>,
    /// `en` or `de`, if it was said.
    pub language: Option<String>,
    /// May do everything.
    pub admin: bool,
    /// A hash in the PHC form; `None` for one who cannot sign in by password.
    pub password_hash: Option<String>,
}

/// Queries on `users` and `addresses`.
pub struct Users<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// People.
    pub fn users(&mut self) -> Users<'_, 'c> {
        Users(self)
    }
}

/// One row per address, or one without.
type Row = (i64, String, String, String, Option<String>, String, bool, bool, i64, Option<String>, bool);

impl Users<'_, '_> {
    /// Adds a person, with a new UUID.
    ///
    /// # Errors
    /// `Duplicate` if the login or an address is somebody's.
    pub async fn add(&mut self, new: &NewUser, at: Instant) -> Result<UserId, StoreError> {
        const SQL: &str = "
            INSERT INTO users (login, name, uuid, language, admin, password_hash, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(new.login.as_str())
            .bind(&new.name)
            .bind(super::new_uuid())
            .bind(new.language.as_deref())
            .bind(new.admin)
            .bind(new.password_hash.as_deref())
            .bind(at.secs())
            .fetch_one(conn)
            .await)?;
        let id = UserId::new(id);
        self.put_addresses(id, &new.addresses).await?;
        Ok(id)
    }

    /// Adds somebody without an account, who owns what is booked by messages from this address.
    ///
    /// # Errors
    /// `Duplicate` if there is such a guest.
    pub async fn add_guest(
        &mut self,
        login: &Slug,
        name: &str,
        address: &Address,
        at: Instant,
    ) -> Result<UserId, StoreError> {
        const SQL: &str = "
            INSERT INTO users (login, name, uuid, guest_address, created_at)
            VALUES ($1, $2, $3, $4, $5)
            RETURNING id";
        let id: i64 = on_db!(self.0, conn => query_scalar(SQL)
            .bind(login.as_str())
            .bind(name)
            .bind(super::new_uuid())
            .bind(address.as_str())
            .bind(at.secs())
            .fetch_one(conn)
            .await)?;
        Ok(UserId::new(id))
    }

    /// The guest at this address.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn guest_at(&mut self, address: &Address) -> Result<Option<User>, StoreError> {
        const SQL: &str = "SELECT id FROM users WHERE guest_address = $1";
        let id: Option<i64> =
            on_db!(self.0, conn => query_scalar(SQL).bind(address.as_str()).fetch_optional(conn).await)?;
        match id {
            Some(id) => self.get(UserId::new(id)).await,
            None => Ok(None),
        }
    }

    /// The person, or the guest, with this key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        const SQL: &str = "
            SELECT u.id, u.login, u.name, u.uuid, u.language, u.refusals, u.admin, u.disabled,
                u.credential_version, COALESCE(a.address, u.guest_address),
                u.guest_address IS NOT NULL
            FROM users u
            LEFT JOIN addresses a ON a.user_id = u.id
            WHERE u.id = $1
            ORDER BY a.position";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).bind(id.get()).fetch_all(conn).await)?;
        Ok(people(rows)?.pop())
    }

    /// The person with this login.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_login(&mut self, login: &Slug) -> Result<Option<User>, StoreError> {
        const SQL: &str = "
            SELECT u.id, u.login, u.name, u.uuid, u.language, u.refusals, u.admin, u.disabled,
                u.credential_version, COALESCE(a.address, u.guest_address),
                u.guest_address IS NOT NULL
            FROM users u
            LEFT JOIN addresses a ON a.user_id = u.id
            WHERE u.login = $1 AND u.guest_address IS NULL
            ORDER BY a.position";
        let rows: Vec<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(login.as_str()).fetch_all(conn).await)?;
        Ok(people(rows)?.pop())
    }

    /// The person with one of these addresses, for each that somebody has; `urn:uuid:` counts too.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_addresses(&mut self, given: &[Address]) -> Result<Vec<(Address, UserId)>, StoreError> {
        const SQL: SetSql = set_sql!(
            "
            SELECT given.value ->> 0, COALESCE(a.user_id, u.id)
            FROM ",
            " AS given
            LEFT JOIN addresses a ON a.address = given.value ->> 0
            LEFT JOIN users u ON u.uuid = given.value ->> 1 AND u.guest_address IS NULL
            WHERE COALESCE(a.user_id, u.id) IS NOT NULL"
        );
        let sql = SQL.on(self.0);
        let given = set(given.iter().map(|address| (address.as_str(), super::uuid_of(address))));
        let rows: Vec<(String, i64)> =
            on_db!(self.0, conn => query_as(sql).bind(given).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(address, id)| (Address::new(&address), UserId::new(id))).collect())
    }

    /// The person with this address, or with this `urn:uuid:`.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_address(&mut self, address: &Address) -> Result<Option<User>, StoreError> {
        let found = self.by_addresses(std::slice::from_ref(address)).await?;
        match found.first() {
            Some((_, id)) => self.get(*id).await,
            None => Ok(None),
        }
    }

    /// What everybody is called, guests too.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn names(&mut self) -> Result<Vec<(UserId, String)>, StoreError> {
        const SQL: &str = "SELECT id, name FROM users";
        let rows: Vec<(i64, String)> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(id, name)| (UserId::new(id), name)).collect())
    }

    /// Everybody with an account, by login.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&mut self) -> Result<Vec<User>, StoreError> {
        const SQL: &str = "
            SELECT u.id, u.login, u.name, u.uuid, u.language, u.refusals, u.admin, u.disabled,
                u.credential_version, COALESCE(a.address, u.guest_address),
                u.guest_address IS NOT NULL
            FROM users u
            LEFT JOIN addresses a ON a.user_id = u.id
            WHERE u.guest_address IS NULL
            ORDER BY u.id, a.position";
        let rows: Vec<Row> = on_db!(self.0, conn => query_as(SQL).fetch_all(conn).await)?;
        let mut people = people(rows)?;
        people.sort_by(|one, other| one.login.cmp(&other.login));
        Ok(people)
    }

    /// Writes back what can be set of a person: name, language, refusals, admin, addresses.
    ///
    /// # Errors
    /// `Duplicate` if an address is somebody else's.
    pub async fn update(&mut self, user: &User) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE users
            SET name = $2, language = $3, refusals = $4, admin = $5
            WHERE id = $1";
        execute_on!(
            self.0,
            query(SQL)
                .bind(user.id.get())
                .bind(&user.name)
                .bind(user.language.as_deref())
                .bind(user.refusals.as_str())
                .bind(user.admin)
        )?;
        self.put_addresses(user.id, &user.addresses).await
    }

    async fn put_addresses(&mut self, user: UserId, addresses: &[Address]) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM addresses WHERE user_id = $1";
        const SQL: SetSql = set_sql!(
            "
            INSERT INTO addresses (address, user_id, position)
            SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT)
            FROM ",
            ""
        );
        execute_on!(self.0, query(CLEAR).bind(user.get()))?;
        let sql = SQL.on(self.0);
        let rows = addresses.iter().enumerate();
        let rows = set(rows.map(|(position, address)| (address.as_str(), user.get(), position)));
        execute_on!(self.0, query(sql).bind(rows)).map(drop)
    }
}

/// Rows of one person follow each other.
fn people(rows: Vec<Row>) -> Result<Vec<User>, StoreError> {
    let mut people: Vec<User> = Vec::new();
    for row in rows {
        let (id, login, name, uuid, language, refusals, admin, disabled, credential_version, address, guest) =
            row;
        let address = address.as_deref().map(Address::new);
        if let Some(last) = people.last_mut().filter(|last| last.id.get() == id) {
            last.addresses.extend(address);
            continue;
        }
        let broken = |what: &str| StoreError::Inconsistent(format!("user {id}: {what}"));
        people.push(User {
            id: UserId::new(id),
            login: Slug::parse(&login).map_err(|bad| broken(&bad.to_string()))?,
            name,
            uuid,
            language,
            refusals: Refusals::parse(&refusals).ok_or_else(|| broken("refusals"))?,
            admin,
            disabled,
            credential_version,
            guest,
            addresses: address.into_iter().collect(),
        });
    }
    Ok(people)
}

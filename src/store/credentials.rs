//! What people sign in with: a password's hash, and one app password per device.
//!
//! Hashes come and go as text; making and comparing them is the server's work. Every change that
//! must end sessions raises `credential_version`, which caches of good logins compare (D-22, D-23).

use sqlx::{query, query_as, query_scalar};

use crate::domain::id::{Slug, UserId};
use crate::domain::time::Instant;
use crate::domain::user::Refusals;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// What a sign-in is compared with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// In the PHC form; `None` if there is no password.
    pub password_hash: Option<String>,
    /// Cannot sign in, by whatever means.
    pub disabled: bool,
    /// Goes up when a cached good login must be forgotten.
    pub version: i64,
}

/// An app password, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPassword {
    /// The key, by which it is revoked.
    pub id: i64,
    /// Whose.
    pub user: UserId,
    /// The part of the password by which it is found; no secret.
    pub public_id: String,
    /// What its owner calls the device.
    pub label: String,
    /// How refusals are answered to this device; `None`: as to its owner.
    pub mode: Option<Refusals>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last seen, to the hour or so.
    pub last_used_at: Option<Instant>,
}

/// What an app password begins with.
#[derive(Clone)]
pub struct NewAppPassword {
    /// Whose.
    pub user: UserId,
    /// The part by which it is found.
    pub public_id: String,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: String,
    /// What its owner calls the device.
    pub label: String,
    /// How refusals are answered to it, if that was said.
    pub mode: Option<Refusals>,
}

/// Queries on what people sign in with.
pub struct CredentialsOf<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What people sign in with.
    pub fn credentials(&mut self) -> CredentialsOf<'_, 'c> {
        CredentialsOf(self)
    }
}

type AppRow = (i64, i64, String, String, Option<String>, i64, Option<i64>);

impl CredentialsOf<'_, '_> {
    /// What a sign-in with this login is compared with.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_login(&mut self, login: &Slug) -> Result<Option<Credentials>, StoreError> {
        const SQL: &str = "
            SELECT id, password_hash, disabled, credential_version
            FROM users
            WHERE login = $1 AND guest_address IS NULL";
        let row: Option<(i64, Option<String>, bool, i64)> =
            on_db!(self.0, conn => query_as(SQL).bind(login.as_str()).fetch_optional(conn).await)?;
        Ok(row.map(|(user, password_hash, disabled, version)| Credentials {
            user: UserId::new(user),
            password_hash,
            disabled,
            version,
        }))
    }

    /// The version that cached logins are compared with; `None` if there is no such person.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn version(&mut self, user: UserId) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "SELECT credential_version FROM users WHERE id = $1";
        on_db!(self.0, conn => query_scalar(SQL).bind(user.get()).fetch_optional(conn).await)
    }

    /// Replaces the password's hash, and ends cached logins.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_password(&mut self, user: UserId, hash: Option<&str>) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE users
            SET password_hash = $2, credential_version = credential_version + 1
            WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(user.get()).bind(hash)).map(drop)
    }

    /// Locks a person out, or lets one in again; ends cached logins.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_disabled(&mut self, user: UserId, disabled: bool) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE users
            SET disabled = $2, credential_version = credential_version + 1
            WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(user.get()).bind(disabled)).map(drop)
    }

    /// Adds an app password and gives its key.
    ///
    /// # Errors
    /// `Duplicate` if the public part is taken.
    pub async fn add_app_password(&mut self, new: &NewAppPassword, at: Instant) -> Result<i64, StoreError> {
        const SQL: &str = "
            INSERT INTO app_passwords (user_id, public_id, secret_hash, label, mode, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            RETURNING id";
        on_db!(self.0, conn => query_scalar(SQL)
            .bind(new.user.get())
            .bind(&new.public_id)
            .bind(&new.secret_hash)
            .bind(&new.label)
            .bind(new.mode.map(Refusals::as_str))
            .bind(at.secs())
            .fetch_one(conn)
            .await)
    }

    /// The app passwords of one person, the oldest first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn app_passwords(&mut self, user: UserId) -> Result<Vec<AppPassword>, StoreError> {
        const SQL: &str = "
            SELECT id, user_id, public_id, label, mode, created_at, last_used_at
            FROM app_passwords
            WHERE user_id = $1
            ORDER BY id";
        let rows: Vec<AppRow> = on_db!(self.0, conn => query_as(SQL).bind(user.get()).fetch_all(conn).await)?;
        rows.into_iter().map(app_password).collect()
    }

    /// The app password with this public part, and the hash of its secret part.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn by_public_id(
        &mut self,
        public_id: &str,
    ) -> Result<Option<(AppPassword, String)>, StoreError> {
        const SQL: &str = "
            SELECT id, user_id, public_id, label, mode, created_at, last_used_at, secret_hash
            FROM app_passwords
            WHERE public_id = $1";
        type Row = (i64, i64, String, String, Option<String>, i64, Option<i64>, String);
        let row: Option<Row> =
            on_db!(self.0, conn => query_as(SQL).bind(public_id).fetch_optional(conn).await)?;
        row.map(|(id, user, public_id, label, mode, created, used, hash)| {
            Ok((app_password((id, user, public_id, label, mode, created, used))?, hash))
        })
        .transpose()
    }

    /// Ends an app password, and cached logins with it; false if this person has no such one.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn revoke(&mut self, user: UserId, id: i64) -> Result<bool, StoreError> {
        const DELETE: &str = "DELETE FROM app_passwords WHERE id = $1 AND user_id = $2";
        const BUMP: &str = "
            UPDATE users
            SET credential_version = credential_version + 1
            WHERE id = $1";
        let deleted = execute_on!(self.0, query(DELETE).bind(id).bind(user.get()))?;
        if deleted > 0 {
            execute_on!(self.0, query(BUMP).bind(user.get()))?;
        }
        Ok(deleted > 0)
    }

    /// Notes that an app password was seen.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn used(&mut self, id: i64, at: Instant) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE app_passwords SET last_used_at = $2 WHERE id = $1";
        execute_on!(self.0, query(SQL).bind(id).bind(at.secs())).map(drop)
    }
}

fn app_password(
    (id, user, public_id, label, mode, created_at, seen): AppRow,
) -> Result<AppPassword, StoreError> {
    let broken = || StoreError::Inconsistent(format!("app password {id}: mode"));
    let mode = mode.map(|mode| Refusals::parse(&mode).ok_or_else(broken)).transpose()?;
    Ok(AppPassword {
        id,
        user: UserId::new(user),
        public_id,
        label,
        mode,
        created_at: Instant::from_secs(created_at),
        last_used_at: seen.map(Instant::from_secs),
    })
}

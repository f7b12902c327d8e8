//! What the database says of itself: the schema's number, and the server's secret.

use sqlx::{query, query_scalar};

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// Queries on `meta`.
pub struct Meta<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What the database says of itself.
    pub fn meta(&mut self) -> Meta<'_, 'c> {
        Meta(self)
    }
}

impl Meta<'_, '_> {
    /// The value of a key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn get(&mut self, key: &str) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT value FROM meta WHERE key = $1";
        on_db!(self.0, conn => query_scalar(SQL).bind(key).fetch_optional(conn).await)
    }

    /// The number of the schema. It may grow while servers run: what needs a newer one asks for it.
    ///
    /// # Errors
    /// `Inconsistent` if it is not told.
    pub async fn schema(&mut self) -> Result<i64, StoreError> {
        let told = self.get("schema").await?.and_then(|text| text.parse().ok());
        told.ok_or_else(|| {
            StoreError::Inconsistent("the database does not say which schema it has".to_owned())
        })
    }

    /// Sets or replaces the value of a key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO meta (key, value)
            VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        execute_on!(self.0, query(SQL).bind(key).bind(value)).map(drop)
    }

    /// Sets the value of a key that has none; gives the value that it has then.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn keep(&mut self, key: &str, value: &str) -> Result<String, StoreError> {
        const SQL: &str = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        execute_on!(self.0, query(SQL).bind(key).bind(value))?;
        Ok(self.get(key).await?.unwrap_or_default())
    }

    /// Removes a key, if it is there.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(&mut self, key: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM meta WHERE key = $1";
        execute_on!(self.0, query(SQL).bind(key)).map(drop)
    }

    /// 256 random bits, made with the database: the key of every masked name and UID (D-33). It
    /// travels with a backup and never changes.
    ///
    /// # Errors
    /// `Inconsistent` if it is not there or has another form.
    pub async fn secret(&mut self) -> Result<[u8; 32], StoreError> {
        let text = self.get("secret").await?.unwrap_or_default();
        let mut secret = [0; 32];
        let mut pairs = text.as_bytes().chunks_exact(2);
        for (byte, pair) in secret.iter_mut().zip(&mut pairs) {
            let digits = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).map_err(|_| broken())?;
        }
        if text.len() == 2 * secret.len() { Ok(secret) } else { Err(broken()) }
    }
}

fn broken() -> StoreError {
    StoreError::Inconsistent("the server's secret is not 64 hexadecimal digits".to_owned())
}

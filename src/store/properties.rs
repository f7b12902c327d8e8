//! Properties that a reader set for himself on a collection (RFC 4918, section 4): each sees his own.
//!
//! Knows no property: names and values are text, values are XML.

use sqlx::{query, query_as};

use crate::domain::id::UserId;

use super::error::StoreError;
use super::tx::{Tx, execute_on, on_db};

/// One property's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The namespace of its name.
    pub namespace: String,
    /// The local part of its name.
    pub name: String,
    /// The element's content, as XML that stands by itself.
    pub value: String,
}

/// Queries on `properties`.
pub struct Properties<'t, 'c>(&'t mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Properties of one reader each.
    pub fn properties(&mut self) -> Properties<'_, 'c> {
        Properties(self)
    }
}

impl Properties<'_, '_> {
    /// What `reader` set on all places, as place and property.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of_reader(&mut self, reader: UserId) -> Result<Vec<(String, Property)>, StoreError> {
        const SQL: &str = "
            SELECT place, namespace, name, value
            FROM properties
            WHERE user_id = $1
            ORDER BY place, namespace, name";
        let rows: Vec<(String, String, String, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(reader.get()).fetch_all(conn).await)?;
        let property = |(place, namespace, name, value)| (place, Property { namespace, name, value });
        Ok(rows.into_iter().map(property).collect())
    }

    /// What `reader` set on one place.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn on_place(&mut self, reader: UserId, place: &str) -> Result<Vec<Property>, StoreError> {
        const SQL: &str = "
            SELECT namespace, name, value
            FROM properties
            WHERE user_id = $1 AND place = $2
            ORDER BY namespace, name";
        let rows: Vec<(String, String, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(reader.get()).bind(place).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(namespace, name, value)| Property { namespace, name, value }).collect())
    }

    /// Sets or replaces a property.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set(&mut self, reader: UserId, place: &str, property: &Property) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO properties (user_id, place, namespace, name, value)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, place, namespace, name) DO UPDATE SET value = excluded.value";
        execute_on!(
            self.0,
            query(SQL)
                .bind(reader.get())
                .bind(place)
                .bind(&property.namespace)
                .bind(&property.name)
                .bind(&property.value)
        )
        .map(drop)
    }

    /// Takes a property away; one that is not there is no error (RFC 4918, section 14.23).
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove(
        &mut self,
        reader: UserId,
        place: &str,
        (namespace, name): (&str, &str),
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM properties
            WHERE user_id = $1 AND place = $2 AND namespace = $3 AND name = $4";
        execute_on!(self.0, query(SQL).bind(reader.get()).bind(place).bind(namespace).bind(name)).map(drop)
    }

    /// Takes away what anybody set on a place that is gone.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_place(&mut self, place: &str) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM properties WHERE place = $1";
        execute_on!(self.0, query(SQL).bind(place))
    }
}

//! Properties that were set on files: the same for every reader, gone with the file (RFC 4918,
//! section 4). Values are XML or text, as for calendars.

use std::collections::HashMap;

use sqlx::{query, query_as};

use super::error::StoreError;
use super::files::{At, Files};
use super::properties::Property;
use super::tx::{execute_on, on_db};

impl Files<'_, '_> {
    /// What is set on one file or collection.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn properties(&mut self, file: i64) -> Result<Vec<Property>, StoreError> {
        const SQL: &str = "
            SELECT namespace, name, value
            FROM file_properties
            WHERE file_id = $1
            ORDER BY namespace, name";
        let rows: Vec<(String, String, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(file).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(namespace, name, value)| Property { namespace, name, value }).collect())
    }

    /// What is set on the members of a collection, by their keys.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn properties_of_members(
        &mut self,
        at: At<'_>,
    ) -> Result<HashMap<i64, Vec<Property>>, StoreError> {
        const SQL: &str = "
            SELECT p.file_id, p.namespace, p.name, p.value
            FROM files f
            JOIN file_properties p ON p.file_id = f.id
            WHERE f.folder_id = $1 AND f.parent = $2
            ORDER BY p.file_id, p.namespace, p.name";
        let rows: Vec<(i64, String, String, String)> =
            on_db!(self.0, conn => query_as(SQL).bind(at.folder.0).bind(at.path).fetch_all(conn).await)?;
        let mut all: HashMap<i64, Vec<Property>> = HashMap::new();
        for (file, namespace, name, value) in rows {
            all.entry(file).or_default().push(Property { namespace, name, value });
        }
        Ok(all)
    }

    /// Sets or replaces a property.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_property(&mut self, file: i64, property: &Property) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO file_properties (file_id, namespace, name, value)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (file_id, namespace, name) DO UPDATE SET value = excluded.value";
        execute_on!(
            self.0,
            query(SQL).bind(file).bind(&property.namespace).bind(&property.name).bind(&property.value)
        )
        .map(drop)
    }

    /// Takes a property away; one that is not there is no error.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn remove_property(
        &mut self,
        file: i64,
        (namespace, name): (&str, &str),
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM file_properties
            WHERE file_id = $1 AND namespace = $2 AND name = $3";
        execute_on!(self.0, query(SQL).bind(file).bind(namespace).bind(name)).map(drop)
    }
}

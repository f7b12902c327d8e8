//! The house that every seed begins with, made once by the program itself.

use std::path::PathBuf;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use crate::history::world::PEOPLE;
use crate::history::{build, stored};
use crate::program::Place;

/// A database with people and rooms, and nothing booked.
pub(super) struct House {
    place: Place,
    /// The keys of [`PEOPLE`].
    pub(super) people: Vec<i64>,
}

impl House {
    pub(super) fn build() -> Result<Self, String> {
        let place = build(None)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let keys = runtime.map_err(|cause| cause.to_string())?.block_on(async {
            let mut conn = SqliteConnection::connect(place.url()).await?;
            let keys: Vec<(i64, String)> =
                sqlx::query_as("SELECT id, login FROM users").fetch_all(&mut conn).await?;
            conn.close().await?;
            Ok(keys)
        });
        let keys = keys.map_err(|cause: sqlx::Error| cause.to_string())?;
        let key = |login: &&str| keys.iter().find(|(_, known)| known == login).map(|(id, _)| *id);
        let people = PEOPLE.iter().map(key).collect::<Option<Vec<i64>>>().ok_or("somebody is missing")?;
        Ok(Self { place, people })
    }

    /// The file; nobody has it open.
    pub(super) fn file(&self) -> PathBuf {
        self.place.folder().join("house.sqlite")
    }
}

/// What a database has, once its server is gone.
pub(super) fn read(file: &std::path::Path) -> Result<stored::Stored, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let url = format!("sqlite://{}", file.display());
    runtime.map_err(|cause| cause.to_string())?.block_on(stored::read(&url))
}

//! Statements that go past the program, on either database.

use sqlx::{Connection as _, SqliteConnection};

use crate::postgres;

/// The rows that a statement gives, which have one column of text.
pub(crate) fn ask(url: &str, sql: &'static str) -> Result<Vec<String>, String> {
    if !url.starts_with("sqlite:") {
        return postgres::ask(url, sql);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = runtime.map_err(|cause| cause.to_string())?.block_on(async {
        let mut conn = SqliteConnection::connect(url).await?;
        let rows = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
        conn.close().await?;
        Ok::<_, sqlx::Error>(rows)
    });
    asked.map_err(|cause| cause.to_string())
}

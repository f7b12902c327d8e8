//! Databases of the PostgreSQL that `TEST_POSTGRES_URL` names (`scripts/with-postgres` starts one
//! and sets it): one for each test, so that tests run beside each other.

use roomdav::store::{Options, Store};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::OnceCell;

/// The URL of a new empty database; `None` where no PostgreSQL is configured.
pub(crate) async fn empty() -> Option<String> {
    create("template1").await
}

/// The URL of a new database that has the schema, copied from one that was made once.
pub(crate) async fn prepared() -> Option<String> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    std::env::var_os("TEST_POSTGRES_URL")?;
    let make = async || {
        let url = empty().await.unwrap();
        Store::open(&url, &Options::default()).await.unwrap().close().await;
        url.rsplit_once('/').unwrap().1.to_owned()
    };
    create(TEMPLATE.get_or_init(make).await).await
}

async fn create(template: &str) -> Option<String> {
    let url = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("roomdav_{}", uuid::Uuid::new_v4().simple());
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
    sqlx::query(create).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

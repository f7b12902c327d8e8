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

/// The URL of a new database like this one, which nobody has open.
pub(crate) async fn copy_of(url: &str) -> String {
    let name = url.rsplit_once('/').unwrap().1;
    create(name).await.expect("there is a server, since there is a database")
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

/// Ends a database, whoever has it open, and waits until it is gone: hundreds of tests each leave one,
/// and they lie in memory.
pub(crate) fn drop_database(url: &str) {
    let (Ok(server), Some((_, name))) = (std::env::var("TEST_POSTGRES_URL"), url.rsplit_once('/')) else {
        return;
    };
    let drop = sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    // A test may be at its end inside its own runtime, which cannot wait.
    let dropping = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut conn = PgConnection::connect(&server).await?;
            sqlx::query(drop).execute(&mut conn).await?;
            conn.close().await
        })
    });
    if let Ok(Err(error)) = dropping.join() {
        eprintln!("a database of a test stays: {error}");
    }
}

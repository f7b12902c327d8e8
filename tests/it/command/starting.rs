//! `serve` on a PostgreSQL that does not keep what it is given (P-1).

use std::process::Command;

use crate::sources::root;

#[test]
fn a_postgresql_that_does_not_flush_or_tears_pages_is_refused() {
    if std::env::var_os("TEST_POSTGRES_URL").is_none() {
        return;
    }
    for setting in ["fsync", "full_page_writes"] {
        let folder = tempfile::tempdir().unwrap();
        // A server of its own: this cannot be set for one database.
        let done = Command::new(root().join("scripts/with-postgres"))
            .args(["sh", "-c", "ROOMDAV_DATABASE_URL=$TEST_POSTGRES_URL exec \"$0\" serve"])
            .arg(env!("CARGO_BIN_EXE_roomdav"))
            .current_dir(folder.path())
            .env("WITH_POSTGRES_OPTIONS", format!("-c {setting}=off"))
            .env_remove("TEST_POSTGRES_URL")
            .env("ROOMDAV_SERVER_LISTEN", "127.0.0.1:0")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("the database has {setting} = off, and on is needed")), "{said}");
    }
}

//! What one server did to passwords and accounts holds at the other within a second (L-64).

use std::time::Duration;

use roomdav::credentials::hash_password;
use roomdav::domain::id::Slug;

use super::two;
use crate::support::{Program, Wire, basic};

/// After so long nobody signs in by what was remembered.
const SECOND: Duration = Duration::from_secs(1);

async fn status(program: &Program<'_>) -> u16 {
    program.propfind("/principals/users/ada/", "0", "").await.status
}

fn ada() -> Slug {
    Slug::parse("ada").unwrap()
}

#[tokio::test]
async fn a_password_changed_by_one_server_is_not_taken_by_the_other_a_second_later() {
    let Some((one, other)) = two().await else { return };
    let set = async |password| {
        one.bookings.set_password(ada(), Some(hash_password(password).unwrap())).await.unwrap();
    };
    set("secret").await;
    let wire = Wire::open(&other).await;
    let (old, new) =
        ["secret", "other"].map(|password| wire.stranger().signed(basic("ada", password))).into();
    assert_eq!(status(&old).await, 207);
    set("other").await;
    tokio::time::sleep(SECOND).await;
    assert_eq!(status(&old).await, 401, "L-64");
    assert_eq!(status(&new).await, 207);
    // A wrong password is remembered too, and no longer than it is wrong.
    set("secret").await;
    assert_eq!(status(&old).await, 207);
}

#[tokio::test]
async fn an_account_closed_by_one_server_is_closed_at_the_other_a_second_later() {
    let Some((one, other)) = two().await else { return };
    let wire = Wire::open(&other).await;
    let program = wire.program("ada").await;
    assert_eq!(status(&program).await, 207);
    one.bookings.set_disabled(ada(), true).await.unwrap();
    tokio::time::sleep(SECOND).await;
    assert_eq!(status(&program).await, 401, "L-64");
    one.bookings.set_disabled(ada(), false).await.unwrap();
    assert_eq!(status(&program).await, 207);
}

#[tokio::test]
async fn a_device_revoked_by_one_server_is_refused_by_the_other_a_second_later() {
    let Some((one, other)) = two().await else { return };
    let wire = Wire::open(&other).await;
    let (lost, kept) = (wire.program("ada").await, wire.program("ada").await);
    assert_eq!((status(&lost).await, status(&kept).await), (207, 207));
    let mut snapshot = one.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let user = tx.users().by_login(&ada()).await.unwrap().unwrap().id;
    let first = tx.credentials().app_passwords(user).await.unwrap().remove(0).id;
    drop(snapshot);
    one.bookings.revoke_app_password(ada(), first).await.unwrap();
    tokio::time::sleep(SECOND).await;
    assert_eq!((status(&lost).await, status(&kept).await), (401, 207), "L-64");
}

//! Requests that the server broke off in a panic: each leaves an audit row with the number that the
//! client was told (D-08, D-74).

use std::net::IpAddr;

use crate::domain::id::UserId;
use crate::store::{Decision, StoreError, Tx, Work};

use super::Bookings;

impl Bookings {
    /// Notes that the request with this number, of this account by this login if it had signed in, ended
    /// in a panic.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn broke(
        &self,
        id: &str,
        account: Option<(UserId, &str)>,
        peer: IpAddr,
    ) -> Result<(), StoreError> {
        let row = Decision {
            kind: "panic".to_owned(),
            actor: account.map(|(user, _)| user),
            actor_name: account.map(|(_, login)| login.to_owned()).unwrap_or_default(),
            peer: Some(peer.to_string()),
            rule: "D-08".to_owned(),
            detail: format!("request {id}"),
            ..Decision::at(self.now())
        };
        self.store.write(Note(row)).await
    }
}

struct Note(Decision);

impl Work for Note {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.audit().insert(&self.0).await
    }
}

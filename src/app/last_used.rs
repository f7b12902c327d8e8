//! Notes when each app password was last seen, to the hour: enough to find the ones nobody uses,
//! too little to follow a person.

use std::collections::HashMap;
use std::sync::Mutex;

use http::{Request, Response};

use crate::booking::Bookings;
use crate::domain::time::Instant;
use crate::server::{Access, Handler, Identity, Intake, Peer, RequestBody, ResponseBody};
use crate::store::{StoreError, Tx, Work};

const HOUR: i64 = 3600;

/// A handler that notes the app passwords of the requests it hands on.
pub(super) struct NotesUse<H> {
    inner: H,
    bookings: Bookings,
    /// By app password, the hour that was noted last. One entry per row of the database at most.
    noted: Mutex<HashMap<i64, i64>>,
}

impl<H: Handler> NotesUse<H> {
    pub(super) fn new(inner: H, bookings: Bookings) -> Self {
        Self { inner, bookings, noted: Mutex::default() }
    }

    fn note(&self, app_password: i64) {
        let hour = self.bookings.now().secs().div_euclid(HOUR);
        {
            // A panic elsewhere leaves the map whole: it is changed by one insertion.
            let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if noted.insert(app_password, hour) == Some(hour) {
                return;
            }
        }
        let store = self.bookings.store().clone();
        tokio::spawn(async move {
            let used = Used { app_password, at: Instant::from_secs(hour * HOUR) };
            if let Err(error) = store.write(used).await {
                tracing::warn!(%error, "cannot note the use of an app password");
            }
        });
    }
}

impl<H: Handler> Handler for NotesUse<H> {
    fn access(&self, head: &http::request::Parts) -> Access {
        self.inner.access(head)
    }

    fn intake(&self, head: &http::request::Parts) -> Intake {
        self.inner.intake(head)
    }

    async fn handle(
        &self,
        request: Request<RequestBody>,
        identity: Option<Identity>,
    ) -> Response<ResponseBody> {
        if let Some(id) = identity.as_ref().and_then(|identity| identity.app_password) {
            self.note(id);
        }
        self.inner.handle(request, identity).await
    }

    async fn broke(&self, id: &str, identity: Option<&Identity>, peer: Peer) {
        self.inner.broke(id, identity, peer).await;
    }

    async fn ready(&self) -> bool {
        self.inner.ready().await
    }

    async fn metrics(&self) -> String {
        self.inner.metrics().await
    }
}

struct Used {
    app_password: i64,
    at: Instant,
}

impl Work for Used {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.credentials().used(self.app_password, self.at).await
    }
}

//! Bodies into the database and out of it, piece by piece: at no time more than one is in memory.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::dav::{Body, BrokenOff, Condition, DavError, Payload, Source};
use crate::domain::time::Instant;
use crate::site::refusal;
use crate::store::{BodyId, PIECE_BYTES, Received, Store, StoreError, Tx, Work};

/// Reads a body to its end, and stores it unless it is short. What came of a body that breaks off
/// is removed; what a server that ends leaves is bound nowhere, and goes by itself.
/// `most` bounds what the wall lets pass, with the answer to more.
pub(in crate::site) async fn receive(
    store: &Store,
    payload: Payload,
    most: Option<(u64, Condition)>,
    now: Instant,
) -> Result<Received, DavError> {
    let id = BodyId::random();
    let received = pieces(store, id, payload, most, now).await;
    if received.is_err() {
        discard(store, id).await;
    }
    received
}

/// Removes a body that nobody has seen. Failing, it is left to the job that tidies.
pub(in crate::site) async fn discard(store: &Store, id: BodyId) {
    if let Err(error) = store.write(Discard(id)).await {
        tracing::debug!(%error, "a body that is bound nowhere stays for a while");
    }
}

struct Discard(BodyId);

impl Work for Discard {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.bodies().remove(self.0, 0).await
    }
}

async fn pieces(
    store: &Store,
    id: BodyId,
    mut payload: Payload,
    most: Option<(u64, Condition)>,
    now: Instant,
) -> Result<Received, DavError> {
    let mut piece = BytesMut::new();
    let mut position = 0;
    let mut size = 0;
    while let Some(data) = payload.next().await? {
        size += data.len() as u64;
        if let Some((_, condition)) = most.as_ref().filter(|(most, _)| size > *most) {
            return Err(condition.clone().into());
        }
        piece.extend_from_slice(&data);
        // A body of exactly one piece is a short one.
        while piece.len() > PIECE_BYTES {
            let bytes = piece.split_to(PIECE_BYTES).freeze();
            append(store, Append { id, position, bytes, now }).await?;
            position += 1;
        }
    }
    if position == 0 {
        return Ok(Received { id, size, inline: Some(piece.freeze()) });
    }
    append(store, Append { id, position, bytes: piece.freeze(), now }).await?;
    Ok(Received { id, size, inline: None })
}

async fn append(store: &Store, piece: Append) -> Result<(), DavError> {
    store.write(piece).await.map_err(refusal::store)
}

struct Append {
    id: BodyId,
    position: i64,
    bytes: Bytes,
    now: Instant,
}

impl Work for Append {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.position == 0 {
            tx.bodies().begin(self.id, self.now).await?;
        }
        tx.bodies().append(self.id, self.position, &self.bytes).await
    }
}

/// An answer with these bytes of a body.
pub(in crate::site) fn send(store: Store, body: BodyId, range: Range<u64>) -> Body {
    let piece = PIECE_BYTES as u64;
    let left = range.end - range.start;
    let position = (range.start / piece).cast_signed();
    Body::fetched(left, Stored { store, body, position, skip: range.start % piece, left })
}

struct Stored {
    store: Store,
    body: BodyId,
    position: i64,
    /// Bytes of the next piece that are not wanted.
    skip: u64,
    left: u64,
}

impl Source for Stored {
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
        let piece = self.piece().await.map_err(|error| BrokenOff(error.to_string()))?;
        let Some(piece) = piece else { return Ok(None) };
        let mut piece = Bytes::from(piece);
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let piece = piece.split_off(skip);
        let piece = if piece.len() > wanted { piece.slice(..wanted) } else { piece };
        self.position += 1;
        self.skip = 0;
        self.left -= piece.len() as u64;
        Ok(Some(piece))
    }
}

impl Stored {
    /// One view of the database for each piece, since nobody may hold one while a client reads.
    async fn piece(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        snapshot.tx().bodies().piece(self.body, self.position).await
    }
}

//! The row by which somebody asks.

use crate::domain::id::RoomId;
use crate::store::Request;

/// A row that is being decided about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// As it was read.
    pub row: Request,
    /// Which room it is about.
    pub room: RoomId,
    /// Which UID in that room.
    pub uid: String,
}
